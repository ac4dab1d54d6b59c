// Update rules of optimizers, on single elements.
//
// A rule holds the numbers of one step, all of type T, and is called with a parameter p, its
// gradient g (with the decay in it, see kernels::Update) and kState elements of its state, which it
// changes. Rules that calculate next to nothing are kBare: they deserve loops of their own. The
// classes of torch.optim have the formulas' sources; ops::*_steps_ calculate the numbers, in
// double.
#pragma once
#include "torch/math.h"

namespace torch::math {

enum class UpdateRule : uint8_t {
  kSgd,
  kMomentum,
  kNesterov,
  kAdam,
  kAmsgrad,
  kRadamStart,
  kNadam,
  kAdamax,
  kAdagrad,
  kAdadelta,
  kRmsprop,
  kRmspropCentered,
  kRmspropMomentum,
  kRmspropCenteredMomentum,
  kRprop,
  kAsgd,
  kScale,
  kLimit,
};
inline constexpr int kUpdateRules = static_cast<int>(UpdateRule::kLimit) + 1;
inline constexpr int kMostUpdateState = 3, kMostUpdateNumbers = 9;

template <class T>
struct Sgd {
  static constexpr UpdateRule kRule = UpdateRule::kSgd;
  static constexpr int kState = 0;
  static constexpr bool kBare = true;
  T lr;
  TORCH_HD void operator()(T& p, T g) const { p -= lr * g; }
};

// momentum 0 and rest 1 on a velocity of 0 make it the gradient itself.
template <class T>
struct Momentum {
  static constexpr UpdateRule kRule = UpdateRule::kMomentum;
  static constexpr int kState = 1;
  static constexpr bool kBare = true;
  T lr, momentum, rest;
  TORCH_HD void operator()(T& p, T g, T& velocity) const {
    T v = momentum * velocity + rest * g;
    velocity = v;
    p -= lr * v;
  }
};

template <class T>
struct Nesterov {
  static constexpr UpdateRule kRule = UpdateRule::kNesterov;
  static constexpr int kState = 1;
  static constexpr bool kBare = true;
  T lr, momentum, rest, ahead;
  TORCH_HD void operator()(T& p, T g, T& velocity) const {
    T v = momentum * velocity + rest * g;
    velocity = v;
    p -= lr * (g + ahead * v);
  }
};

// Running averages of the gradient and of its square.
template <class T>
struct Averages {
  T beta1, rest1, beta2, rest2;
  TORCH_HD T mean(T& m, T g) const { return m = beta1 * m + rest1 * g; }
  TORCH_HD T square(T& v, T g) const { return v = beta2 * v + rest2 * g * g; }
};

template <class T>
struct Adam {
  static constexpr UpdateRule kRule = UpdateRule::kAdam;
  static constexpr int kState = 2;
  Averages<T> averages;
  T keep, size, eps;
  TORCH_HD void operator()(T& p, T g, T& mean, T& square) const {
    T m = averages.mean(mean, g), v = averages.square(square, g);
    p = keep * p - size * m / (Sqrt{}(v) + eps);
  }
};

template <class T>
struct Amsgrad {
  static constexpr UpdateRule kRule = UpdateRule::kAmsgrad;
  static constexpr int kState = 3;
  Averages<T> averages;
  T keep, size, eps;
  TORCH_HD void operator()(T& p, T g, T& mean, T& square, T& largest) const {
    T m = averages.mean(mean, g), v = averages.square(square, g);
    T most = Maximum{}(T(largest), v);
    largest = most;
    p = keep * p - size * m / (Sqrt{}(most) + eps);
  }
};

// The steps of RAdam while too few squares are averaged to divide by them.
template <class T>
struct RadamStart {
  static constexpr UpdateRule kRule = UpdateRule::kRadamStart;
  static constexpr int kState = 2;
  Averages<T> averages;
  T keep, size;
  TORCH_HD void operator()(T& p, T g, T& mean, T& square) const {
    T m = averages.mean(mean, g);
    averages.square(square, g);
    p = keep * p - size * m;
  }
};

template <class T>
struct Nadam {
  static constexpr UpdateRule kRule = UpdateRule::kNadam;
  static constexpr int kState = 2;
  Averages<T> averages;
  T keep, of_gradient, of_mean, correction, eps;
  TORCH_HD void operator()(T& p, T g, T& mean, T& square) const {
    T m = averages.mean(mean, g), v = averages.square(square, g);
    p = keep * p - (of_gradient * g + of_mean * m) / (Sqrt{}(v * correction) + eps);
  }
};

template <class T>
struct Adamax {
  static constexpr UpdateRule kRule = UpdateRule::kAdamax;
  static constexpr int kState = 2;
  T beta1, rest1, beta2, size, eps;
  TORCH_HD void operator()(T& p, T g, T& mean, T& largest) const {
    T m = beta1 * mean + rest1 * g;
    T u = Maximum{}(beta2 * largest, Abs{}(g) + eps);
    mean = m;
    largest = u;
    p -= size * m / u;
  }
};

template <class T>
struct Adagrad {
  static constexpr UpdateRule kRule = UpdateRule::kAdagrad;
  static constexpr int kState = 1;
  T size, eps;
  TORCH_HD void operator()(T& p, T g, T& sum) const {
    T s = sum + g * g;
    sum = s;
    p -= size * g / (Sqrt{}(s) + eps);
  }
};

template <class T>
struct Adadelta {
  static constexpr UpdateRule kRule = UpdateRule::kAdadelta;
  static constexpr int kState = 2;
  T lr, rho, rest, eps;
  TORCH_HD void operator()(T& p, T g, T& square, T& delta) const {
    T v = rho * square + rest * g * g, u = delta;
    T d = Sqrt{}((u + eps) / (v + eps)) * g;
    square = v;
    delta = rho * u + rest * d * d;
    p -= lr * d;
  }
};

template <class T, bool kCentered, bool kMomentum>
struct RmspropStep {
  static constexpr UpdateRule kRule =
      kCentered ? (kMomentum ? UpdateRule::kRmspropCenteredMomentum : UpdateRule::kRmspropCentered)
                : (kMomentum ? UpdateRule::kRmspropMomentum : UpdateRule::kRmsprop);
  static constexpr int kState = 1 + kCentered + kMomentum;
  T lr, alpha, rest, momentum, eps;
  // the average of squares; centered: that of gradients; momentum: the velocity
  template <class... More>
  TORCH_HD void operator()(T& p, T g, T& square, More&... more) const {
    T v = alpha * square + rest * g * g;
    square = v;
    if constexpr (kCentered) {
      T a = average(g, more...);
      T variance = v - a * a;
      v = variance < T(0) ? T(0) : variance;  // below 0 by rounding only
    }
    T d = g / (Sqrt{}(v) + eps);
    if constexpr (kMomentum) d = velocity(d, more...);
    p -= lr * d;
  }

 private:
  template <class... More>
  TORCH_HD T average(T g, T& mean, More&...) const {
    return mean = alpha * mean + rest * g;
  }
  template <class... More>
  TORCH_HD T velocity(T d, T& first, More&... last) const {
    if constexpr (sizeof...(last) > 0) {
      return velocity(d, last...);
    } else {
      return first = momentum * first + d;
    }
  }
};
template <class T>
using Rmsprop = RmspropStep<T, false, false>;
template <class T>
using RmspropCentered = RmspropStep<T, true, false>;
template <class T>
using RmspropMomentum = RmspropStep<T, false, true>;
template <class T>
using RmspropCenteredMomentum = RmspropStep<T, true, true>;

// As Clamp, in a form of which loops vectorize.
template <class T>
TORCH_HD T limited(T x, T least, T most) {
  x = x < least ? least : x;
  return x > most ? most : x;
}

template <class T>
struct Rprop {
  static constexpr UpdateRule kRule = UpdateRule::kRprop;
  static constexpr int kState = 2;
  T shrink, grow, smallest, largest;
  TORCH_HD void operator()(T& p, T g, T& last, T& step) const {
    // with the last gradient's sign, and no product with it: that of small numbers is 0
    T agreement = last > T(0) ? g : (last < T(0) ? -g : T(0));
    T s = step * (agreement < T(0) ? shrink : (agreement > T(0) ? grow : T(1)));
    s = limited(s, smallest, largest);
    T d = agreement < T(0) ? T(0) : g;
    step = s;
    last = d;
    p -= d > T(0) ? s : (d < T(0) ? -s : d);  // NaN stays
  }
};

template <class T>
struct Asgd {
  static constexpr UpdateRule kRule = UpdateRule::kAsgd;
  static constexpr int kState = 1;
  static constexpr bool kBare = true;
  T keep, rate, weight;
  TORCH_HD void operator()(T& p, T g, T& average) const {
    T q = keep * p - rate * g;
    p = q;
    average = Lerp{}(T(average), q, weight);
  }
};

// Not of optimizers, but of the gradients before: these have no gradient of their own.
template <class T>
struct Scale {
  static constexpr UpdateRule kRule = UpdateRule::kScale;
  static constexpr int kState = 0;
  static constexpr bool kBare = true;
  T factor;
  TORCH_HD void operator()(T& p, T) const { p *= factor; }
};

template <class T>
struct Limit {
  static constexpr UpdateRule kRule = UpdateRule::kLimit;
  static constexpr int kState = 0;
  static constexpr bool kBare = true;
  T least, most;
  TORCH_HD void operator()(T& p, T) const { p = limited(T(p), least, most); }
};

}  // namespace torch::math
