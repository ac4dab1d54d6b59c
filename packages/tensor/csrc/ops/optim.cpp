#include "torch/ops/optim.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <string>

#include "kernels/optim_table.h"
#include "ops/check.h"
#include "torch/ops/copy.h"
#include "torch/ops/reduce.h"
#include "torch/parallel.h"

namespace torch::ops {
namespace {

using Steps = std::vector<int64_t>;

// Tensors that take part, one per parameter.
struct List {
  const char* name;
  TensorList tensors;
  bool written;
};

std::string called(const char* list, size_t i) {
  return std::string(list) + "[" + std::to_string(i) + "]";
}

[[noreturn]] void raise_not_floats(const char* op, const std::string& name, const Tensor& t) {
  raise<TypeError>(op, ": expected ", name, " to be a tensor of floats, got ", t);
}

// Whether the elements fill one gap-free stretch of memory, in whatever order.
bool is_dense(const Tensor& t) {
  if (t.is_contiguous()) return true;
  auto [begin, end] = t.byte_range();
  return end - begin == t.numel() * t.item_bytes() && !t.overlaps_itself();
}

struct Range {
  const char *begin, *end;
  bool written;
};

bool conflict(const Range& a, const Range& b) {
  return (a.written || b.written) && a.begin < b.end && b.begin < a.end;
}

// The lists of one call, which are checked when it is made, and the rules of its parameters. The
// first list is written, the second, where there is one, has the gradients.
class Group {
 public:
  Group(const char* op, std::initializer_list<List> lists) : op_(op), lists_(lists) {
    size_t n = size();
    for (const List& l : lists_) check_count(l.name, l.tensors.size());
    updates_.resize(n);
    ranges_.resize(n * lists_.size());
    for (size_t i = 0; i < n; ++i) check(i);
  }

  size_t size() const { return lists_[0].tensors.size(); }
  void check_count(const char* name, size_t count) const {
    if (count == size()) return;
    raise<ValueError>(op_, ": expected ", static_cast<int64_t>(size()), " ", name,
                      ", one for each of ", lists_[0].name, ", got ", static_cast<int64_t>(count));
  }

  // The rule of parameter i with its numbers; it gets sign * (grad + decay * param).
  template <class Rule>
  void set(size_t i, const Rule& rule, double decay = 0, bool negative = false) {
    kernels::Update& u = updates_[i];
    auto numbers = std::bit_cast<std::array<double, sizeof(Rule) / sizeof(double)>>(rule);
    static_assert(numbers.size() <= math::kMostUpdateNumbers);
    std::copy(numbers.begin(), numbers.end(), u.numbers);
    u.rule = Rule::kRule;
    u.sign = negative ? -1 : 1;
    u.decay = u.sign * decay;  // of the parameter, which has no sign
  }

  // Parameters that share memory are changed one after the other, as in calls of their own.
  void run() {
    size_t n = size();
    if ((num_threads() > 1 || copies_) && n > 1 && !apart()) {
      for (size_t i = 0; i < n; ++i) run(i, i + 1);
    } else {
      run(0, n);
    }
  }

 private:
  Tensor& tensor(size_t list, size_t i) const { return *lists_[list].tensors[i]; }

  void check(size_t i) {
    const Tensor& param = tensor(0, i);
    bool side_by_side = is_dense(param) && !is_half(param.dtype());
    for (size_t k = 0; k < lists_.size(); ++k) {
      const List& l = lists_[k];
      const Tensor& t = tensor(k, i);
      if (k == 0 ? !is_floating(t.dtype()) : !alike(t, param)) {
        std::string name = called(l.name, i);
        if (k == 0) raise_not_floats(op_, name, t);
        check_type(op_, name.c_str(), t, param.dtype(), param.device());
        check_size(op_, name.c_str(), t, param.shape());
      }
      if (l.written && t.overlaps_itself()) check_writable(op_, called(l.name, i).c_str(), t);
      side_by_side = side_by_side && t.strides() == param.strides();
      Range& range = ranges_[i * lists_.size() + k];
      auto [begin, end] = t.byte_range();
      range = {begin, end, l.written};
      for (size_t j = 0; j < k; ++j) {
        if (conflict(range, ranges_[i * lists_.size() + j])) {
          raise<ValueError>(op_, ": expected ", called(l.name, i), " and ",
                            called(lists_[j].name, i),
                            " in separate memory, got two views of the same");
        }
      }
    }
    copies_ = copies_ || !side_by_side;
    kernels::Update& u = updates_[i];
    u.n = param.numel();
    u.dtype = is_half(param.dtype()) ? DType::kFloat32 : param.dtype();
    u.param = nullptr;
    if (!side_by_side) return;
    // the lowest address, which is not the first element's where strides are negative
    for (size_t k = 0; k < lists_.size(); ++k)
      place(u, k, const_cast<char*>(ranges_[i * lists_.size() + k].begin));
  }

  static bool alike(const Tensor& t, const Tensor& param) {
    return t.dtype() == param.dtype() && t.device() == param.device() && t.shape() == param.shape();
  }

  void place(kernels::Update& u, size_t list, char* memory) const {
    if (list == 0) {
      u.param = memory;
      if (lists_.size() == 1) u.grad = memory;
    } else if (list == 1) {
      u.grad = memory;
    } else {
      u.state[list - 2] = memory;
    }
  }

  bool apart() const {
    std::vector<Range> sorted = ranges_;
    std::sort(sorted.begin(), sorted.end(),
              [](const Range& a, const Range& b) { return a.begin < b.begin; });
    Range all{nullptr, nullptr, false}, written{nullptr, nullptr, true};
    for (const Range& r : sorted) {
      if (r.begin == r.end) continue;
      if (r.begin < (r.written ? all : written).end) return false;
      all.end = std::max(all.end, r.end);
      if (r.written) written.end = std::max(written.end, r.end);
    }
    return true;
  }

  void run(size_t begin, size_t end) {
    struct Copy {
      const List* list;
      size_t i;
      Tensor memory;
    };
    std::vector<Copy> copies;  // of what does not lie side by side, and of halves
    for (size_t i = begin; i < end && copies_; ++i) {
      if (updates_[i].param || updates_[i].n == 0) continue;
      for (size_t k = 0; k < lists_.size(); ++k) {
        copies.push_back({&lists_[k], i, contiguous(to(tensor(k, i), updates_[i].dtype))});
        place(updates_[i], k, copies.back().memory.bytes());
      }
    }
    for (size_t i = begin; i < end;) {  // one call per device
      size_t stop = i + 1;
      Device device = tensor(0, i).device();
      while (stop < end && tensor(0, stop).device() == device) ++stop;
      kernels::optim.on(op_, device).update(&updates_[i], static_cast<int64_t>(stop - i));
      i = stop;
    }
    for (const List& l : lists_) {
      if (!l.written) continue;
      for (size_t i = begin; i < end; ++i) l.tensors[i]->bump();
    }
    for (Copy& c : copies) {
      Tensor& target = *c.list->tensors[c.i];
      if (!c.list->written || c.memory.bytes() == target.bytes()) continue;
      Tensor uncounted = target;  // the change is counted already
      uncounted.set_counts(false);
      copy_(uncounted, c.memory);
    }
  }

  const char* op_;
  std::vector<List> lists_;
  std::vector<kernels::Update> updates_;
  std::vector<Range> ranges_;  // parameter by parameter, list by list
  bool copies_ = false;
};

// The weight of a running average.
void check_weight(const char* op, const char* name, double value) {
  if (!(value >= 0 && value < 1))
    raise<ValueError>(op, ": expected ", name, " of at least 0 and below 1, got ", value);
}

void check_steps(const char* op, const Group& group, const Steps& steps) {
  group.check_count("steps", steps.size());
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i] < 1)
      raise<ValueError>(op, ": expected ", called("steps", i), " of 1 or more, got ", steps[i]);
  }
}

// Numbers that depend on the step: most parameters have the same.
template <class F>
auto by_step(const Steps& steps, F numbers) {
  return [&steps, numbers, known = int64_t{0}, last = decltype(numbers(0.0)){}](size_t i) mutable {
    if (steps[i] != known) last = numbers(static_cast<double>(known = steps[i]));
    return last;
  };
}

math::Averages<double> averages(const AdamOptions& o) {
  return {o.beta1, 1 - o.beta1, o.beta2, 1 - o.beta2};
}

Group adam_group(const char* op, const AdamLists& l, const Steps& steps, const AdamOptions& o,
                 const char* squares = "exp_avg_sqs") {
  check_weight(op, "beta1", o.beta1);
  check_weight(op, "beta2", o.beta2);
  auto group = [&] {
    if (l.max_exp_avg_sqs.empty()) {
      return Group(op, {{"params", l.params, true},
                        {"grads", l.grads, false},
                        {"exp_avgs", l.exp_avgs, true},
                        {squares, l.exp_avg_sqs, true}});
    }
    return Group(op, {{"params", l.params, true},
                      {"grads", l.grads, false},
                      {"exp_avgs", l.exp_avgs, true},
                      {squares, l.exp_avg_sqs, true},
                      {"max_exp_avg_sqs", l.max_exp_avg_sqs, true}});
  }();
  check_steps(op, group, steps);
  return group;
}

// The part of the weights that a step leaves, and the decay that is part of the gradient.
double kept(const AdamOptions& o) { return o.decoupled ? 1 - o.lr * o.weight_decay : 1; }
double in_gradient(const AdamOptions& o) { return o.decoupled ? 0 : o.weight_decay; }

// `corrected`: eps is added to the corrected root, which is eps * sqrt(correction) beside the
// other.
void adam(const char* op, const AdamLists& l, const Steps& steps, const AdamOptions& o,
          bool corrected) {
  Group group = adam_group(op, l, steps, o);
  auto numbers = by_step(steps, [&](double t) {
    double root = std::sqrt(1 - std::pow(o.beta2, t));
    return math::Adam<double>{averages(o), kept(o), o.lr * root / (1 - std::pow(o.beta1, t)),
                              corrected ? o.eps * root : o.eps};
  });
  bool amsgrad = !l.max_exp_avg_sqs.empty();
  for (size_t i = 0; i < group.size(); ++i) {
    math::Adam<double> n = numbers(i);
    if (amsgrad) {
      group.set(i, math::Amsgrad<double>{n.averages, n.keep, n.size, n.eps}, in_gradient(o),
                o.maximize);
    } else {
      group.set(i, n, in_gradient(o), o.maximize);
    }
  }
  group.run();
}

}  // namespace

void sgd_steps_(TensorList params, TensorList grads, TensorList bufs, const Steps& firsts,
                const SgdOptions& o) {
  constexpr const char* op = "sgd_steps_";
  bool momentum = o.momentum != 0;
  if (o.nesterov && (!momentum || o.dampening != 0)) {
    raise<ValueError>(op, ": nesterov expects a momentum and no dampening, got momentum ",
                      o.momentum, " and dampening ", o.dampening);
  }
  if (!momentum) {
    Group group(op, {{"params", params, true}, {"grads", grads, false}});
    for (size_t i = 0; i < group.size(); ++i)
      group.set(i, math::Sgd<double>{o.lr}, o.weight_decay, o.maximize);
    return group.run();
  }
  Group group(op, {{"params", params, true}, {"grads", grads, false}, {"bufs", bufs, true}});
  group.check_count("firsts", firsts.size());
  for (size_t i = 0; i < group.size(); ++i) {
    double keep = firsts[i] ? 0 : o.momentum, rest = firsts[i] ? 1 : 1 - o.dampening;
    if (o.nesterov) {
      group.set(i, math::Nesterov<double>{o.lr, keep, rest, o.momentum}, o.weight_decay,
                o.maximize);
    } else {
      group.set(i, math::Momentum<double>{o.lr, keep, rest}, o.weight_decay, o.maximize);
    }
  }
  group.run();
}

void adam_steps_(const AdamLists& l, const Steps& steps, const AdamOptions& o) {
  adam("adam_steps_", l, steps, o, false);
}

void adamw_steps_(const AdamLists& l, const Steps& steps, const AdamOptions& o) {
  AdamOptions apart = o;
  apart.decoupled = true;
  adam("adamw_steps_", l, steps, apart, true);
}

void radam_steps_(const AdamLists& l, const Steps& steps, const AdamOptions& o) {
  Group group = adam_group("radam_steps_", l, steps, o);
  double longest = 2 / (1 - o.beta2) - 1;
  struct Size {
    double rate;
    bool start;
  };
  auto size = by_step(steps, [&](double t) {
    double power = std::pow(o.beta2, t), rate = o.lr / (1 - std::pow(o.beta1, t));
    double length = longest - 2 * t * power / (1 - power);
    if (!(length > 5)) return Size{rate, true};
    double r =
        std::sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length));
    return Size{rate * r * std::sqrt(1 - power), false};
  });
  for (size_t i = 0; i < group.size(); ++i) {
    auto [rate, start] = size(i);
    if (start) {
      group.set(i, math::RadamStart<double>{averages(o), kept(o), rate}, in_gradient(o),
                o.maximize);
    } else {
      group.set(i, math::Adam<double>{averages(o), kept(o), rate, o.eps}, in_gradient(o),
                o.maximize);
    }
  }
  group.run();
}

void adamax_steps_(const AdamLists& l, const Steps& steps, const AdamOptions& o) {
  Group group = adam_group("adamax_steps_", l, steps, o, "exp_infs");
  auto numbers = by_step(steps, [&](double t) {
    return math::Adamax<double>{o.beta1, 1 - o.beta1, o.beta2, o.lr / (1 - std::pow(o.beta1, t)),
                                o.eps};
  });
  for (size_t i = 0; i < group.size(); ++i) group.set(i, numbers(i), in_gradient(o), o.maximize);
  group.run();
}

std::vector<double> nadam_steps_(const AdamLists& l, const std::vector<double>& mu_products,
                                 const Steps& steps, const AdamOptions& o, double momentum_decay) {
  constexpr const char* op = "nadam_steps_";
  Group group = adam_group(op, l, steps, o);
  group.check_count("mu_products", mu_products.size());
  struct Momenta {
    double now, next, correction;
  };
  auto momenta = by_step(steps, [&](double t) {
    auto mu = [&](double k) { return o.beta1 * (1 - 0.5 * std::pow(0.96, k * momentum_decay)); };
    return Momenta{mu(t), mu(t + 1), 1 / (1 - std::pow(o.beta2, t))};
  });
  std::vector<double> products = mu_products;
  for (size_t i = 0; i < group.size(); ++i) {
    Momenta m = momenta(i);
    double product = products[i] *= m.now;
    group.set(i,
              math::Nadam<double>{averages(o), kept(o), o.lr * (1 - m.now) / (1 - product),
                                  o.lr * m.next / (1 - product * m.next), m.correction, o.eps},
              in_gradient(o), o.maximize);
  }
  group.run();
  return products;
}

void adagrad_steps_(TensorList params, TensorList grads, TensorList sums, const Steps& steps,
                    const StepOptions& o, double lr_decay, double eps) {
  constexpr const char* op = "adagrad_steps_";
  Group group(op, {{"params", params, true}, {"grads", grads, false}, {"sums", sums, true}});
  check_steps(op, group, steps);
  for (size_t i = 0; i < group.size(); ++i) {
    double rate = o.lr / (1 + static_cast<double>(steps[i] - 1) * lr_decay);
    group.set(i, math::Adagrad<double>{rate, eps}, o.weight_decay, o.maximize);
  }
  group.run();
}

void adadelta_steps_(TensorList params, TensorList grads, TensorList square_avgs,
                     TensorList acc_deltas, const StepOptions& o, double rho, double eps) {
  constexpr const char* op = "adadelta_steps_";
  check_weight(op, "rho", rho);
  Group group(op, {{"params", params, true},
                   {"grads", grads, false},
                   {"square_avgs", square_avgs, true},
                   {"acc_deltas", acc_deltas, true}});
  for (size_t i = 0; i < group.size(); ++i)
    group.set(i, math::Adadelta<double>{o.lr, rho, 1 - rho, eps}, o.weight_decay, o.maximize);
  group.run();
}

void rmsprop_steps_(TensorList params, TensorList grads, TensorList square_avgs,
                    TensorList grad_avgs, TensorList bufs, const RmspropOptions& o) {
  constexpr const char* op = "rmsprop_steps_";
  check_weight(op, "alpha", o.alpha);
  List p{"params", params, true}, g{"grads", grads, false}, v{"square_avgs", square_avgs, true},
      a{"grad_avgs", grad_avgs, true}, b{"bufs", bufs, true};
  auto run = [&](auto rule, Group group) {
    for (size_t i = 0; i < group.size(); ++i) group.set(i, rule, o.weight_decay, o.maximize);
    group.run();
  };
  double rest = 1 - o.alpha;
  if (grad_avgs.empty() && o.momentum == 0) {
    run(math::Rmsprop<double>{o.lr, o.alpha, rest, 0, o.eps}, {op, {p, g, v}});
  } else if (o.momentum == 0) {
    run(math::RmspropCentered<double>{o.lr, o.alpha, rest, 0, o.eps}, {op, {p, g, v, a}});
  } else if (grad_avgs.empty()) {
    run(math::RmspropMomentum<double>{o.lr, o.alpha, rest, o.momentum, o.eps}, {op, {p, g, v, b}});
  } else {
    run(math::RmspropCenteredMomentum<double>{o.lr, o.alpha, rest, o.momentum, o.eps},
        {op, {p, g, v, a, b}});
  }
}

void rprop_steps_(TensorList params, TensorList grads, TensorList prevs, TensorList step_sizes,
                  const RpropOptions& o) {
  Group group("rprop_steps_", {{"params", params, true},
                               {"grads", grads, false},
                               {"prevs", prevs, true},
                               {"step_sizes", step_sizes, true}});
  for (size_t i = 0; i < group.size(); ++i)
    group.set(i, math::Rprop<double>{o.shrink, o.grow, o.smallest, o.largest}, 0, o.maximize);
  group.run();
}

void asgd_steps_(TensorList params, TensorList grads, TensorList axs,
                 const std::vector<double>& etas, const std::vector<double>& mus, double lambd,
                 double weight_decay, bool maximize) {
  Group group("asgd_steps_",
              {{"params", params, true}, {"grads", grads, false}, {"axs", axs, true}});
  group.check_count("etas", etas.size());
  group.check_count("mus", mus.size());
  for (size_t i = 0; i < group.size(); ++i) {
    group.set(i, math::Asgd<double>{1 - lambd * etas[i], etas[i], mus[i]}, weight_decay, maximize);
  }
  group.run();
}

double norm_list(TensorList tensors, double p) {
  constexpr const char* op = "norm_list";
  if (!(p > 0)) raise<ValueError>(op, ": expected p above 0, got ", p);
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (!is_floating(tensors[i]->dtype())) raise_not_floats(op, called("tensors", i), *tensors[i]);
  }
  // Large tensors have all threads for themselves, the others one each; the reduction gives the
  // same for any number of them.
  constexpr int64_t kLarge = 1 << 18, kSmall = 1 << 17;
  std::vector<double> norms(tensors.size(), 0);
  auto reduce_one = [&](size_t i) {
    std::optional<DType> wide;  // the norm of halves may be beyond their range
    if (is_half(tensors[i]->dtype())) wide = DType::kFloat32;
    norms[i] =
        item(reduce(ReduceOp::norm, op, *tensors[i], {}, false, p, nullptr, wide)).as_double();
  };
  std::vector<size_t> small;
  int64_t elements = 0;
  for (size_t i = 0; i < tensors.size(); ++i) {
    int64_t n = tensors[i]->numel();
    if (n == 0) continue;
    if (n >= kLarge) {
      reduce_one(i);
    } else {
      small.push_back(i);
      elements += n;
    }
  }
  auto count = static_cast<int64_t>(small.size());
  parallel_for(count, elements < kSmall ? count : std::max<int64_t>(count * kSmall / elements, 1),
               [&](int64_t begin, int64_t end) {
                 for (; begin < end; ++begin) reduce_one(small[begin]);
               });
  double total = 0;
  if (std::isinf(p)) {
    for (double n : norms) total = n > total || std::isnan(n) ? n : total;
    return total;
  }
  for (double n : norms) total += p == 2 ? n * n : std::pow(n, p);
  return p == 2 ? std::sqrt(total) : std::pow(total, 1 / p);
}

void mul_list_(TensorList tensors, double factor) {
  Group group("mul_list_", {{"tensors", tensors, true}});
  for (size_t i = 0; i < group.size(); ++i) group.set(i, math::Scale<double>{factor});
  group.run();
}

void clamp_list_(TensorList tensors, double min, double max) {
  Group group("clamp_list_", {{"tensors", tensors, true}});
  for (size_t i = 0; i < group.size(); ++i) group.set(i, math::Limit<double>{min, max});
  group.run();
}

}  // namespace torch::ops
