// What numpy.linalg makes of products and factorizations. Matrices are the last two dimensions.
#pragma once
#include <optional>

#include "torch/ops/lapack.h"

namespace torch::ops {

// Singular values (magnitudes of eigenvalues where `hermitian`) up to the cutoff count as zero:
// `rcond` times the largest one, without it max(m, n) * eps.
Tensor pinv(const char* op, const Tensor& a, std::optional<double> rcond, bool hermitian);
// `tol` is absolute.
Tensor matrix_rank(const char* op, const Tensor& a, std::optional<double> tol, bool hermitian);
Tensor matrix_power(const char* op, const Tensor& a, int64_t n);
Tensor logdet(const char* op, const Tensor& a);
Tensor matrix_exp(const char* op, const Tensor& a);

struct Order {
  enum class Kind : uint8_t { kNone, kNumber, kFrobenius, kNuclear } kind = Kind::kNone;
  double p = 2;
};
// Over the listed dimensions, all of them where there are none.
Tensor vector_norm(const char* op, const Tensor& x, double p, const Shape& dims, bool keepdim);
Tensor matrix_norm(const char* op, const Tensor& x, Order order, const Shape& dims, bool keepdim);
// NumPy's: the matrix norm over two dimensions, the vector norm over one; without dims and order
// the 2-norm of all elements.
Tensor norm(const char* op, const Tensor& x, Order order, const Shape& dims, bool keepdim);
Tensor cond(const char* op, const Tensor& a, Order order);

Tensor tensorsolve(const char* op, const Tensor& a, const Tensor& b, const Shape& dims);
Tensor tensorinv(const char* op, const Tensor& a, int64_t ind);

}  // namespace torch::ops
