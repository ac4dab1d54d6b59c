#include "torch/ops/pool.h"

#include <algorithm>
#include <vector>

#include "kernels/nn_tables.h"
#include "ops/check.h"
#include "torch/ops/channels_last.h"
#include "torch/ops/copy.h"
#include "torch/ops/reduce.h"

namespace torch::ops {
namespace {

using kernels::kSpatial;

constexpr const char* kLayout = "(batch, channels, 1 to 3 spatial sizes)";

int check_spatial(const char* op, const char* name, const Shape& size) {
  int dims = size.size() - 2;
  if (dims < 1 || dims > kSpatial)
    raise<ValueError>(op, ": expected ", name, " of size ", kLayout, ", got ", size);
  return dims;
}

// The windows along one dimension, and what a mean over each is divided by.
struct Bounds {
  std::vector<int64_t> begin, end, count;
  int64_t step = 1, stride = 0;
};

// What a plan points into.
struct Layout {
  Bounds dims[kSpatial];
  Layout() {
    for (Bounds& b : dims) b.begin = {0}, b.end = {1}, b.count = {1};
  }
};

int64_t axis(int i, int dims) { return kSpatial - dims + i; }

// Number of windows along spatial dimension i.
int64_t window_count(const char* op, int i, int64_t in, const PoolOptions& o) {
  int64_t kernel = o.kernel_size[i], stride = o.stride[i], padding = o.padding[i],
          dilation = o.dilation[i];
  int64_t room = in + 2 * padding - dilation * (kernel - 1) - 1 + (o.ceil_mode ? stride - 1 : 0);
  int64_t n = room < 0 || in < 1 ? 0 : room / stride + 1;
  // the last one must not start in the padding
  if (o.ceil_mode && n > 0 && (n - 1) * stride >= in + padding) --n;
  if (n < 1 || in > kLongest) {
    raise<ValueError>(op, ": expected a padded input that holds the kernel, got input ", in,
                      ", padding ", padding, ", kernel ", kernel, ", dilation ", dilation,
                      " in dimension ", 2 + i);
  }
  // Through the holes of its dilation a window that starts in the padding may miss a small input.
  for (int64_t start = -padding, k = 0; start < 0 && k < n; start += stride, ++k) {
    int64_t first = start + (-start + dilation - 1) / dilation * dilation;
    if (first > start + (kernel - 1) * dilation || first >= in) {
      raise<ValueError>(op,
                        ": expected windows that hold an element of the input, got none in window ",
                        k, " with input ", in, ", padding ", padding, ", kernel ", kernel,
                        ", dilation ", dilation, " in dimension ", 2 + i);
    }
  }
  return n;
}

Bounds strided(const PoolOptions& o, int i, int64_t in, int64_t n, bool count_padding) {
  Bounds b;
  int64_t dilation = b.step = o.dilation[i];
  for (int64_t k = 0; k < n; ++k) {
    int64_t start = k * o.stride[i] - o.padding[i];
    int64_t stop = start + (o.kernel_size[i] - 1) * dilation + 1;
    int64_t first = start < 0 ? start + (-start + dilation - 1) / dilation * dilation : start;
    int64_t last = std::min(stop, in);
    b.begin.push_back(first);
    b.end.push_back(last);
    b.count.push_back(count_padding ? std::min(stop, in + o.padding[i]) - start : last - first);
  }
  return b;
}

Layout strided_layout(const Shape& input, const Shape& out, const PoolOptions& o,
                      bool count_padding) {
  Layout layout;
  int dims = input.size() - 2;
  for (int i = 0; i < dims; ++i)
    layout.dims[axis(i, dims)] = strided(o, i, input[2 + i], out[2 + i], count_padding);
  return layout;
}

Layout adaptive_layout(const Shape& input, const Shape& out) {
  Layout layout;
  int dims = input.size() - 2;
  for (int i = 0; i < dims; ++i) {
    int64_t in = input[2 + i], n = out[2 + i];
    Bounds b;
    for (int64_t k = 0; k < n; ++k) {
      b.begin.push_back(k * in / n);
      b.end.push_back(((k + 1) * in + n - 1) / n);
      b.count.push_back(b.end.back() - b.begin.back());
    }
    layout.dims[axis(i, dims)] = std::move(b);
  }
  return layout;
}

// `last` says that both images lie channels last.
kernels::Pool plan(const Shape& input, const Shape& out, const Layout& layout, bool last) {
  kernels::Pool p{};
  p.planes = last ? input[0] : input[0] * input[1];
  p.lanes = last ? input[1] : 1;
  int dims = input.size() - 2;
  for (int i = 0; i < dims; ++i) {
    p.windows[axis(i, dims)].in = input[2 + i];
    p.windows[axis(i, dims)].out = out[2 + i];
  }
  for (int i = 0; i < kSpatial; ++i) {
    const Bounds& b = layout.dims[i];
    kernels::Windows& w = p.windows[i];
    w.step = b.step;
    w.stride = b.stride;
    w.begin = b.begin.data();
    w.end = b.end.data();
    w.count = b.count.data();
  }
  return p;
}

bool is_2x2(const Shape& input, const Shape& out, const PoolOptions& o) {
  const Shape two{2, 2}, none{0, 0}, one{1, 1};
  // with ceil_mode the last windows may be cut off
  return o.kernel_size == two && o.stride == two && o.padding == none && o.dilation == one &&
         2 * out[2] <= input[2] && 2 * out[3] <= input[3];
}

// Memory for an image that lies channels last or not.
Tensor empty_image(const Shape& shape, DType dtype, Device device, bool last) {
  return last ? empty_channels_last(shape, dtype, device) : empty(shape, dtype, device);
}

int64_t plane(const Shape& size) {
  int64_t n = 1;
  for (int d = 2; d < size.size(); ++d) n *= size[d];
  return n;
}

// Whether `t` lies channels last, in planes whose positions the kernels can count.
bool lies_last(const Tensor& t) {
  return channels_last_view(t).defined() && plane(t.shape()) <= kLongest;
}

// Whether to pool `t` channels last, even if it has to be copied: windows over single channels run
// through loops of a few elements. `simple` ones do not.
bool works_last(const Tensor& t, bool simple) {
  return lies_last(t) || (!simple && prefers_channels_last(t.shape(), t.dtype(), t.device()) &&
                          plane(t.shape()) <= kLongest);
}

// What the kernels read of an image beside others that lie channels last, or do not.
Tensor beside(const Tensor& t, bool last) { return last ? to_channels_last(t) : contiguous(t); }

std::pair<Tensor, Tensor> run_max(const char* op, const Tensor& input, const Shape& size,
                                  const Layout& layout, bool simple) {
  DType dtype = input.dtype();
  auto* kernel = require(kernels::pool.on(op, input.device()).max_pool[index(dtype)], op, dtype,
                         input.device());
  bool last = layout.dims[kSpatial - 1].stride == 0 && works_last(input, simple);
  Tensor out = empty_image(size, dtype, input.device(), last),
         indices = empty_image(size, DType::kInt64, input.device(), last);
  Tensor x = beside(input, last);
  kernels::Pool p = plan(x.shape(), size, layout, last);
  p.is_2x2 = simple;
  p.input = x.bytes();
  p.output = out.bytes();
  p.indices = indices.data<int64_t>();
  kernel(p);
  return {hide_channels_last(out), hide_channels_last(indices)};
}

// Size of an adaptive pooling's output; ValueError unless the sizes fit.
Shape adaptive_size(const char* op, const Shape& input, const Shape& output_size) {
  int dims = check_spatial(op, "input", input);
  check_numbers(op, "output_size", output_size, dims, 1);
  Shape size{input[0], input[1]};
  for (int i = 0; i < dims; ++i) {
    if (input[2 + i] < 1 || input[2 + i] > kLongest)
      raise<ValueError>(op, ": expected spatial sizes of 1 to ", kLongest, ", got input ", input);
    size.push_back(output_size[i]);
  }
  checked_numel(op, size);
  return size;
}

Tensor run_avg(const char* op, const Tensor& input, const Shape& size, const Layout& layout) {
  DType dtype = input.dtype();
  auto* kernel = require(kernels::pool.on(op, input.device()).avg_pool[index(dtype)], op, dtype,
                         input.device());
  bool last = works_last(input, false);
  Tensor out = empty_image(size, dtype, input.device(), last), x = beside(input, last);
  kernels::Pool p = plan(x.shape(), size, layout, last);
  p.input = x.bytes();
  p.output = out.bytes();
  kernel(p);
  return hide_channels_last(out);
}

Tensor run_avg_input_grad(const char* op, const Tensor& grad_output, const Shape& input_size,
                          const Layout& layout) {
  DType dtype = grad_output.dtype();
  auto* kernel =
      require(kernels::pool.on(op, grad_output.device()).avg_pool_input_grad[index(dtype)], op,
              dtype, grad_output.device());
  // One number for a whole plane does not say how the image lay: most come from convolutions.
  bool last =
      lies_last(grad_output) || (plane(grad_output.shape()) == 1 && plane(input_size) <= kLongest &&
                                 prefers_channels_last(input_size, dtype, grad_output.device()));
  Tensor grad = empty_image(input_size, dtype, grad_output.device(), last),
         gy = last ? as_it_lies(grad_output) : contiguous(grad_output);
  kernels::Pool p = plan(input_size, gy.shape(), layout, last);
  p.input = grad.bytes();
  p.output = gy.bytes();
  kernel(p);
  return hide_channels_last(grad);
}

// The sizes of scatter and gather; `in` is the side with whole planes.
kernels::PoolMap map(const Shape& in, const Tensor& indices, bool last) {
  return {last ? in[0] : in[0] * in[1],
          plane(in),
          plane(indices.shape()),
          last ? in[1] : 1,
          nullptr,
          nullptr,
          nullptr};
}

void check_indices(const char* op, const char* name, const Shape& in, const Tensor& indices,
                   Device device) {
  check_spatial(op, name, in);
  check_type(op, "indices", indices, DType::kInt64, device);
  if (indices.ndim() != in.size() || in[0] != indices.size(0) || in[1] != indices.size(1)) {
    raise<ValueError>(op, ": expected indices with the batch and channels of ", name, " ", in,
                      ", got ", indices.shape());
  }
}

// `position` is one in the memory of the indices, as they lie.
[[noreturn]] void raise_index(const char* op, const Tensor& lying, int64_t position, bool last,
                              int64_t limit) {
  Tensor indices = contiguous(lying);
  if (last) {
    int64_t channels = lying.size(1), positions = plane(lying.shape());
    position = (position / channels / positions * channels + position % channels) * positions +
               position / channels % positions;
  }
  raise<IndexError>(op, ": index ", indices.data<int64_t>()[position], " at ",
                    unravel(position, indices.shape()), " is out of range for planes of ", limit,
                    " elements");
}

// Zeros of size `whole` with the elements of `parts` at their indices.
Tensor spread(const char* op, int64_t (*const (&kernels)[kDTypes])(const kernels::PoolMap&),
              const Tensor& parts, const Tensor& indices, const Shape& whole) {
  DType dtype = parts.dtype();
  auto* kernel = require(kernels[index(dtype)], op, dtype, parts.device());
  bool last = lies_last(indices);
  Tensor out = empty_image(whole, dtype, parts.device(), last);
  Tensor from = beside(parts, last), at = beside(indices, last);
  kernels::PoolMap p = map(whole, indices, last);
  p.input = out.bytes();
  p.output = from.bytes();
  p.indices = at.data<int64_t>();
  if (int64_t bad = kernel(p); bad >= 0) raise_index(op, at, bad, last, p.in);
  return hide_channels_last(out);
}

}  // namespace

Meta pool_meta(const char* op, const Shape& input, const PoolOptions& options, DType dtype) {
  int dims = check_spatial(op, "input", input);
  check_numbers(op, "kernel_size", options.kernel_size, dims, 1);
  check_numbers(op, "stride", options.stride, dims, 1);
  check_numbers(op, "padding", options.padding, dims, 0);
  check_numbers(op, "dilation", options.dilation, dims, 1);
  Shape size{input[0], input[1]};
  for (int i = 0; i < dims; ++i) {
    if (options.padding[i] > options.kernel_size[i] / 2) {
      raise<ValueError>(op, ": expected padding of at most half the kernel, got padding ",
                        options.padding[i], " and kernel ", options.kernel_size[i],
                        " in dimension ", 2 + i);
    }
    size.push_back(window_count(op, i, input[2 + i], options));
  }
  return {size, dtype};
}

std::pair<Tensor, Tensor> max_pool(const Tensor& input, const PoolOptions& options) {
  constexpr const char* op = "max_pool";
  check_floating(op, "input", input);
  Shape size = pool_meta(op, input.shape(), options, input.dtype()).shape;
  bool simple = size.size() == 4 && is_2x2(input.shape(), size, options);
  return run_max(op, input, size, strided_layout(input.shape(), size, options, false), simple);
}

std::pair<Tensor, Tensor> adaptive_max_pool(const Tensor& input, const Shape& output_size) {
  constexpr const char* op = "adaptive_max_pool";
  check_floating(op, "input", input);
  Shape size = adaptive_size(op, input.shape(), output_size);
  return run_max(op, input, size, adaptive_layout(input.shape(), size), false);
}

std::pair<Tensor, Tensor> fractional_max_pool(const Tensor& input, const Shape& kernel_size,
                                              const Shape& output_size, const Tensor& samples) {
  constexpr const char* op = "fractional_max_pool";
  check_floating(op, "input", input);
  Shape size = adaptive_size(op, input.shape(), output_size);
  int dims = output_size.size();
  check_numbers(op, "kernel_size", kernel_size, dims, 1);
  check_type(op, "samples", samples, input.dtype(), input.device());
  check_size(op, "samples", samples, {input.size(0), input.size(1), dims});
  Tensor u = to(contiguous(samples), DType::kFloat64);
  int64_t planes = size[0] * size[1];
  Layout layout;
  for (int i = 0; i < dims; ++i) {
    int64_t in = input.size(2 + i), n = output_size[i], kernel = kernel_size[i];
    if (n > in - kernel + 1) {
      raise<ValueError>(op, ": expected an output of at most ",
                        std::max<int64_t>(0, in - kernel + 1), " in dimension ", 2 + i,
                        " for input ", in, " and kernel ", kernel, ", got ", n);
    }
    Bounds& b = layout.dims[axis(i, dims)];
    b = Bounds();
    b.stride = n;
    double step = n > 1 ? static_cast<double>(in - kernel) / static_cast<double>(n - 1) : 0;
    for (int64_t p = 0; p < planes; ++p) {
      double from = u.data<double>()[p * dims + i];
      if (!(from >= 0 && from < 1)) {
        raise<ValueError>(op, ": expected samples in [0, 1), got ", from, " at ",
                          unravel(p * dims + i, samples.shape()));
      }
      for (int64_t k = 0; k < n; ++k) {
        int64_t begin = k == n - 1 ? in - kernel
                                   : static_cast<int64_t>((static_cast<double>(k) + from) * step) -
                                         static_cast<int64_t>(from * step);
        b.begin.push_back(begin);
        b.end.push_back(begin + kernel);
      }
    }
    if (planes == 0) b.begin = b.end = std::vector<int64_t>(n);
  }
  return run_max(op, input, size, layout, false);
}

Tensor max_pool_input_grad(const Tensor& grad_output, const Tensor& indices,
                           const Shape& input_size) {
  constexpr const char* op = "max_pool_input_grad";
  check_floating(op, "grad_output", grad_output);
  checked_numel(op, input_size);
  check_indices(op, "input_size", input_size, indices, grad_output.device());
  check_size(op, "grad_output", grad_output, indices.shape());
  return spread(op, kernels::pool.on(op, grad_output.device()).scatter_add, grad_output, indices,
                input_size);
}

Tensor max_unpool(const Tensor& input, const Tensor& indices, const Shape& output_size) {
  constexpr const char* op = "max_unpool";
  check_floating(op, "input", input);
  checked_numel(op, output_size);
  check_indices(op, "output_size", output_size, indices, input.device());
  check_size(op, "input", input, indices.shape());
  return spread(op, kernels::pool.on(op, input.device()).scatter, input, indices, output_size);
}

Tensor max_pool_gather(const Tensor& input, const Tensor& indices) {
  constexpr const char* op = "max_pool_gather";
  check_floating(op, "input", input);
  check_indices(op, "input", input.shape(), indices, input.device());
  DType dtype = input.dtype();
  auto* kernel =
      require(kernels::pool.on(op, input.device()).gather[index(dtype)], op, dtype, input.device());
  bool last = lies_last(indices);
  Tensor out = empty_image(indices.shape(), dtype, input.device(), last);
  Tensor x = beside(input, last), at = beside(indices, last);
  kernels::PoolMap p = map(x.shape(), indices, last);
  p.input = x.bytes();
  p.output = out.bytes();
  p.indices = at.data<int64_t>();
  if (int64_t bad = kernel(p); bad >= 0) raise_index(op, at, bad, last, p.in);
  return hide_channels_last(out);
}

Tensor avg_pool(const Tensor& input, const PoolOptions& options, bool count_include_pad) {
  constexpr const char* op = "avg_pool";
  check_floating(op, "input", input);
  Shape size = pool_meta(op, input.shape(), options, input.dtype()).shape;
  return run_avg(op, input, size, strided_layout(input.shape(), size, options, count_include_pad));
}

Tensor avg_pool_input_grad(const Tensor& grad_output, const Shape& input_size,
                           const PoolOptions& options, bool count_include_pad) {
  constexpr const char* op = "avg_pool_input_grad";
  check_floating(op, "grad_output", grad_output);
  checked_numel(op, input_size);
  Shape size = pool_meta(op, input_size, options, grad_output.dtype()).shape;
  check_size(op, "grad_output", grad_output, size);
  return run_avg_input_grad(op, grad_output, input_size,
                            strided_layout(input_size, size, options, count_include_pad));
}

Tensor adaptive_avg_pool(const Tensor& input, const Shape& output_size) {
  constexpr const char* op = "adaptive_avg_pool";
  check_floating(op, "input", input);
  Shape size = adaptive_size(op, input.shape(), output_size);
  if (plane(size) == 1 && !lies_last(input)) {
    Shape spatial;
    for (int d = 2; d < size.size(); ++d) spatial.push_back(d);
    return reduce(ReduceOp::mean, op, input, spatial, true);
  }
  return run_avg(op, input, size, adaptive_layout(input.shape(), size));
}

Tensor adaptive_avg_pool_input_grad(const Tensor& grad_output, const Shape& input_size) {
  constexpr const char* op = "adaptive_avg_pool_input_grad";
  check_floating(op, "grad_output", grad_output);
  checked_numel(op, input_size);
  check_spatial(op, "grad_output", grad_output.shape());
  Shape output_size;
  for (int d = 2; d < grad_output.ndim(); ++d) output_size.push_back(grad_output.size(d));
  Shape size = adaptive_size(op, input_size, output_size);
  check_size(op, "grad_output", grad_output, size);
  return run_avg_input_grad(op, grad_output, input_size, adaptive_layout(input_size, size));
}

}  // namespace torch::ops
