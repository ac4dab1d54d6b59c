#include "torch/ops/random.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/random_table.h"
#include "ops/check.h"
#include "torch/ops/copy.h"
#include "torch/ops/elementwise.h"
#include "torch/ops/index.h"
#include "torch/ops/reduce.h"
#include "torch/ops/view.h"

namespace torch::ops {
namespace {

using kernels::Distribution;
using kernels::Draw;

// --- numbers of a floating dtype, as doubles

// The neighbour of v, a number of the dtype.
double neighbour(DType dtype, double v, bool up) {
  double inf =
      up ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
  if (dtype == DType::kFloat64) return std::nextafter(v, inf);
  if (dtype == DType::kFloat32)
    return std::nextafter(static_cast<float>(v), static_cast<float>(inf));
  return visit(dtype, [&]<class T>() -> double {
    if constexpr (is_half(dtype_of<T>)) {
      T h(v);
      if (v == 0) {
        h.bits = up ? 0x0001 : 0x8001;
      } else {
        h.bits = static_cast<uint16_t>(h.bits + ((v > 0) == up ? 1 : -1));
      }
      return static_cast<double>(static_cast<float>(h));
    } else {
      return v;
    }
  });
}

double nearest(DType dtype, double v) {
  return visit(dtype, [&]<class T>() { return static_cast<double>(static_cast<T>(v)); });
}
double at_least(DType dtype, double v) {
  double r = nearest(dtype, v);
  return r < v ? neighbour(dtype, r, true) : r;
}
double at_most(DType dtype, double v) {
  double r = nearest(dtype, v);
  return r > v ? neighbour(dtype, r, false) : r;
}
double below(DType dtype, double v) {
  double r = nearest(dtype, v);
  return r >= v ? neighbour(dtype, r, false) : r;
}
double largest(DType dtype) {
  return neighbour(dtype, std::numeric_limits<double>::infinity(), false);
}
double smallest_positive(DType dtype) { return neighbour(dtype, 0, true); }

// Whole numbers as doubles, rounded to the inside of a range.
double not_below(int64_t v) {
  auto d = static_cast<double>(v);
  return d < 0x1p63 && static_cast<int64_t>(d) < v ? std::nextafter(d, 0x1p64) : d;
}
double not_above(int64_t v) {
  auto d = static_cast<double>(v);
  return d >= 0x1p63 || static_cast<int64_t>(d) > v ? std::nextafter(d, -0x1p64) : d;
}

// --- drawing

void check_target(const char* op, const Tensor& t) {
  if (t.overlaps_itself()) {
    raise<RuntimeError>(op, ": cannot write to an expanded ", t,
                        ": several of its elements share one place in memory");
  }
}

void check_floating(const char* op, const Tensor& t) {
  if (!is_floating(t.dtype())) raise<TypeError>(op, ": expected a floating tensor, got ", t);
}

// Fills `t`, contiguous and of a dtype that kernels compute in.
void fill(const char* op, Tensor& t, const Draw& d, Generator& g) {
  int64_t n = t.numel();
  auto* kernel =
      require(kernels::random.on(op, t.device()).fill[index(t.dtype())], op, t.dtype(), t.device());
  if (n == 0) return;
  kernel(d, t.bytes(), n, g.advance(philox_counters(n, d.words(t.dtype()))));
}

void sample(const char* op, Tensor& self, const Draw& d, Generator& g) {
  check_target(op, self);
  DType dtype = computing(self.dtype());
  if (self.is_contiguous() && self.dtype() == dtype) {
    fill(op, self, d, g);
    self.bump();
  } else {
    Tensor dense = empty(self.shape(), dtype, self.device());
    fill(op, dense, d, g);
    copy_(self, dense);
  }
}

Tensor drawn(const char* op, const Shape& shape, DType dtype, Device device, const Draw& d,
             Generator& g) {
  Tensor t = empty(shape, dtype, device);
  fill(op, t, d, g);
  return t;
}

double least(const Tensor& t) { return reduce_all(ReduceOp::amin, t).as_double(); }
double most(const Tensor& t) { return reduce_all(ReduceOp::amax, t).as_double(); }

// ValueError unless every element lies in [lo, hi]; NaN does not.
void check_elements(const char* op, const Tensor& t, const char* expected, double lo, double hi) {
  if (t.numel() == 0) return;
  double a = least(t), b = most(t);
  if (!(a >= lo)) raise<ValueError>(op, ": expected ", expected, ", got ", a);
  if (!(b <= hi)) raise<ValueError>(op, ": expected ", expected, ", got ", b);
}
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLargest = std::numeric_limits<double>::max();

}  // namespace

void uniform_(Tensor& self, double from, double to, Generator& g) {
  check_floating("uniform_", self);
  if (!(from <= to)) raise<ValueError>("uniform_: expected from <= to, got ", from, " and ", to);
  DType dtype = self.dtype();
  double limit = largest(dtype);
  if (!(from >= -limit && to <= limit && to - from <= largest(computing(dtype)))) {
    raise<OverflowError>("uniform_: the range from ", from, " to ", to, " does not fit ", dtype);
  }
  Draw d{Distribution::kUniform, from, to};
  d.lo = at_least(dtype, from);
  d.hi = below(dtype, to);
  if (d.lo > d.hi) d.lo = d.hi = nearest(dtype, from);  // the dtype has no number in between
  sample("uniform_", self, d, g);
}

void normal_(Tensor& self, double mean, double std, Generator& g) {
  check_floating("normal_", self);
  if (!(std >= 0))
    raise<ValueError>("normal_: expected a standard deviation of 0 or more, got ", std);
  sample("normal_", self, {Distribution::kNormal, mean, std}, g);
}

void log_normal_(Tensor& self, double mean, double std, Generator& g) {
  check_floating("log_normal_", self);
  if (!(std >= 0)) raise<ValueError>("log_normal_: expected a scale of 0 or more, got ", std);
  Draw d{Distribution::kLogNormal, mean, std};
  d.lo = smallest_positive(self.dtype());
  sample("log_normal_", self, d, g);
}

void exponential_(Tensor& self, double lambd, Generator& g) {
  check_floating("exponential_", self);
  if (!(lambd > 0 && lambd < kInfinity))
    raise<ValueError>("exponential_: expected a finite rate above 0, got ", lambd);
  Draw d{Distribution::kExponential, lambd};
  d.lo = smallest_positive(self.dtype());
  d.hi = largest(self.dtype());
  sample("exponential_", self, d, g);
}

void cauchy_(Tensor& self, double location, double scale, Generator& g) {
  check_floating("cauchy_", self);
  if (!(scale > 0 && scale < kInfinity))
    raise<ValueError>("cauchy_: expected a finite scale above 0, got ", scale);
  if (!std::isfinite(location))
    raise<ValueError>("cauchy_: expected a finite location, got ", location);
  Draw d{Distribution::kCauchy, location, scale};
  d.hi = largest(self.dtype());
  d.lo = -d.hi;
  sample("cauchy_", self, d, g);
}

void geometric_(Tensor& self, double p, Generator& g) {
  if (self.dtype() == DType::kBool)
    raise<TypeError>("geometric_: expected a tensor that holds counts, got ", self);
  if (!(p > 0 && p <= 1))
    raise<ValueError>("geometric_: expected a probability above 0 and up to 1, got ", p);
  Draw d{Distribution::kGeometric, std::log1p(-p)};
  if (is_floating(self.dtype())) d.hi = largest(self.dtype());
  sample("geometric_", self, d, g);
}

void bernoulli_(Tensor& self, double p, Generator& g) {
  if (!(p >= 0 && p <= 1))
    raise<ValueError>("bernoulli_: expected a probability from 0 to 1, got ", p);
  sample("bernoulli_", self, {Distribution::kBernoulli, p}, g);
}

void bernoulli_(const char* op, Tensor& self, const Tensor& p, Generator& g) {
  check_floating(op, p);
  check_target(op, self);
  if (!(broadcast(op, self.shape(), p.shape()) == self.shape())) {
    raise<ValueError>(op, ": expected probabilities that broadcast to size ", self.shape(),
                      ", got ", p);
  }
  check_elements(op, p, "probabilities from 0 to 1", 0, 1);
  Tensor dense = contiguous(expand(to(p, computing(p.dtype())), self.shape()));
  Tensor ones = empty(self.shape(), DType::kBool, self.device());
  auto* kernel = require(kernels::random.on(op, self.device()).bernoulli[index(dense.dtype())], op,
                         dense.dtype(), self.device());
  int64_t n = self.numel();
  if (n > 0) kernel(ones.data<bool>(), dense.bytes(), n, g.advance(philox_counters(n, 1)));
  copy_(self, ones);
}

int64_t last_whole_number(DType dtype) {
  return visit(dtype, [&]<class T>() -> int64_t {
    if constexpr (!is_floating_type<T>) return static_cast<int64_t>(std::numeric_limits<T>::max());
    constexpr int kDigits = std::is_same_v<T, double>  ? 53
                            : std::is_same_v<T, float> ? 24
                            : std::is_same_v<T, Half>  ? 11
                                                       : 8;
    return (int64_t{1} << kDigits) - 1;
  });
}

void random_(const char* op, Tensor& self, int64_t from, int64_t last, Generator& g) {
  if (from > last) raise<ValueError>(op, ": expected from < to, got ", from, " and ", last + 1);
  DType dtype = self.dtype();
  auto refuse = [&] {
    raise<OverflowError>(op, ": numbers from ", from, " to ", last, " do not fit ", dtype);
  };
  Draw d{Distribution::kIntegers};
  d.first = from;
  d.range = static_cast<uint64_t>(last) - static_cast<uint64_t>(from) + 1;  // 2^64 is 0
  if (is_floating(dtype)) {
    d.lo = at_least(dtype, not_below(from));
    d.hi = at_most(dtype, not_above(last));
    double limit = largest(dtype);
    if (!(d.lo <= d.hi && static_cast<double>(from) >= -limit &&
          static_cast<double>(last) <= limit))
      refuse();
  } else {
    visit(dtype, [&]<class T>() {
      if constexpr (!is_floating_type<T>) {
        if (from < static_cast<int64_t>(std::numeric_limits<T>::min()) ||
            last > static_cast<int64_t>(std::numeric_limits<T>::max()))
          refuse();
      }
    });
  }
  sample(op, self, d, g);
}

Tensor normal(const Input& mean, const Input& std, Generator& g, Tensor* out) {
  const char* op = "normal";
  const Input both[] = {mean, std};
  DType result = floating(common_dtype(op, both)), dtype = computing(result);
  Tensor means, stds;  // converted
  Shape shape;
  auto take = [&](const Input& in, Tensor& held) -> Input {
    if (!in.tensor) return in;
    held = to(*in.tensor, dtype);
    shape = broadcast(op, shape, held.shape());
    return held;
  };
  Input m = take(mean, means), s = take(std, stds);
  constexpr char kExpected[] = "standard deviations of 0 or more";
  if (std.tensor) {
    check_elements(op, stds, kExpected, 0, kInfinity);
  } else if (!(std.scalar.as_double() >= 0)) {
    raise<ValueError>(op, ": expected ", kExpected, ", got ", std.scalar.as_double());
  }
  if (out) check_out(op, *out, shape, result);
  Device device = mean.tensor ? means.device() : stds.device();
  Tensor z = drawn(op, shape, dtype, device, {Distribution::kNormal, 0, 1}, g);
  binary(BinaryOp::mul, z, s, &z);
  binary(BinaryOp::add, z, m, &z);
  return deliver(op, to(z, result), out);
}

Tensor bernoulli(const Tensor& p, Generator& g, Tensor* out) {
  check_floating("bernoulli", p);
  if (out) check_out("bernoulli", *out, p.shape(), p.dtype());
  Tensor result = empty(p.shape(), p.dtype(), p.device());
  bernoulli_("bernoulli", result, p, g);
  return deliver("bernoulli", result, out);
}

namespace {

enum class Parameter { kGamma, kPoisson };

// A tensor of x's size and floating dtype, element by element from the parameters x.
Tensor from_parameter(const char* op, Parameter which, const Tensor& x, Generator& g) {
  Tensor in = contiguous(to(x, computing(floating(x.dtype()))));
  Tensor result = empty(in.shape(), in.dtype(), in.device());
  const auto& table = kernels::random.on(op, in.device());
  auto* kernel =
      require((which == Parameter::kGamma ? table.gamma : table.poisson)[index(in.dtype())], op,
              in.dtype(), in.device());
  int64_t n = in.numel();
  if (n > 0) kernel(result.bytes(), in.bytes(), n, g.advance(static_cast<uint64_t>(n)));
  return result;
}

}  // namespace

Tensor poisson(const Tensor& rates, Generator& g, Tensor* out) {
  check_elements("poisson", rates, "finite rates of 0 or more", 0, kLargest);
  DType dtype = floating(rates.dtype());
  if (out) check_out("poisson", *out, rates.shape(), dtype);
  return deliver("poisson", to(from_parameter("poisson", Parameter::kPoisson, rates, g), dtype),
                 out);
}

Tensor gamma(const char* op, const Tensor& concentration, const Input& scale, Generator& g,
             Tensor* out) {
  check_elements(op, concentration, "finite concentrations of 0 or more", 0, kLargest);
  constexpr char kExpected[] = "finite scales of 0 or more";
  const Input both[] = {concentration, scale};
  DType result = floating(common_dtype(op, both)), dtype = computing(result);
  Shape shape = concentration.shape();
  Tensor scales;
  if (scale.tensor) {
    check_elements(op, *scale.tensor, kExpected, 0, kLargest);
    scales = to(*scale.tensor, dtype);
    shape = broadcast(op, shape, scales.shape());
  } else if (!(scale.scalar.as_double() >= 0 && scale.scalar.as_double() <= kLargest)) {
    raise<ValueError>(op, ": expected ", kExpected, ", got ", scale.scalar.as_double());
  }
  if (out) check_out(op, *out, shape, result);
  Tensor x = from_parameter(op, Parameter::kGamma, expand(to(concentration, dtype), shape), g);
  if (scale.tensor || scale.scalar.as_double() != 1)
    binary(BinaryOp::mul, x, scale.tensor ? Input(scales) : scale, &x);
  return deliver(op, to(x, result), out);
}

namespace {

// Logarithms of gamma numbers, which do not underflow at small concentrations: those of
// concentration + 1, and the power u^(1 / concentration) as a sum (Marsaglia and Tsang). Float64.
Tensor log_gamma_numbers(const char* op, const Tensor& concentration, Generator& g) {
  Tensor alpha = to(concentration, DType::kFloat64);
  Tensor x = from_parameter(op, Parameter::kGamma, binary(BinaryOp::add, alpha, Scalar(1.0)), g);
  unary(UnaryOp::log, x, &x);
  Draw exponential{Distribution::kExponential, 1};
  Tensor e = drawn(op, alpha.shape(), DType::kFloat64, alpha.device(), exponential, g);
  binary(BinaryOp::div, e, alpha, &e);
  binary(BinaryOp::minimum, e, Scalar(1e300), &e);  // stays finite, so that differences are
  return binary(BinaryOp::sub, x, e);
}

constexpr char kPositive[] = "finite concentrations above 0";
void check_concentrations(const char* op, const Input& c) {
  constexpr double kTiny = std::numeric_limits<double>::denorm_min();
  if (c.tensor) return check_elements(op, *c.tensor, kPositive, kTiny, kLargest);
  double v = c.scalar.as_double();
  if (!(v > 0 && v <= kLargest)) raise<ValueError>(op, ": expected ", kPositive, ", got ", v);
}

}  // namespace

Tensor beta(const Input& a, const Input& b, Generator& g, Tensor* out) {
  const char* op = "beta";
  check_concentrations(op, a);
  check_concentrations(op, b);
  const Input both[] = {a, b};
  DType dtype = floating(common_dtype(op, both));
  Shape shape;
  for (const Input& in : both) {
    if (in.tensor) shape = broadcast(op, shape, in.tensor->shape());
  }
  if (out) check_out(op, *out, shape, dtype);
  auto numbers = [&](const Input& in) {
    Tensor c = in.tensor ? *in.tensor : full({}, Scalar(in.scalar.as_double()), DType::kFloat64);
    return log_gamma_numbers(op, expand(c, shape), g);
  };
  Tensor x = numbers(a), y = numbers(b);
  // x / (x + y) of the numbers themselves
  binary(BinaryOp::sub, x, y, &x);
  return deliver(op, to(unary(UnaryOp::sigmoid, x), dtype), out);
}

Tensor dirichlet(const Tensor& concentration, Generator& g, Tensor* out) {
  const char* op = "dirichlet";
  if (concentration.ndim() == 0)
    raise<ValueError>(op, ": expected one dimension of concentrations or more, got ",
                      concentration);
  check_concentrations(op, concentration);
  DType dtype = floating(concentration.dtype());
  if (out) check_out(op, *out, concentration.shape(), dtype);
  Tensor x = log_gamma_numbers(op, concentration, g);
  if (x.numel() > 0) {
    Shape last{x.ndim() - 1};
    binary(BinaryOp::sub, x, reduce(ReduceOp::amax, op, x, last, true), &x);
    unary(UnaryOp::exp, x, &x);
    binary(BinaryOp::div, x, reduce(ReduceOp::sum, op, x, last, true), &x);
  }
  return deliver(op, to(x, dtype), out);
}

Tensor multinomial(const Tensor& weights, int64_t num_samples, bool replacement, Generator& g,
                   Tensor* out) {
  const char* op = "multinomial";
  if (weights.ndim() != 1 && weights.ndim() != 2)
    raise<ValueError>(op, ": expected a vector or matrix of weights, got ", weights);
  if (num_samples < 0) raise<ValueError>(op, ": expected 0 samples or more, got ", num_samples);
  bool vector = weights.ndim() == 1;
  int64_t rows = vector ? 1 : weights.size(0), n = weights.size(weights.ndim() - 1);
  Shape shape = vector ? Shape{num_samples} : Shape{rows, num_samples};
  checked_numel(op, shape);
  if (out) check_out(op, *out, shape, DType::kInt64);
  Tensor result = empty(shape, DType::kInt64, weights.device());
  if (rows > 0) {
    if (n == 0) raise<ValueError>(op, ": expected at least one weight, got ", weights);
    Tensor w = view(contiguous(to(weights, DType::kFloat64)), {rows, n});
    check_elements(op, w, "finite weights of 0 or more", 0, kLargest);
    auto [sum, poorest] = max_min(false, op, reduce(ReduceOp::sum, op, w, {1}, false), 0, false);
    if (!(item(sum).as_double() > 0))
      raise<ValueError>(op, ": expected a weight above 0 in each row, got none in row ",
                        item(poorest).i);
    double richest = most(reduce(ReduceOp::sum, op, w, {1}, false));
    if (!(richest <= kLargest))
      raise<ValueError>(op, ": expected weights with a finite sum, got ", richest);
    if (!replacement) {
      Tensor positive = reduce(ReduceOp::sum, op, binary(BinaryOp::gt, w, Scalar(0)), {1}, false);
      auto [count, row] = max_min(false, op, positive, 0, false);
      if (item(count).i < num_samples) {
        raise<ValueError>(op, ": expected at most ", item(count).i,
                          " samples without replacement, as many as row ", item(row).i,
                          " has weights above 0, got ", num_samples);
      }
    }
    if (result.numel() > 0) {
      const auto& table = kernels::random.on(op, w.device());
      Draw d{replacement ? Distribution::kUniform : Distribution::kExponential,
             replacement ? 0.0 : 1.0, 1};
      Tensor numbers =
          drawn(op, {rows, replacement ? num_samples : n}, DType::kFloat64, w.device(), d, g);
      (replacement ? table.choose : table.race)(result.data<int64_t>(), numbers.data<double>(),
                                                w.data<double>(), rows, n, num_samples);
    }
  }
  return deliver(op, result, out);
}

namespace {

Tensor permutation(const char* op, int64_t n, Generator& g) {
  checked_numel(op, {n});
  Tensor t = empty({n}, DType::kInt64);
  if (n > 0) {
    auto counters = philox_counters(n, 1) + static_cast<uint64_t>(kernels::permutation_buckets(n));
    kernels::random.on(op, t.device()).permutation(t.data<int64_t>(), n, g.advance(counters));
  }
  return t;
}

}  // namespace

Tensor randperm(int64_t n, DType dtype, Generator& g, Tensor* out) {
  const char* op = "randperm";
  if (n < 0) raise<ValueError>(op, ": expected 0 or more, got ", n);
  checked_numel(op, {n});
  int64_t last = last_whole_number(dtype);
  if (n - 1 > last) {
    raise<OverflowError>(op, ": numbers up to ", n - 1, " do not fit ", dtype);
  }
  if (out) check_out(op, *out, {n}, dtype);
  return deliver(op, to(permutation(op, n, g), dtype), out);
}

Tensor choice(int64_t n, const Shape& shape, bool replace, const Tensor* p, Generator& g) {
  const char* op = "choice";
  int64_t count = checked_numel(op, shape);
  if (n < 0) raise<ValueError>(op, ": expected 0 things to choose from or more, got ", n);
  if (count > 0 && n == 0)
    raise<ValueError>(op, ": expected something to choose from, got nothing");
  if (!replace && count > n) {
    raise<ValueError>(op, ": expected at most ", n, " of ", n, " things without replacement, got ",
                      count);
  }
  if (p) {
    if (p->ndim() != 1 || p->size(0) != n)
      raise<ValueError>(op, ": expected probabilities of size ", Shape{n}, ", got ", *p);
    check_floating(op, *p);
    if (n > 0) {
      check_elements(op, *p, "probabilities from 0 to 1", 0, 1);
      double sum = reduce_all(ReduceOp::sum, to(*p, DType::kFloat64)).as_double();
      // NumPy's tolerance: half the digits of the dtype
      double step = neighbour(p->dtype(), 1, true) - 1;
      if (!(std::fabs(sum - 1) <= std::sqrt(step)))
        raise<ValueError>(op, ": expected probabilities that sum to 1, got a sum of ", sum);
    }
    if (count == 0) return empty(shape, DType::kInt64);
    return view(multinomial(*p, count, replace, g), shape);
  }
  if (replace) {
    Tensor t = empty(shape, DType::kInt64);
    if (count > 0) random_(op, t, 0, n - 1, g);
    return t;
  }
  if (count < n / 16) {
    Tensor t = empty(shape, DType::kInt64);
    if (count > 0)
      kernels::random.on(op, t.device()).distinct(t.data<int64_t>(), count, n, g.advance(1));
    return t;
  }
  return view(narrow(permutation(op, n, g), 0, 0, count), shape);
}

}  // namespace torch::ops
