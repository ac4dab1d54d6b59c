// Tables of the nn families, beside tables.h. Tensors are contiguous here; float32 and float64 have
// kernels.
#pragma once
#include <array>

#include "torch/registry.h"
#include "torch/shape.h"
#include "torch/storage.h"

namespace torch::kernels {

inline constexpr int kSpatial = 3;
using Triple = std::array<int64_t, kSpatial>;  // (depth, height, width); unused ones come first
inline constexpr Triple kOnes{1, 1, 1}, kZeros{0, 0, 0};
inline int64_t product(const Triple& t) { return t[0] * t[1] * t[2]; }

// One convolution; which of the pointers is written depends on the kernel. No size is 0.
struct Conv {
  int64_t n, c, o;  // input (n, c, *in), weight (o, c / groups, *kernel), output (n, o, *out)
  Triple in = kOnes, kernel = kOnes, out = kOnes;
  Triple stride = kOnes, padding = kZeros, dilation = kOnes;
  int64_t groups = 1;
  // Whether these lie channels last, as (n, *in, c) and (n, *out, o).
  bool input_last = false, output_last = false;
  char *input = nullptr, *weight = nullptr, *bias = nullptr,
       *output = nullptr;  // bias may be null; the gradients' kernels ignore it
  // Of the weight where it is_private(): a kernel may keep another format of it there; else null.
  Storage* keeper = nullptr;
};
struct ConvTable {
  using Kernel = void(const Conv&);
  Kernel* forward[kDTypes];      // writes output
  Kernel* input_grad[kDTypes];   // writes input
  Kernel* weight_grad[kDTypes];  // writes weight
  bool channels_last[kDTypes];   // whether such memory is understood, and faster than row-major
};

// Windows along one dimension: output i looks at the inputs begin[i], begin[i] + step, ... below
// end[i]. `stride` is what lies between two planes' begins and ends; 0 where all planes share them.
struct Windows {
  int64_t in = 1, out = 1, step = 1, stride = 0;
  const int64_t *begin = nullptr, *end = nullptr,
                *count = nullptr;  // count: what a mean divides by
};
// Input (planes, in..., lanes) and output (planes, out..., lanes). The lanes are the channels of
// images that lie channels last, else 1; where there are several, all planes share their windows.
struct Pool {
  int64_t planes, lanes = 1;
  Windows windows[kSpatial];
  bool is_2x2;  // side by side, in the last two dimensions
  char* input;
  char* output;
  int64_t* indices;
};
// Planes of `in` elements on one side and of `out` elements with their indices on the other, of
// `lanes` each as above.
struct PoolMap {
  int64_t planes, in, out, lanes;
  char* input;
  char* output;
  const int64_t* indices;
};
struct PoolTable {
  // Every window holds an element of the input.
  void (*max_pool[kDTypes])(const Pool&);
  void (*avg_pool[kDTypes])(const Pool&);
  void (*avg_pool_input_grad[kDTypes])(const Pool&);  // writes input
  // These return the position of an index outside [0, in), or -1; such an index is not followed.
  int64_t (*scatter_add[kDTypes])(const PoolMap&);  // input = 0; input[indices] += output
  int64_t (*scatter[kDTypes])(const PoolMap&);      // input = 0; input[indices] = output
  int64_t (*gather[kDTypes])(const PoolMap&);       // output = input[indices]
};

// Sizes around the dimension of n elements: (outer, n, inner).
struct SoftmaxKernels {
  void (*forward[kDTypes])(char* out, const char* in, int64_t outer, int64_t n, int64_t inner);
  void (*input_grad[kDTypes])(char* grad_input, const char* grad_output, const char* output,
                              int64_t outer, int64_t n, int64_t inner);
};
struct SoftmaxTable {
  SoftmaxKernels log_softmax, softmax;
};

// x (n, channels, inner), one mean and one 1 / sqrt(variance + eps) per channel.
struct ChannelNorm {
  int64_t n, channels, inner;
  const char* x = nullptr;
  const char *weight = nullptr, *bias = nullptr;  // per channel; null: 1 and 0
  char *mean = nullptr,
       *inv_std = nullptr;  // written by stats (inv_std: the biased variance), else read
  char* y = nullptr;        // the result
  // of the gradient
  const char* gy = nullptr;
  char *gx = nullptr, *gweight = nullptr, *gbias = nullptr;
  bool training = false;  // mean and inv_std depend on x
};
// x (rows, n): one mean and one 1 / sqrt(variance + eps) per row.
struct RowNorm {
  int64_t rows, n;
  const char* x = nullptr;
  const char *weight = nullptr, *bias = nullptr;  // per position; null: 1 and 0
  char *mean = nullptr, *inv_std = nullptr;
  double eps = 0;
  char* y = nullptr;
  const char* gy = nullptr;
  char *gx = nullptr, *gweight = nullptr, *gbias = nullptr;  // the last two may be null
};
inline constexpr int64_t kNarrow = 16;  // planes below are rather columns of a matrix
struct NormTable {
  void (*channel_stats[kDTypes])(const ChannelNorm&);  // of planes; reduce has it for columns
  void (*channel_norm[kDTypes])(const ChannelNorm&);
  void (*channel_norm_grad[kDTypes])(const ChannelNorm&);
  void (*row_norm[kDTypes])(const RowNorm&);
  void (*row_norm_grad[kDTypes])(const RowNorm&);
};

enum class RnnMode : uint8_t { kTanh, kRelu, kLstm, kGru };
// One step of a recurrent layer for `rows` sequences, element by element; all row-major. What a
// mode does not have is null.
struct RnnStep {
  int64_t rows, hidden;
  // LSTM: (rows, 4 hidden) sums in, activations i, f, g, o out. GRU: (rows, 4 hidden), r, z, n and
  // the recurrent sum of n out. Else (rows, hidden), overwritten by the new state.
  char* gates;
  const char* recurrent;  // GRU: (rows, 3 hidden), the part of the sums that comes from h
  const char* input;      // GRU: (rows, 3 hidden), the part that comes from the input
  const char *h_prev, *c_prev;
  char *h, *c;  // the new states
};
struct RnnStepGrad {
  int64_t rows, hidden;
  const char *gates, *h_prev, *c_prev, *h, *c;
  char* gh;          // (rows, hidden): gradient of h in; GRU: what goes to h_prev directly out
  char* gc;          // LSTM: gradient of c in, of c_prev out
  char* ginput;      // (rows, gates * hidden): gradient of the sums, or of their input part
  char* grecurrent;  // GRU: of their recurrent part
};
struct RnnTable {
  void (*step[4][kDTypes])(const RnnStep&);
  void (*step_grad[4][kDTypes])(const RnnStepGrad&);
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

extern KernelFamily<ConvTable> conv;
extern KernelFamily<PoolTable> pool;
extern KernelFamily<SoftmaxTable> softmax;
extern KernelFamily<NormTable> norm;
extern KernelFamily<RnnTable> rnn;
extern KernelFamily<LossTable> loss;

}  // namespace torch::kernels
