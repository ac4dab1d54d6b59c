// Sorting and selecting of signed 32- and 64-bit keys, in vector registers where AVX2 is: a
// quicksort whose partition sends eight (or four) keys at a time to the two ends of another buffer,
// down to sizes that a network sorts in registers (after B. Bramas, "A novel hybrid quicksort
// algorithm vectorized using AVX-512", 2017, and M. Blacher et al., "Vectorized and
// performance-portable quicksort", 2022).
//
// Keys are all that is sorted. Equal ones cannot be told apart, so that the result does not depend
// on pivots, threads or instruction sets.
#pragma once
#include <array>
#include <limits>

#include "kernels/cpu/lanes.h"
#include "kernels/cpu/radix.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

#if defined(__AVX2__)
constexpr bool kVectorSort = true;
template <class K>
struct KeyVector {
  typedef K type __attribute__((vector_size(32)));
};
template <class K>
using Keys = typename KeyVector<K>::type;
template <class K>
constexpr int kKeys = 32 / sizeof(K);

template <class K>
[[gnu::always_inline]] inline Keys<K> load_keys(const K* x) {
  Keys<K> v;
  std::memcpy(&v, x, sizeof v);
  return v;
}
template <class K>
[[gnu::always_inline]] inline void store_keys(K* x, Keys<K> v) {
  std::memcpy(x, &v, sizeof v);
}

template <class V>
[[gnu::always_inline]] inline void put_in_order(V& a, V& b) {
  auto swap = a > b;
  V least = swap ? b : a;
  b = swap ? a : b;
  a = least;
}

// Every lane with the one whose number is `flip` away in bits: the smaller of each pair to the
// lane in which `bit` is not set.
template <int flip, int bit, class K>
[[gnu::always_inline]] inline Keys<K> order_lanes(Keys<K> v) {
  return [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
    Keys<K> other = __builtin_shufflevector(v, v, (I ^ flip)...);
    // a lane whose bit is set takes its partner where that is larger, the others where it is
    // smaller
    Keys<K> low = v, high = other;
    put_in_order(low, high);
    return __builtin_shufflevector(low, high, ((I & bit) ? I + kKeys<K> : I)...);
  }(std::make_integer_sequence<int, kKeys<K>>{});
}

template <class K>
[[gnu::always_inline]] inline Keys<K> reversed(Keys<K> v) {
  return [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
    return __builtin_shufflevector(v, v, (kKeys<K> - 1 - I)...);
  }(std::make_integer_sequence<int, kKeys<K>>{});
}

// A bitonic vector in order.
template <class K>
[[gnu::always_inline]] inline Keys<K> merge_lanes(Keys<K> v) {
  if constexpr (kKeys<K> == 8) v = order_lanes<4, 4, K>(v);
  v = order_lanes<2, 2, K>(v);
  return order_lanes<1, 1, K>(v);
}

template <class K>
[[gnu::always_inline]] inline Keys<K> sort_lanes(Keys<K> v) {
  v = order_lanes<1, 1, K>(v);
  v = order_lanes<3, 2, K>(v);
  v = order_lanes<1, 1, K>(v);
  if constexpr (kKeys<K> == 8) {
    v = order_lanes<7, 4, K>(v);
    v = order_lanes<2, 2, K>(v);
    v = order_lanes<1, 1, K>(v);
  }
  return v;
}

template <int d, class K>
[[gnu::always_inline]] inline void swap_blocks(Keys<K>& a, Keys<K>& b) {
  [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
    constexpr int n = kKeys<K>;
    Keys<K> first = __builtin_shufflevector(a, b, ((I & d) ? n + I - d : I)...);
    b = __builtin_shufflevector(a, b, ((I & d) ? n + I : I + d)...);
    a = first;
  }(std::make_integer_sequence<int, kKeys<K>>{});
}

// As many vectors as a vector has lanes: sorted down the lanes, then transposed.
template <class K>
[[gnu::always_inline]] inline void sort_square(Keys<K>* v) {
  if constexpr (kKeys<K> == 4) {
    put_in_order(v[0], v[1]), put_in_order(v[2], v[3]);
    put_in_order(v[0], v[2]), put_in_order(v[1], v[3]);
    put_in_order(v[1], v[2]);
    for (int i = 0; i < 2; ++i) swap_blocks<2, K>(v[i], v[i + 2]);
    for (int i = 0; i < 4; i += 2) swap_blocks<1, K>(v[i], v[i + 1]);
  } else {
    // Batcher's odd-even merge network of 19
    for (int i = 0; i < 8; i += 2) put_in_order(v[i], v[i + 1]);
    for (int i = 0; i < 8; i += 4) {
      put_in_order(v[i], v[i + 2]), put_in_order(v[i + 1], v[i + 3]);
      put_in_order(v[i + 1], v[i + 2]);
    }
    for (int i = 0; i < 4; ++i) put_in_order(v[i], v[i + 4]);
    put_in_order(v[2], v[4]), put_in_order(v[3], v[5]);
    for (int i = 1; i < 7; i += 2) put_in_order(v[i], v[i + 1]);
    for (int i = 0; i < 4; ++i) swap_blocks<4, K>(v[i], v[i + 4]);
    for (int i = 0; i < 8; ++i) {
      if (!(i & 2)) swap_blocks<2, K>(v[i], v[i + 2]);
    }
    for (int i = 0; i < 8; i += 2) swap_blocks<1, K>(v[i], v[i + 1]);
  }
}

// Two sorted runs of `half` vectors each.
template <int half, class K>
[[gnu::always_inline]] inline void merge_runs(Keys<K>* v) {
#pragma GCC unroll 8
  for (int i = 0; i < half; ++i) {
    Keys<K> back = reversed<K>(v[2 * half - 1 - i]);
    put_in_order(v[i], back);
    v[2 * half - 1 - i] = back;  // the second half is bitonic in any direction
  }
#pragma GCC unroll 8
  for (int step = half / 2; step > 0; step /= 2) {
#pragma GCC unroll 16
    for (int i = 0; i < 2 * half; ++i) {
      if (!(i & step)) put_in_order(v[i], v[i + step]);
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < 2 * half; ++i) v[i] = merge_lanes<K>(v[i]);
}

template <int rows, class K>
[[gnu::always_inline]] inline void sort_vectors(Keys<K>* v) {
  if constexpr (rows % kKeys<K> == 0) {
#pragma GCC unroll 4
    for (int i = 0; i < rows; i += kKeys<K>) sort_square<K>(v + i);
  } else {
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) v[i] = sort_lanes<K>(v[i]);
  }
  if constexpr (rows >= 2) {
#pragma GCC unroll 8
    for (int i = 0; i < rows; i += 2) merge_runs<1, K>(v + i);
  }
  if constexpr (rows >= 4) {
#pragma GCC unroll 8
    for (int i = 0; i < rows; i += 4) merge_runs<2, K>(v + i);
  }
  if constexpr (rows >= 8) {
#pragma GCC unroll 8
    for (int i = 0; i < rows; i += 8) merge_runs<4, K>(v + i);
  }
  if constexpr (rows >= 16) merge_runs<8, K>(v);
}

constexpr int kNetworkRows = 16;
template <class K>
constexpr int kNetwork = kNetworkRows * kKeys<K>;

template <int rows, class K>
__attribute__((noinline)) void sort_rows_of(const K* from, K* to, int64_t n) {
  constexpr int width = kKeys<K>;
  Keys<K> v[rows];
  const int whole = static_cast<int>(n) / width, rest = static_cast<int>(n) % width;
  const Keys<K> most = Keys<K>{} + std::numeric_limits<K>::max();
  // more than half of the rows are whole
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i) v[i] = i < whole ? load_keys(from + i * width) : most;
  if (rest) {
    K last[width];
    store_keys(last, most);
    std::memcpy(last, from + whole * width, rest * sizeof(K));
    Keys<K> l = load_keys(last);
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i)
      if (i == whole) v[i] = l;
  }
  sort_vectors<rows, K>(v);
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i) {
    if (i < whole) store_keys(to + i * width, v[i]);
  }
  if (rest) {
    Keys<K> l = most;
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i)
      if (i == whole) l = v[i];
    std::memcpy(to + whole * width, &l, rest * sizeof(K));
  }
}

// Up to kNetwork keys.
template <class K>
void sort_few(const K* from, K* to, int64_t n) {
  if (n <= kKeys<K>) return sort_rows_of<1>(from, to, n);
  if (n <= 2 * kKeys<K>) return sort_rows_of<2>(from, to, n);
  if (n <= 4 * kKeys<K>) return sort_rows_of<4>(from, to, n);
  if (n <= 8 * kKeys<K>) return sort_rows_of<8>(from, to, n);
  sort_rows_of<16>(from, to, n);
}

// kToEnds of 64-bit lanes.
constexpr auto kToEnds64 = [] {
  std::array<uint64_t, 16> table{};
  for (int mask = 0; mask < 16; ++mask) {
    int at = 0;
    for (int side = 0; side < 2; ++side) {
      for (int lane = 0; lane < 4; ++lane) {
        if ((mask >> lane & 1) != side) continue;
        table[mask] |= static_cast<uint64_t>(2 * lane) << (8 * at++);
        table[mask] |= static_cast<uint64_t>(2 * lane + 1) << (8 * at++);
      }
    }
  }
  return table;
}();

template <class K>
[[gnu::always_inline]] inline unsigned mask_of(Keys<K> lanes) {
  auto v = reinterpret_cast<__m256i>(lanes);
  if constexpr (sizeof(K) == 4) return _mm256_movemask_ps(_mm256_castsi256_ps(v));
  return _mm256_movemask_pd(_mm256_castsi256_pd(v));
}

// Writes the keys of from[0, n) that are smaller (or equal, without `strict`) to the start of `to`,
// the others to its end. Returns how many are at the start.
template <bool strict, class K>
int64_t partition_keys(const K* from, K* to, int64_t n, K pivot) {
  constexpr int width = kKeys<K>;
  int64_t i = 0, l = 0, r = n;  // the gap is [l, r)
  for (; i < n % width; ++i) {
    K x = from[i];
    bool right = strict ? x >= pivot : x > pivot;
    to[l] = x;
    to[r - 1] = x;
    l += !right;
    r -= right;
  }
  // The gap is a multiple of the width: what a store leaves behind the wanted keys is overwritten
  // later, or is, at the end, what the other store writes.
  const Keys<K> p = Keys<K>{} + pivot;
  for (; i < n; i += width) {
    Keys<K> v = load_keys(from + i);
    unsigned mask = strict ? ~mask_of<K>(p > v) & ((1u << width) - 1) : mask_of<K>(v > p);
    uint64_t places = sizeof(K) == 4 ? kToEnds[mask] : kToEnds64[mask];
    __m256i moved = _mm256_permutevar8x32_epi32(
        reinterpret_cast<__m256i>(v),
        _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(static_cast<long long>(places))));
    auto right = std::popcount(mask);
    std::memcpy(to + l, &moved, sizeof moved);
    std::memcpy(to + r - width, &moved, sizeof moved);
    l += width - right;
    r -= right;
  }
  return l;
}

// A key near the middle: the median of a sample.
template <class K>
K pivot_of(const K* x, int64_t n) {
  const int samples = n < 4096 ? 2 * kKeys<K> : kNetwork<K>;
  K sample[kNetwork<K>];
  const uint64_t step = static_cast<uint64_t>(n) / static_cast<uint64_t>(samples);
  auto noise = static_cast<uint32_t>(n);
  for (int i = 0; i < samples; ++i) {
    noise = noise * 1664525u + 1013904223u;
    sample[i] = x[static_cast<uint64_t>(i) * step + (noise * step >> 32)];
  }
  sort_few(sample, sample, samples);
  return sample[samples / 2];
}

// Splits from[0, n) into to[0, result) and what is not smaller than any of it; false in `rest` when
// that is all equal.
template <class K>
int64_t split_keys(const K* from, K* to, int64_t n, bool& rest) {
  const K pivot = pivot_of(from, n);
  int64_t left = partition_keys<false>(from, to, n, pivot);
  rest = left < n;
  return rest ? left : partition_keys<true>(from, to, n, pivot);  // the pivot is the largest
}

inline int most_splits(int64_t n) { return 2 * std::bit_width(static_cast<uint64_t>(n)); }

// Sorts x[0, n), one of two buffers of n keys, into itself or into the other one.
template <class K>
void quick_sort(K* x, K* other, int64_t n, bool to_other, int splits) {
  while (n > kNetwork<K>) {
    if (splits-- == 0) {
      std::sort(x, x + n);
      if (to_other) std::memcpy(other, x, n * sizeof(K));
      return;
    }
    bool rest;
    const int64_t left = split_keys(x, other, n, rest);
    if (rest)
      quick_sort(other + left, x + left, n - left, !to_other, splits);
    else if (!to_other)
      std::memcpy(x + left, other + left, (n - left) * sizeof(K));
    std::swap(x, other);
    to_other = !to_other;
    n = left;
  }
  if (n > 0) sort_few(x, to_other ? other : x, n);
}

// Threads partition parts of a long row and bring the halves together, until there are pieces for
// all of them.
template <class K>
void sort_keys(K* x, K* scratch, int64_t n) {
  const int64_t threads = library_threads(n, kLongRow);
  if (threads == 1) return quick_sort(x, scratch, n, false, most_splits(n));
  struct Piece {
    int64_t begin, n;
    int splits;
  };
  const int64_t most = n / (2 * threads);
  std::vector<Piece> pieces, large{{0, n, most_splits(n)}};
  std::vector<int64_t> left(threads), to_left(threads), to_right(threads);
  while (!large.empty()) {
    const Piece p = large.back();
    large.pop_back();
    if (p.n <= most || p.splits == 0) {
      pieces.push_back(p);
      continue;
    }
    K *here = x + p.begin, *there = scratch + p.begin;
    const int64_t step = (p.n + threads - 1) / threads;
    auto each_part = [&](auto&& body) {
      parallel_for(threads, 1, [&](int64_t first, int64_t last) {
        for (int64_t i = first; i < last; ++i)
          body(i, i * step, std::max<int64_t>(0, std::min(step, p.n - i * step)));
      });
    };
    const K pivot = pivot_of(here, p.n);
    int64_t lefts = 0;
    auto partition = [&]<bool strict>() {
      each_part([&](int64_t i, int64_t begin, int64_t count) {
        left[i] = partition_keys<strict>(here + begin, there + begin, count, pivot);
      });
      lefts = 0;
      for (int64_t l : left) lefts += l;
    };
    partition.template operator()<false>();
    const bool rest = lefts < p.n;
    if (!rest) partition.template operator()<true>();
    int64_t l = 0, r = lefts;
    for (int64_t i = 0; i < threads; ++i) {
      to_left[i] = l;
      to_right[i] = r;
      l += left[i];
      r += std::max<int64_t>(0, std::min(step, p.n - i * step)) - left[i];
    }
    each_part([&](int64_t i, int64_t begin, int64_t count) {
      std::memcpy(here + to_left[i], there + begin, left[i] * sizeof(K));
      std::memcpy(here + to_right[i], there + begin + left[i], (count - left[i]) * sizeof(K));
    });
    large.push_back({p.begin, lefts, p.splits - 1});
    if (rest) large.push_back({p.begin + lefts, p.n - lefts, p.splits - 1});
  }
  parallel_for(static_cast<int64_t>(pieces.size()), 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const Piece& p = pieces[i];
      quick_sort(x + p.begin, scratch + p.begin, p.n, false, p.splits);
    }
  });
}

// The k-th smallest key (from 0) of x[0, n) and how many are smaller; changes both buffers of n.
template <class K>
std::pair<K, int64_t> select_of_keys(K* x, K* other, int64_t n, int64_t k) {
  int64_t below = 0;
  for (int splits = most_splits(n); n > kNetwork<K>; --splits) {
    if (splits == 0) {
      std::sort(x, x + n);
      break;
    }
    bool rest;
    const int64_t left = split_keys(x, other, n, rest);
    if (!rest && k >= left) return {other[left], below + left};
    std::swap(x, other);
    if (k < left) {
      n = left;
    } else {
      x += left;
      other += left;
      n -= left;
      k -= left;
      below += left;
    }
  }
  if (n <= kNetwork<K>) sort_few(x, x, n);
  return {x[k], below + (std::lower_bound(x, x + k, x[k]) - x)};
}

#else
constexpr bool kVectorSort = false;

template <class K>
void sort_keys(K* x, K* scratch, int64_t n) {
  using W = std::make_unsigned_t<K>;
  constexpr W kTop = W(1) << (8 * sizeof(K) - 1);
  auto *words = reinterpret_cast<W*>(x), *other = reinterpret_cast<W*>(scratch);
  for (int64_t i = 0; i < n; ++i) words[i] ^= kTop;
  W* sorted = radix_sort(words, other, n, 0, differing_bits(words, n));
  for (int64_t i = 0; i < n; ++i) words[i] = sorted[i] ^ kTop;
}

#endif

}  // namespace
}  // namespace torch::cpu::TORCH_CPU_ISA
