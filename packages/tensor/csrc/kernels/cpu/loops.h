// One-dimensional loops around a functor. They know no maths; the functor knows no loop.
#pragma once
#include <concepts>
#include <tuple>
#include <utility>

#include "kernels/cpu/drive.h"
#include "kernels/cpu/isa.h"
#include "torch/ops/rows.h"

namespace torch::cpu {
namespace {

// In = float for every input of a functor that takes N of them.
template <class T, int>
using Repeat = T;

// Contiguous output; input i is contiguous or, where its bit in kScalars is set, one value. Inputs
// may be the output itself (in place) but do not overlap it otherwise: ops saw to that, hence
// ivdep.
template <class F, unsigned kScalars, class Out, class... In>
inline __attribute__((always_inline)) void dense(char* const* p, int64_t n) {
  [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
    auto* out = reinterpret_cast<Out*>(p[0]);
    auto inputs = std::make_tuple(reinterpret_cast<const In*>(p[I + 1])...);
    auto values = std::make_tuple(*reinterpret_cast<const In*>(p[I + 1])...);
    F f;
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) {
      out[i] = static_cast<Out>(
          f((((kScalars >> I) & 1) ? std::get<I>(values) : std::get<I>(inputs)[i])...));
    }
  }(std::make_integer_sequence<int, sizeof...(In)>{});
}

// Functors that do nothing but copy, which buffers would not make faster.
template <class F>
concept Copies = requires { F::kCopies; };

// Elements from which on copying to buffers and a vector loop beat a loop over strides. Functors
// that compute always go this way: one loop is enough code for them.
inline constexpr int64_t kBuffered = 32;

// Functors with a fast form for most numbers (see math.h).
template <class F, class Out, class In>
concept HasFastForm = requires(In x) {
  F::easy(x);
  { F::fast(x) } -> std::same_as<Out>;
};

// Blocks of easy numbers go through the fast form; it gives what the functor gives.
template <class F, class Out, class In>
void dense_fast(char* const* p, int64_t n) {
  constexpr int64_t kBlock = 256;
  auto* out = reinterpret_cast<Out*>(p[0]);
  auto* in = reinterpret_cast<const In*>(p[1]);
  for (int64_t start = 0; start < n; start += kBlock) {
    int64_t end = start + kBlock < n ? start + kBlock : n;
    int hard = 0;
    for (int64_t i = start; i < end; ++i) hard |= !F::easy(in[i]);
    if (hard) {
      for (int64_t i = start; i < end; ++i) out[i] = F{}(in[i]);
    } else {
#pragma GCC ivdep
      for (int64_t i = start; i < end; ++i) out[i] = F::fast(in[i]);
    }
  }
}

template <class F, int64_t kGrain, class Out, class... In>
void loop(char* const* p, const int64_t* s, int64_t n) {
  constexpr int kIn = sizeof...(In);
  constexpr bool kComputes = kGrain == kComputeGrain;
  constexpr int64_t kSize[] = {sizeof(Out), sizeof(In)...};
  if (s[0] == kSize[0] || n == 1) {
    unsigned scalars = 0;
    bool dense_inputs = true;
    for (int i = 1; i <= kIn; ++i) {
      if (s[i] == 0) {
        scalars |= 1u << (i - 1);
      } else if (s[i] != kSize[i] && n != 1) {
        dense_inputs = false;
      }
    }
    if (dense_inputs) {
      if (n == 1) scalars = 0;
      if constexpr (kIn == 1) {
        if constexpr ((HasFastForm<F, Out, In> && ...)) {
          if (scalars == 0) return dense_fast<F, Out, In...>(p, n);
        }
      }
      if (scalars == 0) return dense<F, 0, Out, In...>(p, n);
      if constexpr (kIn == 2) {
        if (scalars == 1) return dense<F, 1, Out, In...>(p, n);
        if (scalars == 2) return dense<F, 2, Out, In...>(p, n);
      }
      if constexpr (kIn == 3 && !kComputes) {
        if (scalars == 2) return dense<F, 2, Out, In...>(p, n);  // masked_fill
        if (scalars == 4)
          return dense<F, 4, Out, In...>(p, n);  // add_scaled, lerp, threshold_input_grad
        if (scalars == 6) return dense<F, 6, Out, In...>(p, n);  // clamp, threshold
      }
      if constexpr (kIn == 4 && !kComputes) {
        if (scalars == 2) return dense<F, 2, Out, In...>(p, n);    // addcmul, addcdiv
        if (scalars == 12) return dense<F, 12, Out, In...>(p, n);  // isclose
        if (scalars == 14) return dense<F, 14, Out, In...>(p, n);  // nan_to_num
      }
    }
  }
  if (!Copies<F> && (kComputes || n >= kBuffered)) {
    return loop_through_buffers(&loop<F, kGrain, Out, In...>, 1 + kIn, kSize, p, s, n);
  }
  if constexpr (!kComputes) {
    [&]<int... I>(std::integer_sequence<int, I...>) {
      char* out = p[0];
      const char* in[] = {p[I + 1]...};
      F f;
      for (int64_t i = 0; i < n; ++i) {
        *reinterpret_cast<Out*>(out) = static_cast<Out>(f(*reinterpret_cast<const In*>(in[I])...));
        out += s[0];
        ((in[I] += s[I + 1]), ...);
      }
    }(std::make_integer_sequence<int, kIn>{});
  }
}

// The kernel of functor F from In... to Out.
template <class F, int64_t kGrain, class Out, class... In>
void kernel(const Plan& plan) {
  drive(plan, &loop<F, kGrain, Out, In...>, kGrain);
}

// Takes as many inputs of type In as the sequence is long.
template <class F, int64_t kGrain, class Out, class In, int... I>
constexpr ElementwiseKernel* kernel_of(std::integer_sequence<int, I...>) {
  return &kernel<F, kGrain, Out, Repeat<In, I>...>;
}

// Functors that must see float16 and bfloat16 themselves; all others get them as float32.
template <class F>
concept TakesHalves = requires { F::kHalves; };

// The kernels of F by dtype, where the domain has one.
template <class F, Domain kDomain, int kInputs, class T>
constexpr ElementwiseKernel* kernel_for() {
  constexpr Kind k = kind(dtype_of<T>);
  constexpr auto inputs = std::make_integer_sequence<int, kInputs>{};
  if constexpr (is_half(dtype_of<T>) && !TakesHalves<F>) {
    return nullptr;  // computed in float32
  } else if constexpr (kDomain == Domain::kPredicate || kDomain == Domain::kCompare) {
    return kernel_of<F, kMemoryGrain, bool, T>(inputs);
  } else if constexpr (kDomain == Domain::kFloatingCompare) {
    if constexpr (k == Kind::kFloating)
      return kernel_of<F, kMemoryGrain, bool, T>(inputs);
    else
      return nullptr;
  } else if constexpr ((kDomain == Domain::kFloating || kDomain == Domain::kRounding) &&
                       k != Kind::kFloating) {
    return nullptr;
  } else if constexpr (kDomain == Domain::kArithmetic && k == Kind::kBoolean) {
    return nullptr;
  } else if constexpr (kDomain == Domain::kBits && k == Kind::kFloating) {
    return nullptr;
  } else if constexpr (kDomain == Domain::kIntegers &&
                       (k == Kind::kFloating || k == Kind::kBoolean)) {
    return nullptr;
  } else {
    constexpr int64_t kGrain = kDomain == Domain::kFloating ? kComputeGrain : kMemoryGrain;
    return kernel_of<F, kGrain, T, T>(inputs);
  }
}

template <class F, Domain kDomain, int kInputs>
constexpr void fill_row(ElementwiseKernel* (&row)[kDTypes]) {
  int i = 0;
#define DTYPE(e, ctype, name, prefix, kind) row[i++] = kernel_for<F, kDomain, kInputs, ctype>();
#include "torch/dtype.def"
#undef DTYPE
}

}  // namespace
}  // namespace torch::cpu
