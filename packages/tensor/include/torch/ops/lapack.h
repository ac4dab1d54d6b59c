// LAPACK's factorizations. Matrices are the last two dimensions, all others are a batch. Results
// are column-major, their dtype is floating (float64 for integers); arguments are not changed.
#pragma once
#include <array>
#include <utility>

#include "torch/tensor.h"

namespace torch::ops {

// `op` is what errors name.
using TensorPair = std::pair<Tensor, Tensor>;

// ValueError unless `t` is one matrix / a batch of square ones.
void check_matrix(const char* op, const char* name, const Tensor& t);
void check_matrices(const char* op, const char* name, const Tensor& t);
void check_square(const char* op, const char* name, const Tensor& t);
// TypeError for integers: the names of 2016 take floating tensors only.
void check_real(const char* op, const char* name, const Tensor& t);

// a = P L U: the factors in one matrix, and int32 pivots, counted from 1 as LAPACK does. `info`,
// where given, becomes LAPACK's info per matrix; without it a singular square matrix is a
// RuntimeError.
TensorPair lu_factor(const char* op, const Tensor& a, Tensor* info = nullptr);
Tensor lu_solve(const char* op, const Tensor& lu, const Tensor& pivots, const Tensor& b);
// a x = b; returns x and the factors. b: (..., n, k), or (..., n) where `vector`.
TensorPair solve(const char* op, const Tensor& a, const Tensor& b, bool vector);
Tensor inverse(const char* op, const Tensor& a);
Tensor det(const char* op, const Tensor& a);
TensorPair slogdet(const char* op, const Tensor& a);  // sign and logarithm of the size

Tensor cholesky(const char* op, const Tensor& a, bool upper);
Tensor cholesky_solve(const char* op, const Tensor& b, const Tensor& factor, bool upper);
Tensor potri(const Tensor& factor, bool upper);  // inverse of the matrix with this factor
// p' a p = u' u: the factor and the permutation, counted from 0.
TensorPair pstrf(const Tensor& a, bool upper, double tol);
// Solves with a triangle of a.
Tensor solve_triangular(const char* op, const Tensor& b, const Tensor& a, bool upper,
                        bool transpose, bool unit);

TensorPair geqrf(const char* op, const Tensor& a);  // reflectors below R, and their factors
Tensor orgqr(const char* op, const Tensor& a, const Tensor& tau, int64_t columns);
Tensor ormqr(const Tensor& a, const Tensor& tau, const Tensor& c, bool left, bool transpose);
enum class Qr : uint8_t { kReduced, kComplete, kR };
TensorPair qr(const char* op, const Tensor& a, Qr mode);  // q is undefined for kR

// Full rank: the solution above sums of residuals (max(m, n), k), and the QR or LQ factors.
TensorPair gels(const Tensor& b, const Tensor& a);
// Any rank: solution, residuals, rank, singular values.
std::array<Tensor, 4> lstsq(const char* op, const Tensor& a, const Tensor& b, double rcond);

// Eigenvalues in ascending order; vectors in columns (undefined where not asked for).
TensorPair symeig(const char* op, const Tensor& a, bool vectors, bool upper);
// Eigenvalues (..., n, 2) and vectors as LAPACK packs them: real and imaginary part of a conjugate
// pair in two columns. `pairs`: vectors (..., n, n, 2) instead.
TensorPair eig(const char* op, const Tensor& a, bool vectors, bool pairs);
// u, s, vh; u and vh are undefined where not asked for.
std::array<Tensor, 3> svd(const char* op, const Tensor& a, bool vectors, bool full);

// The diagonals of matrices, a view.
Tensor diagonal_of(const Tensor& t);

}  // namespace torch::ops
