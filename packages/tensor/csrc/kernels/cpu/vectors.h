// Vectors as wide as the instruction set has them.
#pragma once
#include <cstdint>
#include <cstring>

#include "kernels/cpu/isa.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
#elif defined(__AVX2__)
constexpr int kVectorBytes = 32;
#else
constexpr int kVectorBytes = 16;
#endif
template <class T>
struct VectorOf {
  typedef T type __attribute__((vector_size(kVectorBytes)));
};
template <class T>
using Vector = typename VectorOf<T>::type;
template <class T>
inline constexpr int kWidth = kVectorBytes / sizeof(T);  // elements of a vector

template <class T>
inline __attribute__((always_inline)) Vector<T> load(const T* x) {
  Vector<T> v;
  std::memcpy(&v, x, sizeof v);
  return v;
}
template <class T>
inline __attribute__((always_inline)) void store(T* x, Vector<T> v) {
  std::memcpy(x, &v, sizeof v);
}
// n < kWidth elements, then `fill`
template <class T>
inline Vector<T> load(const T* x, int64_t n, T fill) {
  T v[kWidth<T>];
  for (int i = 0; i < kWidth<T>; ++i) v[i] = i < n ? x[i] : fill;  // a masked load
  return load(v);
}

}  // namespace
}  // namespace torch::cpu::TORCH_CPU_ISA
