#include "torch/ops/einsum.h"

#include <algorithm>
#include <bitset>
#include <string>

#include "torch/ops/copy.h"
#include "torch/ops/linalg.h"
#include "torch/ops/reduce.h"
#include "torch/ops/view.h"

namespace torch::ops {
namespace {

// Labels are numbers: the dimensions of "..." first, the last of them as kMaxDims - 1, then the
// letters in alphabetical order.
constexpr int kEllipsis = kMaxDims;
constexpr int kLabels = kEllipsis + 52;
using Labels = std::vector<int>;
using Set = std::bitset<kLabels>;

struct Term {
  Labels labels;
  int ellipsis = -1;  // position of "..." among them, or none
};

int letter(char c) {
  if (c >= 'A' && c <= 'Z') return kEllipsis + (c - 'A');
  if (c >= 'a' && c <= 'z') return kEllipsis + 26 + (c - 'a');
  return -1;
}

Term parse_term(std::string_view text) {
  Term t;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 3) == "...") {
      if (t.ellipsis >= 0) raise<ValueError>("einsum: expected at most one '...' in '", text, "'");
      t.ellipsis = static_cast<int>(t.labels.size());
      i += 2;
      continue;
    }
    int l = letter(text[i]);
    if (l < 0) {
      raise<ValueError>("einsum: expected letters, '...', ',' and '->' as subscripts, got '", text,
                        "'");
    }
    t.labels.push_back(l);
  }
  return t;
}

// One tensor in work, with a label per dimension, none twice.
struct Operand {
  Tensor tensor;
  Labels labels;
  Set set;
};

Set set_of(const Labels& labels) {
  Set s;
  for (int l : labels) s[l] = true;
  return s;
}

// The labels of every dimension of operand `i`, dimensions of "..." spelled out.
Labels expand_labels(const Term& t, const Tensor& tensor, int i) {
  int hidden = tensor.ndim() - static_cast<int>(t.labels.size());
  if (hidden < 0 || (hidden > 0 && t.ellipsis < 0)) {
    raise<ValueError>(
        "einsum: expected ", t.labels.size() > 0 && t.ellipsis >= 0 ? "at least " : "",
        static_cast<int64_t>(t.labels.size()), " dimensions of operand ", i, ", got ", tensor);
  }
  Labels all = t.labels;
  for (int d = 0; d < hidden; ++d) all.insert(all.begin() + t.ellipsis + d, kMaxDims - hidden + d);
  return all;
}

// A label that stands twice in one operand names its diagonal.
Operand take_diagonals(const Tensor& t, const Labels& labels, int i) {
  Operand o;
  Shape shape, strides;
  for (int d = 0; d < t.ndim(); ++d) {
    auto seen = std::find(o.labels.begin(), o.labels.end(), labels[d]) - o.labels.begin();
    if (seen == static_cast<std::ptrdiff_t>(o.labels.size())) {
      o.labels.push_back(labels[d]);
      shape.push_back(t.size(d));
      strides.push_back(t.stride(d));
      continue;
    }
    int at = static_cast<int>(seen);
    if (shape[at] != t.size(d)) {
      raise<ValueError>("einsum: a repeated letter of operand ", i, " names dimensions of size ",
                        shape[at], " and ", t.size(d));
    }
    strides[at] += t.stride(d);
  }
  o.tensor = Tensor(t.storage(), shape, strides, t.offset());
  o.set = set_of(o.labels);
  return o;
}

// Drops the dimensions whose label `keep` does not have, summing over them.
void sum_out(Operand& o, const Set& keep) {
  Shape dims;
  Labels left;
  for (size_t d = 0; d < o.labels.size(); ++d) {
    if (keep[o.labels[d]])
      left.push_back(o.labels[d]);
    else
      dims.push_back(static_cast<int64_t>(d));
  }
  if (dims.empty()) return;
  DType dtype = o.tensor.dtype();
  o.tensor = to(reduce(ReduceOp::sum, "einsum", o.tensor, dims, false), dtype);
  o.labels = left;
  o.set = set_of(left);
}

Tensor arrange(const Operand& o, const Labels& order) {
  Shape dims;
  for (int l : order)
    dims.push_back(std::find(o.labels.begin(), o.labels.end(), l) - o.labels.begin());
  return permute(o.tensor, dims);
}

int64_t size_of(const Operand& o, int label) {
  return o.tensor.size(
      static_cast<int>(std::find(o.labels.begin(), o.labels.end(), label) - o.labels.begin()));
}

// Elements of the result of contracting x and y.
double pair_size(const Operand& x, const Operand& y, const Set& keep) {
  double n = 1;
  for (int l : x.labels) n *= keep[l] ? static_cast<double>(size_of(x, l)) : 1;
  for (int l : y.labels) n *= keep[l] && !x.set[l] ? static_cast<double>(size_of(y, l)) : 1;
  return n;
}

// The product of two operands, summed over the labels that nobody needs any more: (batch, left,
// inner) @ (batch, inner, right).
Operand contract(const Operand& x, const Operand& y, const Set& keep) {
  Labels batch, left, inner, right;
  for (int l : x.labels) (!y.set[l] ? left : keep[l] ? batch : inner).push_back(l);
  for (int l : y.labels) {
    if (!x.set[l]) right.push_back(l);
  }
  auto join = [](std::initializer_list<const Labels*> parts) {
    Labels all;
    for (const Labels* p : parts) all.insert(all.end(), p->begin(), p->end());
    return all;
  };
  Operand result;
  result.labels = join({&batch, &left, &right});
  result.set = set_of(result.labels);
  Shape shape;
  auto extend = [&](Shape& s, const Operand& o, const Labels& labels) {
    for (int l : labels) s.push_back(size_of(o, l));
  };
  extend(shape, x, batch);
  extend(shape, x, left);
  extend(shape, y, right);
  checked_numel("einsum", shape);
  Tensor a = arrange(x, join({&batch, &left, &inner})),
         b = arrange(y, join({&batch, &inner, &right}));
  if (inner.empty()) {  // nothing to sum: an outer or element-wise product
    for (size_t i = 0; i < right.size(); ++i) a = unsqueeze(a, a.ndim());
    for (size_t i = 0; i < left.size(); ++i) b = unsqueeze(b, static_cast<int64_t>(batch.size()));
    result.tensor = binary(BinaryOp::mul, a, b);
    return result;
  }
  auto count = [](const Operand& o, const Labels& labels) {
    int64_t n = 1;
    for (int l : labels) n *= size_of(o, l);
    return n;
  };
  Shape xs, ys;
  extend(xs, x, batch);
  extend(ys, x, batch);
  int64_t k = count(x, inner);
  xs.push_back(count(x, left)), xs.push_back(k);
  ys.push_back(k), ys.push_back(count(y, right));
  result.tensor = reshape(matmul("einsum", reshape(a, xs), reshape(b, ys)), shape);
  return result;
}

}  // namespace

Tensor einsum(std::string_view equation, const std::vector<Tensor>& operands, bool optimize,
              Tensor* out) {
  std::string text;
  for (char c : equation) {
    if (c != ' ') text += c;
  }
  if (operands.empty()) raise<ValueError>("einsum: expected one operand or more, got none");
  size_t arrow = text.find("->");
  std::string_view inputs(text), rest;
  if (arrow != std::string::npos) {
    rest = inputs.substr(arrow + 2);
    inputs = inputs.substr(0, arrow);
  }
  std::vector<Term> terms;
  for (size_t at = 0;;) {
    size_t comma = inputs.find(',', at);
    terms.push_back(parse_term(inputs.substr(at, comma - at)));
    if (comma == std::string_view::npos) break;
    at = comma + 1;
  }
  if (terms.size() != operands.size()) {
    raise<ValueError>("einsum: '", text, "' has subscripts for ",
                      static_cast<int64_t>(terms.size()), " operands, got ",
                      static_cast<int64_t>(operands.size()));
  }

  DType dtype = operands[0].dtype();
  for (const Tensor& t : operands) dtype = promote(dtype, t.dtype());
  std::vector<Operand> work;
  int64_t sizes[kLabels];
  int count[kLabels] = {};
  std::fill_n(sizes, kLabels, 1);
  Set known;
  for (size_t i = 0; i < terms.size(); ++i) {
    int number = static_cast<int>(i);
    Labels labels = expand_labels(terms[i], operands[i], number);
    for (int l : labels) ++count[l];
    work.push_back(take_diagonals(operands[i], labels, number));
    Operand& o = work.back();
    o.tensor = to(o.tensor, computing(dtype));
    known |= o.set;
    for (size_t d = 0; d < o.labels.size(); ++d) {
      int64_t n = o.tensor.size(static_cast<int>(d)), &size = sizes[o.labels[d]];
      if (n == 1) continue;
      if (size != 1 && size != n) {
        raise<ValueError>("einsum: one letter names dimensions of size ", size, " and ", n,
                          " (of operand ", number, ")");
      }
      size = n;
    }
  }

  Labels result;
  Labels hidden;  // the dimensions of "..."
  for (int l = 0; l < kEllipsis; ++l) {
    if (known[l]) hidden.push_back(l);
  }
  if (arrow != std::string::npos) {
    Term t = parse_term(rest);
    if (t.ellipsis < 0 && !hidden.empty())
      raise<ValueError>("einsum: expected '...' in the result of '", text,
                        "', as an operand has dimensions there");
    for (int l : t.labels) {
      if (!known[l] || std::count(t.labels.begin(), t.labels.end(), l) > 1) {
        raise<ValueError>(
            "einsum: expected every letter of the result once, and from an operand, "
            "in '",
            text, "'");
      }
    }
    result = t.labels;
    if (t.ellipsis >= 0) result.insert(result.begin() + t.ellipsis, hidden.begin(), hidden.end());
  } else {
    result = hidden;
    for (int l = kEllipsis; l < kLabels; ++l) {
      if (count[l] == 1) result.push_back(l);
    }
  }
  Set wanted = set_of(result);

  // A dimension of size 1 that stands for more is dropped: another operand has the label in full.
  for (Operand& o : work) {
    for (size_t d = o.labels.size(); d-- > 0;) {
      if (o.tensor.size(static_cast<int>(d)) != 1 || sizes[o.labels[d]] == 1) continue;
      o.tensor = select(o.tensor, static_cast<int64_t>(d), 0);
      o.labels.erase(o.labels.begin() + static_cast<std::ptrdiff_t>(d));
    }
    o.set = set_of(o.labels);
  }
  auto needed_without = [&](size_t a, size_t b) {
    Set keep = wanted;
    for (size_t i = 0; i < work.size(); ++i) {
      if (i != a && i != b) keep |= work[i].set;
    }
    return keep;
  };
  for (size_t i = 0; i < work.size(); ++i) sum_out(work[i], needed_without(i, i));
  while (work.size() > 1) {
    size_t a = 0, b = 1;
    if (optimize && work.size() > 2) {
      double best = 0;
      bool first = true;
      for (size_t i = 0; i < work.size(); ++i) {
        for (size_t j = i + 1; j < work.size(); ++j) {
          double grown = pair_size(work[i], work[j], needed_without(i, j)) -
                         static_cast<double>(work[i].tensor.numel()) -
                         static_cast<double>(work[j].tensor.numel());
          if (first || grown < best) best = grown, a = i, b = j;
          first = false;
        }
      }
    }
    Operand joined = contract(work[a], work[b], needed_without(a, b));
    work.erase(work.begin() + static_cast<std::ptrdiff_t>(b));
    work[a] = std::move(joined);
  }
  return deliver("einsum", to(arrange(work[0], result), dtype), out);
}

}  // namespace torch::ops
