// What ops may ask of kernels: one table of function pointers per family, filled for every device
// that was built.
#pragma once
#include "torch/elementwise.h"
#include "torch/generator.h"
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
  double p;       // of norm
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
  ReduceKernel* at[kReduceOps][kDTypes];
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

// Elements of `data` at element offsets: the shared core of gather, scatter and indexing. `inner`
// elements follow each offset.
enum class Scatter : uint8_t { kAssign, kAdd };
struct IndexTable {
  // out[i, j] = data[offset[i] + j * inner_stride], j < inner
  void (*take[kDTypes])(char* out, const char* data, const int64_t* offset, int64_t n,
                        int64_t inner, int64_t inner_stride);
  // data[offset[i] + j * inner_stride] (=, +=) source[i * source_step + j * source_inner], in the
  // order of i
  void (*put[kDTypes])(Scatter mode, char* data, const char* source, const int64_t* offset,
                       int64_t n, int64_t inner, int64_t inner_stride, int64_t source_step,
                       int64_t source_inner);
  // Row-major positions of the true elements of mask[0..n) into out, or only their number when out
  // is null; returns the number.
  int64_t (*flat_nonzero)(const bool* mask, int64_t n, int64_t* out);
};

enum class Distribution : uint8_t { kUniform, kNormal, kBernoulli, kIntegers };
struct RandomTable {
  // Element i of the n elements at `out` (contiguous) from the i-th numbers after `state`; a, b are
  // the distribution's parameters.
  void (*fill[kDTypes])(Distribution d, char* out, int64_t n, PhiloxState state, double a,
                        double b);
  // 0, ..., n - 1 in random order
  void (*permutation)(int64_t* out, int64_t n, PhiloxState state);
};

extern KernelFamily<UnaryTable> unary;
extern KernelFamily<BinaryTable> binary;
extern KernelFamily<NaryTable> nary;
extern KernelFamily<CopyTable> copy;
extern KernelFamily<ReduceTable> reduce;
extern KernelFamily<LinalgTable> linalg;
extern KernelFamily<IndexTable> index;
extern KernelFamily<RandomTable> random;

}  // namespace torch::kernels
