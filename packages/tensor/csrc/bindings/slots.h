// What the Tensor type takes from the files of the op families.
#pragma once
#include "bindings/object.h"

namespace torch::python {

void set_number_slots(PyNumberMethods& n);                   // elementwise.cpp
PyObject* compare(PyObject* x, PyObject* y, int operation);  // elementwise.cpp
PyObject* matmul_slot(PyObject* x, PyObject* y);             // linalg.cpp

}  // namespace torch::python
