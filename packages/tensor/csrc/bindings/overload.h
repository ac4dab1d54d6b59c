// Variables and the like where data is expected.
#pragma once
#include "bindings/object.h"

namespace torch::python {

// A TypeError that stays one within x[...], where other wrong data is an IndexError.
struct OverloadError : TypeError {
  using TypeError::TypeError;
};

// Raises it for an object that takes torch functions over.
void no_overload(const char* op, PyObject* o);

}  // namespace torch::python
