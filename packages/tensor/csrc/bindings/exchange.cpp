// Data from and to other libraries and Python's own types.
#include <cstring>

#include "bindings/parser.h"
#include "torch/ops/copy.h"
#include "torch/ops/reduce.h"

namespace torch::python {
namespace {

template <class T>
PyObject* number(const char* p) {
  T v = *reinterpret_cast<const T*>(p);
  if constexpr (std::is_same_v<T, bool>)
    return Py_NewRef(v ? Py_True : Py_False);
  else if constexpr (is_floating_type<T>)
    return PyFloat_FromDouble(static_cast<double>(v));
  else
    return PyLong_FromLongLong(v);
}

template <class T>
PyObject* list_of(const Tensor& t, const char* p, int d) {
  if (d == t.ndim()) return Object(number<T>(p)).release();
  int64_t n = t.size(d), step = t.stride(d) * static_cast<int64_t>(sizeof(T));
  Object list(PyList_New(n));
  bool last = d + 1 == t.ndim();
  for (int64_t i = 0; i < n; ++i, p += step)
    PyList_SET_ITEM(list.get(), i, last ? Object(number<T>(p)).release() : list_of<T>(t, p, d + 1));
  return list.release();
}

PyObject* tolist_call(Args& a) { return to_list(a.self()); }

PyObject* item_call(Args& a) {
  const Tensor& t = a.self();
  if (t.numel() != 1) raise<ValueError>("item: expected a tensor of one element, got ", t);
  return to_python(ops::item(t));
}

PyObject* numpy_call(Args& a) { return to_array(a.object(0)); }

PyObject* from_numpy_call(Args& a) {
  PyObject* o = a.object(0);
  if (!is_array(o))
    raise<TypeError>("from_numpy: expected a NumPy array, got ", Py_TYPE(o)->tp_name);
  return wrap(from_buffer(o, "from_numpy", Sharing::kShare));
}

// The device of the result: host memory, until another back end is built.
void check_device(Args& a, int i) { ops::check_device(a.name(), a.device(i)); }

// (data, dtype = None, device = None)
PyObject* tensor_call(Args& a) {
  check_device(a, 2);
  DType dtype = a.dtype(1, DType{});
  return wrap(from_data(a.object(0), a.has(1) ? &dtype : nullptr, "tensor"));
}

PyObject* share_or_copy(Args& a, Sharing sharing) {
  check_device(a, 2);
  DType dtype = a.dtype(1, DType{});
  Tensor t = as_tensor(a.object(0), a.has(1) ? &dtype : nullptr, a.name(), sharing);
  return t.defined() ? wrap(std::move(t)) : Py_NewRef(a.object(0));
}
PyObject* as_tensor_call(Args& a) { return share_or_copy(a, Sharing::kMaybe); }
PyObject* asarray_call(Args& a) {  // (data, dtype = None, device = None, copy = None)
  return share_or_copy(a, !a.has(3)      ? Sharing::kMaybe
                          : a.boolean(3) ? Sharing::kCopy
                                         : Sharing::kShare);
}

// (buffer, dtype = None, count = -1, offset = 0)
PyObject* from_buffer_call(Args& a) {
  PyObject* o = a.object(0);
  if (!PyObject_CheckBuffer(o))
    raise<TypeError>(a.name(), ": expected an object with a buffer, got ", Py_TYPE(o)->tp_name);
  DType dtype = a.dtype(1, default_dtype());
  int64_t count = a.integer(2), offset = a.integer(3), item = item_size(dtype);
  auto* view = new Py_buffer{};
  bool read_only = false;
  if (PyObject_GetBuffer(o, view, PyBUF_SIMPLE | PyBUF_WRITABLE) < 0) {
    PyErr_Clear();
    read_only = true;
    if (PyObject_GetBuffer(o, view, PyBUF_SIMPLE) < 0) {
      delete view;
      throw PythonError{};
    }
  }
  auto release = [](void* context) {
    auto* held = static_cast<Py_buffer*>(context);
    if (Py_IsInitialized()) {
      PyGILState_STATE state = PyGILState_Ensure();
      PyBuffer_Release(held);
      PyGILState_Release(state);
    }
    delete held;
  };
  auto* bytes = static_cast<char*>(view->buf);
  int64_t length = view->len;
  // owns the view from here on, so that no error leaves it open
  auto all = Ref<Storage>::adopt(Storage::borrow(DType::kUInt8, length, bytes, release, view));
  if (offset < 0 || offset > length)
    raise<ValueError>(a.name(), ": expected an offset of 0 to ", length, " bytes, got ", offset);
  int64_t room = length - offset;
  if (count == -1) {
    if (room % item != 0) {
      raise<ValueError>(a.name(), ": ", room, " bytes are no whole number of elements of ", item,
                        " bytes");
    }
    count = room / item;
  }
  if (count < 0 || count > room / item) {
    raise<ValueError>(a.name(), ": expected a count of -1 to ", room / item, " elements, got ",
                      count);
  }
  bytes += offset;
  if (dtype == DType::kBool) {
    for (int64_t i = 0; i < count; ++i) {
      if (static_cast<unsigned char>(bytes[i]) > 1)
        raise<ValueError>(a.name(), ": expected bytes of 0 or 1 for a BoolTensor, got ",
                          static_cast<int64_t>(static_cast<unsigned char>(bytes[i])));
    }
  }
  if (read_only) {
    Tensor copy = empty({count}, dtype);
    std::memcpy(copy.bytes(), bytes, count * item);
    return wrap(std::move(copy));
  }
  if (reinterpret_cast<uintptr_t>(bytes) % item != 0) {
    raise<ValueError>(a.name(), ": expected elements aligned to ", item, " bytes, got the offset ",
                      offset);
  }
  auto drop = [](void* owner) { static_cast<Storage*>(owner)->drop(); };
  all->retain();
  auto storage = Ref<Storage>::adopt(Storage::borrow(dtype, count, bytes, drop, all.get()));
  return wrap(Tensor(std::move(storage), {count}, {1}, 0));
}

constexpr char kFromBuffer[] =
    "(buffer: object, dtype: dtype = None, count: int = -1, offset: int = 0)";
constexpr char kFromBufferDoc[] =
    "A vector over the bytes of an object with a buffer (bytearray, array.array, memoryview, "
    "mmap), "
    "read as `count` elements of dtype (the default dtype when None; all that fit when count is "
    "-1) "
    "from byte `offset` on. Shares the memory of a writable buffer and copies a read-only one "
    "(bytes). ValueError for an offset or count beyond the buffer, for bytes that are no whole "
    "elements, and for misaligned ones.";

constexpr OpDef kOps[] = {
    {"tensor", kFunction, "(data: object, dtype: dtype = None, device: device = None)",
     &tensor_call,
     "A new tensor with the values of a number, a (nested) sequence, a tensor, an array, or an "
     "object with a buffer, DLPack or __array__; always a copy. Without dtype, arrays keep theirs, "
     "Python's bools give BoolTensor, ints LongTensor, floats the default dtype. ValueError for "
     "sequences of unequal length, OverflowError for a number that does not fit, TypeError for "
     "fractions in an integer dtype and for what is no number.",
     ">>> torch.tensor([[1, 2], [3, 4]]).tolist()\n[[1, 2], [3, 4]]\n"
     ">>> torch.tensor([1, 2], dtype=torch.float64).dtype\ntorch.float64"},
    {"as_tensor", kFunction, "(data: object, dtype: dtype = None, device: device = None)",
     &as_tensor_call,
     "data as a tensor: a tensor of the dtype itself; a tensor over the memory of an array, a "
     "buffer or a DLPack object where that can be shared; else a copy as torch.tensor makes it.",
     ">>> x = torch.tensor([1, 2])\n>>> torch.as_tensor(x) is x\nTrue"},
    {"asarray", kFunction,
     "(data: object, dtype: dtype = None, device: device = None, copy: bool = None)", &asarray_call,
     "data as a tensor, as as_tensor does it. copy=True always copies; copy=False raises "
     "ValueError "
     "where the memory cannot be shared.",
     ">>> b = bytearray(b'ab')\n>>> x = torch.asarray(b, copy=False)\n>>> b[0] = 7\n"
     ">>> x.tolist()\n[7, 98]"},
    {"from_numpy", kFunction, "(ndarray: object)", &from_numpy_call,
     "A tensor over the memory of a NumPy array, of its dtype, size and strides (negative ones, "
     "too). TypeError for anything but an array and for dtypes without a tensor type; ValueError "
     "for arrays that are read-only, misaligned or have strides between elements.",
     ">>> import numpy\n>>> a = numpy.zeros(2)\n>>> torch.from_numpy(a)[0] = 5\n"
     ">>> a.tolist()\n[5.0, 0.0]"},
    {"frombuffer", kFunction, kFromBuffer, &from_buffer_call, kFromBufferDoc,
     ">>> torch.frombuffer(b'abc', torch.uint8, offset=1).tolist()\n[98, 99]"},
    {"from_buffer", kFunction, kFromBuffer, &from_buffer_call, kFromBufferDoc,
     ">>> torch.from_buffer(bytearray(8), torch.int32).tolist()\n[0, 0]"},
    {"numpy", kMethod, "(self: Tensor)", &numpy_call,
     "A NumPy array over the tensor's memory, of its dtype, size and strides. While it lives the "
     "storage cannot move. TypeError for bfloat16, which NumPy does not have; RuntimeError where "
     "NumPy is not installed.",
     ">>> x = torch.zeros(2)\n>>> x.numpy()[0] = 5\n>>> x.tolist()\n[5.0, 0.0]"},
    {"tolist", kMethod, "(self: Tensor)", &tolist_call,
     "The elements as Python numbers in nested lists, one level per dimension; the number itself "
     "without dimensions.",
     ">>> torch.tensor([[1, 2], [3, 4]]).tolist()\n[[1, 2], [3, 4]]"},
    {"item", kMethod, "(self: Tensor)", &item_call,
     "The only element as a Python number. ValueError unless there is exactly one.",
     ">>> torch.tensor([2.5]).item()\n2.5"},
};

}  // namespace

PyObject* to_list(const Tensor& t) {
  return visit(t.dtype(), [&]<class T>() { return list_of<T>(t, t.bytes(), 0); });
}

void add_exchange(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
