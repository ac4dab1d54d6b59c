// Rows of ops for Python, and the one parser of their arguments.
//
// A row names its signatures once; method, function, in-place form, `out=`, error texts and
// documentation follow. A signature is
//   (self: Tensor, value: number = 1, other: Tensor)
// Parameters with a default may be left out in front of others (as the alpha allows): a positional
// argument goes to the first parameter whose kind it matches. As a method the parameter `self` is
// the object. Alternatives are separated by " | ".
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "bindings/object.h"
#include "torch/generator.h"

namespace torch::python {

enum Forms : unsigned {
  kMethod = 1,
  kFunction = 2,
  kInplace = 4,   // a method NAME_ that writes to self
  kOut = 8,       // keyword `out`
  kPrivate = 16,  // a function of torch._C only
  // How the alpha's meaning (torch/compat.h) changes the row:
  kByCount = 32,     // all tensors are combined element by element
  kComparison = 64,  // gives booleans
  kSpread = 128,     // a list of tensors may also be given one by one
};

class Args;

struct OpDef {
  const char* name;
  unsigned forms;
  const char* signatures;
  PyObject* (*call)(Args&);
  const char* doc;
  const char* example = nullptr;  // ">>> call\nresult", run as a doctest
  // Names of the results where there are several, "values indices": the call returns a named tuple
  // and `out=` takes as many tensors.
  const char* outputs = nullptr;
};

enum class ParamKind : uint8_t {
  kTensor,
  kNumber,
  kInt,
  kBool,
  kSizes,
  kDims,
  kDType,
  kDevice,
  kGenerator,
  kTensors,
  kOperands,
  kStorage,
  kObject,
  kOutput
};

struct Param {
  std::string name;
  ParamKind kind;
  bool optional = false;
  bool keyword_only = false;
  bool none = false;  // None is accepted and means "not given"
  int outputs = 1;    // of `out`
  bool mask = false;
  std::string default_text;
  Scalar default_value;
};

struct Signature {
  std::vector<Param> params;
  int self = -1;  // position of `self`
  std::string text;
};

struct Op {
  const OpDef* def = nullptr;
  int outputs = 1;
  PyTypeObject* result_type = nullptr;  // of several results
  std::vector<Signature> signatures;
  std::string inplace_name;
};

inline constexpr int kMaxParams = 16;

// The arguments of one call, by position in the matched signature.
class Args {
 public:
  const Op* op = nullptr;
  bool inplace = false;
  int signature = 0;  // which alternative matched

  const char* name() const { return inplace ? op->inplace_name.c_str() : op->def->name; }
  bool has(int i) const { return slot_[i] != nullptr; }
  PyObject* object(int i) const { return slot_[i]; }
  const Tensor& tensor(int i) const { return unwrap(slot_[i]); }
  const Tensor* tensor_or_null(int i) const { return slot_[i] ? &unwrap(slot_[i]) : nullptr; }
  Input input(int i) const {
    return slot_[i] && is_tensor(slot_[i]) ? Input(unwrap(slot_[i])) : Input(number(i));
  }
  Scalar number(int i) const { return slot_[i] ? to_scalar(slot_[i]) : param(i).default_value; }
  double real(int i) const { return number(i).as_double(); }
  int64_t integer(int i) const { return slot_[i] ? to_int(slot_[i]) : param(i).default_value.i; }
  bool boolean(int i) const {
    return slot_[i] ? PyObject_IsTrue(slot_[i]) == 1 : param(i).default_value.i != 0;
  }
  Shape sizes(int i) const;                              // also dims; empty when not given
  std::vector<Tensor> tensors(int i) const;              // also operands
  std::string text(int i, const char* otherwise) const;  // of a str; TypeError for another object
  DType dtype(int i, DType otherwise) const {
    return slot_[i] ? find_dtype(name(), slot_[i]) : otherwise;
  }
  Device device(int i, Device otherwise = {}) const;
  Generator& generator(int i) const;

  Tensor& self() const { return unwrap(self_); }
  Tensor* out();                    // where the result goes: self (in place), out=, or null
  PyObject* finish(Tensor result);  // self, the out object, or the wrapped result
  // The same for a result that was computed apart from `out`: it is copied there.
  PyObject* finish_copy(Tensor result);
  // Several results as a named tuple, written to `out=` where that was given; without it a result
  // without dimensions is a Python number.
  PyObject* finish_all(std::initializer_list<Tensor> results);
  // The same for one result.
  PyObject* finish_one(Tensor result);

 private:
  friend bool match(const Op&, const Signature&, Args&, PyObject* self, PyObject* const* args,
                    Py_ssize_t n, PyObject* names, bool loose);
  friend PyObject* call_alpha(const Op& op, Args& a, PyObject* self, PyObject* const* args,
                              Py_ssize_t n, PyObject* names);
  void follow_alpha();
  const Param& param(int i) const { return op->signatures[signature].params[i]; }
  PyObject* slot_[kMaxParams];
  PyObject* self_ = nullptr;
  PyObject* out_ = nullptr;
  PyObject* const* rest_ = nullptr;  // ints that were given one by one for a parameter of sizes
  int rest_count_ = 0;
  int rest_slot_ = -1;
  std::vector<Object> owned_;            // arguments that compatibility replaced
  PyObject* const* operands_ = nullptr;  // tensors that were given one by one
  int operands_count_ = 0;
  int operands_slot_ = -1;
};

PyObject* call_op(const Op& op, bool inplace, PyObject* self, PyObject* const* args, Py_ssize_t n,
                  PyObject* names) noexcept;
Op compile(const OpDef& def);
// The compiled row of that name, which must exist.
const Op& find_op(const char* name);

// Collects the rows of all families.
class OpRegistry {
 public:
  // `table` is a constexpr array of OpDef.
  template <const auto& table>
  void add() {
    add_rows<table>(std::make_index_sequence<std::size(table)>{});
  }
  void install(PyObject* module);  // methods into torch.Tensor, functions into torch._C

 private:
  struct Entry {
    const Op* op;
    PyCFunction method, function, inplace;
  };
  template <const auto& table, size_t I>
  inline static Op compiled;
  template <const auto& table, size_t I>
  static PyObject* method_entry(PyObject* self, PyObject* const* args, Py_ssize_t n,
                                PyObject* names) {
    return call_op(compiled<table, I>, false, self, args, n, names);
  }
  template <const auto& table, size_t I>
  static PyObject* inplace_entry(PyObject* self, PyObject* const* args, Py_ssize_t n,
                                 PyObject* names) {
    return call_op(compiled<table, I>, true, self, args, n, names);
  }
  template <const auto& table, size_t I>
  static PyObject* function_entry(PyObject*, PyObject* const* args, Py_ssize_t n, PyObject* names) {
    return call_op(compiled<table, I>, false, nullptr, args, n, names);
  }
  template <const auto& table, size_t... I>
  void add_rows(std::index_sequence<I...>) {
    (add_row<table, I>(), ...);
  }
  template <const auto& table, size_t I>
  void add_row() {
    compiled<table, I> = compile(table[I]);
    auto c = [](auto* f) { return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(f)); };
    entries_.push_back({&compiled<table, I>, c(&method_entry<table, I>),
                        c(&function_entry<table, I>), c(&inplace_entry<table, I>)});
  }
  std::vector<Entry> entries_;
};

// one per family, in its file
void add_elementwise(OpRegistry& r);
void add_reduce(OpRegistry& r);
void add_scan(OpRegistry& r);
void add_view(OpRegistry& r);
void add_create(OpRegistry& r);
void add_rearrange(OpRegistry& r);
void add_triangle(OpRegistry& r);
void add_copy(OpRegistry& r);
void add_exchange(OpRegistry& r);
void add_dlpack(OpRegistry& r);
void add_index(OpRegistry& r);
void add_mask(OpRegistry& r);
void add_apply(OpRegistry& r);
void add_linalg(OpRegistry& r);
void add_einsum(OpRegistry& r);
void add_lapack(OpRegistry& r);
void add_matrix(OpRegistry& r);
void add_random(OpRegistry& r);
void add_nn(OpRegistry& r);
void add_optim(OpRegistry& r);
void add_activation(OpRegistry& r);
void add_norm(OpRegistry& r);
void add_pool(OpRegistry& r);
void add_rnn(OpRegistry& r);
void add_compat(OpRegistry& r);
void add_sort(OpRegistry& r);
void add_search(OpRegistry& r);
void add_histogram(OpRegistry& r);

}  // namespace torch::python
