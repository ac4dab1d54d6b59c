#include "torch/ops/linalg.h"

#include "bindings/parser.h"
#include "bindings/slots.h"
#include "torch/ops/reduce.h"

namespace torch::python {
namespace {

// About how many multiply-adds a product takes.
int64_t flops(const Tensor& a, const Tensor& b) {
  int64_t n;
  if (b.ndim() == 0 || __builtin_mul_overflow(a.numel(), b.size(b.ndim() - 1), &n))
    return a.numel();
  return n;
}

template <Tensor (*op)(const Tensor&, const Tensor&, Tensor*)>
PyObject* product_call(Args& a) {
  Tensor* out = a.out();
  Tensor result;
  {
    ReleaseGil release(flops(a.tensor(0), a.tensor(1)));
    result = op(a.tensor(0), a.tensor(1), out);
  }
  return a.finish(std::move(result));
}

// a result without dimensions is a number
PyObject* deliver_product(Tensor t) {
  return t.ndim() == 0 ? to_python(ops::item(t)) : wrap(std::move(t));
}

PyObject* matmul_call(Args& a) {
  Tensor* out = a.out();
  Tensor result;
  {
    ReleaseGil release(flops(a.tensor(0), a.tensor(1)));
    result = ops::matmul(a.name(), a.tensor(0), a.tensor(1), out);
  }
  return out ? a.finish(std::move(result)) : deliver_product(std::move(result));
}

PyObject* inner_call(Args& a) {
  Tensor* out = a.out();
  Tensor result;
  {
    ReleaseGil release(flops(a.tensor(0), a.tensor(1)));
    result = ops::inner(a.tensor(0), a.tensor(1), out);
  }
  return out ? a.finish(std::move(result)) : deliver_product(std::move(result));
}

PyObject* dot_call(Args& a) {
  Scalar number;
  {
    ReleaseGil release(a.tensor(0).numel());
    number = ops::dot("dot", a.tensor(0), a.tensor(1));
  }
  return to_python(number);
}

PyObject* vdot_call(Args& a) {
  Scalar number;
  {
    ReleaseGil release(a.tensor(0).numel());
    number = ops::vdot(a.tensor(0), a.tensor(1));
  }
  return to_python(number);
}

// (beta = 1, self, alpha = 1, first, second); a method's single scalar is beta
template <Tensor (*op)(Scalar, const Tensor&, Scalar, const Tensor&, const Tensor&, Tensor*)>
PyObject* addmm_call(Args& a) {
  Tensor* out = a.out();
  Tensor result;
  {
    Scalar beta = a.number(0), alpha = a.number(2);
    ReleaseGil release(flops(a.tensor(3), a.tensor(4)));
    result = op(beta, a.tensor(1), alpha, a.tensor(3), a.tensor(4), out);
  }
  return a.finish(std::move(result));
}

// One of the two lists of dimensions: an int or a sequence of ints.
Shape dims_part(PyObject* o) {
  if (PyLong_Check(o)) return {to_int(o)};
  if (PyTuple_Check(o) || PyList_Check(o)) {
    bool whole = true;
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(o); ++i)
      whole = whole && PyLong_Check(PySequence_Fast_ITEMS(o)[i]);
    if (whole) return to_shape(o);
  }
  raise<TypeError>("tensordot: expected an int or a pair of lists of ints as dims, got ",
                   Py_TYPE(o)->tp_name);
}

// (self, other, dims = 2): the last n dimensions of self with the first n of other, or two lists
PyObject* tensordot_call(Args& a) {
  const Tensor &x = a.tensor(0), &y = a.tensor(1);
  Shape xd, yd;
  PyObject* dims = a.has(2) ? a.object(2) : nullptr;
  if (!dims || PyLong_Check(dims)) {
    int64_t n = dims ? to_int(dims) : 2;
    if (n < 0 || n > std::min(x.ndim(), y.ndim())) {
      raise<ValueError>("tensordot: expected dims from 0 to ", std::min(x.ndim(), y.ndim()),
                        " for ", x, " and ", y, ", got ", n);
    }
    for (int64_t d = 0; d < n; ++d) xd.push_back(x.ndim() - n + d), yd.push_back(d);
  } else if ((PyTuple_Check(dims) || PyList_Check(dims)) && PySequence_Fast_GET_SIZE(dims) == 2) {
    Object first = Object::share(PySequence_Fast_ITEMS(dims)[0]),
           second = Object::share(PySequence_Fast_ITEMS(dims)[1]);
    xd = dims_part(first.get());
    yd = dims_part(second.get());
  } else {
    dims_part(Py_None);
  }
  Tensor* out = a.out();
  Tensor result;
  {
    ReleaseGil release(flops(x, y));
    result = ops::tensordot(x, y, xd, yd, out);
  }
  return out ? a.finish(std::move(result)) : deliver_product(std::move(result));
}

PyObject* kron_call(Args& a) { return a.finish(ops::kron(a.tensor(0), a.tensor(1), a.out())); }

PyObject* multi_dot_call(Args& a) {
  std::vector<Tensor> chain = a.tensors(0);
  Tensor* out = a.out();
  Tensor result;
  {
    int64_t work = 0;
    for (const Tensor& t : chain) work = std::max(work, t.numel());
    ReleaseGil release(work);
    result = ops::multi_dot(a.name(), chain, out);
  }
  return out ? a.finish(std::move(result)) : deliver_product(std::move(result));
}

constexpr unsigned kBoth = kMethod | kFunction | kOut;
constexpr OpDef kOps[] = {
    {"mm", kBoth, "(self: Tensor, mat2: Tensor)", &product_call<ops::mm>,
     "Matrix product: (m, k) @ (k, n) -> (m, n), of the promoted dtype; integers wrap, bool is "
     "any(and). ValueError unless both are matrices and their inner sizes match.",
     ">>> torch.mm(torch.tensor([[1, 2], [3, 4]]), torch.tensor([[1, 0], [1, 1]])).tolist()\n"
     "[[3, 2], [7, 4]]"},
    {"mv", kBoth, "(self: Tensor, vec: Tensor)", &product_call<ops::mv>,
     "Matrix times vector: (m, k) @ (k,) -> (m,), of the promoted dtype. ValueError for other "
     "numbers of dimensions or sizes that do not match.",
     ">>> torch.mv(torch.tensor([[1, 2], [3, 4]]), torch.tensor([1, -1])).tolist()\n[-1, -1]"},
    {"dot", kMethod | kFunction, "(self: Tensor, tensor: Tensor)", &dot_call,
     "Inner product of two vectors, (k,) . (k,), a number. Floating sums are blocked, integers "
     "wrap. ValueError unless both are vectors of one size.",
     ">>> torch.dot(torch.tensor([1, 2, 3]), torch.tensor([4, 5, 6]))\n32"},
    {"vdot", kMethod | kFunction, "(self: Tensor, tensor: Tensor)", &vdot_call,
     "Inner product of all elements in row-major order, a number. ValueError unless both have as "
     "many elements.",
     ">>> torch.vdot(torch.tensor([[1, 2], [3, 4]]), torch.tensor([[1, 0], [0, 1]]))\n5"},
    {"inner", kBoth, "(self: Tensor, tensor: Tensor)", &inner_call,
     "Sum of products over both last dimensions: (..., k), (***, k) -> (..., ***); a number for "
     "two vectors, a product where one has no dimensions. ValueError unless the last sizes match.",
     ">>> torch.inner(torch.tensor([[1, 2], [3, 4]]), torch.tensor([1, 1])).tolist()\n[3, 7]"},
    {"ger", kBoth, "(self: Tensor, vec2: Tensor)", &product_call<ops::ger>,
     "Outer product of vectors: (m,), (n,) -> (m, n). ValueError unless both are vectors.",
     ">>> torch.ger(torch.tensor([1, 2]), torch.tensor([3, 4])).tolist()\n[[3, 4], [6, 8]]"},
    {"outer", kBoth, "(self: Tensor, vec2: Tensor)", &product_call<ops::outer>,
     "Products of every element with every other, both in row-major order: (m elements), (n "
     "elements) -> (m, n).",
     ">>> torch.outer(torch.tensor([1, 2]), torch.tensor([3, 4])).tolist()\n[[3, 4], [6, 8]]"},
    {"kron", kBoth, "(self: Tensor, other: Tensor)", &kron_call,
     "Kronecker product: every element of self times all of other, (m, n), (p, q) -> (m p, n q), "
     "for any number of dimensions.",
     ">>> torch.kron(torch.tensor([1, 10]), torch.tensor([1, 2])).tolist()\n[1, 2, 10, 20]"},
    {"bmm", kBoth, "(self: Tensor, mat2: Tensor)", &product_call<ops::bmm>,
     "Products of batches of matrices: (b, m, k) @ (b, k, n) -> (b, m, n). ValueError unless both "
     "have three dimensions and the sizes match.",
     ">>> torch.bmm(torch.ones(2, 1, 3), torch.ones(2, 3, 1)).tolist()\n[[[3.0]], [[3.0]]]"},
    {"matmul", kBoth, "(self: Tensor, other: Tensor)", &matmul_call,
     "NumPy's matrix product, x @ y: (..., m, k) @ (..., k, n) -> (..., m, n); dimensions in "
     "front broadcast, a vector is a row on the left and a column on the right, and two vectors "
     "give a number. ValueError for tensors without dimensions or sizes that do not match.",
     ">>> x = torch.tensor([[1, 2], [3, 4]])\n>>> torch.matmul(x, torch.tensor([1, 1])).tolist()\n"
     "[3, 7]"},
    {"tensordot", kFunction | kOut, "(self: Tensor, other: Tensor, dims: object = 2)",
     &tensordot_call,
     "Sum of products over pairs of dimensions: the last `dims` ones of self with the first of "
     "other, or those that two lists name. The result has the other dimensions of self, then of "
     "other; it is a number where none are left. ValueError unless the sizes match.",
     ">>> x, y = torch.ones(2, 3, 4), torch.ones(4, 3, 5)\n"
     ">>> torch.tensordot(x, y, ([1, 2], [1, 0])).shape\ntorch.Size([2, 5])"},
    {"chain_matmul", kFunction | kOut, "(matrices: operands)", &multi_dot_call,
     "Product of matrices in the order that takes the fewest multiplications; the first and the "
     "last may be vectors. ValueError unless neighbours' sizes match.",
     ">>> a, b, c = torch.ones(2, 9), torch.ones(9, 3), torch.ones(3, 2)\n"
     ">>> torch.chain_matmul(a, b, c).tolist()\n[[27.0, 27.0], [27.0, 27.0]]"},
    {"linalg_multi_dot", kPrivate | kOut, "(tensors: operands)", &multi_dot_call,
     "Product of a list of matrices in the order that takes the fewest multiplications; the first "
     "and the last may be vectors. ValueError unless neighbours' sizes match.",
     ">>> a, b, c = torch.ones(2, 9), torch.ones(9, 3), torch.ones(3)\n"
     ">>> torch.linalg.multi_dot([a, b, c]).tolist()\n[27.0, 27.0]"},
    {"addmm", kBoth | kInplace,
     "(beta: number = 1, self: Tensor, alpha: number = 1, mat1: Tensor, mat2: Tensor)",
     &addmm_call<ops::addmm>,
     "beta * self + alpha * (mat1 @ mat2) for matrices (m, k) and (k, n); self broadcasts to (m, "
     "n) and does not count when beta is 0. A single number in front is beta.",
     ">>> m, x = torch.tensor([[1, 1], [1, 1]]), torch.tensor([[1, 2], [3, 4]])\n"
     ">>> torch.addmm(10, m, 2, x, x).tolist()\n[[24, 30], [40, 54]]"},
    {"addmv", kBoth | kInplace,
     "(beta: number = 1, self: Tensor, alpha: number = 1, mat: Tensor, vec: Tensor)",
     &addmm_call<ops::addmv>,
     "beta * self + alpha * (mat @ vec) for (m, k) and (k,); self broadcasts to (m,) and does not "
     "count when beta is 0.",
     ">>> v, x = torch.tensor([1, 1]), torch.tensor([[1, 2], [3, 4]])\n"
     ">>> torch.addmv(v, x, v).tolist()\n[4, 8]"},
    {"addr", kBoth | kInplace,
     "(beta: number = 1, self: Tensor, alpha: number = 1, vec1: Tensor, vec2: Tensor)",
     &addmm_call<ops::addr>,
     "beta * self + alpha * the outer product of vec1 (m,) and vec2 (n,); self broadcasts to (m, "
     "n) and does not count when beta is 0.",
     ">>> m, v = torch.tensor([[1, 1], [1, 1]]), torch.tensor([1, 2])\n"
     ">>> torch.addr(m, v, v).tolist()\n[[2, 3], [3, 5]]"},
    {"baddbmm", kBoth | kInplace,
     "(beta: number = 1, self: Tensor, alpha: number = 1, batch1: Tensor, batch2: Tensor)",
     &addmm_call<ops::baddbmm>,
     "beta * self + alpha * bmm(batch1, batch2) for (b, m, k) and (b, k, n); self broadcasts to "
     "(b, m, n) and does not count when beta is 0.",
     ">>> m, x = torch.ones(2, 1, 1), torch.ones(2, 1, 1)\n"
     ">>> torch.baddbmm(m, 2, x, x).tolist()\n[[[3.0]], [[3.0]]]"},
    {"addbmm", kBoth | kInplace,
     "(beta: number = 1, self: Tensor, alpha: number = 1, batch1: Tensor, batch2: Tensor)",
     &addmm_call<ops::addbmm>,
     "beta * self + alpha * the sum of the products of a batch, (b, m, k) and (b, k, n); self "
     "broadcasts to (m, n) and does not count when beta is 0.",
     ">>> m, x = torch.ones(1, 1), torch.ones(3, 1, 1)\n"
     ">>> torch.addbmm(m, x, x).tolist()\n[[4.0]]"},
};

}  // namespace

PyObject* matmul_slot(PyObject* x, PyObject* y) {
  if (!is_tensor(x) || !is_tensor(y)) Py_RETURN_NOTIMPLEMENTED;
  return guarded([&] {
    Tensor result;
    {
      ReleaseGil release(flops(unwrap(x), unwrap(y)));
      result = ops::matmul("matmul", unwrap(x), unwrap(y));
    }
    return deliver_product(std::move(result));
  });
}

void add_linalg(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
