// The table of lapack.cpp, which is compiled once: OpenBLAS chooses its own instruction sets.
#pragma once
#include "kernels/lapack_table.h"

namespace torch::cpu {

extern const kernels::LapackTable lapack;

}  // namespace torch::cpu
