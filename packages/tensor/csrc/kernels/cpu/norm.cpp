#include <algorithm>
#include <vector>

#include "kernels/cpu/drive.h"
#include "kernels/cpu/isa.h"
#include "kernels/cpu/moments.h"
#include "kernels/nn_tables.h"
#include "torch/math.h"
#include "torch/parallel.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

constexpr int64_t kPiece = 1024;  // elements summed in their own type before double takes over
constexpr int64_t kStrip = 256;   // columns handled side by side
constexpr int64_t kSummed = 32;   // rows summed in their own type before double takes over

template <class T>
const T* read(const char* p) {
  return reinterpret_cast<const T*>(p);
}
template <class T>
T* write(char* p) {
  return reinterpret_cast<T*>(p);
}

// Sums of gy and of gy * (x - mean).
struct Sums {
  double g = 0, gx = 0;
};

template <class T>
Sums sums_of(const T* gy, const T* x, T mean, int64_t n) {
  Sums total;
  for (int64_t start = 0; start < n; start += kPiece) {
    auto [g, gx] = lane_sums<2>(
        std::min(kPiece, n - start),
        [=](auto a, auto b)
            __attribute__((always_inline)) { return std::array{a, a * (b - mean)}; },
        gy + start, x + start);
    total.g += static_cast<double>(g);
    total.gx += static_cast<double>(gx);
  }
  return total;
}

template <class T>
Moments moments_of_long(const T* x, int64_t n) {
  Moments all;
  for (int64_t start = 0; start < n; start += kPiece)
    all.merge(moments_of(x + start, std::min(kPiece, n - start)));
  return all;
}

int64_t channel_grain(const kernels::ChannelNorm& p) {
  return std::max<int64_t>(1, kMemoryGrain / std::max<int64_t>(1, p.n * p.inner));
}

// Calls f(first row, end of rows, first column, columns) for parts of x as a matrix (n, channels *
// inner), where its planes are too narrow for loops of their own: about kPartRows rows and kStrip
// columns each, the same for any number of threads.
constexpr int64_t kPartRows = 512;

template <class F>
void for_parts(const kernels::ChannelNorm& p, F f) {
  int64_t row = p.channels * p.inner, strips = (row + kStrip - 1) / kStrip,
          chunks = (p.n + kPartRows - 1) / kPartRows;
  int64_t grain = std::max<int64_t>(1, kMemoryGrain / (kPartRows * std::min(row, kStrip)));
  parallel_for(strips * chunks, grain, [&](int64_t b, int64_t e) {
    for (int64_t i = b; i < e; ++i) {
      int64_t first = i / strips * kPartRows, at = i % strips * kStrip;
      f(first, std::min(first + kPartRows, p.n), at, std::min(kStrip, row - at));
    }
  });
}

template <class T>
void channel_stats(const kernels::ChannelNorm& p) {
  const T* x = read<T>(p.x);
  T *mean = write<T>(p.mean), *variance = write<T>(p.inv_std);
  double count = static_cast<double>(p.n) * static_cast<double>(p.inner);
  parallel_for(p.channels, channel_grain(p), [&](int64_t b, int64_t e) {
    for (int64_t c = b; c < e; ++c) {
      Moments all;
      for (int64_t n = 0; n < p.n; ++n)
        all.merge(moments_of_long(x + (n * p.channels + c) * p.inner, p.inner));
      mean[c] = static_cast<T>(all.shift + all.mean);
      variance[c] = static_cast<T>(all.m2 / count);
    }
  });
}

// y = (x - mean) * scale + bias, or with null bias without it.
template <class T>
void affine(T* y, const T* x, T mean, T scale, T bias, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] = (x[i] - mean) * scale + bias;
}

template <class T>
void channel_norm(const kernels::ChannelNorm& p) {
  const T *x = read<T>(p.x), *w = read<T>(p.weight), *bias = read<T>(p.bias);
  const T *mean = read<T>(p.mean), *inv_std = read<T>(p.inv_std);
  T* y = write<T>(p.y);
  auto scale = [&](int64_t c) { return w ? inv_std[c] * w[c] : inv_std[c]; };
  auto shift = [&](int64_t c) { return bias ? bias[c] : T(0); };
  if (p.inner >= kernels::kNarrow) {
    int64_t grain = std::max<int64_t>(1, kMemoryGrain / p.inner);
    parallel_for(p.n * p.channels, grain, [&](int64_t b, int64_t e) {
      for (int64_t i = b; i < e; ++i) {
        int64_t c = i % p.channels;
        affine(y + i * p.inner, x + i * p.inner, mean[c], scale(c), shift(c), p.inner);
      }
    });
    return;
  }
  int64_t row = p.channels * p.inner;
  for_parts(p, [&](int64_t begin, int64_t end, int64_t at, int64_t width) {
    T m[kStrip], s[kStrip], b[kStrip];
    for (int64_t j = 0; j < width; ++j) {
      int64_t c = (at + j) / p.inner;
      m[j] = mean[c];
      s[j] = scale(c);
      b[j] = shift(c);
    }
    for (int64_t n = begin; n < end; ++n) {
      const T* in = x + n * row + at;
      T* out = y + n * row + at;
#pragma GCC ivdep
      for (int64_t j = 0; j < width; ++j) out[j] = (in[j] - m[j]) * s[j] + b[j];
    }
  });
}

// gx = gy * a - (x - mean) * b - c
template <class T>
struct GradParts {
  T a, b, c;
  // In training the gradient loses what goes through mean and variance.
  GradParts(const kernels::ChannelNorm& p, T weight, T inv_std, const Sums& sums) {
    double s = static_cast<double>(inv_std), scale = s * static_cast<double>(weight);
    double n = static_cast<double>(p.n) * static_cast<double>(p.inner);
    a = static_cast<T>(scale);
    b = p.training ? static_cast<T>(scale * s * s * sums.gx / n) : T(0);
    c = p.training ? static_cast<T>(scale * sums.g / n) : T(0);
  }
};

template <class T>
void channel_norm_grad(const kernels::ChannelNorm& p) {
  const T *x = read<T>(p.x), *gy = read<T>(p.gy), *w = read<T>(p.weight);
  const T *mean = read<T>(p.mean), *inv_std = read<T>(p.inv_std);
  T *gx = write<T>(p.gx), *gweight = write<T>(p.gweight), *gbias = write<T>(p.gbias);
  auto parts = [&](int64_t c, const Sums& sums) {
    gweight[c] = static_cast<T>(sums.gx * static_cast<double>(inv_std[c]));
    gbias[c] = static_cast<T>(sums.g);
    return GradParts<T>(p, w ? w[c] : T(1), inv_std[c], sums);
  };
  if (p.inner >= kernels::kNarrow) {
    parallel_for(p.channels, channel_grain(p), [&](int64_t b, int64_t e) {
      for (int64_t c = b; c < e; ++c) {
        Sums sums;
        for (int64_t n = 0; n < p.n; ++n) {
          int64_t at = (n * p.channels + c) * p.inner;
          Sums part = sums_of(gy + at, x + at, mean[c], p.inner);
          sums.g += part.g;
          sums.gx += part.gx;
        }
        GradParts<T> f = parts(c, sums);
        T m = mean[c];
        for (int64_t n = 0; n < p.n; ++n) {
          int64_t at = (n * p.channels + c) * p.inner;
          const T *g = gy + at, *v = x + at;
          T* out = gx + at;
#pragma GCC ivdep
          for (int64_t i = 0; i < p.inner; ++i) out[i] = g[i] * f.a - (v[i] - m) * f.b - f.c;
        }
      }
    });
    return;
  }
  int64_t row = p.channels * p.inner, chunks = (p.n + kPartRows - 1) / kPartRows;
  std::vector<Sums> parts_of(chunks * row);  // by rows, then columns
  for_parts(p, [&](int64_t begin, int64_t end, int64_t at, int64_t width) {
    T m[kStrip];
    for (int64_t j = 0; j < width; ++j) m[j] = mean[(at + j) / p.inner];
    Sums* sums = &parts_of[begin / kPartRows * row + at];
    for (int64_t n = begin; n < end; n += kSummed) {
      T g_sum[kStrip] = {}, gx_sum[kStrip] = {};
      for (int64_t i = n; i < std::min(n + kSummed, end); ++i) {
        const T *g = gy + i * row + at, *v = x + i * row + at;
        for (int64_t j = 0; j < width; ++j) {
          g_sum[j] += g[j];
          gx_sum[j] += g[j] * (v[j] - m[j]);
        }
      }
      for (int64_t j = 0; j < width; ++j) {
        sums[j].g += static_cast<double>(g_sum[j]);
        sums[j].gx += static_cast<double>(gx_sum[j]);
      }
    }
  });
  std::vector<GradParts<T>> factors;
  factors.reserve(p.channels);
  for (int64_t c = 0; c < p.channels; ++c) {
    Sums sums;
    for (int64_t k = 0; k < chunks; ++k) {
      for (int64_t i = 0; i < p.inner; ++i) {
        const Sums& part = parts_of[k * row + c * p.inner + i];
        sums.g += part.g;
        sums.gx += part.gx;
      }
    }
    factors.push_back(parts(c, sums));
  }
  for_parts(p, [&](int64_t begin, int64_t end, int64_t at, int64_t width) {
    T m[kStrip], a[kStrip], b[kStrip], c[kStrip];
    for (int64_t j = 0; j < width; ++j) {
      int64_t channel = (at + j) / p.inner;
      const GradParts<T>& f = factors[channel];
      m[j] = mean[channel];
      a[j] = f.a;
      b[j] = f.b;
      c[j] = f.c;
    }
    for (int64_t n = begin; n < end; ++n) {
      const T *g = gy + n * row + at, *v = x + n * row + at;
      T* out = gx + n * row + at;
#pragma GCC ivdep
      for (int64_t j = 0; j < width; ++j) out[j] = g[j] * a[j] - (v[j] - m[j]) * b[j] - c[j];
    }
  });
}

int64_t row_grain(const kernels::RowNorm& p) {
  return std::max<int64_t>(1, kMemoryGrain / std::max<int64_t>(1, p.n));
}

template <class T>
void row_norm(const kernels::RowNorm& p) {
  const T *w = read<T>(p.weight), *bias = read<T>(p.bias);
  parallel_for(p.rows, row_grain(p), [&](int64_t b, int64_t e) {
    for (int64_t r = b; r < e; ++r) {
      const T* x = read<T>(p.x) + r * p.n;
      T* y = write<T>(p.y) + r * p.n;
      Moments all = moments_of_long(x, p.n);
      T mean = static_cast<T>(all.shift + all.mean),
        scale = static_cast<T>(1 / std::sqrt(all.m2 / static_cast<double>(p.n) + p.eps));
      write<T>(p.mean)[r] = mean;
      write<T>(p.inv_std)[r] = scale;
      if (w && bias) {
#pragma GCC ivdep
        for (int64_t i = 0; i < p.n; ++i) y[i] = (x[i] - mean) * scale * w[i] + bias[i];
      } else {
        for (int64_t i = 0; i < p.n; ++i)
          y[i] = (x[i] - mean) * scale * (w ? w[i] : T(1)) + (bias ? bias[i] : T(0));
      }
    }
  });
}

template <class T>
void row_norm_grad(const kernels::RowNorm& p) {
  const T *w = read<T>(p.weight), *mean = read<T>(p.mean), *inv_std = read<T>(p.inv_std);
  const T *x = read<T>(p.x), *gy = read<T>(p.gy);
  parallel_for(p.rows, row_grain(p), [&](int64_t b, int64_t e) {
    std::vector<T> weighted(w ? p.n : 0);
    for (int64_t r = b; r < e; ++r) {
      const T *v = x + r * p.n, *g = gy + r * p.n;
      T* out = write<T>(p.gx) + r * p.n;
      if (w) {
        for (int64_t i = 0; i < p.n; ++i) weighted[i] = g[i] * w[i];
        g = weighted.data();
      }
      Sums sums = sums_of(g, v, mean[r], p.n);
      double s = static_cast<double>(inv_std[r]), n = static_cast<double>(p.n);
      T a = inv_std[r], d = static_cast<T>(s * s * s * sums.gx / n),
        c = static_cast<T>(s * sums.g / n), m = mean[r];
#pragma GCC ivdep
      for (int64_t i = 0; i < p.n; ++i) out[i] = g[i] * a - (v[i] - m) * d - c;
    }
  });
  T *gweight = write<T>(p.gweight), *gbias = write<T>(p.gbias);
  int64_t strips = (p.n + kStrip - 1) / kStrip;
  int64_t grain = std::max<int64_t>(1, kMemoryGrain / std::max<int64_t>(1, p.rows * kStrip));
  parallel_for(strips, grain, [&](int64_t b, int64_t e) {
    for (int64_t at = b * kStrip; at < std::min(p.n, e * kStrip); at += kStrip) {
      int64_t width = std::min(kStrip, p.n - at);
      double g_sum[kStrip] = {}, gx_sum[kStrip] = {};
      for (int64_t first = 0; first < p.rows; first += kSummed) {
        T g_part[kStrip] = {}, gx_part[kStrip] = {};
        for (int64_t r = first; r < std::min(first + kSummed, p.rows); ++r) {
          const T *v = x + r * p.n + at, *g = gy + r * p.n + at;
          T m = mean[r], s = inv_std[r];
          for (int64_t j = 0; j < width; ++j) {
            g_part[j] += g[j];
            gx_part[j] += g[j] * (v[j] - m) * s;
          }
        }
        for (int64_t j = 0; j < width; ++j) {
          g_sum[j] += static_cast<double>(g_part[j]);
          gx_sum[j] += static_cast<double>(gx_part[j]);
        }
      }
      for (int64_t j = 0; j < width; ++j) {
        gweight[at + j] = static_cast<T>(gx_sum[j]);
        gbias[at + j] = static_cast<T>(g_sum[j]);
      }
    }
  });
}

template <class T>
constexpr void fill(kernels::NormTable& t) {
  constexpr int i = torch::index(dtype_of<T>);
  t.channel_stats[i] = &channel_stats<T>;
  t.channel_norm[i] = &channel_norm<T>;
  t.channel_norm_grad[i] = &channel_norm_grad<T>;
  t.row_norm[i] = &row_norm<T>;
  t.row_norm_grad[i] = &row_norm_grad<T>;
}

constexpr kernels::NormTable make_table() {
  kernels::NormTable t{};
  fill<float>(t);
  fill<double>(t);
  return t;
}

}  // namespace

extern constinit const kernels::NormTable norm = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
