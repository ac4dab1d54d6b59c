// Copying and conversion between dtypes and devices.
#include "torch/ops/copy.h"

#include "bindings/parser.h"
#include "torch/ops/reduce.h"

namespace torch::python {
namespace {

PyObject* clone_call(Args& a) {
  Tensor copy;
  {
    ReleaseGil release(a.self().numel());
    copy = ops::clone(a.self());
  }
  return wrap(std::move(copy));
}

PyObject* contiguous_call(Args& a) {
  if (a.self().is_contiguous()) return Py_NewRef(a.object(0));
  return clone_call(a);
}

// (self, source: Tensor, non_blocking) | (self, source: number)
PyObject* copy_call(Args& a) {
  if (a.signature == 1) {
    ops::fill_(a.self(), a.number(1));
  } else {
    const Tensor& source = a.tensor(1);
    ReleaseGil release(a.self().numel());
    ops::copy_(a.self(), source);
  }
  return Py_NewRef(a.object(0));
}

PyObject* fill_call(Args& a) {
  Scalar value = a.number(1);
  {
    ReleaseGil release(a.self().numel());
    ops::fill_(a.self(), value);
  }
  return Py_NewRef(a.object(0));
}

PyObject* zero_call(Args& a) {
  ops::fill_(a.self(), Scalar(0));
  return Py_NewRef(a.object(0));
}

// self itself where nothing has to change, unless a copy is asked for.
PyObject* convert(Args& a, DType dtype, bool copy = false) {
  bool same = a.self().dtype() == dtype;
  if (same && !copy) return Py_NewRef(a.object(0));
  Tensor result;
  {
    ReleaseGil release(a.self().numel());
    result = same ? ops::clone(a.self()) : ops::to(a.self(), dtype);
  }
  return wrap(std::move(result));
}

// (self, dtype, non_blocking, copy) | (self, other: Tensor, non_blocking, copy)
// | (self, device, dtype, non_blocking, copy)
PyObject* to_call(Args& a) {
  DType dtype = a.self().dtype();
  Device device = a.self().device();
  int last = 3;
  if (a.signature == 0) {
    dtype = a.dtype(1, dtype);
  } else if (a.signature == 1) {
    dtype = a.tensor(1).dtype();
    device = a.tensor(1).device();
  } else {
    device = a.device(1, device);
    dtype = a.dtype(2, dtype);
    last = 4;
  }
  ops::check_device("to", device);
  return convert(a, dtype, a.boolean(last));
}

PyObject* astype_call(Args& a) {  // (self, dtype, copy = True)
  return convert(a, a.dtype(1, a.self().dtype()), a.boolean(2));
}
template <DType dtype>
PyObject* cast_call(Args& a) {
  return convert(a, dtype);
}

PyObject* type_call(Args& a) {  // (self, t = None, non_blocking = False)
  if (!a.has(1)) {
    const char* prefix = a.self().device().is_cpu() ? "" : "cuda.";
    return PyUnicode_FromFormat("torch.%s%s", prefix, info(a.self().dtype()).class_name);
  }
  return convert(a, find_dtype("type", a.object(1)));
}
PyObject* type_as_call(Args& a) { return convert(a, a.tensor(1).dtype()); }

PyObject* self_call(Args& a) { return Py_NewRef(a.object(0)); }
PyObject* false_call(Args&) { Py_RETURN_FALSE; }
PyObject* cuda_call(Args& a) {
  if (a.has(1) && a.integer(1) < 0)
    raise<ValueError>("cuda: expected a device of 0 or more, got ", a.integer(1));
  ops::check_device("cuda", {DeviceType::kCUDA, 0});
  return Py_NewRef(a.object(0));
}
PyObject* pin_memory_call(Args& a) {
  ops::check_device("pin_memory", {DeviceType::kCUDA, 0});
  return Py_NewRef(a.object(0));
}
PyObject* get_device_call(Args& a) {
  if (a.self().device().is_cpu())
    raise<RuntimeError>("get_device: expected a tensor on a GPU, got ", a.self(), " on cpu");
  return PyLong_FromLong(a.self().device().index);
}
PyObject* is_shared_call(Args& a) { return PyBool_FromLong(a.self().storage()->is_shared()); }
PyObject* share_memory_call(Args& a) {
  a.self().storage()->share();
  return Py_NewRef(a.object(0));
}

PyObject* is_floating_point_call(Args& a) { return PyBool_FromLong(is_floating(a.self().dtype())); }
PyObject* is_signed_call(Args& a) {
  Kind k = kind(a.self().dtype());
  return PyBool_FromLong(k != Kind::kBoolean && k != Kind::kUnsigned);
}

PyObject* promote_types_call(Args& a) {
  return Py_NewRef(dtype_object(promote(a.dtype(0, DType{}), a.dtype(1, DType{}))));
}

PyObject* find_dtype_call(Args& a) {
  const char* op = PyUnicode_Check(a.object(0)) ? PyUnicode_AsUTF8(a.object(0)) : "find_dtype";
  if (!op) throw PythonError{};
  return Py_NewRef(dtype_object(find_dtype(op, a.object(1))));
}

// Whether both have the same size and elements; dtypes may differ.
PyObject* equal_call(Args& a) {
  const Tensor &x = a.self(), &y = a.tensor(1);
  if (x.shape() != y.shape()) Py_RETURN_FALSE;
  if (x.numel() == 0) Py_RETURN_TRUE;
  bool all;
  {
    ReleaseGil release(x.numel());
    all = ops::reduce_all(ReduceOp::all, ops::binary(BinaryOp::eq, x, y)).i != 0;
  }
  return PyBool_FromLong(all);
}

constexpr unsigned kBoth = kMethod | kFunction;
constexpr char kSelf[] = "(self: Tensor)";
#define CAST(method, DTypeName, Class, shown)                            \
  {method,                                                               \
   kMethod,                                                              \
   kSelf,                                                                \
   &cast_call<DType::DTypeName>,                                         \
   "self as " Class "; self itself when it is one. Converted as by to.", \
   ">>> torch.tensor([0, 2])." method "()." shown}
constexpr OpDef kOps[] = {
    {"copy", kMethod, "(self: Tensor)", &clone_call,
     "A contiguous copy of the same size and dtype: clone under NumPy's name.",
     ">>> torch.tensor([1, 2]).copy().tolist()\n[1, 2]"},
    {"clone", kBoth, kSelf, &clone_call, "A contiguous copy.",
     ">>> x = torch.tensor([1, 2])\n>>> x.clone()[0] = 5\n>>> x.tolist()\n[1, 2]"},
    {"contiguous", kMethod, kSelf, &contiguous_call,
     "self when its elements lie in row-major order without gaps, else a copy for which they do.",
     ">>> torch.zeros(2, 3).t().contiguous().stride()\n(2, 1)"},
    {"copy_", kMethod | kByCount,
     "(self: Tensor, source: Tensor, non_blocking: bool = False) | (self: Tensor, source: number)",
     &copy_call,
     "Writes source, broadcast to self's size and converted to its dtype as by to, into self. "
     "non_blocking matters for copies from and to a GPU. ValueError where the sizes do not "
     "broadcast, RuntimeError for an expanded self.",
     ">>> torch.zeros(2, 2).copy_(torch.tensor([1, 2])).tolist()\n[[1.0, 2.0], [1.0, 2.0]]"},
    {"fill_", kMethod, "(self: Tensor, value: number)", &fill_call,
     "Sets every element. OverflowError for a number that does not fit, TypeError for a fraction "
     "in an integer tensor, RuntimeError for an expanded self.",
     ">>> torch.zeros(2).fill_(7).tolist()\n[7.0, 7.0]"},
    {"zero_", kMethod, kSelf, &zero_call,
     "Sets every element to 0. RuntimeError for an expanded self.",
     ">>> torch.ones(2).zero_().tolist()\n[0.0, 0.0]"},
    {"to", kMethod,
     "(self: Tensor, dtype: dtype, non_blocking: bool = False, copy: bool = False) | (self: "
     "Tensor, other: Tensor, non_blocking: bool = False, copy: bool = False) | (self: Tensor, "
     "device: "
     "device = None, dtype: dtype = None, *, non_blocking: bool = False, copy: bool = False)",
     &to_call,
     "self in another dtype, on another device, or in both of another tensor; self itself where "
     "nothing changes, unless copy is True. Floats become integers towards zero; what 64 bits do "
     "not hold, NaN too, counts as -2**63; narrower integers keep the low bits; anything but 0 is "
     "true. RuntimeError for a GPU without CUDA.",
     ">>> torch.tensor([1.9, -1.9, 257.0]).to(torch.uint8).tolist()\n[1, 255, 1]\n"
     ">>> x = torch.zeros(2)\n>>> x.to('cpu') is x\nTrue"},
    {"astype", kMethod, "(self: Tensor, dtype: dtype, copy: bool = True)", &astype_call,
     "self converted to dtype as by to: a copy, or self itself where copy is False and self has "
     "the dtype.",
     ">>> torch.tensor([1.5]).astype(torch.int32).tolist()\n[1]"},
    {"type", kMethod, "(self: Tensor, t: object = None, non_blocking: bool = False)", &type_call,
     "Dotted name of the type; with t (a class, a dtype or its name) self converted to it, self "
     "itself when it has the type. ValueError for an unknown name.",
     ">>> torch.zeros(1).type()\n'torch.FloatTensor'\n"
     ">>> torch.tensor([1.5]).type('torch.IntTensor').tolist()\n[1]"},
    {"type_as", kMethod, "(self: Tensor, other: Tensor)", &type_as_call,
     "self converted to other's type; self itself when it has it.",
     ">>> torch.tensor([1.5]).type_as(torch.tensor([1])).tolist()\n[1]"},
    CAST("bool", kBool, "BoolTensor", "tolist()\n[False, True]"),
    CAST("byte", kUInt8, "ByteTensor", "tolist()\n[0, 2]"),
    CAST("char", kInt8, "CharTensor", "tolist()\n[0, 2]"),
    CAST("short", kInt16, "ShortTensor", "tolist()\n[0, 2]"),
    CAST("int", kInt32, "IntTensor", "tolist()\n[0, 2]"),
    CAST("long", kInt64, "LongTensor", "tolist()\n[0, 2]"),
    CAST("half", kFloat16, "HalfTensor", "tolist()\n[0.0, 2.0]"),
    CAST("bfloat16", kBFloat16, "BFloat16Tensor", "tolist()\n[0.0, 2.0]"),
    CAST("float", kFloat32, "FloatTensor", "tolist()\n[0.0, 2.0]"),
    CAST("double", kFloat64, "DoubleTensor", "tolist()\n[0.0, 2.0]"),
    {"cpu", kMethod, kSelf, &self_call, "self in host memory; self itself when it is there.",
     ">>> x = torch.zeros(1)\n>>> x.cpu() is x\nTrue"},
    {"cuda", kMethod, "(self: Tensor, device: int = None, non_blocking: bool = False)", &cuda_call,
     "self in a GPU's memory. RuntimeError where torch was built without CUDA.",
     ">>> torch.zeros(1).cuda()\nTraceback (most recent call last):\n    ...\n"
     "RuntimeError: cuda: no device cuda: this torch was built without CUDA"},
    {"get_device", kMethod, kSelf, &get_device_call,
     "Number of the GPU that holds self. RuntimeError for a tensor in host memory.",
     ">>> torch.zeros(1).get_device()\nTraceback (most recent call last):\n    ...\n"
     "RuntimeError: get_device: expected a tensor on a GPU, got FloatTensor of size (1,) on cpu"},
    {"is_pinned", kMethod, kSelf, &false_call,
     "Whether the memory is page-locked for copies to a GPU: never, without CUDA.",
     ">>> torch.zeros(1).is_pinned()\nFalse"},
    {"pin_memory", kMethod, kSelf, &pin_memory_call,
     "self in page-locked host memory. RuntimeError where torch was built without CUDA.",
     ">>> torch.zeros(1).pin_memory()\nTraceback (most recent call last):\n    ...\n"
     "RuntimeError: pin_memory: no device cuda: this torch was built without CUDA"},
    {"is_shared", kMethod, kSelf, &is_shared_call,
     "Whether the memory is shared with processes that are forked from this one.",
     ">>> torch.zeros(1).is_shared()\nFalse"},
    {"share_memory_", kMethod, kSelf, &share_memory_call,
     "Moves the storage, and so every view of it, into memory that processes forked from now on "
     "share: each sees what the others write. RuntimeError while an array or buffer looks at the "
     "memory, and for memory that belongs to another object.",
     ">>> torch.zeros(1).share_memory_().is_shared()\nTrue"},
    {"is_floating_point", kBoth, kSelf, &is_floating_point_call,
     "Whether the elements are floating-point numbers.",
     ">>> torch.zeros(1).is_floating_point()\nTrue"},
    {"is_complex", kBoth, kSelf, &false_call, "Whether the elements are complex numbers.",
     ">>> torch.zeros(1).is_complex()\nFalse"},
    {"is_signed", kBoth, kSelf, &is_signed_call, "Whether elements can be negative.",
     ">>> torch.zeros(1).byte().is_signed()\nFalse"},
    {"promote_types", kFunction, "(type1: dtype, type2: dtype)", &promote_types_call,
     "The dtype in which tensors of both dtypes are computed: NumPy's table; float16 with bfloat16 "
     "gives float32.",
     ">>> torch.promote_types(torch.uint8, torch.int8)\ntorch.int16"},
    {"find_dtype", kPrivate, "(op: object, t: object)", &find_dtype_call,
     "The dtype that a dtype, a tensor class, a name, or NumPy's or Python's type stands for; "
     "errors "
     "name `op`.",
     ">>> torch._C.find_dtype('f', 'torch.IntTensor')\ntorch.int32"},
    {"equal", kBoth, "(self: Tensor, other: Tensor)", &equal_call,
     "Whether both have the same size and equal elements; dtypes may differ. NaN equals nothing.",
     ">>> torch.equal(torch.tensor([1, 2]), torch.tensor([1.0, 2.0]))\nTrue"},
};
#undef CAST

}  // namespace

void add_copy(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
