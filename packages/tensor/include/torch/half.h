// float16 (IEEE binary16) and bfloat16 as storage types: arithmetic happens in float32, every store
// rounds to nearest, ties to even.
#pragma once
#include <cstdint>
#include <cstring>
#include <type_traits>

#ifdef __CUDACC__
#define TORCH_HALF_HD __host__ __device__ __forceinline__
#else
#define TORCH_HALF_HD inline __attribute__((always_inline))
#endif

namespace torch {
namespace half_bits {

TORCH_HALF_HD uint32_t of(float v) {
  uint32_t u;
  memcpy(&u, &v, sizeof u);
  return u;
}
TORCH_HALF_HD float to(uint32_t u) {
  float v;
  memcpy(&v, &u, sizeof v);
  return v;
}

// A double as the float32 that rounds to the same shorter number: towards zero, with the last bit
// set when anything was lost (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums:
// proved algorithms using rounding to odd", 2008).
TORCH_HALF_HD float round_to_odd(double d) {
  float f = static_cast<float>(d);
  double back = static_cast<double>(f);
  if (back == d || !(d == d) || back - back != 0) return f;
  uint32_t u = of(f);
  if ((back > d) == (d > 0)) u -= 1;  // rounded away from zero: one step back
  return to(u | 1u);
}

// Without branches, so that loops over it become vector code.
TORCH_HALF_HD uint16_t pack_float16(float v) {
  uint32_t u = of(v), sign = (u >> 16) & 0x8000u, a = u & 0x7fffffffu;
  // below 2^-14 adding 0.5 leaves the rounded denormal in the low bits
  uint32_t tiny = of(to(a) + 0.5f) - 0x3f000000u;
  uint32_t normal = (a - 0x38000000u + 0xfffu + ((a >> 13) & 1u)) >> 13;
  uint32_t special = a > 0x7f800000u ? 0x7e00u : 0x7c00u;
  uint32_t r = a < 0x38800000u ? tiny : normal;
  r = a >= 0x477ff000u ? special : r;  // 65520 and above, infinity, NaN
  return static_cast<uint16_t>(sign | r);
}
TORCH_HALF_HD float unpack_float16(uint16_t h) {
  uint32_t sign = (h & 0x8000u) << 16, a = h & 0x7fffu;
  float tiny = static_cast<float>(static_cast<int32_t>(a)) * 5.9604644775390625e-8f;  // 2^-24
  uint32_t normal = (a << 13) + 0x38000000u;
  uint32_t special = (a << 13) + 0x70000000u;  // infinity and NaN
  uint32_t r = a < 0x400u ? of(tiny) : (a < 0x7c00u ? normal : special);
  return to(sign | r);
}

TORCH_HALF_HD uint16_t pack_bfloat16(float v) {
  uint32_t u = of(v);
  uint32_t r = (u + 0x7fffu + ((u >> 16) & 1u)) >> 16;
  return static_cast<uint16_t>((u & 0x7fffffffu) > 0x7f800000u ? ((u >> 16) | 0x40u) : r);
}
TORCH_HALF_HD float unpack_bfloat16(uint16_t h) { return to(static_cast<uint32_t>(h) << 16); }

}  // namespace half_bits

#define TORCH_HALF_TYPE(Name, pack, unpack)                                             \
  struct Name {                                                                         \
    uint16_t bits;                                                                      \
    Name() = default;                                                                   \
    TORCH_HALF_HD Name(float v) : bits(half_bits::pack(v)) {}                           \
    TORCH_HALF_HD Name(double v) : bits(half_bits::pack(half_bits::round_to_odd(v))) {} \
    template <class I, std::enable_if_t<std::is_integral_v<I>, int> = 0>                \
    TORCH_HALF_HD Name(I v) : Name(static_cast<double>(v)) {}                           \
    TORCH_HALF_HD operator float() const { return half_bits::unpack(bits); }            \
  };
TORCH_HALF_TYPE(Half, pack_float16, unpack_float16)
TORCH_HALF_TYPE(BFloat16, pack_bfloat16, unpack_bfloat16)
#undef TORCH_HALF_TYPE

}  // namespace torch
