// Private functions of torch._C that torch.optim and clipping are built on. They take lists with
// one tensor or number per parameter.
#include <vector>

#include "bindings/parser.h"
#include "torch/ops/optim.h"

namespace torch::python {
namespace {

// The tensors of a list, which live as long as this does, whatever becomes of the list.
class Tensors {
 public:
  Tensors(Args& a, int i) : held_(items(a.object(i))) {
    Py_ssize_t n = PyTuple_GET_SIZE(held_.get());
    tensors_.reserve(n);
    for (Py_ssize_t k = 0; k < n; ++k)
      tensors_.push_back(&unwrap(PyTuple_GET_ITEM(held_.get(), k)));
  }
  operator ops::TensorList() const { return tensors_; }
  int64_t numel() const {
    int64_t n = 0;
    for (const Tensor* t : tensors_) n += t->numel();
    return n;
  }

 private:
  // Those that the parser saw: a subclass may iterate over others.
  static PyObject* items(PyObject* o) {
    return PyList_Check(o) ? PyList_AsTuple(o) : PyTuple_GetSlice(o, 0, PyTuple_GET_SIZE(o));
  }

  Object held_;
  std::vector<Tensor*> tensors_;
};

// convert(item) of each item of a list that `good` accepts.
template <class T, class Good, class Convert>
std::vector<T> numbers(Args& a, int i, const char* list, const char* kind, Good good,
                       Convert convert) {
  PyObject* o = a.object(i);
  if (!PyList_Check(o) && !PyTuple_Check(o)) {
    raise<TypeError>(a.name(), ": expected ", list, " to be a list of ", kind, ", got ",
                     Py_TYPE(o)->tp_name);
  }
  std::vector<T> out;
  for (Py_ssize_t k = 0; k < PySequence_Fast_GET_SIZE(o); ++k) {  // an item may do anything
    PyObject* item = PySequence_Fast_ITEMS(o)[k];
    if (!good(item)) {
      raise<TypeError>(a.name(), ": expected ", list, " to be a list of ", kind, ", got ",
                       Py_TYPE(item)->tp_name, " at position ", static_cast<int64_t>(k));
    }
    out.push_back(convert(item));
  }
  return out;
}
std::vector<int64_t> integers(Args& a, int i, const char* list) {
  return numbers<int64_t>(a, i, list, "ints", [](PyObject* o) { return PyLong_Check(o); }, to_int);
}
std::vector<double> reals(Args& a, int i, const char* list) {
  return numbers<double>(a, i, list, "numbers", is_number,
                         [](PyObject* o) { return to_scalar(o).as_double(); });
}

// f() without the interpreter lock, where the tensors are large.
template <class F>
PyObject* released(const Tensors& params, F f) {
  {
    ReleaseGil release(params.numel());
    f();
  }
  Py_RETURN_NONE;
}

PyObject* sgd_call(Args& a) {
  Tensors params(a, 0), grads(a, 1), bufs(a, 2);
  std::vector<int64_t> firsts = integers(a, 3, "firsts");
  ops::SgdOptions o{{a.real(4), a.real(7), a.boolean(9)}, a.real(5), a.real(6), a.boolean(8)};
  return released(params, [&] { ops::sgd_steps_(params, grads, bufs, firsts, o); });
}

// (params, grads, two lists of state, [a third,] steps, lr, beta1, beta2, eps, weight_decay, ...)
struct AdamCall {
  Tensors params, grads, means, squares;
  std::vector<int64_t> steps;
  ops::AdamOptions options;
  // `last`: the position of maximize; `decoupled` that of the flag, or 0
  AdamCall(Args& a, int first, int last, int decoupled = 0)
      : params(a, 0),
        grads(a, 1),
        means(a, 2),
        squares(a, 3),
        steps(integers(a, first, "steps")),
        options{{a.real(first + 1), a.real(first + 5), a.boolean(last)},
                a.real(first + 2),
                a.real(first + 3),
                a.real(first + 4),
                decoupled != 0 && a.boolean(decoupled)} {}
  ops::AdamLists lists() const { return {params, grads, means, squares}; }
};

template <void (*op)(const ops::AdamLists&, const std::vector<int64_t>&, const ops::AdamOptions&)>
PyObject* adam_call(Args& a) {
  AdamCall c(a, 5, 11);
  Tensors largest(a, 4);
  return released(c.params, [&] {
    ops::AdamLists lists = c.lists();
    lists.max_exp_avg_sqs = largest;
    op(lists, c.steps, c.options);
  });
}

PyObject* radam_call(Args& a) {
  AdamCall c(a, 4, 11, 10);
  return released(c.params, [&] { ops::radam_steps_(c.lists(), c.steps, c.options); });
}

PyObject* adamax_call(Args& a) {
  AdamCall c(a, 4, 10);
  return released(c.params, [&] { ops::adamax_steps_(c.lists(), c.steps, c.options); });
}

PyObject* nadam_call(Args& a) {
  AdamCall c(a, 5, 13, 12);
  std::vector<double> products = reals(a, 4, "mu_products");
  double momentum_decay = a.real(11);
  {
    ReleaseGil release(c.params.numel());
    products = ops::nadam_steps_(c.lists(), products, c.steps, c.options, momentum_decay);
  }
  Object list(PyList_New(static_cast<Py_ssize_t>(products.size())));
  for (size_t i = 0; i < products.size(); ++i) {
    PyList_SET_ITEM(list.get(), static_cast<Py_ssize_t>(i),
                    Object(PyFloat_FromDouble(products[i])).release());
  }
  return list.release();
}

PyObject* adagrad_call(Args& a) {
  Tensors params(a, 0), grads(a, 1), sums(a, 2);
  std::vector<int64_t> steps = integers(a, 3, "steps");
  ops::StepOptions o{a.real(4), a.real(6), a.boolean(8)};
  double lr_decay = a.real(5), eps = a.real(7);
  return released(params,
                  [&] { ops::adagrad_steps_(params, grads, sums, steps, o, lr_decay, eps); });
}

PyObject* adadelta_call(Args& a) {
  Tensors params(a, 0), grads(a, 1), squares(a, 2), deltas(a, 3);
  ops::StepOptions o{a.real(4), a.real(7), a.boolean(8)};
  double rho = a.real(5), eps = a.real(6);
  return released(params,
                  [&] { ops::adadelta_steps_(params, grads, squares, deltas, o, rho, eps); });
}

PyObject* rmsprop_call(Args& a) {
  Tensors params(a, 0), grads(a, 1), squares(a, 2), means(a, 3), bufs(a, 4);
  ops::RmspropOptions o{{a.real(5), a.real(8), a.boolean(10)}, a.real(6), a.real(7), a.real(9)};
  return released(params, [&] { ops::rmsprop_steps_(params, grads, squares, means, bufs, o); });
}

PyObject* rprop_call(Args& a) {
  Tensors params(a, 0), grads(a, 1), prevs(a, 2), sizes(a, 3);
  ops::RpropOptions o{a.real(4), a.real(5), a.real(6), a.real(7), a.boolean(8)};
  return released(params, [&] { ops::rprop_steps_(params, grads, prevs, sizes, o); });
}

PyObject* asgd_call(Args& a) {
  Tensors params(a, 0), grads(a, 1), axs(a, 2);
  std::vector<double> etas = reals(a, 3, "etas"), mus = reals(a, 4, "mus");
  double lambd = a.real(5), weight_decay = a.real(6);
  bool maximize = a.boolean(7);
  return released(params, [&] {
    ops::asgd_steps_(params, grads, axs, etas, mus, lambd, weight_decay, maximize);
  });
}

PyObject* norm_list_call(Args& a) {
  Tensors tensors(a, 0);
  double p = a.real(1), norm;
  {
    ReleaseGil release(tensors.numel());
    norm = ops::norm_list(tensors, p);
  }
  return PyFloat_FromDouble(norm);
}

PyObject* mul_list_call(Args& a) {
  Tensors tensors(a, 0);
  double factor = a.real(1);
  return released(tensors, [&] { ops::mul_list_(tensors, factor); });
}

PyObject* clamp_list_call(Args& a) {
  Tensors tensors(a, 0);
  double min = a.real(1), max = a.real(2);
  return released(tensors, [&] { ops::clamp_list_(tensors, min, max); });
}

#define ADAM_LISTS "(params: tensors, grads: tensors, exp_avgs: tensors, exp_avg_sqs: tensors, "
#define ADAM_OPTIONS \
  "steps: object, lr: float, beta1: float, beta2: float, eps: float, weight_decay: float, "

constexpr OpDef kOps[] = {
    {"sgd_steps_", kPrivate,
     "(params: tensors, grads: tensors, bufs: tensors, firsts: object, lr: float, momentum: float, "
     "dampening: float, weight_decay: float, nesterov: bool, maximize: bool)",
     &sgd_call,
     "One step of stochastic gradient descent in place; firsts: 1 for an unused buffer."},
    {"adam_steps_", kPrivate,
     ADAM_LISTS "max_exp_avg_sqs: tensors, " ADAM_OPTIONS "maximize: bool)",
     &adam_call<ops::adam_steps_>, "One step of Adam in place, with AMSGrad's state or none."},
    {"adamw_steps_", kPrivate,
     ADAM_LISTS "max_exp_avg_sqs: tensors, " ADAM_OPTIONS "maximize: bool)",
     &adam_call<ops::adamw_steps_>, "One step of AdamW in place, with AMSGrad's state or none."},
    {"radam_steps_", kPrivate, ADAM_LISTS ADAM_OPTIONS "decoupled: bool, maximize: bool)",
     &radam_call, "One step of RAdam in place."},
    {"adamax_steps_", kPrivate,
     "(params: tensors, grads: tensors, exp_avgs: tensors, exp_infs: tensors, " ADAM_OPTIONS
     "maximize: bool)",
     &adamax_call, "One step of Adamax in place."},
    {"nadam_steps_", kPrivate,
     ADAM_LISTS "mu_products: object, " ADAM_OPTIONS
                "momentum_decay: float, decoupled: bool, maximize: bool)",
     &nadam_call, "One step of NAdam in place; returns the products with this step's momentum."},
    {"adagrad_steps_", kPrivate,
     "(params: tensors, grads: tensors, sums: tensors, steps: object, lr: float, lr_decay: float, "
     "weight_decay: float, eps: float, maximize: bool)",
     &adagrad_call, "One step of Adagrad in place."},
    {"adadelta_steps_", kPrivate,
     "(params: tensors, grads: tensors, square_avgs: tensors, acc_deltas: tensors, lr: float, "
     "rho: float, eps: float, weight_decay: float, maximize: bool)",
     &adadelta_call, "One step of Adadelta in place."},
    {"rmsprop_steps_", kPrivate,
     "(params: tensors, grads: tensors, square_avgs: tensors, grad_avgs: tensors, bufs: tensors, "
     "lr: float, alpha: float, eps: float, weight_decay: float, momentum: float, maximize: bool)",
     &rmsprop_call, "One step of RMSprop in place, centered where grad_avgs are given."},
    {"rprop_steps_", kPrivate,
     "(params: tensors, grads: tensors, prevs: tensors, step_sizes: tensors, shrink: float, "
     "grow: float, smallest: float, largest: float, maximize: bool)",
     &rprop_call, "One step of Rprop in place."},
    {"asgd_steps_", kPrivate,
     "(params: tensors, grads: tensors, axs: tensors, etas: object, mus: object, lambd: float, "
     "weight_decay: float, maximize: bool)",
     &asgd_call, "One step of averaged stochastic gradient descent in place."},
    {"norm_list", kPrivate, "(tensors: tensors, p: float)", &norm_list_call,
     "The p-norm of the elements of all tensors as one vector."},
    {"mul_list_", kPrivate, "(tensors: tensors, factor: float)", &mul_list_call,
     "Each tensor times factor, in place."},
    {"clamp_list_", kPrivate, "(tensors: tensors, min: float, max: float)", &clamp_list_call,
     "Each element limited to [min, max], in place."},
};

}  // namespace

void add_optim(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
