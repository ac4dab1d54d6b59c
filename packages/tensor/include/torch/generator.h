// The state of the counter-based generator of philox.h.
// Element i of a draw depends on (seed, offset, i) alone, so any number of threads and the GPU give
// the same numbers. A draw takes its counters at once, whole, and keeps nothing for the next one:
// the state is seed and offset, also in the middle of a pair of normal numbers.
#pragma once
#include <cstdint>

namespace torch {

struct PhiloxState {
  uint64_t seed;
  uint64_t offset;  // counters (blocks of four 32-bit words) used so far
};

// Any number of threads may use one generator.
class Generator {
 public:
  static constexpr uint64_t kDefaultSeed = 67280421310721ull;
  explicit Generator(PhiloxState state = {kDefaultSeed, 0}) : state_(state) {}
  void retain() noexcept { __atomic_fetch_add(&refs_, 1, __ATOMIC_RELAXED); }
  void drop() noexcept {
    if (__atomic_fetch_sub(&refs_, 1, __ATOMIC_ACQ_REL) == 1) delete this;
  }

  void manual_seed(uint64_t seed) { set_state({seed, 0}); }
  uint64_t fresh_seed();  // seeds from the operating system; returns the seed
  PhiloxState state() const;
  void set_state(PhiloxState s);
  // Reserves `counters` counters and returns the state before them.
  PhiloxState advance(uint64_t counters);

 private:
  int refs_ = 1;
  PhiloxState state_;
};

Generator& default_generator();

}  // namespace torch
