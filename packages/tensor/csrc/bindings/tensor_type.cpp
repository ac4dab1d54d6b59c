// torch.Tensor, its typed subclasses, torch.dtype, and conversions between Python and C++ values.
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>

#include "bindings/compat.h"
#include "bindings/overload.h"
#include "bindings/slots.h"
#include "torch/ops/copy.h"
#include "torch/ops/reduce.h"
#include "torch/ops/view.h"
#include "torch/registry.h"

namespace torch::python {

namespace {
const PyTypeObject kBlankType = [] {
  PyTypeObject t{};
  t.ob_base.ob_base.ob_refcnt = 1;
  return t;
}();
}  // namespace

PyTypeObject tensor_type = kBlankType;
PyTypeObject tensor_types[kDTypes];

namespace {

// Tensors come and go with every operation; their Python shells are kept. Guarded by the
// interpreter lock.
constexpr int kKept = 256;
TensorObject* kept[kKept];
int kept_count = 0;

bool builtin(PyTypeObject* t) { return t >= tensor_types && t < tensor_types + kDTypes; }

TensorObject* allocate(PyTypeObject* type) {
  if (builtin(type) && kept_count > 0) {
    TensorObject* o = kept[--kept_count];
    PyObject_Init(reinterpret_cast<PyObject*>(o), type);
    return o;
  }
  return reinterpret_cast<TensorObject*>(type->tp_alloc(type, 0));
}

PyObject* make(PyTypeObject* type, Tensor&& t) {
  TensorObject* o = allocate(type);
  if (!o) throw PythonError{};
  new (&o->tensor) Tensor(std::move(t));
  o->weakrefs = nullptr;
  return reinterpret_cast<PyObject*>(o);
}

void tensor_dealloc(PyObject* self) {
  auto* o = reinterpret_cast<TensorObject*>(self);
  if (o->weakrefs) PyObject_ClearWeakRefs(self);
  o->tensor.~Tensor();
  PyTypeObject* type = Py_TYPE(self);
  if (builtin(type) && kept_count < kKept) {
    kept[kept_count++] = o;
  } else {
    type->tp_free(self);
  }
}

// The constructors of the alpha: sizes, values, or something whose memory is shared.
PyObject* tensor_new(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  return guarded([&]() -> PyObject* {
    DType dtype = default_dtype();
    PyTypeObject* target = type;
    if (type == &tensor_type) {
      target = &tensor_types[index(dtype)];
    } else {
      PyTypeObject* base = type;
      while (base && !builtin(base)) base = base->tp_base;
      if (!base)
        raise<TypeError>("Tensor: subclass one of the typed classes, such as torch.FloatTensor");
      dtype = static_cast<DType>(base - tensor_types);
    }
    const char* name = info(dtype).class_name;
    if (kwargs && PyDict_GET_SIZE(kwargs) > 0 && type->tp_init == tensor_type.tp_init) {
      raise<TypeError>(name, ": expected no keyword arguments");
    }
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    auto sizes = [&](const Shape& shape) {
      checked_numel(name, shape);
      return make(target, ops::uninitialized(shape, dtype));
    };
    if (n == 0) return sizes({0});
    PyObject* first = PyTuple_GET_ITEM(args, 0);
    if (PyIndex_Check(first) && is_number(first) && !PyBool_Check(first))
      return sizes(to_shape(args));
    if (n > 1)
      raise<TypeError>(name,
                       ": expected sizes as ints, or one sequence, tensor, storage or array, got ",
                       static_cast<int64_t>(n), " arguments");
    if (PyObject_TypeCheck(first, reinterpret_cast<PyTypeObject*>(size_type())))
      return sizes(to_shape(first));
    if (is_tensor(first)) {
      const Tensor& t = unwrap(first);
      if (t.dtype() != dtype)
        raise<TypeError>(name, ": expected a ", dtype, " to share memory with, got ", t,
                         "; use .type() to convert");
      return make(target, Tensor(t));
    }
    if (is_storage(first)) {
      Ref<Storage> s = unwrap_storage(first);
      if (s->dtype() != dtype)
        raise<TypeError>(name, ": expected a ", info(dtype).prefix, "Storage, got a ",
                         info(s->dtype()).prefix, "Storage");
      return make(target, Tensor(s, {s->size()}, {1}, 0));
    }
    no_overload(name, first);
    return make(target, from_data(first, &dtype, name));
  });
}

PyObject* tensor_iter(PyObject* self) {
  return guarded([&]() -> PyObject* {
    const Tensor& t = unwrap(self);
    if (t.ndim() == 0) raise<TypeError>("iter: expected a tensor with dimensions, got ", t);
    return PySeqIter_New(self);
  });
}

Py_ssize_t tensor_length(PyObject* self) {
  return guarded(
      [&]() -> Py_ssize_t {
        const Tensor& t = unwrap(self);
        if (t.ndim() == 0) raise<TypeError>("len: expected a tensor with dimensions, got ", t);
        return t.size(0);
      },
      Py_ssize_t{-1});
}

PyObject* tensor_item(PyObject* self, Py_ssize_t i) {  // iteration and PySequence_GetItem
  PyObject* key = PyLong_FromSsize_t(i);
  if (!key) return nullptr;
  PyObject* result = index_get(self, key);
  Py_DECREF(key);
  return result;
}

const Tensor& only_element(const char* op, PyObject* self) {
  const Tensor& t = unwrap(self);
  if (t.numel() != 1) raise<ValueError>(op, ": expected a tensor of one element, got ", t);
  return t;
}

int tensor_bool(PyObject* self) {
  return guarded(
      [&]() -> int {
        const Tensor& t = unwrap(self);
        if (t.numel() == 0)
          raise<ValueError>(
              "bool: the truth value of an empty tensor is not defined; use .numel()");
        if (t.numel() > 1)
          raise<ValueError>("bool: the truth value of ", t,
                            " is not defined; use .any() or .all()");
        return ops::item(t).as_double() != 0;
      },
      -1);
}
PyObject* tensor_float(PyObject* self) {
  return guarded(
      [&] { return PyFloat_FromDouble(ops::item(only_element("float", self)).as_double()); });
}
PyObject* tensor_int(PyObject* self) {
  return guarded([&]() -> PyObject* {
    Object number(to_python(ops::item(only_element("int", self))));
    return PyNumber_Long(number.get());
  });
}
PyObject* tensor_index(PyObject* self) {
  return guarded([&]() -> PyObject* {
    const Tensor& t = unwrap(self);
    if (t.numel() != 1 || is_floating(t.dtype())) {
      raise<TypeError>("index: expected an integer tensor of one element, got ", t);
    }
    return to_python(Scalar(ops::item(t).i));
  });
}

int tensor_contains(PyObject* self, PyObject* value) {
  return guarded(
      [&]() -> int {
        if (!is_number(value) && !is_scalar_like(value))
          raise<TypeError>("in: expected a number, got ", Py_TYPE(value)->tp_name);
        const Tensor& t = unwrap(self);
        return t.numel() > 0 &&
               ops::reduce_all(ReduceOp::any, ops::binary(BinaryOp::eq, t, to_scalar(value))).i !=
                   0;
      },
      -1);
}

PyObject* tensor_repr(PyObject* self) {  // printing is written in Python
  return guarded([&]() -> PyObject* {
    Object module(PyImport_ImportModule("torch._printing"));
    return PyObject_CallMethod(module.get(), "tensor_str", "O", self);
  });
}

PyObject* get_dtype(PyObject* self, void*) { return Py_NewRef(dtype_object(unwrap(self).dtype())); }
PyObject* get_device(PyObject* self, void*) {
  return guarded([&] { return device_object(unwrap(self).device()); });
}
PyObject* get_shape(PyObject* self, void*) {
  return guarded([&] { return shown_size(unwrap(self)); });
}
PyObject* get_ndim(PyObject* self, void*) { return PyLong_FromLong(shown_dims(unwrap(self))); }
PyObject* get_is_cuda(PyObject* self, void*) {
  return PyBool_FromLong(!unwrap(self).device().is_cpu());
}
PyObject* get_version(PyObject* self, void*) {
  return PyLong_FromUnsignedLongLong(unwrap(self).storage()->version());
}
PyObject* get_counts(PyObject* self, void*) { return PyBool_FromLong(unwrap(self).counts()); }
int set_counts(PyObject* self, PyObject* flag, void*) {
  int yes = flag ? PyObject_IsTrue(flag) : 1;
  if (yes < 0) return -1;
  unwrap(self).set_counts(yes != 0);
  return 0;
}
PyObject* get_itemsize(PyObject* self, void*) {
  return PyLong_FromLongLong(unwrap(self).item_bytes());
}
PyObject* get_array_interface(PyObject* self, void*) {
  return guarded([&] { return array_interface(unwrap(self)); });
}
PyObject* get_nbytes(PyObject* self, void*) {
  return PyLong_FromLongLong(unwrap(self).numel() * unwrap(self).item_bytes());
}
PyObject* get_transposed(PyObject* self, void*) {
  return guarded([&] {
    const Tensor& t = unwrap(self);
    Shape dims;
    for (int d = t.ndim() - 1; d >= 0; --d) dims.push_back(d);
    return wrap(ops::permute(t, dims));
  });
}

PyObject* get_matrix_transposed(PyObject* self, void*) {
  return guarded([&] {
    const Tensor& t = unwrap(self);
    if (t.ndim() < 2) raise<ValueError>("mT: expected a matrix or several, got ", t);
    return wrap(ops::transpose(t, -2, -1));
  });
}

PyGetSetDef getset[] = {
    {"dtype", get_dtype, nullptr, "The torch.dtype of the elements.", nullptr},
    {"device", get_device, nullptr, "torch.device of the memory: 'cpu' or 'cuda:N'.", nullptr},
    {"itemsize", get_itemsize, nullptr, "Bytes of one element.", nullptr},
    {"__array_interface__", get_array_interface, nullptr,
     "NumPy's description of the memory. It holds as long as the tensor lives and its storage is "
     "not resized.",
     nullptr},
    {"shape", get_shape, nullptr, "Sizes of the dimensions, a torch.Size.", nullptr},
    {"ndim", get_ndim, nullptr, "Number of dimensions.", nullptr},
    {"is_cuda", get_is_cuda, nullptr, "Whether the memory is a GPU's.", nullptr},
    {"nbytes", get_nbytes, nullptr, "Bytes of all elements.", nullptr},
    {"T", get_transposed, nullptr, "The tensor with its dimensions in reverse order.", nullptr},
    {"mT", get_matrix_transposed, nullptr, "The tensor with its last two dimensions swapped.",
     nullptr},
    {"_counts", get_counts, set_counts, "Whether writes through this view add to _version.",
     nullptr},
    {"_version", get_version, nullptr, "How often the memory has been written to in place.",
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyNumberMethods number_slots;
PySequenceMethods sequence_slots;
PyMappingMethods mapping_slots;
PyBufferProcs buffer_slots;

}  // namespace

PyObject* wrap(Tensor&& t) {
  PyTypeObject* type = &tensor_types[index(t.dtype())];
  return make(type, std::move(t));
}

void translate_exception() noexcept {
  try {
    throw;
  } catch (const PythonError&) {
  } catch (const IndexError& e) {
    PyErr_SetString(PyExc_IndexError, e.what());
  } catch (const TypeError& e) {
    PyErr_SetString(PyExc_TypeError, e.what());
  } catch (const ValueError& e) {
    PyErr_SetString(PyExc_ValueError, e.what());
  } catch (const OverflowError& e) {
    PyErr_SetString(PyExc_OverflowError, e.what());
  } catch (const MemoryError& e) {
    PyErr_SetString(PyExc_MemoryError, e.what());
  } catch (const FileError& e) {
    PyErr_SetString(file_error, e.what());
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& e) {
    PyErr_SetString(PyExc_RuntimeError, e.what());
  }
}

PyObject* to_python(Scalar s) {
  if (s.tag == Scalar::Tag::kFloat) return PyFloat_FromDouble(s.d);
  if (s.tag == Scalar::Tag::kBool) return PyBool_FromLong(s.i != 0);
  return PyLong_FromLongLong(s.i);
}

bool is_number(PyObject* o) {
  if (PyFloat_CheckExact(o) || PyLong_CheckExact(o)) return true;
  if (PyFloat_Check(o) || PyLong_Check(o)) return true;
  if (is_tensor(o) || PyTuple_Check(o) || PyList_Check(o) || PyUnicode_Check(o)) return false;
  PyNumberMethods* n = Py_TYPE(o)->tp_as_number;
  if (!n || !(n->nb_index || n->nb_float)) return false;
  // NumPy's scalars are numbers; its arrays have the same slots, but not the type numpy.generic
  for (PyTypeObject* t = Py_TYPE(o); t; t = t->tp_base) {
    if (std::strcmp(t->tp_name, "numpy.generic") == 0) return true;
  }
  return n->nb_index && !n->nb_matrix_multiply && !Py_TYPE(o)->tp_as_sequence && !is_overloaded(o);
}

bool is_array(PyObject* o) {
  for (PyTypeObject* t = Py_TYPE(o); t; t = t->tp_base) {
    if (std::strcmp(t->tp_name, "numpy.ndarray") == 0) return true;
  }
  return false;
}

bool is_scalar_array(PyObject* o) {
  if (!is_array(o)) return false;
  Object ndim(PyObject_GetAttrString(o, "ndim"));
  return PyLong_AsLong(ndim.get()) == 0;
}

bool is_scalar_like(PyObject* o) {
  return is_tensor(o) ? unwrap(o).ndim() == 0 : is_scalar_array(o);
}

Scalar to_scalar(PyObject* o) {
  if (PyFloat_Check(o)) return Scalar(PyFloat_AS_DOUBLE(o));
  if (PyBool_Check(o)) return Scalar(o == Py_True);
  if (PyLong_Check(o)) {
    int overflow = 0;
    int64_t v = PyLong_AsLongLongAndOverflow(o, &overflow);
    if (v == -1 && PyErr_Occurred()) throw PythonError{};
    if (!overflow) return Scalar(v);
    double d = PyLong_AsDouble(o);
    if (d == -1 && PyErr_Occurred()) {
      PyErr_Clear();
      d = overflow * std::numeric_limits<double>::infinity();
    }
    return Scalar::huge(d);
  }
  if (is_tensor(o)) return ops::item(unwrap(o));
  if (is_scalar_array(o)) {
    Object number(PyObject_CallMethod(o, "item", nullptr));
    return to_scalar(number.get());
  }
  if (std::strstr(Py_TYPE(o)->tp_name, "bool")) return Scalar(PyObject_IsTrue(o) == 1);
  if (PyIndex_Check(o)) return Scalar(to_int(o));
  double d = PyFloat_AsDouble(o);
  if (d == -1 && PyErr_Occurred()) throw PythonError{};
  return Scalar(d);
}

int64_t to_int(PyObject* o) {
  Object exact;
  if (!PyLong_CheckExact(o)) {
    exact = Object(PyNumber_Index(o));
    o = exact.get();
  }
  int overflow = 0;
  int64_t v = PyLong_AsLongLongAndOverflow(o, &overflow);
  if (overflow) raise<OverflowError>("expected an int within 64 bits, got a larger one");
  return v;
}

int64_t to_position(PyObject* o) {
  try {
    return to_int(o);
  } catch (const OverflowError&) {
    raise<IndexError>("index: index beyond 64 bits is out of range");
  }
}

PyObject* size_type() {
  static PyObject* type = [] {
    Object module(PyImport_ImportModule("torch._size"));
    return Object(PyObject_GetAttrString(module.get(), "Size")).release();
  }();
  return type;
}

PyObject* to_size(const Shape& s) {
  // a tuple subclass without fields of its own: filled directly, its checks are for other people's
  // items
  auto* type = reinterpret_cast<PyTypeObject*>(size_type());
  Object out(type->tp_alloc(type, s.size()));
  for (int i = 0; i < s.size(); ++i) PyTuple_SET_ITEM(out.get(), i, PyLong_FromLongLong(s[i]));
  return out.release();
}

Shape to_shape(PyObject* sequence) {
  Shape s;
  Py_ssize_t n = PySequence_Fast_GET_SIZE(sequence);
  if (n > kMaxDims)
    raise<ValueError>("at most ", kMaxDims, " dimensions are supported, got ",
                      static_cast<int64_t>(n));
  for (Py_ssize_t i = 0; i < n; ++i) {
    if (i >= PySequence_Fast_GET_SIZE(sequence))  // an __index__ may do anything
      raise<ValueError>("sizes: the sequence changed while it was read");
    PyObject* item = PySequence_Fast_ITEMS(sequence)[i];
    if (!PyIndex_Check(item) || is_tensor(item))
      raise<TypeError>("sizes: expected ints, got ", Py_TYPE(item)->tp_name);
    s.push_back(to_int(item));
  }
  return s;
}

bool is_overloaded(PyObject* o) {
  PyTypeObject* t = Py_TYPE(o);
  if (t == &PyFloat_Type || t == &PyLong_Type || t == &PyTuple_Type || t == &PyList_Type ||
      t == &PyUnicode_Type || o == Py_None)
    return false;
  static PyObject* name = PyUnicode_InternFromString("__torch_function__");
  PyObject* found = _PyType_Lookup(t, name);
  return found != nullptr;
}

void init_types(PyObject* module) {
  auto check = [](int status) {
    if (status < 0) throw PythonError{};
  };
  set_number_slots(number_slots);
  number_slots.nb_matrix_multiply = &matmul_slot;
  number_slots.nb_bool = &tensor_bool;
  number_slots.nb_float = &tensor_float;
  number_slots.nb_int = &tensor_int;
  number_slots.nb_index = &tensor_index;
  sequence_slots.sq_length = &tensor_length;
  sequence_slots.sq_item = &tensor_item;
  sequence_slots.sq_contains = &tensor_contains;
  mapping_slots.mp_length = &tensor_length;
  mapping_slots.mp_subscript = &index_get;
  mapping_slots.mp_ass_subscript = &index_set;
  buffer_slots.bf_getbuffer = &tensor_get_buffer;
  buffer_slots.bf_releasebuffer = &tensor_release_buffer;

  PyTypeObject& base = tensor_type;
  base.tp_name = "torch.Tensor";
  base.tp_basicsize = sizeof(TensorObject);
  base.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE;
  base.tp_doc =
      "Tensor(*sizes), Tensor(sequence), Tensor(tensor or storage): builds the default type.\n\n"
      "A dense array of numbers of one dtype. torch.FloatTensor and the like are its subclasses, "
      "one per dtype.";
  base.tp_new = &tensor_new;
  base.tp_dealloc = &tensor_dealloc;
  base.tp_weaklistoffset = offsetof(TensorObject, weakrefs);
  base.tp_as_number = &number_slots;
  base.tp_as_sequence = &sequence_slots;
  base.tp_as_mapping = &mapping_slots;
  base.tp_as_buffer = &buffer_slots;
  base.tp_richcompare = &compare;
  base.tp_hash = [](PyObject* o) {
    return static_cast<Py_hash_t>(reinterpret_cast<uintptr_t>(o) >> 4);
  };
  base.tp_iter = &tensor_iter;
  base.tp_repr = &tensor_repr;
  base.tp_getset = getset;
  check(PyType_Ready(&base));
  check(PyModule_AddObjectRef(module, "Tensor", reinterpret_cast<PyObject*>(&base)));

  static std::string names[kDTypes];
  for (int i = 0; i < kDTypes; ++i) {
    PyTypeObject& t = tensor_types[i];
    t = kBlankType;
    names[i] = std::string("torch.") + kDTypeInfo[i].class_name;
    t.tp_name = names[i].c_str();
    t.tp_basicsize = sizeof(TensorObject);
    t.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE;
    t.tp_base = &base;
    t.tp_doc = base.tp_doc;
    // inherited by hand: a type with tp_richcompare of its own would lose the hash, and the free
    // list is keyed by these types
    t.tp_new = &tensor_new;
    check(PyType_Ready(&t));
    check(PyModule_AddObjectRef(module, kDTypeInfo[i].class_name, reinterpret_cast<PyObject*>(&t)));
  }

  init_dtypes(module);
}

}  // namespace torch::python
