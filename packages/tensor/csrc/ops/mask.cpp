#include "torch/ops/mask.h"

#include "kernels/index_table.h"
#include "ops/check.h"
#include "torch/ops/copy.h"
#include "torch/ops/elementwise.h"
#include "torch/ops/index.h"
#include "torch/ops/view.h"

namespace torch::ops {
namespace {

using kernels::kMaskBlock;

Tensor flat(const Tensor& t) { return reshape(t, {t.numel()}); }

Tensor non_zero_mask(const Tensor& t) {
  return contiguous(t.dtype() == DType::kBool ? t : binary(BinaryOp::ne, t, Scalar(0)));
}

void check_mask(const char* op, const Tensor& mask) {
  if (!is_mask(mask))
    raise<TypeError>(op, ": expected a BoolTensor or ByteTensor as mask, got ", mask);
}

// A mask with what its kernels need: where each block's elements go.
struct Counted {
  const kernels::MaskTable& kernel;
  Tensor mask;
  std::vector<int64_t> starts;
  int64_t count;

  Counted(const char* op, Tensor m)
      : kernel(kernels::mask.on(op, m.device())),
        mask(std::move(m)),
        starts((mask.numel() + kMaskBlock - 1) / kMaskBlock) {
    count = kernel.count(mask.data<bool>(), mask.numel(), starts.data());
  }
  void coordinates(const Shape& shape, Tensor& out, int64_t step, int64_t dim_step) const {
    if (count > 0) {
      kernel.coordinates(mask.data<bool>(), shape, starts.data(), out.data<int64_t>(), step,
                         dim_step);
    }
  }
};

bool apart(const Tensor& a, const Tensor& b) {
  auto [a0, a1] = a.byte_range();
  auto [b0, b1] = b.byte_range();
  return a1 <= b0 || b1 <= a0;
}

}  // namespace

Tensor nonzero(const Tensor& t) {
  Counted m("nonzero", non_zero_mask(t));
  Tensor out = empty({m.count, t.ndim()}, DType::kInt64);
  if (t.ndim() > 0) m.coordinates(t.shape(), out, t.ndim(), 1);
  return out;
}

std::vector<Tensor> nonzero_tuple(const Tensor& t) {
  if (t.ndim() == 0) return nonzero_tuple(unsqueeze(t, 0));
  Counted m("nonzero", non_zero_mask(t));
  Tensor columns = empty({t.ndim(), m.count}, DType::kInt64);
  m.coordinates(t.shape(), columns, 1, m.count);
  std::vector<Tensor> out;
  for (int d = 0; d < t.ndim(); ++d) out.push_back(select(columns, 0, d));
  return out;
}

Tensor flatnonzero(const Tensor& t) {
  Counted m("flatnonzero", non_zero_mask(t));
  Tensor out = empty({m.count}, DType::kInt64);
  m.coordinates({t.numel()}, out, 1, 0);
  return out;
}

Tensor masked_select(const Tensor& t, const Tensor& mask) {
  check_mask("masked_select", mask);
  Shape shape = broadcast("masked_select", t.shape(), mask.shape());
  checked_numel("masked_select", shape);
  Counted m("masked_select", contiguous(to(expand(mask, shape), DType::kBool)));
  Tensor x = contiguous(expand(t, shape));
  Tensor out = empty({m.count}, t.dtype(), t.device());
  if (m.count > 0) {
    m.kernel.compress[kernels::size_class(t.dtype())](m.mask.data<bool>(), m.mask.numel(),
                                                      m.starts.data(), x.bytes(), out.bytes());
  }
  return out;
}

void masked_scatter_(const char* op, Tensor& self, const Tensor& mask, const Tensor& source,
                     bool exact) {
  check_mask(op, mask);
  check_writable(op, "self", self);
  if (broadcast(op, self.shape(), mask.shape()) != self.shape()) {
    raise<ValueError>(op, ": expected a mask that broadcasts to size ", self.shape(), ", got ",
                      mask);
  }
  Tensor wide = contiguous(to(expand(mask, self.shape()), DType::kBool));
  Counted m(op, apart(wide, self) ? wide : clone(wide));
  if (!exact && source.numel() < m.count) {
    raise<ValueError>(op, ": expected a source of ", m.count,
                      " elements or more, as many as the mask selects, got ", source);
  }
  if (exact) check_source(op, {m.count}, source);
  Tensor values = contiguous(to(narrow(flat(source), 0, 0, m.count), self.dtype()));
  if (!apart(values, self)) values = clone(values);
  Tensor target = contiguous(self);
  if (m.count > 0) {
    m.kernel.expand[kernels::size_class(self.dtype())](
        m.mask.data<bool>(), m.mask.numel(), m.starts.data(), values.bytes(), target.bytes());
  }
  if (self.is_contiguous()) {
    self.bump();
  } else {
    copy_(self, target);
  }
}

void fill_where_(const char* op, Tensor& self, const Tensor& mask, const Input& value) {
  check_mask(op, mask);
  check_writable(op, "self", self);
  DType t = self.dtype();
  Tensor one;
  if (value.tensor) one = to(reshape(*value.tensor, {}), t);
  const Input inputs[] = {mask, self, value.tensor ? Input(one) : value};
  const DType compute[] = {DType::kBool, t, t};
  run_elementwise(op, kernels::mask.on(op, self.device()).fill[kernels::size_class(t)], inputs,
                  compute, t, t, &self);
}

}  // namespace torch::ops
