// float32 and float64 products on oneDNN and OpenBLAS; compiled once, the libraries choose their
// own instruction sets.
#pragma once
#include <shared_mutex>

#include "kernels/tables.h"

namespace torch::cpu {

// One matrix: c = alpha * a @ b + beta * c; the batch of `g` is not looked at.
void gemm_float(const kernels::Gemm& g, const float* a, const float* b, float* c);
void gemm_double(const kernels::Gemm& g, const double* a, const double* b, double* c);

// Held by every call of OpenBLAS that may use threads: a fork waits for it. `work` multiply-adds
// are worth that many threads.
class OpenBlasCall {
 public:
  explicit OpenBlasCall(int64_t work);

 private:
  std::shared_lock<std::shared_mutex> running_;
};

}  // namespace torch::cpu
