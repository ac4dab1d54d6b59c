#include "torch/dtype.h"

namespace torch {

DType promote(DType a, DType b) {
  if (a == b) return a;
  Kind ka = kind(a), kb = kind(b);
  if (ka > kb) return promote(b, a);
  // from here kind(a) <= kind(b)
  if (ka == kb) {
    // float16 has more digits, bfloat16 more exponents: float32 has both
    if (is_half(a) && is_half(b)) return DType::kFloat32;
    return item_size(a) >= item_size(b) ? a : b;
  }
  if (ka == Kind::kBoolean) return b;
  if (kb == Kind::kFloating) {
    // the smallest floating dtype that holds the integers exactly: 8 bits fit any, 16 bits float32
    if (item_size(a) == 1) return b;
    return item_size(a) == 2 ? (is_half(b) ? DType::kFloat32 : b) : DType::kFloat64;
  }
  // uint8 with a signed integer: the smallest signed type that holds both
  return item_size(b) > item_size(a) ? b : DType::kInt16;
}

}  // namespace torch
