// Selection: the k-th smallest key of a row, without sorting it.
#pragma once
#include <cmath>

#include "kernels/cpu/vector_sort.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

template <class Key>
struct Rank {
  Key key;
  int64_t below;  // how many keys are smaller
};

// The k-th smallest of keys[0, n), by one digit after the other from the highest: only keys that
// agree with it in the digits so far are kept. Changes the keys.
template <class Key>
Rank<Key> narrow_to_key(Key* keys, int64_t n, int64_t k) {
  int64_t below = 0;
  while (n > kInsertionMost) {
    Key smallest = keys[0], largest = keys[0];
    for (int64_t i = 1; i < n; ++i) {
      smallest = keys[i] < smallest ? keys[i] : smallest;
      largest = keys[i] > largest ? keys[i] : largest;
    }
    if (smallest == largest) return {smallest, below};
    const int most = n < 4096 ? 8 : kMostDigit;
    const int shift = std::max<int>(0, std::bit_width(static_cast<Key>(largest - smallest)) - most);
    // two tables: equal neighbours do not wait for each other's counter
    int64_t count[2][1 << kMostDigit];
    std::memset(count[0], 0, sizeof(int64_t) << most);
    std::memset(count[1], 0, sizeof(int64_t) << most);
    auto digit = [=](Key v) { return static_cast<Key>(v - smallest) >> shift; };
    int64_t i = 0;
    for (; i + 1 < n; i += 2) {
      ++count[0][digit(keys[i])];
      ++count[1][digit(keys[i + 1])];
    }
    if (i < n) ++count[0][digit(keys[i])];
    Key found = 0;
    for (int64_t before = 0;; ++found) {
      before = count[0][found] + count[1][found];
      if (k < before) break;
      k -= before;
      below += before;
    }
    if (shift == 0) return {static_cast<Key>(smallest + found), below};
    int64_t kept = 0;
    for (int64_t j = 0; j < n; ++j) {
      Key v = keys[j];
      keys[kept] = v;
      kept += digit(v) == found;
    }
    n = kept;
  }
  insertion_sort(keys, n);
  Key key = keys[k];
  return {key, below + (std::lower_bound(keys, keys + k, key) - keys)};
}

// What a part of a row has around a bracket of keys.
struct Around {
  int64_t below = 0, at_lower = 0, inside = 0, at_upper = 0;
};

// Counts the keys of [begin, end) and collects those between the bounds, at most `room`.
template <class Key, class Keys>
Around look_around(const Keys& key, int64_t begin, int64_t end, Key lower, Key upper, Key* found,
                   int64_t room) {
  constexpr int64_t kBlock = 128;
  Around a;
  for (int64_t at = begin; at < end; at += kBlock) {
    int64_t stop = std::min(end, at + kBlock);
    int below = 0, at_lower = 0, at_upper = 0, inside = 0;
    for (int64_t i = at; i < stop; ++i) {
      Key v = key(i);
      below += v < lower;
      at_lower += v == lower;
      at_upper += v == upper;
      inside += (v > lower) & (v < upper);
    }
    a.below += below;
    a.at_lower += at_lower;
    a.at_upper += at_upper;
    if (inside == 0) continue;
    if (a.inside + (stop - at) > room) {
      a.inside = room + 1;
      return a;
    }
    Key* to = found + a.inside;
    for (int64_t i = at; i < stop; ++i) {
      Key v = key(i);
      *to = v;
      to += (v > lower) & (v < upper);
    }
    a.inside += inside;
  }
  return a;
}

inline uint64_t mix(uint64_t z) {  // the finalizer of SplitMix64 (Steele, Lea and Flood, 2014)
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// The k-th smallest key (from 0) of a row. In a long row a sorted sample gives two bounds that the
// key very probably lies between (Floyd and Rivest, "Expected time bounds for selection", 1975);
// one pass then leaves few candidates.
template <class Key, class Keys>
Rank<Key> select_key(const Keys& key, int64_t n, int64_t k, Buffer<uint64_t>& scratch) {
  if (n <= kInsertionMost) {
    Key few[kInsertionMost];
    for (int64_t i = 0; i < n; ++i) few[i] = key(i);
    return narrow_to_key(few, n, k);
  }
  auto all = [&] {
    if constexpr (kVectorSort && sizeof(Key) >= 4) {
      using Signed = std::make_signed_t<Key>;
      constexpr Key kFlip = Key(1) << (8 * sizeof(Key) - 1);
      auto* keys = reinterpret_cast<Signed*>(scratch.reserve((2 * n * sizeof(Key) + 7) / 8));
      parallel_for(n, kLongRow, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) keys[i] = static_cast<Signed>(key(i) ^ kFlip);
      });
      auto [found, below] = select_of_keys(keys, keys + n, n, k);
      return Rank<Key>{static_cast<Key>(static_cast<Key>(found) ^ kFlip), below};
    }
    Key* keys = reinterpret_cast<Key*>(scratch.reserve((n * sizeof(Key) + 7) / 8));
    parallel_for(n, kLongRow, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) keys[i] = key(i);
    });
    return narrow_to_key(keys, n, k);
  };
  if (n < (kVectorSort && sizeof(Key) >= 4 ? 32 * kLongRow : 8192)) return all();
  constexpr int64_t kMostSamples = 4096;
  const int64_t samples = n < 4 * kLongRow ? 1024 : kMostSamples, stride = n / samples;
  using Word = std::conditional_t<sizeof(Key) == 8, uint64_t, uint32_t>;
  Word sample[kMostSamples], other[kMostSamples];
  for (int64_t i = 0; i < samples; ++i)
    sample[i] = key(i * stride + static_cast<int64_t>(mix(i) % static_cast<uint64_t>(stride)));
  Word* sorted = radix_sort(sample, other, samples, 0, differing_bits(sample, samples));
  const double p = (static_cast<double>(k) + 0.5) / static_cast<double>(n);
  const double count = static_cast<double>(samples), deviation = std::sqrt(count * p * (1 - p));
  const auto middle = static_cast<int64_t>(p * count);
  const auto margin = static_cast<int64_t>(4 * deviation) + 3;
  const Key lower = middle < margin ? Key(0) : static_cast<Key>(sorted[middle - margin]);
  const Key upper = middle + margin >= samples ? static_cast<Key>(~Key(0))
                                               : static_cast<Key>(sorted[middle + margin]);
  const int64_t parts = std::clamp<int64_t>(n / kLongRow, 1, 4 * int64_t{num_threads()});
  const int64_t step = (n + parts - 1) / parts, room = step / 3 + 128;
  Key* found = reinterpret_cast<Key*>(scratch.reserve((parts * room * sizeof(Key) + 7) / 8));
  std::vector<Around> part(parts);
  parallel_for(parts, 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i)
      part[i] = look_around(key, i * step, std::min(n, (i + 1) * step), lower, upper,
                            found + i * room, room);
  });
  Around sum;
  for (int64_t i = 0; i < parts; ++i) {
    if (part[i].inside > room) return all();
    std::memmove(found + sum.inside, found + i * room, part[i].inside * sizeof(Key));
    sum.below += part[i].below;
    sum.at_lower += part[i].at_lower;
    sum.inside += part[i].inside;
    sum.at_upper += part[i].at_upper;
  }
  int64_t rest = k - sum.below;
  if (rest < 0) return all();
  if (rest < sum.at_lower) return {lower, sum.below};
  rest -= sum.at_lower;
  if (rest < sum.inside) {
    Rank<Key> r = narrow_to_key(found, sum.inside, rest);
    return {r.key, r.below + sum.below + sum.at_lower};
  }
  if (rest - sum.inside >= sum.at_upper) return all();
  return {upper, sum.below + sum.at_lower + sum.inside};
}

}  // namespace
}  // namespace torch::cpu::TORCH_CPU_ISA
