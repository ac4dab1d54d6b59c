#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/cpu/loops.h"
#include "kernels/tables.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

template <class To>
struct Cast {
  template <class From>
  To operator()(From x) const {
    if constexpr (std::is_same_v<To, bool>) {
      return x != From(0);
    } else if constexpr (is_floating_type<From> && !is_floating_type<To>) {
      // Towards zero; what int64 does not hold, NaN too, becomes its smallest number (x86's
      // conversion gives that, and the language leaves it open); narrower integers keep the low
      // bits.
      using Wide = std::conditional_t<std::is_same_v<From, double>, double, float>;
      Wide v = static_cast<Wide>(x);
      bool fits = v >= Wide(-0x1p63) && v < Wide(0x1p63);
#ifdef __SSE4_1__
      if constexpr (sizeof(To) < 8) {
        // the low 32 bits, exactly: as many lanes at once as there are floats
        Wide whole = std::trunc(fits ? v : Wide(0));
        Wide low = whole - std::floor(whole * Wide(0x1p-32)) * Wide(0x1p32);
        return static_cast<To>(
            static_cast<int32_t>(low >= Wide(0x1p31) ? low - Wide(0x1p32) : low));
      }
#endif
      return static_cast<To>(static_cast<int64_t>(fits ? v : Wide(-0x1p63)));
    } else {
      return static_cast<To>(x);
    }
  }
};

template <class T>
void copy_loop(char* const* p, const int64_t* s, int64_t n) {
  if (s[0] == sizeof(T) && s[1] == sizeof(T)) {
    std::memmove(p[0], p[1], n * sizeof(T));
  } else if (s[0] == sizeof(T) && s[1] == 0) {
    std::fill_n(reinterpret_cast<T*>(p[0]), n, *reinterpret_cast<const T*>(p[1]));
  } else {
    loop<Cast<T>, T, T>(p, s, n);
  }
}

template <class From, class To>
void copy_kernel(const Plan& plan) {
  if constexpr (std::is_same_v<From, To>) {
    drive(plan, &copy_loop<From>);
  } else {
    drive(plan, &loop<Cast<To>, To, From>);
  }
}

template <class From>
constexpr void fill(ElementwiseKernel* (&row)[kDTypes], Loop* (&loops)[kDTypes]) {
  int i = 0;
#define DTYPE(e, ctype, name, prefix, kind) \
  row[i] = &copy_kernel<From, ctype>;       \
  loops[i++] = &loop<Cast<ctype>, ctype, From>;
#include "torch/dtype.def"
#undef DTYPE
}

struct Tables {
  kernels::CopyTable kernels;
  ConvertTable loops;
};

constexpr Tables make_tables() {
  Tables t{};
  int i = 0;
#define DTYPE(e, ctype, name, prefix, kind) fill<ctype>(t.kernels.at[i], t.loops.at[i]), ++i;
#include "torch/dtype.def"
#undef DTYPE
  return t;
}

}  // namespace

extern constinit const kernels::CopyTable copy = make_tables().kernels;
extern constinit const ConvertTable convert = make_tables().loops;

}  // namespace torch::cpu::TORCH_CPU_ISA
