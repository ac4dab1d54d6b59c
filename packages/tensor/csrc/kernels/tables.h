// What ops may ask of kernels: one table of function pointers per family, filled for every device
// that was built.
#pragma once
#include "torch/elementwise.h"
#include "torch/ops/rows.h"
#include "torch/registry.h"

namespace torch::kernels {

struct UnaryTable {
  ElementwiseKernel* at[kUnaryOps][kDTypes];
};
struct BinaryTable {
  ElementwiseKernel* at[kBinaryOps][kDTypes];
};
struct NaryTable {
  ElementwiseKernel* at[kNaryOps][kDTypes];
  ElementwiseKernel* where[kDTypes];  // inputs: condition (bool), a, b
};
struct CopyTable {
  ElementwiseKernel* at[kDTypes][kDTypes];  // [from][to]
};

// out[k] = reduction over r of in[k, r]; dimensions are collapsed, strides are bytes.
struct ReducePlan {
  char* out;
  const char* in;
  Shape kept, kept_in, kept_out;  // sizes, strides of the input, strides of the output
  Shape reduced, reduced_in;
  int64_t count;  // elements per result
  double p;       // of norm; of the moments, what is taken off the count to divide by
  // of the moments: `out` receives the variance, or its root, `mean` the mean unless it is null; it
  // has the strides of out
  char* mean = nullptr;
  bool root = false;
};
using ReduceKernel = void(const ReducePlan&);
// One dimension of n elements at `stride` bytes; values and indices are written.
struct ArgReducePlan {
  char* values;  // null when only the index is wanted
  int64_t* indices;
  const char* in;
  Shape kept, kept_in;  // outputs are contiguous over `kept`
  int64_t n, stride;
};
using ArgReduceKernel = void(const ArgReducePlan&);
struct ReduceTable {
  ReduceKernel* at[kReduceOps][kDTypes];  // null: reduced in float64
  ReduceKernel* moments[kDTypes];
  ArgReduceKernel* arg_max[kDTypes];
  ArgReduceKernel* arg_min[kDTypes];
};

// c = alpha * a @ b + beta * c for every matrix of a batch. Strides are elements. c (m, n) is
// row-major, its matrices lie one after the other; of a's two strides one is 1, and of b's. alpha
// and beta belong to floating dtypes, others take 1 and 0.
struct Gemm {
  int64_t m, n, k;
  const char* a;
  int64_t a_row, a_col;
  const char* b;
  int64_t b_row, b_col;
  char* c;
  double alpha, beta;
  Shape batch, a_batch, b_batch;  // sizes and strides of the dimensions in front; empty: one matrix
};
struct LinalgTable {
  void (*gemm[kDTypes])(const Gemm&);
  // *out = sum of x[i] * y[i], both contiguous
  void (*dot[kDTypes])(char* out, const char* x, const char* y, int64_t n);
};

extern KernelFamily<UnaryTable> unary;
extern KernelFamily<BinaryTable> binary;
extern KernelFamily<NaryTable> nary;
extern KernelFamily<CopyTable> copy;
extern KernelFamily<ReduceTable> reduce;
extern KernelFamily<LinalgTable> linalg;

}  // namespace torch::kernels
