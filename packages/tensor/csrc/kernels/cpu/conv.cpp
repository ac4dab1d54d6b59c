// Convolution: float32 on oneDNN, float64 as matrix products over unfolded images (im2col).
#include <algorithm>
#include <cstring>

#include "kernels/cpu/blas.h"
#include "kernels/cpu/conv_onednn.h"
#include "kernels/cpu/drive.h"
#include "kernels/cpu/isa.h"
#include "kernels/nn_tables.h"
#include "torch/allocator.h"
#include "torch/parallel.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

using kernels::product;

// The unfolded image of one group: row (c, k, i, j) holds, for every output position, the input
// element that weight element meets.
struct Columns {
  int64_t rows, width;
  double* data;
  size_t block;
  explicit Columns(const kernels::Conv& p)
      : rows(p.c / p.groups * product(p.kernel)),
        width(product(p.out)),
        data(static_cast<double*>(
            host_alloc(static_cast<size_t>(rows) * width * sizeof(double), &block))) {}
  ~Columns() { host_free(data, block); }
  Columns(const Columns&) = delete;
};

// Output positions along one dimension, [begin, end), whose input position start + position *
// stride lies in [0, size).
struct Inside {
  int64_t begin, end;
  Inside(int64_t start, int64_t stride, int64_t size, int64_t positions) {
    begin = start >= 0 ? 0 : std::min(positions, (-start + stride - 1) / stride);
    end =
        start >= size ? begin : std::clamp((size - start + stride - 1) / stride, begin, positions);
  }
};

// Calls f(row, channel, start) for each row of Columns: the input's channel, and where output
// position 0 lies in it.
template <class F>
void for_rows(const kernels::Conv& p, const Columns& columns, F f) {
  int64_t window = product(p.kernel);
  int64_t channels = p.c / p.groups,
          grain = std::max<int64_t>(1, kMemoryGrain / (window * columns.width));
  // whole channels, so that rows that add into one channel stay in one thread
  parallel_for(channels, grain, [&](int64_t b, int64_t e) {
    for (int64_t row = b * window; row < e * window; ++row) {
      kernels::Triple at{row / (p.kernel[1] * p.kernel[2]) % p.kernel[0],
                         row / p.kernel[2] % p.kernel[1], row % p.kernel[2]};
      for (int i = 0; i < kernels::kSpatial; ++i) at[i] = at[i] * p.dilation[i] - p.padding[i];
      f(columns.data + row * columns.width, row / window, at);
    }
  });
}

// Calls f(position in the channel, position in the row, count) for each run of outputs along the
// last dimension whose inputs lie inside; neighbours are p.stride[2] apart in the channel.
template <class F>
void for_runs(const kernels::Conv& p, const kernels::Triple& start, F f) {
  Inside zs(start[0], p.stride[0], p.in[0], p.out[0]), ys(start[1], p.stride[1], p.in[1], p.out[1]),
      xs(start[2], p.stride[2], p.in[2], p.out[2]);
  for (int64_t oz = zs.begin; oz < zs.end; ++oz) {
    for (int64_t oy = ys.begin; oy < ys.end; ++oy) {
      int64_t z = start[0] + oz * p.stride[0], y = start[1] + oy * p.stride[1];
      f((z * p.in[1] + y) * p.in[2] + start[2] + xs.begin * p.stride[2],
        (oz * p.out[1] + oy) * p.out[2] + xs.begin, xs.end - xs.begin);
    }
  }
}

// columns = unfolded image
void unfold(const kernels::Conv& p, const double* image, Columns& columns) {
  for_rows(p, columns, [&](double* row, int64_t channel, const kernels::Triple& start) {
    const double* from = image + channel * product(p.in);
    std::memset(row, 0, columns.width * sizeof(double));
    for_runs(p, start, [&](int64_t in, int64_t out, int64_t n) {
      for (int64_t i = 0; i < n; ++i) row[out + i] = from[in + i * p.stride[2]];
    });
  });
}

// image = sum of the columns' elements over each place they came from
void fold(const kernels::Conv& p, const Columns& columns, double* image) {
  std::memset(image, 0, p.c / p.groups * product(p.in) * sizeof(double));
  for_rows(p, columns, [&](const double* row, int64_t channel, const kernels::Triple& start) {
    double* to = image + channel * product(p.in);
    for_runs(p, start, [&](int64_t in, int64_t out, int64_t n) {
      for (int64_t i = 0; i < n; ++i) to[in + i * p.stride[2]] += row[out + i];
    });
  });
}

const char* bytes(const double* p) { return reinterpret_cast<const char*>(p); }
char* bytes(double* p) { return reinterpret_cast<char*>(p); }

// Calls f(image, weight, output) with the part of each that belongs to one image and one group.
template <class F>
void for_groups(const kernels::Conv& p, int64_t rows, F f) {
  int64_t outputs = p.o / p.groups;
  for (int64_t n = 0; n < p.n; ++n) {
    for (int64_t g = 0; g < p.groups; ++g) {
      f(reinterpret_cast<double*>(p.input) + (n * p.groups + g) * (p.c / p.groups) * product(p.in),
        reinterpret_cast<double*>(p.weight) + g * outputs * rows,
        reinterpret_cast<double*>(p.output) + (n * p.groups + g) * outputs * product(p.out), n, g);
    }
  }
}

void multiply(const kernels::Gemm& g) {
  gemm_double(g, reinterpret_cast<const double*>(g.a), reinterpret_cast<const double*>(g.b),
              reinterpret_cast<double*>(g.c));
}

void forward(const kernels::Conv& p) {
  Columns columns(p);
  int64_t outputs = p.o / p.groups, width = columns.width;
  for_groups(p, columns.rows,
             [&](const double* image, const double* weight, double* out, int64_t, int64_t g) {
               unfold(p, image, columns);
               if (p.bias) {
                 const double* bias = reinterpret_cast<const double*>(p.bias) + g * outputs;
                 for (int64_t o = 0; o < outputs; ++o) std::fill_n(out + o * width, width, bias[o]);
               }
               multiply({outputs,
                         width,
                         columns.rows,
                         bytes(weight),
                         columns.rows,
                         1,
                         bytes(columns.data),
                         width,
                         1,
                         bytes(out),
                         1.0,
                         p.bias ? 1.0 : 0.0,
                         {},
                         {},
                         {}});
             });
}

void input_grad(const kernels::Conv& p) {
  Columns columns(p);
  int64_t outputs = p.o / p.groups, width = columns.width;
  for_groups(p, columns.rows,
             [&](double* image, const double* weight, const double* out, int64_t, int64_t) {
               multiply({columns.rows,
                         width,
                         outputs,
                         bytes(weight),
                         1,
                         columns.rows,
                         bytes(out),
                         width,
                         1,
                         bytes(columns.data),
                         1.0,
                         0.0,
                         {},
                         {},
                         {}});
               fold(p, columns, image);
             });
}

void weight_grad(const kernels::Conv& p) {
  Columns columns(p);
  int64_t outputs = p.o / p.groups, width = columns.width;
  for_groups(p, columns.rows,
             [&](const double* image, double* weight, const double* out, int64_t n, int64_t) {
               unfold(p, image, columns);
               multiply({outputs,
                         columns.rows,
                         width,
                         bytes(out),
                         width,
                         1,
                         bytes(columns.data),
                         1,
                         width,
                         bytes(weight),
                         1.0,
                         n == 0 ? 0.0 : 1.0,
                         {},
                         {},
                         {}});
             });
}

constexpr kernels::ConvTable make_table() {
  kernels::ConvTable t{};
  constexpr int f32 = torch::index(DType::kFloat32), f64 = torch::index(DType::kFloat64);
  t.forward[f32] = &conv_onednn;
  t.input_grad[f32] = &conv_input_grad_onednn;
  t.weight_grad[f32] = &conv_weight_grad_onednn;
  t.channels_last[f32] = true;
  t.forward[f64] = &forward;
  t.input_grad[f64] = &input_grad;
  t.weight_grad[f64] = &weight_grad;
  return t;
}

}  // namespace

extern constinit const kernels::ConvTable conv = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
