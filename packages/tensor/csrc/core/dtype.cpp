#include "torch/dtype.h"

namespace torch {

DType promote(DType a, DType b) {
  if (a == b) return a;
  Kind ka = kind(a), kb = kind(b);
  if (ka > kb) return promote(b, a);
  // from here kind(a) <= kind(b)
  if (ka == kb) return item_size(a) >= item_size(b) ? a : b;
  if (ka == Kind::kBoolean) return b;
  if (kb == Kind::kFloating) {
    // float32 holds every 8 and 16 bit integer exactly, larger ones need float64
    return item_size(a) <= 2 ? b : DType::kFloat64;
  }
  // uint8 with a signed integer: the smallest signed type that holds both
  return item_size(b) > item_size(a) ? b : DType::kInt16;
}

}  // namespace torch
