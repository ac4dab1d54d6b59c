#include "torch/compat.h"

namespace torch::compat {
namespace {

std::atomic<Mask> process{0};
thread_local Overlay overlay;

}  // namespace

constinit std::atomic<bool> in_use{false};

Mask current() { return (process.load() & ~overlay.mask) | (overlay.values & overlay.mask); }

Mask process_flags() { return process.load(); }

void set_process_flags(Mask values) {
  process.store(values & kAll);
  if (values) in_use.store(true);
}

Overlay thread_flags() { return overlay; }

void set_thread_flags(Overlay o) {
  overlay = o;
  if (o.mask & o.values) in_use.store(true);
}

}  // namespace torch::compat
