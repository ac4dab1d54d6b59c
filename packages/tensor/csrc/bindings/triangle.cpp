#include "torch/ops/triangle.h"

#include "bindings/parser.h"
#include "torch/ops/view.h"

namespace torch::python {
namespace {

template <bool upper>
PyObject* triangle_call(Args& a) {
  int64_t k = a.integer(1);
  Tensor *out = a.out(), result;
  {
    ReleaseGil release(a.self().numel());
    result = ops::triangle(upper, a.name(), a.self(), k, out);
  }
  return a.finish(std::move(result));
}

PyObject* tri_call(Args& a) {
  int64_t n = a.integer(0), m = a.has(1) ? a.integer(1) : n;
  return wrap(ops::tri(n, m, a.integer(2), a.dtype(3, default_dtype())));
}

template <bool upper>
PyObject* indices_call(Args& a) {
  int64_t n = a.integer(0), m = a.has(1) ? a.integer(1) : n;
  return wrap(ops::triangle_indices(upper, a.name(), n, m, a.integer(2)));
}

PyObject* diagonal_call(Args& a) {
  return wrap(ops::diagonal("diagonal", a.self(), a.integer(1), a.integer(2), a.integer(3)));
}
PyObject* diag_call(Args& a) { return a.finish_copy(ops::diag("diag", a.self(), a.integer(1))); }
PyObject* diagflat_call(Args& a) {
  return a.finish_copy(ops::diag("diagflat", ops::reshape(a.self(), {-1}), a.integer(1)));
}
PyObject* trace_call(Args& a) { return to_python(ops::trace(a.self())); }

PyObject* cross_call(Args& a) {
  int64_t dim = a.integer(2);
  Tensor result;
  {
    ReleaseGil release(a.self().numel());
    result = ops::cross(a.self(), a.tensor(1), dim);
  }
  return a.finish_copy(std::move(result));
}

constexpr unsigned kBoth = kMethod | kFunction;
constexpr OpDef kOps[] = {
    {"triu", kBoth | kInplace | kOut, "(self: Tensor, k: int = 0)", &triangle_call<true>,
     "The elements of every matrix (..., m, n) on and above diagonal k, zero elsewhere; self's "
     "size and dtype. ValueError for fewer than two dimensions.",
     ">>> torch.tensor([[1, 2], [3, 4]]).triu().tolist()\n[[1, 2], [0, 4]]"},
    {"tril", kBoth | kInplace | kOut, "(self: Tensor, k: int = 0)", &triangle_call<false>,
     "The elements of every matrix (..., m, n) on and below diagonal k, zero elsewhere; self's "
     "size and dtype. ValueError for fewer than two dimensions.",
     ">>> torch.tensor([[1, 2], [3, 4]]).tril(-1).tolist()\n[[0, 0], [3, 0]]"},
    {"tri", kFunction, "(n: int, m: int = None, k: int = 0, *, dtype: dtype = None)", &tri_call,
     "(n, m), or (n, n), with ones on and below diagonal k, zeros elsewhere. ValueError for "
     "negative sizes.",
     ">>> torch.tri(2, 3).tolist()\n[[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]]"},
    {"triu_indices", kFunction, "(row: int, col: int = None, offset: int = 0)", &indices_call<true>,
     "Row and column numbers of the elements on and above diagonal `offset` of a (row, col) "
     "matrix, in row-major order: a (2, count) LongTensor.",
     ">>> torch.triu_indices(2, 2).tolist()\n[[0, 0, 1], [0, 1, 1]]"},
    {"tril_indices", kFunction, "(row: int, col: int = None, offset: int = 0)",
     &indices_call<false>,
     "Row and column numbers of the elements on and below diagonal `offset` of a (row, col) "
     "matrix, in row-major order: a (2, count) LongTensor.",
     ">>> torch.tril_indices(2, 2).tolist()\n[[0, 1, 1], [0, 0, 1]]"},
    {"diagonal", kBoth, "(self: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1)",
     &diagonal_call,
     "A view of the diagonals of the matrices that dim1 and dim2 span: without these two, the "
     "diagonal is the last dimension. Diagonals with a positive offset lie above. ValueError when "
     "dim1 is dim2.",
     ">>> torch.tensor([[1, 2], [3, 4]]).diagonal().tolist()\n[1, 4]"},
    {"diag", kBoth | kOut, "(self: Tensor, diagonal: int = 0)", &diag_call,
     "(n,) -> the (n + |k|, n + |k|) matrix with self as diagonal k and zeros elsewhere; (m, n) -> "
     "a copy of diagonal k. ValueError for other sizes.",
     ">>> torch.tensor([1, 2]).diag().tolist()\n[[1, 0], [0, 2]]\n>>> torch.tensor([[1, 2], [3, "
     "4]]).diag(1).tolist()\n[2]"},
    {"diagflat", kBoth | kOut, "(self: Tensor, offset: int = 0)", &diagflat_call,
     "The matrix with all elements of self, in row-major order, as diagonal `offset` and zeros "
     "elsewhere.",
     ">>> torch.diagflat(torch.tensor([[1], [2]])).tolist()\n[[1, 0], [0, 2]]"},
    {"trace", kBoth, "(self: Tensor)", &trace_call,
     "Sum of the diagonal of a matrix, as a number; integers are summed in 64 bits. ValueError "
     "unless self is a matrix.",
     ">>> torch.tensor([[1, 2], [3, 4]]).trace()\n5"},
    {"cross", kBoth | kOut, "(self: Tensor, other: Tensor, dim: int = -1)", &cross_call,
     "Cross products of the vectors along dim, which must have size 3; both broadcast, dtypes "
     "promote. ValueError for another size, TypeError for bool.",
     ">>> torch.cross(torch.tensor([1, 0, 0]), torch.tensor([0, 1, 0])).tolist()\n[0, 0, 1]"},
};

}  // namespace

void add_triangle(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
