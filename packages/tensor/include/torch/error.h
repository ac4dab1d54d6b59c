// One C++ exception class per kind of mistake; bindings map each once to the Python type of the
// same name.
#pragma once
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "torch/dtype.h"

namespace torch {

class Shape;
class Tensor;

class Error : public std::exception {
 public:
  explicit Error(std::string message) : message_(std::move(message)) {}
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

struct ValueError : Error {
  using Error::Error;
};
struct TypeError : Error {
  using Error::Error;
};
struct IndexError : Error {
  using Error::Error;
};
struct RuntimeError : Error {
  using Error::Error;
};
struct OverflowError : Error {
  using Error::Error;
};
struct MemoryError : Error {
  using Error::Error;
};
struct FileError : Error {  // a damaged file, found when its memory is first used
  using Error::Error;
};

// Text of one part of a message.
void append(std::string& out, std::string_view part);
void append(std::string& out, const char* part);
void append(std::string& out, int part);
void append(std::string& out, int64_t part);
void append(std::string& out, double part);
void append(std::string& out, DType part);          // FloatTensor
void append(std::string& out, const Shape& part);   // (2, 3)
void append(std::string& out, const Tensor& part);  // FloatTensor of size (2, 3)

template <class... Parts>
std::string message(const Parts&... parts) {
  std::string out;
  (append(out, parts), ...);
  return out;
}

// raise<ValueError>("mm: expected ", shape, ...)
template <class E, class... Parts>
[[noreturn, gnu::cold, gnu::noinline]] void raise(const Parts&... parts) {
  throw E(message(parts...));
}

}  // namespace torch
