// DLPack 1.x both ways: the structures of the Python array API's exchange protocol
// (https://dmlc.github.io/dlpack/latest/, https://data-apis.org/array-api/latest/).
#include <cstring>

#include "bindings/parser.h"
#include "torch/ops/copy.h"

namespace torch::python {
namespace {

// The binary interface, which is the same for all libraries.
struct DLDevice {
  int32_t type;
  int32_t id;
};
enum : int32_t { kDLCPU = 1, kDLCUDA = 2, kDLCUDAHost = 3 };
struct DLDataType {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
};
enum : uint8_t {
  kDLInt = 0,
  kDLUInt = 1,
  kDLFloat = 2,
  kDLBfloat = 4,
  kDLComplex = 5,
  kDLBool = 6
};
struct DLTensor {
  void* data;
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t* shape;
  int64_t* strides;  // elements; null: row-major
  uint64_t byte_offset;
};
struct DLManagedTensor {
  DLTensor tensor;
  void* context;
  void (*deleter)(DLManagedTensor*);
};
struct DLManagedTensorVersioned {
  uint32_t major, minor;
  void* context;
  void (*deleter)(DLManagedTensorVersioned*);
  uint64_t flags;
  DLTensor tensor;
};
constexpr uint64_t kReadOnly = 1, kCopied = 2;
constexpr uint32_t kMajor = 1, kMinor = 0;

constexpr char kName[] = "dltensor", kVersionedName[] = "dltensor_versioned";
constexpr char kUsedName[] = "used_dltensor", kUsedVersionedName[] = "used_dltensor_versioned";

uint8_t code_of(DType t) {
  if (t == DType::kBFloat16) return kDLBfloat;
  constexpr uint8_t kCodes[] = {kDLBool, kDLUInt, kDLInt, kDLFloat};
  return kCodes[static_cast<int>(kind(t))];
}

// What a capsule of ours keeps alive.
template <class Managed>
struct Exported {
  Managed managed{};
  Ref<Storage> storage;
  int64_t shape[kMaxDims], strides[kMaxDims];
};

// Called by the consumer, from any thread, with or without the interpreter lock.
template <class Managed>
void delete_exported(Managed* managed) {
  auto* e = static_cast<Exported<Managed>*>(managed->context);
  e->storage->end_export();
  delete e;
}

// Of a capsule that nobody consumed.
template <class Managed>
void destroy_capsule(PyObject* capsule) {
  const char* name = std::is_same_v<Managed, DLManagedTensor> ? kName : kVersionedName;
  if (!PyCapsule_IsValid(capsule, name)) return;
  auto* managed = static_cast<Managed*>(PyCapsule_GetPointer(capsule, name));
  if (managed->deleter) managed->deleter(managed);
}

template <class Managed>
PyObject* export_capsule(const Tensor& t, bool copied) {
  constexpr bool versioned = std::is_same_v<Managed, DLManagedTensorVersioned>;
  auto* e = new Exported<Managed>;
  e->storage = t.storage();
  e->storage->export_memory();
  int64_t step = 1;
  for (int d = t.ndim() - 1; d >= 0; --d) {
    e->shape[d] = t.size(d);
    // where a stride has no meaning, the one of a contiguous tensor: some libraries look at it
    e->strides[d] = t.size(d) > 1 ? t.stride(d) : step;
    step *= t.size(d);
  }
  Managed& m = e->managed;
  m.context = e;
  m.deleter = &delete_exported<Managed>;
  m.tensor = {t.bytes(), {t.device().is_cpu() ? kDLCPU : kDLCUDA, t.device().index},
              t.ndim(),  {code_of(t.dtype()), static_cast<uint8_t>(8 * t.item_bytes()), 1},
              e->shape,  e->strides,
              0};
  if constexpr (versioned) {
    m.major = kMajor;
    m.minor = kMinor;
    m.flags = copied ? kCopied : 0;
  }
  PyObject* capsule =
      PyCapsule_New(&m, versioned ? kVersionedName : kName, &destroy_capsule<Managed>);
  if (!capsule) delete_exported(&m);
  return Object(capsule).release();
}

// A pair of ints, as max_version and dl_device are given; false for None.
bool pair_of(const char* op, const char* name, PyObject* o, int64_t (&out)[2]) {
  if (!o) return false;
  if (!PyTuple_Check(o) || PyTuple_GET_SIZE(o) != 2 || !PyIndex_Check(PyTuple_GET_ITEM(o, 0)) ||
      !PyIndex_Check(PyTuple_GET_ITEM(o, 1))) {
    raise<TypeError>(op, ": expected ", name, " to be None or a pair of ints, got ",
                     Py_TYPE(o)->tp_name);
  }
  for (int i = 0; i < 2; ++i) out[i] = to_int(PyTuple_GET_ITEM(o, i));
  return true;
}

// (self, *, stream = None, max_version = None, dl_device = None, copy = None)
PyObject* dlpack_call(Args& a) {
  const Tensor& t = a.self();
  if (a.has(1) && t.device().is_cpu())
    raise<ValueError>("__dlpack__: expected stream=None for a tensor in host memory");
  int64_t version[2], device[2];
  bool versioned = pair_of("__dlpack__", "max_version", a.object(2), version) && version[0] >= 1;
  if (pair_of("__dlpack__", "dl_device", a.object(3), device) &&
      (device[0] != (t.device().is_cpu() ? kDLCPU : kDLCUDA) || device[1] != t.device().index)) {
    refuse_buffer(message("__dlpack__: cannot hand ", t, " over to the device (", device[0], ", ",
                          device[1], ")"));
  }
  bool copy = a.has(4) && a.boolean(4);
  Tensor shared = copy ? ops::clone(t) : t;
  return versioned ? export_capsule<DLManagedTensorVersioned>(shared, copy)
                   : export_capsule<DLManagedTensor>(shared, copy);
}

PyObject* dlpack_device_call(Args& a) {
  Device d = a.self().device();
  return Object(Py_BuildValue("(ii)", d.is_cpu() ? kDLCPU : kDLCUDA, static_cast<int>(d.index)))
      .release();
}

DType imported_dtype(const char* op, DLDataType t) {
  static const DType dtypes[] = {
#define DTYPE(e, ctype, name, prefix, kind) DType::e,
#include "torch/dtype.def"
#undef DTYPE
  };
  for (DType d : dtypes) {
    if (t.lanes == 1 && t.code == code_of(d) && t.bits == 8 * item_size(d)) return d;
  }
  const char* kind = t.code == kDLInt       ? "int"
                     : t.code == kDLUInt    ? "uint"
                     : t.code == kDLFloat   ? "float"
                     : t.code == kDLBfloat  ? "bfloat"
                     : t.code == kDLComplex ? "complex"
                     : t.code == kDLBool    ? "bool"
                                            : "unknown";
  raise<TypeError>(op, ": elements of ", kind, static_cast<int>(t.bits), " in ",
                   static_cast<int>(t.lanes), t.lanes == 1 ? " lane" : " lanes",
                   " have no tensor type");
}

template <class Managed>
void release_imported(void* context) {
  auto* managed = static_cast<Managed*>(context);
  if (managed->deleter) managed->deleter(managed);
}

// The tensor over the capsule's memory. The capsule stays its owner until nothing can fail any
// more.
template <class Managed>
Tensor import_capsule(PyObject* capsule, const char* op, const char* name, const char* used,
                      Sharing sharing) {
  auto* managed = static_cast<Managed*>(PyCapsule_GetPointer(capsule, name));
  bool copied = false, read_only = false;
  if constexpr (std::is_same_v<Managed, DLManagedTensorVersioned>) {
    if (managed->major != kMajor)
      refuse_buffer(message(op, ": expected DLPack version 1, got version ",
                            static_cast<int64_t>(managed->major)));
    copied = managed->flags & kCopied;
    read_only = managed->flags & kReadOnly;
  }
  const DLTensor& source = managed->tensor;
  if (source.device.type != kDLCPU && source.device.type != kDLCUDAHost) {
    refuse_buffer(message(op, ": expected data in host memory, got data on DLPack device type ",
                          static_cast<int64_t>(source.device.type)));
  }
  DType dtype = imported_dtype(op, source.dtype);
  if (source.ndim < 0 || source.ndim > kMaxDims)
    raise<ValueError>(op, ": at most ", kMaxDims, " dimensions are supported, got ", source.ndim);
  Shape shape(source.shape, source.ndim);
  int64_t n = checked_numel(op, shape), item = item_size(dtype), lo = 0, hi = 0;
  Shape strides = source.strides ? Shape(source.strides, source.ndim) : contiguous_strides(shape);
  for (int d = 0; d < source.ndim && n > 0; ++d)
    (strides[d] < 0 ? lo : hi) += strides[d] * (shape[d] - 1);
  auto* first = static_cast<char*>(source.data) + (n > 0 ? source.byte_offset : 0);
  if (n > 0 && !source.data) raise<ValueError>(op, ": the data pointer is null");
  if (n > 0 && reinterpret_cast<uintptr_t>(first) % item != 0)
    raise<ValueError>(op, ": expected data aligned to its elements of ", item, " bytes");
  if (read_only && sharing == Sharing::kShare)
    refuse_buffer(message(op, ": the data is read-only and needs a copy, but copy is False"));
  int64_t length = n == 0 ? 0 : hi - lo + 1;
  char* base = n == 0 ? first : first + lo * item;
  auto storage = Ref<Storage>::adopt(
      Storage::borrow(dtype, length, base, &release_imported<Managed>, managed));
  // consumed: from here on the storage calls the deleter
  PyCapsule_SetName(capsule, used);
  PyCapsule_SetDestructor(capsule, nullptr);
  Tensor t(std::move(storage), std::move(shape), std::move(strides), n == 0 ? 0 : -lo);
  if (read_only) return copied ? t : ops::clone(t);
  return sharing == Sharing::kCopy && !copied ? ops::clone(t) : t;
}

// obj.__dlpack__(...): with today's keywords, or without for producers that do not know them.
Object capsule_of(PyObject* o, Sharing sharing) {
  Object method(PyObject_GetAttrString(o, "__dlpack__"));
  Object none(PyTuple_New(0));
  Object keywords(Py_BuildValue("{s:(ii)}", "max_version", kMajor, kMinor));
  if (sharing != Sharing::kMaybe &&
      PyDict_SetItemString(keywords.get(), "copy", sharing == Sharing::kCopy ? Py_True : Py_False) <
          0)
    throw PythonError{};
  PyObject* capsule = PyObject_Call(method.get(), none.get(), keywords.get());
  if (!capsule && PyErr_ExceptionMatches(PyExc_TypeError)) {
    PyErr_Clear();
    capsule = PyObject_CallNoArgs(method.get());
  }
  return Object(capsule);
}

PyObject* from_dlpack_call(Args& a) {  // (ext_tensor, *, device = None, copy = None)
  ops::check_device("from_dlpack", a.device(1));
  Sharing sharing = !a.has(2) ? Sharing::kMaybe : a.boolean(2) ? Sharing::kCopy : Sharing::kShare;
  return wrap(from_dlpack(a.object(0), "from_dlpack", sharing));
}

constexpr OpDef kOps[] = {
    {"__dlpack__", kMethod,
     "(self: Tensor, *, stream: object = None, max_version: object = None, dl_device: object = "
     "None, copy: bool = None)",
     &dlpack_call,
     "A DLPack capsule over the memory of self (over a copy with copy=True), for another library's "
     "from_dlpack: versioned where max_version is (1, 0) or later. BufferError for a dl_device "
     "that "
     "is not self's, ValueError for a stream beside host memory.",
     ">>> type(torch.zeros(2).__dlpack__()).__name__\n'PyCapsule'"},
    {"__dlpack_device__", kMethod, "(self: Tensor)", &dlpack_device_call,
     "DLPack's numbers of the device: (1, 0) for host memory.",
     ">>> torch.zeros(2).__dlpack_device__()\n(1, 0)"},
    {"from_dlpack", kFunction, "(ext_tensor: object, *, device: device = None, copy: bool = None)",
     &from_dlpack_call,
     "A tensor over the memory of another library's array, or of a DLPack capsule, which is used "
     "up. "
     "Read-only memory is copied; copy=True always copies, copy=False raises BufferError where a "
     "copy is needed. BufferError for memory of another device, TypeError for elements without a "
     "tensor type, ValueError for a capsule that was used before.",
     ">>> x = torch.zeros(2)\n>>> torch.from_dlpack(x)[0] = 5\n>>> x.tolist()\n[5.0, 0.0]"},
};

}  // namespace

bool exports_dlpack(PyObject* o) {
  PyObject* type = reinterpret_cast<PyObject*>(Py_TYPE(o));
  return PyObject_HasAttrString(type, "__dlpack__");
}

Tensor from_dlpack(PyObject* o, const char* op, Sharing sharing) {
  Object capsule;
  if (PyCapsule_CheckExact(o)) {
    capsule = Object::share(o);
  } else if (PyObject_HasAttrString(o, "__dlpack__")) {
    capsule = capsule_of(o, sharing);
  } else {
    raise<TypeError>(op, ": expected an object with __dlpack__ or a capsule, got ",
                     Py_TYPE(o)->tp_name);
  }
  PyObject* c = capsule.get();
  if (PyCapsule_IsValid(c, kVersionedName))
    return import_capsule<DLManagedTensorVersioned>(c, op, kVersionedName, kUsedVersionedName,
                                                    sharing);
  if (PyCapsule_IsValid(c, kName))
    return import_capsule<DLManagedTensor>(c, op, kName, kUsedName, sharing);
  if (PyCapsule_IsValid(c, kUsedName) || PyCapsule_IsValid(c, kUsedVersionedName))
    raise<ValueError>(op, ": the capsule was used before; each can be used once");
  raise<TypeError>(op, ": expected a DLPack capsule, got ",
                   PyCapsule_CheckExact(c) ? "another capsule" : Py_TYPE(c)->tp_name);
}

void add_dlpack(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
