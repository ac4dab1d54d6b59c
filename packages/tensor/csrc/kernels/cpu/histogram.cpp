#include <cmath>
#include <limits>

#include "kernels/cpu/tally.h"
#include "kernels/sort_table.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

template <class T>
void extent(const char* in, int64_t n, int64_t* smallest, int64_t* largest) {
  auto* x = reinterpret_cast<const T*>(in);
  constexpr int64_t kPart = 1 << 16;
  int64_t parts = (n + kPart - 1) / kPart;
  std::vector<T> lo(parts), hi(parts);
  parallel_for(parts, 1, [&](int64_t first, int64_t last) {
    for (int64_t p = first; p < last; ++p) {
      T a = x[p * kPart], b = a;
      for (int64_t i = p * kPart, end = std::min(n, i + kPart); i < end; ++i) {
        a = x[i] < a ? x[i] : a;
        b = x[i] > b ? x[i] : b;
      }
      lo[p] = a;
      hi[p] = b;
    }
  });
  *smallest = static_cast<int64_t>(*std::min_element(lo.begin(), lo.end()));
  *largest = static_cast<int64_t>(*std::max_element(hi.begin(), hi.end()));
}

template <class T>
void count(const char* in, int64_t n, int64_t bins, int64_t* out) {
  auto* x = reinterpret_cast<const T*>(in);
  tally(n, bins, out, [x](int64_t begin, int64_t end, int64_t* table) {
    for (int64_t i = begin; i < end; ++i) ++table[x[i]];
  });
}

template <class T>
void weigh(const char* in, const double* weights, int64_t n, int64_t bins, double* out) {
  auto* x = reinterpret_cast<const T*>(in);
  tally(n, bins, out, [x, weights](int64_t begin, int64_t end, double* table) {
    for (int64_t i = begin; i < end; ++i) table[x[i]] += weights[i];
  });
}

template <class T>
void bin(const char* in, int64_t n, const char* edges_bytes, int64_t bins, int64_t* out) {
  auto* x = reinterpret_cast<const T*>(in);
  auto* edges = reinterpret_cast<const T*>(edges_bytes);
  const T lowest = edges[0], highest = edges[bins];
  // halves, because the difference of two finite numbers need not be finite
  const double origin = 0.5 * static_cast<double>(lowest);
  const double scale = static_cast<double>(bins) / (0.5 * static_cast<double>(highest) - origin);
  const bool even = std::isfinite(scale);
  tally(n, bins, out, [=](int64_t begin, int64_t end, int64_t* table) {
    for (int64_t i = begin; i < end; ++i) {
      T v = x[i];
      if (!(v >= lowest && v <= highest)) continue;
      int64_t k;
      if (even) {
        auto guess = static_cast<int64_t>((0.5 * static_cast<double>(v) - origin) * scale);
        k = std::min(guess, bins - 1);
        // the edges decide; the guess is off by a rounding
        while (v < edges[k]) --k;
        while (k < bins - 1 && v >= edges[k + 1]) ++k;
      } else {
        k = std::upper_bound(edges, edges + bins, v) - edges - 1;
      }
      ++table[k];
    }
  });
}

constexpr kernels::HistogramTable make_table() {
  kernels::HistogramTable t{};
#define INTEGER(ctype)                                      \
  t.extent[torch::index(dtype_of<ctype>)] = &extent<ctype>; \
  t.count[torch::index(dtype_of<ctype>)] = &count<ctype>;   \
  t.weigh[torch::index(dtype_of<ctype>)] = &weigh<ctype>;
  INTEGER(uint8_t)
  INTEGER(int8_t)
  INTEGER(int16_t)
  INTEGER(int32_t)
  INTEGER(int64_t)
#undef INTEGER
  t.bin[torch::index(DType::kFloat32)] = &bin<float>;
  t.bin[torch::index(DType::kFloat64)] = &bin<double>;
  return t;
}

}  // namespace

extern constinit const kernels::HistogramTable histogram = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
