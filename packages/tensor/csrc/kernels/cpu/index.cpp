#include <algorithm>
#include <cstring>

#include "kernels/cpu/isa.h"
#include "kernels/tables.h"
#include "torch/math.h"
#include "torch/parallel.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

template <class T>
void take(char* out_bytes, const char* data_bytes, const int64_t* offset, int64_t n, int64_t inner,
          int64_t inner_stride) {
  auto* out = reinterpret_cast<T*>(out_bytes);
  auto* data = reinterpret_cast<const T*>(data_bytes);
  int64_t grain = std::max<int64_t>(1, 16384 / std::max<int64_t>(1, inner));
  parallel_for(n, grain, [&](int64_t begin, int64_t end) {
    if (inner == 1) {
      for (int64_t i = begin; i < end; ++i) out[i] = data[offset[i]];
    } else if (inner_stride == 1) {
      for (int64_t i = begin; i < end; ++i)
        std::memcpy(out + i * inner, data + offset[i], inner * sizeof(T));
    } else {
      for (int64_t i = begin; i < end; ++i) {
        const T* x = data + offset[i];
        for (int64_t j = 0; j < inner; ++j) out[i * inner + j] = x[j * inner_stride];
      }
    }
  });
}

// One thread: an offset may occur several times, and the last assignment counts.
template <class T>
void put(kernels::Scatter mode, char* data_bytes, const char* source_bytes, const int64_t* offset,
         int64_t n, int64_t inner, int64_t inner_stride, int64_t source_step,
         int64_t source_inner) {
  auto* data = reinterpret_cast<T*>(data_bytes);
  auto* source = reinterpret_cast<const T*>(source_bytes);
  for (int64_t i = 0; i < n; ++i) {
    T* x = data + offset[i];
    const T* y = source + i * source_step;
    if (mode == kernels::Scatter::kAssign) {
      for (int64_t j = 0; j < inner; ++j) x[j * inner_stride] = y[j * source_inner];
    } else {
      for (int64_t j = 0; j < inner; ++j)
        x[j * inner_stride] = math::Add{}(x[j * inner_stride], y[j * source_inner]);
    }
  }
}

// Positions of the true elements, as element indices in row-major order.
int64_t flat_nonzero(const bool* mask, int64_t n, int64_t* out) {
  int64_t k = 0;
  if (!out) {
    for (int64_t i = 0; i < n; ++i) k += mask[i];
    return k;
  }
  for (int64_t i = 0; i < n; ++i) {
    if (mask[i]) out[k++] = i;
  }
  return k;
}

constexpr kernels::IndexTable make_table() {
  kernels::IndexTable t{};
  int i = 0;
#define DTYPE(e, ctype, name, prefix, kind) \
  t.take[i] = &take<ctype>;                 \
  t.put[i] = &put<ctype>;                   \
  ++i;
#include "torch/dtype.def"
#undef DTYPE
  t.flat_nonzero = &flat_nonzero;
  return t;
}

}  // namespace

extern constinit const kernels::IndexTable index = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
