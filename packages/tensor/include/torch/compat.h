// The two levels of meaning: NumPy's by default, the alpha's (autumn 2016) on request, flag by
// flag.
#pragma once
#include <atomic>
#include <cstdint>

namespace torch::compat {

// One row is one flag: COMPAT(name, doc). The order is the order of the bits.
enum class Flag : uint8_t {
#define COMPAT(name, doc) name,
#include "torch/compat.def"
#undef COMPAT
};

struct FlagRow {
  const char* name;
  const char* doc;
};
inline constexpr FlagRow kFlags[] = {
#define COMPAT(name, doc) {#name, doc},
#include "torch/compat.def"
#undef COMPAT
};
inline constexpr int kFlagCount = sizeof(kFlags) / sizeof(FlagRow);
using Mask = uint32_t;
static_assert(kFlagCount <= 32);
inline constexpr Mask kAll = (Mask{1} << kFlagCount) - 1;

constexpr Mask bit(Flag f) { return Mask{1} << static_cast<int>(f); }

// Which flags a thread sets by itself (`mask`), and to what; the others are the process's.
struct Overlay {
  Mask mask = 0;
  Mask values = 0;
};

extern std::atomic<bool> in_use;  // whether any flag was ever set, in any thread
Mask current();                   // flags in force in this thread

Mask process_flags();
void set_process_flags(Mask values);
Overlay thread_flags();
void set_thread_flags(Overlay o);

// Costs one load while no flag was ever set.
inline bool on(Flag f) {
  return in_use.load(std::memory_order_relaxed) && (current() & bit(f)) != 0;
}
inline bool any() { return in_use.load(std::memory_order_relaxed) && current() != 0; }

}  // namespace torch::compat
