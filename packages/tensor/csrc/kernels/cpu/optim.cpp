// The loop of optimizers: one pass over a parameter and its state, threads share all parameters.
#include <algorithm>
#include <array>
#include <bit>
#include <utility>
#include <vector>

#include "kernels/cpu/drive.h"
#include "kernels/cpu/isa.h"
#include "kernels/optim_table.h"
#include "torch/parallel.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

using kernels::Update;
using math::UpdateRule;

// Elements `begin` to `end` of a parameter. Where nothing decays, the loop reads zeros in place of
// the parameter, kZeros elements at a time: no second loop without decay, and an infinite parameter
// makes no NaN. Only rules that wait for memory alone have a second loop, of the bare gradient.
using Loop = void(const Update& u, int64_t begin, int64_t end, const void* zeros);
constexpr int64_t kZeros = 2048;

template <class Rule, class T, bool kBare, int... kState>
void loop(const Update& u, int64_t begin, int64_t end, const void* zeros,
          std::integer_sequence<int, kState...>) {
  std::array<T, sizeof(Rule) / sizeof(T)> numbers;
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<T>(u.numbers[i]);
  const Rule rule = std::bit_cast<Rule>(numbers);
  T decay = static_cast<T>(u.decay), sign = static_cast<T>(u.sign);
  while (begin < end) {
    int64_t n = kBare || u.decay != 0 ? end - begin : std::min(end - begin, kZeros);
    T* param = reinterpret_cast<T*>(u.param) + begin;
    const T* grad = reinterpret_cast<const T*>(u.grad) + begin;
    const T* decaying = u.decay != 0 ? param : static_cast<const T*>(zeros);
    T* state[] = {reinterpret_cast<T*>(u.state[kState]) + begin..., nullptr};
    static_cast<void>(state);
    // Parameter, gradient and state lie in separate memory: ops saw to that, hence ivdep.
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) {
      T g = grad[i];
      if constexpr (!kBare) g = sign * (g + decay * decaying[i]);
      rule(param[i], g, state[kState][i]...);
    }
    begin += n;
  }
}

template <class Rule, class T>
void loop(const Update& u, int64_t begin, int64_t end, const void* zeros) {
  constexpr auto kState = std::make_integer_sequence<int, Rule::kState>{};
  if constexpr (requires { Rule::kBare; }) {
    if (u.decay == 0 && u.sign > 0) return loop<Rule, T, true>(u, begin, end, zeros, kState);
  }
  loop<Rule, T, false>(u, begin, end, zeros, kState);
}

struct Loops {
  Loop* at[math::kUpdateRules][kDTypes] = {};
};

template <template <class> class... Rules>
constexpr Loops make_loops() {
  Loops l;
  ((l.at[static_cast<int>(Rules<float>::kRule)][index(DType::kFloat32)] =
        &loop<Rules<float>, float>),
   ...);
  ((l.at[static_cast<int>(Rules<double>::kRule)][index(DType::kFloat64)] =
        &loop<Rules<double>, double>),
   ...);
  return l;
}

constexpr Loops kLoops =
    make_loops<math::Sgd, math::Momentum, math::Nesterov, math::Adam, math::Amsgrad,
               math::RadamStart, math::Nadam, math::Adamax, math::Adagrad, math::Adadelta,
               math::Rmsprop, math::RmspropCentered, math::RmspropMomentum,
               math::RmspropCenteredMomentum, math::Rprop, math::Asgd, math::Scale, math::Limit>();

// Threads take parts of all parameters, one after the other, wherever a part begins and ends.
void update(const Update* updates, int64_t count) {
  std::vector<int64_t> ends(count);
  int64_t total = 0;
  for (int64_t i = 0; i < count; ++i) ends[i] = total += updates[i].n;
  parallel_for(total, kComputeGrain, [&](int64_t begin, int64_t end) {
    alignas(64) double zeros[kZeros];
    std::fill_n(zeros, std::min(kZeros, end - begin), 0.0);
    int64_t i = std::upper_bound(ends.begin(), ends.end(), begin) - ends.begin();
    for (; begin < end; ++i) {
      const Update& u = updates[i];
      int64_t first = ends[i] - u.n, stop = std::min(end, ends[i]);
      if (begin < stop) {
        kLoops.at[static_cast<int>(u.rule)][index(u.dtype)](u, begin - first, stop - first, zeros);
      }
      begin = stop;
    }
  });
}

}  // namespace

extern constinit const kernels::OptimTable optim{&update};

}  // namespace torch::cpu::TORCH_CPU_ISA
