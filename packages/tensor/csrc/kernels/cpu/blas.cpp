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
}

namespace torch::cpu {
namespace {

constexpr int kRowMajor = 101, kNoTrans = 111, kTrans = 112;
// OpenBLAS is the faster one up to here, oneDNN above; oneDNN is slow where the first matrix is
// transposed.
constexpr int64_t kSmallGemm = 64;
// Multiply-adds up to which OpenBLAS never uses threads.
constexpr int64_t kOneThread = 4096;

// A matrix as BLAS wants it: row-major, perhaps transposed.
struct Matrix {
  bool transposed;
  int64_t ld;
};
Matrix describe(int64_t rows, int64_t cols, int64_t row_stride, int64_t col_stride) {
  if (col_stride == 1 && row_stride >= cols) return {false, std::max<int64_t>(row_stride, 1)};
  return {true, std::max<int64_t>(col_stride, 1)};
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
void blas_gemm(const kernels::Gemm& g, const T* a, const T* b, T* c) {
  Matrix x = describe(g.m, g.k, g.a_row, g.a_col), y = describe(g.k, g.n, g.b_row, g.b_col);
  T alpha = static_cast<T>(g.alpha), beta = static_cast<T>(g.beta);
  // gemm is slow for a single row or column, gemv is not
  if (g.n == 1 || g.m == 1) {
    // beta = 0 has to forget NaN, too, which not every gemv does
    if (beta == T(0)) std::fill_n(c, g.m * g.n, T(0));
    if (beta == T(0)) beta = T(1);
  }
  if (g.n == 1) {
    int rows = static_cast<int>(x.transposed ? g.k : g.m),
        cols = static_cast<int>(x.transposed ? g.m : g.k);
    return kGemv(kRowMajor, x.transposed ? kTrans : kNoTrans, rows, cols, alpha, a,
                 static_cast<int>(x.ld), b, static_cast<int>(g.b_row), beta, c, 1);
  }
  if (g.m == 1) {
    int rows = static_cast<int>(y.transposed ? g.n : g.k),
        cols = static_cast<int>(y.transposed ? g.k : g.n);
    return kGemv(kRowMajor, y.transposed ? kNoTrans : kTrans, rows, cols, alpha, b,
                 static_cast<int>(y.ld), a, static_cast<int>(g.a_col), beta, c, 1);
  }
  kGemm(kRowMajor, x.transposed ? kTrans : kNoTrans, y.transposed ? kTrans : kNoTrans,
        static_cast<int>(g.m), static_cast<int>(g.n), static_cast<int>(g.k), alpha, a,
        static_cast<int>(x.ld), b, static_cast<int>(y.ld), beta, c, static_cast<int>(g.n));
}

template <class T, auto kGemm, auto kGemv>
void run_openblas(const kernels::Gemm& g, const T* a, const T* b, T* c) {
  int64_t work = g.m * g.n * g.k;
  if (work <= kOneThread) return blas_gemm<T, kGemm, kGemv>(g, a, b, c);
  OpenBlasCall running(work);
  blas_gemm<T, kGemm, kGemv>(g, a, b, c);
}

}  // namespace

OpenBlasCall::OpenBlasCall(int64_t work) : running_(openblas_in_use) {
  use_threads_in_libraries(work);
}

void gemm_float(const kernels::Gemm& g, const float* a, const float* b, float* c) {
  Matrix x = describe(g.m, g.k, g.a_row, g.a_col), y = describe(g.k, g.n, g.b_row, g.b_col);
  if (std::max({g.m, g.n, g.k}) <= kSmallGemm || g.m == 1 || g.n == 1 || x.transposed) {
    return run_openblas<float, scipy_cblas_sgemm, scipy_cblas_sgemv>(g, a, b, c);
  }
  use_threads_in_libraries(g.m * g.n * g.k);
  dnnl_sgemm(x.transposed ? 'T' : 'N', y.transposed ? 'T' : 'N', g.m, g.n, g.k,
             static_cast<float>(g.alpha), a, x.ld, b, y.ld, static_cast<float>(g.beta), c, g.n);
}

void gemm_double(const kernels::Gemm& g, const double* a, const double* b, double* c) {
  run_openblas<double, scipy_cblas_dgemm, scipy_cblas_dgemv>(g, a, b, c);
}

}  // namespace torch::cpu
