#include "torch/error.h"

#include <cstdio>

#include "torch/tensor.h"

namespace torch {

void append(std::string& out, std::string_view part) { out += part; }
void append(std::string& out, const char* part) { out += part; }
void append(std::string& out, int part) { out += std::to_string(part); }
void append(std::string& out, int64_t part) { out += std::to_string(part); }
void append(std::string& out, double part) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", part);
  out += text;
}
void append(std::string& out, DType part) { out += info(part).class_name; }

void append(std::string& out, const Shape& part) {
  out += '(';
  for (int i = 0; i < part.size(); ++i) {
    if (i) out += ", ";
    out += std::to_string(part[i]);
  }
  if (part.size() == 1) out += ',';
  out += ')';
}

void append(std::string& out, const Tensor& part) {
  append(out, part.dtype());
  out += " of size ";
  append(out, part.shape());
}

}  // namespace torch
