// Products of matrices and vectors. Integers wrap; float16 and bfloat16 are multiplied in float32.
#pragma once
#include <vector>

#include "torch/ops/elementwise.h"

namespace torch::ops {

Meta mm_meta(const char* op, const Tensor& a, const Tensor& b);
Tensor mm(const Tensor& a, const Tensor& b, Tensor* out = nullptr);   // (m, k) @ (k, n)
Tensor mv(const Tensor& a, const Tensor& x, Tensor* out = nullptr);   // (m, k) @ (k,)
Scalar dot(const char* op, const Tensor& x, const Tensor& y);         // (k,) . (k,)
Tensor ger(const Tensor& x, const Tensor& y, Tensor* out = nullptr);  // (m,), (n,) -> (m, n)
Tensor bmm(const Tensor& a, const Tensor& b, Tensor* out = nullptr);  // (b, m, k) @ (b, k, n)
// NumPy's rule: leading dimensions broadcast
Tensor matmul(const char* op, const Tensor& a, const Tensor& b, Tensor* out = nullptr);

// beta * m + alpha * product; m broadcasts to the product's size, and what stands in it does not
// count when beta is 0
Tensor addmm(Scalar beta, const Tensor& m, Scalar alpha, const Tensor& a, const Tensor& b,
             Tensor* out = nullptr);
Tensor addmv(Scalar beta, const Tensor& v, Scalar alpha, const Tensor& a, const Tensor& x,
             Tensor* out = nullptr);
Tensor addr(Scalar beta, const Tensor& m, Scalar alpha, const Tensor& x, const Tensor& y,
            Tensor* out = nullptr);
Tensor baddbmm(Scalar beta, const Tensor& m, Scalar alpha, const Tensor& a, const Tensor& b,
               Tensor* out = nullptr);
// the products of the batch are summed
Tensor addbmm(Scalar beta, const Tensor& m, Scalar alpha, const Tensor& a, const Tensor& b,
              Tensor* out = nullptr);

Tensor outer(const Tensor& x, const Tensor& y, Tensor* out = nullptr);  // of all elements
Scalar vdot(const Tensor& x, const Tensor& y);                          // of all elements
Tensor inner(const Tensor& x, const Tensor& y, Tensor* out = nullptr);  // over both last dimensions
// Sums over pairs of dimensions; what remains of x stands before what remains of y.
Tensor tensordot(const Tensor& x, const Tensor& y, const Shape& x_dims, const Shape& y_dims,
                 Tensor* out = nullptr);
Tensor kron(const Tensor& x, const Tensor& y, Tensor* out = nullptr);
// The product of a chain in the order that takes the fewest multiplications; the first and the last
// may be vectors.
Tensor multi_dot(const char* op, const std::vector<Tensor>& chain, Tensor* out = nullptr);

}  // namespace torch::ops
