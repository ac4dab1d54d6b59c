// torch.dtype, what else names a dtype, and torch.device.
#include <cstdlib>
#include <cstring>
#include <string>

#include "bindings/object.h"
#include "torch/registry.h"

namespace torch::python {

PyTypeObject dtype_type = [] {
  PyTypeObject t{};
  t.ob_base.ob_base.ob_refcnt = 1;
  return t;
}();

namespace {

struct DTypeObject {
  PyObject_HEAD DType dtype;
};
PyObject* dtype_objects[kDTypes];
DType current_default = DType::kFloat32;

DType self_dtype(PyObject* self) { return reinterpret_cast<DTypeObject*>(self)->dtype; }

PyObject* dtype_repr(PyObject* self) {
  return PyUnicode_FromFormat("torch.%s", info(self_dtype(self)).name);
}
PyObject* dtype_reduce(PyObject* self, PyObject*) {
  return PyUnicode_FromString(info(self_dtype(self)).name);
}
PyObject* dtype_itemsize(PyObject* self, void*) {
  return PyLong_FromLongLong(item_size(self_dtype(self)));
}
PyObject* dtype_is_floating(PyObject* self, void*) {
  return PyBool_FromLong(is_floating(self_dtype(self)));
}
PyObject* dtype_is_complex(PyObject*, void*) { Py_RETURN_FALSE; }
PyObject* dtype_is_signed(PyObject* self, void*) {
  Kind k = kind(self_dtype(self));
  return PyBool_FromLong(k != Kind::kBoolean && k != Kind::kUnsigned);
}
PyObject* dtype_name(PyObject* self, void*) {
  return PyUnicode_FromString(info(self_dtype(self)).name);
}

PyMethodDef dtype_methods[] = {
    // pickled by its name, which is an attribute of torch
    {"__reduce__", dtype_reduce, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};
PyGetSetDef dtype_getset[] = {
    {"itemsize", dtype_itemsize, nullptr, "Bytes of one element.", nullptr},
    {"is_floating_point", dtype_is_floating, nullptr,
     "Whether elements are floating-point numbers.", nullptr},
    {"is_complex", dtype_is_complex, nullptr, "Whether elements are complex numbers.", nullptr},
    {"is_signed", dtype_is_signed, nullptr, "Whether elements can be negative.", nullptr},
    {"name", dtype_name, nullptr, "NumPy's name of the dtype.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

bool is_device_name(PyObject* o) {
  const char* text = PyUnicode_AsUTF8(o);
  if (!text) {
    PyErr_Clear();  // not encodable
    return false;
  }
  size_t letters = std::strncmp(text, "cpu", 3) == 0    ? 3
                   : std::strncmp(text, "cuda", 4) == 0 ? 4
                                                        : 0;
  return letters && (text[letters] == 0 || text[letters] == ':');
}

bool is_cuda_class(PyObject* o) {
  if (!PyType_HasFeature(reinterpret_cast<PyTypeObject*>(o), Py_TPFLAGS_HEAPTYPE)) return false;
  PyObject* module = PyObject_GetAttrString(o, "__module__");
  if (!module) PyErr_Clear();
  bool found = module && PyUnicode_Check(module) &&
               PyUnicode_CompareWithASCIIString(module, "torch.cuda") == 0;
  Py_XDECREF(module);
  return found;
}

// NumPy's dtype objects (or instances of a subclass of numpy.dtype).
bool is_numpy_dtype(PyObject* o) {
  for (PyTypeObject* t = Py_TYPE(o); t; t = t->tp_base) {
    if (std::strcmp(t->tp_name, "numpy.dtype") == 0) return true;
  }
  return false;
}

const DType* named(const char* name) {
  static const DType dtypes[] = {
#define DTYPE(e, ctype, name, prefix, kind) DType::e,
#include "torch/dtype.def"
#undef DTYPE
  };
  if (std::strncmp(name, "torch.", 6) == 0) name += 6;
  if (std::strcmp(name, "Tensor") == 0) return &dtypes[index(current_default)];
  for (const DType& d : dtypes) {
    if (std::strcmp(name, info(d).name) == 0 || std::strcmp(name, info(d).class_name) == 0)
      return &d;
  }
  return nullptr;
}

[[noreturn]] void refuse_dtype(const char* op, PyObject* o) {
  Object text(PyObject_Repr(o));
  const char* shown = PyUnicode_AsUTF8(text.get());
  if (!shown) PyErr_Clear();
  raise<ValueError>(op, ": expected a dtype such as torch.float32 or 'torch.FloatTensor', got ",
                    shown ? shown : "?");
}

}  // namespace

PyObject* dtype_object(DType t) { return dtype_objects[index(t)]; }
bool is_dtype(PyObject* o) { return Py_TYPE(o) == &dtype_type; }
DType unwrap_dtype(PyObject* o) { return self_dtype(o); }
DType default_dtype() { return current_default; }
void set_default_dtype(DType t) { current_default = t; }

bool names_dtype(PyObject* o) {
  if (is_dtype(o)) return true;
  if (PyUnicode_Check(o)) return !is_device_name(o);
  if (!PyType_Check(o)) return is_numpy_dtype(o);
  auto* type = reinterpret_cast<PyTypeObject*>(o);
  return PyType_IsSubtype(type, &tensor_type) || type == &PyFloat_Type || type == &PyLong_Type ||
         type == &PyBool_Type || std::strncmp(type->tp_name, "numpy.", 6) == 0 || is_cuda_class(o);
}

DType find_dtype(const char* op, PyObject* o) {
  if (is_dtype(o)) return self_dtype(o);
  const char* name = nullptr;
  Object keep;
  if (PyUnicode_Check(o)) {
    name = PyUnicode_AsUTF8(o);
    if (!name) PyErr_Clear();
  } else if (PyType_Check(o)) {
    auto* type = reinterpret_cast<PyTypeObject*>(o);
    if (type == &tensor_type) return current_default;
    for (PyTypeObject* t = type; t; t = t->tp_base) {
      if (t >= tensor_types && t < tensor_types + kDTypes)
        return static_cast<DType>(t - tensor_types);
    }
    // NumPy's meaning of Python's types
    if (type == &PyFloat_Type) return DType::kFloat64;
    if (type == &PyLong_Type) return DType::kInt64;
    if (type == &PyBool_Type) return DType::kBool;
    if (std::strncmp(type->tp_name, "numpy.", 6) == 0) name = type->tp_name + 6;
    if (is_cuda_class(o)) name = "torch.cuda.";
  } else if (is_numpy_dtype(o)) {
    keep = Object(PyObject_Str(o));  // with the byte order, where that is not the machine's
    name = PyUnicode_AsUTF8(keep.get());
  } else {
    raise<TypeError>(op, ": expected a dtype, a tensor class or its dotted name, got ",
                     Py_TYPE(o)->tp_name);
  }
  if (name && std::strncmp(name, "torch.cuda.", 11) == 0)
    raise<RuntimeError>(op, ": no device ", missing_backend(DeviceType::kCUDA));
  const DType* found = name ? named(name) : nullptr;
  if (!found && name && std::strcmp(name, "bool_") == 0) return DType::kBool;
  if (!found) refuse_dtype(op, o);
  return *found;
}

Device unwrap_device(const char* op, PyObject* o) {
  const char* text = PyUnicode_AsUTF8(o);
  if (!text) {
    PyErr_Clear();
    text = "?";
  }
  if (std::strcmp(text, "cpu") == 0 || std::strcmp(text, "cpu:0") == 0) return {};
  if (std::strncmp(text, "cuda", 4) == 0) {
    const char* digits = text[4] == ':' ? text + 5 : "0";
    size_t count = std::strspn(digits, "0123456789");
    if ((text[4] == 0 || text[4] == ':') && count > 0 && count < 4 && digits[count] == 0 &&
        std::atoi(digits) < 128)
      return {DeviceType::kCUDA, static_cast<int8_t>(std::atoi(digits))};
  }
  raise<ValueError>(op, ": expected the device 'cpu', 'cuda' or 'cuda:N', got '", text, "'");
}

PyObject* device_object(Device device) {
  static PyObject* type = [] {
    Object module(PyImport_ImportModule("torch._device"));
    return Object(PyObject_GetAttrString(module.get(), "device")).release();
  }();
  static PyObject* cpu = PyObject_CallFunction(type, "s", "cpu");
  if (device.is_cpu() && cpu) return Py_NewRef(cpu);
  return Object(PyObject_CallFunction(type, "s", device_name(device).c_str())).release();
}

void init_dtypes(PyObject* module) {
  auto check = [](int status) {
    if (status < 0) throw PythonError{};
  };
  PyTypeObject& d = dtype_type;
  d.tp_name = "torch.dtype";
  d.tp_basicsize = sizeof(DTypeObject);
  d.tp_flags = Py_TPFLAGS_DEFAULT;
  d.tp_doc = "The type of a tensor's elements.";
  d.tp_repr = &dtype_repr;
  d.tp_methods = dtype_methods;
  d.tp_getset = dtype_getset;
  check(PyType_Ready(&d));
  check(PyModule_AddObjectRef(module, "dtype", reinterpret_cast<PyObject*>(&d)));
  for (int i = 0; i < kDTypes; ++i) {
    auto* o = PyObject_New(DTypeObject, &d);
    if (!o) throw PythonError{};
    o->dtype = static_cast<DType>(i);
    dtype_objects[i] = reinterpret_cast<PyObject*>(o);
    check(PyModule_AddObjectRef(module, kDTypeInfo[i].name, dtype_objects[i]));
  }
}

}  // namespace torch::python
