// Activation functions and their derivatives, on single numbers. Conditions choose between values
// that are calculated anyway, so that loops vectorize; NaN passes through.
#pragma once
#include "torch/math.h"

namespace torch::math {

#define TORCH_ACTIVATION(Functor, arguments, ...) \
  struct Functor {                                \
    template <class T>                            \
    TORCH_HD T operator() arguments const {       \
      __VA_ARGS__                                 \
    }                                             \
  };

TORCH_ACTIVATION(LeakyRelu, (T x, T slope), return x > T(0) ? x : slope * x;)
TORCH_ACTIVATION(LeakyReluInputGrad, (T g, T x, T slope), return x > T(0) ? g : slope * g;)
TORCH_ACTIVATION(Elu, (T x, T negative, T scale), T low = x > T(0) ? T(0) : x;
                 return x > T(0) ? scale * x : negative * Expm1{}(low);)
TORCH_ACTIVATION(EluInputGrad, (T g, T x, T negative, T scale), T low = x > T(0) ? T(0) : x;
                 return g * (x > T(0) ? scale : negative * Exp{}(low));)
TORCH_ACTIVATION(HardtanhInputGrad, (T g, T x, T lo, T hi), return x > lo && x < hi ? g : T(0);)
TORCH_ACTIVATION(Hardshrink, (T x, T lambd), return x >= -lambd && x <= lambd ? T(0) : x;)
TORCH_ACTIVATION(Softshrink, (T x, T lambd),
                 return x > lambd ? x - lambd : (x < -lambd ? x + lambd : x - x);)
TORCH_ACTIVATION(ShrinkInputGrad, (T g, T x, T lambd), return x >= -lambd && x <= lambd ? T(0) : g;)
// log(1 + exp(x)) - max(x, 0) = log(1 + z) with z = exp(-|x|), which lies between 0 and 1.
template <class T>
TORCH_HD T softplus_of_magnitude(T x) {
  T z = Exp{}(x < T(0) ? x : -x);
  if constexpr (std::is_same_v<T, float>) {
    return z * polynomial(z, -0.003243981, 0.01985124, -0.056959063, 0.10603601, -0.15305556,
                          0.19675924, -0.2495413, 0.3332996, -0.49999902, 1.0);
  } else {
    return Log1p{}(z);
  }
}
TORCH_ACTIVATION(Softplus, (T x, T beta, T threshold), T z = x * beta;
                 T y = ((z > T(0) ? z : T(0)) + softplus_of_magnitude(z)) / beta;
                 return z > threshold ? x : y;)
TORCH_ACTIVATION(SoftplusInputGrad, (T g, T x, T beta, T threshold), T z = x * beta;
                 return z > threshold ? g : g * Sigmoid{}(z);)
TORCH_ACTIVATION(LogSigmoid, (T x), return (x > T(0) ? T(0) : x) - softplus_of_magnitude(x);)
TORCH_ACTIVATION(LogSigmoidInputGrad, (T g, T x), return g * Sigmoid{}(-x);)

// From the tail at |x|, P(X > |x|), which is 1 - P(X <= x) for positive x.
template <class T>
TORCH_HD T normal_magnitude(T x) {
  T a = std::fabs(x);
  return a > kNormalEnd<T> ? kNormalEnd<T> : a;
}
TORCH_ACTIVATION(Gelu, (T x), T a = normal_magnitude(x);
                 return (x < T(0) ? T(0) : x) - a * normal_tail(a).tail;)
TORCH_ACTIVATION(GeluInputGrad, (T g, T x), T a = normal_magnitude(x);
                 NormalTail<T> n = normal_tail(a);
                 T slope = n.tail - a * (T(0.39894228040143268) * n.exponential);
                 return g * (x > T(0) ? T(1) - slope : slope);)

// 0.5 * (1 + tanh(u)) is sigmoid(2 u), here with u = sqrt(2 / pi) * (x + 0.044715 x^3).
template <class T>
TORCH_HD T gelu_gate(T x) {
  return Sigmoid{}(T(1.5957691216057308) * x * (T(1) + T(0.044715) * x * x));
}
TORCH_ACTIVATION(GeluTanh, (T x), return x * gelu_gate(x);)
TORCH_ACTIVATION(GeluTanhInputGrad, (T g, T x), T s = gelu_gate(x);
                 return g * (s + x * s * (T(1) - s) * T(1.5957691216057308) *
                                     (T(1) + T(0.134145) * x * x));)

TORCH_ACTIVATION(Silu, (T x), return x * Sigmoid{}(x);)
TORCH_ACTIVATION(SiluInputGrad, (T g, T x), T s = Sigmoid{}(x);
                 return g * s * (T(1) + x * (T(1) - s));)

// tanh(log(1 + e^x)) = n / (n + 2) with n = e^x (e^x + 2); 1 in every digit from x = 20 on.
template <class T>
TORCH_HD T mish_gate(T x) {
  T e = Exp{}(x > T(20) ? T(20) : x), n = e * (e + T(2));
  return n / (n + T(2));
}
TORCH_ACTIVATION(Mish, (T x), return x * mish_gate(x);)
TORCH_ACTIVATION(MishInputGrad, (T g, T x), T t = mish_gate(x);
                 return g * (t + x * (T(1) - t * t) * Sigmoid{}(x));)
TORCH_ACTIVATION(Softsign, (T x), return x / (T(1) + (x > T(0) ? x : -x));)
TORCH_ACTIVATION(SoftsignInputGrad, (T g, T x), T d = T(1) + (x > T(0) ? x : -x);
                 return g / (d * d);)
TORCH_ACTIVATION(Tanhshrink, (T x), return x - Tanh{}(x);)
TORCH_ACTIVATION(TanhshrinkInputGrad, (T g, T x), T t = Tanh{}(x); return g * t * t;)
TORCH_ACTIVATION(SigmoidInputGrad, (T g, T y), return g * y * (T(1) - y);)
TORCH_ACTIVATION(TanhInputGrad, (T g, T y), return g * (T(1) - y * y);)
#undef TORCH_ACTIVATION

}  // namespace torch::math
