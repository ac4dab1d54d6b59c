// pybind11 constructs a value in __init__, so that T.__new__(T) alone gives an object around
// nothing, which its methods would read. Classes that use this header construct in __new__.
#pragma once
#include <pybind11/pybind11.h>

#include "bindings/object.h"

namespace torch::python {

// T.__new__(type, ...): `make` turns the positional arguments into the value.
template <class T, T (*make)(pybind11::args)>
PyObject* construct(PyObject*, PyObject* args, PyObject* kwargs) {
  namespace py = pybind11;
  return guarded([&]() -> PyObject* {
    const auto* info = py::detail::get_type_info(typeid(T));
    PyObject* first = PyTuple_GET_SIZE(args) > 0 ? PyTuple_GET_ITEM(args, 0) : Py_None;
    auto* type = reinterpret_cast<PyTypeObject*>(first);
    if (!PyType_Check(first) || !PyType_IsSubtype(type, info->type)) {
      raise<TypeError>("__new__: expected ", info->type->tp_name, " or a subclass of it");
    }
    if (kwargs && PyDict_GET_SIZE(kwargs) > 0) {
      raise<TypeError>(type->tp_name, ": expected no keyword arguments");
    }
    Object rest(PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args)));
    T value = make(py::reinterpret_borrow<py::args>(rest.get()));
    Object self(py::detail::make_new_instance(type));
    auto* instance = reinterpret_cast<py::detail::instance*>(self.get());
    instance->get_value_and_holder(info).value_ptr() = new T(std::move(value));
    info->init_instance(instance, nullptr);
    return self.release();
  });
}

// Makes `construct` the way to an object; __init__ finds it done and does nothing.
template <class T, T (*make)(pybind11::args), class... Extra>
void construct_in_new(pybind11::class_<T, Extra...>& cls) {
  cls.def(pybind11::init([](pybind11::args args) { return make(args); }));
  static PyMethodDef entry = {
      "__new__", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&construct<T, make>)),
      METH_VARARGS | METH_KEYWORDS, nullptr};
  Object function(PyCFunction_New(&entry, nullptr));
  Object method(PyStaticMethod_New(function.get()));
  if (PyObject_SetAttrString(cls.ptr(), "__new__", method.get()) < 0) throw PythonError{};
}

}  // namespace torch::python
