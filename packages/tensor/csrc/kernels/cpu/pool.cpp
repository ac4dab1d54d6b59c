#include <algorithm>
#include <atomic>
#include <cstring>
#include <type_traits>

#include "kernels/cpu/drive.h"
#include "kernels/cpu/isa.h"
#include "kernels/nn_tables.h"
#include "torch/parallel.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

// Positions within a window count in integers as wide as T, so that comparing and choosing
// vectorize as one.
template <class T>
using Position = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;

// Whether x takes the place of the largest so far: the first of equals stays, NaN is the largest of
// all. (A condition that also asked whether `best` is NaN would stop gcc 12 from vectorizing.)
template <class T>
bool wins(T x, T best) {
  return (x > best) | (x != x);
}

// Windows of 2 x 2 side by side: one row of outputs from two rows of inputs.
template <class T>
void row_2x2(const T* top, const T* bottom, int64_t base, int64_t w, T* out, int64_t* indices,
             int64_t n) {
  using P = Position<T>;
  P below = static_cast<P>(w);
#pragma GCC ivdep
  for (int64_t j = 0; j < n; ++j) {
    T best = top[2 * j];
    P at = 0;
    auto take = [&](T x, P position) {
      bool better = wins(x, best);
      best = better ? x : best;
      at = better ? position : at;
    };
    take(top[2 * j + 1], 1);
    take(bottom[2 * j], below);
    take(bottom[2 * j + 1], below + 1);
    out[j] = best;
    indices[j] = base + 2 * j + at;
  }
}

// Calls f(output position, bounds of its window) for each output of a plane.
template <class F>
void for_windows(const kernels::Pool& p, int64_t plane, F f) {
  const auto& [zs, ys, xs] = p.windows;
  const int64_t *z_begin = zs.begin + plane * zs.stride, *z_end = zs.end + plane * zs.stride;
  const int64_t *y_begin = ys.begin + plane * ys.stride, *y_end = ys.end + plane * ys.stride;
  const int64_t *x_begin = xs.begin + plane * xs.stride, *x_end = xs.end + plane * xs.stride;
  int64_t at = 0;
  for (int64_t oz = 0; oz < zs.out; ++oz) {
    for (int64_t oy = 0; oy < ys.out; ++oy) {
      for (int64_t ox = 0; ox < xs.out; ++ox, ++at) {
        f(at, kernels::Triple{z_begin[oz], y_begin[oy], x_begin[ox]},
          kernels::Triple{z_end[oz], y_end[oy], x_end[ox]}, kernels::Triple{oz, oy, ox});
      }
    }
  }
}

// Calls f(position in the plane) for each element of a window.
template <class F>
void for_elements(const kernels::Pool& p, const kernels::Triple& begin, const kernels::Triple& end,
                  F f) {
  const auto& [zs, ys, xs] = p.windows;
  for (int64_t z = begin[0]; z < end[0]; z += zs.step) {
    for (int64_t y = begin[1]; y < end[1]; y += ys.step) {
      int64_t row = (z * ys.in + y) * xs.in;
      for (int64_t x = begin[2]; x < end[2]; x += xs.step) f(row + x);
    }
  }
}

template <class T>
void max_plane(const kernels::Pool& p, int64_t i, const T* in, T* out, int64_t* indices) {
  for_windows(p, i,
              [&](int64_t o, const kernels::Triple& begin, const kernels::Triple& end,
                  const kernels::Triple&) {
                int64_t at = (begin[0] * p.windows[1].in + begin[1]) * p.windows[2].in + begin[2];
                T best = in[at];
                for_elements(p, begin, end, [&](int64_t k) {
                  if (!wins(in[k], best)) return;
                  at = k;
                  best = in[k];
                });
                out[o] = best;
                indices[o] = at;
              });
}

constexpr int64_t kStrip = 128;  // lanes handled side by side

// Calls f(first lane, lanes) for strips of them.
template <class F>
void for_strips(const kernels::Pool& p, F f) {
  for (int64_t c = 0; c < p.lanes; c += kStrip) f(c, std::min(kStrip, p.lanes - c));
}

template <class T>
void max_lanes(const kernels::Pool& p, int64_t i, const T* in, T* out, int64_t* indices) {
  using P = Position<T>;
  for_windows(p, i,
              [&](int64_t o, const kernels::Triple& begin, const kernels::Triple& end,
                  const kernels::Triple&) {
                int64_t first =
                    (begin[0] * p.windows[1].in + begin[1]) * p.windows[2].in + begin[2];
                for_strips(p, [&](int64_t c, int64_t n) {
                  T best[kStrip];
                  P at[kStrip] = {};
                  std::copy_n(in + first * p.lanes + c, n, best);
                  for_elements(p, begin, end, [&](int64_t k) {
                    const T* x = in + k * p.lanes + c;
                    P position = static_cast<P>(k - first);
                    for (int64_t j = 0; j < n; ++j) {
                      bool better = wins(x[j], best[j]);
                      best[j] = better ? x[j] : best[j];
                      at[j] = better ? position : at[j];
                    }
                  });
                  std::copy_n(best, n, out + o * p.lanes + c);
                  for (int64_t j = 0; j < n; ++j) indices[o * p.lanes + c + j] = first + at[j];
                });
              });
}

int64_t inputs(const kernels::Pool& p) {
  return p.windows[0].in * p.windows[1].in * p.windows[2].in * p.lanes;
}
int64_t outputs(const kernels::Pool& p) {
  return p.windows[0].out * p.windows[1].out * p.windows[2].out * p.lanes;
}

// Calls f(plane, its input, its output) for each plane.
template <class T, class F>
void for_pool_planes(const kernels::Pool& p, F f) {
  int64_t size = inputs(p), out_size = outputs(p);
  int64_t window = 1;  // elements, of the first one: windows differ little
  for (const kernels::Windows& w : p.windows)
    window *= w.out ? std::max<int64_t>(1, (w.end[0] - w.begin[0]) / w.step) : 1;
  int64_t grain = std::max<int64_t>(1, kMemoryGrain / std::max(size, out_size * window));
  parallel_for(p.planes, grain, [&](int64_t b, int64_t e) {
    for (int64_t i = b; i < e; ++i)
      f(i, reinterpret_cast<T*>(p.input) + i * size, reinterpret_cast<T*>(p.output) + i * out_size);
  });
}

template <class T>
void max_pool(const kernels::Pool& p) {
  int64_t w = p.windows[2].in, ho = p.windows[1].out, wo = p.windows[2].out;
  for_pool_planes<T>(p, [&](int64_t i, const T* in, T* out) {
    int64_t* indices = p.indices + i * outputs(p);
    if (p.lanes > 1) return max_lanes(p, i, in, out, indices);
    if (!p.is_2x2) return max_plane(p, i, in, out, indices);
    for (int64_t y = 0; y < ho; ++y) {
      const T* top = in + 2 * y * w;
      row_2x2(top, top + w, 2 * y * w, w, out + y * wo, indices + y * wo, wo);
    }
  });
}

// What one output's mean is divided by.
template <class T>
T divisor(const kernels::Pool& p, const kernels::Triple& o) {
  return static_cast<T>(p.windows[0].count[o[0]] * p.windows[1].count[o[1]] *
                        p.windows[2].count[o[2]]);
}

template <class T>
void avg_pool(const kernels::Pool& p) {
  for_pool_planes<T>(p, [&](int64_t i, const T* in, T* out) {
    for_windows(p, i,
                [&](int64_t at, const kernels::Triple& begin, const kernels::Triple& end,
                    const kernels::Triple& o) {
                  if (p.lanes > 1) {
                    return for_strips(p, [&](int64_t c, int64_t n) {
                      T sums[kStrip] = {}, by = divisor<T>(p, o);
                      for_elements(p, begin, end, [&](int64_t k) {
                        const T* x = in + k * p.lanes + c;
                        for (int64_t j = 0; j < n; ++j) sums[j] += x[j];
                      });
                      T* y = out + at * p.lanes + c;
                      for (int64_t j = 0; j < n; ++j) y[j] = sums[j] / by;
                    });
                  }
                  T sum = 0;
                  for_elements(p, begin, end, [&](int64_t k) { sum += in[k]; });
                  out[at] = sum / divisor<T>(p, o);
                });
  });
}

template <class T>
void avg_pool_input_grad(const kernels::Pool& p) {
  for_pool_planes<T>(p, [&](int64_t i, T* gx, const T* gy) {
    std::memset(gx, 0, inputs(p) * sizeof(T));
    for_windows(p, i,
                [&](int64_t at, const kernels::Triple& begin, const kernels::Triple& end,
                    const kernels::Triple& o) {
                  if (p.lanes > 1) {
                    return for_strips(p, [&](int64_t c, int64_t n) {
                      T shares[kStrip], by = divisor<T>(p, o);
                      const T* g = gy + at * p.lanes + c;
                      for (int64_t j = 0; j < n; ++j) shares[j] = g[j] / by;
                      for_elements(p, begin, end, [&](int64_t k) {
                        T* x = gx + k * p.lanes + c;
                        for (int64_t j = 0; j < n; ++j) x[j] += shares[j];
                      });
                    });
                  }
                  T share = gy[at] / divisor<T>(p, o);
                  for_elements(p, begin, end, [&](int64_t k) { gx[k] += share; });
                });
  });
}

// Position of an index outside [0, limit), or -1.
int64_t outside(const int64_t* indices, int64_t n, int64_t limit) {
  uint64_t largest = 0;
  for (int64_t i = 0; i < n; ++i) largest = std::max(largest, static_cast<uint64_t>(indices[i]));
  if (n == 0 || largest < static_cast<uint64_t>(limit)) return -1;
  return std::find_if(indices, indices + n, [&](int64_t i) { return i < 0 || i >= limit; }) -
         indices;
}

// Calls f(input element, output element) for the pairs that the indices make, having set the
// inputs to zero where they are written. Planes with an index outside are left alone.
template <class T, bool kWritesInput, class F>
int64_t for_pairs(const kernels::PoolMap& p, F f) {
  std::atomic<int64_t> bad{-1};
  int64_t in = p.in * p.lanes, out = p.out * p.lanes;
  parallel_for(p.planes, std::max<int64_t>(1, kMemoryGrain / std::max<int64_t>(1, in + 4 * out)),
               [&](int64_t b, int64_t e) {
                 for (int64_t i = b; i < e; ++i) {
                   const int64_t* indices = p.indices + i * out;
                   if (int64_t at = outside(indices, out, p.in); at >= 0) {
                     bad.store(i * out + at, std::memory_order_relaxed);
                     return;
                   }
                   T *x = reinterpret_cast<T*>(p.input) + i * in,
                     *y = reinterpret_cast<T*>(p.output) + i * out;
                   if constexpr (kWritesInput) std::memset(x, 0, in * sizeof(T));
                   if (p.lanes == 1) {
                     for (int64_t o = 0; o < out; ++o) f(x[indices[o]], y[o]);
                     continue;
                   }
                   for (int64_t o = 0; o < out; o += p.lanes) {
                     for (int64_t c = 0; c < p.lanes; ++c)
                       f(x[indices[o + c] * p.lanes + c], y[o + c]);
                   }
                 }
               });
  return bad.load();
}

template <class T>
int64_t scatter_add(const kernels::PoolMap& p) {
  return for_pairs<T, true>(p, [](T& in, T out) { in += out; });
}

template <class T>
int64_t scatter(const kernels::PoolMap& p) {
  return for_pairs<T, true>(p, [](T& in, T out) { in = out; });
}

template <class T>
int64_t gather(const kernels::PoolMap& p) {
  return for_pairs<T, false>(p, [](T in, T& out) { out = in; });
}

template <class T>
constexpr void fill(kernels::PoolTable& t) {
  constexpr int i = torch::index(dtype_of<T>);
  t.max_pool[i] = &max_pool<T>;
  t.avg_pool[i] = &avg_pool<T>;
  t.avg_pool_input_grad[i] = &avg_pool_input_grad<T>;
  t.scatter_add[i] = &scatter_add<T>;
  t.scatter[i] = &scatter<T>;
  t.gather[i] = &gather<T>;
}

constexpr kernels::PoolTable make_table() {
  kernels::PoolTable t{};
  fill<float>(t);
  fill<double>(t);
  return t;
}

}  // namespace

extern constinit const kernels::PoolTable pool = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
