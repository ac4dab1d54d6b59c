#include "torch/ops/elementwise.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/tables.h"
#include "torch/ops/copy.h"

namespace torch {

ScalarOperand::ScalarOperand(const char* op, Scalar value, DType dtype) {
  visit(dtype, [&]<class T>() {
    T v;
    if constexpr (std::is_same_v<T, bool>) {
      v = value.as_double() != 0;
    } else if constexpr (std::is_floating_point_v<T>) {
      v = static_cast<T>(value.as_double());
    } else {
      int64_t i = value.is_float() ? static_cast<int64_t>(value.d) : value.i;
      if (i < static_cast<int64_t>(std::numeric_limits<T>::min()) || i > static_cast<int64_t>(std::numeric_limits<T>::max())) {
        raise<OverflowError>(op, ": the number ", i, " does not fit ", dtype);
      }
      v = static_cast<T>(i);
    }
    std::memcpy(bytes, &v, sizeof v);
  });
}

namespace ops {
namespace {

// Two dimensions of the plan are one when every operand steps through them evenly.
bool can_merge(const Plan& p, int outer, int inner) {
  if (p.shape[outer] == 1 || p.shape[inner] == 1) return true;
  for (int k = 0; k < p.operands; ++k) {
    if (p.op[k].strides[outer] != p.op[k].strides[inner] * p.shape[inner]) return false;
  }
  return true;
}

void swap_dims(Plan& p, int a, int b) {
  std::swap(p.shape[a], p.shape[b]);
  for (int k = 0; k < p.operands; ++k) std::swap(p.op[k].strides[a], p.op[k].strides[b]);
}

// Orders dimensions by the output's strides, largest first, then merges neighbours.
void simplify(Plan& p) {
  int dims = p.shape.size();
  for (int i = 1; i < dims; ++i) {
    for (int j = i; j > 0; --j) {
      int64_t above = std::abs(p.op[0].strides[j - 1]), here = std::abs(p.op[0].strides[j]);
      if (above >= here || p.shape[j] == 1) break;
      swap_dims(p, j - 1, j);
    }
  }
  int last = 0;
  for (int d = 1; d < dims; ++d) {
    if (can_merge(p, last, d)) {
      if (p.shape[last] == 1 || p.shape[d] != 1) {
        for (int k = 0; k < p.operands; ++k) p.op[k].strides[last] = p.op[k].strides[d];
      }
      p.shape[last] *= p.shape[d];
    } else {
      ++last;
      p.shape[last] = p.shape[d];
      for (int k = 0; k < p.operands; ++k) p.op[k].strides[last] = p.op[k].strides[d];
    }
  }
  p.shape.resize(last + 1);
  for (int k = 0; k < p.operands; ++k) p.op[k].strides.resize(last + 1);
}

void set_operand(Plan& p, int k, const Tensor& t, DType loop_dtype) {
  p.op[k].data = t.bytes();
  p.op[k].dtype = t.dtype();
  p.op[k].loop_dtype = loop_dtype;
  p.converts |= t.dtype() != loop_dtype;
}

// Byte strides of `t` over the plan's shape, 0 where it is broadcast.
void set_strides(Plan& p, int k, const Tensor& t) {
  int dims = p.shape.size(), skip = dims - t.ndim();
  Shape& s = p.op[k].strides;
  s.resize(dims);
  for (int d = 0; d < skip; ++d) s[d] = 0;
  for (int d = skip; d < dims; ++d) s[d] = t.size(d - skip) == 1 ? 0 : t.stride(d - skip) * t.item_bytes();
}

}  // namespace

void check_out(const char* op, Tensor& out, const Shape& shape, DType result) {
  if (kind(result) > kind(out.dtype()) && !(is_integral(result) && is_integral(out.dtype()))) {
    raise<TypeError>(op, ": cannot store a ", result, " result in ", out);
  }
  if (out.shape() == shape) {
    if (out.overlaps_itself()) {
      raise<RuntimeError>(op, ": cannot write to an expanded ", out, ": several of its elements share one place in memory");
    }
    return;
  }
  if (out.numel() != 0) raise<ValueError>(op, ": expected an output of size ", shape, ", got ", out);
  resize_(out, shape);
}

Tensor unaliased(const Tensor& t, const Tensor& out) {
  if (t.bytes() == out.bytes() && t.dtype() == out.dtype() && t.shape() == out.shape() && t.strides() == out.strides()) return t;
  auto [a, b] = t.byte_range();
  auto [c, d] = out.byte_range();
  return b <= c || d <= a ? t : clone(t);
}

DType common_dtype(const char* op, std::span<const Input> inputs) {
  DType dtype{};
  bool first = true;
  Device device;
  for (const Input& in : inputs) {
    if (!in.tensor) continue;
    if (!first && !(in.tensor->device() == device)) {
      raise<RuntimeError>(op, ": expected tensors on one device, got ", device_name(device), " and ", device_name(in.tensor->device()));
    }
    device = in.tensor->device();
    dtype = first ? in.tensor->dtype() : promote(dtype, in.tensor->dtype());
    first = false;
  }
  for (const Input& in : inputs) {
    if (in.tensor) continue;
    if (in.scalar.is_float()) dtype = floating(dtype);
    // so that 1 - mask is a mask again
    if (in.scalar.tag == Scalar::Tag::kInt && dtype == DType::kBool) dtype = DType::kUInt8;
  }
  return dtype;
}

Tensor run_elementwise(const char* op, ElementwiseKernel* kernel, std::span<const Input> inputs, const DType* compute, DType result,
                       Tensor* out) {
  const Tensor* first = nullptr;
  bool same = true;  // all tensors and the output have one shape and are contiguous
  for (const Input& in : inputs) {
    if (!in.tensor) continue;
    if (!first) first = in.tensor;
    same = same && in.tensor->shape() == first->shape() && in.tensor->is_contiguous();
  }
  Plan p;
  p.operands = static_cast<int>(inputs.size()) + 1;
  Tensor fresh;
  Tensor copies[kMaxInputs];
  ScalarOperand scalars[kMaxInputs];
  Shape shape;
  if (!same) {
    shape = first->shape();
    for (const Input& in : inputs) {
      if (in.tensor) shape = broadcast(op, shape, in.tensor->shape());
    }
  }
  const Shape& result_shape = same ? first->shape() : shape;
  if (out) {
    for (const Input& in : inputs) {
      if (in.tensor == out && out->shape() != result_shape) {
        raise<ValueError>(op, ": the result has size ", result_shape, " and cannot replace ", *out);
      }
    }
    check_out(op, *out, result_shape, result);
    same = same && out->is_contiguous();
  } else {
    fresh = Tensor(Ref<Storage>::adopt(Storage::allocate(result, same ? first->numel() : checked_numel(op, shape), first->device())),
                   result_shape, contiguous_strides(result_shape), 0);
  }
  Tensor& dest = out ? *out : fresh;
  p.numel = dest.numel();
  if (p.numel > 0) {
    set_operand(p, 0, dest, result);
    for (int k = 1; k < p.operands; ++k) {
      const Input& in = inputs[k - 1];
      if (in.tensor) {
        const Tensor* t = in.tensor;
        if (out) {
          copies[k - 1] = unaliased(*t, *out);
          t = &copies[k - 1];
        }
        set_operand(p, k, *t, compute[k - 1]);
      } else {
        scalars[k - 1] = ScalarOperand(op, in.scalar, compute[k - 1]);
        p.op[k].data = scalars[k - 1].bytes;
        p.op[k].dtype = p.op[k].loop_dtype = compute[k - 1];
      }
    }
    if (same) {
      p.shape = {p.numel};
      for (int k = 0; k < p.operands; ++k) {
        bool scalar = k > 0 && !inputs[k - 1].tensor;
        p.op[k].strides = {scalar ? 0 : item_size(p.op[k].dtype)};
      }
    } else {
      p.shape = dest.shape();
      set_strides(p, 0, dest);
      for (int k = 1; k < p.operands; ++k) {
        if (inputs[k - 1].tensor) {
          set_strides(p, k, out ? copies[k - 1] : *inputs[k - 1].tensor);
        } else {
          p.op[k].strides.resize(p.shape.size());
          std::fill(p.op[k].strides.begin(), p.op[k].strides.end(), 0);
        }
      }
      if (p.shape.empty()) {
        p.shape = {1};
        for (int k = 0; k < p.operands; ++k) p.op[k].strides = {0};
      } else {
        simplify(p);
      }
    }
    kernel(p);
  }
  if (out) {
    out->bump();
    return *out;
  }
  return fresh;
}

}  // namespace ops
}  // namespace torch
