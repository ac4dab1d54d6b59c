#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/cpu/isa.h"
#include "kernels/create_table.h"
#include "torch/parallel.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

constexpr int64_t kGrain = 65536;
constexpr int64_t kGrainBytes = 1 << 20;

void zero(char* out, int64_t bytes) {
  parallel_for(bytes, kGrainBytes, [&](int64_t b, int64_t e) { std::memset(out + b, 0, e - b); });
}

// The number as T: towards zero (a ramp) or downwards (a linspace) where T is an integer. Callers
// checked that both ends fit.
template <class T>
T whole(double v) {
  return static_cast<T>(static_cast<int64_t>(v));
}

template <class T>
void ramp(char* data, int64_t n, Scalar start, Scalar step) {
  T* out = reinterpret_cast<T*>(data);
  if (start.is_float() || step.is_float()) {
    double a = start.as_double(), d = step.as_double();
    parallel_for(n, kGrain, [&](int64_t b, int64_t e) {
      for (int64_t i = b; i < e; ++i) {
        double v = a + static_cast<double>(i) * d;
        if constexpr (std::is_same_v<T, bool>) {
          out[i] = v != 0;
        } else if constexpr (is_floating_type<T>) {
          out[i] = static_cast<T>(v);
        } else {
          out[i] = whole<T>(v);
        }
      }
    });
  } else {
    auto a = static_cast<uint64_t>(start.i), d = static_cast<uint64_t>(step.i);
    parallel_for(n, kGrain, [&](int64_t b, int64_t e) {
      for (int64_t i = b; i < e; ++i)
        out[i] = static_cast<T>(static_cast<int64_t>(a + static_cast<uint64_t>(i) * d));
    });
  }
}

template <class T>
void linspace(char* data, int64_t n, double start, double end) {
  T* out = reinterpret_cast<T*>(data);
  auto store = [](double v) -> T {
    if constexpr (std::is_same_v<T, bool>) {
      return v != 0;
    } else if constexpr (is_floating_type<T>) {
      return static_cast<T>(v);
    } else {
      return whole<T>(std::floor(v));
    }
  };
  // the difference of two large numbers may be beyond the dtype; half of it is not
  double parts = static_cast<double>(n - 1), step = n > 1 ? (end - start) / parts : 0.0;
  const bool huge = !std::isfinite(end - start);
  if (huge) step = end / parts - start / parts;
  double lo = std::min(start, end), hi = std::max(start, end);
  parallel_for(n, kGrain, [&](int64_t b, int64_t e) {
    for (int64_t i = b; i < e; ++i) {
      double v = huge && 2 * i >= n ? end - static_cast<double>(n - 1 - i) * step
                                    : start + static_cast<double>(i) * step;
      out[i] = store(v < lo ? lo : v > hi ? hi : v);
    }
  });
  out[n - 1] = store(n > 1 ? end : start);  // rounding must not miss it
}

constexpr kernels::CreateTable make_table() {
  kernels::CreateTable t{};
  t.zero = &zero;
  int i = 0;
#define DTYPE(e, ctype, name, prefix, kind) \
  t.ramp[i] = &ramp<ctype>;                 \
  t.linspace[i++] = &linspace<ctype>;
#include "torch/dtype.def"
#undef DTYPE
  return t;
}

}  // namespace

extern constinit const kernels::CreateTable create = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
