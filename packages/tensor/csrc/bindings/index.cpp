#include "torch/ops/index.h"

#include <algorithm>

#include "bindings/parser.h"
#include "torch/ops/copy.h"
#include "torch/ops/reduce.h"
#include "torch/ops/view.h"

namespace torch::python {
namespace {

// What x[key] means: a view by the basic items (ints, slices, None, ...) and, per dimension of it, an index tensor or nothing.
struct Selection {
  Tensor view;
  std::vector<Tensor> items;
  bool advanced = false;
  bool full = false;  // every dimension was given an int
};

int64_t dims_used(PyObject* item) {
  if (item == Py_None || item == Py_Ellipsis) return 0;
  if (is_tensor(item) && ops::is_mask(unwrap(item))) return std::max(1, unwrap(item).ndim());
  return 1;
}

Tensor take_slice(const Tensor& t, int dim, PyObject* slice) {
  Py_ssize_t start, stop, step;
  if (PySlice_Unpack(slice, &start, &stop, &step) < 0) throw PythonError{};
  Py_ssize_t n = PySlice_AdjustIndices(t.size(dim), &start, &stop, step);
  return ops::slice(t, dim, start, step, n);
}

Selection select(const Tensor& self, PyObject* key) {
  Selection s;
  s.view = self;
  PyObject* const* items = &key;
  Py_ssize_t n = 1;
  if (PyTuple_Check(key)) {
    items = PySequence_Fast_ITEMS(key);
    n = PyTuple_GET_SIZE(key);
  }
  int64_t used = 0;
  bool ellipsis = false;
  for (Py_ssize_t i = 0; i < n; ++i) {
    if (items[i] == Py_Ellipsis) {
      if (ellipsis) raise<IndexError>("index: at most one ellipsis (...) is allowed");
      ellipsis = true;
    }
    used += dims_used(items[i]);
  }
  if (used > self.ndim()) raise<IndexError>("index: too many indices for ", self, ": ", used, " were given");
  s.full = !ellipsis && used == self.ndim();
  int dim = 0;
  for (Py_ssize_t i = 0; i < n; ++i) {
    PyObject* item = items[i];
    if (item == Py_None) {
      s.view = ops::unsqueeze(s.view, dim++);
      s.items.resize(dim);
      s.full = false;
    } else if (item == Py_Ellipsis) {
      dim += static_cast<int>(self.ndim() - used);
    } else if (PySlice_Check(item)) {
      s.view = take_slice(s.view, dim++, item);
      s.full = false;
    } else if (PyBool_Check(item)) {
      raise<IndexError>("index: a bool is no index; use a BoolTensor of the indexed size as a mask");
    } else if (!is_tensor(item) && PyIndex_Check(item) && !PySequence_Check(item)) {
      int64_t k = to_int(item);
      s.view = ops::select(s.view, dim, k);
    } else {
      Tensor t = is_tensor(item) ? unwrap(item) : from_data(item, nullptr, "index");
      s.full = false;
      s.advanced = true;
      if (ops::is_mask(t)) {
        for (int d = 0; d < t.ndim(); ++d) {
          if (dim + d < s.view.ndim() && t.size(d) != s.view.size(dim + d)) {
            raise<IndexError>("index: mask of size ", t.shape(), " does not fit dimension ", dim + d, " of size ", s.view.size(dim + d));
          }
        }
        if (t.ndim() == 0) raise<IndexError>("index: a mask without dimensions is not supported");
        std::vector<Tensor> found = ops::mask_to_indices(t);
        s.items.resize(dim + found.size());
        for (size_t d = 0; d < found.size(); ++d) s.items[dim + d] = found[d];
        dim += static_cast<int>(found.size());
      } else {
        if (!is_integral(t.dtype())) {
          if (t.numel() != 0) raise<IndexError>("index: expected ints, slices, None, ... or integer and mask tensors, got ", t);
          t = ops::to(t, DType::kInt64);
        }
        s.items.resize(dim + 1);
        s.items[dim++] = t;
      }
    }
  }
  if (s.advanced) s.items.resize(s.view.ndim());
  return s;
}

void no_overload(PyObject* value) {
  if (is_overloaded(value)) {
    raise<TypeError>("index: a ", Py_TYPE(value)->tp_name, " was used where data is expected; use its .data");
  }
}

PyObject* index_select_call(Args& a) {
  Tensor result;
  {
    ReleaseGil release(a.self().numel());
    result = ops::index_select(a.self(), a.integer(1), a.tensor(2));
  }
  return wrap(std::move(result));
}
PyObject* index_add_call(Args& a) {
  ops::index_add_(a.self(), a.integer(1), a.tensor(2), a.tensor(3));
  return Py_NewRef(a.object(0));
}
PyObject* gather_call(Args& a) { return wrap(ops::gather(a.self(), a.integer(1), a.tensor(2))); }
PyObject* scatter_call(Args& a) {
  ops::scatter_("scatter_", a.self(), a.integer(1), a.tensor(2), a.input(3), false);
  return Py_NewRef(a.object(0));
}
PyObject* scatter_add_call(Args& a) {
  ops::scatter_("scatter_add_", a.self(), a.integer(1), a.tensor(2), a.input(3), true);
  return Py_NewRef(a.object(0));
}
PyObject* nonzero_call(Args& a) { return wrap(ops::nonzero(a.self())); }
PyObject* masked_select_call(Args& a) { return wrap(ops::masked_select(a.self(), a.tensor(1))); }

constexpr unsigned kBoth = kMethod | kFunction;
constexpr OpDef kOps[] = {
    {"index_select", kBoth, "(self: Tensor, dim: int, index: LongTensor)", &index_select_call, "Entries of a dimension, by a vector of positions."},
    {"index_add_", kMethod, "(self: Tensor, dim: int, index: LongTensor, source: Tensor)", &index_add_call,
     "Adds the entries of source to the entries of self at the positions."},
    {"gather", kBoth, "(self: Tensor, dim: int, index: LongTensor)", &gather_call, "out[i][j] = self[index[i][j]][j] for dim 0, and so on."},
    {"scatter_", kMethod,
     "(self: Tensor, dim: int, index: LongTensor, src: Tensor) | (self: Tensor, dim: int, index: LongTensor, value: number)", &scatter_call,
     "self[index[i][j]][j] = src[i][j] for dim 0, and so on."},
    {"scatter_add_", kMethod, "(self: Tensor, dim: int, index: LongTensor, src: Tensor)", &scatter_add_call,
     "self[index[i][j]][j] += src[i][j] for dim 0, and so on."},
    {"nonzero", kBoth, "(self: Tensor)", &nonzero_call, "Positions of the non-zero elements, one row each."},
    {"masked_select", kBoth, "(self: Tensor, mask: mask)", &masked_select_call, "The elements where the mask holds, as a vector."},
};

}  // namespace

PyObject* index_get(PyObject* self, PyObject* key) {
  return guarded([&]() -> PyObject* {
    const Tensor& t = unwrap(self);
    if (PyLong_CheckExact(key) && t.ndim() > 0) {  // x[i], the commonest
      int64_t i = wrap_index("index", to_int(key), t.size(0), 0);
      if (t.ndim() == 1) {
        return to_python(visit(t.dtype(), [&]<class T>() {
          T v = t.data<T>()[i * t.stride(0)];
          if constexpr (std::is_same_v<T, bool>) return Scalar(v);
          else if constexpr (std::is_floating_point_v<T>) return Scalar(static_cast<double>(v));
          else return Scalar(static_cast<int64_t>(v));
        }));
      }
      return wrap(ops::select(t, 0, i));
    }
    Selection s = select(t, key);
    if (s.full && s.view.ndim() == 0) return to_python(ops::item(s.view));
    if (!s.advanced) return wrap(std::move(s.view));
    Tensor result;
    {
      ReleaseGil release(s.view.numel());
      result = ops::index(s.view, s.items);
    }
    return wrap(std::move(result));
  });
}

int index_set(PyObject* self, PyObject* key, PyObject* value) {
  return guarded(
      [&]() -> int {
        if (!value) raise<TypeError>("index: elements of a tensor cannot be deleted");
        no_overload(value);
        no_overload(key);
        Selection s = select(unwrap(self), key);
        bool number = is_number(value);
        Tensor source = number ? Tensor() : is_tensor(value) ? unwrap(value) : from_data(value, nullptr, "index");
        if (s.advanced) {
          ops::index_put_(s.view, s.items, number ? Input(to_scalar(value)) : Input(source));
        } else if (number) {
          ops::fill_(s.view, to_scalar(value));
        } else {
          ops::copy_(s.view, source);
        }
        return 0;
      },
      -1);
}

void add_index(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
