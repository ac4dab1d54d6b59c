#include "kernels/cpu/loops.h"
#include "kernels/tables.h"
#include "torch/math.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

constexpr kernels::BinaryTable make_table() {
  kernels::BinaryTable t{};
  int op = 0;
#define BINARY(name, functor, domain, ...) fill_row<math::functor, Domain::domain, 2>(t.at[op++]);
#include "torch/ops/binary.def"
#undef BINARY
  return t;
}

}  // namespace

extern constinit const kernels::BinaryTable binary = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
