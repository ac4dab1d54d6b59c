// Private functions of torch._C behind the recurrent layers of torch.nn.
#include "torch/ops/rnn.h"
#include "bindings/results.h"

namespace torch::python {
namespace {

// A tuple with None for what there is not.
PyObject* tuple_or_none(std::initializer_list<Tensor*> tensors) {
  Object tuple(PyTuple_New(static_cast<Py_ssize_t>(tensors.size())));
  Py_ssize_t i = 0;
  for (Tensor* t : tensors) {
    PyObject* item = t->defined() ? Object(wrap(std::move(*t))).release() : Py_NewRef(Py_None);
    PyTuple_SET_ITEM(tuple.get(), i++, item);
  }
  return tuple.release();
}

// The layer, whose arguments stand from the front in both functions:
// (mode, batch_sizes, reverse, w_ih, w_hh, b_ih, b_hh, ...)
struct Layer {
  std::string mode;
  ops::RnnLayer layer;
  explicit Layer(Args& a) : mode(a.text(0, "")) {
    layer = {mode,         a.sizes(1),          a.boolean(2),       &a.tensor(3),
             &a.tensor(4), a.tensor_or_null(5), a.tensor_or_null(6)};
  }
};

PyObject* rnn_layer_call(Args& a) {
  Layer l(a);
  ops::RnnResult r;
  {
    ReleaseGil release(a.tensor(7).numel() * a.tensor(8).numel());
    r = ops::rnn_layer(l.layer, a.tensor(7), a.tensor(8), a.tensor_or_null(9));
  }
  return tuple_or_none({&r.output, &r.h_n, &r.c_n, &r.gates, &r.cells});
}

PyObject* rnn_layer_grad_call(Args& a) {
  Layer l(a);
  ops::RnnGrad g;
  {
    ReleaseGil release(a.tensor(7).numel() * a.tensor(8).numel());
    g = ops::rnn_layer_grad(l.layer, a.tensor(7), a.tensor(8), a.tensor_or_null(9), a.tensor(10),
                            a.tensor_or_null(11), a.tensor_or_null(12), a.tensor_or_null(13),
                            a.tensor_or_null(14), a.tensor_or_null(15));
  }
  return tuple_or_none({&g.input, &g.h0, &g.c0, &g.w_ih, &g.w_hh, &g.b_ih, &g.b_hh});
}

constexpr OpDef kOps[] = {
    {"rnn_layer", kPrivate,
     "(mode: object, batch_sizes: sizes, reverse: bool, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor = "
     "None, b_hh: Tensor = None, input: Tensor, h0: Tensor, c0: Tensor = None)",
     &rnn_layer_call,
     "One direction of a recurrent layer over whole sequences: (output, h_n, c_n, gates, cells), "
     "None for what the mode ('tanh', 'relu', 'lstm', 'gru') does not have. Rows of input (R, I) "
     "are the steps one after the other, batch_sizes[t] of them at step t."},
    {"rnn_layer_grad", kPrivate,
     "(mode: object, batch_sizes: sizes, reverse: bool, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor = "
     "None, b_hh: Tensor = None, input: Tensor, h0: Tensor, c0: Tensor = None, output: Tensor, "
     "gates: Tensor = None, cells: Tensor = None, grad_output: Tensor = None, grad_h_n: Tensor = "
     "None, grad_c_n: Tensor = None)",
     &rnn_layer_grad_call,
     "Gradients of (input, h0, c0, w_ih, w_hh, b_ih, b_hh) of rnn_layer, from those of output, h_n "
     "and c_n."},
};

}  // namespace

void add_rnn(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
