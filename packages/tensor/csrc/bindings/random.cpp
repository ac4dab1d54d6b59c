#include "torch/ops/random.h"

#include <algorithm>
#include <limits>

#include "bindings/parser.h"
#include "torch/compat.h"
#include "torch/ops/copy.h"

namespace torch::python {
namespace {

// (generator = None, ...): the generator may come first or as a keyword
PyObject* rand_call(Args& a) {
  Tensor t = empty(a.sizes(1), a.dtype(2, default_dtype()));
  {
    ReleaseGil release(t.numel());
    ops::uniform_(t, 0, 1, a.generator(0));
  }
  return wrap(std::move(t));
}
PyObject* randn_call(Args& a) {
  Tensor t = empty(a.sizes(1), a.dtype(2, default_dtype()));
  {
    ReleaseGil release(t.numel());
    ops::normal_(t, 0, 1, a.generator(0));
  }
  return wrap(std::move(t));
}
PyObject* randperm_call(Args& a) {
  Tensor order = ops::randperm(a.integer(1), a.generator(0));
  bool alpha = compat::on(compat::Flag::default_type_randperm);
  return wrap(alpha ? ops::to(order, default_dtype()) : order);
}

// (self, a = , b = , *, generator = None)
template <void (*op)(Tensor&, double, double, Generator&)>
PyObject* two_call(Args& a) {
  {
    ReleaseGil release(a.self().numel());
    op(a.self(), a.real(1), a.real(2), a.generator(3));
  }
  return Py_NewRef(a.object(0));
}
PyObject* bernoulli_call(Args& a) {
  {
    ReleaseGil release(a.self().numel());
    ops::bernoulli_(a.self(), a.real(1), a.generator(2));
  }
  return Py_NewRef(a.object(0));
}

// (self, *, generator) | (self, to, *, generator) | (self, from, to, *, generator)
PyObject* random_call(Args& a) {
  int64_t from = a.signature == 2 ? a.integer(1) : 0, to;
  if (a.signature == 0) {  // every whole number the dtype holds exactly, from 0
    to = visit(a.self().dtype(), [&]<class T>() {
      if constexpr (std::is_same_v<T, bool>)
        return int64_t{2};
      else if constexpr (is_floating_type<T>)
        return int64_t{1} << (std::is_same_v<T, Half>       ? 11
                              : std::is_same_v<T, BFloat16> ? 8
                                                            : std::numeric_limits<T>::digits);
      else
        return std::min<int64_t>(
            int64_t{1} << 53,
            static_cast<int64_t>(std::numeric_limits<T>::max()) + (sizeof(T) < 8));
    });
  } else {
    to = a.integer(a.signature);
  }
  ops::random_(a.self(), from, to, a.generator(a.signature + 1));
  return Py_NewRef(a.object(0));
}

constexpr OpDef kOps[] = {
    {"rand", kFunction, "(generator: Generator = None, shape: sizes, *, dtype: dtype = None)",
     &rand_call, "Uniform numbers in [0, 1)."},
    {"randn", kFunction, "(generator: Generator = None, shape: sizes, *, dtype: dtype = None)",
     &randn_call, "Standard normal numbers."},
    {"randperm", kFunction, "(generator: Generator = None, n: int)", &randperm_call,
     "0, ..., n - 1 in random order."},
    {"uniform_", kMethod,
     "(self: Tensor, from: float = 0, to: float = 1, *, generator: Generator = None)",
     &two_call<ops::uniform_>, "Fills self with uniform numbers in [from, to)."},
    {"normal_", kMethod,
     "(self: Tensor, mean: float = 0, std: float = 1, *, generator: Generator = None)",
     &two_call<ops::normal_>, "Fills self with normal numbers."},
    {"bernoulli_", kMethod, "(self: Tensor, p: float = 0.5, *, generator: Generator = None)",
     &bernoulli_call, "Fills self with ones of probability p and zeros."},
    {"random_", kMethod,
     "(self: Tensor, *, generator: Generator = None) | (self: Tensor, to: int, *, generator: "
     "Generator = None) | "
     "(self: Tensor, from: int, to: int, *, generator: Generator = None)",
     &random_call, "Fills self with whole numbers from, ..., to - 1."},
};

}  // namespace

void add_random(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
