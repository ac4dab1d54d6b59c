// Numbers as unsigned keys of the same order, for sorting, selecting and searching. NaN has the
// largest key; both zeros have one key.
#pragma once
#include <cstdint>
#include <type_traits>

#include "kernels/cpu/isa.h"
#include "torch/dtype.h"
#include "torch/math.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

template <size_t bytes>
struct UnsignedOf;
template <>
struct UnsignedOf<1> {
  using type = uint8_t;
};
template <>
struct UnsignedOf<2> {
  using type = uint16_t;
};
template <>
struct UnsignedOf<4> {
  using type = uint32_t;
};
template <>
struct UnsignedOf<8> {
  using type = uint64_t;
};

// False and true are the bytes 0 and 1.
template <class T>
using OrderedAs = std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>;

template <class T>
inline constexpr int kMantissaBits = 0;
template <>
inline constexpr int kMantissaBits<float> = 23;
template <>
inline constexpr int kMantissaBits<double> = 52;
template <>
inline constexpr int kMantissaBits<Half> = 10;
template <>
inline constexpr int kMantissaBits<BFloat16> = 7;

template <class T>
struct Order {
  using Key = typename UnsignedOf<sizeof(T)>::type;
  static constexpr int kBits = 8 * sizeof(T);
  static constexpr Key kTop = static_cast<Key>(Key(1) << (kBits - 1));
  static constexpr Key kNaN = static_cast<Key>(~Key(0));
  static constexpr Key kInfinity =
      static_cast<Key>((Key(~kTop) >> kMantissaBits<T>) << kMantissaBits<T>);

  static constexpr bool kSigned = kind(dtype_of<T>) == Kind::kSigned;

  [[gnu::always_inline]] static Key key(T v) {
    if constexpr (is_floating_type<T>) {
      // Floating numbers are a sign and a magnitude: negative ones are turned around.
      Key b = math::bit_cast<Key>(v), magnitude = static_cast<Key>(b & ~kTop);
      Key k = static_cast<Key>(b & kTop ? ~b : b | kTop);
      k = magnitude == 0 ? kTop : k;
      return magnitude > kInfinity ? kNaN : k;
    } else if constexpr (kSigned) {
      return static_cast<Key>(static_cast<Key>(v) ^ kTop);
    } else {
      return static_cast<Key>(v);
    }
  }
  [[gnu::always_inline]] static T value(Key k) {
    if constexpr (is_floating_type<T>) {
      Key b = static_cast<Key>(k & kTop ? k ^ kTop : ~k);
      return math::bit_cast<T>(k == kNaN ? static_cast<Key>(kInfinity | (kInfinity >> 1)) : b);
    } else if constexpr (kSigned) {
      return static_cast<T>(static_cast<Key>(k ^ kTop));
    } else {
      return static_cast<T>(k);
    }
  }
  // Whether all numbers with this key have the same bits.
  [[gnu::always_inline]] static bool is_exact(Key k) {
    return !is_floating_type<T> || (k != kTop && k != kNaN);
  }
  [[gnu::always_inline]] static bool is_nan(Key k) { return is_floating_type<T> && k == kNaN; }

  // Signed keys of at least 32 bits from which a value comes back as it was: the negative zero is
  // the smaller one; one NaN stands for all.
  using Whole = std::conditional_t<sizeof(T) == 8, int64_t, int32_t>;
  [[gnu::always_inline]] static Whole whole_key(T v) {
    if constexpr (is_floating_type<T>) {
      Key b = math::bit_cast<Key>(v), magnitude = static_cast<Key>(b & ~kTop);
      Whole k = b & kTop ? ~static_cast<Whole>(magnitude) : static_cast<Whole>(magnitude);
      return magnitude > kInfinity ? static_cast<Whole>(kInfinity | (kInfinity >> 1)) : k;
    } else {
      return static_cast<std::make_signed_t<Key>>(kSigned ? v : static_cast<Key>(v ^ kTop));
    }
  }
  [[gnu::always_inline]] static T value_of_whole(Whole k) {
    if constexpr (is_floating_type<T>) {
      return math::bit_cast<T>(static_cast<Key>(k < 0 ? static_cast<Key>(~k) | kTop : k));
    } else {
      return static_cast<T>(kSigned ? static_cast<Key>(k) : static_cast<Key>(k) ^ kTop);
    }
  }
};

}  // namespace
}  // namespace torch::cpu::TORCH_CPU_ISA
