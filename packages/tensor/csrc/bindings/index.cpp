#include "torch/ops/index.h"

#include <algorithm>
#include <optional>

#include "bindings/results.h"

namespace torch::python {
namespace {

using ops::Write;

int64_t work(const Tensor& self, const Tensor& index) {
  return std::max(self.numel(), index.numel());
}

// None or 'add' or 'multiply'
Write write_mode(Args& a, int i) {
  if (!a.has(i)) return Write::kAssign;
  PyObject* o = a.object(i);
  if (PyUnicode_Check(o)) {
    if (PyUnicode_CompareWithASCIIString(o, "add") == 0) return Write::kAdd;
    if (PyUnicode_CompareWithASCIIString(o, "multiply") == 0) return Write::kMultiply;
    const char* text = PyUnicode_AsUTF8(o);
    if (!text) throw PythonError{};
    raise<ValueError>(a.name(), ": expected reduce to be 'add' or 'multiply', got '", text, "'");
  }
  raise<TypeError>(a.name(), ": expected reduce to be a str, got ", Py_TYPE(o)->tp_name);
}

std::optional<int64_t> dim_or_none(Args& a, int i) {
  return a.has(i) ? std::optional(a.integer(i)) : std::nullopt;
}

// (self, dim, index)
template <Tensor (*op)(const Tensor&, int64_t, const Tensor&)>
PyObject* along_call(Args& a) {
  int64_t dim = a.integer(1);
  return computed(a, work(a.self(), a.tensor(2)), [&] { return op(a.self(), dim, a.tensor(2)); });
}

// (self, dim, index, src, *, reduce = None) | (self, dim, index, value, *, reduce = None)
PyObject* scatter_call(Args& a) {
  int64_t dim = a.integer(1);
  Input source = a.input(3);
  Write write = write_mode(a, 4);
  return written(a, work(a.self(), a.tensor(2)),
                 [&](Tensor& t) { ops::scatter_(a.name(), t, dim, a.tensor(2), source, write); });
}

PyObject* scatter_add_call(Args& a) {
  int64_t dim = a.integer(1);
  return written(a, work(a.self(), a.tensor(2)), [&](Tensor& t) {
    ops::scatter_(a.name(), t, dim, a.tensor(2), a.tensor(3), Write::kAdd);
  });
}

// (self, dim, index, source, *, alpha = 1)
PyObject* index_add_call(Args& a) {
  int64_t dim = a.integer(1);
  bool scaled = a.has(4);
  Scalar alpha = a.number(4);
  return written(a, work(a.self(), a.tensor(2)), [&](Tensor& t) {
    const Tensor& source = a.tensor(3);
    ops::index_write_(a.name(), t, dim, a.tensor(2),
                      scaled ? ops::binary(BinaryOp::mul, source, alpha) : source, Write::kAdd);
  });
}

// (self, dim, index, source or value)
PyObject* index_write_call(Args& a) {
  int64_t dim = a.integer(1);
  Input source = a.input(3);
  return written(a, work(a.self(), a.tensor(2)), [&](Tensor& t) {
    ops::index_write_(a.name(), t, dim, a.tensor(2), source, Write::kAssign);
  });
}

// (self, dim, index, value)
PyObject* index_fill_call(Args& a) {
  if (a.signature == 1 && a.tensor(3).ndim() > 0) {
    raise<ValueError>(a.name(), ": expected a value without dimensions, got ", a.tensor(3));
  }
  int64_t dim = a.integer(1);
  Input value = a.signature == 1 ? Input(ops::item(a.tensor(3))) : Input(a.number(3));
  return written(a, work(a.self(), a.tensor(2)), [&](Tensor& t) {
    ops::index_write_(a.name(), t, dim, a.tensor(2), value, Write::kAssign);
  });
}

// (self, index, dim = None)
PyObject* take_call(Args& a) {
  auto dim = dim_or_none(a, 2);
  return computed(a, work(a.self(), a.tensor(1)),
                  [&] { return ops::take(a.self(), a.tensor(1), dim); });
}

PyObject* take_along_call(Args& a) {
  auto dim = dim_or_none(a, 2);
  return computed(a, work(a.self(), a.tensor(1)),
                  [&] { return ops::take_along_dim(a.name(), a.self(), a.tensor(1), dim); });
}

// (self, index, values, dim)
PyObject* put_along_axis_call(Args& a) {
  int64_t dim = a.integer(3);
  Input values = a.input(2);
  {
    ReleaseGil release(work(a.self(), a.tensor(1)));
    ops::put_along_axis_(a.self(), a.tensor(1), values, dim);
  }
  return Py_NewRef(a.object(0));
}

// (self, index, source, accumulate = False)
PyObject* put_call(Args& a) {
  Input source = a.input(2);
  Write write = a.boolean(3) ? Write::kAdd : Write::kAssign;
  {
    ReleaseGil release(work(a.self(), a.tensor(1)));
    ops::put_(a.self(), a.tensor(1), source, write);
  }
  return Py_NewRef(a.object(0));
}

// (self, indices, values, accumulate = False)
PyObject* index_put_call(Args& a) {
  std::vector<Tensor> indices = a.tensors(1);
  if (indices.empty()) raise<ValueError>(a.name(), ": expected one index tensor or more, got none");
  Input values = a.input(2);
  Write write = a.boolean(3) ? Write::kAdd : Write::kAssign;
  return written(a, work(a.self(), indices[0]), [&](Tensor& t) {
    ops::index_put_(a.name(), t, ops::leading_items(a.name(), t, indices), values, false, write);
  });
}

// (index: Tensor or int, shape)
PyObject* unravel_index_call(Args& a) {
  Shape shape = a.sizes(1);
  if (a.signature == 0) return tuple_of(ops::unravel_index(a.tensor(0), shape));
  Tensor one = ops::full({}, a.number(0), DType::kInt64);
  std::vector<Tensor> found = ops::unravel_index(one, shape);
  Object tuple(PyTuple_New(static_cast<Py_ssize_t>(found.size())));
  for (size_t d = 0; d < found.size(); ++d)
    PyTuple_SET_ITEM(tuple.get(), d, Object(to_python(ops::item(found[d]))).release());
  return tuple.release();
}

// (multi_index: tensors or ints, dims)
PyObject* ravel_multi_index_call(Args& a) {
  Shape shape = a.sizes(1);
  if (a.signature == 0) return wrap(ops::ravel_multi_index(a.tensors(0), shape));
  std::vector<Tensor> indices;
  for (int64_t i : a.sizes(0)) indices.push_back(ops::full({}, Scalar(i), DType::kInt64));
  return to_python(ops::item(ops::ravel_multi_index(indices, shape)));
}

constexpr unsigned kBoth = kMethod | kFunction;
constexpr unsigned kAllForms = kBoth | kInplace | kOut;
constexpr char kAlong[] = "(self: Tensor, dim: int, index: LongTensor)";
constexpr char kTakeAlong[] = "(self: Tensor, index: LongTensor, dim: int = None)";

constexpr OpDef kOps[] = {
    {"index_select", kBoth | kOut, kAlong, &along_call<&ops::index_select>,
     "The entries of dimension dim at a vector of n positions: (..., k, ...) -> (..., n, ...), in "
     "self's dtype. IndexError for positions outside 0 to k - 1, ValueError unless index is a "
     "vector.",
     ">>> torch.index_select(torch.tensor([[1, 2, 3], [4, 5, 6]]), 1, torch.tensor([2, "
     "0])).tolist()\n[[3, 1], [6, 4]]"},
    {"gather", kBoth | kOut, kAlong, &along_call<&ops::gather>,
     "One element per entry of index, which names its position in dimension dim: out[i, j] = "
     "self[index[i, j], j] for dim 0, self[i, index[i, j]] for dim 1, and so on. The result has "
     "index's size and self's dtype. ValueError unless index has self's number of dimensions and "
     "is nowhere larger but in dim, IndexError for positions that are negative or too large.",
     ">>> torch.gather(torch.tensor([[1, 2], [3, 4]]), 1, torch.tensor([[1], [0]])).tolist()\n"
     "[[2], [3]]"},
    {"scatter", kAllForms,
     "(self: Tensor, dim: int, index: LongTensor, src: Tensor, *, reduce: object = None) | (self: "
     "Tensor, dim: int, index: LongTensor, value: number, *, reduce: object = None)",
     &scatter_call,
     "The way back from gather: self[index[i, j], j] = src[i, j] for dim 0, self[i, index[i, j]] "
     "= src[i, j] for dim 1, and so on; src may be one number. Where a place is named several "
     "times the last one counts. reduce='add' or 'multiply' adds or multiplies instead. "
     "ValueError unless src is as large as index, and index as self but in dim; IndexError for "
     "positions that are negative or too large.",
     ">>> torch.zeros(2, 3).scatter(1, torch.tensor([[2], [0]]), 1).tolist()\n"
     "[[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]"},
    {"scatter_add", kAllForms, "(self: Tensor, dim: int, index: LongTensor, src: Tensor)",
     &scatter_add_call,
     "self[index[i, j], j] += src[i, j] for dim 0, self[i, index[i, j]] += src[i, j] for dim 1, "
     "and so on; places may be named several times. Errors are those of scatter, and TypeError "
     "where the dtype cannot hold the sum.",
     ">>> torch.zeros(3).scatter_add(0, torch.tensor([0, 2, 0]), torch.tensor([1, 2, "
     "3])).tolist()\n[4.0, 0.0, 2.0]"},
    {"index_add", kAllForms,
     "(self: Tensor, dim: int, index: LongTensor, source: Tensor, *, alpha: number = 1)",
     &index_add_call,
     "Adds alpha times the entries of source, (..., n, ...), to the entries of self, (..., k, "
     "...), at n positions of dimension dim; positions may repeat. IndexError for positions "
     "outside 0 to k - 1, ValueError for other sizes, TypeError where the dtype cannot hold the "
     "sum.",
     ">>> torch.zeros(3).index_add(0, torch.tensor([0, 0, 2]), torch.tensor([1, 2, "
     "3])).tolist()\n[3.0, 0.0, 3.0]"},
    {"index_copy", kAllForms, "(self: Tensor, dim: int, index: LongTensor, source: Tensor)",
     &index_write_call,
     "Replaces the entries of self, (..., k, ...), at n positions of dimension dim by those of "
     "source, (..., n, ...); where a position repeats the last one counts. IndexError for "
     "positions outside 0 to k - 1, ValueError for other sizes.",
     ">>> torch.zeros(3).index_copy(0, torch.tensor([2, 0]), torch.tensor([1, 2])).tolist()\n"
     "[2.0, 0.0, 1.0]"},
    {"index_fill", kAllForms,
     "(self: Tensor, dim: int, index: LongTensor, value: number) | (self: Tensor, dim: int, index: "
     "LongTensor, value: Tensor)",
     &index_fill_call,
     "Sets the entries at n positions of dimension dim to one value. IndexError for positions "
     "that are negative or too large, ValueError for a value with dimensions.",
     ">>> torch.zeros(2, 3).index_fill(1, torch.tensor([0, 2]), 7).tolist()\n"
     "[[7.0, 0.0, 7.0], [7.0, 0.0, 7.0]]"},
    {"take", kBoth | kOut, "(self: Tensor, index: LongTensor, dim: int = None)", &take_call,
     "The elements at positions in row-major order, in index's size; with dim the entries of that "
     "dimension, which is replaced by index's dimensions. Negative positions count from the end; "
     "IndexError for others outside.",
     ">>> torch.take(torch.tensor([[1, 2], [3, 4]]), torch.tensor([[0, -1]])).tolist()\n[[1, 4]]"},
    {"take_along_dim", kBoth | kOut, kTakeAlong, &take_along_call,
     "gather with negative positions, and with both sides broadcast in the other dimensions; "
     "without dim both are vectors, self in row-major order. Puts results of argsort and argmax "
     "to use.",
     ">>> x = torch.tensor([[3, 1], [2, 4]])\n>>> torch.take_along_dim(x, torch.tensor([[-1]]), "
     "1).tolist()\n[[1], [4]]"},
    {"take_along_axis", kBoth | kOut, kTakeAlong, &take_along_call,
     "NumPy's name of "
     "take_along_dim.",
     ">>> torch.take_along_axis(torch.tensor([3, 1, 2]), torch.tensor([1, 2, 0]), 0).tolist()\n"
     "[1, 2, 3]"},
    {"put_along_axis_", kMethod,
     "(self: Tensor, index: LongTensor, values: Tensor, dim: int) | (self: Tensor, index: "
     "LongTensor, values: number, dim: int)",
     &put_along_axis_call,
     "The way back from take_along_dim: writes values, which broadcast to index's size, to the "
     "positions that index names in dimension dim. index broadcasts to self in the other "
     "dimensions, negative positions count from the end.",
     ">>> torch.zeros(2, 2).put_along_axis_(torch.tensor([[1]]), 5, 1).tolist()\n"
     "[[0.0, 5.0], [0.0, 5.0]]"},
    {"put_", kMethod,
     "(self: Tensor, index: LongTensor, source: Tensor, accumulate: bool = False) | (self: Tensor, "
     "index: LongTensor, value: number, accumulate: bool = False)",
     &put_call,
     "Writes the elements of source, one per entry of index, or one number to positions in "
     "row-major order, negative ones from the end; with accumulate adds them. IndexError for "
     "positions outside, ValueError for another number of elements.",
     ">>> torch.zeros(2, 2).put_(torch.tensor([1, -1]), torch.tensor([5, 6])).tolist()\n"
     "[[0.0, 5.0], [0.0, 6.0]]"},
    {"index_put", kAllForms,
     "(self: Tensor, indices: tensors, values: Tensor, accumulate: bool = False) | (self: Tensor, "
     "indices: tensors, values: number, accumulate: bool = False)",
     &index_put_call,
     "self[indices] = values for integer tensors and masks; with accumulate adds values, also "
     "where places repeat. IndexError for too many indices, positions outside and masks of "
     "another size, ValueError unless values broadcast.",
     ">>> torch.zeros(2, 2).index_put((torch.tensor([0, 0]), torch.tensor([1, 1])), 1, "
     "accumulate=True).tolist()\n[[0.0, 2.0], [0.0, 0.0]]"},
    {"unravel_index", kFunction, "(index: LongTensor, shape: dims) | (index: int, shape: dims)",
     &unravel_index_call,
     "Positions in row-major order as a tuple of one position per dimension of the shape. "
     "IndexError for positions outside.",
     ">>> torch.unravel_index(5, (2, 3))\n(1, 2)"},
    {"ravel_multi_index", kFunction,
     "(multi_index: tensors, dims: dims) | (multi_index: dims, dims: dims)",
     &ravel_multi_index_call,
     "The way back from unravel_index: positions in row-major order from one tensor or int per "
     "dimension. IndexError for positions outside, ValueError for another number of them.",
     ">>> torch.ravel_multi_index((1, 2), (2, 3))\n5"},
};

}  // namespace

void add_index(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
