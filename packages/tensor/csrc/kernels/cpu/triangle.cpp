#include <algorithm>
#include <cstring>

#include "kernels/cpu/odometer.h"
#include "kernels/triangle_table.h"
#include "torch/parallel.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

void clear(const kernels::TrianglePlan& p) {
  int64_t rows = numel(p.batch) * p.rows;
  int64_t grain = std::max<int64_t>(1, 65536 / std::max<int64_t>(1, p.columns));
  parallel_for(rows, grain, [&](int64_t b, int64_t e) {
    Odometer batch{p.batch, p.batch_strides};
    for (int64_t r = b; r < e; ++r) {
      if (r == b || r % p.rows == 0) batch.seek(r / p.rows);
      int64_t i = r % p.rows;
      // k lies between -rows and columns
      int64_t from = p.upper ? 0 : std::clamp<int64_t>(i + p.k + 1, 0, p.columns);
      int64_t to = p.upper ? std::clamp<int64_t>(i + p.k, 0, p.columns) : p.columns;
      char* at = p.data + batch.offset + i * p.row_step + from * p.column_step;
      if (p.column_step == p.item_bytes) {
        std::memset(at, 0, (to - from) * p.item_bytes);
      } else {
        for (int64_t j = from; j < to; ++j, at += p.column_step) std::memset(at, 0, p.item_bytes);
      }
    }
  });
}

}  // namespace

extern constinit const kernels::TriangleTable triangle = {&clear};

}  // namespace torch::cpu::TORCH_CPU_ISA
