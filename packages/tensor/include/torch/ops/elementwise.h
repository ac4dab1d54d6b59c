// Element-wise ops: result dtype and shape first (meta), then one kernel call.
// `out`, where given, receives the result and is returned; it may be an input (the in-place forms).
#pragma once
#include <span>

#include "torch/elementwise.h"
#include "torch/ops/rows.h"

namespace torch {

// What an op will produce, known before anything runs.
struct Meta {
  Shape shape;
  DType dtype;
};

namespace ops {

struct ElementwiseMeta {
  DType common;  // of the inputs, after promotion
  DType result;
  DType compute() const { return computing(common); }  // what the kernel takes
};

ElementwiseMeta unary_meta(UnaryOp op, DType input);
ElementwiseMeta binary_meta(BinaryOp op, const Input& a, const Input& b);
ElementwiseMeta nary_meta(NaryOp op, std::span<const Input> inputs);

Tensor unary(UnaryOp op, const Tensor& x, Tensor* out = nullptr);
Tensor binary(BinaryOp op, const Input& a, const Input& b, Tensor* out = nullptr);
Tensor nary(NaryOp op, std::span<const Input> inputs, Tensor* out = nullptr);
// pow in float64
Tensor float_power(const Input& a, const Input& b, Tensor* out = nullptr);
// posinf, neginf: null for the largest and smallest number of the dtype
Tensor nan_to_num(const Tensor& x, Scalar nan, const Scalar* posinf, const Scalar* neginf,
                  Tensor* out = nullptr);
// condition: BoolTensor, ByteTensor or number; one of the three is a tensor
Tensor where(const Input& condition, const Input& a, const Input& b, Tensor* out = nullptr);

// Shared by the families: checks or makes the output, plans and runs `kernel`. compute[i] is what
// input i is converted to, loop_result what the kernel gives.
Tensor run_elementwise(const char* op, ElementwiseKernel* kernel, std::span<const Input> inputs,
                       const DType* compute, DType loop_result, DType result, Tensor* out);
// A number takes part in the tensors' dtype, so beside float16 it is rounded to float16 first.
Input rounded(const Input& in, DType common);
// dtype that tensors and numbers are computed in together (NEP 50)
DType common_dtype(const char* op, std::span<const Input> inputs);
// Checks that `result` of size `shape` may be written to `out` (an empty out is resized).
void check_out(const char* op, Tensor& out, const Shape& shape, DType result);
// `result`, written to `out` where one was given.
Tensor deliver(const char* op, const Tensor& result, Tensor* out);
// `t` itself, or a copy when it shares memory with `out` other than element by element.
Tensor unaliased(const Tensor& t, const Tensor& out);

}  // namespace ops
}  // namespace torch
