#include "kernels/cpu/loops.h"
#include "kernels/tables.h"
#include "torch/math.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

constexpr kernels::UnaryTable make_table() {
  kernels::UnaryTable t{};
  int op = 0;
#define UNARY(name, functor, domain, ...) fill_row<math::functor, Domain::domain, 1>(t.at[op++]);
#include "torch/ops/unary.def"
#undef UNARY
  return t;
}

}  // namespace

extern constinit const kernels::UnaryTable unary = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
