// The buffer protocol in both directions, and NumPy's arrays, which speak it.
#include <cstring>
#include <optional>

#include "bindings/object.h"
#include "torch/ops/copy.h"

namespace torch::python {
namespace {

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
std::optional<DType> parse_format(const char* format, int64_t size) {
  static const DType dtypes[] = {
#define DTYPE(e, ctype, name, prefix, kind) DType::e,
#include "torch/dtype.def"
#undef DTYPE
  };
  if (!format) format = "B";
  if (*format == '=' || *format == '@' || *format == '<') ++format;
  if (std::strlen(format) != 1) return std::nullopt;
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
    return std::nullopt;
  for (const DType& d : dtypes) {  // float16 stands before bfloat16, which has no letter
    if (torch::kind(d) == kind && item_size(d) == size) return d;
  }
  return std::nullopt;
}

// null: the buffer protocol has no letter for the dtype
constexpr const char* kFormats[kDTypes] = {"?", "B", "b", "h", "i", "q", "f", "d", "e", nullptr};
constexpr const char* kTypeStrings[kDTypes] = {"|b1", "|u1", "|i1", "<i2", "<i4",
                                               "<i8", "<f4", "<f8", "<f2", nullptr};

// What a Py_buffer of ours keeps alive: the memory and the shape arrays.
struct Export {
  Ref<Storage> storage;
  Py_ssize_t shape[kMaxDims], strides[kMaxDims];
};

// Text of the attribute `name`, for messages.
std::string text_of(PyObject* o, const char* name) {
  Object attribute(PyObject_GetAttrString(o, name)), text(PyObject_Str(attribute.get()));
  return PyUnicode_AsUTF8(text.get());
}

[[noreturn]] void refuse_elements(PyObject* o, const char* op, const char* format) {
  if (is_array(o)) {
    raise<TypeError>(op, ": arrays of dtype ", text_of(o, "dtype"),
                     " have no tensor type; convert the array first");
  }
  raise<TypeError>(op, ": a ", Py_TYPE(o)->tp_name, " of elements of format '",
                   format ? format : "B", "' has no tensor type");
}

// The array in the machine's byte order, aligned and without gaps: a copy.
Object normalized(PyObject* array) {
  Object dtype(PyObject_GetAttrString(array, "dtype"));
  Object native(PyObject_CallMethod(dtype.get(), "newbyteorder", "s", "="));
  return Object(PyObject_CallMethod(array, "astype", "O", native.get()));
}

struct Buffer {
  Py_buffer* view = nullptr;
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  ~Buffer() {
    if (view) release_buffer(view);
  }
  bool get(PyObject* o, int flags) {
    view = new Py_buffer{};
    if (PyObject_GetBuffer(o, view, flags) == 0) return true;
    delete view;
    view = nullptr;
    return false;
  }
};

// The tensor over a buffer's memory, or why there is none in `problem`.
Tensor share(Buffer& buffer, DType dtype, const char* op, std::string& problem) {
  const Py_buffer& view = *buffer.view;
  int64_t item = view.itemsize;
  if (reinterpret_cast<uintptr_t>(view.buf) % item != 0) {
    problem = message(op, ": expected an array aligned to its elements, got a misaligned one");
    return {};
  }
  if (view.ndim > kMaxDims)
    raise<ValueError>(op, ": at most ", kMaxDims, " dimensions are supported, got ", view.ndim);
  Shape shape;
  for (int d = 0; d < view.ndim; ++d)
    shape.push_back(view.shape ? view.shape[d] : static_cast<int64_t>(view.len) / item);
  checked_numel(op, shape);
  // ctypes leaves the strides out, although they were asked for
  Shape strides = contiguous_strides(shape);
  int64_t lo = 0, hi = 0, n = numel(shape);
  for (int d = 0; d < view.ndim; ++d) {
    int64_t bytes = view.strides ? static_cast<int64_t>(view.strides[d]) : strides[d] * item;
    if (bytes % item != 0) {
      problem = message(op, ": expected strides that are multiples of the element size ", item,
                        ", got ", bytes, " bytes; pass a copy()");
      return {};
    }
    strides[d] = bytes / item;
    if (shape[d] > 0) (strides[d] < 0 ? lo : hi) += strides[d] * (shape[d] - 1);
  }
  // the storage covers what the array can reach; its first element may lie before the array's
  int64_t length = n == 0 ? 0 : hi - lo + 1;
  char* base = static_cast<char*>(view.buf) + (n == 0 ? 0 : lo * item);
  auto storage =
      Ref<Storage>::adopt(Storage::borrow(dtype, length, base, &release_buffer, buffer.view));
  buffer.view = nullptr;
  return Tensor(std::move(storage), std::move(shape), std::move(strides), n == 0 ? 0 : -lo);
}

}  // namespace

void refuse_buffer(const std::string& text) {
  PyErr_SetString(PyExc_BufferError, text.c_str());
  throw PythonError{};
}

Tensor from_buffer(PyObject* o, const char* op, Sharing sharing) {
  Buffer buffer;
  bool copy = sharing == Sharing::kCopy;
  if (!buffer.get(o, copy ? PyBUF_STRIDED_RO | PyBUF_FORMAT : PyBUF_STRIDED | PyBUF_FORMAT)) {
    // NumPy raises ValueError, others BufferError: read-only, or elements without a letter
    if (!PyErr_ExceptionMatches(PyExc_ValueError) && !PyErr_ExceptionMatches(PyExc_BufferError))
      throw PythonError{};
    PyErr_Clear();
    if (is_array(o) && (copy || text_of(o, "flags").find("WRITEABLE : False") == std::string::npos))
      refuse_elements(o, op, nullptr);
    if (sharing == Sharing::kMaybe) return from_buffer(o, op, Sharing::kCopy);
    if (copy) {
      raise<TypeError>(op, ": a ", Py_TYPE(o)->tp_name, " gives no buffer with shape and strides");
    }
    raise<ValueError>(op, ": expected a writable ", is_array(o) ? "array" : "buffer",
                      ", got a read-only one; pass a copy()");
  }
  std::optional<DType> dtype = parse_format(buffer.view->format, buffer.view->itemsize);
  std::string problem;
  if (dtype) {
    Tensor t = share(buffer, *dtype, op, problem);
    if (t.defined()) return copy ? ops::clone(t) : t;
  }
  const char* format = buffer.view->format;
  bool swapped = format && (*format == '>' || *format == '!') &&
                 parse_format(format + 1, buffer.view->itemsize).has_value();
  if (sharing != Sharing::kShare && is_array(o) && (swapped || dtype)) {
    Object array = normalized(o);
    return from_buffer(array.get(), op, Sharing::kMaybe);
  }
  if (!dtype) refuse_elements(o, op, format);
  throw ValueError(problem);
}

PyObject* to_array(PyObject* self) {
  const Tensor& t = unwrap(self);
  if (!kFormats[index(t.dtype())])
    raise<TypeError>("numpy: NumPy has no ", info(t.dtype()).name, ", got ", t,
                     "; convert it first, with .float()");
  if (!t.device().is_cpu())
    raise<TypeError>("numpy: expected a tensor in host memory, got ", t, "; use .cpu() first");
  t.bytes();  // memory that fails its check says so here; NumPy would hide it and ask on
  static PyObject* asarray = nullptr;  // stays
  if (!asarray) {
    PyObject* module = PyImport_ImportModule("numpy");
    if (!module) {
      PyErr_Clear();
      raise<RuntimeError>("numpy: NumPy is not installed: pip install numpy");
    }
    asarray = Object(PyObject_GetAttrString(Object(module).get(), "asarray")).release();
  }
  return Object(PyObject_CallOneArg(asarray, self)).release();
}

PyObject* array_interface(const Tensor& t) {
  if (!kTypeStrings[index(t.dtype())] || !t.device().is_cpu()) {
    PyErr_Format(PyExc_AttributeError, "__array_interface__: NumPy cannot see a %s",
                 info(t.dtype()).class_name);
    throw PythonError{};
  }
  Object shape(PyTuple_New(t.ndim())), strides(PyTuple_New(t.ndim()));
  for (int d = 0; d < t.ndim(); ++d) {
    PyTuple_SET_ITEM(shape.get(), d, Object(PyLong_FromLongLong(t.size(d))).release());
    PyTuple_SET_ITEM(strides.get(), d,
                     Object(PyLong_FromLongLong(t.stride(d) * t.item_bytes())).release());
  }
  t.storage()->publish_address();
  Object address(PyLong_FromVoidPtr(t.bytes()));
  return Object(Py_BuildValue("{s:i, s:s, s:O, s:O, s:(OO)}", "version", 3, "typestr",
                              kTypeStrings[index(t.dtype())], "shape", shape.get(), "strides",
                              strides.get(), "data", address.get(), Py_False))
      .release();
}

int tensor_get_buffer(PyObject* self, Py_buffer* view, int flags) {
  return guarded(
      [&]() -> int {
        view->obj = nullptr;
        const Tensor& t = unwrap(self);
        if (!kFormats[index(t.dtype())])
          refuse_buffer(
              message("buffer: no other library knows the elements of ", t, "; convert it first"));
        if (!t.device().is_cpu())
          refuse_buffer(message("buffer: expected a tensor in host memory, got ", t));
        bool contiguous = t.is_contiguous();
        if ((flags & PyBUF_STRIDES) != PyBUF_STRIDES && !contiguous)
          refuse_buffer(message("buffer: a contiguous buffer was asked of a non-contiguous ", t));
        if ((flags & PyBUF_F_CONTIGUOUS) == PyBUF_F_CONTIGUOUS && t.ndim() > 1)
          refuse_buffer(message("buffer: a column-major buffer was asked of ", t));
        if ((flags & PyBUF_C_CONTIGUOUS) == PyBUF_C_CONTIGUOUS && !contiguous) {
          refuse_buffer(message("buffer: a contiguous buffer was asked of a non-contiguous ", t));
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
