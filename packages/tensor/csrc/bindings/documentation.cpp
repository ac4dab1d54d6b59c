#include "bindings/documentation.h"

#include <algorithm>

namespace torch::python {
namespace {

void remove_param(std::string& text, const std::string& declaration) {
  size_t at = text.find(declaration);
  if (at == std::string::npos) return;
  size_t end = at + declaration.size();
  if (text.compare(end, 2, ", ") == 0) {
    end += 2;
  } else if (at >= 2 && text.compare(at - 2, 2, ", ") == 0) {
    at -= 2;
  }
  text.erase(at, end - at);
}

// "(self: Tensor, dim: int)" as this form takes it.
std::string shown(const Signature& s, Form form) {
  std::string text = s.text;
  if (form != Form::kFunction) remove_param(text, "self: Tensor");
  if (form == Form::kInplace) {  // the result goes to self
    size_t at = text.find(", out: ");
    if (at != std::string::npos) text = text.substr(0, at) + ")";
    if (text.ends_with(", *)")) text = text.substr(0, text.size() - 4) + ")";
    if (text == "(*)") text = "()";
  }
  return text;
}

// A word that Python reserves cannot be a keyword; the parser takes this one for it.
std::string python_name(const std::string& name, Form form) {
  if (name == "from") return "from_";
  return name == "self" && form == Form::kFunction ? "input" : name;
}

bool has_param(const Signature& s, const std::string& name) {
  return std::any_of(s.params.begin(), s.params.end(),
                     [&](const Param& p) { return p.name == name; });
}

// "($self, dim=None, keepdim=False)": the longest signature, as inspect can parse it. What may be
// left out in front of something required is a keyword there, and so is a generator, which nobody
// has to name in front of what is optional; what another signature does without has a default.
std::string python_signature(const Op& op, Form form) {
  auto longest = std::max_element(
      op.signatures.begin(), op.signatures.end(),
      [](const Signature& a, const Signature& b) { return a.params.size() < b.params.size(); });
  std::vector<Param> params = longest->params;
  size_t required = 0;  // behind the last required one
  for (size_t i = 0; i < params.size(); ++i) {
    if (!params[i].optional && !params[i].keyword_only) required = i + 1;
  }
  for (Param& p : params) {
    bool everywhere = std::all_of(op.signatures.begin(), op.signatures.end(),
                                  [&](const Signature& s) { return has_param(s, p.name); });
    if (everywhere || p.optional) continue;
    p.optional = true;
    p.default_text = "None";
  }
  std::string positional, keywords;
  bool optional_before = false;
  for (size_t i = 0; i < params.size(); ++i) {
    const Param& p = params[i];
    if (p.name == "self" && form != Form::kFunction) continue;
    if (p.kind == ParamKind::kOutput && form == Form::kInplace) continue;
    bool keyword = p.keyword_only || p.kind == ParamKind::kGenerator ||
                   (longest->params[i].optional && i < required);
    std::string text = python_name(p.name, form);
    if (p.optional)
      text += "=" + p.default_text;
    else if (!keyword && optional_before)  // another signature does without the one before
      text += "=None";
    optional_before |= !keyword && p.optional;
    (keyword ? keywords : positional) += (keyword || !positional.empty() ? ", " : "") + text;
  }
  std::string out = form == Form::kFunction ? "" : "$self, /";
  if (!positional.empty()) out += (out.empty() ? "" : ", ") + positional;
  if (!keywords.empty()) out += (out.empty() ? "*" : ", *") + keywords;
  return "(" + out + ")";
}

}  // namespace

std::string documentation(const Op& op, const std::string& name, Form form) {
  std::string doc = name + python_signature(op, form) + "\n--\n\n";
  for (const Signature& s : op.signatures) doc += name + shown(s, form) + "\n";
  doc += std::string("\n") + op.def->doc;
  if (op.def->example) doc += std::string("\n\n") + op.def->example;
  return doc;
}

}  // namespace torch::python
