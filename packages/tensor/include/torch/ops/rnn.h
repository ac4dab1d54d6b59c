// Recurrent layers, one direction, whole sequences at once: float32 and float64.
#pragma once
#include <string_view>
#include <vector>

#include "torch/ops/elementwise.h"

namespace torch::ops {

// Sequences lie step by step: `batch_sizes` says how many of them still run at each step, never
// more than at the one before; R is their sum and B the first. H units, G gates: 1 (tanh, relu), 4
// (lstm: input, forget, cell, output) or 3 (gru: reset, update, new).
struct RnnLayer {
  std::string_view mode;  // "tanh", "relu", "lstm", "gru"
  Shape batch_sizes;
  bool reverse = false;                           // from the last step to the first
  const Tensor *w_ih, *w_hh;                      // (G * H, I), (G * H, H)
  const Tensor *b_ih = nullptr, *b_hh = nullptr;  // (G * H), both or none
};

struct RnnResult {
  Tensor output;    // (R, H)
  Tensor h_n, c_n;  // (B, H); c of lstm only
  Tensor gates;     // lstm, gru: (R, 4 * H), for the gradient
  Tensor cells;     // lstm: (R, H), c after each step
};

// input (R, I), h0 and c0 (B, H); c0 is null but for lstm.
RnnResult rnn_layer(const RnnLayer& layer, const Tensor& input, const Tensor& h0, const Tensor* c0);

struct RnnGrad {
  Tensor input, h0, c0, w_ih, w_hh, b_ih, b_hh;  // c0 of lstm only; b where there are biases
};

// From the gradients of output, h_n and c_n (null: zero).
RnnGrad rnn_layer_grad(const RnnLayer& layer, const Tensor& input, const Tensor& h0,
                       const Tensor* c0, const Tensor& output, const Tensor* gates,
                       const Tensor* cells, const Tensor* grad_output, const Tensor* grad_h_n,
                       const Tensor* grad_c_n);

}  // namespace torch::ops
