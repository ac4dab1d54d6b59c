// Tables of the nn families, beside tables.h. Tensors are contiguous here; float32 and float64 have
// kernels.
#pragma once
#include <array>

#include "torch/registry.h"
#include "torch/shape.h"

namespace torch::kernels {

// One convolution; which of the pointers is written depends on the kernel. No size is 0.
struct Conv2d {
  int64_t n, c, h, w;  // input
  int64_t o, kh, kw;   // weight (o, c / groups, kh, kw)
  int64_t ho, wo;      // output (n, o, ho, wo)
  std::array<int64_t, 2> stride, padding, dilation;
  int64_t groups;
  char *input, *weight, *bias, *output;  // bias may be null; the gradients' kernels ignore it
};
struct ConvTable {
  using Kernel = void(const Conv2d&);
  Kernel* forward[kDTypes];      // writes output
  Kernel* input_grad[kDTypes];   // writes input
  Kernel* weight_grad[kDTypes];  // writes weight
};

struct Pool2d {
  int64_t planes, h, w, ho, wo;
  std::array<int64_t, 2> kernel, stride, padding, dilation;
  const char* input;
  char* output;
  int64_t* indices;
};
// Planes of `in` elements on one side and of `out` elements with their indices on the other.
struct PoolMap {
  int64_t planes, in, out;
  char* input;
  char* output;
  const int64_t* indices;
};
struct PoolTable {
  // Every window holds an element of the input.
  void (*max_pool2d[kDTypes])(const Pool2d&);
  // Both return the position of an index outside [0, in), or -1; such an index is not followed.
  int64_t (*scatter[kDTypes])(const PoolMap&);  // input = 0; input[indices] += output
  int64_t (*gather[kDTypes])(const PoolMap&);   // output = input[indices]
};

// Sizes around the dimension of n elements: (outer, n, inner).
struct SoftmaxTable {
  void (*log_softmax[kDTypes])(char* out, const char* in, int64_t outer, int64_t n, int64_t inner);
  void (*log_softmax_input_grad[kDTypes])(char* grad_input, const char* grad_output,
                                          const char* output, int64_t outer, int64_t n,
                                          int64_t inner);
};

struct NllLoss {
  int64_t n, classes;
  const int64_t* target;
  const char* weight;  // null: 1 for every class
  bool size_average;
};
// Both return the position of a target outside [0, classes), or -1.
struct LossTable {
  int64_t (*nll_loss[kDTypes])(const NllLoss&, const char* input, char* loss, char* total_weight);
  int64_t (*nll_loss_input_grad[kDTypes])(const NllLoss&, const char* grad_output,
                                          const char* total_weight, char* grad_input);
};

struct SgdStep {
  int64_t n;
  char* param;
  const char* grad;
  char* buf;  // null without momentum
  double lr, momentum, dampening, weight_decay;
  bool nesterov, first;
};
struct AdamStep {
  int64_t n;
  char* param;
  const char* grad;
  char *exp_avg, *exp_avg_sq;
  double step_size;  // learning rate with both bias corrections
  double beta1, beta2, eps, weight_decay;
};
struct OptimTable {
  void (*sgd[kDTypes])(const SgdStep&);
  void (*adam[kDTypes])(const AdamStep&);
};

extern KernelFamily<ConvTable> conv;
extern KernelFamily<PoolTable> pool;
extern KernelFamily<SoftmaxTable> softmax;
extern KernelFamily<LossTable> loss;
extern KernelFamily<OptimTable> optim;

}  // namespace torch::kernels
