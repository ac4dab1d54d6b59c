#include <cmath>
#include <type_traits>

#include "kernels/cpu/drive.h"
#include "kernels/cpu/isa.h"
#include "kernels/nn_tables.h"
#include "torch/parallel.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

// Calls f with the flag as a type, so that each combination becomes a loop of its own.
template <class F>
void with_flag(bool flag, F f) {
  flag ? f(std::true_type{}) : f(std::false_type{});
}

// Parameter, gradient and buffers lie in separate memory: ops saw to that, hence ivdep.

template <class T>
void sgd(const kernels::SgdStep& s) {
  T lr = static_cast<T>(s.lr), momentum = static_cast<T>(s.momentum),
    weight_decay = static_cast<T>(s.weight_decay);
  T rest = static_cast<T>(1 - s.dampening);
  T *param = reinterpret_cast<T*>(s.param), *buf = reinterpret_cast<T*>(s.buf);
  const T* grad = reinterpret_cast<const T*>(s.grad);
  auto run = [&](auto decays, auto has_buf, auto is_first, auto is_nesterov) {
    parallel_for(s.n, kMemoryGrain, [&](int64_t begin, int64_t end) {
#pragma GCC ivdep
      for (int64_t i = begin; i < end; ++i) {
        T d = grad[i];
        if constexpr (decays) d += weight_decay * param[i];
        if constexpr (has_buf) {
          T b;
          if constexpr (is_first) {
            b = d;
          } else {
            b = momentum * buf[i] + rest * d;
          }
          buf[i] = b;
          if constexpr (is_nesterov) {
            d += momentum * b;
          } else {
            d = b;
          }
        }
        param[i] -= lr * d;
      }
    });
  };
  with_flag(s.weight_decay != 0, [&](auto decays) {
    if (!buf) return run(decays, std::false_type{}, std::false_type{}, std::false_type{});
    with_flag(s.first, [&](auto first) {
      with_flag(s.nesterov, [&](auto nesterov) { run(decays, std::true_type{}, first, nesterov); });
    });
  });
}

template <class T>
void adam(const kernels::AdamStep& s) {
  T step_size = static_cast<T>(s.step_size), eps = static_cast<T>(s.eps),
    weight_decay = static_cast<T>(s.weight_decay);
  T beta1 = static_cast<T>(s.beta1), beta2 = static_cast<T>(s.beta2);
  T rest1 = static_cast<T>(1 - s.beta1), rest2 = static_cast<T>(1 - s.beta2);
  T *param = reinterpret_cast<T*>(s.param), *mean = reinterpret_cast<T*>(s.exp_avg),
    *square = reinterpret_cast<T*>(s.exp_avg_sq);
  const T* grad = reinterpret_cast<const T*>(s.grad);
  with_flag(s.weight_decay != 0, [&](auto decays) {
    parallel_for(s.n, kMemoryGrain, [&](int64_t begin, int64_t end) {
#pragma GCC ivdep
      for (int64_t i = begin; i < end; ++i) {
        T g = grad[i];
        if constexpr (decays) g += weight_decay * param[i];
        T m = beta1 * mean[i] + rest1 * g;
        T v = beta2 * square[i] + rest2 * g * g;
        mean[i] = m;
        square[i] = v;
        param[i] -= step_size * m / (std::sqrt(v) + eps);
      }
    });
  });
}

template <class T>
constexpr void fill(kernels::OptimTable& t) {
  t.sgd[torch::index(dtype_of<T>)] = &sgd<T>;
  t.adam[torch::index(dtype_of<T>)] = &adam<T>;
}

constexpr kernels::OptimTable make_table() {
  kernels::OptimTable t{};
  fill<float>(t);
  fill<double>(t);
  return t;
}

}  // namespace

extern constinit const kernels::OptimTable optim = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
