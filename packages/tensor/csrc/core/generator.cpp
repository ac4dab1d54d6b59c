#include "torch/generator.h"

namespace torch {

void Generator::manual_seed(uint64_t seed) {
  std::lock_guard lock(mutex_);
  state_ = {seed, 0};
}

PhiloxState Generator::advance(uint64_t blocks) {
  std::lock_guard lock(mutex_);
  PhiloxState before = state_;
  state_.offset += blocks;
  return before;
}

Generator& default_generator() {
  static auto* g = new Generator;
  return *g;
}

}  // namespace torch
