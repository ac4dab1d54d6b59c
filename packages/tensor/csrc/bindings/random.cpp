#include "torch/ops/random.h"

#include <algorithm>
#include <utility>

#include "bindings/parser.h"
#include "torch/compat.h"
#include "torch/ops/copy.h"
#include "torch/ops/index.h"
#include "torch/ops/reduce.h"
#include "torch/ops/view.h"

namespace torch::python {
namespace {

// Where a creator writes: `out`, or a new tensor.
Tensor target(Args& a, const Shape& shape, int dtype, int device, DType otherwise) {
  if (Tensor* out = a.out()) {
    ops::check_out(a.name(), *out, shape, a.dtype(dtype, out->dtype()));
    return *out;
  }
  return empty(shape, a.dtype(dtype, otherwise), a.device(device));
}

using Sampler = void (*)(Tensor&, double, double, Generator&);

// (generator, shape, *, dtype, device, out)
template <Sampler sample>
PyObject* creator_call(Args& a) {
  Tensor t = target(a, a.sizes(1), 2, 3, default_dtype());
  Generator& g = a.generator(0);
  {
    ReleaseGil release(t.numel());
    sample(t, 0, 1, g);
  }
  return a.finish(std::move(t));
}

// (self, *, generator, dtype, device, out)
template <Sampler sample>
PyObject* like_call(Args& a) {
  Tensor t = target(a, a.self().shape(), 2, 3, a.self().dtype());
  Generator& g = a.generator(1);
  {
    ReleaseGil release(t.numel());
    sample(t, 0, 1, g);
  }
  return a.finish(std::move(t));
}

// The number before `to`, which may be 2^63 itself.
int64_t before(PyObject* to) {
  Object whole(PyNumber_Index(to)), one(PyLong_FromLong(1));
  Object last(PyNumber_Subtract(whole.get(), one.get()));
  return to_int(last.get());
}

void draw_integers(Args& a, Tensor& t, int64_t from, int64_t last, Generator& g) {
  ReleaseGil release(t.numel());
  ops::random_(a.name(), t, from, last, g);
}

// (generator, low, high, shape, *, dtype, device, out) | without low
PyObject* randint_call(Args& a) {
  int high = a.signature == 0 ? 2 : 1;
  int64_t from = high == 2 ? a.integer(1) : 0, last = before(a.object(high));
  Tensor t = target(a, a.sizes(high + 1), high + 2, high + 3, DType::kInt64);
  draw_integers(a, t, from, last, a.generator(0));
  return a.finish(std::move(t));
}

// (self, low, high, *, generator, dtype, device, out) | without low
PyObject* randint_like_call(Args& a) {
  int high = a.signature == 0 ? 2 : 1;
  int64_t from = high == 2 ? a.integer(1) : 0, last = before(a.object(high));
  Tensor t = target(a, a.self().shape(), high + 2, high + 3, a.self().dtype());
  draw_integers(a, t, from, last, a.generator(high + 1));
  return a.finish(std::move(t));
}

// (self, generator) | (self, generator, to) | (self, generator, from, to)
PyObject* random_call(Args& a) {
  int64_t from = a.signature == 2 ? a.integer(2) : 0;
  int64_t last = a.signature == 0 ? ops::last_whole_number(a.self().dtype())
                                  : before(a.object(a.signature + 1));
  draw_integers(a, a.self(), from, last, a.generator(1));
  return Py_NewRef(a.object(0));
}

// (generator, n, *, dtype, device, out)
PyObject* randperm_call(Args& a) {
  Tensor* out = a.out();
  int64_t n = a.integer(1);
  DType natural = compat::on(compat::Flag::default_type_randperm) ? default_dtype() : DType::kInt64;
  DType dtype = a.dtype(2, out ? out->dtype() : natural);
  a.device(3);
  Generator& g = a.generator(0);
  Tensor result;
  {
    ReleaseGil release(n);
    result = ops::randperm(n, dtype, g, out);
  }
  return a.finish(std::move(result));
}

// (self, generator, first parameter, second parameter)
template <Sampler sample>
PyObject* two_call(Args& a) {
  Generator& g = a.generator(1);
  double first = a.real(2), second = a.real(3);
  {
    ReleaseGil release(a.self().numel());
    sample(a.self(), first, second, g);
  }
  return Py_NewRef(a.object(0));
}

// (self, generator, parameter)
template <void (*sample)(Tensor&, double, Generator&)>
PyObject* one_call(Args& a) {
  Generator& g = a.generator(1);
  double parameter = a.real(2);
  {
    ReleaseGil release(a.self().numel());
    sample(a.self(), parameter, g);
  }
  return Py_NewRef(a.object(0));
}

// (self, generator, p = 0.5) | (self, generator, p: Tensor)
PyObject* bernoulli_inplace_call(Args& a) {
  if (a.signature == 0) return one_call<ops::bernoulli_>(a);
  Generator& g = a.generator(1);
  {
    ReleaseGil release(a.self().numel());
    ops::bernoulli_(a.name(), a.self(), a.tensor(2), g);
  }
  return Py_NewRef(a.object(0));
}

// (generator, self)
template <Tensor (*sample)(const Tensor&, Generator&, Tensor*)>
PyObject* from_tensor_call(Args& a) {
  Tensor* out = a.out();
  Generator& g = a.generator(0);
  Tensor result;
  {
    ReleaseGil release(a.self().numel());
    result = sample(a.self(), g, out);
  }
  return a.finish(std::move(result));
}

// (generator, mean, std) with one tensor or two | (generator, mean, std, shape, *, dtype, device)
PyObject* normal_call(Args& a) {
  Generator& g = a.generator(0);
  if (a.signature == 3) {
    double mean = a.real(1), std = a.real(2);
    Tensor t = target(a, a.sizes(3), 4, 5, default_dtype());
    {
      ReleaseGil release(t.numel());
      ops::normal_(t, mean, std, g);
    }
    return a.finish(std::move(t));
  }
  Tensor* out = a.out();
  Input mean = a.input(1), std = a.input(2);
  Tensor result;
  {
    ReleaseGil release((a.signature == 2 ? a.tensor(2) : a.tensor(1)).numel());
    result = ops::normal(mean, std, g, out);
  }
  return a.finish(std::move(result));
}

// (generator, self, scale = 1)
PyObject* gamma_call(Args& a) {
  Tensor* out = a.out();
  Generator& g = a.generator(0);
  Input scale = a.input(2);
  Tensor result;
  {
    ReleaseGil release(a.self().numel());
    result = ops::gamma(a.name(), a.self(), scale, g, out);
  }
  return a.finish(std::move(result));
}

// (generator, self)
PyObject* standard_gamma_call(Args& a) {
  Tensor* out = a.out();
  Generator& g = a.generator(0);
  Tensor result;
  {
    ReleaseGil release(a.self().numel());
    result = ops::gamma("standard_gamma", a.self(), Scalar(1), g, out);
  }
  return a.finish(std::move(result));
}

// (generator, a, b), a tensor or two
PyObject* beta_call(Args& a) {
  return a.finish(ops::beta(a.input(1), a.input(2), a.generator(0), a.out()));
}

// (generator, self, num_samples, replacement)
PyObject* multinomial_call(Args& a) {
  Tensor* out = a.out();
  Generator& g = a.generator(0);
  int64_t samples = a.integer(2);
  bool replacement = a.boolean(3);
  Tensor result;
  {
    ReleaseGil release(std::max(a.self().numel(), samples));
    result = ops::multinomial(a.self(), samples, replacement, g, out);
  }
  return a.finish(std::move(result));
}

// (generator, a, shape, replace, p): a number, or a tensor whose first dimension is chosen from
PyObject* choice_call(Args& a) {
  Generator& g = a.generator(0);
  bool rows = a.signature == 1;
  const Tensor* from = rows ? &a.tensor(1) : nullptr;
  if (rows && from->ndim() == 0)
    raise<ValueError>("choice: expected a tensor with dimensions or an int, got ", *from);
  int64_t n = rows ? from->size(0) : a.integer(1);
  Shape shape = a.sizes(2);
  bool replace = a.boolean(3);
  Tensor p;
  if (a.has(4)) {
    DType dtype = DType::kFloat64;
    p = is_tensor(a.object(4)) ? a.tensor(4) : from_data(a.object(4), &dtype, "choice");
  }
  Tensor result;
  {
    ReleaseGil release(std::max(replace ? 0 : n, checked_numel("choice", shape)));
    result = ops::choice(n, shape, replace, a.has(4) ? &p : nullptr, g);
    if (rows) {
      Tensor flat = ops::view(result, {result.numel()});
      Tensor chosen = ops::index_select(*from, 0, flat);
      for (int d = 1; d < from->ndim(); ++d) shape.push_back(from->size(d));
      result = ops::view(chosen, shape);
    }
  }
  return result.ndim() == 0 ? to_python(ops::item(result)) : wrap(std::move(result));
}

constexpr unsigned kBoth = kMethod | kFunction | kOut;
constexpr char kCreator[] =
    "(generator: Generator = None, shape: sizes, *, dtype: dtype = None, device: device = None)";
constexpr char kLike[] =
    "(self: Tensor, *, generator: Generator = None, dtype: dtype = None, device: device = None)";
constexpr char kParameter[] = "(generator: Generator = None, self: Tensor)";

constexpr OpDef kOps[] = {
    // creators
    {"rand", kFunction | kOut, kCreator, &creator_call<ops::uniform_>,
     "Uniform numbers in [0, 1) of the default dtype or `dtype`; the sizes are ints or one tuple. "
     "TypeError for a dtype that is not floating.",
     ">>> _ = torch.manual_seed(1)\n>>> x = torch.rand(2, 3)\n>>> x.shape, bool((x < 1).all())\n"
     "(torch.Size([2, 3]), True)"},
    {"randn", kFunction | kOut, kCreator, &creator_call<ops::normal_>,
     "Standard normal numbers of the default dtype or `dtype`; the sizes are ints or one tuple. "
     "TypeError for a dtype that is not floating. Two numbers at a time by Box and Muller.",
     ">>> g = torch.Generator().manual_seed(1)\n>>> torch.randn(g, 2, 3).shape\n"
     "torch.Size([2, 3])"},
    {"rand_like", kFunction | kOut, kLike, &like_call<ops::uniform_>,
     "Uniform numbers in [0, 1) of self's size and dtype. TypeError for a dtype that is not "
     "floating.",
     ">>> torch.rand_like(torch.zeros(2, 3)).shape\ntorch.Size([2, 3])"},
    {"randn_like", kFunction | kOut, kLike, &like_call<ops::normal_>,
     "Standard normal numbers of self's size and dtype. TypeError for a dtype that is not "
     "floating.",
     ">>> torch.randn_like(torch.zeros(2, 3, dtype=torch.float64)).dtype\ntorch.float64"},
    {"randint", kFunction | kOut,
     "(generator: Generator = None, low: int, high: int, shape: dims, *, dtype: dtype = None, "
     "device: device = None) | (generator: Generator = None, high: int, shape: dims, *, dtype: "
     "dtype = None, device: device = None)",
     &randint_call,
     "Whole numbers low, ..., high - 1 (low is 0 when left out), each as likely as the others; a "
     "LongTensor unless `dtype` says otherwise. high may be 2**63. ValueError unless low < high, "
     "OverflowError for numbers that the dtype does not hold.",
     ">>> _ = torch.manual_seed(1)\n>>> x = torch.randint(3, 6, (100,))\n"
     ">>> sorted(set(x.tolist()))\n[3, 4, 5]"},
    {"randint_like", kFunction | kOut,
     "(self: Tensor, low: int, high: int, *, generator: Generator = None, dtype: dtype = None, "
     "device: device = None) | (self: Tensor, high: int, *, generator: Generator = None, dtype: "
     "dtype = None, device: device = None)",
     &randint_like_call,
     "Whole numbers low, ..., high - 1 (low is 0 when left out) in self's size and dtype. "
     "ValueError unless low < high, OverflowError for numbers that the dtype does not hold.",
     ">>> x = torch.randint_like(torch.zeros(2, 3), 5)\n>>> x.shape, bool((x < 5).all())\n"
     "(torch.Size([2, 3]), True)"},
    {"randperm", kFunction | kOut,
     "(generator: Generator = None, n: int, *, dtype: dtype = None, device: device = None)",
     &randperm_call,
     "0, ..., n - 1 in random order, each order as likely as the others; a LongTensor unless "
     "`dtype` says otherwise. ValueError for n < 0, OverflowError for numbers that the dtype does "
     "not hold. Fisher and Yates; large ones bucket by bucket (Rao; Sandelius).",
     ">>> sorted(torch.randperm(4).tolist())\n[0, 1, 2, 3]"},
    // in place
    {"uniform_", kMethod,
     "(self: Tensor, generator: Generator = None, from: float = 0, to: float = 1)",
     &two_call<ops::uniform_>,
     "Fills self, a floating tensor, with uniform numbers in [from, to); `to` itself never "
     "appears, also in float16. ValueError unless from <= to, OverflowError when the dtype does "
     "not hold the range, RuntimeError for an expanded tensor.",
     ">>> x = torch.zeros(1000).uniform_(2, 3)\n>>> 2 <= x.min(), x.max() < 3\n(True, True)"},
    {"normal_", kMethod,
     "(self: Tensor, generator: Generator = None, mean: float = 0, std: float = 1)",
     &two_call<ops::normal_>,
     "Fills self, a floating tensor, with normal numbers of this mean and standard deviation. "
     "ValueError unless std >= 0, RuntimeError for an expanded tensor.",
     ">>> torch.zeros(2).normal_(5, 0).tolist()\n[5.0, 5.0]"},
    {"log_normal_", kMethod,
     "(self: Tensor, generator: Generator = None, location: float = 1, scale: float = 2)",
     &two_call<ops::log_normal_>,
     "Fills self, a floating tensor, with exp(x) of normal x with mean `location` and standard "
     "deviation `scale`: above 0. ValueError unless scale >= 0, RuntimeError for an expanded "
     "tensor.",
     ">>> bool((torch.zeros(9).log_normal_() > 0).all())\nTrue"},
    {"exponential_", kMethod, "(self: Tensor, generator: Generator = None, lambd: float = 1)",
     &one_call<ops::exponential_>,
     "Fills self, a floating tensor, with exponential numbers of rate lambd (mean 1 / lambd), "
     "above 0 and finite. ValueError unless lambd is finite and above 0, RuntimeError for an "
     "expanded tensor.",
     ">>> bool((torch.zeros(9).exponential_(2) > 0).all())\nTrue"},
    {"cauchy_", kMethod,
     "(self: Tensor, generator: Generator = None, location: float = 0, scale: float = 1)",
     &two_call<ops::cauchy_>,
     "Fills self, a floating tensor, with Cauchy numbers of this median and half width at half "
     "height; all are finite. ValueError unless scale is finite and above 0 and location finite, "
     "RuntimeError for an expanded tensor.",
     ">>> torch.zeros(9).cauchy_().shape\ntorch.Size([9])"},
    {"geometric_", kMethod, "(self: Tensor, generator: Generator = None, p: float)",
     &one_call<ops::geometric_>,
     "Fills self with numbers of trials up to the first success of probability p, from 1; what "
     "the dtype does not hold becomes its largest number. TypeError for a BoolTensor, ValueError "
     "unless 0 < p <= 1, RuntimeError for an expanded tensor.",
     ">>> torch.zeros(3).geometric_(1).tolist()\n[1.0, 1.0, 1.0]"},
    {"bernoulli_", kMethod,
     "(self: Tensor, generator: Generator = None, p: float = 0.5) | (self: Tensor, generator: "
     "Generator = None, p: Tensor)",
     &bernoulli_inplace_call,
     "Fills self with 1 with probability p and 0 else; p is a number or a floating tensor that "
     "broadcasts to self's size. ValueError unless 0 <= p <= 1, RuntimeError for an expanded "
     "tensor.",
     ">>> torch.zeros(2).bernoulli_(torch.tensor([0.0, 1.0])).tolist()\n[0.0, 1.0]"},
    {"random_", kMethod,
     "(self: Tensor, generator: Generator = None) | (self: Tensor, generator: Generator = None, "
     "to: int) | (self: Tensor, generator: Generator = None, from: int, to: int)",
     &random_call,
     "Fills self with whole numbers from, ..., to - 1, each as likely as the others. Without "
     "bounds: 0 to the largest integer of the dtype, in floating ones the largest below which it "
     "holds all. `to` may be 2**63; in floating tensors numbers beyond all whole ones are rounded "
     "inside the bounds. ValueError unless from < to, OverflowError for bounds that the dtype "
     "does not hold, RuntimeError for an expanded tensor.",
     ">>> x = torch.zeros(1000).long().random_(-1, 2)\n>>> sorted(set(x.tolist()))\n[-1, 0, 1]"},
    // from parameters
    {"bernoulli", kBoth, kParameter, &from_tensor_call<ops::bernoulli>,
     "1 with the probability that stands in self, a floating tensor, and 0 else; self's size and "
     "dtype. ValueError unless all are from 0 to 1.",
     ">>> torch.bernoulli(torch.tensor([1.0, 0.0])).tolist()\n[1.0, 0.0]"},
    {"normal", kFunction | kOut,
     "(generator: Generator = None, means: Tensor, std: Tensor) | (generator: Generator = None, "
     "means: Tensor, std: float = 1.0) | (generator: Generator = None, mean: float = 0.0, std: "
     "Tensor) | (generator: Generator = None, mean: float, std: float, shape: sizes, *, dtype: "
     "dtype = None, device: device = None)",
     &normal_call,
     "Normal numbers, element by element from tensors of means and standard deviations, which "
     "broadcast; or of one mean and std in a given size. ValueError unless all std >= 0.",
     ">>> torch.normal(torch.tensor([1.0, 2.0]), 0).tolist()\n[1.0, 2.0]\n"
     ">>> torch.normal(0, 1, (2, 3)).shape\ntorch.Size([2, 3])"},
    {"poisson", kBoth, kParameter, &from_tensor_call<ops::poisson>,
     "Poisson counts, element by element from the rates in self; self's size and floating dtype. "
     "ValueError unless all are finite and 0 or more. Inversion for rates below 10, above it "
     "W. Hoermann's PTRS (1993).",
     ">>> torch.poisson(torch.zeros(3)).tolist()\n[0.0, 0.0, 0.0]"},
    {"gamma", kBoth,
     "(generator: Generator = None, self: Tensor, scale: float = 1) | (generator: Generator = "
     "None, self: Tensor, scale: Tensor)",
     &gamma_call,
     "Gamma numbers, element by element from concentrations (NumPy: shape) in self and scales, "
     "which broadcast. ValueError unless all are finite and 0 or more. Marsaglia and Tsang, 2000.",
     ">>> x = torch.gamma(torch.full((1000,), 3.0), 2)\n>>> x.shape, bool((x > 0).all())\n"
     "(torch.Size([1000]), True)"},
    {"standard_gamma", kBoth, kParameter, &standard_gamma_call,
     "Gamma numbers of scale 1, element by element from concentrations in self. ValueError "
     "unless all are finite and 0 or more.",
     ">>> torch.standard_gamma(torch.ones(2, 3)).shape\ntorch.Size([2, 3])"},
    {"beta", kFunction | kOut,
     "(generator: Generator = None, a: Tensor, b: Tensor) | (generator: Generator = None, a: "
     "Tensor, b: float) | (generator: Generator = None, a: float, b: Tensor)",
     &beta_call,
     "Beta numbers, element by element from concentrations a and b, which broadcast. ValueError "
     "unless all are finite and above 0.",
     ">>> x = torch.beta(torch.ones(1000), 2)\n>>> bool((x <= 1).all())\nTrue"},
    {"dirichlet", kFunction | kOut, kParameter, &from_tensor_call<ops::dirichlet>,
     "(..., k) -> (..., k): from concentrations along the last dimension numbers that sum to 1. "
     "ValueError unless all are finite and above 0.",
     ">>> x = torch.dirichlet(torch.ones(5, 3))\n>>> bool(((x.sum(1) - 1).abs() < 1e-6).all())\n"
     "True"},
    {"multinomial", kBoth,
     "(generator: Generator = None, self: Tensor, num_samples: int, replacement: bool = False)",
     &multinomial_call,
     "(n) -> (num_samples), (m, n) -> (m, num_samples): positions drawn with probabilities "
     "proportional to the weights in each row of self, a LongTensor. Without replacement none "
     "repeats; a weight of 0 is never drawn. ValueError unless weights are finite, 0 or more, not "
     "all 0, and enough of them above 0.",
     ">>> sorted(torch.multinomial(torch.tensor([1.0, 0.0, 2.0]), 2).tolist())\n[0, 2]"},
    {"choice", kFunction,
     "(generator: Generator = None, a: int, shape: dims = None, replace: bool = True, p: object = "
     "None) | (generator: Generator = None, a: Tensor, shape: dims = None, replace: bool = "
     "True, p: object = None)",
     &choice_call,
     "NumPy's choice: whole numbers below a, or entries of a tensor along its first dimension, in "
     "the given size; without a size one of them. p, a sequence or tensor, has their "
     "probabilities. ValueError unless p fits and sums to 1, and when more are wanted without "
     "replacement than there are.",
     ">>> sorted(torch.choice(3, 3, replace=False).tolist())\n[0, 1, 2]\n"
     ">>> torch.choice(torch.tensor([5, 7]), (2, 2), p=[0, 1]).tolist()\n[[7, 7], [7, 7]]"},
};

}  // namespace

void add_random(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
