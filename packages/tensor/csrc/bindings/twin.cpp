// Copies of small Python objects for torch.autograd, which makes two with every operation: filling
// slots one by one in Python takes longer than an addition of small tensors.
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

PyMethodDef methods[] = {
    {"_twin", twin, METH_O,
     "A new object of the same class with the same values in its slots. TypeError for an object "
     "that has more than slots."},
    {nullptr, nullptr, 0, nullptr}};

}  // namespace

void init_twin(PyObject* module) {
  Object some(PyObject_CallFunction(reinterpret_cast<PyObject*>(&PyType_Type), "s(){}", "Some"));
  of_python = reinterpret_cast<PyTypeObject*>(some.get())->tp_dealloc;
  if (PyModule_AddFunctions(module, methods) < 0) throw PythonError{};
}

}  // namespace torch::python
