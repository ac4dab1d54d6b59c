// Radix sort of unsigned words: the core of everything that sorts.
//
// What is sorted are words whose upper bits are a key and whose lower bits, where positions are
// wanted, hold the element's position. All words differ then, so any sort of them is a stable sort
// of the keys.
#pragma once
#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>
#include <vector>

#include "kernels/cpu/isa.h"
#include "torch/allocator.h"
#include "torch/parallel.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

// Memory that is not initialized and grows on demand; growing loses the content.
template <class W>
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(int64_t n) { reserve(n); }
  ~Buffer() {
    if (data_) host_free(data_, block_);
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  W* reserve(int64_t n) {
    if (n > size_) {
      if (data_) host_free(data_, block_);
      data_ = nullptr;
      size_ = 0;
      data_ = static_cast<W*>(host_alloc(n * sizeof(W), &block_));
      size_ = n;
    }
    return data_;
  }
  W* data() const { return data_; }

 private:
  W* data_ = nullptr;
  int64_t size_ = 0;
  size_t block_ = 0;
};

// A callable by reference, so that code which only calls it for whole blocks is compiled once.
template <class Signature>
class FunctionRef;
template <class... A>
class FunctionRef<void(A...)> {
 public:
  template <class F>
  FunctionRef(const F& f)
      : object_(&f), call_([](const void* o, A... a) { (*static_cast<const F*>(o))(a...); }) {}
  void operator()(A... a) const { call_(object_, a...); }

 private:
  const void* object_;
  void (*call_)(const void*, A...);
};

constexpr int64_t kInsertionMost = 32;
constexpr int64_t kCacheWords = 1 << 18;  // sorted from the low bits up: both buffers stay in cache
constexpr int64_t kBucket = 1 << 14;      // words that a bucket of the first pass should have
constexpr int kMostDigit = 11;            // bits: 2048 counters, and as many places written to
constexpr int64_t kLongRow = 1 << 16;     // elements that are worth several threads

template <class W>
void insertion_sort(W* a, int64_t n) {
  for (int64_t i = 1; i < n; ++i) {
    W w = a[i];
    int64_t j = i;
    for (; j > 0 && a[j - 1] > w; --j) a[j] = a[j - 1];
    a[j] = w;
  }
}

// One counting pass per digit, from the lowest. Returns where the sorted words stand, a or b.
template <int passes, class W>
W* sort_digits(W* a, W* b, int64_t n, int lo, int digit) {
  uint32_t count[passes << (passes > 6 ? 8 : kMostDigit)];
  const uint32_t buckets = 1u << digit, mask = buckets - 1;
  std::memset(count, 0, sizeof(uint32_t) * passes * buckets);
  for (int64_t i = 0; i < n; ++i) {
    W w = a[i] >> lo;
#pragma GCC unroll 8
    for (int p = 0; p < passes; ++p)
      ++count[p * buckets + (static_cast<uint32_t>(w >> (p * digit)) & mask)];
  }
  for (int p = 0; p < passes; ++p) {
    uint32_t* c = count + p * buckets;
    const int shift = lo + p * digit;
    if (c[static_cast<uint32_t>(a[0] >> shift) & mask] == n) continue;  // one digit only
    uint32_t sum = 0;
    for (uint32_t k = 0; k < buckets; ++k) sum += std::exchange(c[k], sum);
    for (int64_t i = 0; i < n; ++i) {
      W w = a[i];
      b[c[static_cast<uint32_t>(w >> shift) & mask]++] = w;
    }
    std::swap(a, b);
  }
  return a;
}

template <class W>
W* sort_in_cache(W* a, W* b, int64_t n, int lo, int hi) {
  int bits = hi - lo, most = n < 2048 ? 8 : kMostDigit, passes = (bits + most - 1) / most;
  if (passes == 0) return a;
  int digit = (bits + passes - 1) / passes;
  switch (passes) {
    case 1:
      return sort_digits<1>(a, b, n, lo, digit);
    case 2:
      return sort_digits<2>(a, b, n, lo, digit);
    case 3:
      return sort_digits<3>(a, b, n, lo, digit);
    case 4:
      return sort_digits<4>(a, b, n, lo, digit);
    case 5:
      return sort_digits<5>(a, b, n, lo, digit);
    case 6:
      return sort_digits<6>(a, b, n, lo, digit);
    case 7:
      return sort_digits<7>(a, b, n, lo, digit);
    default:
      return sort_digits<8>(a, b, n, lo, digit);
  }
}

// The bits of the first pass over n words of which `bits` bits differ.
inline int first_digit(int64_t n, int bits) {
  return std::min(
      {bits, kMostDigit, std::max<int>(1, std::bit_width(static_cast<uint64_t>(n / kBucket)))});
}

// One past the highest bit in which words differ.
template <class W>
int differing_bits(const W* a, int64_t n) {
  W any = 0, all = static_cast<W>(~W(0));
  for (int64_t i = 0; i < n; ++i) any |= a[i], all &= a[i];
  return static_cast<int>(std::bit_width(static_cast<W>(any ^ all)));
}

// Sorts a[0, n) by the bits [lo, hi) (bits above hi are the same in all words), in this thread; b
// is as long. Returns where the sorted words stand, a or b.
template <class W>
W* radix_sort(W* a, W* b, int64_t n, int lo, int hi) {
  if (n <= kInsertionMost) {
    insertion_sort(a, n);
    return a;
  }
  if (n <= kCacheWords) return sort_in_cache(a, b, n, lo, hi);
  hi = std::min(hi, differing_bits(a, n));
  if (hi <= lo) return a;
  int digit = first_digit(n, hi - lo), shift = hi - digit;
  int64_t begin[1 << kMostDigit], end[1 << kMostDigit];
  const uint32_t buckets = 1u << digit, mask = buckets - 1;
  std::memset(end, 0, sizeof(int64_t) * buckets);
  for (int64_t i = 0; i < n; ++i) ++end[static_cast<uint32_t>(a[i] >> shift) & mask];
  int64_t sum = 0;
  for (uint32_t k = 0; k < buckets; ++k) {
    begin[k] = sum;
    sum += std::exchange(end[k], sum);
  }
  for (int64_t i = 0; i < n; ++i) b[end[static_cast<uint32_t>(a[i] >> shift) & mask]++] = a[i];
  for (uint32_t k = 0; k < buckets; ++k) {
    int64_t at = begin[k], count = end[k] - at;
    if (count < 2) continue;
    W* sorted = radix_sort(b + at, a + at, count, lo, shift);
    if (sorted != b + at) std::memcpy(b + at, sorted, count * sizeof(W));
  }
  return b;
}

// fill(begin, end, words) writes the words of [begin, end).
template <class W>
using Fill = FunctionRef<void(int64_t, int64_t, W*)>;
// emit(position, words, count) takes a piece of the sorted words.
template <class W>
using Emit = FunctionRef<void(int64_t, W*, int64_t)>;

// Sorts n words by the bits [lo, hi), all threads working. Pieces of the result are emitted by any
// of them; `position` is that of the first word.
template <class W>
void sort_long(int64_t n, int lo, int hi, Fill<W> fill, int64_t position, Emit<W> emit) {
  if (hi <= lo || n <= kCacheWords) {
    Buffer<W> a(n), b(n);
    fill(0, n, a.data());
    W* sorted = radix_sort(a.data(), b.data(), n, lo, hi);
    emit(position, sorted, n);
    return;
  }
  const int digit = first_digit(n, hi - lo), shift = hi - digit;
  const uint32_t buckets = 1u << digit, mask = buckets - 1;
  const int64_t parts = std::clamp<int64_t>(n / kLongRow, 1, num_threads());
  const int64_t step = (n + parts - 1) / parts;
  std::vector<int64_t> count(parts * buckets);
  Buffer<W> sorted_by_digit(n);
  W* words = sorted_by_digit.data();
  auto each_part = [&](auto&& body) {
    parallel_for(parts, 1, [&](int64_t first, int64_t last) {
      for (int64_t p = first; p < last; ++p)
        body(count.data() + p * buckets, p * step, std::min(n, (p + 1) * step));
    });
  };
  auto each_word = [&](int64_t begin, int64_t end, auto&& body) {
    constexpr int64_t kBlock = 512;
    W block[kBlock];
    for (; begin < end; begin += kBlock) {
      int64_t count = std::min(kBlock, end - begin);
      fill(begin, begin + count, block);
      for (int64_t i = 0; i < count; ++i) body(block[i]);
    }
  };
  each_part([&](int64_t* c, int64_t begin, int64_t end) {
    each_word(begin, end, [&](W w) { ++c[static_cast<uint32_t>(w >> shift) & mask]; });
  });
  std::vector<int64_t> bounds(buckets + 1);
  int64_t sum = 0;
  for (uint32_t k = 0; k < buckets; ++k) {
    bounds[k] = sum;
    for (int64_t p = 0; p < parts; ++p) sum += std::exchange(count[p * buckets + k], sum);
  }
  bounds[buckets] = n;
  each_part([&](int64_t* c, int64_t begin, int64_t end) {
    each_word(begin, end, [&](W w) { words[c[static_cast<uint32_t>(w >> shift) & mask]++] = w; });
  });
  // Buckets in groups of about the same size; a bucket that is most of the work is sorted by all
  // threads itself.
  const int64_t large = std::max<int64_t>(4 * kLongRow, n / (2 * int64_t{num_threads()}));
  const int64_t group = std::max<int64_t>(n / (8 * int64_t{num_threads()}), 4 * kBucket);
  std::vector<uint32_t> groups{0};
  for (uint32_t k = 0; k < buckets; ++k) {
    int64_t size = bounds[k + 1] - bounds[k];
    if (size > large) {
      const W* part = words + bounds[k];
      int differing = std::min(shift, differing_bits(part, size));
      auto again = [part](int64_t begin, int64_t end, W* out) {
        std::memcpy(out, part + begin, (end - begin) * sizeof(W));
      };
      sort_long<W>(size, lo, differing, again, position + bounds[k], emit);
    }
    if (size > large || bounds[k + 1] - bounds[groups.back()] >= group) groups.push_back(k + 1);
  }
  if (groups.back() != buckets) groups.push_back(buckets);
  parallel_for(static_cast<int64_t>(groups.size()) - 1, 1, [&](int64_t first, int64_t last) {
    Buffer<W> other;
    for (uint32_t k = groups[first]; k < groups[last]; ++k) {
      int64_t size = bounds[k + 1] - bounds[k];
      if (size == 0 || size > large) continue;
      W* sorted = radix_sort(words + bounds[k], other.reserve(size), size, lo, shift);
      emit(position + bounds[k], sorted, size);
    }
  });
}

}  // namespace
}  // namespace torch::cpu::TORCH_CPU_ISA
