// dtypes and NumPy's promotion rules (NEP 50).
#pragma once
#include <cstddef>
#include <cstdint>

#include "torch/half.h"

namespace torch {

enum class DType : uint8_t {
#define DTYPE(e, ctype, name, prefix, kind) e,
#include "torch/dtype.def"
#undef DTYPE
};

// In the order of promotion.
enum class Kind : uint8_t { kBoolean, kUnsigned, kSigned, kFloating };

inline constexpr int kDTypes = 0
#define DTYPE(e, ctype, name, prefix, kind) +1
#include "torch/dtype.def"
#undef DTYPE
    ;

struct DTypeInfo {
  const char* name;        // "float32"
  const char* class_name;  // "FloatTensor"
  const char* prefix;      // "Float"
  Kind kind;
  uint8_t size;  // bytes of one element
};

inline constexpr DTypeInfo kDTypeInfo[kDTypes] = {
#define DTYPE(e, ctype, name, prefix, kind) \
  {#name, #prefix "Tensor", #prefix, Kind::kind, sizeof(ctype)},
#include "torch/dtype.def"
#undef DTYPE
};

constexpr const DTypeInfo& info(DType t) { return kDTypeInfo[static_cast<int>(t)]; }
constexpr int index(DType t) { return static_cast<int>(t); }
constexpr int64_t item_size(DType t) { return info(t).size; }
constexpr Kind kind(DType t) { return info(t).kind; }
constexpr bool is_floating(DType t) { return kind(t) == Kind::kFloating; }
constexpr bool is_integral(DType t) {
  return kind(t) == Kind::kUnsigned || kind(t) == Kind::kSigned;
}

// dtype_of<float> is DType::kFloat32.
template <class T>
struct DTypeOf;
#define DTYPE(e, ctype, name, prefix, kind)  \
  template <>                                \
  struct DTypeOf<ctype> {                    \
    static constexpr DType value = DType::e; \
  };
#include "torch/dtype.def"
#undef DTYPE
template <class T>
inline constexpr DType dtype_of = DTypeOf<T>::value;
// Unlike std::is_floating_point, float16 and bfloat16 count.
template <class T>
inline constexpr bool is_floating_type = is_floating(dtype_of<T>);

// Calls f.template operator()<T>() with the C++ type of `t`.
template <class F>
decltype(auto) visit(DType t, F&& f) {
  switch (t) {
#define DTYPE(e, ctype, name, prefix, kind) \
  case DType::e:                            \
    return f.template operator()<ctype>();
#include "torch/dtype.def"
#undef DTYPE
  }
  __builtin_unreachable();
}

// The dtype two tensors are computed in: NumPy's table.
DType promote(DType a, DType b);
// Floating results of integer inputs (true division, exp, mean) are float64.
constexpr DType floating(DType t) { return is_floating(t) ? t : DType::kFloat64; }
// The dtype kernels work in: float16 and bfloat16 are stored, arithmetic happens in float32.
constexpr bool is_half(DType t) { return t == DType::kFloat16 || t == DType::kBFloat16; }
constexpr DType computing(DType t) { return is_half(t) ? DType::kFloat32 : t; }

}  // namespace torch
