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

// The unfolded image of one group: row (c, i, j) holds, for every output position, the input
// element that weight element meets.
struct Columns {
  int64_t rows, width;
  double* data;
  size_t block;
  explicit Columns(const kernels::Conv2d& p)
      : rows(p.c / p.groups * p.kh * p.kw),
        width(p.ho * p.wo),
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

// Calls f(row, plane, y, x) for each row of Columns: input plane, and where output position (0, 0)
// lies in it.
template <class F>
void for_rows(const kernels::Conv2d& p, const Columns& columns, F f) {
  int64_t window = p.kh * p.kw;
  int64_t channels = p.c / p.groups,
          grain = std::max<int64_t>(1, kMemoryGrain / (window * columns.width));
  // whole channels, so that rows that add into one plane stay in one thread
  parallel_for(channels, grain, [&](int64_t b, int64_t e) {
    for (int64_t row = b * window; row < e * window; ++row) {
      int64_t i = row / p.kw % p.kh, j = row % p.kw;
      f(columns.data + row * columns.width, row / window, i * p.dilation[0] - p.padding[0],
        j * p.dilation[1] - p.padding[1]);
    }
  });
}

// columns = unfolded image
void unfold(const kernels::Conv2d& p, const double* image, Columns& columns) {
  for_rows(p, columns, [&](double* row, int64_t channel, int64_t y, int64_t x) {
    const double* plane = image + channel * p.h * p.w;
    Inside ys(y, p.stride[0], p.h, p.ho), xs(x, p.stride[1], p.w, p.wo);
    std::memset(row, 0, columns.width * sizeof(double));
    for (int64_t oy = ys.begin; oy < ys.end; ++oy) {
      const double* in = plane + (y + oy * p.stride[0]) * p.w + x;
      double* out = row + oy * p.wo;
      for (int64_t ox = xs.begin; ox < xs.end; ++ox) out[ox] = in[ox * p.stride[1]];
    }
  });
}

// image = sum of the columns' elements over each place they came from
void fold(const kernels::Conv2d& p, const Columns& columns, double* image) {
  std::memset(image, 0, p.c / p.groups * p.h * p.w * sizeof(double));
  for_rows(p, columns, [&](const double* row, int64_t channel, int64_t y, int64_t x) {
    double* plane = image + channel * p.h * p.w;
    Inside ys(y, p.stride[0], p.h, p.ho), xs(x, p.stride[1], p.w, p.wo);
    for (int64_t oy = ys.begin; oy < ys.end; ++oy) {
      const double* in = row + oy * p.wo;
      double* out = plane + (y + oy * p.stride[0]) * p.w + x;
      for (int64_t ox = xs.begin; ox < xs.end; ++ox) out[ox * p.stride[1]] += in[ox];
    }
  });
}

const char* bytes(const double* p) { return reinterpret_cast<const char*>(p); }
char* bytes(double* p) { return reinterpret_cast<char*>(p); }

// Calls f(image, weight, output) with the part of each that belongs to one image and one group.
template <class F>
void for_groups(const kernels::Conv2d& p, int64_t rows, F f) {
  int64_t outputs = p.o / p.groups;
  for (int64_t n = 0; n < p.n; ++n) {
    for (int64_t g = 0; g < p.groups; ++g) {
      f(reinterpret_cast<double*>(p.input) + (n * p.groups + g) * (p.c / p.groups) * p.h * p.w,
        reinterpret_cast<double*>(p.weight) + g * outputs * rows,
        reinterpret_cast<double*>(p.output) + (n * p.groups + g) * outputs * p.ho * p.wo, n, g);
    }
  }
}

void multiply(const kernels::Gemm& g) {
  gemm_double(g, reinterpret_cast<const double*>(g.a), reinterpret_cast<const double*>(g.b),
              reinterpret_cast<double*>(g.c));
}

void forward(const kernels::Conv2d& p) {
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

void input_grad(const kernels::Conv2d& p) {
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

void weight_grad(const kernels::Conv2d& p) {
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
  t.forward[f32] = &conv2d_onednn;
  t.input_grad[f32] = &conv2d_input_grad_onednn;
  t.weight_grad[f32] = &conv2d_weight_grad_onednn;
  t.forward[f64] = &forward;
  t.input_grad[f64] = &input_grad;
  t.weight_grad[f64] = &weight_grad;
  return t;
}

}  // namespace

extern constinit const kernels::ConvTable conv = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
