// LAPACK's factorizations, for float32 and float64.
//
// Matrices are column-major without gaps and lie one after the other, `batch` of them. Work happens
// in place. `info` has one entry per matrix: 0, LAPACK's positive number, or one of the two below.
#pragma once
#include <climits>

#include "torch/registry.h"

namespace torch::kernels {

inline constexpr int kNotFinite = INT_MIN;     // NaN or infinity where LAPACK might not return
inline constexpr int kTooLarge = INT_MIN + 1;  // its workspace has no 32-bit size

enum class Vectors : uint8_t { kNone, kThin, kFull };

struct LapackTable {
  // a (m, n) = P L U; min(m, n) pivots, counted from 1.
  void (*getrf[kDTypes])(int64_t batch, int m, int n, char* a, int* pivots, int* info);
  // Solves a x = b, or transposed, for b (n, nrhs) from the factors.
  void (*getrs[kDTypes])(bool transpose, int64_t batch, int n, int nrhs, const char* lu,
                         const int* pivots, char* b);
  void (*getri[kDTypes])(int64_t batch, int n, char* lu, const int* pivots, int* info);
  // From the factors: the determinant, its sign and the logarithm of its size; null: not wanted.
  void (*determinant[kDTypes])(int64_t batch, int n, const char* lu, const int* pivots, char* det,
                               char* sign, char* log_size);

  // The other triangle is set to 0.
  void (*potrf[kDTypes])(bool upper, int64_t batch, int n, char* a, int* info);
  void (*potrs[kDTypes])(bool upper, int64_t batch, int n, int nrhs, const char* a, char* b);
  void (*potri[kDTypes])(bool upper, int n, char* a, int* info);  // both triangles
  void (*pstrf[kDTypes])(bool upper, int n, char* a, int* pivots, double tol, int* info);
  void (*trtrs[kDTypes])(bool upper, bool transpose, bool unit, int64_t batch, int n, int nrhs,
                         const char* a, char* b, int* info);

  void (*geqrf[kDTypes])(int64_t batch, int m, int n, char* a, char* tau, int* info);
  void (*orgqr[kDTypes])(int64_t batch, int m, int n, int k, char* a, const char* tau, int* info);
  void (*ormqr[kDTypes])(bool left, bool transpose, int m, int n, int k, const char* a,
                         const char* tau, char* c, int* info);

  void (*clear_below[kDTypes])(int64_t batch, int m, int n, char* a);  // below the diagonal

  // b has max(m, n) rows.
  void (*gels[kDTypes])(int m, int n, int nrhs, char* a, char* b, int* info);
  void (*gelsd[kDTypes])(int m, int n, int nrhs, char* a, char* b, char* s, double rcond, int* rank,
                         int* info);

  void (*syevd[kDTypes])(bool vectors, bool upper, int64_t batch, int n, char* a, char* w,
                         int* info);
  // Eigenvalues as pairs (n, 2), row-major; vectors as LAPACK packs them, or null.
  void (*geev[kDTypes])(int64_t batch, int n, char* a, char* w, char* v, int* info);
  // Packed vectors as pairs: out (n, n, 2), row-major.
  void (*unpack[kDTypes])(int64_t batch, int n, const char* w, const char* v, char* out);
  void (*gesdd[kDTypes])(Vectors vectors, int64_t batch, int m, int n, char* a, char* s, char* u,
                         char* vt, int* info);
};

extern KernelFamily<LapackTable> lapack;

}  // namespace torch::kernels
