#include <algorithm>
#include <cmath>
#include <cstring>
#ifdef __F16C__
#include <immintrin.h>
#endif

#include "kernels/cpu/loops.h"
#include "kernels/cpu/transpose.h"
#include "kernels/cpu/vectors.h"
#include "kernels/tables.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

// Floats become integers towards zero; what int64 does not hold, NaN too, becomes its smallest
// number (x86's conversion gives that, and the language leaves it open); narrower integers keep the
// low bits.
template <class To>
struct Cast {
  static constexpr bool kCopies = true;
  template <class From>
  static constexpr bool kTruncates =
      is_floating_type<From> && !is_floating_type<To> && !std::is_same_v<To, bool>;
  template <class From>
  using Wide = std::conditional_t<std::is_same_v<From, double>, double, float>;

  // 32 bits hold the number: there are instructions for several at once.
  template <class From>
    requires(kTruncates<From> && sizeof(To) < 8)
  static bool easy(From x) {
    return std::fabs(static_cast<Wide<From>>(x)) < Wide<From>(0x1p31);
  }
  template <class From>
    requires(kTruncates<From> && sizeof(To) < 8)
  static To fast(From x) {
    return static_cast<To>(static_cast<int32_t>(static_cast<Wide<From>>(x)));
  }
  template <class From>
  To operator()(From x) const {
    if constexpr (kTruncates<From>) {
      auto v = static_cast<Wide<From>>(x);
      bool fits = v >= Wide<From>(-0x1p63) && v < Wide<From>(0x1p63);
      return static_cast<To>(static_cast<int64_t>(fits ? v : Wide<From>(-0x1p63)));
    } else if constexpr (std::is_same_v<To, bool>) {
      return x != From(0);
    } else {
      return static_cast<To>(x);
    }
  }
};

// Not memmove where it is long: its string instructions are ten times slower on some processors
// where the target lies a few bytes after the source, modulo a page.
void copy_bytes(char* to, const char* from, int64_t n) {
  constexpr int64_t kStep = 4 * kVectorBytes, kLong = 4096;
  if (n >= kLong) {
    for (; n >= kStep; n -= kStep, to += kStep, from += kStep) {
      constexpr int64_t kSize = kVectorBytes;
      Vector<char> a = load(from), b = load(from + kSize);
      Vector<char> c = load(from + 2 * kSize), d = load(from + 3 * kSize);
      store(to, a), store(to + kSize, b);
      store(to + 2 * kSize, c), store(to + 3 * kSize, d);
    }
  }
  std::memmove(to, from, n);
}

template <class T>
void copy_loop(char* const* p, const int64_t* s, int64_t n) {
  if (s[0] == sizeof(T) && s[1] == sizeof(T)) {
    copy_bytes(p[0], p[1], n * sizeof(T));
  } else if (s[0] == sizeof(T) && s[1] == 0) {
    std::fill_n(reinterpret_cast<T*>(p[0]), n, *reinterpret_cast<const T*>(p[1]));
  } else {
    loop<Cast<T>, kMemoryGrain, T, T>(p, s, n);
  }
}

// The conversion loop. float16 has instructions of its own.
template <class From, class To>
void convert_loop(char* const* p, const int64_t* s, int64_t n) {
#ifdef __F16C__
  constexpr bool kNarrow = std::is_same_v<From, float> && std::is_same_v<To, Half>;
  constexpr bool kWiden = std::is_same_v<From, Half> && std::is_same_v<To, float>;
  if constexpr (kNarrow || kWiden) {
    if (s[0] == sizeof(To) && s[1] == sizeof(From)) {
      auto* out = reinterpret_cast<To*>(p[0]);
      auto* in = reinterpret_cast<const From*>(p[1]);
      constexpr int kLanes = 8;
      auto eight = [](const From* x, To* y) {
        if constexpr (kNarrow) {
          __m128i h =
              _mm256_cvtps_ph(_mm256_loadu_ps(x), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
          _mm_storeu_si128(reinterpret_cast<__m128i*>(y), h);
        } else {
          __m128i h = _mm_loadu_si128(reinterpret_cast<const __m128i*>(x));
          _mm256_storeu_ps(y, _mm256_cvtph_ps(h));
        }
      };
      int64_t i = 0;
      for (; i + kLanes <= n; i += kLanes) eight(in + i, out + i);
      if (i < n) {  // the tail through the same instruction
        From x[kLanes] = {};
        To y[kLanes];
        std::memcpy(x, in + i, (n - i) * sizeof(From));
        eight(x, y);
        std::memcpy(out + i, y, (n - i) * sizeof(To));
      }
      return;
    }
  }
#endif
  loop<Cast<To>, kMemoryGrain, To, From>(p, s, n);
}

template <class From, class To>
void copy_kernel(const Plan& plan) {
  if constexpr (std::is_same_v<From, To>) {
    if (!copy_transposed(plan, sizeof(From))) drive(plan, &copy_loop<From>);
  } else {
    drive(plan, &convert_loop<From, To>);
  }
}

template <class From>
constexpr void fill(ElementwiseKernel* (&row)[kDTypes], Loop* (&loops)[kDTypes]) {
  int i = 0;
#define DTYPE(e, ctype, name, prefix, kind) \
  row[i] = &copy_kernel<From, ctype>;       \
  loops[i++] = &convert_loop<From, ctype>;
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
