// pybind11 constructs a value in __init__, so that T.__new__(T) alone gives an object around
// nothing, which its methods would read. Classes that use this header construct in __new__.
#pragma once
#include <pybind11/pybind11.h>

#include "bindings/object.h"

namespace torch::python {

// `make` turns the positional arguments into the value.
template <class T, T (*make)(pybind11::args)>
PyObject* construct(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  namespace py = pybind11;
  return guarded([&]() -> PyObject* {
    if (kwargs && PyDict_GET_SIZE(kwargs) > 0) {
      raise<TypeError>(type->tp_name, ": expected no keyword arguments");
    }
    T value = make(py::reinterpret_borrow<py::args>(args));
    Object self(py::detail::make_new_instance(type));
    auto* instance = reinterpret_cast<py::detail::instance*>(self.get());
    const auto* info = py::detail::get_type_info(typeid(T));
    instance->get_value_and_holder(info).value_ptr() = new T(std::move(value));
    info->init_instance(instance, nullptr);
    return self.release();
  });
}

// Makes `construct` the way to an object; __init__ finds it done and does nothing.
template <class T, T (*make)(pybind11::args), class... Extra>
void construct_in_new(pybind11::class_<T, Extra...>& cls) {
  cls.def(pybind11::init([](pybind11::args args) { return make(args); }));
  reinterpret_cast<PyTypeObject*>(cls.ptr())->tp_new = &construct<T, make>;
}

}  // namespace torch::python
