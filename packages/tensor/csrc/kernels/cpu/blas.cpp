#include "kernels/cpu/blas.h"

#include <oneapi/dnnl/dnnl.h>

#include <pthread.h>

#include <algorithm>
#include <new>
#include <shared_mutex>

#include "torch/parallel.h"

// OpenBLAS as SciPy builds it: 32-bit integers, every name with a prefix.
extern "C" {
void scipy_cblas_sgemm(int order, int ta, int tb, int m, int n, int k, float alpha, const float* a,
                       int lda, const float* b, int ldb, float beta, float* c, int ldc);
void scipy_cblas_dgemm(int order, int ta, int tb, int m, int n, int k, double alpha,
                       const double* a, int lda, const double* b, int ldb, double beta, double* c,
                       int ldc);
void scipy_cblas_sgemv(int order, int ta, int m, int n, float alpha, const float* a, int lda,
                       const float* x, int incx, float beta, float* y, int incy);
void scipy_cblas_dgemv(int order, int ta, int m, int n, double alpha, const double* a, int lda,
                       const double* x, int incx, double beta, double* y, int incy);
void scipy_sgesv_(const int* n, const int* nrhs, float* a, const int* lda, int* pivots, float* b,
                  const int* ldb, int* info);
void scipy_dgesv_(const int* n, const int* nrhs, double* a, const int* lda, int* pivots, double* b,
                  const int* ldb, int* info);
}

namespace torch::cpu {
namespace {

constexpr int kRowMajor = 101, kNoTrans = 111, kTrans = 112;
// OpenBLAS is the faster one up to here, oneDNN above.
constexpr int64_t kSmallGemm = 64;
// Multiply-adds up to which OpenBLAS never uses threads.
constexpr int64_t kOneThread = 4096;

// A matrix as BLAS wants it: row-major, perhaps transposed.
struct Matrix {
  bool transposed;
  int64_t ld;
};
Matrix describe(int64_t rows, int64_t cols, int64_t row_stride, int64_t col_stride) {
  if (col_stride == 1 || cols == 1) {
    if (row_stride >= cols || rows == 1) return {false, std::max<int64_t>({row_stride, cols, 1})};
  }
  return {true, std::max<int64_t>({col_stride, rows, 1})};
}

// OpenBLAS gives its threads up when the process forks, and hangs when a call is running then. So
// calls that may use them hold this lock, and a fork waits for them. The child has a lock of its
// own: glibc knows the holder by its thread, which is another one there.
std::shared_mutex openblas_in_use;
struct ForkSafety {
  ForkSafety() {
    pthread_atfork([] { openblas_in_use.lock(); }, [] { openblas_in_use.unlock(); },
                   [] { new (&openblas_in_use) std::shared_mutex; });
  }
} fork_safety;

template <class T, auto kGemm, auto kGemv>
void blas_gemm(const kernels::Gemm& g) {
  Matrix a = describe(g.m, g.k, g.a_row, g.a_col), b = describe(g.k, g.n, g.b_row, g.b_col);
  auto* pa = reinterpret_cast<const T*>(g.a);
  auto* pb = reinterpret_cast<const T*>(g.b);
  auto* pc = reinterpret_cast<T*>(g.c);
  T alpha = static_cast<T>(g.alpha), beta = static_cast<T>(g.beta);
  // gemm is slow for a single row or column, gemv is not
  if (g.n == 1) {
    int inc = static_cast<int>(g.k == 1 ? 1 : g.b_row);
    int rows = static_cast<int>(a.transposed ? g.k : g.m),
        cols = static_cast<int>(a.transposed ? g.m : g.k);
    return kGemv(kRowMajor, a.transposed ? kTrans : kNoTrans, rows, cols, alpha, pa,
                 static_cast<int>(a.ld), pb, inc, beta, pc, static_cast<int>(g.c_row));
  }
  if (g.m == 1) {
    int inc = static_cast<int>(g.k == 1 ? 1 : g.a_col);
    int rows = static_cast<int>(b.transposed ? g.n : g.k),
        cols = static_cast<int>(b.transposed ? g.k : g.n);
    return kGemv(kRowMajor, b.transposed ? kNoTrans : kTrans, rows, cols, alpha, pb,
                 static_cast<int>(b.ld), pa, inc, beta, pc, 1);
  }
  kGemm(kRowMajor, a.transposed ? kTrans : kNoTrans, b.transposed ? kTrans : kNoTrans,
        static_cast<int>(g.m), static_cast<int>(g.n), static_cast<int>(g.k), alpha, pa,
        static_cast<int>(a.ld), pb, static_cast<int>(b.ld), beta, pc, static_cast<int>(g.c_row));
}

void run_openblas(const kernels::Gemm& g, void (*gemm)(const kernels::Gemm&)) {
  int64_t work = g.m * g.n * g.k;
  if (work <= kOneThread) return gemm(g);
  std::shared_lock running(openblas_in_use);
  use_threads_in_libraries(work);
  gemm(g);
}

}  // namespace

void gemm_float(const kernels::Gemm& g) {
  if (std::max({g.m, g.n, g.k}) <= kSmallGemm || g.m == 1 || g.n == 1) {
    return run_openblas(g, &blas_gemm<float, scipy_cblas_sgemm, scipy_cblas_sgemv>);
  }
  use_threads_in_libraries(g.m * g.n * g.k);
  Matrix a = describe(g.m, g.k, g.a_row, g.a_col), b = describe(g.k, g.n, g.b_row, g.b_col);
  dnnl_sgemm(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', g.m, g.n, g.k,
             static_cast<float>(g.alpha), reinterpret_cast<const float*>(g.a), a.ld,
             reinterpret_cast<const float*>(g.b), b.ld, static_cast<float>(g.beta),
             reinterpret_cast<float*>(g.c), g.c_row);
}

void gemm_double(const kernels::Gemm& g) {
  run_openblas(g, &blas_gemm<double, scipy_cblas_dgemm, scipy_cblas_dgemv>);
}

int gesv_float(int n, int nrhs, char* a, int* pivots, char* b) {
  std::shared_lock running(openblas_in_use);
  use_threads_in_libraries(int64_t{n} * n * (n + nrhs));
  int info = 0, ld = std::max(1, n);
  scipy_sgesv_(&n, &nrhs, reinterpret_cast<float*>(a), &ld, pivots, reinterpret_cast<float*>(b),
               &ld, &info);
  return info;
}

int gesv_double(int n, int nrhs, char* a, int* pivots, char* b) {
  std::shared_lock running(openblas_in_use);
  use_threads_in_libraries(int64_t{n} * n * (n + nrhs));
  int info = 0, ld = std::max(1, n);
  scipy_dgesv_(&n, &nrhs, reinterpret_cast<double*>(a), &ld, pivots, reinterpret_cast<double*>(b),
               &ld, &info);
  return info;
}

}  // namespace torch::cpu
