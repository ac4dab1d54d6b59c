// Counting elements by value.
#pragma once
#include <utility>

#include "torch/tensor.h"

namespace torch::ops {

// out[v] = how often v occurs, or the sum of its weights (float64).
Tensor bincount(const Tensor& x, const Tensor* weights, int64_t minlength);
// Counts in evenly spaced bins from lower to upper; equal bounds mean those of the elements. In the
// dtype of a floating `x`, LongTensor otherwise.
Tensor histc(const Tensor& x, int64_t bins, double lower, double upper);

struct Histogram {
  Tensor counts, edges;
};
// As numpy.histogram. range: two numbers, or null for the range of the elements.
Histogram histogram(const Tensor& x, int64_t bins, const double* range, bool density);
// Bins between given ascending edges.
Histogram histogram(const Tensor& x, const Tensor& edges, bool density);

}  // namespace torch::ops
