#include "kernels/cpu/blas.h"
#include "kernels/cpu/isa.h"
#include "torch/math.h"
#include "torch/parallel.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

// Integer products: no library has them. Row by row, the inner loop runs along rows of b and c.
template <class T>
void gemm_integer(const kernels::Gemm& g) {
  T alpha = static_cast<T>(g.alpha), beta = static_cast<T>(g.beta);
  auto* a = reinterpret_cast<const T*>(g.a);
  auto* b = reinterpret_cast<const T*>(g.b);
  auto* c = reinterpret_cast<T*>(g.c);
  int64_t grain = 1 + 32768 / (1 + g.n * g.k);
  parallel_for(g.m, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      T* row = c + i * g.c_row;
      for (int64_t j = 0; j < g.n; ++j) row[j] = beta == T(0) ? T(0) : math::Mul{}(beta, row[j]);
      for (int64_t l = 0; l < g.k; ++l) {
        T x = math::Mul{}(alpha, a[i * g.a_row + l * g.a_col]);
        const T* y = b + l * g.b_row;
        if (g.b_col == 1) {
          for (int64_t j = 0; j < g.n; ++j) row[j] = math::Add{}(row[j], math::Mul{}(x, y[j]));
        } else {
          for (int64_t j = 0; j < g.n; ++j)
            row[j] = math::Add{}(row[j], math::Mul{}(x, y[j * g.b_col]));
        }
      }
    }
  });
}

constexpr kernels::LinalgTable make_table() {
  kernels::LinalgTable t{};
  auto set = [&]<class T>(T) { t.gemm[torch::index(dtype_of<T>)] = &gemm_integer<T>; };
  set(uint8_t{});
  set(int8_t{});
  set(int16_t{});
  set(int32_t{});
  set(int64_t{});
  t.gemm[torch::index(DType::kFloat32)] = &gemm_float;
  t.gemm[torch::index(DType::kFloat64)] = &gemm_double;
  t.gesv[torch::index(DType::kFloat32)] = &gesv_float;
  t.gesv[torch::index(DType::kFloat64)] = &gesv_double;
  return t;
}

}  // namespace

extern constinit const kernels::LinalgTable linalg = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
