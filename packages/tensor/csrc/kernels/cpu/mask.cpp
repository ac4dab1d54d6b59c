#include <algorithm>
#include <bit>
#include <cstring>

#ifdef __SSE2__
#include <immintrin.h>
#endif

#include "kernels/cpu/lanes.h"
#include "kernels/cpu/loops.h"
#include "kernels/index_table.h"
#include "torch/parallel.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

using kernels::kMaskBlock;

// Bit i says whether byte i is not 0, of 64 bytes.
uint64_t word(const unsigned char* bytes) {
  uint64_t bits = 0;
#ifdef __SSE2__
  for (int k = 0; k < 4; ++k) {
    __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16 * k));
    int zeros = _mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_setzero_si128()));
    bits |= static_cast<uint64_t>(~zeros & 0xffff) << (16 * k);
  }
#else
  for (int k = 0; k < 8; ++k) {
    uint64_t v;
    std::memcpy(&v, bytes + 8 * k, 8);
    if constexpr (std::endian::native == std::endian::big) v = __builtin_bswap64(v);
    // the highest bit of every byte that has a bit, then all of them side by side
    constexpr uint64_t kLow = 0x7f7f7f7f7f7f7f7f;
    uint64_t high = ((((v & kLow) + kLow) | v) & ~kLow) >> 7;
    bits |= (high * 0x0102040810204080 >> 56) << (8 * k);
  }
#endif
  return bits;
}

// Calls f with the numbers of the bits that are set. Many go four at a time: the end of a loop over
// random bits is a branch that no processor foresees.
template <class F>
inline __attribute__((always_inline)) void for_bits(uint64_t bits, F&& f) {
  auto next = [&]() __attribute__((always_inline)) {
    f(std::countr_zero(bits));
    bits &= bits - 1;
  };
  for (int n = std::popcount(bits); n >= 8; n -= 4) {
    next();
    next();
    next();
    next();
  }
  while (bits) next();
}

// Calls f(position of the first, bits, number) for the words of mask[begin, end); begin is a
// multiple of 64.
template <class F>
void for_words(const bool* mask, int64_t begin, int64_t end, F&& f) {
  auto* bytes = reinterpret_cast<const unsigned char*>(mask);
  int64_t i = begin;
  for (; i + 64 <= end; i += 64) f(i, word(bytes + i), 64);
  if (i < end) {
    unsigned char tail[64] = {};
    std::memcpy(tail, bytes + i, end - i);
    f(i, word(tail), static_cast<int>(end - i));
  }
}

int64_t count_block(const unsigned char* bytes, int64_t n) {
  // in 64 counters of one byte each, emptied before they are full
  int64_t total = 0, i = 0;
  while (i + 64 <= n) {
    unsigned char lanes[64] = {};
    int64_t stop = std::min(n - 63, i + 64 * 255);
    for (; i < stop; i += 64) {
      for (int k = 0; k < 64; ++k) lanes[k] += bytes[i + k] != 0;
    }
    for (unsigned char lane : lanes) total += lane;
  }
  for (; i < n; ++i) total += bytes[i] != 0;
  return total;
}

// Calls f(block, begin, end) for all blocks of n elements.
template <class F>
void for_blocks(int64_t n, F&& f) {
  parallel_for((n + kMaskBlock - 1) / kMaskBlock, 4, [&](int64_t first, int64_t last) {
    for (int64_t b = first; b < last; ++b) f(b, b * kMaskBlock, std::min(n, (b + 1) * kMaskBlock));
  });
}

int64_t count(const bool* mask, int64_t n, int64_t* starts) {
  auto* bytes = reinterpret_cast<const unsigned char*>(mask);
  for_blocks(n, [&](int64_t b, int64_t begin, int64_t end) {
    starts[b] = count_block(bytes + begin, end - begin);
  });
  int64_t total = 0;
  for (int64_t b = 0; b * kMaskBlock < n; ++b) {
    int64_t here = starts[b];
    starts[b] = total;
    total += here;
  }
  return total;
}

template <class T>
void compress(const bool* mask, int64_t n, const int64_t* starts, const char* in_bytes,
              char* out_bytes) {
  auto* in = reinterpret_cast<const T*>(in_bytes);
  for_blocks(n, [&](int64_t b, int64_t begin, int64_t end) {
    T* out = reinterpret_cast<T*>(out_bytes) + starts[b];
    for_words(mask, begin, end, [&](int64_t at, uint64_t bits, int) {
      if (bits == ~uint64_t{0}) {
        std::memcpy(out, in + at, 64 * sizeof(T));
        out += 64;
        return;
      }
      for_bits(bits, [&](int bit) { *out++ = in[at + bit]; });
    });
  });
}

template <class T>
void expand(const bool* mask, int64_t n, const int64_t* starts, const char* in_bytes,
            char* out_bytes) {
  auto* out = reinterpret_cast<T*>(out_bytes);
  for_blocks(n, [&](int64_t b, int64_t begin, int64_t end) {
    const T* in = reinterpret_cast<const T*>(in_bytes) + starts[b];
    for_words(mask, begin, end, [&](int64_t at, uint64_t bits, int) {
      if (bits == ~uint64_t{0}) {
        std::memcpy(out + at, in, 64 * sizeof(T));
        in += 64;
        return;
      }
      for_bits(bits, [&](int bit) { out[at + bit] = *in++; });
    });
  });
}

// Positions of true elements side by side; `to` has room for `count`, which is their number.
void positions(const bool* mask, int64_t begin, int64_t end, int64_t* to, int64_t count) {
  [[maybe_unused]] const int64_t* stop = to + count;
  for_words(mask, begin, end, [&](int64_t at, uint64_t bits, int) {
#ifdef __AVX2__
    // eight at a time, the wanted ones in front
    for (; bits && to + 8 <= stop; bits >>= 8, at += 8) {
      const unsigned eight = bits & 255;
      const __m128i lanes = _mm_cvtsi64_si128(static_cast<int64_t>(kToEnds[eight ^ 255]));
      const __m256i base = _mm256_set1_epi64x(at);
      const __m256i first = _mm256_add_epi64(base, _mm256_cvtepu8_epi64(lanes));
      const __m256i second = _mm256_add_epi64(base, _mm256_cvtepu8_epi64(_mm_srli_si128(lanes, 4)));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), first);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + 4), second);
      to += std::popcount(eight);
    }
#endif
    for_bits(bits, [&](int bit) { *to++ = at + bit; });
  });
}

void coordinates(const bool* mask, const Shape& shape, const int64_t* starts, int64_t* out,
                 int64_t step, int64_t dim_step) {
  int dims = shape.size();
  int64_t inner = shape[dims - 1];
  for_blocks(numel(shape), [&](int64_t b, int64_t begin, int64_t end) {
    int64_t* to = out + starts[b] * step;
    if (dims == 1 && step == 1) {
      auto* bytes = reinterpret_cast<const unsigned char*>(mask);
      return positions(mask, begin, end, to, count_block(bytes + begin, end - begin));
    }
    if (dims == 1) {
      for_words(mask, begin, end, [&](int64_t at, uint64_t bits, int) {
        for_bits(bits, [&](int bit) {
          *to = at + bit;
          to += step;
        });
      });
      return;
    }
    // the row that the position lies in: its coordinates and where it ends
    int64_t row[kMaxDims];
    int64_t rest = begin / inner, row_end = (rest + 1) * inner;
    for (int d = dims - 2; d >= 0; --d) {
      row[d] = rest % shape[d];
      rest /= shape[d];
    }
    for_words(mask, begin, end, [&](int64_t at, uint64_t bits, int) {
      for_bits(bits, [&](int bit) {
        int64_t position = at + bit;
        for (; position >= row_end; row_end += inner) {
          for (int d = dims - 2; d >= 0 && ++row[d] == shape[d] && d > 0; --d) row[d] = 0;
        }
        for (int d = 0; d < dims - 1; ++d) to[d * dim_step] = row[d];
        to[(dims - 1) * dim_step] = position - row_end + inner;
        to += step;
      });
    });
  });
}

// In bits: a choice would become a branch, which random masks mislead. The mask is read as a byte,
// for NumPy's bools may hold any.
struct Fill {
  template <class T>
  T operator()(uint8_t mask, T x, T value) const {
    T all = static_cast<T>(-static_cast<T>(mask != 0));
    return static_cast<T>((x & ~all) | (value & all));
  }
};

template <class T>
constexpr void fill_class(kernels::MaskTable& t, int i) {
  t.compress[i] = &compress<T>;
  t.expand[i] = &expand<T>;
  t.fill[i] = &kernel<Fill, kMemoryGrain, T, uint8_t, T, T>;
}

constexpr kernels::MaskTable make_table() {
  kernels::MaskTable t{};
  t.count = &count;
  t.coordinates = &coordinates;
  fill_class<uint8_t>(t, 0);
  fill_class<uint16_t>(t, 1);
  fill_class<uint32_t>(t, 2);
  fill_class<uint64_t>(t, 3);
  return t;
}

}  // namespace

extern constinit const kernels::MaskTable mask = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
