#include "torch/ops/random.h"

#include <limits>

#include "kernels/tables.h"
#include "torch/ops/copy.h"

namespace torch::ops {
namespace {

using kernels::Distribution;

void sample(const char* op, Tensor& self, Distribution d, double a, double b, Generator& g) {
  if (self.overlaps_itself()) {
    raise<RuntimeError>(op, ": cannot write to an expanded ", self,
                        ": several of its elements share one place in memory");
  }
  DType dtype = computing(self.dtype());
  auto* kernel = kernels::random.on(op, self.device()).fill[index(dtype)];
  int64_t n = self.numel();
  if (n == 0) return;
  // the most a distribution takes is two elements per counter block
  PhiloxState state = g.advance(static_cast<uint64_t>(n + 1) / 2);
  if (self.is_contiguous() && self.dtype() == dtype) {
    kernel(d, self.bytes(), n, state, a, b);
    self.bump();
  } else {
    Tensor dense = empty(self.shape(), dtype, self.device());
    kernel(d, dense.bytes(), n, state, a, b);
    copy_(self, dense);
  }
}

void check_floating(const char* op, const Tensor& t) {
  if (!is_floating(t.dtype())) raise<TypeError>(op, ": expected a floating tensor, got ", t);
}

}  // namespace

void uniform_(Tensor& self, double from, double to, Generator& g) {
  check_floating("uniform_", self);
  if (!(from <= to)) raise<ValueError>("uniform_: expected from <= to, got ", from, " and ", to);
  sample("uniform_", self, Distribution::kUniform, from, to, g);
}

void normal_(Tensor& self, double mean, double std, Generator& g) {
  check_floating("normal_", self);
  if (!(std >= 0))
    raise<ValueError>("normal_: expected a standard deviation of 0 or more, got ", std);
  sample("normal_", self, Distribution::kNormal, mean, std, g);
}

void bernoulli_(Tensor& self, double p, Generator& g) {
  if (!(p >= 0 && p <= 1))
    raise<ValueError>("bernoulli_: expected a probability from 0 to 1, got ", p);
  sample("bernoulli_", self, Distribution::kBernoulli, p, 0, g);
}

void random_(Tensor& self, int64_t from, int64_t to, Generator& g) {
  constexpr int64_t kMost = int64_t{1} << 53;  // whole numbers a double holds
  if (from >= to) raise<ValueError>("random_: expected from < to, got ", from, " and ", to);
  if (from < -kMost || to > kMost)
    raise<ValueError>("random_: expected bounds within 2**53, got ", from, " and ", to);
  visit(self.dtype(), [&]<class T>() {
    if constexpr (!is_floating_type<T>) {
      if (from < static_cast<int64_t>(std::numeric_limits<T>::min()) ||
          to - 1 > static_cast<int64_t>(std::numeric_limits<T>::max())) {
        raise<OverflowError>("random_: numbers from ", from, " to ", to - 1, " do not fit ",
                             self.dtype());
      }
    }
  });
  sample("random_", self, Distribution::kIntegers, static_cast<double>(from),
         static_cast<double>(to), g);
}

Tensor randperm(int64_t n, Generator& g) {
  if (n < 0) raise<ValueError>("randperm: expected 0 or more, got ", n);
  checked_numel("randperm", {n});
  Tensor out = empty({n}, DType::kInt64);
  if (n > 0)
    kernels::random.on("randperm", out.device())
        .permutation(out.data<int64_t>(), n, g.advance(static_cast<uint64_t>(n + 1) / 2));
  return out;
}

}  // namespace torch::ops
