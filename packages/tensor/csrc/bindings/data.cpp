// Tensors from what Python programs have: numbers, nested sequences, arrays.
#include <algorithm>
#include <cstring>
#include <limits>

#include "bindings/overload.h"
#include "torch/ops/copy.h"
#include "torch/ops/elementwise.h"
#include "torch/ops/reduce.h"

namespace torch::python {
namespace {

constexpr int kMaxNesting = 32;

bool is_sequence(PyObject* o) {
  return PyList_Check(o) || PyTuple_Check(o) || is_tensor(o) || is_array(o) ||
         (PySequence_Check(o) && !PyUnicode_Check(o) && !PyBytes_Check(o) && !is_number(o));
}

// A number, or a tensor or array without dimensions.
bool is_leaf(PyObject* o) { return is_number(o) || is_scalar_like(o); }

bool has_attribute(PyObject* o, const char* name) {
  PyObject* type = reinterpret_cast<PyObject*>(Py_TYPE(o));
  return PyObject_HasAttrString(type, name);
}

// Sizes of a nested sequence along its first elements, and the dtype its numbers ask for.
struct Nested {
  const char* op;
  Shape shape;
  Scalar::Tag widest = Scalar::Tag::kBool;
  bool any = false;

  void measure(PyObject* o, int depth) {
    if (depth > kMaxNesting)
      raise<ValueError>(op, ": sequences are nested more than ", kMaxNesting, " deep");
    no_overload(op, o);
    if (is_leaf(o)) return;
    if (!is_sequence(o))
      raise<TypeError>(op, ": expected numbers or (nested) sequences of numbers, got ",
                       Py_TYPE(o)->tp_name);
    Object items(PySequence_Fast(o, "expected a sequence"));
    Py_ssize_t n = PySequence_Fast_GET_SIZE(items.get());
    shape.push_back(n);
    if (n > 0) measure(Object::share(PySequence_Fast_ITEMS(items.get())[0]).get(), depth + 1);
  }

  // Visits the numbers in order; every sequence must have the size its level has.
  template <class F>
  void walk(PyObject* o, int level, F&& f) {
    no_overload(op, o);
    if (level == shape.size()) {
      if (!is_leaf(o)) {
        raise<ValueError>(op, ": sequences are of unequal depth, got ", Py_TYPE(o)->tp_name,
                          " where a number is expected");
      }
      f(o);
      return;
    }
    if (is_leaf(o) || !is_sequence(o)) {
      raise<ValueError>(op, ": sequences are of unequal depth, got ", Py_TYPE(o)->tp_name,
                        " where a sequence is expected");
    }
    Object items(PySequence_Fast(o, "expected a sequence"));
    Py_ssize_t n = PySequence_Fast_GET_SIZE(items.get());
    if (n != shape[level]) {
      raise<ValueError>(op, ": sequences of unequal length at depth ", level, ": ", shape[level],
                        " and ", static_cast<int64_t>(n));
    }
    bool numbers = level + 1 == shape.size();
    for (Py_ssize_t i = 0; i < n; ++i) {
      // reading an item may run code that changes the list
      if (i >= PySequence_Fast_GET_SIZE(items.get()))
        raise<ValueError>(op, ": a sequence changed while it was read");
      PyObject* item = PySequence_Fast_ITEMS(items.get())[i];
      if (numbers && (PyFloat_CheckExact(item) || PyLong_CheckExact(item))) {
        f(item);
      } else {
        walk(Object::share(item).get(), level + 1, f);
      }
    }
  }
};

template <class T>
T checked_number(const char* op, PyObject* o) {
  if constexpr (is_floating_type<T>) {
    if (PyFloat_CheckExact(o)) return static_cast<T>(PyFloat_AS_DOUBLE(o));
  } else if constexpr (!std::is_same_v<T, bool>) {
    if (PyLong_CheckExact(o)) {
      int overflow = 0;
      int64_t v = PyLong_AsLongLongAndOverflow(o, &overflow);
      if (!overflow && v >= int64_t{std::numeric_limits<T>::min()} &&
          v <= int64_t{std::numeric_limits<T>::max()})
        return static_cast<T>(v);
    }
  }
  Scalar s = to_scalar(o);
  if constexpr (is_floating_type<T>) {
    return static_cast<T>(s.as_double());
  } else if constexpr (std::is_same_v<T, bool>) {
    return s.as_double() != 0;
  } else {
    if (s.is_float())
      raise<TypeError>(op, ": expected whole numbers for ", dtype_of<T>, ", got the float ", s.d);
    ScalarOperand value(op, s, dtype_of<T>);
    T v;
    std::memcpy(&v, value.bytes, sizeof v);
    return v;
  }
}

Scalar::Tag tag_of(PyObject* o) {
  if (PyFloat_CheckExact(o)) return Scalar::Tag::kFloat;
  return PyLong_CheckExact(o) ? Scalar::Tag::kInt : to_scalar(o).tag;
}

Tensor from_nested(PyObject* data, const DType* dtype, const char* op) {
  Nested nested{op, {}};
  nested.measure(data, 0);
  DType target;
  if (dtype) {
    target = *dtype;
  } else {
    nested.walk(data, 0, [&](PyObject* o) {
      nested.widest = std::max(nested.widest, tag_of(o));
      nested.any = true;
    });
    target = !nested.any || nested.widest == Scalar::Tag::kFloat ? default_dtype()
             : nested.widest >= Scalar::Tag::kInt                ? DType::kInt64
                                                                 : DType::kBool;
  }
  Tensor t = empty(nested.shape, target);
  visit(target, [&]<class T>() {
    T *out = t.data<T>(), *end = out + t.numel();
    nested.walk(data, 0, [&](PyObject* o) {
      if (out < end) *out++ = checked_number<T>(op, o);
    });
    if (out < end) raise<ValueError>(op, ": a sequence changed while it was read");
  });
  return t;
}

// Python's own sequences are read item by item, whatever else they can do.
bool is_plain(PyObject* o) {
  return PyList_Check(o) || PyTuple_Check(o) || PyUnicode_Check(o) || PyBytes_Check(o) ||
         is_number(o) || o == Py_None;
}

// The memory of an array or the like; an undefined Tensor when `o` is none.
Tensor from_exporter(PyObject* o, const char* op, Sharing sharing) {
  if (is_array(o)) return from_buffer(o, op, sharing);
  if (is_plain(o)) return {};
  // a buffer says whether it may be written to, old DLPack producers do not
  if (PyObject_CheckBuffer(o)) {
    if (!exports_dlpack(o)) return from_buffer(o, op, sharing);
    try {
      return from_buffer(o, op, sharing);
    } catch (const TypeError&) {  // elements that the buffer protocol does not know
    }
  }
  if (exports_dlpack(o)) return from_dlpack(o, op, sharing);
  if (has_attribute(o, "__array__") || has_attribute(o, "__array_interface__") ||
      has_attribute(o, "__array_struct__")) {
    Object numpy(PyImport_ImportModule("numpy"));
    Object array(PyObject_CallMethod(numpy.get(), "asarray", "O", o));
    return from_buffer(array.get(), op, sharing);
  }
  return {};
}

Tensor converted(const Tensor& t, DType dtype, const char* op) {
  if (is_floating(t.dtype()) && is_integral(dtype)) {
    raise<TypeError>(op, ": expected whole numbers, got an array of dtype ", info(t.dtype()).name);
  }
  return ops::to(t, dtype);
}

}  // namespace

void no_overload(const char* op, PyObject* o) {
  if (is_overloaded(o)) {
    raise<OverloadError>(op, ": a ", Py_TYPE(o)->tp_name,
                         " was used where data is expected; use its .data");
  }
}

Tensor from_data(PyObject* data, const DType* dtype, const char* op) {
  no_overload(op, data);
  if (is_tensor(data))
    return dtype && *dtype != unwrap(data).dtype() ? ops::to(unwrap(data), *dtype)
                                                   : ops::clone(unwrap(data));
  // the alpha's rule: an array of the same dtype is shared by the typed constructors, torch.tensor
  // copies
  bool typed = dtype && is_array(data) && std::strcmp(op, "tensor") != 0;
  if (Tensor t = from_exporter(data, op, dtype ? Sharing::kMaybe : Sharing::kCopy); t.defined()) {
    if (!dtype) return t;
    if (t.dtype() != *dtype) return converted(t, *dtype, op);
    bool shared = !t.storage()->resizable();
    if (typed) return shared ? t : from_buffer(data, op, Sharing::kShare);  // says why it is not
    return shared ? ops::clone(t) : t;
  }
  if (!dtype && is_number(data) &&
      PyObject_HasAttrString(data, "dtype")) {  // a NumPy scalar carries its dtype
    Object numpy(PyImport_ImportModule("numpy")),
        array(PyObject_CallMethod(numpy.get(), "array", "O", data));
    return from_buffer(array.get(), op, Sharing::kCopy);
  }
  return from_nested(data, dtype, op);
}

Tensor as_tensor(PyObject* data, const DType* dtype, const char* op, Sharing sharing) {
  no_overload(op, data);
  bool share = sharing == Sharing::kShare;
  auto finish = [&](const Tensor& t) {
    if (!dtype || t.dtype() == *dtype) return t;
    if (share)
      raise<ValueError>(op, ": converting ", t, " to ", *dtype, " needs a copy, but copy is False");
    return ops::to(t, *dtype);
  };
  if (is_tensor(data)) {
    Tensor t = finish(unwrap(data));
    bool same = t.storage().get() == unwrap(data).storage().get();
    if (!same) return t;
    return sharing == Sharing::kCopy ? ops::clone(t) : Tensor();
  }
  if (Tensor t = from_exporter(data, op, sharing); t.defined()) return finish(t);
  if (share)
    raise<ValueError>(op, ": the values of a ", Py_TYPE(data)->tp_name,
                      " need a copy, but copy is False");
  return from_data(data, dtype, op);
}

}  // namespace torch::python
