#include "torch/ops/elementwise.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/tables.h"
#include "torch/compat.h"
#include "torch/ops/channels_last.h"
#include "torch/ops/copy.h"

namespace torch {

ScalarOperand::ScalarOperand(const char* op, Scalar value, DType dtype) {
  visit(dtype, [&]<class T>() {
    T v;
    if constexpr (std::is_same_v<T, bool>) {
      v = value.as_double() != 0;
    } else if constexpr (is_floating_type<T>) {
      double d = value.as_double();
      if (value.is_huge() && std::isinf(d))
        raise<OverflowError>(op, ": a whole number beyond the range of float64 does not fit ",
                             dtype);
      v = static_cast<T>(d);
    } else {
      if (value.is_huge() || (value.is_float() && !(value.d >= -0x1p63 && value.d < 0x1p63))) {
        raise<OverflowError>(op, ": the number ", value.d, " does not fit ", dtype);
      }
      int64_t i = value.is_float() ? static_cast<int64_t>(value.d) : value.i;
      if (i < static_cast<int64_t>(std::numeric_limits<T>::min()) ||
          i > static_cast<int64_t>(std::numeric_limits<T>::max())) {
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
  int dims = p.dims;
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
  p.dims = last + 1;
}

void set_operand(Plan& p, int k, const Tensor& t, DType loop_dtype) {
  p.op[k].data = t.bytes();
  p.op[k].dtype = t.dtype();
  p.op[k].loop_dtype = loop_dtype;
  p.converts |= t.dtype() != loop_dtype;
}

// Byte strides of `t` over the plan's shape, 0 where it is broadcast.
void set_strides(Plan& p, int k, const Tensor& t) {
  int dims = p.dims, skip = dims - t.ndim();
  int64_t* s = p.op[k].strides;
  for (int d = 0; d < skip; ++d) s[d] = 0;
  for (int d = skip; d < dims; ++d)
    s[d] = t.size(d - skip) == 1 ? 0 : t.stride(d - skip) * t.item_bytes();
}

}  // namespace

void check_out(const char* op, Tensor& out, const Shape& shape, DType result) {
  if (kind(result) > kind(out.dtype()) && !(is_integral(result) && is_integral(out.dtype()))) {
    raise<TypeError>(op, ": cannot store a ", result, " result in ", out);
  }
  if (out.shape() == shape) {
    if (out.overlaps_itself()) {
      raise<RuntimeError>(op, ": cannot write to an expanded ", out,
                          ": several of its elements share one place in memory");
    }
    return;
  }
  if (out.numel() != 0 && !compat::on(compat::Flag::outputs_first))
    raise<ValueError>(op, ": expected an output of size ", shape, ", got ", out);
  resize_(out, shape);
}

Tensor deliver(const char* op, const Tensor& result, Tensor* out) {
  if (!out) return result;
  check_out(op, *out, result.shape(), result.dtype());
  copy_(*out, result);
  return *out;
}

Tensor unaliased(const Tensor& t, const Tensor& out) {
  if (t.bytes() == out.bytes() && t.dtype() == out.dtype() && t.shape() == out.shape() &&
      t.strides() == out.strides())
    return t;
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
      raise<RuntimeError>(op, ": expected tensors on one device, got ", device_name(device),
                          " and ", device_name(in.tensor->device()));
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

Input rounded(const Input& in, DType common) {
  if (in.tensor || !is_half(common)) return in;
  double d = in.scalar.as_double();
  if (in.scalar.is_huge() && std::isinf(d)) return in;  // refused where it is stored
  return Scalar(common == DType::kFloat16 ? static_cast<double>(Half(d))
                                          : static_cast<double>(BFloat16(d)));
}

namespace {

bool is_pending(std::span<const Input> inputs, const Tensor* out) {
  for (const Input& in : inputs) {
    if (in.tensor && in.tensor->storage()->is_pending()) return true;
  }
  return out && out->storage()->is_pending();
}

// Runs the operation where its operands lie, channels last, and leaves a new result there. An
// undefined tensor, and nothing done, unless all operands of the result's size lie so.
Tensor run_channels_last(const char* op, ElementwiseKernel* kernel, std::span<const Input> inputs,
                         const DType* compute, DType loop_result, DType result, Tensor* out) {
  Tensor views[kMaxInputs];
  std::vector<Input> there(inputs.begin(), inputs.end());
  const Tensor* whole = nullptr;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].tensor) continue;
    views[i] = channels_last_view(*inputs[i].tensor);
    if (!views[i].defined()) continue;
    if (whole && whole->shape() != views[i].shape()) return {};
    whole = &views[i];
    there[i] = views[i];
  }
  if (!whole) return {};
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Tensor* t = inputs[i].tensor;
    if (!t || views[i].defined()) continue;
    // broadcast along the image, as a number per channel is
    int64_t different = 1;
    bool fits = t->ndim() <= whole->ndim();
    for (int d = 1; fits && d <= t->ndim(); ++d) {
      int64_t size = t->size(t->ndim() - d);
      fits = size == 1 || size == whole->size(whole->ndim() - d);
      if (t->stride(t->ndim() - d) != 0) different *= size;
    }
    if (!fits || 2 * different > whole->numel() ||
        (out && t->storage().get() == out->storage().get()))
      return {};
  }
  if (!out) {
    Tensor y = empty_channels_last(whole->shape(), result, whole->device());
    run_elementwise(op, kernel, there, compute, loop_result, result, &y);
    return hide_channels_last(y);
  }
  Tensor target = out->shape() == whole->shape() ? channels_last_view(*out) : Tensor();
  if (!target.defined())
    return run_elementwise(op, kernel, there, compute, loop_result, result, out);
  run_elementwise(op, kernel, there, compute, loop_result, result, &target);
  out->bump();
  return *out;
}

}  // namespace

Tensor run_elementwise(const char* op, ElementwiseKernel* kernel, std::span<const Input> inputs,
                       const DType* compute, DType loop_result, DType result, Tensor* out) {
  if (is_pending(inputs, out)) [[unlikely]] {
    Tensor done = run_channels_last(op, kernel, inputs, compute, loop_result, result, out);
    if (done.defined()) return done;
  }
  const Tensor* first = nullptr;
  bool same = true;  // all tensors and the output have one shape and are contiguous
  for (const Input& in : inputs) {
    if (!in.tensor) continue;
    if (!first) first = in.tensor;
    same = same && (in.tensor == first || in.tensor->shape() == first->shape()) &&
           in.tensor->is_contiguous();
  }
  Shape broadcasted;
  if (!same) {
    broadcasted = first->shape();
    for (const Input& in : inputs) {
      if (in.tensor) broadcasted = broadcast(op, broadcasted, in.tensor->shape());
    }
    checked_numel(op, broadcasted);
  }
  const Shape& shape = same ? first->shape() : broadcasted;

  Tensor fresh;
  std::vector<Tensor> apart;  // inputs that had to be copied away from the output
  if (out) {
    for (const Input& in : inputs) {
      if (in.tensor == out && out->shape() != shape) {
        raise<ValueError>(op, ": the result has size ", shape, " and cannot replace ", *out);
      }
    }
    check_out(op, *out, shape, result);
    same = same && out->is_contiguous();
    apart.reserve(inputs.size());
    for (const Input& in : inputs)
      apart.push_back(in.tensor ? unaliased(*in.tensor, *out) : Tensor());
  } else {
    fresh = empty(shape, result, first->device());
  }
  Tensor& dest = out ? *out : fresh;

  if (dest.numel() > 0) {
    Plan p;
    p.operands = static_cast<int>(inputs.size()) + 1;
    p.numel = dest.numel();
    p.converts = false;
    p.dims = same ? 1 : shape.size();
    if (same)
      p.shape[0] = p.numel;
    else
      std::copy(shape.begin(), shape.end(), p.shape);
    auto add = [&](int k, const Tensor& t, DType loop_dtype) {
      set_operand(p, k, t, loop_dtype);
      if (same)
        p.op[k].strides[0] = t.item_bytes();
      else
        set_strides(p, k, t);
    };
    add(0, dest, loop_result);
    ScalarOperand numbers[kMaxInputs];
    for (int k = 1; k < p.operands; ++k) {
      const Input& in = inputs[k - 1];
      if (in.tensor) {
        add(k, out ? apart[k - 1] : *in.tensor, compute[k - 1]);
        continue;
      }
      numbers[k - 1] = ScalarOperand(op, in.scalar, compute[k - 1]);
      p.op[k].data = numbers[k - 1].bytes;
      p.op[k].dtype = p.op[k].loop_dtype = compute[k - 1];
      std::fill_n(p.op[k].strides, p.dims, 0);
    }
    if (p.dims == 0) {
      p.dims = 1;
      p.shape[0] = 1;
      for (int k = 0; k < p.operands; ++k) p.op[k].strides[0] = 0;
    } else if (!same) {
      simplify(p);
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
