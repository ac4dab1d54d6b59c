#include "torch/ops/index.h"

#include <algorithm>

#include "bindings/compat.h"
#include "bindings/parser.h"
#include "torch/ops/copy.h"
#include "torch/ops/reduce.h"
#include "torch/ops/view.h"

namespace torch::python {
namespace {

// What x[key] means: a view by the basic items (ints, slices, None, ...) and, per dimension of it,
// an index tensor or nothing.
struct Selection {
  Tensor view;
  std::vector<Tensor> items;
  bool advanced = false;
  bool full = false;   // every dimension was given an int
  bool apart = false;  // something stands between the index tensors
};

bool is_basic(PyObject* o) {
  return PyLong_CheckExact(o) || PySlice_Check(o) || o == Py_None || o == Py_Ellipsis ||
         (!is_tensor(o) && !PyBool_Check(o) && PyIndex_Check(o) && !PySequence_Check(o));
}

// An item that is not basic, as a tensor.
Tensor index_tensor(PyObject* o) {
  if (is_tensor(o)) return unwrap(o);
  if (PyBool_Check(o))
    raise<IndexError>("index: a bool is no index; use a BoolTensor of the indexed size as a mask");
  if (is_number(o) || PyUnicode_Check(o) || PyDict_Check(o)) {
    raise<IndexError>("index: expected ints, slices, None, ... or integer and mask tensors, got ",
                      Py_TYPE(o)->tp_name);
  }
  return from_data(o, nullptr, "index");
}

int64_t dims_used(const Tensor& t) { return ops::is_mask(t) ? std::max(1, t.ndim()) : 1; }

// Records an index tensor for the dimensions from `dim` on, which have these sizes; returns how
// many it takes.
int add_index(std::vector<Tensor>& items, Tensor t, int dim, const Shape& sizes) {
  if (!ops::is_mask(t)) {
    if (!is_integral(t.dtype())) {
      if (t.numel() != 0)
        raise<IndexError>(
            "index: expected ints, slices, None, ... or integer and mask tensors, got ", t);
      t = ops::to(t, DType::kInt64);  // an empty list
    }
    items.push_back(std::move(t));
    return 1;
  }
  if (t.ndim() == 0) raise<IndexError>("index: expected a mask with dimensions, got ", t);
  for (int d = 0; d < t.ndim(); ++d) {
    if (t.size(d) != sizes[d]) {
      raise<IndexError>("index: mask of size ", t.shape(), " does not fit dimension ", dim + d,
                        " of size ", sizes[d]);
    }
  }
  for (Tensor& found : ops::mask_to_indices(t)) items.push_back(std::move(found));
  return t.ndim();
}

Selection select(const Tensor& self, PyObject* key) {
  PyObject* const* objects = &key;
  Py_ssize_t n = 1;
  if (PyTuple_Check(key)) {
    objects = PySequence_Fast_ITEMS(key);
    n = PyTuple_GET_SIZE(key);
  }
  Selection s;
  std::vector<Tensor> tensors;  // of the items that are not basic, in order
  int64_t used = 0;
  int ellipses = 0;
  for (Py_ssize_t i = 0; i < n; ++i) {
    if (objects[i] == Py_Ellipsis) {
      ++ellipses;
    } else if (is_basic(objects[i])) {
      used += objects[i] != Py_None;
    } else {
      tensors.push_back(index_tensor(objects[i]));
      used += dims_used(tensors.back());
    }
  }
  if (ellipses > 1) raise<IndexError>("index: at most one ellipsis (...) is allowed");
  if (used > self.ndim())
    raise<IndexError>("index: too many indices for ", self, ": ", used, " were given");
  s.advanced = !tensors.empty();

  Shape shape, strides;
  int64_t offset = self.offset();
  int dim = 0;  // of self
  size_t next = 0;
  auto keep = [&](int64_t size, int64_t stride) {
    shape.push_back(size);
    strides.push_back(stride);
  };
  auto keep_all = [&](int count) {
    for (int k = 0; k < count; ++k, ++dim) keep(self.size(dim), self.stride(dim));
  };
  s.full = !s.advanced && used == self.ndim();
  int runs = 0;  // of neighbouring index items
  bool in_run = false;
  for (Py_ssize_t i = 0; i < n; ++i) {
    PyObject* o = objects[i];
    bool separator = o == Py_None || o == Py_Ellipsis || PySlice_Check(o);
    runs += !separator && !in_run;
    in_run = !separator;
    if (o == Py_None) {
      keep(1, 0);
      s.full = false;
    } else if (o == Py_Ellipsis) {
      keep_all(static_cast<int>(self.ndim() - used));
      s.full = false;
    } else if (PySlice_Check(o)) {
      Py_ssize_t start, stop, step;
      if (PySlice_Unpack(o, &start, &stop, &step) < 0) throw PythonError{};
      Py_ssize_t length = PySlice_AdjustIndices(self.size(dim), &start, &stop, step);
      if (length > 0) offset += start * self.stride(dim);
      keep(length, self.stride(dim) * step);
      ++dim;
      s.full = false;
    } else if (is_basic(o)) {
      int64_t k = wrap_index("index", to_position(o), self.size(dim), dim);
      if (s.advanced) {  // beside index tensors an int is one of them, without dimensions
        s.items.resize(shape.size());
        s.items.push_back(ops::full({}, Scalar(k), DType::kInt64));
        keep_all(1);
      } else {
        offset += k * self.stride(dim++);
      }
    } else {
      s.items.resize(shape.size());
      Shape rest(self.shape().begin() + dim, self.ndim() - dim);
      keep_all(add_index(s.items, std::move(tensors[next++]), dim, rest));
    }
  }
  keep_all(self.ndim() - dim);
  s.apart = runs > 1;
  s.view = Tensor(self.storage(), std::move(shape), std::move(strides), offset);
  if (s.advanced) s.items.resize(s.view.ndim());
  return s;
}

void no_overload(PyObject* value) {
  if (is_overloaded(value)) {
    raise<TypeError>("index: a ", Py_TYPE(value)->tp_name,
                     " was used where data is expected; use its .data");
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
    {"index_select", kBoth, "(self: Tensor, dim: int, index: LongTensor)", &index_select_call,
     "Entries of a dimension, by a vector of positions."},
    {"index_add_", kMethod, "(self: Tensor, dim: int, index: LongTensor, source: Tensor)",
     &index_add_call, "Adds the entries of source to the entries of self at the positions."},
    {"gather", kBoth, "(self: Tensor, dim: int, index: LongTensor)", &gather_call,
     "out[i][j] = self[index[i][j]][j] for dim 0, and so on."},
    {"scatter_", kMethod,
     "(self: Tensor, dim: int, index: LongTensor, src: Tensor) | (self: Tensor, dim: int, index: "
     "LongTensor, value: number)",
     &scatter_call, "self[index[i][j]][j] = src[i][j] for dim 0, and so on."},
    {"scatter_add_", kMethod, "(self: Tensor, dim: int, index: LongTensor, src: Tensor)",
     &scatter_add_call, "self[index[i][j]][j] += src[i][j] for dim 0, and so on."},
    {"nonzero", kBoth, "(self: Tensor)", &nonzero_call,
     "Positions of the non-zero elements, one row each."},
    {"masked_select", kBoth, "(self: Tensor, mask: mask)", &masked_select_call,
     "The elements where the mask holds, as a vector."},
};

}  // namespace

namespace {

PyObject* element(const Tensor& t, int64_t offset) {
  return visit(t.dtype(), [&]<class T>() -> PyObject* {
    T v = t.data<T>()[offset];
    if constexpr (std::is_same_v<T, bool>)
      return PyBool_FromLong(v);
    else if constexpr (is_floating_type<T>)
      return PyFloat_FromDouble(static_cast<double>(v));
    else
      return PyLong_FromLongLong(v);
  });
}

}  // namespace

PyObject* index_get(PyObject* self, PyObject* key) {
  return guarded([&]() -> PyObject* {
    const Tensor& t = unwrap(self);
    // the commonest first: x[i], and x[i, j] with all indices given
    if (PyLong_CheckExact(key) && t.ndim() > 0) {
      int64_t i = wrap_index("index", to_position(key), t.size(0), 0);
      return t.ndim() == 1 ? element(t, i * t.stride(0)) : wrap(ops::select(t, 0, i));
    }
    if (PyTuple_CheckExact(key) && PyTuple_GET_SIZE(key) == t.ndim()) {
      int64_t offset = 0;
      int d = 0;
      for (; d < t.ndim() && PyLong_CheckExact(PyTuple_GET_ITEM(key, d)); ++d) {
        offset +=
            t.stride(d) * wrap_index("index", to_position(PyTuple_GET_ITEM(key, d)), t.size(d), d);
      }
      if (d == t.ndim()) return element(t, offset);
    }
    Selection s = select(t, key);
    if (s.full && s.view.ndim() == 0) return to_python(ops::item(s.view));
    if (!s.advanced) return wrap(std::move(s.view));
    Tensor result;
    {
      ReleaseGil release(s.view.numel());
      result = ops::index(s.view, s.items, s.apart);
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
        Tensor source = number             ? Tensor()
                        : is_tensor(value) ? unwrap(value)
                                           : from_data(value, nullptr, "index");
        if (s.advanced) {
          ops::index_put_(s.view, s.items, number ? Input(to_scalar(value)) : Input(source),
                          s.apart);
        } else if (number) {
          ops::fill_(s.view, to_scalar(value));
        } else {
          ops::copy_(s.view, for_target("index", s.view, source));
        }
        return 0;
      },
      -1);
}

void add_index(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
