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

// The input positions [begin, end), in steps of the dilation, that one window covers along one
// dimension.
struct Span {
  int64_t begin, end;
  Span(int64_t position, int64_t size, int64_t kernel, int64_t stride, int64_t padding,
       int64_t dilation) {
    begin = position * stride - padding;
    end = std::min(begin + (kernel - 1) * dilation + 1, size);
    if (begin < 0) begin += (-begin + dilation - 1) / dilation * dilation;
  }
};

template <class T>
void plane(const kernels::Pool2d& p, const T* in, T* out, int64_t* indices) {
  for (int64_t oy = 0; oy < p.ho; ++oy) {
    Span ys(oy, p.h, p.kernel[0], p.stride[0], p.padding[0], p.dilation[0]);
    for (int64_t ox = 0; ox < p.wo; ++ox) {
      Span xs(ox, p.w, p.kernel[1], p.stride[1], p.padding[1], p.dilation[1]);
      int64_t at = ys.begin * p.w + xs.begin;
      T best = in[at];
      for (int64_t y = ys.begin; y < ys.end; y += p.dilation[0]) {
        for (int64_t x = xs.begin; x < xs.end; x += p.dilation[1]) {
          if (!wins(in[y * p.w + x], best)) continue;
          at = y * p.w + x;
          best = in[at];
        }
      }
      *out++ = best;
      *indices++ = at;
    }
  }
}

template <class T>
void max_pool2d(const kernels::Pool2d& p) {
  using Pair = std::array<int64_t, 2>;
  constexpr Pair kTwo{2, 2}, kNone{0, 0}, kDense{1, 1};
  // with ceil_mode the last windows may be cut off
  bool simple = p.kernel == kTwo && p.stride == kTwo && p.padding == kNone &&
                p.dilation == kDense && 2 * p.ho <= p.h && 2 * p.wo <= p.w;
  int64_t size = p.h * p.w, out_size = p.ho * p.wo;
  int64_t window = std::min(p.kernel[0], p.h) * std::min(p.kernel[1], p.w);  // elements at most
  int64_t grain = std::max<int64_t>(1, kMemoryGrain / std::max(size, out_size * window));
  parallel_for(p.planes, grain, [&](int64_t b, int64_t e) {
    for (int64_t i = b; i < e; ++i) {
      const T* in = reinterpret_cast<const T*>(p.input) + i * size;
      T* out = reinterpret_cast<T*>(p.output) + i * out_size;
      int64_t* indices = p.indices + i * out_size;
      if (!simple) {
        plane(p, in, out, indices);
        continue;
      }
      for (int64_t y = 0; y < p.ho; ++y) {
        const T* top = in + 2 * y * p.w;
        row_2x2(top, top + p.w, 2 * y * p.w, p.w, out + y * p.wo, indices + y * p.wo, p.wo);
      }
    }
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

// Calls f(input plane, output plane, indices) for each plane whose indices are all inside.
template <class T, class F>
int64_t for_planes(const kernels::PoolMap& p, F f) {
  std::atomic<int64_t> bad{-1};
  parallel_for(p.planes,
               std::max<int64_t>(1, kMemoryGrain / std::max<int64_t>(1, p.in + 4 * p.out)),
               [&](int64_t b, int64_t e) {
                 for (int64_t i = b; i < e; ++i) {
                   const int64_t* indices = p.indices + i * p.out;
                   if (int64_t at = outside(indices, p.out, p.in); at >= 0) {
                     bad.store(i * p.out + at, std::memory_order_relaxed);
                     return;
                   }
                   f(reinterpret_cast<T*>(p.input) + i * p.in,
                     reinterpret_cast<T*>(p.output) + i * p.out, indices);
                 }
               });
  return bad.load();
}

template <class T>
int64_t scatter(const kernels::PoolMap& p) {
  return for_planes<T>(p, [&](T* in, const T* out, const int64_t* indices) {
    std::memset(in, 0, p.in * sizeof(T));
    for (int64_t i = 0; i < p.out; ++i) in[indices[i]] += out[i];
  });
}

template <class T>
int64_t gather(const kernels::PoolMap& p) {
  return for_planes<T>(p, [&](const T* in, T* out, const int64_t* indices) {
    for (int64_t i = 0; i < p.out; ++i) out[i] = in[indices[i]];
  });
}

template <class T>
constexpr void fill(kernels::PoolTable& t) {
  constexpr int i = torch::index(dtype_of<T>);
  t.max_pool2d[i] = &max_pool2d<T>;
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
