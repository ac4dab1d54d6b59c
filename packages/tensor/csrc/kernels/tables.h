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

// c = alpha * a @ b + beta * c with c (m, n) row-major; a and b are given by element strides, one
// of which is 1.
struct Gemm {
  int64_t m, n, k;
  const char* a;
  int64_t a_row, a_col;
  const char* b;
  int64_t b_row, b_col;
  char* c;
  int64_t c_row;
  double alpha, beta;
};
struct LinalgTable {
  void (*gemm[kDTypes])(const Gemm&);
  // Solves a x = b in place for column-major a (n, n) and b (n, nrhs); returns LAPACK's info.
  int (*gesv[kDTypes])(int n, int nrhs, char* a, int* pivots, char* b);
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
extern KernelFamily<RandomTable> random;

}  // namespace torch::kernels
