// x[key] and x[key] = value.
#include <algorithm>
#include <cstring>

#include "bindings/compat.h"
#include "bindings/overload.h"
#include "torch/ops/copy.h"
#include "torch/ops/index.h"
#include "torch/ops/reduce.h"
#include "torch/ops/view.h"

namespace torch::python {

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

namespace {

// What x[key] means: a view by the basic items (ints, slices, None, ...) and, per dimension of it,
// an index tensor, a mask or nothing.
struct Selection {
  Tensor view;
  std::vector<Tensor> items;
  bool advanced = false;
  bool full = false;   // every dimension was given an int
  bool copy = false;   // an int came as a tensor: the result is not a view
  bool apart = false;  // something stands between the index tensors
  int64_t work = 0;    // elements to look at
};

// bool and NumPy's bool.
bool is_bool(PyObject* o) {
  if (PyBool_Check(o)) return true;
  return !PyLong_Check(o) && std::strstr(Py_TYPE(o)->tp_name, "bool") && is_number(o);
}

bool is_basic(PyObject* o) {
  return PyLong_CheckExact(o) || PySlice_Check(o) || o == Py_None || o == Py_Ellipsis ||
         (!is_tensor(o) && PyIndex_Check(o) && !PySequence_Check(o) && !is_bool(o));
}

template <class What>
[[noreturn]] void refuse(const What& what) {
  raise<IndexError>("index: expected ints, slices, None, ... or integer and mask tensors, got ",
                    what);
}

// An item that is not basic, as an integer tensor or a mask.
Tensor index_tensor(PyObject* o) {
  if (is_bool(o)) return ops::full({}, Scalar(PyObject_IsTrue(o) == 1), DType::kBool);
  Tensor t;
  if (is_tensor(o)) {
    t = unwrap(o);
  } else {
    no_overload("index", o);
    if (is_number(o) || PyUnicode_Check(o) || PyDict_Check(o) || !PySequence_Check(o))
      refuse(Py_TYPE(o)->tp_name);
    try {
      t = from_data(o, nullptr, "index");
    } catch (const OverloadError&) {
      throw;
    } catch (const TypeError& e) {  // as every other mistake in x[...]
      throw IndexError(e.what());
    }
    // an empty list has no dtype of its own
    if (t.numel() == 0 && is_floating(t.dtype()) && !PyObject_HasAttrString(o, "dtype"))
      t = ops::to(t, DType::kInt64);
  }
  if (!ops::is_mask(t) && !is_integral(t.dtype())) refuse(t);
  return t;
}

// Whether reading the item runs nobody's code.
bool is_plain(PyObject* o) {
  auto plain = [](PyObject* i) { return i == Py_None || PyLong_CheckExact(i); };
  if (!PySlice_Check(o)) return plain(o) || o == Py_Ellipsis || is_tensor(o);
  auto* slice = reinterpret_cast<PySliceObject*>(o);
  return plain(slice->start) && plain(slice->stop) && plain(slice->step);
}

// Code that ran while a key was read may have made the storage smaller.
void check_memory(const Tensor& view) {
  auto [begin, end] = view.byte_range();
  const Storage& s = *view.storage();
  if (view.numel() > 0 && (begin < s.data() || end > s.data() + s.nbytes()))
    raise<RuntimeError>("index: the tensor was resized while its key was read");
}

// What a slice makes of a dimension.
struct Cut {
  int64_t size, stride, offset;
  Cut(PyObject* slice, int64_t old_size, int64_t old_stride) : stride(old_stride), offset(0) {
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(slice, &start, &stop, &step) < 0) throw PythonError{};
    size = PySlice_AdjustIndices(old_size, &start, &stop, step);
    if (size > 0) offset = start * old_stride;
    if (size > 1) stride *= step;
  }
};

Selection select(const Tensor& given, PyObject* key) {
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
  bool plain = true;
  for (Py_ssize_t i = 0; plain && i < n; ++i) plain = is_plain(objects[i]);
  Tensor copy = plain ? Tensor() : given;  // keeps its size whatever the key does
  const Tensor& self = plain ? given : copy;
  for (Py_ssize_t i = 0; i < n; ++i) {
    if (objects[i] == Py_Ellipsis) {
      ++ellipses;
    } else if (is_basic(objects[i])) {
      used += objects[i] != Py_None;
    } else {
      tensors.push_back(index_tensor(objects[i]));
      const Tensor& t = tensors.back();
      bool mask = ops::is_mask(t);
      used += mask ? t.ndim() : 1;
      s.advanced = s.advanced || mask || t.ndim() > 0;  // an integer without dimensions is an int
      s.copy = true;
      s.work = std::max(s.work, t.numel());
    }
  }
  if (ellipses > 1) raise<IndexError>("index: at most one ellipsis (...) is allowed");
  if (used > self.ndim())
    raise<IndexError>("index: too many indices for ", self, ": ", used, " were given");

  Shape shape, strides;
  int64_t offset = self.offset();
  int dim = 0;  // of self
  size_t next = 0;
  auto keep = [&](int64_t size, int64_t stride) {
    if (shape.size() == kMaxDims)
      raise<IndexError>("index: at most ", kMaxDims, " dimensions are supported");
    shape.push_back(size);
    strides.push_back(stride);
  };
  auto keep_all = [&](int count) {
    for (int k = 0; k < count; ++k, ++dim) keep(self.size(dim), self.stride(dim));
  };
  auto add_item = [&](Tensor t) {
    s.items.resize(shape.size());
    s.items.push_back(std::move(t));
  };
  auto add_int = [&](int64_t i) {
    int64_t k = wrap_index("index", i, self.size(dim), dim);
    if (s.advanced) {  // beside index tensors an int is one of them, without dimensions
      add_item(ops::full({}, Scalar(k), DType::kInt64));
      keep_all(1);
    } else {
      offset += k * self.stride(dim++);
    }
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
      Cut cut(o, self.size(dim), self.stride(dim));
      offset += cut.offset;
      keep(cut.size, cut.stride);
      ++dim;
      s.full = false;
    } else if (is_basic(o)) {
      add_int(to_position(o));
    } else {
      Tensor t = std::move(tensors[next++]);
      if (!ops::is_mask(t)) {
        if (t.ndim() == 0) {
          add_int(ops::item(t).i);
        } else {
          add_item(std::move(t));
          keep_all(1);
        }
      } else if (t.ndim() == 0) {
        // all or nothing of a new dimension: position 0 of it, or no position
        bool yes = ops::item(t).i != 0;
        add_item(ops::full({yes ? 1 : 0}, Scalar(0), DType::kInt64));
        keep(1, 0);
      } else {
        int dims = t.ndim();
        for (int d = 0; d < dims; ++d) {
          if (t.size(d) == self.size(dim + d)) continue;
          raise<IndexError>("index: mask of size ", t.shape(), " does not fit dimension ", dim + d,
                            " of size ", self.size(dim + d));
        }
        add_item(std::move(t));
        keep_all(dims);
      }
    }
  }
  keep_all(self.ndim() - dim);
  s.apart = runs > 1;
  s.view = Tensor(self.storage(), std::move(shape), std::move(strides), offset);
  s.view.set_counts(self.counts());
  if (!plain) check_memory(s.view);
  if (s.advanced) {
    s.items.resize(s.view.ndim());
    s.work = std::max(s.work, s.view.numel());
  }
  return s;
}

// The commonest keys: ints for all dimensions. Their element's offset from the first one.
bool find_element(const Tensor& t, PyObject* key, int64_t* offset) {
  if (PyLong_CheckExact(key) && t.ndim() == 1) {
    *offset = t.stride(0) * wrap_index("index", to_position(key), t.size(0), 0);
    return true;
  }
  if (!PyTuple_CheckExact(key) || PyTuple_GET_SIZE(key) != t.ndim() || t.ndim() == 0) return false;
  int64_t sum = 0;
  for (int d = 0; d < t.ndim(); ++d) {
    PyObject* item = PyTuple_GET_ITEM(key, d);
    if (!PyLong_CheckExact(item)) return false;
    sum += t.stride(d) * wrap_index("index", to_position(item), t.size(d), d);
  }
  *offset = sum;
  return true;
}

}  // namespace

PyObject* index_get(PyObject* self, PyObject* key) {
  return guarded([&]() -> PyObject* {
    const Tensor& t = unwrap(self);
    int64_t offset;
    if (find_element(t, key, &offset)) return element(t, offset);
    if (PyLong_CheckExact(key) && t.ndim() > 0)
      return wrap(ops::select(t, 0, wrap_index("index", to_position(key), t.size(0), 0)));
    if (PySlice_Check(key) && t.ndim() > 0 && is_plain(key)) {
      Cut cut(key, t.size(0), t.stride(0));
      Shape shape = t.shape(), strides = t.strides();
      shape[0] = cut.size;
      strides[0] = cut.stride;
      Tensor view(t.storage(), std::move(shape), std::move(strides), t.offset() + cut.offset);
      view.set_counts(t.counts());
      return wrap(std::move(view));
    }
    if (is_tensor(key) && t.ndim() > 0) {  // the commonest index tensor
      const Tensor& i = unwrap(key);
      if (i.dtype() == DType::kInt64 && i.ndim() > 0) {
        Tensor rows;
        {
          ReleaseGil release(std::max(i.numel(), t.numel()));
          rows = ops::index_rows(t, i);
        }
        return wrap(std::move(rows));
      }
    }
    Selection s = select(t, key);
    if (s.full && s.view.ndim() == 0) return element(s.view, 0);
    if (!s.advanced) return wrap(s.copy ? ops::clone(s.view) : std::move(s.view));
    Tensor result;
    {
      ReleaseGil release(s.work);
      result = ops::index(s.view, s.items, s.apart);
    }
    return wrap(std::move(result));
  });
}

int index_set(PyObject* self, PyObject* key, PyObject* value) {
  return guarded(
      [&]() -> int {
        if (!value) raise<TypeError>("index: elements of a tensor cannot be deleted");
        bool number = is_number(value);
        int64_t offset;
        Scalar scalar = number ? to_scalar(value) : Scalar();
        Tensor& t = unwrap(self);
        if (number && find_element(t, key, &offset)) {
          ops::set_element("index", t, offset, scalar);
          return 0;
        }
        no_overload("index", value);
        no_overload("index", key);
        Tensor source = number             ? Tensor()
                        : is_tensor(value) ? unwrap(value)
                                           : from_data(value, nullptr, "index");
        Selection s = select(t, key);
        if (!number && !s.advanced) source = for_target("index", s.view, source);
        Input input = number ? Input(scalar) : Input(source);
        ReleaseGil release(std::max(s.work, s.view.numel()));
        if (s.advanced) {
          ops::index_put_("index", s.view, s.items, input, s.apart);
        } else if (number && s.view.ndim() == 0) {
          ops::set_element("index", s.view, 0, input.scalar);
        } else if (number) {
          ops::copy_(s.view, ops::scalar_tensor("index", input.scalar, s.view.dtype()));
        } else {
          ops::check_source("index", s.view.shape(), source);
          ops::copy_(s.view, source);
        }
        return 0;
      },
      -1);
}

}  // namespace torch::python
