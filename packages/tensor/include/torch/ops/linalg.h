// Matrix products and LAPACK.
#pragma once
#include <utility>

#include "torch/ops/elementwise.h"

namespace torch::ops {

Meta mm_meta(const char* op, const Tensor& a, const Tensor& b);
Tensor mm(const Tensor& a, const Tensor& b, Tensor* out = nullptr);   // (m, k) @ (k, n)
Tensor mv(const Tensor& a, const Tensor& x, Tensor* out = nullptr);   // (m, k) @ (k,)
Scalar dot(const Tensor& x, const Tensor& y);                         // (k,) . (k,)
Tensor ger(const Tensor& x, const Tensor& y, Tensor* out = nullptr);  // (m,), (n,) -> (m, n)
Tensor bmm(const Tensor& a, const Tensor& b, Tensor* out = nullptr);  // (b, m, k) @ (b, k, n)
Tensor matmul(const Tensor& a, const Tensor& b,
              Tensor* out = nullptr);  // NumPy's rule: leading dimensions broadcast
// beta * m + alpha * (a @ b); m broadcasts to the product's size
Tensor addmm(Scalar beta, const Tensor& m, Scalar alpha, const Tensor& a, const Tensor& b,
             Tensor* out = nullptr);
Tensor baddbmm(Scalar beta, const Tensor& m, Scalar alpha, const Tensor& a, const Tensor& b,
               Tensor* out = nullptr);
Tensor addmv(Scalar beta, const Tensor& v, Scalar alpha, const Tensor& a, const Tensor& x,
             Tensor* out = nullptr);
// Solves a x = b: b (n, k) or (n,), a (n, n). Returns x and the LU factors of a, column-major.
std::pair<Tensor, Tensor> gesv(const Tensor& b, const Tensor& a);
Tensor inverse(const Tensor& a);

}  // namespace torch::ops
