// Counting into bins with several threads.
#pragma once
#include <algorithm>
#include <vector>

#include "kernels/cpu/isa.h"
#include "torch/parallel.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

// fill(begin, end, table) adds what [begin, end) contributes to a table of `bins`. Long inputs are
// counted in parts, each with its own table; the parts depend on the sizes only, so that sums of
// floating numbers are the same with any number of threads.
template <class Count, class Fill>
void tally(int64_t n, int64_t bins, Count* out, Fill&& fill) {
  constexpr int64_t kPart = 1 << 16, kMostParts = 16;
  int64_t parts =
      std::clamp<int64_t>(std::min(n / kPart, n / (2 * std::max<int64_t>(1, bins))), 1, kMostParts);
  if (parts == 1) return fill(int64_t{0}, n, out);
  int64_t step = (n + parts - 1) / parts;
  std::vector<Count> tables(parts * bins);
  parallel_for(parts, 1, [&](int64_t first, int64_t last) {
    for (int64_t p = first; p < last; ++p)
      fill(p * step, std::min(n, (p + 1) * step), tables.data() + p * bins);
  });
  for (int64_t p = 0; p < parts; ++p) {
    for (int64_t k = 0; k < bins; ++k) out[k] += tables[p * bins + k];
  }
}

}  // namespace
}  // namespace torch::cpu::TORCH_CPU_ISA
