#include "torch/ops/rnn.h"

#include <algorithm>
#include <cstring>

#include "kernels/nn_tables.h"
#include "kernels/tables.h"
#include "ops/check.h"
#include "torch/ops/copy.h"
#include "torch/ops/reduce.h"

namespace torch::ops {
namespace {

using kernels::RnnMode;

constexpr const char* kModes[] = {"tanh", "relu", "lstm", "gru"};
constexpr int64_t kGates[] = {1, 1, 4, 3}, kSaved[] = {0, 0, 4, 4};

RnnMode mode_of(const char* op, std::string_view name) {
  for (int i = 0; i < 4; ++i) {
    if (name == kModes[i]) return static_cast<RnnMode>(i);
  }
  raise<ValueError>(op, ": expected the mode 'tanh', 'relu', 'lstm' or 'gru', got '", name, "'");
}

// Everything that both directions of the calculation need to know, checked.
struct Run {
  const char* op;
  RnnMode mode;
  int64_t steps, rows, batch, inputs, hidden, gates;
  std::vector<int64_t> starts;  // first row of each step, and the number of rows
  DType dtype;
  bool reverse;

  Run(const char* name, const RnnLayer& l, const Tensor& input, const Tensor& h0, const Tensor* c0)
      : op(name), mode(mode_of(name, l.mode)), dtype(input.dtype()), reverse(l.reverse) {
    check_floating(op, "input", input);
    check_layout(op, "input", input, 2, "(rows of all steps, inputs)");
    check_layout(op, "h0", h0, 2, "(batch, hidden)");
    steps = l.batch_sizes.size();
    rows = input.size(0);
    inputs = input.size(1);
    batch = h0.size(0);
    hidden = h0.size(1);
    gates = kGates[static_cast<int>(mode)];
    int64_t before = batch, sum = 0;
    starts = {0};
    for (int64_t n : l.batch_sizes) {
      if (n < 1 || n > before || (sum == 0 && n != batch)) {
        raise<ValueError>(op, ": expected batch sizes that begin with ", batch,
                          " and never grow, got ", l.batch_sizes);
      }
      before = n;
      starts.push_back(sum += n);
    }
    if (sum != rows || steps < 1) {
      raise<ValueError>(op, ": expected batch sizes whose sum is the rows of the input, ", rows,
                        ", got ", l.batch_sizes);
    }
    if (inputs < 1 || hidden < 1)
      raise<ValueError>(op, ": expected 1 or more inputs and units, got ", inputs, " and ", hidden);
    check(h0, "h0", {batch, hidden}, input);
    if ((mode == RnnMode::kLstm) != (c0 != nullptr))
      raise<ValueError>(op, ": expected c0 for lstm and for nothing else");
    if (c0) check(*c0, "c0", {batch, hidden}, input);
    check(*l.w_ih, "w_ih", {gates * hidden, inputs}, input);
    check(*l.w_hh, "w_hh", {gates * hidden, hidden}, input);
    if ((l.b_ih == nullptr) != (l.b_hh == nullptr))
      raise<ValueError>(op, ": expected both biases or none");
    if (l.b_ih) {
      check(*l.b_ih, "b_ih", {gates * hidden}, input);
      check(*l.b_hh, "b_hh", {gates * hidden}, input);
    }
  }
  void check(const Tensor& t, const char* name, const Shape& size, const Tensor& like) const {
    check_type(op, name, t, like.dtype(), like.device());
    check_size(op, name, t, size);
  }
  int64_t count(int64_t step) const { return starts[step + 1] - starts[step]; }
  // The steps in the order of the calculation.
  int64_t at(int64_t k) const { return reverse ? steps - 1 - k : k; }
  int64_t item() const { return item_size(dtype); }
};

// c = a @ b (+ c); a (m, k), b (k, n), with strides.
struct Product {
  const Run& run;
  void (*gemm)(const kernels::Gemm&);
  explicit Product(const Run& r)
      : run(r),
        gemm(require(kernels::linalg.on(r.op, Device()).gemm[index(r.dtype)], r.op, r.dtype,
                     Device())) {}
  // c (m, n) = a (m, k) @ w (n, k) transposed
  void by_transposed(const char* a, const char* w, char* c, int64_t m, int64_t n, int64_t k,
                     bool add) const {
    call(a, k, 1, w, 1, k, c, m, n, k, add);
  }
  // c (m, n) = a (m, k) @ w (k, n)
  void by(const char* a, const char* w, char* c, int64_t m, int64_t n, int64_t k, bool add) const {
    call(a, k, 1, w, n, 1, c, m, n, k, add);
  }
  // c (m, n) = a (k, m) transposed @ b (k, n)
  void of_transposed(const char* a, const char* b, char* c, int64_t m, int64_t n, int64_t k) const {
    call(a, 1, m, b, n, 1, c, m, n, k, false);
  }

 private:
  void call(const char* a, int64_t a_row, int64_t a_col, const char* b, int64_t b_row,
            int64_t b_col, char* c, int64_t m, int64_t n, int64_t k, bool add) const {
    gemm({m, n, k, a, a_row, a_col, b, b_row, b_col, c, 1.0, add ? 1.0 : 0.0, {}, {}, {}});
  }
};

// Rows of `width` elements filled with `values`, or with zeros for null.
void fill_rows(const Run& run, char* to, int64_t rows, int64_t width, const char* values) {
  int64_t bytes = width * run.item();
  if (!values) {
    std::memset(to, 0, rows * bytes);
    return;
  }
  for (int64_t r = 0; r < rows; ++r) std::memcpy(to + r * bytes, values, bytes);
}

// Of the k-th step to be calculated, calls f(first row, rows, continues, offset) for the rows that
// continue the step before and for those that begin. The bytes of their former states lie from
// `offset` on: among the states after each row where they continue, else among the initial ones.
template <class F>
void with_previous(const Run& run, int64_t k, F f) {
  int64_t n = run.count(run.at(k)), bytes = run.hidden * run.item(), begun = 0;
  if (k > 0) {
    int64_t before = run.at(k - 1);
    begun = std::min(n, run.count(before));
    f(int64_t{0}, begun, true, run.starts[before] * bytes);
  }
  if (begun < n) f(begun, n - begun, false, begun * bytes);
}

}  // namespace

RnnResult rnn_layer(const RnnLayer& layer, const Tensor& input, const Tensor& h0,
                    const Tensor* c0) {
  Run run("rnn_layer", layer, input, h0, c0);
  auto* step = require(
      kernels::rnn.on(run.op, input.device()).step[static_cast<int>(run.mode)][index(run.dtype)],
      run.op, run.dtype, input.device());
  Product product(run);
  bool lstm = run.mode == RnnMode::kLstm, gru = run.mode == RnnMode::kGru;
  int64_t width = run.gates * run.hidden, item = run.item(), state = run.hidden * item;
  Tensor x = contiguous(input), h = contiguous(h0), w_ih = contiguous(*layer.w_ih),
         w_hh = contiguous(*layer.w_hh);
  Tensor c = lstm ? contiguous(*c0) : Tensor();

  // the input's part of all sums at once; with both biases where they meet in one sum
  Tensor sums = empty({run.rows, width}, run.dtype);
  if (layer.b_ih) {
    Tensor bias = gru ? contiguous(*layer.b_ih)
                      : binary(BinaryOp::add, contiguous(*layer.b_ih), contiguous(*layer.b_hh));
    fill_rows(run, sums.bytes(), run.rows, width, bias.bytes());
  }
  product.by_transposed(x.bytes(), w_ih.bytes(), sums.bytes(), run.rows, width, run.inputs,
                        layer.b_ih != nullptr);

  RnnResult result;
  result.output = empty({run.rows, run.hidden}, run.dtype);
  result.gates = gru ? empty({run.rows, 4 * run.hidden}, run.dtype) : lstm ? sums : Tensor();
  if (lstm) result.cells = empty({run.rows, run.hidden}, run.dtype);
  Tensor recurrent = gru ? empty({run.batch, width}, run.dtype) : Tensor();
  Tensor b_hh = gru && layer.b_hh ? contiguous(*layer.b_hh) : Tensor();
  char *out = result.output.bytes(), *cells = lstm ? result.cells.bytes() : nullptr;
  char* gates = gru ? result.gates.bytes() : sums.bytes();
  int64_t gates_width = gru ? 4 * run.hidden : width;

  for (int64_t k = 0; k < run.steps; ++k) {
    int64_t start = run.starts[run.at(k)];
    with_previous(run, k, [&](int64_t first, int64_t n, bool continues, int64_t offset) {
      int64_t row = start + first;
      const char* h_prev = (continues ? out : h.bytes()) + offset;
      char* sum = sums.bytes() + row * width * item;
      if (gru) fill_rows(run, recurrent.bytes(), n, width, b_hh.defined() ? b_hh.bytes() : nullptr);
      product.by_transposed(h_prev, w_hh.bytes(), gru ? recurrent.bytes() : sum, n, width,
                            run.hidden, true);
      kernels::RnnStep p{.rows = n,
                         .hidden = run.hidden,
                         .gates = gates + row * gates_width * item,
                         .recurrent = gru ? recurrent.bytes() : nullptr,
                         .input = gru ? sum : nullptr,
                         .h_prev = h_prev,
                         .c_prev = lstm ? (continues ? cells : c.bytes()) + offset : nullptr,
                         .h = out + row * state,
                         .c = lstm ? cells + row * state : nullptr};
      step(p);
    });
  }

  // The last state of every sequence: where it ends in this direction.
  auto last = [&](const char* states) {
    Tensor t = empty({run.batch, run.hidden}, run.dtype);
    for (int64_t s = 0; s < run.steps; ++s) {
      int64_t n = run.count(s), next = s + 1 < run.steps ? run.count(s + 1) : 0;
      if (run.reverse) {
        if (s == 0) std::memcpy(t.bytes(), states, n * state);
      } else if (next < n) {
        std::memcpy(t.bytes() + next * state, states + (run.starts[s] + next) * state,
                    (n - next) * state);
      }
    }
    return t;
  };
  result.h_n = last(out);
  if (lstm) result.c_n = last(cells);
  return result;
}

RnnGrad rnn_layer_grad(const RnnLayer& layer, const Tensor& input, const Tensor& h0,
                       const Tensor* c0, const Tensor& output, const Tensor* gates,
                       const Tensor* cells, const Tensor* grad_output, const Tensor* grad_h_n,
                       const Tensor* grad_c_n) {
  Run run("rnn_layer_grad", layer, input, h0, c0);
  bool lstm = run.mode == RnnMode::kLstm, gru = run.mode == RnnMode::kGru;
  int64_t width = run.gates * run.hidden, item = run.item(), state = run.hidden * item,
          saved = kSaved[static_cast<int>(run.mode)] * run.hidden;
  Shape sequence{run.rows, run.hidden}, single{run.batch, run.hidden};
  run.check(output, "output", sequence, input);
  if ((saved > 0) != (gates != nullptr) || lstm != (cells != nullptr))
    raise<ValueError>(run.op, ": expected the gates and cells that rnn_layer gave");
  if (gates) run.check(*gates, "gates", {run.rows, saved}, input);
  if (cells) run.check(*cells, "cells", sequence, input);
  if (grad_output) run.check(*grad_output, "grad_output", sequence, input);
  if (grad_h_n) run.check(*grad_h_n, "grad_h_n", single, input);
  if (grad_c_n) run.check(*grad_c_n, "grad_c_n", single, input);
  auto* step = require(kernels::rnn.on(run.op, input.device())
                           .step_grad[static_cast<int>(run.mode)][index(run.dtype)],
                       run.op, run.dtype, input.device());
  Product product(run);
  Tensor x = contiguous(input), h = contiguous(h0), out = contiguous(output),
         w_ih = contiguous(*layer.w_ih), w_hh = contiguous(*layer.w_hh);
  Tensor c = lstm ? contiguous(*c0) : Tensor(), cell = lstm ? contiguous(*cells) : Tensor();
  Tensor gate = gates ? contiguous(*gates) : Tensor();
  Tensor gy = grad_output ? contiguous(*grad_output) : Tensor();

  RnnGrad grad;
  // gradients of the states between the steps; at the end those of h0 and c0
  grad.h0 = grad_h_n ? clone(contiguous(*grad_h_n)) : zeros(single, run.dtype);
  if (lstm) grad.c0 = grad_c_n ? clone(contiguous(*grad_c_n)) : zeros(single, run.dtype);
  Tensor ginput = empty({run.rows, width}, run.dtype),
         grecurrent = gru ? empty({run.rows, width}, run.dtype) : ginput,
         previous = empty(sequence, run.dtype);  // h before each row

  for (int64_t k = run.steps - 1; k >= 0; --k) {
    int64_t start = run.starts[run.at(k)], count = run.count(run.at(k));
    if (gy.defined()) {
      Tensor part(grad.h0.storage(), {count, run.hidden}, {run.hidden, 1}, 0);
      Tensor more(gy.storage(), {count, run.hidden}, {run.hidden, 1},
                  gy.offset() + start * run.hidden);
      binary(BinaryOp::add, part, more, &part);
    }
    with_previous(run, k, [&](int64_t first, int64_t n, bool continues, int64_t offset) {
      int64_t row = start + first;
      const char* h_prev = (continues ? out : h).bytes() + offset;
      std::memcpy(previous.bytes() + row * state, h_prev, n * state);
      char* gh = grad.h0.bytes() + first * state;
      kernels::RnnStepGrad p{.rows = n,
                             .hidden = run.hidden,
                             .gates = gate.defined() ? gate.bytes() + row * saved * item : nullptr,
                             .h_prev = h_prev,
                             .c_prev = lstm ? (continues ? cell : c).bytes() + offset : nullptr,
                             .h = out.bytes() + row * state,
                             .c = lstm ? cell.bytes() + row * state : nullptr,
                             .gh = gh,
                             .gc = lstm ? grad.c0.bytes() + first * state : nullptr,
                             .ginput = ginput.bytes() + row * width * item,
                             .grecurrent = gru ? grecurrent.bytes() + row * width * item : nullptr};
      step(p);
      product.by(grecurrent.bytes() + row * width * item, w_hh.bytes(), gh, n, run.hidden, width,
                 gru);
    });
  }

  grad.input = empty({run.rows, run.inputs}, run.dtype);
  product.by(ginput.bytes(), w_ih.bytes(), grad.input.bytes(), run.rows, run.inputs, width, false);
  grad.w_ih = empty({width, run.inputs}, run.dtype);
  product.of_transposed(ginput.bytes(), x.bytes(), grad.w_ih.bytes(), width, run.inputs, run.rows);
  grad.w_hh = empty({width, run.hidden}, run.dtype);
  product.of_transposed(grecurrent.bytes(), previous.bytes(), grad.w_hh.bytes(), width, run.hidden,
                        run.rows);
  if (layer.b_ih) {
    grad.b_ih = reduce(ReduceOp::sum, run.op, ginput, {0}, false);
    grad.b_hh = gru ? reduce(ReduceOp::sum, run.op, grecurrent, {0}, false) : clone(grad.b_ih);
  }
  return grad;
}

}  // namespace torch::ops
