#include "torch/ops/histogram.h"

#include <cmath>

#include "kernels/sort_table.h"
#include "torch/ops/copy.h"
#include "torch/ops/elementwise.h"
#include "torch/ops/reduce.h"
#include "torch/ops/search.h"
#include "torch/ops/view.h"

namespace torch::ops {
namespace {

void check_bins(const char* op, int64_t bins) {
  if (bins < 1) raise<ValueError>(op, ": expected one bin or more, got ", bins);
}

// The bounds of the bins: the elements' own where the given ones are equal. Elements that are all
// the same lie in the middle of bins that reach `margin` to both sides.
struct Bounds {
  double lower, upper;
};

Bounds element_bounds(const char* op, const Tensor& x, double margin) {
  if (x.numel() == 0) return {0, 1};
  Bounds b{reduce_all(ReduceOp::amin, x).as_double(), reduce_all(ReduceOp::amax, x).as_double()};
  if (!std::isfinite(b.lower) || !std::isfinite(b.upper)) {
    raise<ValueError>(op, ": expected finite elements or a range, got elements from ", b.lower,
                      " to ", b.upper);
  }
  if (b.lower == b.upper) return {b.lower - margin, b.upper + margin};
  return b;
}

void check_bounds(const char* op, double lower, double upper) {
  if (!std::isfinite(lower) || !std::isfinite(upper) || lower > upper) {
    raise<ValueError>(op, ": expected a finite range with min <= max, got ", lower, " to ", upper);
  }
}

// bins + 1 evenly spaced numbers, the last one exactly `upper`.
Tensor even_edges(const char* op, Bounds b, int64_t bins, DType dtype) {
  checked_numel(op, {bins, 2});
  return to(linspace(op, b.lower, b.upper, bins + 1, DType::kFloat64), dtype);
}

// int64 counts of the elements between the edges
Tensor count_between(const char* op, const Tensor& x, const Tensor& edges) {
  DType dtype = computing(floating(x.dtype()));
  Tensor in = contiguous(to(x, dtype)), e = to(edges, dtype);
  int64_t bins = edges.numel() - 1;
  Tensor counts = zeros({bins}, DType::kInt64);
  auto* kernel =
      require(kernels::histogram.on(op, x.device()).bin[index(dtype)], op, dtype, x.device());
  if (in.numel() > 0) kernel(in.bytes(), in.numel(), e.bytes(), bins, counts.data<int64_t>());
  return counts;
}

Tensor differences(const Tensor& t) {
  int64_t n = t.numel() - 1;
  return binary(BinaryOp::sub, narrow(t, 0, 1, n), narrow(t, 0, 0, n));
}

// Counts as a density: its integral over the bins is 1.
Tensor as_density(const Tensor& counts, const Tensor& edges) {
  Tensor widths = differences(to(edges, DType::kFloat64));
  double total = reduce_all(ReduceOp::sum, counts).as_double();
  return binary(BinaryOp::div, binary(BinaryOp::div, counts, widths), Scalar(total));
}

}  // namespace

Tensor bincount(const Tensor& x, const Tensor* weights, int64_t minlength) {
  if (x.ndim() != 1 || (!is_integral(x.dtype()) && x.dtype() != DType::kBool))
    raise<TypeError>("bincount: expected a vector of integers, got ", x);
  if (minlength < 0)
    raise<ValueError>("bincount: expected minlength of 0 or more, got ", minlength);
  if (weights && weights->shape() != x.shape())
    raise<ValueError>("bincount: expected weights of size ", x.shape(), ", got ", *weights);
  Tensor in = contiguous(x.dtype() == DType::kBool ? to(x, DType::kUInt8) : x);
  const auto& table = kernels::histogram.on("bincount", x.device());
  int64_t bins = minlength, k = index(in.dtype());
  if (in.numel() > 0) {
    int64_t smallest, largest;
    require(table.extent[k], "bincount", in.dtype(), x.device())(in.bytes(), in.numel(), &smallest,
                                                                 &largest);
    if (smallest < 0) raise<ValueError>("bincount: expected integers of 0 or more, got ", smallest);
    if (largest >= bins) {
      checked_numel("bincount", {largest});
      bins = largest + 1;
    }
  }
  Tensor out = zeros({bins}, weights ? DType::kFloat64 : DType::kInt64);
  if (in.numel() == 0) return out;
  if (weights) {
    Tensor w = contiguous(to(*weights, DType::kFloat64));
    table.weigh[k](in.bytes(), w.data<double>(), in.numel(), bins, out.data<double>());
  } else {
    table.count[k](in.bytes(), in.numel(), bins, out.data<int64_t>());
  }
  return out;
}

Tensor histc(const Tensor& x, int64_t bins, double lower, double upper) {
  check_bins("histc", bins);
  check_bounds("histc", lower, upper);
  Bounds b = lower == upper ? element_bounds("histc", x, 1) : Bounds{lower, upper};
  Tensor edges = even_edges("histc", b, bins, computing(floating(x.dtype())));
  Tensor counts = count_between("histc", x, edges);
  return is_floating(x.dtype()) ? to(counts, x.dtype()) : counts;
}

Histogram histogram(const Tensor& x, int64_t bins, const double* range, bool density) {
  check_bins("histogram", bins);
  if (range) check_bounds("histogram", range[0], range[1]);
  Bounds b = range ? Bounds{range[0], range[1]} : element_bounds("histogram", x, 0.5);
  if (b.lower == b.upper) b = {b.lower - 0.5, b.upper + 0.5};
  Tensor edges = even_edges("histogram", b, bins, floating(x.dtype()));
  Tensor counts = count_between("histogram", x, edges);
  return {density ? as_density(counts, edges) : counts, edges};
}

Histogram histogram(const Tensor& x, const Tensor& edges, bool density) {
  if (edges.ndim() != 1 || edges.numel() < 2)
    raise<ValueError>("histogram: expected a vector of two edges or more as bins, got ", edges);
  Tensor ordered = binary(BinaryOp::le, narrow(edges, 0, 0, edges.numel() - 1),
                          narrow(edges, 0, 1, edges.numel() - 1));
  if (!reduce_all(ReduceOp::all, ordered).i)
    raise<ValueError>("histogram: expected bins to ascend");
  int64_t bins = edges.numel() - 1;
  Tensor c = contiguous(x);
  Tensor vector(c.storage(), {c.numel()}, {1}, c.offset());
  // Bin k holds what fits behind edge k; the last one also what equals its upper edge.
  Tensor counts = bincount(searchsorted(edges, vector, true, nullptr), nullptr, bins + 2);
  counts = clone(narrow(counts, 0, 1, bins));
  Tensor last = narrow(counts, 0, bins - 1, 1);
  Tensor on_edge = binary(BinaryOp::eq, vector, narrow(edges, 0, bins, 1));
  binary(BinaryOp::add, last, reduce_all(ReduceOp::sum, on_edge), &last);
  return {density ? as_density(counts, edges) : counts, edges};
}

}  // namespace torch::ops
