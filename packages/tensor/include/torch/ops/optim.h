// Update rules of optimizers: all parameters of a group in one pass over memory. The lists hold one
// tensor per parameter: the parameter, its gradient and its state have one size and a floating
// dtype and lie in separate memory; what is written counts as changed in place. Everything is
// checked before anything is written. Errors call a tensor by its list and position: `grads[3]`.
//
// The classes of torch.optim have the formulas and their sources; weight_decay * param is part of
// the gradient unless a rule is said to have it apart.
#pragma once
#include <span>
#include <vector>

#include "torch/tensor.h"

namespace torch::ops {

using TensorList = std::span<Tensor* const>;

struct StepOptions {
  double lr = 0, weight_decay = 0;
  bool maximize = false;  // along the gradient instead of against it
};

struct SgdOptions : StepOptions {
  double momentum = 0, dampening = 0;
  bool nesterov = false;
};
// `bufs` is not touched without momentum, and may be empty then. Where `firsts` is not 0 the buffer
// must be zeros, and becomes the gradient itself.
void sgd_steps_(TensorList params, TensorList grads, TensorList bufs,
                const std::vector<int64_t>& firsts, const SgdOptions& options);

struct AdamOptions : StepOptions {
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
  bool decoupled = false;  // the decay is apart, of the parameter before the step
};
struct AdamLists {
  TensorList params, grads, exp_avgs, exp_avg_sqs;
  TensorList max_exp_avg_sqs = {};  // empty: the largest average does not count
};
// `steps` count from 1. adam_steps_ adds eps to the uncorrected root, adamw_steps_ (whose decay is
// apart) to the corrected one.
void adam_steps_(const AdamLists& lists, const std::vector<int64_t>& steps,
                 const AdamOptions& options);
void adamw_steps_(const AdamLists& lists, const std::vector<int64_t>& steps,
                  const AdamOptions& options);
void radam_steps_(const AdamLists& lists, const std::vector<int64_t>& steps,
                  const AdamOptions& options);
// exp_avg_sqs are the infinity norms.
void adamax_steps_(const AdamLists& lists, const std::vector<int64_t>& steps,
                   const AdamOptions& options);
// `mu_products` are those after the step before, 1 at first; returns those after this step.
std::vector<double> nadam_steps_(const AdamLists& lists, const std::vector<double>& mu_products,
                                 const std::vector<int64_t>& steps, const AdamOptions& options,
                                 double momentum_decay);

void adagrad_steps_(TensorList params, TensorList grads, TensorList sums,
                    const std::vector<int64_t>& steps, const StepOptions& options, double lr_decay,
                    double eps);
void adadelta_steps_(TensorList params, TensorList grads, TensorList square_avgs,
                     TensorList acc_deltas, const StepOptions& options, double rho, double eps);

struct RmspropOptions : StepOptions {
  double alpha = 0.99, eps = 1e-8, momentum = 0;
};
// Centered unless `grad_avgs` is empty; `bufs` may be empty without momentum.
void rmsprop_steps_(TensorList params, TensorList grads, TensorList square_avgs,
                    TensorList grad_avgs, TensorList bufs, const RmspropOptions& options);

struct RpropOptions {
  double shrink = 0.5, grow = 1.2, smallest = 1e-6, largest = 50;
  bool maximize = false;
};
void rprop_steps_(TensorList params, TensorList grads, TensorList prevs, TensorList step_sizes,
                  const RpropOptions& options);

// param -= eta * (grad + lambd * param); ax += mu * (param - ax)
void asgd_steps_(TensorList params, TensorList grads, TensorList axs,
                 const std::vector<double>& etas, const std::vector<double>& mus, double lambd,
                 double weight_decay, bool maximize);

// Gradients before a step. The p-norm of all elements as one vector: the same for any number of
// threads. NaN makes it NaN; 0 where there are no elements.
double norm_list(TensorList tensors, double p);
void mul_list_(TensorList tensors, double factor);
void clamp_list_(TensorList tensors, double min, double max);

}  // namespace torch::ops
