#include "kernels/cpu/loops.h"
#include "kernels/tables.h"
#include "torch/math.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

struct Where {
  template <class T>
  T operator()(bool condition, T a, T b) const {
    return condition ? a : b;
  }
};

constexpr kernels::NaryTable make_table() {
  kernels::NaryTable t{};
  int op = 0;
#define NARY(name, shown, functor, inputs, domain, doc, ...) \
  fill_row<math::functor, Domain::domain, inputs>(t.at[op++]);
#include "torch/ops/nary.def"
#undef NARY
  int i = 0;
#define DTYPE(e, ctype, name, prefix, kind)                               \
  if constexpr (!is_half(DType::e))                                       \
    t.where[i] = &kernel<Where, kMemoryGrain, ctype, bool, ctype, ctype>; \
  ++i;
#include "torch/dtype.def"
#undef DTYPE
  return t;
}

}  // namespace

extern constinit const kernels::NaryTable nary = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
