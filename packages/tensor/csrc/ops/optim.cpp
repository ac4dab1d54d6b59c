#include "torch/ops/optim.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "kernels/nn_tables.h"
#include "ops/check.h"
#include "torch/ops/copy.h"
#include "torch/ops/elementwise.h"

namespace torch::ops {
namespace {

// A tensor that takes part in a step.
struct Part {
  const char* name;
  const Tensor* tensor;
  bool written;
  Tensor memory;  // what the kernel works on: the tensor itself, or a contiguous copy
};

// Whether the elements fill one gap-free stretch of memory, in whatever order.
bool is_dense(const Tensor& t) {
  auto [begin, end] = t.byte_range();
  return end - begin == t.numel() * t.item_bytes() && !t.overlaps_itself();
}

bool share_memory(const Tensor& a, const Tensor& b) {
  auto [a0, a1] = a.byte_range();
  auto [b0, b1] = b.byte_range();
  return a0 < b1 && b0 < a1;
}

// Checks the parts against the first, the parameter, and lays their elements out in one order
// without gaps.
template <int kParts>
void prepare(const char* op, Part (&parts)[kParts]) {
  const Tensor& param = *parts[0].tensor;
  check_floating(op, parts[0].name, param);
  bool same_strides = is_dense(param);
  for (int i = 0; i < kParts; ++i) {
    const Part& p = parts[i];
    check_type(op, p.name, *p.tensor, param.dtype(), param.device());
    check_size(op, p.name, *p.tensor, param.shape());
    if (p.written) check_writable(op, p.name, *p.tensor);
    same_strides = same_strides && p.tensor->strides() == param.strides();
    for (int j = 0; j < i; ++j) {
      if ((p.written || parts[j].written) && share_memory(*p.tensor, *parts[j].tensor)) {
        raise<ValueError>(op, ": expected ", p.name, " and ", parts[j].name,
                          " in separate memory, got two views of the same");
      }
    }
  }
  // contiguous() copies only where it has to
  for (Part& p : parts) p.memory = same_strides ? *p.tensor : contiguous(*p.tensor);
}

// Where the step starts in memory: at the lowest address, which is not the first element's when
// strides are negative.
char* start(const Part& p) { return const_cast<char*>(p.memory.byte_range().first); }

template <int kParts>
void finish(Part (&parts)[kParts]) {
  for (Part& p : parts) {
    if (!p.written) continue;
    if (p.memory.bytes() != p.tensor->bytes()) {
      Tensor target = *p.tensor;
      copy_(target, p.memory);  // counts the change itself
    } else {
      p.tensor->bump();
    }
  }
}

}  // namespace

void sgd_step_(Tensor& param, const Tensor& grad, Tensor* buf, const SgdOptions& o) {
  constexpr const char* op = "sgd_step_";
  bool momentum = o.momentum != 0;
  if (momentum && !buf)
    raise<ValueError>(op, ": expected a buffer for momentum ", o.momentum, ", got None");
  if (o.nesterov && (!momentum || o.dampening != 0)) {
    raise<ValueError>(op, ": nesterov expects a momentum and no dampening, got momentum ",
                      o.momentum, " and dampening ", o.dampening);
  }
  kernels::SgdStep step{.n = param.numel(),
                        .param = nullptr,
                        .grad = nullptr,
                        .buf = nullptr,
                        .lr = o.lr,
                        .momentum = o.momentum,
                        .dampening = o.dampening,
                        .weight_decay = o.weight_decay,
                        .nesterov = o.nesterov,
                        .first = o.first};
  auto run = [&]<int kParts>(Part(&parts)[kParts]) {
    prepare(op, parts);
    auto* kernel = kernels::optim.on(op, param.device()).sgd[index(param.dtype())];
    require(kernel, op, param.dtype(), param.device());
    step.param = start(parts[0]);
    step.grad = start(parts[1]);
    if constexpr (kParts == 3) step.buf = start(parts[2]);
    kernel(step);
    finish(parts);
  };
  if (momentum) {
    Part parts[] = {
        {"param", &param, true, {}}, {"grad", &grad, false, {}}, {"buf", buf, true, {}}};
    run(parts);
  } else {
    Part parts[] = {{"param", &param, true, {}}, {"grad", &grad, false, {}}};
    run(parts);
  }
}

void adam_step_(Tensor& param, const Tensor& grad, Tensor& exp_avg, Tensor& exp_avg_sq,
                const AdamOptions& o) {
  constexpr const char* op = "adam_step_";
  if (o.step < 1) raise<ValueError>(op, ": expected step of 1 or more, got ", o.step);
  for (auto [name, beta] : {std::pair{"beta1", o.beta1}, std::pair{"beta2", o.beta2}}) {
    if (!(beta >= 0 && beta < 1))
      raise<ValueError>(op, ": expected ", name, " of at least 0 and below 1, got ", beta);
  }
  Part parts[] = {{"param", &param, true, {}},
                  {"grad", &grad, false, {}},
                  {"exp_avg", &exp_avg, true, {}},
                  {"exp_avg_sq", &exp_avg_sq, true, {}}};
  prepare(op, parts);
  auto* kernel = kernels::optim.on(op, param.device()).adam[index(param.dtype())];
  require(kernel, op, param.dtype(), param.device());
  double steps = static_cast<double>(o.step);
  double correction1 = 1 - std::pow(o.beta1, steps), correction2 = 1 - std::pow(o.beta2, steps);
  kernel({.n = param.numel(),
          .param = start(parts[0]),
          .grad = start(parts[1]),
          .exp_avg = start(parts[2]),
          .exp_avg_sq = start(parts[3]),
          .step_size = o.lr * std::sqrt(correction2) / correction1,
          .beta1 = o.beta1,
          .beta2 = o.beta2,
          .eps = o.eps,
          .weight_decay = o.weight_decay});
  finish(parts);
}

}  // namespace torch::ops
