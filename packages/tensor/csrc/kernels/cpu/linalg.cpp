#include <algorithm>
#include <vector>

#include "kernels/cpu/blas.h"
#include "kernels/cpu/isa.h"
#include "torch/math.h"
#include "torch/parallel.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

// Offset of the i-th matrix of a batch.
int64_t place(int64_t i, const Shape& batch, const Shape& strides) {
  int64_t offset = 0;
  for (int d = batch.size() - 1; d >= 0; --d) {
    if (d == 0) return offset + i * strides[0];
    offset += i % batch[d] * strides[d];
    i /= batch[d];
  }
  return offset;
}

// Products so small that a call of a library costs more than they do.
constexpr int64_t kTinySide = 16;
constexpr int64_t kTinyWork = 1024;  // multiply-adds

// R rows from row i on, side by side, for each one waits for its sums; N columns, known to the
// compiler where they are few; 0: g.n of them.
template <class T, int N, int R>
void tiny_rows(const kernels::Gemm& g, const T* a, const T* b, T* c, int64_t i) {
  const int64_t n = N ? N : g.n;
  T alpha = static_cast<T>(g.alpha), beta = static_cast<T>(g.beta);
  T sums[R][N ? N : kTinySide] = {};
  for (int64_t l = 0; l < g.k; ++l) {
    const T* x = a + i * g.a_row + l * g.a_col;
    const T* y = b + l * g.b_row;
    for (int r = 0; r < R; ++r) {
      if (g.b_col == 1) {
        for (int64_t j = 0; j < n; ++j) sums[r][j] += x[r * g.a_row] * y[j];
      } else {
        for (int64_t j = 0; j < n; ++j) sums[r][j] += x[r * g.a_row] * y[j * g.b_col];
      }
    }
  }
  for (int r = 0; r < R; ++r) {
    T* to = c + (i + r) * n;
    if (beta == T(0)) {
      for (int64_t j = 0; j < n; ++j) to[j] = alpha * sums[r][j];
    } else {
      for (int64_t j = 0; j < n; ++j) to[j] = alpha * sums[r][j] + beta * to[j];
    }
  }
}

template <class T, int N>
void tiny_columns(const kernels::Gemm& g, const T* a, const T* b, T* c) {
  constexpr int kRows = N ? 4 : 1;
  int64_t i = 0;
  for (; i + kRows <= g.m; i += kRows) tiny_rows<T, N, kRows>(g, a, b, c, i);
  for (; i < g.m; ++i) tiny_rows<T, N, 1>(g, a, b, c, i);
}

template <class T>
void tiny(const kernels::Gemm& g, const T* a, const T* b, T* c) {
  switch (g.n) {
    case 1:
      return tiny_columns<T, 1>(g, a, b, c);
    case 2:
      return tiny_columns<T, 2>(g, a, b, c);
    case 3:
      return tiny_columns<T, 3>(g, a, b, c);
    case 4:
      return tiny_columns<T, 4>(g, a, b, c);
    case 8:
      return tiny_columns<T, 8>(g, a, b, c);
    default:
      return tiny_columns<T, 0>(g, a, b, c);
  }
}

template <class T, auto kLibrary>
void gemm_floating(const kernels::Gemm& g) {
  auto* a = reinterpret_cast<const T*>(g.a);
  auto* b = reinterpret_cast<const T*>(g.b);
  auto* c = reinterpret_cast<T*>(g.c);
  int64_t work = g.m * g.n * g.k;
  auto* one = g.n <= kTinySide && work <= kTinyWork ? &tiny<T> : kLibrary;
  if (g.batch.empty()) return one(g, a, b, c);
  auto range = [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      one(g, a + place(i, g.batch, g.a_batch), b + place(i, g.batch, g.b_batch), c + i * g.m * g.n);
  };
  int64_t count = numel(g.batch);
  if (work >= kMultiplyGrain) return range(0, count);  // the library has threads of its own
  if (one == kLibrary) use_threads_in_libraries(0);
  parallel_for(count, 1 + 65536 / (1 + work), range);
}

// Integer and bool products: no library has them. A few rows of c at a time, so that a piece of b
// that was read serves them all.
constexpr int64_t kRows = 4, kColumns = 1024;

template <class T>
void integer_rows(const kernels::Gemm& g, const T* a, const T* b, T* c, int64_t rows) {
  if (g.b_row == 1 && g.a_col == 1) {  // both run along k
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < g.n; ++j) {
        const T *x = a + i * g.a_row, *y = b + j * g.b_col;
        T sum(0);
        for (int64_t l = 0; l < g.k; ++l) sum = math::Add{}(sum, math::Mul{}(x[l], y[l]));
        c[i * g.n + j] = sum;
      }
    }
    return;
  }
  std::fill_n(c, rows * g.n, T(0));
  for (int64_t begin = 0; begin < g.n; begin += kColumns) {
    int64_t columns = std::min(kColumns, g.n - begin);
    for (int64_t l = 0; l < g.k; ++l) {
      const T* y = b + l * g.b_row + begin * g.b_col;
      for (int64_t i = 0; i < rows; ++i) {
        T x = a[i * g.a_row + l * g.a_col];
        T* row = c + i * g.n + begin;
        if (g.b_col == 1) {
          for (int64_t j = 0; j < columns; ++j) row[j] = math::Add{}(row[j], math::Mul{}(x, y[j]));
        } else {
          for (int64_t j = 0; j < columns; ++j)
            row[j] = math::Add{}(row[j], math::Mul{}(x, y[j * g.b_col]));
        }
      }
    }
  }
}

template <class T>
void gemm_integer(const kernels::Gemm& g) {
  auto* a = reinterpret_cast<const T*>(g.a);
  auto* b = reinterpret_cast<const T*>(g.b);
  auto* c = reinterpret_cast<T*>(g.c);
  int64_t blocks = (g.m + kRows - 1) / kRows, count = g.batch.empty() ? 1 : numel(g.batch);
  parallel_for(count * blocks, 1 + 32768 / (1 + kRows * g.n * g.k),
               [&](int64_t begin, int64_t end) {
                 for (int64_t at = begin; at < end; ++at) {
                   int64_t i = at / blocks, row = at % blocks * kRows;
                   integer_rows(g, a + place(i, g.batch, g.a_batch) + row * g.a_row,
                                b + place(i, g.batch, g.b_batch), c + (i * g.m + row) * g.n,
                                std::min(kRows, g.m - row));
                 }
               });
}

// Sums of blocks in kLanes parallel strands, then the sum of those: the same for any number of
// threads, and the error grows with a block, not with n.
constexpr int64_t kDotBlock = 8192, kLanes = 32;

template <class T>
T dot_block(const T* x, const T* y, int64_t n) {
  T lane[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (int64_t k = 0; k < kLanes; ++k)
      lane[k] = math::Add{}(lane[k], math::Mul{}(x[i + k], y[i + k]));
  }
  for (int64_t k = 0; i < n; ++i, ++k) lane[k] = math::Add{}(lane[k], math::Mul{}(x[i], y[i]));
  for (int64_t half = kLanes / 2; half > 0; half /= 2) {
    for (int64_t k = 0; k < half; ++k) lane[k] = math::Add{}(lane[k], lane[k + half]);
  }
  return lane[0];
}

template <class T>
void dot(char* out, const char* xs, const char* ys, int64_t n) {
  auto *x = reinterpret_cast<const T*>(xs), *y = reinterpret_cast<const T*>(ys);
  auto* result = reinterpret_cast<T*>(out);
  if (n <= kDotBlock) {
    *result = dot_block(x, y, n);
    return;
  }
  using Sum = std::conditional_t<is_floating_type<T>, double, int64_t>;
  std::vector<Sum> sums((n + kDotBlock - 1) / kDotBlock);
  parallel_for(static_cast<int64_t>(sums.size()), 8, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      int64_t at = i * kDotBlock;
      sums[i] = static_cast<Sum>(dot_block(x + at, y + at, std::min(kDotBlock, n - at)));
    }
  });
  Sum total(0);
  for (Sum s : sums) total = math::Add{}(total, s);
  *result = static_cast<T>(total);
}

constexpr kernels::LinalgTable make_table() {
  kernels::LinalgTable t{};
  auto set = [&]<class T>(T) {
    if constexpr (!is_floating_type<T>) t.gemm[torch::index(dtype_of<T>)] = &gemm_integer<T>;
    t.dot[torch::index(dtype_of<T>)] = &dot<T>;
  };
  set(bool{});
  set(uint8_t{});
  set(int8_t{});
  set(int16_t{});
  set(int32_t{});
  set(int64_t{});
  set(float{});
  set(double{});
  t.gemm[torch::index(DType::kFloat32)] = &gemm_floating<float, &gemm_float>;
  t.gemm[torch::index(DType::kFloat64)] = &gemm_floating<double, &gemm_double>;
  return t;
}

}  // namespace

extern constinit const kernels::LinalgTable linalg = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
