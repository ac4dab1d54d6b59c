// float32 and float64 linear algebra on oneDNN and OpenBLAS; compiled once, the libraries choose
// their own instruction sets.
#pragma once
#include "kernels/tables.h"

namespace torch::cpu {

void gemm_float(const kernels::Gemm& g);
void gemm_double(const kernels::Gemm& g);
int gesv_float(int n, int nrhs, char* a, int* pivots, char* b);
int gesv_double(int n, int nrhs, char* a, int* pivots, char* b);

}  // namespace torch::cpu
