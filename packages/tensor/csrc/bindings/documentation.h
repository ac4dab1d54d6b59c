// What help(), inspect and doctests read of a row of the op table.
#pragma once
#include <string>

#include "bindings/parser.h"

namespace torch::python {

enum class Form : uint8_t { kFunction, kMethod, kInplace };

// The signature in Python's words, then every signature with its kinds, the text and the example.
std::string documentation(const Op& op, const std::string& name, Form form);

}  // namespace torch::python
