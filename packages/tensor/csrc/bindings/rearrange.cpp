#include "torch/ops/rearrange.h"

#include "bindings/compat.h"
#include "bindings/parser.h"
#include "torch/ops/view.h"

namespace torch::python {
namespace {

using ops::Tensors;

PyObject* as_tuple(const Tensors& parts) {
  Object tuple(PyTuple_New(static_cast<Py_ssize_t>(parts.size())));
  for (size_t i = 0; i < parts.size(); ++i)
    PyTuple_SET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i), Object(wrap(parts[i])).release());
  return tuple.release();
}

// Runs f(tensors, out) without the GIL.
template <class F>
PyObject* join(Args& a, F&& f) {
  Tensors tensors = a.tensors(0);
  Tensor *out = a.out(), result;
  int64_t work = 0;
  for (const Tensor& t : tensors) work += t.numel();
  {
    ReleaseGil release(work);
    result = f(tensors, out);
  }
  return a.finish(std::move(result));
}

PyObject* cat_call(Args& a) {
  if (compat::on(Flag::cat_value_error) && a.tensors(0).empty())
    raise<ValueError>(a.name(), ": expected one tensor or more, got none");
  int64_t dim = a.integer(1);
  return join(a, [&](const Tensors& t, Tensor* out) { return ops::cat(t, dim, out, a.name()); });
}
PyObject* stack_call(Args& a) {
  int64_t dim = a.integer(1);
  return join(a, [&](const Tensors& t, Tensor* out) { return ops::stack(t, dim, out); });
}
template <Tensor (*f)(const Tensors&, Tensor*)>
PyObject* join_call(Args& a) {
  return join(a, f);
}

template <int ndim>
PyObject* at_least_call(Args& a) {
  return wrap(ops::at_least(a.self(), ndim));
}

bool is_sequence(PyObject* o) { return PyTuple_Check(o) || PyList_Check(o); }

// (self, split_size, dim = 0)
PyObject* split_call(Args& a) {
  if (is_sequence(a.object(1))) return as_tuple(ops::split(a.self(), a.sizes(1), a.integer(2)));
  return as_tuple(ops::split(a.self(), to_int(a.object(1)), a.integer(2)));
}
PyObject* chunk_call(Args& a) { return as_tuple(ops::chunk(a.self(), a.integer(1), a.integer(2))); }
PyObject* tensor_split_call(Args& a) {
  if (is_sequence(a.object(1)))
    return as_tuple(ops::tensor_split(a.name(), a.self(), a.sizes(1), a.integer(2)));
  return as_tuple(ops::tensor_split(a.name(), a.self(), to_int(a.object(1)), a.integer(2)));
}
PyObject* unbind_call(Args& a) { return as_tuple(ops::unbind(a.self(), a.integer(1))); }

// Runs f() without the GIL where the result has much to copy.
template <class F>
PyObject* copied(Args& a, F&& f) {
  Tensor result;
  {
    ReleaseGil release(a.self().numel());
    result = f();
  }
  return a.finish_copy(std::move(result));
}

PyObject* repeat_call(Args& a) {
  Shape counts = a.sizes(1);
  return copied(a, [&] { return ops::repeat(a.name(), a.self(), counts); });
}
PyObject* tile_call(Args& a) {
  Shape counts = a.sizes(1);
  return copied(a, [&] { return ops::tile(a.self(), counts); });
}

// (self, repeats: int, dim = None) | (self, repeats: LongTensor, dim = None)
PyObject* repeat_interleave_call(Args& a) {
  std::optional<int64_t> dim;
  if (a.has(2)) dim = a.integer(2);
  if (a.signature == 1)
    return copied(a, [&] { return ops::repeat_interleave(a.self(), a.tensor(1), dim); });
  int64_t repeats = a.integer(1);
  return copied(a, [&] { return ops::repeat_interleave(a.self(), repeats, dim); });
}

PyObject* flip_call(Args& a) {
  Shape dims = a.sizes(1);
  return copied(a, [&] { return ops::flip(a.name(), a.self(), dims); });
}
template <int64_t dim>
PyObject* flip_one_call(Args& a) {
  return copied(a, [&] { return ops::flip(a.name(), a.self(), {dim}); });
}
PyObject* roll_call(Args& a) {
  Shape shifts = a.sizes(1), dims = a.sizes(2);
  bool along = a.has(2);
  return copied(a, [&] { return ops::roll(a.self(), shifts, along ? &dims : nullptr); });
}
PyObject* rot90_call(Args& a) {
  int64_t k = a.integer(1);
  Shape dims = a.has(2) ? a.sizes(2) : Shape{0, 1};
  return copied(a, [&] { return ops::rot90(a.self(), k, dims); });
}

PyObject* broadcast_tensors_call(Args& a) { return as_tuple(ops::broadcast_tensors(a.tensors(0))); }
PyObject* meshgrid_call(Args& a) {
  std::string indexing = a.text(1, "xy");
  if (indexing != "xy" && indexing != "ij")
    raise<ValueError>("meshgrid: expected 'xy' or 'ij' as indexing, got '", indexing, "'");
  return as_tuple(ops::meshgrid(a.tensors(0), indexing == "xy"));
}

constexpr unsigned kBoth = kMethod | kFunction;
constexpr char kJoin[] = "(tensors: tensors, dim: int = 0)";
constexpr char kTensors[] = "(tensors: tensors)";
constexpr char kSections[] = "(self: Tensor, indices_or_sections: dims, dim: int = 0)";

constexpr OpDef kOps[] = {
    {"cat", kFunction | kOut, kJoin, &cat_call,
     "The tensors one after the other along dim: sizes equal but there, dtypes promote. ValueError "
     "for sizes that do not fit, RuntimeError for no tensor.",
     ">>> torch.cat([torch.tensor([1, 2]), torch.tensor([3])]).tolist()\n[1, 2, 3]"},
    {"concat", kFunction | kOut, kJoin, &cat_call,
     "The tensors one after the other along dim: another name of cat.",
     ">>> torch.concat([torch.tensor([1, 2]), torch.tensor([3])]).tolist()\n[1, 2, 3]"},
    {"concatenate", kFunction | kOut, kJoin, &cat_call,
     "The tensors one after the other along dim: NumPy's name of cat.",
     ">>> torch.concatenate([torch.tensor([1, 2]), torch.tensor([3])]).tolist()\n[1, 2, 3]"},
    {"stack", kFunction | kOut, kJoin, &stack_call,
     "Tensors of one size side by side along a new dimension; dtypes promote. ValueError for "
     "different sizes, RuntimeError for no tensor.",
     ">>> torch.stack([torch.tensor([1, 2]), torch.tensor([3, 4])], 1).tolist()\n[[1, 3], [2, 4]]"},
    {"hstack", kFunction | kOut, kTensors, &join_call<&ops::hstack>,
     "Joined along the columns: vectors along their only dimension, others along the second. "
     "ValueError for sizes that do not fit.",
     ">>> torch.hstack([torch.tensor([[1], [2]]), torch.tensor([[3], [4]])]).tolist()\n[[1, 3], "
     "[2, "
     "4]]"},
    {"vstack", kFunction | kOut, kTensors, &join_call<&ops::vstack>,
     "Joined along the rows, a vector as one row. ValueError for sizes that do not fit.",
     ">>> torch.vstack([torch.tensor([1, 2]), torch.tensor([3, 4])]).tolist()\n[[1, 2], [3, 4]]"},
    {"dstack", kFunction | kOut, kTensors, &join_call<&ops::dstack>,
     "Joined along the third dimension, (n,) as (1, n, 1) and (m, n) as (m, n, 1). ValueError for "
     "sizes that do not fit.",
     ">>> torch.dstack([torch.tensor([1, 2]), torch.tensor([3, 4])]).tolist()\n[[[1, 3], [2, 4]]]"},
    {"column_stack", kFunction | kOut, kTensors, &join_call<&ops::column_stack>,
     "Joined along the columns, a vector as one column. ValueError for sizes that do not fit.",
     ">>> torch.column_stack([torch.tensor([1, 2]), torch.tensor([3, 4])]).tolist()\n[[1, 3], [2, "
     "4]]"},
    {"atleast_1d", kFunction, "(self: Tensor)", &at_least_call<1>,
     "self, or a view of size (1,) of a tensor without dimensions.",
     ">>> torch.atleast_1d(torch.tensor(3)).tolist()\n[3]"},
    {"atleast_2d", kFunction, "(self: Tensor)", &at_least_call<2>,
     "self, or a view as a matrix: (n,) -> (1, n).",
     ">>> torch.atleast_2d(torch.tensor([1, 2])).tolist()\n[[1, 2]]"},
    {"atleast_3d", kFunction, "(self: Tensor)", &at_least_call<3>,
     "self, or a view with three dimensions: (n,) -> (1, n, 1), (m, n) -> (m, n, 1).",
     ">>> torch.atleast_3d(torch.ones(2, 3)).shape\ntorch.Size([2, 3, 1])"},
    {"split", kBoth, "(self: Tensor, split_size: dims, dim: int = 0)", &split_call,
     "Views of `split_size` entries of dim each, the last may be smaller; or of the sizes in a "
     "list, which must sum to dim's. ValueError for a size below 1, or sizes that do not fit.",
     ">>> [part.tolist() for part in torch.arange(5).split(2)]\n[[0, 1], [2, 3], [4]]\n>>> "
     "[part.tolist() for part in torch.arange(5).split([1, 4])]\n[[0], [1, 2, 3, 4]]"},
    {"chunk", kBoth, "(self: Tensor, chunks: int, dim: int = 0)", &chunk_call,
     "At most `chunks` views of equal size along dim; the last may be smaller. ValueError below 1.",
     ">>> [part.tolist() for part in torch.arange(5).chunk(2)]\n[[0, 1, 2], [3, 4]]"},
    {"tensor_split", kBoth, kSections, &tensor_split_call,
     "That many views along dim, whose sizes differ by at most 1; or views between the given "
     "indices, which work as in slices. ValueError for less than 1 section.",
     ">>> [part.tolist() for part in torch.arange(5).tensor_split(3)]\n[[0, 1], [2, 3], [4]]\n>>> "
     "[part.tolist() for part in torch.arange(5).tensor_split([1, 3])]\n[[0], [1, 2], [3, 4]]"},
    {"array_split", kFunction, kSections, &tensor_split_call,
     "That many views along dim, whose sizes differ by at most 1: NumPy's name of tensor_split.",
     ">>> [part.tolist() for part in torch.array_split(torch.arange(5), 3)]\n[[0, 1], [2, 3], "
     "[4]]"},
    {"unbind", kBoth, "(self: Tensor, dim: int = 0)", &unbind_call,
     "Views of all slices along dim, without that dimension. IndexError for a dim out of range.",
     ">>> [row.tolist() for row in torch.tensor([[1, 2], [3, 4]]).unbind()]\n[[1, 2], [3, 4]]"},
    {"repeat", kMethod, "(self: Tensor, sizes: sizes)", &repeat_call,
     "A copy with self sizes[d] times along dimension d; leading dimensions may be new. (NumPy's "
     "tile; its repeat is repeat_interleave.) ValueError for too few or negative sizes.",
     ">>> torch.tensor([1, 2]).repeat(2, 2).tolist()\n[[1, 2, 1, 2], [1, 2, 1, 2]]"},
    {"tile", kBoth, "(self: Tensor, repeats: sizes)", &tile_call,
     "A copy with self repeats[d] times along dimension d, counted from the last one. ValueError "
     "for negative numbers.",
     ">>> torch.tensor([[1], [2]]).tile(2).tolist()\n[[1, 1], [2, 2]]"},
    {"repeat_interleave", kBoth,
     "(self: Tensor, repeats: int, dim: int = None) | (self: Tensor, repeats: LongTensor, dim: int "
     "= None)",
     &repeat_interleave_call,
     "A copy with every entry of dim `repeats` times in a row; repeats may have one number for "
     "each. Without dim, of the flattened tensor. ValueError for negative numbers or another count "
     "of them.",
     ">>> torch.tensor([1, 2]).repeat_interleave(2).tolist()\n[1, 1, 2, 2]\n>>> torch.tensor([1, "
     "2]).repeat_interleave(torch.tensor([3, 1])).tolist()\n[1, 1, 1, 2]"},
    {"flip", kBoth, "(self: Tensor, dims: sizes)", &flip_call,
     "A copy with the entries of dims (all by default) in reverse order. ValueError for a "
     "dimension given twice, IndexError for one out of range.",
     ">>> torch.tensor([[1, 2], [3, 4]]).flip(0).tolist()\n[[3, 4], [1, 2]]"},
    {"fliplr", kBoth, "(self: Tensor)", &flip_one_call<1>,
     "A copy with the columns in reverse order. IndexError for fewer than two dimensions.",
     ">>> torch.tensor([[1, 2], [3, 4]]).fliplr().tolist()\n[[2, 1], [4, 3]]"},
    {"flipud", kBoth, "(self: Tensor)", &flip_one_call<0>,
     "A copy with the rows in reverse order. IndexError for a tensor without dimensions.",
     ">>> torch.tensor([[1, 2], [3, 4]]).flipud().tolist()\n[[3, 4], [1, 2]]"},
    {"roll", kBoth, "(self: Tensor, shifts: dims, dims: dims = None)", &roll_call,
     "A copy with the entries of dims moved on by shifts, what passes the end comes back at the "
     "start. Without dims the elements in row-major order. ValueError for different counts.",
     ">>> torch.arange(5).roll(2).tolist()\n[3, 4, 0, 1, 2]"},
    {"rot90", kBoth, "(self: Tensor, k: int = 1, dims: dims = None)", &rot90_call,
     "A copy turned k times by 90 degrees in the plane of two dimensions, 0 and 1 by default, from "
     "the first towards the second. ValueError unless dims are two.",
     ">>> torch.tensor([[1, 2], [3, 4]]).rot90().tolist()\n[[2, 4], [1, 3]]"},
    {"broadcast_tensors", kFunction | kSpread, kTensors, &broadcast_tensors_call,
     "Views of the tensors in the size they broadcast to; given as a list or one by one. They "
     "cannot be written to. ValueError for sizes that do not fit.",
     ">>> x, y = torch.broadcast_tensors(torch.ones(3), torch.ones(2, 1))\n>>> x.shape\ntorch.Size("
     "[2, 3])"},
    {"meshgrid", kFunction | kSpread, "(tensors: tensors, *, indexing: object = 'xy')",
     &meshgrid_call,
     "For n vectors, given as a list or one by one, n tensors with the coordinates of every point "
     "of their grid. With 'xy', as in NumPy, the first vector runs along the columns; with 'ij' "
     "vector i runs along dimension i. ValueError for more than one dimension.",
     ">>> x, y = torch.meshgrid(torch.tensor([1, 2, 3]), torch.tensor([4, 5]))\n>>> x.tolist(), "
     "y.tolist()\n([[1, 2, 3], [1, 2, 3]], [[4, 4, 4], [5, 5, 5]])"},
};

}  // namespace

void add_rearrange(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
