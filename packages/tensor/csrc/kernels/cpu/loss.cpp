#include <algorithm>
#include <cstring>

#include "kernels/cpu/isa.h"
#include "kernels/nn_tables.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

bool inside(int64_t target, int64_t classes) {
  return static_cast<uint64_t>(target) < static_cast<uint64_t>(classes);
}

// One element per row is read: memory takes the time, not arithmetic, so that sums are kept in
// double.
template <class T>
int64_t nll_loss(const kernels::NllLoss& p, const char* input, char* loss, char* total_weight) {
  const T* x = reinterpret_cast<const T*>(input);
  const T* weight = reinterpret_cast<const T*>(p.weight);
  double sum = 0, total = 0;
  for (int64_t i = 0; i < p.n; ++i) {
    int64_t t = p.target[i];
    if (!inside(t, p.classes)) return i;
    double w = weight ? static_cast<double>(weight[t]) : 1.0;
    sum -= w * static_cast<double>(x[i * p.classes + t]);
    total += w;
  }
  *reinterpret_cast<T*>(loss) = static_cast<T>(p.size_average ? sum / total : sum);
  *reinterpret_cast<T*>(total_weight) = static_cast<T>(total);
  return -1;
}

template <class T>
int64_t nll_loss_input_grad(const kernels::NllLoss& p, const char* grad_output,
                            const char* total_weight, char* grad_input) {
  T* gx = reinterpret_cast<T*>(grad_input);
  const T* weight = reinterpret_cast<const T*>(p.weight);
  T scale = -*reinterpret_cast<const T*>(grad_output);
  if (p.size_average) scale /= *reinterpret_cast<const T*>(total_weight);
  std::memset(gx, 0, p.n * p.classes * sizeof(T));
  for (int64_t i = 0; i < p.n; ++i) {
    int64_t t = p.target[i];
    if (!inside(t, p.classes)) return i;
    gx[i * p.classes + t] = weight ? weight[t] * scale : scale;
  }
  return -1;
}

template <class T>
constexpr void fill(kernels::LossTable& t) {
  t.nll_loss[torch::index(dtype_of<T>)] = &nll_loss<T>;
  t.nll_loss_input_grad[torch::index(dtype_of<T>)] = &nll_loss_input_grad<T>;
}

constexpr kernels::LossTable make_table() {
  kernels::LossTable t{};
  fill<float>(t);
  fill<double>(t);
  return t;
}

}  // namespace

extern constinit const kernels::LossTable loss = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
