// What torch.autograd asks of Python's objects. It copies two small ones with every operation, and
// filling slots one by one in Python takes longer than an addition of small tensors. And it keeps a
// gradient as it is if nobody else has it: what sys.getrefcount() tells of a local variable depends
// on how the interpreter passes arguments, the count of what lies in a dict does not.
#include "bindings/object.h"
#include "torch/error.h"

namespace torch::python {
namespace {

destructor of_python = nullptr;  // how Python's own classes free their instances

// Whether instances hold nothing but slots: every class below object was written in Python, and
// none has a __dict__.
bool has_slots_only(PyTypeObject* type) {
  if (type->tp_dictoffset != 0 || type->tp_itemsize != 0) return false;
#ifdef Py_TPFLAGS_MANAGED_DICT
  if (PyType_HasFeature(type, Py_TPFLAGS_MANAGED_DICT)) return false;
#endif
  for (; type != &PyBaseObject_Type; type = type->tp_base) {
    if (!type || type->tp_dealloc != of_python) return false;
  }
  return true;
}

PyObject* twin(PyObject*, PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  if (!has_slots_only(type)) {
    PyErr_Format(PyExc_TypeError, "_twin: expected an object with slots only, got %s",
                 type->tp_name);
    return nullptr;
  }
  PyObject* copy = type->tp_alloc(type, 0);
  if (!copy) return nullptr;
  constexpr Py_ssize_t kWord = sizeof(PyObject*);
  for (Py_ssize_t at = sizeof(PyObject); at < type->tp_basicsize; at += kWord) {
    if (at == type->tp_weaklistoffset) continue;  // nobody refers to the copy
    auto slot = [at](PyObject* o) {
      return reinterpret_cast<PyObject**>(reinterpret_cast<char*>(o) + at);
    };
    *slot(copy) = Py_XNewRef(*slot(object));
  }
  return copy;
}

// Whether the storage is t's alone and t is all of it, in order.
bool owns_memory(const Tensor& t) {
  const Storage& s = *t.storage();
  return s.refs() == 1 && s.is_private() && t.numel() == s.size() && t.offset() == 0 &&
         t.is_contiguous();
}

PyObject* is_only_in(PyObject*, PyObject* const* args, Py_ssize_t count) {
  if (count != 2 || !PyDict_Check(args[0])) {
    PyErr_SetString(PyExc_TypeError, "_is_only_in: expected a dict and a key");
    return nullptr;
  }
  PyObject* value = PyDict_GetItemWithError(args[0], args[1]);
  if (!value && PyErr_Occurred()) return nullptr;
  bool only = value && Py_REFCNT(value) == 1 && is_tensor(value) && owns_memory(unwrap(value));
  return PyBool_FromLong(only);
}

PyMethodDef methods[] = {
    {"_twin", twin, METH_O,
     "A new object of the same class with the same values in its slots. TypeError for an object "
     "that has more than slots."},
    {"_is_only_in", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(is_only_in)),
     METH_FASTCALL,
     "Whether dict[key] is a tensor that nothing else refers to, over memory that is its own and "
     "of which it is the whole, in order: whoever takes it out need not copy it."},
    {nullptr, nullptr, 0, nullptr}};

}  // namespace

void init_twin(PyObject* module) {
  Object some(PyObject_CallFunction(reinterpret_cast<PyObject*>(&PyType_Type), "s(){}", "Some"));
  of_python = reinterpret_cast<PyTypeObject*>(some.get())->tp_dealloc;
  if (PyModule_AddFunctions(module, methods) < 0) throw PythonError{};
}

}  // namespace torch::python
