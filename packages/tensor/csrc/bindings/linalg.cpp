#include "torch/ops/linalg.h"

#include "bindings/parser.h"
#include "bindings/slots.h"
#include "torch/ops/reduce.h"

namespace torch::python {
namespace {

int64_t flops(const Tensor& a, const Tensor& b) {
  return b.ndim() ? a.numel() * b.size(b.ndim() - 1) : a.numel();
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

// matmul of two vectors is a number, as their dot product is
PyObject* deliver_product(Tensor t) {
  return t.ndim() == 0 ? to_python(ops::item(t)) : wrap(std::move(t));
}

PyObject* matmul_call(Args& a) {
  Tensor* out = a.out();
  Tensor result;
  {
    ReleaseGil release(flops(a.tensor(0), a.tensor(1)));
    result = ops::matmul(a.tensor(0), a.tensor(1), out);
  }
  return out ? a.finish(std::move(result)) : deliver_product(std::move(result));
}

PyObject* dot_call(Args& a) { return to_python(ops::dot(a.tensor(0), a.tensor(1))); }

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

PyObject* gesv_call(Args& a) {
  std::pair<Tensor, Tensor> result;
  {
    ReleaseGil release(a.tensor(1).numel());
    result = ops::gesv(a.tensor(0), a.tensor(1));
  }
  Object x(wrap(result.first)), lu(wrap(result.second));
  return PyTuple_Pack(2, x.get(), lu.get());
}
PyObject* inverse_call(Args& a) { return wrap(ops::inverse(a.tensor(0))); }

constexpr unsigned kBoth = kMethod | kFunction | kOut;
constexpr OpDef kOps[] = {
    {"mm", kBoth, "(self: Tensor, mat2: Tensor)", &product_call<ops::mm>,
     "Matrix product: (m, k) @ (k, n) -> (m, n)."},
    {"mv", kBoth, "(self: Tensor, vec: Tensor)", &product_call<ops::mv>,
     "Matrix times vector: (m, k) @ (k,) -> (m,)."},
    {"dot", kMethod | kFunction, "(self: Tensor, tensor: Tensor)", &dot_call,
     "Inner product of two vectors, a number."},
    {"ger", kBoth, "(self: Tensor, vec2: Tensor)", &product_call<ops::ger>,
     "Outer product: (m,), (n,) -> (m, n)."},
    {"outer", kBoth, "(self: Tensor, vec2: Tensor)", &product_call<ops::ger>,
     "Outer product: (m,), (n,) -> (m, n)."},
    {"bmm", kBoth, "(self: Tensor, mat2: Tensor)", &product_call<ops::bmm>,
     "Batched matrix product: (b, m, k) @ (b, k, n) -> (b, m, n)."},
    {"matmul", kBoth, "(self: Tensor, other: Tensor)", &matmul_call,
     "NumPy's matrix product; leading dimensions broadcast."},
    {"addmm", kBoth | kInplace,
     "(beta: number = 1, self: Tensor, alpha: number = 1, mat1: Tensor, mat2: Tensor)",
     &addmm_call<ops::addmm>, "beta * self + alpha * (mat1 @ mat2)."},
    {"baddbmm", kBoth | kInplace,
     "(beta: number = 1, self: Tensor, alpha: number = 1, batch1: Tensor, batch2: Tensor)",
     &addmm_call<ops::baddbmm>, "beta * self + alpha * bmm(batch1, batch2)."},
    {"addmv", kBoth | kInplace,
     "(beta: number = 1, self: Tensor, alpha: number = 1, mat: Tensor, vec: Tensor)",
     &addmm_call<ops::addmv>, "beta * self + alpha * (mat @ vec)."},
    {"gesv", kMethod | kFunction, "(self: Tensor, A: Tensor)", &gesv_call,
     "Solves A X = self through LAPACK's LU factorization; returns (X, LU)."},
    {"inverse", kMethod | kFunction, "(self: Tensor)", &inverse_call,
     "Inverse of a square matrix; RuntimeError when it is singular."},
};

}  // namespace

PyObject* matmul_slot(PyObject* x, PyObject* y) {
  if (!is_tensor(x) || !is_tensor(y)) Py_RETURN_NOTIMPLEMENTED;
  return guarded([&] {
    Tensor result;
    {
      ReleaseGil release(flops(unwrap(x), unwrap(y)));
      result = ops::matmul(unwrap(x), unwrap(y));
    }
    return deliver_product(std::move(result));
  });
}

void add_linalg(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
