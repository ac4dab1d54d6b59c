// Data from and to other libraries: nested sequences, the buffer protocol, NumPy arrays.
#include <algorithm>
#include <cstring>
#include <vector>

#include "bindings/object.h"
#include "torch/ops/copy.h"
#include "torch/ops/elementwise.h"
#include "torch/ops/reduce.h"

namespace torch::python {
namespace {

constexpr int kMaxNesting = 32;

bool is_array(PyObject* o) {
  for (PyTypeObject* t = Py_TYPE(o); t; t = t->tp_base) {
    if (std::strcmp(t->tp_name, "numpy.ndarray") == 0) return true;
  }
  return false;
}

// What the buffer protocol wants raised.
template <class... Parts>
[[noreturn]] void refuse_buffer(const Parts&... parts) {
  PyErr_SetString(PyExc_BufferError, message("buffer: ", parts...).c_str());
  throw PythonError{};
}

bool is_sequence(PyObject* o) {
  return PyList_Check(o) || PyTuple_Check(o) || is_tensor(o) || is_array(o) ||
         (PySequence_Check(o) && !PyUnicode_Check(o) && !PyBytes_Check(o) && !is_number(o));
}

// A number, or a tensor without dimensions.
bool is_leaf(PyObject* o) { return is_number(o) || (is_tensor(o) && unwrap(o).ndim() == 0); }
Scalar leaf(PyObject* o) { return is_tensor(o) ? ops::item(unwrap(o)) : to_scalar(o); }

// Sizes of a nested sequence along its first elements, and the dtype its numbers ask for.
struct Nested {
  const char* op;
  Shape shape;
  Scalar::Tag widest = Scalar::Tag::kBool;
  bool any = false;

  void measure(PyObject* o, int depth) {
    if (depth > kMaxNesting)
      raise<ValueError>(op, ": sequences are nested more than ", kMaxNesting, " deep");
    if (is_overloaded(o))
      raise<TypeError>(op, ": a ", Py_TYPE(o)->tp_name,
                       " was used where data is expected; use its .data");
    if (is_leaf(o)) return;
    if (!is_sequence(o))
      raise<TypeError>(op, ": expected numbers or (nested) sequences of numbers, got ",
                       Py_TYPE(o)->tp_name);
    Object items(PySequence_Fast(o, "expected a sequence"));
    Py_ssize_t n = PySequence_Fast_GET_SIZE(items.get());
    shape.push_back(n);
    if (n > 0) measure(PySequence_Fast_ITEMS(items.get())[0], depth + 1);
  }

  // Visits the numbers in order; every sequence must have the size its level has.
  template <class F>
  void walk(PyObject* o, int level, F&& f) {
    if (is_overloaded(o)) {
      raise<TypeError>(op, ": a ", Py_TYPE(o)->tp_name,
                       " was used where data is expected; use its .data");
    }
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
    for (Py_ssize_t i = 0; i < n; ++i) walk(PySequence_Fast_ITEMS(items.get())[i], level + 1, f);
  }
};

template <class T>
T checked_number(const char* op, PyObject* o) {
  Scalar s = leaf(o);
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

void release_buffer(void* context) {
  auto* view = static_cast<Py_buffer*>(context);
  if (Py_IsInitialized()) {
    PyGILState_STATE state = PyGILState_Ensure();
    PyBuffer_Release(view);
    PyGILState_Release(state);
  }
  delete view;
}

// The dtype of a buffer's format character.
const DType* parse_format(const char* format, int64_t size) {
  static const DType dtypes[] = {
#define DTYPE(e, ctype, name, prefix, kind) DType::e,
#include "torch/dtype.def"
#undef DTYPE
  };
  if (!format) format = "B";
  if (*format == '=' || *format == '@' || *format == '<') ++format;
  if (std::strlen(format) != 1) return nullptr;
  Kind kind;
  if (*format == '?')
    kind = Kind::kBoolean;
  else if (std::strchr("bhilqn", *format))
    kind = Kind::kSigned;
  else if (std::strchr("BHILQN", *format))
    kind = Kind::kUnsigned;
  else if (std::strchr("efd", *format))
    kind = Kind::kFloating;
  else
    return nullptr;
  for (const DType& d : dtypes) {
    if (torch::kind(d) == kind && item_size(d) == size) return &d;
  }
  return nullptr;
}

// null: the buffer protocol has no letter for the dtype
constexpr const char* kFormats[kDTypes] = {"?", "B", "b", "h", "i", "q", "f", "d", "e", nullptr};

// What a Py_buffer of ours keeps alive: the memory and the shape arrays.
struct Export {
  Ref<Storage> storage;
  Py_ssize_t shape[kMaxDims], strides[kMaxDims];
};

}  // namespace

Tensor from_array(PyObject* array, const char* op, bool copy) {
  if (!is_array(array))
    raise<TypeError>(op, ": expected a NumPy array, got ", Py_TYPE(array)->tp_name);
  auto* view = new Py_buffer{};
  if (PyObject_GetBuffer(
          array, view, copy ? PyBUF_STRIDED_RO | PyBUF_FORMAT : PyBUF_STRIDED | PyBUF_FORMAT) < 0) {
    delete view;
    bool read_only = !copy && PyObject_HasAttrString(array, "flags");
    if (read_only) {
      PyErr_Clear();
      Object flags(PyObject_GetAttrString(array, "flags")),
          writeable(PyObject_GetAttrString(flags.get(), "writeable"));
      if (writeable.get() == Py_False)
        raise<ValueError>(op, ": expected a writable array, got a read-only one; pass a copy()");
      Object dtype(PyObject_GetAttrString(array, "dtype")), name(PyObject_Str(dtype.get()));
      raise<TypeError>(op, ": arrays of dtype ", PyUnicode_AsUTF8(name.get()),
                       " have no tensor type");
    }
    throw PythonError{};
  }
  struct Guard {
    Py_buffer* view;
    ~Guard() {
      if (view) release_buffer(view);
    }
  } guard{view};
  const DType* dtype = parse_format(view->format, view->itemsize);
  if (!dtype) {
    Object d(PyObject_GetAttrString(array, "dtype")), name(PyObject_Str(d.get()));
    raise<TypeError>(op, ": arrays of dtype ", PyUnicode_AsUTF8(name.get()),
                     " have no tensor type; convert the array first");
  }
  int64_t item = view->itemsize;
  if (reinterpret_cast<uintptr_t>(view->buf) % item != 0)
    raise<ValueError>(op, ": expected an array aligned to its elements, got a misaligned one");
  Shape shape(reinterpret_cast<const int64_t*>(view->shape), view->ndim), strides;
  int64_t lo = 0, hi = 0, n = numel(shape);
  for (int d = 0; d < view->ndim; ++d) {
    if (view->strides[d] % item != 0) {
      raise<ValueError>(op, ": expected strides that are multiples of the element size ", item,
                        ", got ", static_cast<int64_t>(view->strides[d]), " bytes; pass a copy()");
    }
    strides.push_back(view->strides[d] / item);
    if (shape[d] > 0) (strides[d] < 0 ? lo : hi) += strides[d] * (shape[d] - 1);
  }
  // the storage covers what the array can reach; its first element may lie before the array's
  int64_t length = n == 0 ? 0 : hi - lo + 1;
  char* base = static_cast<char*>(view->buf) + (n == 0 ? 0 : lo * item);
  auto storage = Ref<Storage>::adopt(Storage::borrow(*dtype, length, base, &release_buffer, view));
  guard.view = nullptr;
  Tensor t(std::move(storage), std::move(shape), std::move(strides), n == 0 ? 0 : -lo);
  return copy ? ops::clone(t) : t;
}

Tensor from_data(PyObject* data, const DType* dtype, const char* op) {
  if (is_overloaded(data))
    raise<TypeError>(op, ": a ", Py_TYPE(data)->tp_name,
                     " was used where data is expected; use its .data");
  if (is_tensor(data))
    return dtype ? ops::clone(ops::to(unwrap(data), *dtype)) : ops::clone(unwrap(data));
  if (is_array(data)) {
    // the alpha's rule: an array of the same dtype is shared by the typed constructors,
    // torch.tensor copies
    bool share = dtype && std::strcmp(op, "tensor") != 0;
    Tensor t = from_array(data, op, true);
    if (share && t.dtype() == *dtype) return from_array(data, op, false);
    if (dtype && is_floating(t.dtype()) && is_integral(*dtype)) {
      raise<TypeError>(op, ": expected whole numbers, got an array of dtype ",
                       info(t.dtype()).name);
    }
    return dtype ? ops::to(t, *dtype) : t;
  }
  if (!dtype && is_number(data) &&
      PyObject_HasAttrString(data, "dtype")) {  // a NumPy scalar carries its dtype
    Object numpy(PyImport_ImportModule("numpy")),
        array(PyObject_CallMethod(numpy.get(), "array", "O", data));
    return from_array(array.get(), op, true);
  }
  Nested nested{op, {}};
  nested.measure(data, 0);
  DType target;
  if (dtype) {
    target = *dtype;
  } else {
    nested.walk(data, 0, [&](PyObject* o) {
      nested.widest = std::max(nested.widest, leaf(o).tag);
      nested.any = true;
    });
    target = !nested.any || nested.widest == Scalar::Tag::kFloat ? default_dtype()
             : nested.widest >= Scalar::Tag::kInt                ? DType::kInt64
                                                                 : DType::kBool;
  }
  Tensor t = empty(nested.shape, target);
  visit(target, [&]<class T>() {
    T* out = t.data<T>();
    nested.walk(data, 0, [&](PyObject* o) { *out++ = checked_number<T>(op, o); });
  });
  return t;
}

PyObject* to_array(const Tensor& t) {
  PyObject* module = PyImport_ImportModule("numpy");
  if (!module) {
    PyErr_Clear();
    raise<RuntimeError>("numpy: NumPy is not installed: pip install numpy");
  }
  Object numpy(module);
  t.bytes();  // memory that fails its check says so here; NumPy would hide it and ask on
  Object self(wrap(t));
  return Object(PyObject_CallMethod(numpy.get(), "asarray", "O", self.get())).release();
}

int tensor_get_buffer(PyObject* self, Py_buffer* view, int flags) {
  return guarded(
      [&]() -> int {
        const Tensor& t = unwrap(self);
        if (!kFormats[index(t.dtype())])
          refuse_buffer("no other library knows the elements of ", t, "; convert it first");
        if (!t.device().is_cpu()) refuse_buffer("expected a tensor in host memory, got ", t);
        if ((flags & PyBUF_STRIDES) != PyBUF_STRIDES && !t.is_contiguous())
          refuse_buffer("a contiguous buffer was asked of a non-contiguous ", t);
        if ((flags & PyBUF_F_CONTIGUOUS) == PyBUF_F_CONTIGUOUS && t.ndim() > 1)
          refuse_buffer("a column-major buffer was asked of ", t);
        if ((flags & PyBUF_C_CONTIGUOUS) == PyBUF_C_CONTIGUOUS && !t.is_contiguous()) {
          refuse_buffer("a contiguous buffer was asked of a non-contiguous ", t);
        }
        auto* e = new Export{t.storage(), {}, {}};
        for (int d = 0; d < t.ndim(); ++d) {
          e->shape[d] = t.size(d);
          e->strides[d] = t.stride(d) * t.item_bytes();
        }
        e->storage->export_memory();
        view->obj = Py_NewRef(self);
        view->buf = t.bytes();
        view->len = t.numel() * t.item_bytes();
        view->itemsize = t.item_bytes();
        view->readonly = 0;
        view->ndim = t.ndim();
        view->format =
            flags & PyBUF_FORMAT ? const_cast<char*>(kFormats[index(t.dtype())]) : nullptr;
        view->shape = (flags & PyBUF_ND) == PyBUF_ND ? e->shape : nullptr;
        view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? e->strides : nullptr;
        view->suboffsets = nullptr;
        view->internal = e;
        return 0;
      },
      -1);
}

void tensor_release_buffer(PyObject*, Py_buffer* view) {
  auto* e = static_cast<Export*>(view->internal);
  e->storage->end_export();
  delete e;
}

}  // namespace torch::python
