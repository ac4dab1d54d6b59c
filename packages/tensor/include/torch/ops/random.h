// Sampling. Every op takes numbers from `g`, contiguous element by element, whatever the layout of
// the result. float16 and bfloat16 are drawn in float32 and rounded; rounding never reaches an end
// that the distribution excludes.
#pragma once
#include "torch/elementwise.h"
#include "torch/generator.h"
#include "torch/tensor.h"

namespace torch::ops {

// Floating tensors.
void uniform_(Tensor& self, double from, double to, Generator& g);  // [from, to)
void normal_(Tensor& self, double mean, double std, Generator& g);
void log_normal_(Tensor& self, double mean, double std, Generator& g);    // exp of normal
void exponential_(Tensor& self, double lambd, Generator& g);              // above 0, finite
void cauchy_(Tensor& self, double location, double scale, Generator& g);  // finite

// Tensors of any dtype.
void bernoulli_(Tensor& self, double p, Generator& g);
void bernoulli_(const char* op, Tensor& self, const Tensor& p, Generator& g);  // p broadcasts
// Trials up to the first success, from 1; at most what the dtype holds. Not for bool.
void geometric_(Tensor& self, double p, Generator& g);
// Whole numbers from, ..., last, both included, each as likely as the others.
void random_(const char* op, Tensor& self, int64_t from, int64_t last, Generator& g);
// What random_ draws from when nothing is said: 0, ..., the last number up to which the dtype holds
// all.
int64_t last_whole_number(DType dtype);

// New tensors; `out`, where given, receives the result.
Tensor normal(const Input& mean, const Input& std, Generator& g, Tensor* out = nullptr);
Tensor bernoulli(const Tensor& p, Generator& g, Tensor* out = nullptr);
Tensor poisson(const Tensor& rates, Generator& g, Tensor* out = nullptr);
Tensor gamma(const char* op, const Tensor& concentration, const Input& scale, Generator& g,
             Tensor* out = nullptr);
Tensor beta(const Input& a, const Input& b, Generator& g, Tensor* out = nullptr);
// (..., k) -> (..., k): each last row a point of the simplex
Tensor dirichlet(const Tensor& concentration, Generator& g, Tensor* out = nullptr);

// weights (n) -> (num_samples), (m, n) -> (m, num_samples): LongTensor of positions
Tensor multinomial(const Tensor& weights, int64_t num_samples, bool replacement, Generator& g,
                   Tensor* out = nullptr);
Tensor randperm(int64_t n, DType dtype, Generator& g, Tensor* out = nullptr);
// NumPy's choice of positions below n: LongTensor of size `shape`; p (n), or null, sums to 1.
Tensor choice(int64_t n, const Shape& shape, bool replace, const Tensor* p, Generator& g);

}  // namespace torch::ops
