#include <limits>

#include "kernels/tables.h"
#include "torch/ops/copy.h"
#include "torch/ops/elementwise.h"
#include "torch/ops/reduce.h"

namespace torch::ops {
namespace {

bool fits(int64_t v, DType t) {
  return visit(t, [&]<class T>() {
    if constexpr (!is_floating_type<T>) {
      return v >= static_cast<int64_t>(std::numeric_limits<T>::min()) &&
             v <= static_cast<int64_t>(std::numeric_limits<T>::max());
    } else {
      return true;
    }
  });
}

// Integer powers stay integers, so negative exponents have no result.
void check_exponent(const char* op, const Input& e) {
  bool negative = e.tensor ? e.tensor->numel() > 0 && kind(e.tensor->dtype()) == Kind::kSigned &&
                                 reduce_all(ReduceOp::amin, *e.tensor).as_double() < 0
                           : e.scalar.as_double() < 0;
  if (negative)
    raise<ValueError>(
        op,
        ": integers have no negative integer powers; convert the base to a floating dtype first");
}

}  // namespace

ElementwiseMeta binary_meta(BinaryOp op, const Input& a, const Input& b) {
  const Row& r = row(op);
  const Input inputs[] = {a, b};
  DType t = common_dtype(r.name, inputs);
  if (op == BinaryOp::ldexp && a.tensor && !(b.tensor && is_floating(b.tensor->dtype())))
    t = a.tensor->dtype();  // whole exponents do not widen
  switch (r.domain) {
    case Domain::kFloating:
      return {floating(t), floating(t)};
    case Domain::kCompare:
      for (const Input& in :
           inputs) {  // a number that the tensor's dtype cannot hold still compares
        if (!in.tensor && in.scalar.tag == Scalar::Tag::kInt && !fits(in.scalar.i, t))
          t = DType::kInt64;
        if (!in.tensor && in.scalar.is_huge()) t = floating(t);
      }
      return {t, DType::kBool};
    case Domain::kArithmetic:
      if (t == DType::kBool) {
        if (op == BinaryOp::sub)
          raise<TypeError>(r.name, ": not defined for two BoolTensors (use ^ or logical_xor)");
        t = DType::kInt8;
      }
      return {t, t};
    case Domain::kBits:
    case Domain::kIntegers:
      if (is_floating(t)) raise<TypeError>(r.name, ": expected integer or bool operands, got ", t);
      if (r.domain == Domain::kIntegers && t == DType::kBool) t = DType::kInt8;
      return {t, t};
    default:
      return {t, t};
  }
}

Tensor binary(BinaryOp op, const Input& a, const Input& b, Tensor* out) {
  const Row& r = row(op);
  ElementwiseMeta m = binary_meta(op, a, b);
  if (op == BinaryOp::pow && !is_floating(m.common)) check_exponent(r.name, b);
  Device device = (a.tensor ? a.tensor : b.tensor)->device();
  // float16 and bfloat16 have neighbours of their own
  DType loop = op == BinaryOp::nextafter ? m.common : m.compute();
  ElementwiseKernel* kernel =
      kernels::binary.on(r.name, device).at[static_cast<int>(op)][index(loop)];
  auto operand = [&](const Input& in) {
    // beyond float64 a number still compares, as an infinity
    if (r.domain == Domain::kCompare && !in.tensor && in.scalar.is_huge())
      return Input(Scalar(in.scalar.d));
    return rounded(in, m.common);
  };
  if (op == BinaryOp::pow && a.tensor && !b.tensor && is_floating(loop) &&
      b.scalar.as_double() == 2.0) {
    constexpr int square = static_cast<int>(UnaryOp::square);
    kernel = kernels::unary.on(r.name, device).at[square][index(loop)];
    const Input base[] = {operand(a)};
    const DType dtype[] = {loop};
    return run_elementwise(r.name, require(kernel, r.name, loop, device), base, dtype, loop,
                           m.result, out);
  }
  const Input inputs[] = {operand(a), operand(b)};
  const DType compute[] = {loop, loop};
  return run_elementwise(r.name, require(kernel, r.name, loop, device), inputs, compute,
                         r.domain == Domain::kCompare ? DType::kBool : loop, m.result, out);
}

Tensor float_power(const Input& a, const Input& b, Tensor* out) {
  auto wide = [](const Input& in) {
    return in.tensor ? to(*in.tensor, DType::kFloat64) : Tensor();
  };
  Tensor x = wide(a), y = wide(b);
  return binary(BinaryOp::pow, a.tensor ? Input(x) : a, b.tensor ? Input(y) : b, out);
}

}  // namespace torch::ops
