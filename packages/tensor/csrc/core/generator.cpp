#include "torch/generator.h"

#include <pthread.h>

#include <mutex>
#include <random>

namespace torch {
namespace {

// One lock for all generators: a draw holds it for two instructions. Whoever forks holds it, so
// that the child finds whole states and an open lock.
std::mutex& lock() {
  static auto* mutex = [] {
    static auto* m = new std::mutex;
    pthread_atfork([] { m->lock(); }, [] { m->unlock(); }, [] { m->unlock(); });
    return m;
  }();
  return *mutex;
}

}  // namespace

uint64_t Generator::fresh_seed() {
  std::random_device source;
  uint64_t seed = (static_cast<uint64_t>(source()) << 32) | source();
  manual_seed(seed);
  return seed;
}

PhiloxState Generator::state() const {
  std::lock_guard held(lock());
  return state_;
}

void Generator::set_state(PhiloxState s) {
  std::lock_guard held(lock());
  state_ = s;
}

PhiloxState Generator::advance(uint64_t counters) {
  std::lock_guard held(lock());
  PhiloxState before = state_;
  state_.offset += counters;
  return before;
}

Generator& default_generator() {
  static auto* g = new Generator;
  return *g;
}

}  // namespace torch
