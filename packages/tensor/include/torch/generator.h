// The state of the counter-based generator of philox.h.
// Element i of a draw depends on (seed, offset, i) alone, so any number of threads and the GPU give
// the same numbers.
#pragma once
#include <array>
#include <cstdint>
#include <mutex>
#include <utility>

namespace torch {

struct PhiloxState {
  uint64_t seed;
  uint64_t offset;  // counter blocks (of four 32-bit words) used so far
};

class Generator {
 public:
  static constexpr uint64_t kDefaultSeed = 67280421310721ull;
  explicit Generator(uint64_t seed = kDefaultSeed) : state_{seed, 0} {}
  void retain() noexcept { __atomic_fetch_add(&refs_, 1, __ATOMIC_RELAXED); }
  void drop() noexcept {
    if (__atomic_fetch_sub(&refs_, 1, __ATOMIC_ACQ_REL) == 1) delete this;
  }

  void manual_seed(uint64_t seed);
  uint64_t seed() const { return state_.seed; }
  PhiloxState state() const { return state_; }
  void set_state(PhiloxState s) { state_ = s; }
  // Reserves `blocks` counter blocks and returns the state before them.
  PhiloxState advance(uint64_t blocks);

 private:
  int refs_ = 1;
  std::mutex mutex_;
  PhiloxState state_;
};

Generator& default_generator();

}  // namespace torch
