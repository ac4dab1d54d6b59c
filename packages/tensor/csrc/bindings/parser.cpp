#include "bindings/parser.h"

#include "bindings/compat.h"
#include "bindings/documentation.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <map>
#include <unordered_map>

#include "torch/ops/copy.h"
#include "torch/ops/reduce.h"

namespace torch::python {
namespace {

struct KindName {
  const char* name;
  ParamKind kind;
};
constexpr KindName kKinds[] = {
    {"Tensor", ParamKind::kTensor},       {"LongTensor", ParamKind::kTensor},
    {"mask", ParamKind::kTensor},         {"number", ParamKind::kNumber},
    {"float", ParamKind::kNumber},        {"int", ParamKind::kInt},
    {"bool", ParamKind::kBool},           {"sizes", ParamKind::kSizes},
    {"dims", ParamKind::kDims},           {"dtype", ParamKind::kDType},
    {"Generator", ParamKind::kGenerator}, {"tensors", ParamKind::kTensors},
    {"Storage", ParamKind::kStorage},     {"object", ParamKind::kObject},
    {"device", ParamKind::kDevice},       {"operands", ParamKind::kOperands},
};

// NumPy's and today's words for the same argument.
constexpr std::pair<const char*, const char*> kAliases[] = {
    {"input", "self"},
    {"axis", "dim"},
    {"axis", "dims"},
    {"dim", "dims"},
    {"axes", "dims"},
    {"keepdims", "keepdim"},
    {"size", "shape"},
    {"other", "mat2"},
    {"x2", "other"},
    {"from_", "from"},
    {"low", "from"},
    {"high", "to"},
    {"mean", "means"},
    {"var", "std"},
    {"indices", "index"},
    {"storage", "source"},
    {"sourceStorage", "source"},
    {"ddof", "correction"},
    {"shift", "shifts"},
    {"reps", "repeats"},
    {"sorted_sequence", "self"},
    {"v", "values"},
};

std::string strip(const std::string& s) {
  size_t a = s.find_first_not_of(' '), b = s.find_last_not_of(' ');
  return a == std::string::npos ? "" : s.substr(a, b - a + 1);
}

Scalar parse_default(const std::string& text) {
  if (text == "True") return Scalar(true);
  if (text == "False" || text == "None") return Scalar(false);
  if (text.find_first_of(".e") != std::string::npos)
    return Scalar(std::strtod(text.c_str(), nullptr));
  return Scalar(static_cast<int64_t>(std::strtoll(text.c_str(), nullptr, 10)));
}

Signature parse_signature(std::string text, bool with_out, int outputs) {
  Signature s;
  s.text = text;
  if (with_out) {
    bool keywords = text.find("*, ") != std::string::npos;
    s.text = text.substr(0, text.size() - 1) +
             (keywords       ? ""
              : text == "()" ? "*"
                             : ", *") +
             (outputs == 1 ? ", out: Tensor = None)" : ", out: tensors = None)");
  }
  std::string body = text.substr(1, text.size() - 2);
  bool keyword_only = false;
  while (!body.empty()) {
    size_t comma = body.find(", ");
    std::string part = strip(body.substr(0, comma));
    body = comma == std::string::npos ? "" : body.substr(comma + 2);
    if (part == "*") {
      keyword_only = true;
      continue;
    }
    Param p;
    p.keyword_only = keyword_only;
    size_t colon = part.find(':'), equals = part.find('=');
    p.name = strip(part.substr(0, colon));
    std::string kind =
        strip(part.substr(colon + 1, equals == std::string::npos ? equals : equals - colon - 1));
    for (const KindName& k : kKinds) {
      if (kind == k.name) p.kind = k.kind;
    }
    p.mask = kind == "mask";
    if (equals != std::string::npos) {
      p.optional = true;
      p.default_text = strip(part.substr(equals + 1));
      p.default_value = parse_default(p.default_text);
      p.none = p.default_text == "None";
    }
    if (p.name == "self") s.self = static_cast<int>(s.params.size());
    s.params.push_back(p);
  }
  if (with_out) {
    Param out;
    out.name = "out";
    out.kind = ParamKind::kOutput;
    out.optional = out.keyword_only = out.none = true;
    out.outputs = outputs;
    out.default_text = "None";
    s.params.push_back(out);
  }
  return s;
}

bool is_int(PyObject* o) {
  return PyLong_Check(o) ||
         (!PyFloat_Check(o) && !is_tensor(o) && PyIndex_Check(o) && is_number(o));
}

bool is_int_sequence(PyObject* o) {
  if (!PyTuple_Check(o) && !PyList_Check(o)) return false;
  Py_ssize_t n = PySequence_Fast_GET_SIZE(o);
  PyObject** items = PySequence_Fast_ITEMS(o);
  for (Py_ssize_t i = 0; i < n; ++i) {
    if (!is_int(items[i])) return false;
  }
  return true;
}

bool is_tensor_sequence(PyObject* o) {
  if (!PyTuple_Check(o) && !PyList_Check(o)) return false;
  Py_ssize_t n = PySequence_Fast_GET_SIZE(o);
  PyObject** items = PySequence_Fast_ITEMS(o);
  for (Py_ssize_t i = 0; i < n; ++i) {
    if (!is_tensor(items[i])) return false;
  }
  return true;
}

// `loose`: tensors and arrays without dimensions count as numbers.
bool accepts(const Param& p, PyObject* o, bool loose) {
  if (p.none && o == Py_None) return true;
  switch (p.kind) {
    case ParamKind::kTensor:
      return is_tensor(o);
    case ParamKind::kOutput:
      return is_tensor(o) ||
             (p.outputs > 1 && is_tensor_sequence(o) && PySequence_Fast_GET_SIZE(o) == p.outputs);
    case ParamKind::kNumber:
      return is_number(o) || (loose && is_scalar_like(o));
    case ParamKind::kInt:
      return is_int(o) || (loose && is_scalar_like(o));
    case ParamKind::kBool:
      return PyBool_Check(o) || (PyLong_Check(o));
    case ParamKind::kSizes:
      return is_int_sequence(o) || is_int(o);
    case ParamKind::kDims:
      return is_int(o) || is_int_sequence(o);
    case ParamKind::kDType:
      return names_dtype(o);
    case ParamKind::kDevice:
      return PyUnicode_Check(o);
    case ParamKind::kTensors:
      return is_tensor_sequence(o);
    case ParamKind::kOperands:
      return is_tensor(o) || is_tensor_sequence(o);
    case ParamKind::kStorage:
      return is_storage(o);
    case ParamKind::kGenerator:
      return std::strcmp(Py_TYPE(o)->tp_name, "torch._C.Generator") == 0;
    case ParamKind::kObject:
      return true;
  }
  return false;
}

bool same_name(PyObject* given, const std::string& name) {
  if (PyUnicode_CompareWithASCIIString(given, name.c_str()) == 0) return true;
  for (auto [alias, meaning] : kAliases) {
    if (name == meaning && PyUnicode_CompareWithASCIIString(given, alias) == 0) return true;
  }
  return false;
}

std::string type_names(PyObject* self, PyObject* const* args, Py_ssize_t n, PyObject* names) {
  std::string out = "(";
  auto add = [&](PyObject* o) {
    if (out.size() > 1) out += ", ";
    const char* name = Py_TYPE(o)->tp_name;
    const char* dot = std::strrchr(name, '.');
    out += dot ? dot + 1 : name;
  };
  if (self) add(self);
  for (Py_ssize_t i = 0; i < n; ++i) add(args[i]);
  for (Py_ssize_t i = 0; names && i < PyTuple_GET_SIZE(names); ++i) {
    PyObject* name = PyTuple_GET_ITEM(names, i);
    if (out.size() > 1) out += ", ";
    const char* keyword = PyUnicode_AsUTF8(name);
    if (!keyword) PyErr_Clear();  // not encodable
    out += keyword ? keyword : "?";
    out += '=';
    const char* type = Py_TYPE(args[n + i])->tp_name;
    const char* dot = std::strrchr(type, '.');
    out += dot ? dot + 1 : type;
  }
  return out + ")";
}

[[noreturn]] void no_match(const Op& op, bool inplace, PyObject* self, PyObject* const* args,
                           Py_ssize_t n, PyObject* names) {
  const char* name = inplace ? op.inplace_name.c_str() : op.def->name;
  std::string allowed;
  for (const Signature& s : op.signatures) {
    std::string text = s.text;
    if (inplace) {
      size_t at = text.find(", *, out");
      if (at != std::string::npos) text = text.substr(0, at) + ")";
    }
    allowed += "\n  " + std::string(name) + text;
  }
  raise<TypeError>(name, ": got ", type_names(self, args, n, names),
                   op.signatures.size() > 1 ? ", expected one of" : ", expected", allowed);
}

// The torch function or the Tensor method of an op, looked up once.
PyObject* function_of(const Op& op, bool inplace) {
  static std::unordered_map<const Op*, PyObject*> found[2];
  PyObject*& function = found[inplace][&op];
  if (function) return function;
  if (inplace || !(op.def->forms & (kFunction | kPrivate))) {
    function = Object(PyObject_GetAttrString(reinterpret_cast<PyObject*>(&tensor_type),
                                             inplace ? op.inplace_name.c_str() : op.def->name))
                   .release();
  } else {
    Object module(PyImport_ImportModule("torch._C"));
    function = Object(PyObject_GetAttrString(module.get(), op.def->name)).release();
  }
  return function;
}

// Hands the call over to the first argument that has __torch_function__; null when there is none.
PyObject* dispatch_overload(const Op& op, bool inplace, PyObject* self, PyObject* const* args,
                            Py_ssize_t n, PyObject* names) {
  PyObject* owner = nullptr;
  Py_ssize_t total = n + (names ? PyTuple_GET_SIZE(names) : 0);
  auto look = [&](PyObject* o) {
    if (owner || is_tensor(o)) return;
    if (PyTuple_Check(o) || PyList_Check(o)) {
      for (Py_ssize_t i = 0; !owner && i < PySequence_Fast_GET_SIZE(o); ++i) {
        PyObject* item = PySequence_Fast_ITEMS(o)[i];
        if (!is_tensor(item) && is_overloaded(item)) owner = item;
      }
    } else if (is_overloaded(o)) {
      owner = o;
    }
  };
  for (Py_ssize_t i = 0; i < total; ++i) look(args[i]);
  if (!owner) return nullptr;
  PyObject* type = reinterpret_cast<PyObject*>(Py_TYPE(owner));
  static PyObject* handler_name = PyUnicode_InternFromString("__torch_function__");
  Object handler(PyObject_GetAttr(type, handler_name));
  Object types(PyTuple_Pack(1, type));
  Py_ssize_t shift = self ? 1 : 0;
  Object positional(PyTuple_New(n + shift));
  if (self) PyTuple_SET_ITEM(positional.get(), 0, Py_NewRef(self));
  for (Py_ssize_t i = 0; i < n; ++i)
    PyTuple_SET_ITEM(positional.get(), i + shift, Py_NewRef(args[i]));
  Object keywords(PyDict_New());
  for (Py_ssize_t i = n; i < total; ++i) {
    if (PyDict_SetItem(keywords.get(), PyTuple_GET_ITEM(names, i - n), args[i]) < 0)
      throw PythonError{};
  }
  return Object(PyObject_CallFunctionObjArgs(handler.get(), function_of(op, inplace), types.get(),
                                             positional.get(), keywords.get(), nullptr))
      .release();
}

}  // namespace

bool match(const Op& op, const Signature& s, Args& a, PyObject* self, PyObject* const* args,
           Py_ssize_t n, PyObject* names, bool loose) {
  Py_ssize_t i = 0, keywords = names ? PyTuple_GET_SIZE(names) : 0, used = 0;
  a.self_ = a.out_ = nullptr;
  a.rest_slot_ = a.operands_slot_ = -1;
  int count = static_cast<int>(s.params.size());
  for (int k = 0; k < count; ++k) {
    const Param& p = s.params[k];
    PyObject* value = nullptr;
    if (self && k == s.self) {
      value = self;
    } else if (i < n && p.kind == ParamKind::kTensors && op.def->forms & kSpread &&
               is_tensor(args[i])) {
      Py_ssize_t end = i;
      while (end < n && is_tensor(args[end])) ++end;
      Object list(PyTuple_New(end - i));
      for (Py_ssize_t j = 0; i < end; ++i, ++j) PyTuple_SET_ITEM(list.get(), j, Py_NewRef(args[i]));
      value = list.get();
      a.owned_.push_back(std::move(list));
    } else if (i < n && !p.keyword_only && accepts(p, args[i], loose)) {
      value = args[i];
      if (p.kind == ParamKind::kSizes && is_int(value)) {
        a.rest_ = args + i;
        a.rest_slot_ = k;
        while (i < n && is_int(args[i])) ++i;
        a.rest_count_ = static_cast<int>(args + i - a.rest_);
      } else if (p.kind == ParamKind::kOperands && is_tensor(value)) {
        a.operands_ = args + i;
        a.operands_slot_ = k;
        while (i < n && is_tensor(args[i])) ++i;
        a.operands_count_ = static_cast<int>(args + i - a.operands_);
      } else {
        ++i;
      }
    } else if (keywords > used) {
      for (Py_ssize_t j = 0; j < keywords && !value; ++j) {
        if (!same_name(PyTuple_GET_ITEM(names, j), p.name)) continue;
        value = args[n + j];
        if (!accepts(p, value, loose)) return false;
        ++used;
        if (p.kind == ParamKind::kOperands && is_tensor(value)) {
          a.operands_ = args + n + j;
          a.operands_slot_ = k;
          a.operands_count_ = 1;
        }
        if (p.kind == ParamKind::kSizes && is_int(value)) {
          a.rest_ = args + n + j;
          a.rest_slot_ = k;
          a.rest_count_ = 1;
        }
      }
    }
    if (!value && !p.optional) {
      if (p.kind != ParamKind::kSizes) return false;
      a.rest_slot_ = k;  // no size at all: a tensor without dimensions
      a.rest_count_ = 0;
    }
    if (value == Py_None && p.none) value = nullptr;
    a.slot_[k] = value;
    if (k == s.self) a.self_ = value;
    if (p.kind == ParamKind::kOutput) {
      if (value && a.inplace) return false;  // the result goes to self
      a.out_ = value;
    }
  }
  return i == n && used == keywords;
}

// Rewrites matched arguments to what they meant in the alpha.
void Args::follow_alpha() {
  const Signature& s = op->signatures[signature];
  int count = static_cast<int>(s.params.size());
  if (compat::on(Flag::match_by_count)) {
    const Tensor* first = nullptr;
    for (int k = 0; k < count; ++k) {
      const Param& p = s.params[k];
      if (p.kind != ParamKind::kTensor || !slot_[k] || !is_tensor(slot_[k])) continue;
      if (!first) {
        first = &unwrap(slot_[k]);
      } else if ((op->def->forms & kByCount || p.mask) &&
                 unwrap(slot_[k]).shape() != first->shape()) {
        owned_.emplace_back(wrap(matched_by_count(name(), *first, unwrap(slot_[k]))));
        slot_[k] = owned_.back().get();
      }
    }
  }
  if (compat::on(Flag::keepdim)) {
    bool along = false;
    for (int k = 0; k < count; ++k) {
      const Param& p = s.params[k];
      if (p.name == "dim") along = slot_[k] || !p.none;
      if (p.name == "keepdim" && !slot_[k] && along) slot_[k] = Py_True;
    }
  }
}

// A call under the alpha's flags: functions also take their outputs first.
PyObject* call_alpha(const Op& op, Args& a, PyObject* self, PyObject* const* args, Py_ssize_t n,
                     PyObject* names) {
  auto attempt = [&](PyObject* const* rest, Py_ssize_t count) -> bool {
    for (size_t k = 0; k < op.signatures.size(); ++k) {
      a.signature = static_cast<int>(k);
      if (match(op, op.signatures[k], a, self, rest, count, names, false)) return true;
    }
    return false;
  };
  auto call = [&] {
    a.follow_alpha();
    PyObject* result = op.def->call(a);
    return op.def->forms & kComparison ? comparison_result(result) : result;
  };
  if (attempt(args, n)) return call();
  if (self || !(op.def->forms & kOut) || !compat::on(Flag::outputs_first) || n < op.outputs)
    return nullptr;
  for (int k = 0; k < op.outputs; ++k) {
    if (!is_tensor(args[k])) return nullptr;
  }
  if (!attempt(args + op.outputs, n - op.outputs) || a.out_) return nullptr;
  if (op.outputs == 1) {
    a.out_ = args[0];
  } else {
    Object outputs(PyTuple_New(op.outputs));
    for (int k = 0; k < op.outputs; ++k) PyTuple_SET_ITEM(outputs.get(), k, Py_NewRef(args[k]));
    a.out_ = outputs.get();
    a.owned_.push_back(std::move(outputs));
  }
  return call();
}

PyObject* call_op(const Op& op, bool inplace, PyObject* self, PyObject* const* args, Py_ssize_t n,
                  PyObject* names) noexcept {
  return guarded([&]() -> PyObject* {
    Args a;
    a.op = &op;
    a.inplace = inplace;
    auto attempt = [&](bool loose) -> PyObject* {
      for (size_t k = 0; k < op.signatures.size(); ++k) {
        a.signature = static_cast<int>(k);
        if (match(op, op.signatures[k], a, self, args, n, names, loose)) return op.def->call(a);
      }
      return nullptr;
    };
    PyObject* result = compat::any() ? call_alpha(op, a, self, args, n, names) : attempt(false);
    if (result || PyErr_Occurred()) return result;
    if ((result = dispatch_overload(op, inplace, self, args, n, names))) return result;
    if ((result = attempt(true)) || PyErr_Occurred()) return result;
    no_match(op, inplace, self, args, n, names);
  });
}

Shape Args::sizes(int i) const {
  if (i == rest_slot_) {
    Shape out;
    for (int k = 0; k < rest_count_; ++k) out.push_back(to_int(rest_[k]));
    return out;
  }
  if (!slot_[i]) return {};
  if (PyTuple_Check(slot_[i]) || PyList_Check(slot_[i])) return to_shape(slot_[i]);
  return {to_int(slot_[i])};
}

std::string Args::text(int i, const char* otherwise) const {
  if (!slot_[i]) return otherwise;
  const char* text = PyUnicode_Check(slot_[i]) ? PyUnicode_AsUTF8(slot_[i]) : nullptr;
  if (!text) {
    PyErr_Clear();
    raise<TypeError>(name(), ": expected a str as ", param(i).name, ", got ",
                     Py_TYPE(slot_[i])->tp_name);
  }
  return text;
}

Device Args::device(int i, Device otherwise) const {
  return slot_[i] ? unwrap_device(name(), slot_[i]) : otherwise;
}

std::vector<Tensor> Args::tensors(int i) const {
  std::vector<Tensor> out;
  if (i == operands_slot_) {
    for (int k = 0; k < operands_count_; ++k) out.push_back(unwrap(operands_[k]));
    return out;
  }
  Py_ssize_t n = PySequence_Fast_GET_SIZE(slot_[i]);
  for (Py_ssize_t k = 0; k < n; ++k) out.push_back(unwrap(PySequence_Fast_ITEMS(slot_[i])[k]));
  return out;
}

Tensor* Args::out() {
  if (inplace) return &unwrap(self_);
  if (out_ && !is_tensor(out_))
    raise<TypeError>(name(), ": expected one tensor as out, got ", op->outputs);
  return out_ ? &unwrap(out_) : nullptr;
}

PyObject* Args::finish_all(std::initializer_list<Tensor> results) {
  if (out_ && is_tensor(out_))
    raise<TypeError>(name(), ": expected ", op->outputs, " tensors as out, got one");
  Object tuple(PyStructSequence_New(op->result_type));
  Py_ssize_t i = 0;
  for (const Tensor& result : results) {
    PyObject* item;
    if (out_) {
      item = Py_NewRef(PySequence_Fast_ITEMS(out_)[i]);
      ops::check_out(name(), unwrap(item), result.shape(), result.dtype());
      ops::copy_(unwrap(item), result);
    } else {
      item = result.ndim() == 0 ? to_python(ops::item(result)) : wrap(result);
    }
    PyStructSequence_SetItem(tuple.get(), i++, item);
  }
  return tuple.release();
}

PyObject* Args::finish_copy(Tensor result) { return finish(ops::deliver(name(), result, out())); }

PyObject* Args::finish_one(Tensor result) {
  if (!out() && result.ndim() == 0) return to_python(ops::item(result));
  return finish_copy(std::move(result));
}

PyObject* Args::finish(Tensor result) {
  if (inplace) return Py_NewRef(self_);
  if (out_) return Py_NewRef(out_);
  return wrap(std::move(result));
}

namespace {

// The named tuple with these fields, one type for all ops that have them.
PyTypeObject* result_type(const std::string& fields) {
  static std::map<std::string, PyTypeObject*> types;
  PyTypeObject*& type = types[fields];
  if (type) return type;
  std::string name = "torch._C._";
  bool capital = true;
  for (char c : fields) {
    if (c != ' ') name += capital ? static_cast<char>(std::toupper(c)) : c;
    capital = c == ' ';
  }
  auto* field = new std::vector<PyStructSequence_Field>;
  size_t at = 0;
  while (at < fields.size()) {
    size_t space = std::min(fields.find(' ', at), fields.size());
    field->push_back({strdup(fields.substr(at, space - at).c_str()), nullptr});
    at = space + 1;
  }
  int count = static_cast<int>(field->size());
  field->push_back({nullptr, nullptr});
  PyStructSequence_Desc description{strdup(name.c_str()), "Several results of one operation.",
                                    field->data(), count};
  type = PyStructSequence_NewType(&description);
  if (!type) throw PythonError{};
  return type;
}

}  // namespace

Op compile(const OpDef& def) {
  Op op;
  op.def = &def;
  op.inplace_name = std::string(def.name) + "_";
  if (def.outputs) {
    op.outputs =
        1 + static_cast<int>(std::count(def.outputs, def.outputs + std::strlen(def.outputs), ' '));
    op.result_type = result_type(def.outputs);
  }
  std::string text = def.signatures;
  while (!text.empty()) {
    size_t bar = text.find(" | ");
    op.signatures.push_back(parse_signature(text.substr(0, bar), def.forms & kOut, op.outputs));
    text = bar == std::string::npos ? "" : text.substr(bar + 3);
  }
  return op;
}

namespace {

PyMethodDef* keep(const std::string& name, PyCFunction f,
                  const std::string& doc) {  // lives as long as the interpreter
  return new PyMethodDef{strdup(name.c_str()), f, METH_FASTCALL | METH_KEYWORDS,
                         strdup(doc.c_str())};
}

}  // namespace

namespace {
std::map<std::string, const Op*> all_ops;
}

const Op& find_op(const char* name) { return *all_ops.at(name); }

void OpRegistry::install(PyObject* module) {
  for (const Entry& e : entries_) all_ops[e.op->def->name] = e.op;
  PyObject* methods = tensor_type.tp_dict;
  Object module_name = Object(PyUnicode_FromString("torch"));
  for (const Entry& e : entries_) {
    const OpDef& def = *e.op->def;
    auto set_method = [&](const std::string& name, PyCFunction f, Form form) {
      Object descriptor(
          PyDescr_NewMethod(&tensor_type, keep(name, f, documentation(*e.op, name, form))));
      if (PyDict_SetItemString(methods, name.c_str(), descriptor.get()) < 0) throw PythonError{};
    };
    if (def.forms & kMethod) set_method(def.name, e.method, Form::kMethod);
    if (def.forms & kInplace) set_method(e.op->inplace_name, e.inplace, Form::kInplace);
    if (def.forms & (kFunction | kPrivate)) {
      Object f(PyCFunction_NewEx(
          keep(def.name, e.function, documentation(*e.op, def.name, Form::kFunction)), nullptr,
          module_name.get()));
      if (PyObject_SetAttrString(module, def.name, f.get()) < 0) throw PythonError{};
    }
  }
  for (const Entry& e : entries_) {  // where pickle finds them
    PyTypeObject* type = e.op->result_type;
    if (!type) continue;
    const char* name = std::strrchr(type->tp_name, '.');
    if (PyObject_SetAttrString(module, name + 1, reinterpret_cast<PyObject*>(type)) < 0)
      throw PythonError{};
  }
  // what stubs, docs and tests are made from
  Object rows(PyList_New(0));
  for (const Entry& e : entries_) {
    Object alternatives(PyList_New(0));
    for (const Signature& s : e.op->signatures) {
      Object text(PyUnicode_FromString(s.text.c_str()));
      if (PyList_Append(alternatives.get(), text.get()) < 0) throw PythonError{};
    }
    unsigned f = e.op->def->forms;
    Object row(Py_BuildValue(
        "{s:s, s:O, s:O, s:O, s:O, s:O, s:s}", "name", e.op->def->name, "signatures",
        alternatives.get(), "method", f & kMethod ? Py_True : Py_False, "function",
        f & kFunction ? Py_True : Py_False, "inplace", f & kInplace ? Py_True : Py_False, "private",
        f & kPrivate ? Py_True : Py_False, "doc", e.op->def->doc));
    if (PyList_Append(rows.get(), row.get()) < 0) throw PythonError{};
  }
  if (PyObject_SetAttrString(module, "_op_table", rows.get()) < 0) throw PythonError{};
  // what `from torch._C import *` gives: everything public but the functions that only other parts
  // of torch call
  Object names(PyList_New(0));
  PyObject *name, *value;
  Py_ssize_t at = 0;
  while (PyDict_Next(PyModule_GetDict(module), &at, &name, &value)) {
    const char* text = PyUnicode_AsUTF8(name);
    bool is_private = text[0] == '_';
    for (const Entry& e : entries_)
      is_private |= (e.op->def->forms & kPrivate) && std::strcmp(text, e.op->def->name) == 0;
    if (!is_private && PyList_Append(names.get(), name) < 0) throw PythonError{};
  }
  if (PyObject_SetAttrString(module, "__all__", names.get()) < 0) throw PythonError{};
  PyType_Modified(&tensor_type);
}

}  // namespace torch::python
