// Sorting one row of any dtype, with or without positions.
#pragma once
#include "kernels/cpu/order.h"
#include "kernels/cpu/tally.h"
#include "kernels/cpu/vector_sort.h"

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
  // The first memory as n keys of another type, and the second.
  template <class K>
  std::pair<K*, K*> keys(int64_t n) {
    const auto words = static_cast<int64_t>((n * sizeof(K) + 7) / 8);
    return {reinterpret_cast<K*>(a.reserve(words)), reinterpret_cast<K*>(b.reserve(words))};
  }
};

// Rows up to this length are sorted by insertion.
constexpr int64_t kShortRow = kVectorSort ? 12 : kInsertionMost;

// Whether few differing bits make counting faster than comparing.
inline bool few_bits(int bits, int64_t n) {
  return !kVectorSort || (n >= 1024 && bits <= (n < 16384 ? kMostDigit : 2 * kMostDigit));
}

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
  // the highest bit stays free: words are sorted as signed numbers, too
  int room = std::min(63 - positions, std::max(32, positions + 16));
  int bits = std::min(span, room);
  return {smallest, bits, span - bits, positions};
}

// Sorts words that agree in the bits of the key they hold by the next lower bits of the whole keys.
template <class Keys>
void refine(uint64_t* words, int64_t n, const Keys& key, const Packing& p, int shift) {
  const int bits = std::min(shift, 63 - p.position_bits), rest = shift - bits;
  const uint64_t mask = p.positions(), low = (uint64_t{1} << bits) - 1;
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
  auto key_at = [&](int64_t i) __attribute__((always_inline)) {
    return static_cast<Key>(((words[i] >> p.position_bits) + p.base) ^ key.flip);
  };
  constexpr int64_t kBlock = 64;
  for (int64_t at = 0; at < count; at += kBlock) {
    const int64_t end = std::min(count, at + kBlock);
    int open = 0;
    for (int64_t i = at; i < end; ++i) {
      Key k = key_at(i);
      open |= !Order<T>::is_exact(k);
      values[i] = Order<T>::value(k);
    }
    for (int64_t i = at; open && i < end; ++i) {
      if (!Order<T>::is_exact(key_at(i))) values[i] = key.x[words[i] & mask];
    }
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

// Values alone: a key says all of an element.
template <class T>
void sort_values(const KeyOf<T>& key, int64_t n, T* values, WordScratch& scratch) {
  using Whole = typename Order<T>::Whole;
  const Whole flip = key.flip ? ~Whole(0) : Whole(0);
  constexpr int64_t kValues = sizeof(T) > 2 ? 0 : int64_t{1} << (8 * sizeof(T) % 32);
  if (kValues > 0 && n >= kValues / 4) {  // how often each value occurs
    std::vector<int64_t> count(kValues);
    tally(n, kValues, count.data(), [&](int64_t begin, int64_t end, int64_t* counts) {
      for (int64_t i = begin; i < end; ++i)
        ++counts[(Order<T>::whole_key(key.x[i]) ^ flip) + kValues / 2];
    });
    for (int64_t k = 0; k < kValues; ++k) {
      auto v = Order<T>::value_of_whole(static_cast<Whole>(k - kValues / 2) ^ flip);
      values = std::fill_n(values, count[k], v);
    }
    return;
  }
  auto [keys, other] = scratch.keys<Whole>(n);
  parallel_for(n, kLongRow, [&, keys = keys](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) keys[i] = Order<T>::whole_key(key.x[i]) ^ flip;
  });
  sort_keys(keys, other, n);
  parallel_for(n, kLongRow, [&, keys = keys](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) values[i] = Order<T>::value_of_whole(keys[i] ^ flip);
  });
}

// Sorts the words of a row as numbers, without looking for few bits.
template <class Fill, class Emit>
void sort_words(int64_t n, const Packing& p, WordScratch& scratch, Fill&& fill, Emit&& emit) {
  auto* words = scratch.a.reserve(n);
  auto* other = scratch.b.reserve(n);
  parallel_for(n, kLongRow, [&](int64_t begin, int64_t end) { fill(begin, end, words + begin); });
  sort_keys(reinterpret_cast<int64_t*>(words), reinterpret_cast<int64_t*>(other), n);
  if (n < 2 * kLongRow) return emit(0, words, n);
  // words that agree in their upper bits stay together: some are not in order yet
  std::vector<int64_t> starts;
  for (int64_t i = 0; i < n; i += kLongRow) {
    if (!starts.empty()) i = std::max(i, starts.back() + 1);
    while (p.shift > 0 && i > 0 && i < n &&
           words[i] >> p.position_bits == words[i - 1] >> p.position_bits)
      ++i;
    if (i < n) starts.push_back(i);
  }
  const auto pieces = static_cast<int64_t>(starts.size());
  starts.push_back(n);
  parallel_for(pieces, 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i)
      emit(starts[i], words + starts[i], starts[i + 1] - starts[i]);
  });
}

template <class T>
void sort_row(const KeyOf<T>& key, int64_t n, T* values, int64_t* positions, WordScratch& scratch) {
  if (n <= kShortRow) return sort_short(key, n, values, positions);
  constexpr int kBits = 8 * sizeof(T);
  if constexpr (kVectorSort && is_floating_type<T>) {
    if (!positions) return sort_values(key, n, values, scratch);  // few have few bits
  }
  Packing p{0, std::min(kBits, 32), 0, 63 - std::min(kBits, 32)};
  // short rows of narrow keys are not worth a look at what they have in common
  if (kBits == 64 || n >= 256 || !kVectorSort) {
    Range<T> range = range_of_row(key, n);
    if (range.ordered) {
      if (values) std::memcpy(values, key.x, n * sizeof(T));
      for (int64_t i = 0; positions && i < n; ++i) positions[i] = i;
      return;
    }
    p = packing(range.smallest, range.largest, n);
  }
  const bool counting = few_bits(p.key_bits, n);
  if (!positions && !counting) return sort_values(key, n, values, scratch);
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
  if (!counting) return sort_words(n, p, scratch, fill, emit);
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
  using Signed = std::make_signed_t<Key>;
  WordScratch scratch;
  Key* sort(const T* x, int64_t n) {
    auto [keys, other] = scratch.keys<Key>(n);
    const Range<T> range = range_of_row(KeyOf<T>{x, 0}, n);
    const int bits = std::bit_width(static_cast<Key>(range.smallest ^ range.largest));
    const bool counting = few_bits(bits, n);
    auto fill = [x](int64_t begin, int64_t end, Key* out) {
      for (int64_t i = begin; i < end; ++i) out[i - begin] = Order<T>::key(x[i]);
    };
    if (counting && n > kCacheWords) {
      auto emit = [sorted = other](int64_t position, const Key* words, int64_t count) {
        std::memcpy(sorted + position, words, count * sizeof(Key));
      };
      sort_long<Key>(n, 0, bits, fill, 0, emit);
      return other;
    }
    if (counting) {
      fill(0, n, keys);
      return radix_sort(keys, other, n, 0, bits);
    }
    // as signed numbers of the same order
    constexpr Key kFlip = Key(1) << (8 * sizeof(Key) - 1);
    parallel_for(n, kLongRow, [&, keys = keys](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) keys[i] = Order<T>::key(x[i]) ^ kFlip;
    });
    sort_keys(reinterpret_cast<Signed*>(keys), reinterpret_cast<Signed*>(other), n);
    parallel_for(n, kLongRow, [&, keys = keys](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) keys[i] ^= kFlip;
    });
    return keys;
  }
};

}  // namespace
}  // namespace torch::cpu::TORCH_CPU_ISA
