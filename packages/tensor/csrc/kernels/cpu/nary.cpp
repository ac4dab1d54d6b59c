#include <bit>
#include <type_traits>

#include "kernels/cpu/loops.h"
#include "kernels/tables.h"
#include "torch/math_activation.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

// In bits: a choice would become a branch, which random conditions mislead. The condition is read
// as a byte, for NumPy's bools may hold any.
struct Where {
  template <class T>
  T operator()(uint8_t condition, T a, T b) const {
    using Bits = std::conditional_t<
        sizeof(T) == 8, uint64_t,
        std::conditional_t<sizeof(T) == 4, uint32_t,
                           std::conditional_t<sizeof(T) == 2, uint16_t, uint8_t>>>;
    auto all = static_cast<Bits>(-static_cast<Bits>(condition != 0));
    auto x = std::bit_cast<Bits>(a), y = std::bit_cast<Bits>(b);
    return std::bit_cast<T>(static_cast<Bits>((x & all) | (y & ~all)));
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
#define DTYPE(e, ctype, name, prefix, kind)                                  \
  if constexpr (!is_half(DType::e))                                          \
    t.where[i] = &kernel<Where, kMemoryGrain, ctype, uint8_t, ctype, ctype>; \
  ++i;
#include "torch/dtype.def"
#undef DTYPE
  return t;
}

}  // namespace

extern constinit const kernels::NaryTable nary = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
