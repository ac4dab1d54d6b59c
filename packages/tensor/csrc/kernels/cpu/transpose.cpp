#include "kernels/cpu/transpose.h"

#include <algorithm>
#include <utility>

#include "kernels/cpu/drive.h"
#include "kernels/cpu/stream.h"
#include "torch/parallel.h"

namespace torch::cpu {
namespace {

constexpr int64_t kBlock = 128;  // rows of the target that are written side by side

// kLanes vectors as the rows of a square, transposed: each round of pairs moves one bit of the
// position in a row to the number of the row.
template <class T, int... I>
void transpose_square(T* rows, std::integer_sequence<int, I...>) {
  constexpr int kLanes = sizeof...(I);
  for (int round = 1; round < kLanes; round *= 2) {
    T paired[kLanes];
    for (int k = 0; k < kLanes / 2; ++k) {
      T a = rows[k], b = rows[k + kLanes / 2];
      paired[2 * k] = __builtin_shufflevector(a, b, (I / 2 + (I % 2) * kLanes)...);
      paired[2 * k + 1] = __builtin_shufflevector(a, b, (I / 2 + kLanes / 2 + (I % 2) * kLanes)...);
    }
    for (int k = 0; k < kLanes; ++k) rows[k] = paired[k];
  }
}

// target[i][j] = source[j][i] for a square of lines; steps in elements.
template <class T>
void tile(T* target, int64_t target_step, const T* source, int64_t source_step, bool stream) {
  typedef T Vector __attribute__((vector_size(16)));
  constexpr int kLanes = sizeof(Vector) / sizeof(T), kSide = kLine / sizeof(T);
  alignas(kLine) T square[kSide][kSide];
  for (int j = 0; j < kSide; j += kLanes) {
    for (int i = 0; i < kSide; i += kLanes) {
      Vector rows[kLanes];
      for (int k = 0; k < kLanes; ++k)
        std::memcpy(&rows[k], source + (j + k) * source_step + i, sizeof(Vector));
      transpose_square(rows, std::make_integer_sequence<int, kLanes>{});
      for (int k = 0; k < kLanes; ++k) std::memcpy(&square[i + k][j], &rows[k], sizeof(Vector));
    }
  }
  for (int i = 0; i < kSide; ++i) {
    T* row = target + i * target_step;
    if (stream) {
      stream_line(reinterpret_cast<char*>(row), reinterpret_cast<char*>(square[i]));
    } else {
      std::memcpy(row, square[i], kLine);
    }
  }
}

// The same for `rows` rows and `columns` columns of the target.
template <class T>
void block(T* target, int64_t target_step, const T* source, int64_t source_step, int64_t rows,
           int64_t columns, bool stream) {
  constexpr int64_t kSide = kLine / sizeof(T);
  int64_t whole_rows = rows - rows % kSide, whole_columns = columns - columns % kSide;
  for (int64_t j = 0; j < whole_columns; j += kSide) {
    for (int64_t i = 0; i < whole_rows; i += kSide)
      tile(target + i * target_step + j, target_step, source + j * source_step + i, source_step,
           stream);
  }
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = i < whole_rows ? whole_columns : 0; j < columns; ++j)
      target[i * target_step + j] = source[j * source_step + i];
  }
}

template <class T>
void run(const Plan& plan, int dense) {
  const int64_t *to = plan.op[0].strides, *from = plan.op[1].strides;
  int last = plan.dims - 1;
  int64_t rows = plan.shape[dense], columns = plan.shape[last];
  int64_t blocks = (rows + kBlock - 1) / kBlock, others = plan.numel / (rows * columns);
  bool stream =
      plan.numel * static_cast<int64_t>(sizeof(T)) >= kStreamed && starts_line(plan.op[0].data);
  for (int d = 0; d < last; ++d) stream = stream && to[d] % kLine == 0;
  int64_t work = std::min(rows, kBlock) * columns;
  parallel_for(others * blocks, 1 + kMemoryGrain / (1 + work), [&](int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; ++at) {
      int64_t first = at % blocks * kBlock, rest = at / blocks;
      char* target = plan.op[0].data + first * to[dense];
      const char* source = plan.op[1].data + first * from[dense];
      for (int d = last - 1; d >= 0; --d) {
        if (d == dense) continue;
        target += rest % plan.shape[d] * to[d];
        source += rest % plan.shape[d] * from[d];
        rest /= plan.shape[d];
      }
      block(reinterpret_cast<T*>(target), to[dense] / static_cast<int64_t>(sizeof(T)),
            reinterpret_cast<const T*>(source), from[last] / static_cast<int64_t>(sizeof(T)),
            std::min(kBlock, rows - first), columns, stream);
    }
    if (stream) end_stream();
  });
}

}  // namespace

bool copy_transposed(const Plan& plan, int64_t size) {
  constexpr int64_t kFewest = 64;  // elements of a square that are worth it
  const int64_t *to = plan.op[0].strides, *from = plan.op[1].strides;
  int last = plan.dims - 1;
  if (last == 0 || to[last] != size || from[last] == size || from[last] == 0) return false;
  int dense = last - 1;
  while (dense >= 0 && from[dense] != size) --dense;
  if (dense < 0 || plan.shape[dense] * plan.shape[last] < kFewest) return false;
  switch (size) {
    case 1:
      run<uint8_t>(plan, dense);
      break;
    case 2:
      run<uint16_t>(plan, dense);
      break;
    case 4:
      run<uint32_t>(plan, dense);
      break;
    default:
      run<uint64_t>(plan, dense);
  }
  return true;
}

}  // namespace torch::cpu
