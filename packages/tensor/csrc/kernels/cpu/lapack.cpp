#include "kernels/cpu/lapack.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <vector>

#include "kernels/cpu/blas.h"
#include "torch/parallel.h"

// LAPACK as SciPy builds it into OpenBLAS: 32-bit integers, every name with a prefix. Fortran takes
// the lengths of its character arguments behind the others.
#define TORCH_LAPACK(T, p)                                                                         \
  void scipy_##p##getrf_(const int* m, const int* n, T* a, const int* lda, int* ipiv, int* info);  \
  void scipy_##p##getrs_(const char* trans, const int* n, const int* nrhs, const T* a,             \
                         const int* lda, const int* ipiv, T* b, const int* ldb, int* info,         \
                         size_t);                                                                  \
  void scipy_##p##getri_(const int* n, T* a, const int* lda, const int* ipiv, T* work,             \
                         const int* lwork, int* info);                                             \
  void scipy_##p##potrf_(const char* uplo, const int* n, T* a, const int* lda, int* info, size_t); \
  void scipy_##p##potrs_(const char* uplo, const int* n, const int* nrhs, const T* a,              \
                         const int* lda, T* b, const int* ldb, int* info, size_t);                 \
  void scipy_##p##potri_(const char* uplo, const int* n, T* a, const int* lda, int* info, size_t); \
  void scipy_##p##pstrf_(const char* uplo, const int* n, T* a, const int* lda, int* piv,           \
                         int* rank, const T* tol, T* work, int* info, size_t);                     \
  void scipy_##p##trtrs_(const char* uplo, const char* trans, const char* diag, const int* n,      \
                         const int* nrhs, const T* a, const int* lda, T* b, const int* ldb,        \
                         int* info, size_t, size_t, size_t);                                       \
  void scipy_##p##geqrf_(const int* m, const int* n, T* a, const int* lda, T* tau, T* work,        \
                         const int* lwork, int* info);                                             \
  void scipy_##p##orgqr_(const int* m, const int* n, const int* k, T* a, const int* lda,           \
                         const T* tau, T* work, const int* lwork, int* info);                      \
  void scipy_##p##ormqr_(const char* side, const char* trans, const int* m, const int* n,          \
                         const int* k, const T* a, const int* lda, const T* tau, T* c,             \
                         const int* ldc, T* work, const int* lwork, int* info, size_t, size_t);    \
  void scipy_##p##gels_(const char* trans, const int* m, const int* n, const int* nrhs, T* a,      \
                        const int* lda, T* b, const int* ldb, T* work, const int* lwork,           \
                        int* info, size_t);                                                        \
  void scipy_##p##gelsd_(const int* m, const int* n, const int* nrhs, T* a, const int* lda, T* b,  \
                         const int* ldb, T* s, const T* rcond, int* rank, T* work,                 \
                         const int* lwork, int* iwork, int* info);                                 \
  void scipy_##p##syevd_(const char* jobz, const char* uplo, const int* n, T* a, const int* lda,   \
                         T* w, T* work, const int* lwork, int* iwork, const int* liwork,           \
                         int* info, size_t, size_t);                                               \
  void scipy_##p##geev_(const char* jobvl, const char* jobvr, const int* n, T* a, const int* lda,  \
                        T* wr, T* wi, T* vl, const int* ldvl, T* vr, const int* ldvr, T* work,     \
                        const int* lwork, int* info, size_t, size_t);                              \
  void scipy_##p##gesdd_(const char* jobz, const int* m, const int* n, T* a, const int* lda, T* s, \
                         T* u, const int* ldu, T* vt, const int* ldvt, T* work, const int* lwork,  \
                         int* iwork, int* info, size_t);
extern "C" {
TORCH_LAPACK(float, s)
TORCH_LAPACK(double, d)
}
#undef TORCH_LAPACK

namespace torch::cpu {
namespace {

using kernels::kNotFinite;
using kernels::kTooLarge;
using kernels::Vectors;

template <class T>
struct Lapack;
#define TORCH_LAPACK(T, p)                            \
  template <>                                         \
  struct Lapack<T> {                                  \
    static constexpr auto getrf = &scipy_##p##getrf_; \
    static constexpr auto getrs = &scipy_##p##getrs_; \
    static constexpr auto getri = &scipy_##p##getri_; \
    static constexpr auto potrf = &scipy_##p##potrf_; \
    static constexpr auto potrs = &scipy_##p##potrs_; \
    static constexpr auto potri = &scipy_##p##potri_; \
    static constexpr auto pstrf = &scipy_##p##pstrf_; \
    static constexpr auto trtrs = &scipy_##p##trtrs_; \
    static constexpr auto geqrf = &scipy_##p##geqrf_; \
    static constexpr auto orgqr = &scipy_##p##orgqr_; \
    static constexpr auto ormqr = &scipy_##p##ormqr_; \
    static constexpr auto gels = &scipy_##p##gels_;   \
    static constexpr auto gelsd = &scipy_##p##gelsd_; \
    static constexpr auto syevd = &scipy_##p##syevd_; \
    static constexpr auto geev = &scipy_##p##geev_;   \
    static constexpr auto gesdd = &scipy_##p##gesdd_; \
  };
TORCH_LAPACK(float, s)
TORCH_LAPACK(double, d)
#undef TORCH_LAPACK

template <class T>
T* as(char* p) {
  return reinterpret_cast<T*>(p);
}
template <class T>
const T* as(const char* p) {
  return reinterpret_cast<const T*>(p);
}

int ld(int rows) { return std::max(rows, 1); }
int64_t product(int64_t a, int64_t b, int64_t c) { return a * b * c; }

// f(begin, end) over the matrices of a batch, `work` multiply-adds each. Threads of ours take small
// matrices, those of the library share large ones.
template <class F>
void each(int64_t batch, int64_t work, F&& f) {
  bool large = batch == 1 || work >= kMultiplyGrain;
  OpenBlasCall running(large ? work : 0);
  if (large)
    f(int64_t{0}, batch);
  else
    parallel_for(batch, 1 + 200000 / (1000 + work), f);
}

// The size LAPACK asks for as a floating number, which may have lost its last bits; 0 where its
// 32-bit arithmetic cannot have got it right.
template <class T>
int workspace(T asked, double at_least) {
  double n = std::ceil(static_cast<double>(asked) * (1 + std::numeric_limits<T>::epsilon()));
  n = std::max(n, at_least);
  return n < 1 ? 1 : n > INT_MAX ? 0 : static_cast<int>(n);
}

template <class T>
bool all_finite(const T* p, int64_t n) {
  int bad = 0;
  for (int64_t i = 0; i < n; ++i) bad |= !(std::fabs(p[i]) <= std::numeric_limits<T>::max());
  return bad == 0;
}

// The triangle that is not read or was not written; the diagonal stays.
template <class T>
void clear_triangle(bool lower, int n, T* a) {
  for (int64_t j = 0; j < n; ++j) {
    if (lower)
      std::fill(a + j * n + j + 1, a + (j + 1) * n, T(0));
    else
      std::fill(a + j * n, a + j * n + j, T(0));
  }
}

// Up to this size a call of LAPACK costs more than the work.
constexpr int kSmall = 12;

// Gaussian elimination with partial pivoting, as getrf counts and reports.
template <class T>
int small_lu(int m, int n, T* a, int* pivots) {
  int info = 0;
  for (int j = 0; j < std::min(m, n); ++j) {
    T* column = a + j * m;
    int p = j;
    for (int i = j + 1; i < m; ++i) {
      if (std::fabs(column[i]) > std::fabs(column[p])) p = i;
    }
    pivots[j] = p + 1;
    if (column[p] == T(0)) {
      if (!info) info = j + 1;
      continue;
    }
    if (p != j) {
      for (int k = 0; k < n; ++k) std::swap(a[k * m + j], a[k * m + p]);
    }
    for (int i = j + 1; i < m; ++i) column[i] /= column[j];
    for (int k = j + 1; k < n; ++k) {
      T x = a[k * m + j];
      for (int i = j + 1; i < m; ++i) a[k * m + i] -= x * column[i];
    }
  }
  return info;
}

// b := (P L U)^-1 b, column by column.
template <class T>
void small_solve(int n, int nrhs, const T* lu, const int* pivots, T* b) {
  for (int k = 0; k < nrhs; ++k, b += n) {
    for (int j = 0; j < n; ++j) {
      if (pivots[j] != j + 1) std::swap(b[j], b[pivots[j] - 1]);
    }
    for (int j = 0; j < n; ++j) {
      for (int i = j + 1; i < n; ++i) b[i] -= b[j] * lu[j * n + i];
    }
    for (int j = n - 1; j >= 0; --j) {
      b[j] /= lu[j * n + j];
      for (int i = 0; i < j; ++i) b[i] -= b[j] * lu[j * n + i];
    }
  }
}

template <class T>
void getrf(int64_t batch, int m, int n, char* a, int* pivots, int* info) {
  int64_t least = std::min(m, n);
  each(batch, product(m, n, least), [&](int64_t begin, int64_t end) {
    int lda = ld(m);
    for (int64_t i = begin; i < end; ++i) {
      T* x = as<T>(a) + i * m * n;
      if (std::max(m, n) <= kSmall)
        info[i] = small_lu(m, n, x, pivots + i * least);
      else
        Lapack<T>::getrf(&m, &n, x, &lda, pivots + i * least, info + i);
    }
  });
}

template <class T>
void getrs(bool transpose, int64_t batch, int n, int nrhs, const char* lu, const int* pivots,
           char* b) {
  each(batch, product(n, n, nrhs), [&](int64_t begin, int64_t end) {
    int lda = ld(n), info;
    for (int64_t i = begin; i < end; ++i) {
      const T* x = as<T>(lu) + i * n * n;
      T* y = as<T>(b) + i * n * nrhs;
      if (n <= kSmall && !transpose)
        small_solve(n, nrhs, x, pivots + i * n, y);
      else
        Lapack<T>::getrs(transpose ? "T" : "N", &n, &nrhs, x, &lda, pivots + i * n, y, &lda, &info,
                         1);
    }
  });
}

template <class T>
void getri(int64_t batch, int n, char* lu, const int* pivots, int* info) {
  each(batch, product(n, n, n), [&](int64_t begin, int64_t end) {
    int lda = ld(n), lwork = -1;
    T asked;
    if (n > kSmall) Lapack<T>::getri(&n, nullptr, &lda, nullptr, &asked, &lwork, info + begin);
    lwork = n > kSmall ? workspace(asked, n) : n * n;
    std::vector<T> work(lwork);
    for (int64_t i = begin; i < end; ++i) {
      T* x = as<T>(lu) + i * n * n;
      if (lwork == 0) {
        info[i] = kTooLarge;
      } else if (n > kSmall) {
        Lapack<T>::getri(&n, x, &lda, pivots + i * n, work.data(), &lwork, info + i);
      } else {
        std::fill(work.begin(), work.end(), T(0));
        for (int j = 0; j < n; ++j) work[j * n + j] = 1;
        small_solve(n, n, x, pivots + i * n, work.data());
        std::copy(work.begin(), work.end(), x);
        info[i] = 0;
      }
    }
  });
}

template <class T>
void determinant(int64_t batch, int n, const char* lu, const int* pivots, char* det, char* sign,
                 char* log_size) {
  parallel_for(batch, 1 + 4096 / (1 + n), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const T* x = as<T>(lu) + i * n * n;
      // mantissa and exponent apart, so that no product on the way leaves the range
      T mantissa = 1, logarithm = 0;
      int64_t exponent = 0;
      for (int64_t j = 0; j < n; ++j) {
        T d = x[j * n + j];
        int e;
        mantissa = std::frexp(pivots[i * n + j] == j + 1 ? mantissa * d : -mantissa * d, &e);
        exponent += std::isfinite(mantissa) ? e : 0;
        logarithm += std::log(std::fabs(d));
      }
      exponent = std::clamp<int64_t>(exponent, -1000000, 1000000);
      if (det) as<T>(det)[i] = std::ldexp(mantissa, static_cast<int>(exponent));
      if (sign)
        as<T>(sign)[i] = std::isnan(mantissa) ? mantissa : T((mantissa > 0) - (mantissa < 0));
      if (log_size) as<T>(log_size)[i] = logarithm;
    }
  });
}

template <class T>
void potrf(bool upper, int64_t batch, int n, char* a, int* info) {
  each(batch, product(n, n, n) / 3, [&](int64_t begin, int64_t end) {
    int lda = ld(n);
    for (int64_t i = begin; i < end; ++i) {
      T* x = as<T>(a) + i * n * n;
      Lapack<T>::potrf(upper ? "U" : "L", &n, x, &lda, info + i, 1);
      clear_triangle(upper, n, x);
    }
  });
}

template <class T>
void potrs(bool upper, int64_t batch, int n, int nrhs, const char* a, char* b) {
  each(batch, product(n, n, nrhs), [&](int64_t begin, int64_t end) {
    int lda = ld(n), info;
    for (int64_t i = begin; i < end; ++i)
      Lapack<T>::potrs(upper ? "U" : "L", &n, &nrhs, as<T>(a) + i * n * n, &lda,
                       as<T>(b) + i * n * nrhs, &lda, &info, 1);
  });
}

template <class T>
void potri(bool upper, int n, char* a, int* info) {
  OpenBlasCall running(product(n, n, n));
  int lda = ld(n);
  T* x = as<T>(a);
  Lapack<T>::potri(upper ? "U" : "L", &n, x, &lda, info, 1);
  for (int64_t j = 0; j < n; ++j) {
    for (int64_t i = 0; i < j; ++i)
      (upper ? x[i * n + j] : x[j * n + i]) = upper ? x[j * n + i] : x[i * n + j];
  }
}

template <class T>
void pstrf(bool upper, int n, char* a, int* pivots, double tol, int* info) {
  OpenBlasCall running(product(n, n, n) / 3);
  int lda = ld(n), rank = 0;
  T limit = static_cast<T>(tol);
  std::vector<T> work(2 * static_cast<size_t>(n));
  std::iota(pivots, pivots + n, 1);  // of a matrix that pstrf gives up at once
  Lapack<T>::pstrf(upper ? "U" : "L", &n, as<T>(a), &lda, pivots, &rank, &limit, work.data(), info,
                   1);
  clear_triangle(upper, n, as<T>(a));
  if (*info > 0) {  // rank deficient: what follows the rank was not factored
    for (int64_t j = 0; j < n; ++j) {
      for (int64_t i = 0; i < n; ++i) {
        if ((upper ? i : j) >= rank) as<T>(a)[j * n + i] = T(0);
      }
    }
  }
}

template <class T>
void trtrs(bool upper, bool transpose, bool unit, int64_t batch, int n, int nrhs, const char* a,
           char* b, int* info) {
  each(batch, product(n, n, nrhs), [&](int64_t begin, int64_t end) {
    int lda = ld(n);
    for (int64_t i = begin; i < end; ++i)
      Lapack<T>::trtrs(upper ? "U" : "L", transpose ? "T" : "N", unit ? "U" : "N", &n, &nrhs,
                       as<T>(a) + i * n * n, &lda, as<T>(b) + i * n * nrhs, &lda, info + i, 1, 1,
                       1);
  });
}

template <class T>
void geqrf(int64_t batch, int m, int n, char* a, char* tau, int* info) {
  int64_t least = std::min(m, n);
  each(batch, product(m, n, least), [&](int64_t begin, int64_t end) {
    int lda = ld(m), lwork = -1;
    T asked;
    Lapack<T>::geqrf(&m, &n, as<T>(a), &lda, as<T>(tau), &asked, &lwork, info + begin);
    lwork = workspace(asked, n);
    std::vector<T> work(lwork);
    for (int64_t i = begin; i < end; ++i) {
      info[i] = kTooLarge;
      if (lwork)
        Lapack<T>::geqrf(&m, &n, as<T>(a) + i * m * n, &lda, as<T>(tau) + i * least, work.data(),
                         &lwork, info + i);
    }
  });
}

template <class T>
void orgqr(int64_t batch, int m, int n, int k, char* a, const char* tau, int* info) {
  each(batch, product(m, n, k), [&](int64_t begin, int64_t end) {
    int lda = ld(m), lwork = -1;
    T asked;
    Lapack<T>::orgqr(&m, &n, &k, as<T>(a), &lda, as<T>(tau), &asked, &lwork, info + begin);
    lwork = workspace(asked, n);
    std::vector<T> work(lwork);
    for (int64_t i = begin; i < end; ++i) {
      info[i] = kTooLarge;
      if (lwork)
        Lapack<T>::orgqr(&m, &n, &k, as<T>(a) + i * m * n, &lda, as<T>(tau) + i * k, work.data(),
                         &lwork, info + i);
    }
  });
}

template <class T>
void ormqr(bool left, bool transpose, int m, int n, int k, const char* a, const char* tau, char* c,
           int* info) {
  OpenBlasCall running(product(m, n, k));
  int lda = ld(left ? m : n), ldc = ld(m), lwork = -1;
  T asked;
  const char *side = left ? "L" : "R", *trans = transpose ? "T" : "N";
  Lapack<T>::ormqr(side, trans, &m, &n, &k, as<T>(a), &lda, as<T>(tau), as<T>(c), &ldc, &asked,
                   &lwork, info, 1, 1);
  lwork = workspace(asked, left ? n : m);
  *info = kTooLarge;
  if (lwork == 0) return;
  std::vector<T> work(lwork);
  Lapack<T>::ormqr(side, trans, &m, &n, &k, as<T>(a), &lda, as<T>(tau), as<T>(c), &ldc, work.data(),
                   &lwork, info, 1, 1);
}

template <class T>
void clear_below(int64_t batch, int m, int n, char* a) {
  for (int64_t j = 0; j < batch * n; ++j) {
    T* column = as<T>(a) + j * m;
    std::fill(column + std::min<int64_t>(j % n + 1, m), column + m, T(0));
  }
}

template <class T>
void gels(int m, int n, int nrhs, char* a, char* b, int* info) {
  OpenBlasCall running(product(m, n, std::min(m, n)));
  int64_t rows = std::max(m, n);
  if (!all_finite(as<T>(a), int64_t{m} * n) || !all_finite(as<T>(b), rows * nrhs)) {
    *info = kNotFinite;
    return;
  }
  int lda = ld(m), ldb = ld(static_cast<int>(rows)), lwork = -1;
  T asked;
  Lapack<T>::gels("N", &m, &n, &nrhs, as<T>(a), &lda, as<T>(b), &ldb, &asked, &lwork, info, 1);
  lwork = workspace(asked, 1.0 * std::min(m, n) + std::max<double>(rows, nrhs));
  *info = kTooLarge;
  if (lwork == 0) return;
  std::vector<T> work(lwork);
  Lapack<T>::gels("N", &m, &n, &nrhs, as<T>(a), &lda, as<T>(b), &ldb, work.data(), &lwork, info, 1);
}

template <class T>
void gelsd(int m, int n, int nrhs, char* a, char* b, char* s, double rcond, int* rank, int* info) {
  OpenBlasCall running(product(m, n, std::min(m, n)));
  int64_t rows = std::max(m, n);
  if (!all_finite(as<T>(a), int64_t{m} * n) || !all_finite(as<T>(b), rows * nrhs)) {
    *info = kNotFinite;
    return;
  }
  int lda = ld(m), ldb = ld(static_cast<int>(rows)), lwork = -1, iwork_size = 0;
  T asked, limit = static_cast<T>(rcond);
  Lapack<T>::gelsd(&m, &n, &nrhs, as<T>(a), &lda, as<T>(b), &ldb, as<T>(s), &limit, rank, &asked,
                   &lwork, &iwork_size, info);
  lwork = workspace(asked, 1);
  *info = kTooLarge;
  if (lwork == 0 || *info == 0) return;
  std::vector<T> work(lwork);
  std::vector<int> iwork(std::max(1, iwork_size));
  Lapack<T>::gelsd(&m, &n, &nrhs, as<T>(a), &lda, as<T>(b), &ldb, as<T>(s), &limit, rank,
                   work.data(), &lwork, iwork.data(), info);
}

template <class T>
void syevd(bool vectors, bool upper, int64_t batch, int n, char* a, char* w, int* info) {
  const char *job = vectors ? "V" : "N", *uplo = upper ? "U" : "L";
  each(batch, 4 * product(n, n, n), [&](int64_t begin, int64_t end) {
    int lda = ld(n), lwork = -1, liwork = -1, iasked = 0;
    T asked;
    Lapack<T>::syevd(job, uplo, &n, as<T>(a), &lda, as<T>(w), &asked, &lwork, &iasked, &liwork,
                     info + begin, 1, 1);
    double size = n;
    lwork = workspace(asked, vectors ? 1 + 6 * size + 2 * size * size : 2 * size + 1);
    liwork = std::max(iasked, 3 + 5 * n);
    std::vector<T> work(lwork);
    std::vector<int> iwork(liwork);
    for (int64_t i = begin; i < end; ++i) {
      T* x = as<T>(a) + i * n * n;
      clear_triangle(upper, n, x);  // LAPACK reads one triangle; the other may hold anything
      info[i] = lwork == 0 ? kTooLarge : all_finite(x, int64_t{n} * n) ? 0 : kNotFinite;
      if (info[i] == 0)
        Lapack<T>::syevd(job, uplo, &n, x, &lda, as<T>(w) + i * n, work.data(), &lwork,
                         iwork.data(), &liwork, info + i, 1, 1);
    }
  });
}

template <class T>
void geev(int64_t batch, int n, char* a, char* w, char* v, int* info) {
  each(batch, 10 * product(n, n, n), [&](int64_t begin, int64_t end) {
    int lda = ld(n), one = 1, lwork = -1;
    T asked, none;
    const char* job = v ? "V" : "N";
    std::vector<T> parts(2 * static_cast<size_t>(n));
    T *wr = parts.data(), *wi = wr + n;
    Lapack<T>::geev("N", job, &n, as<T>(a), &lda, wr, wi, &none, &one, v ? as<T>(v) : &none, &lda,
                    &asked, &lwork, info + begin, 1, 1);
    lwork = workspace(asked, 4.0 * n);
    std::vector<T> work(lwork);
    for (int64_t i = begin; i < end; ++i) {
      T* x = as<T>(a) + i * n * n;
      info[i] = lwork == 0 ? kTooLarge : all_finite(x, int64_t{n} * n) ? 0 : kNotFinite;
      if (info[i]) continue;
      Lapack<T>::geev("N", job, &n, x, &lda, wr, wi, &none, &one, v ? as<T>(v) + i * n * n : &none,
                      &lda, work.data(), &lwork, info + i, 1, 1);
      for (int64_t j = 0; j < n; ++j) {
        as<T>(w)[(i * n + j) * 2] = wr[j];
        as<T>(w)[(i * n + j) * 2 + 1] = wi[j];
      }
    }
  });
}

// A pair of conjugate values has its real parts in one column and its imaginary parts in the next.
template <class T>
void unpack(int64_t batch, int n, const char* w, const char* v, char* out) {
  parallel_for(batch, 1 + 16384 / (1 + int64_t{n} * n), [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      const T *values = as<T>(w) + b * n * 2, *packed = as<T>(v) + b * n * n;
      T* to = as<T>(out) + b * n * n * 2;
      auto set = [&](int64_t i, int64_t j, T re, T im) {
        to[(i * n + j) * 2] = re;
        to[(i * n + j) * 2 + 1] = im;
      };
      for (int64_t j = 0; j < n; ++j) {
        bool pair = values[2 * j + 1] != T(0) && j + 1 < n;
        const T *re = packed + j * n, *im = re + n;
        for (int64_t i = 0; i < n; ++i) {
          set(i, j, re[i], pair ? im[i] : T(0));
          if (pair) set(i, j + 1, re[i], -im[i]);
        }
        j += pair;
      }
    }
  });
}

template <class T>
void gesdd(Vectors vectors, int64_t batch, int m, int n, char* a, char* s, char* u, char* vt,
           int* info) {
  int64_t least = std::min(m, n);
  const char* job = vectors == Vectors::kNone ? "N" : vectors == Vectors::kThin ? "S" : "A";
  int64_t columns = vectors == Vectors::kNone   ? 0
                    : vectors == Vectors::kThin ? least
                                                : m,
          rows = vectors == Vectors::kNone   ? 0
                 : vectors == Vectors::kThin ? least
                                             : n;
  each(batch, 8 * product(m, n, least), [&](int64_t begin, int64_t end) {
    int lda = ld(m), ldu = ld(m), ldvt = ld(static_cast<int>(rows)), lwork = -1, iask = 0;
    T asked, none;
    T *pu = u ? as<T>(u) : &none, *pvt = vt ? as<T>(vt) : &none;
    Lapack<T>::gesdd(job, &m, &n, as<T>(a), &lda, as<T>(s), pu, &ldu, pvt, &ldvt, &asked, &lwork,
                     &iask, info + begin, 1);
    double k = static_cast<double>(least), most = std::max(m, n);
    lwork = workspace(asked, vectors == Vectors::kNone ? 3 * k + std::max(most, 7 * k)
                                                       : 4 * k * k + 6 * k + most);
    std::vector<T> work(lwork);
    std::vector<int> iwork(8 * static_cast<size_t>(least) + 1);
    for (int64_t i = begin; i < end; ++i) {
      T* x = as<T>(a) + i * m * n;
      info[i] = lwork == 0 ? kTooLarge : all_finite(x, int64_t{m} * n) ? 0 : kNotFinite;
      if (info[i] == 0)
        Lapack<T>::gesdd(job, &m, &n, x, &lda, as<T>(s) + i * least, pu + i * m * columns, &ldu,
                         pvt + i * rows * n, &ldvt, work.data(), &lwork, iwork.data(), info + i, 1);
    }
  });
}

constexpr kernels::LapackTable make_table() {
  kernels::LapackTable t{};
  auto set = [&]<class T>(T) {
    constexpr int at = torch::index(dtype_of<T>);
    t.getrf[at] = &getrf<T>;
    t.getrs[at] = &getrs<T>;
    t.getri[at] = &getri<T>;
    t.determinant[at] = &determinant<T>;
    t.potrf[at] = &potrf<T>;
    t.potrs[at] = &potrs<T>;
    t.potri[at] = &potri<T>;
    t.pstrf[at] = &pstrf<T>;
    t.trtrs[at] = &trtrs<T>;
    t.geqrf[at] = &geqrf<T>;
    t.orgqr[at] = &orgqr<T>;
    t.ormqr[at] = &ormqr<T>;
    t.clear_below[at] = &clear_below<T>;
    t.gels[at] = &gels<T>;
    t.gelsd[at] = &gelsd<T>;
    t.syevd[at] = &syevd<T>;
    t.geev[at] = &geev<T>;
    t.unpack[at] = &unpack<T>;
    t.gesdd[at] = &gesdd<T>;
  };
  set(float{});
  set(double{});
  return t;
}

}  // namespace

constinit const kernels::LapackTable lapack = make_table();

}  // namespace torch::cpu
