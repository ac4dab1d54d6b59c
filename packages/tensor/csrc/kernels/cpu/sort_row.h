// Sorting one row of any dtype, with or without positions.
#pragma once
#include "kernels/cpu/order.h"
#include "kernels/cpu/radix.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

// Keys of a row in the wanted direction: ascending keys are the order of the result.
template <class T>
struct KeyOf {
  using Key = typename Order<T>::Key;
  const T* x;
  Key flip;  // all bits when descending
  [[gnu::always_inline]] Key operator()(int64_t i) const {
    return static_cast<Key>(Order<T>::key(x[i]) ^ flip);
  }
};

template <class T>
KeyOf<T> keys_of(const T* x, bool descending) {
  using Key = typename Order<T>::Key;
  return {x, static_cast<Key>(descending ? ~Key(0) : Key(0))};
}

struct WordScratch {
  Buffer<uint64_t> a, b;
};

// How the elements of a row are packed into words: (key - base) >> shift above, position below.
// Where not all bits of the keys find room, neighbours that agree in the upper bits are put in
// order by the lower ones afterwards.
struct Packing {
  uint64_t base;
  int key_bits, shift, position_bits;
  uint64_t positions() const { return (uint64_t{1} << position_bits) - 1; }
};

inline Packing packing(uint64_t smallest, uint64_t largest, int64_t n) {
  int positions = std::bit_width(static_cast<uint64_t>(n - 1));
  int span = std::bit_width(largest - smallest);
  // twice as many bits as positions have tell random keys apart; floating ones spend ten on signs
  // and exponents
  int room = std::min(64 - positions, std::max(32, positions + 16));
  int bits = std::min(span, room);
  return {smallest, bits, span - bits, positions};
}

// Sorts words that agree in the bits of the key they hold by the next lower bits of the whole keys.
template <class Keys>
void refine(uint64_t* words, int64_t n, const Keys& key, const Packing& p, int shift) {
  const int bits = std::min(shift, 64 - p.position_bits), rest = shift - bits;
  const uint64_t mask = p.positions(), low = bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
  for (int64_t begin = 0, end; begin < n; begin = end) {
    uint64_t upper = words[begin] >> p.position_bits;
    for (end = begin + 1; end < n && words[end] >> p.position_bits == upper; ++end) {
    }
    int64_t count = end - begin;
    if (count == 1) continue;
    uint64_t* w = words + begin;
    for (int64_t i = 0; i < count; ++i) {
      uint64_t position = w[i] & mask;
      uint64_t k = (static_cast<uint64_t>(key(position)) - p.base) >> rest & low;
      w[i] = k << p.position_bits | position;
    }
    if (count <= kInsertionMost) {
      insertion_sort(w, count);
    } else {
      Buffer<uint64_t> other(count);
      uint64_t* sorted =
          radix_sort(w, other.data(), count, p.position_bits, p.position_bits + bits);
      if (sorted != w) std::memcpy(w, sorted, count * sizeof(uint64_t));
    }
    if (rest > 0) refine(w, count, key, p, rest);
  }
}

// Writes `count` sorted words as values and positions.
template <class T>
void unpack(const uint64_t* words, int64_t count, const KeyOf<T>& key, const Packing& p, T* values,
            int64_t* positions) {
  const uint64_t mask = p.positions();
  if (positions) {
    for (int64_t i = 0; i < count; ++i) positions[i] = static_cast<int64_t>(words[i] & mask);
  }
  if (!values) return;
  if (p.shift > 0) {
    for (int64_t i = 0; i < count; ++i) values[i] = key.x[words[i] & mask];
    return;
  }
  using Key = typename Order<T>::Key;
  for (int64_t i = 0; i < count; ++i) {
    Key k = static_cast<Key>(((words[i] >> p.position_bits) + p.base) ^ key.flip);
    values[i] = Order<T>::is_exact(k) ? Order<T>::value(k) : key.x[words[i] & mask];
  }
}

template <class T>
struct Range {
  typename Order<T>::Key smallest, largest;
  bool ordered;  // as they are
};

template <class T>
Range<T> range_of(const KeyOf<T>& key, int64_t begin, int64_t end) {
  using Key = typename Order<T>::Key;
  Key smallest = key(begin), largest = smallest;
  Key descents = 0;
  for (int64_t i = begin + 1; i < end; ++i) {
    Key k = key(i), before = key(i - 1);
    smallest = k < smallest ? k : smallest;
    largest = k > largest ? k : largest;
    descents |= static_cast<Key>(k < before);
  }
  return {smallest, largest, descents == 0};
}

template <class T>
Range<T> range_of_row(const KeyOf<T>& key, int64_t n) {
  if (n < 2 * kLongRow) return range_of(key, 0, n);
  int64_t parts = (n + kLongRow - 1) / kLongRow;
  std::vector<Range<T>> part(parts);
  parallel_for(parts, 1, [&](int64_t first, int64_t last) {
    for (int64_t p = first; p < last; ++p) {
      // one element of the part before, so that a descent between two parts is seen
      int64_t begin = std::max<int64_t>(0, p * kLongRow - 1);
      part[p] = range_of(key, begin, std::min(n, (p + 1) * kLongRow));
    }
  });
  Range<T> all = part[0];
  for (const Range<T>& r : part) {
    all.smallest = std::min(all.smallest, r.smallest);
    all.largest = std::max(all.largest, r.largest);
    all.ordered &= r.ordered;
  }
  return all;
}

// A short row: an insertion sort of keys and positions side by side.
template <class T>
void sort_short(const KeyOf<T>& key, int64_t n, T* values, int64_t* positions) {
  using Key = typename Order<T>::Key;
  Key keys[kInsertionMost];
  uint8_t at[kInsertionMost];
  for (int64_t i = 0; i < n; ++i) {
    Key k = key(i);
    int64_t j = i;
    for (; j > 0 && keys[j - 1] > k; --j) {
      keys[j] = keys[j - 1];
      at[j] = at[j - 1];
    }
    keys[j] = k;
    at[j] = static_cast<uint8_t>(i);
  }
  for (int64_t i = 0; values && i < n; ++i) values[i] = key.x[at[i]];
  for (int64_t i = 0; positions && i < n; ++i) positions[i] = at[i];
}

template <class T>
void sort_row(const KeyOf<T>& key, int64_t n, T* values, int64_t* positions, WordScratch& scratch) {
  if (n <= kInsertionMost) return sort_short(key, n, values, positions);
  Range<T> range = range_of_row(key, n);
  if (range.ordered) {
    if (values) std::memcpy(values, key.x, n * sizeof(T));
    for (int64_t i = 0; positions && i < n; ++i) positions[i] = i;
    return;
  }
  Packing p = packing(range.smallest, range.largest, n);
  auto fill = [&](int64_t begin, int64_t end, uint64_t* out) {
    for (int64_t i = begin; i < end; ++i) {
      out[i - begin] = (static_cast<uint64_t>(key(i)) - p.base) >> p.shift << p.position_bits |
                       static_cast<uint64_t>(i);
    }
  };
  auto emit = [&](int64_t position, uint64_t* words, int64_t count) {
    if (p.shift > 0) refine(words, count, key, p, p.shift);
    unpack(words, count, key, p, values ? values + position : nullptr,
           positions ? positions + position : nullptr);
  };
  const int lo = p.position_bits, hi = lo + p.key_bits;
  if (n > kCacheWords) return sort_long<uint64_t>(n, lo, hi, fill, 0, emit);
  uint64_t *a = scratch.a.reserve(n), *b = scratch.b.reserve(n);
  fill(0, n, a);
  emit(0, radix_sort(a, b, n, lo, hi), n);
}

// The sorted keys of a row.
template <class T>
struct SortedKeys {
  using Key = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
  Buffer<Key> a, b;
  Key* sort(const T* x, int64_t n) {
    auto fill = [x](int64_t begin, int64_t end, Key* out) {
      for (int64_t i = begin; i < end; ++i) out[i - begin] = Order<T>::key(x[i]);
    };
    Key* sorted = b.reserve(n);
    if (n <= kCacheWords) {
      Key* keys = a.reserve(n);
      fill(0, n, keys);
      return radix_sort(keys, sorted, n, 0, differing_bits(keys, n));
    }
    Range<T> range = range_of_row(KeyOf<T>{x, 0}, n);
    auto emit = [sorted](int64_t position, const Key* words, int64_t count) {
      std::memcpy(sorted + position, words, count * sizeof(Key));
    };
    sort_long<Key>(n, 0, std::bit_width(static_cast<Key>(range.smallest ^ range.largest)), fill, 0,
                   emit);
    return sorted;
  }
};

}  // namespace
}  // namespace torch::cpu::TORCH_CPU_ISA
