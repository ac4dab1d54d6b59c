#include "torch/checksum.h"

#include <array>
#include <cstring>

namespace torch {
namespace {

using Table = std::array<uint32_t, 256>;

constexpr uint32_t kPolynomial = 0x82f63b78;  // RFC 3720, bits reversed

constexpr uint32_t one_byte(uint32_t crc) {
  for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? kPolynomial : 0);
  return crc;
}

// kAhead[k][b]: what byte b adds when k zero bytes follow it ("slicing", Kounavis and Berry 2005).
constexpr std::array<Table, 8> make_ahead() {
  std::array<Table, 8> t{};
  for (uint32_t b = 0; b < 256; ++b) t[0][b] = one_byte(b);
  for (uint32_t b = 0; b < 256; ++b) {
    for (int k = 1; k < 8; ++k) t[k][b] = (t[k - 1][b] >> 8) ^ t[0][t[k - 1][b] & 255];
  }
  return t;
}
constexpr std::array<Table, 8> kAhead = make_ahead();

uint64_t load(const unsigned char* p) {
  uint64_t word;
  std::memcpy(&word, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

uint32_t portable(const unsigned char* p, size_t n, uint32_t crc) {
  for (; n >= 8; p += 8, n -= 8) {
    uint64_t word = load(p) ^ crc;
    crc = 0;
    for (int k = 0; k < 8; ++k) crc ^= kAhead[7 - k][(word >> (8 * k)) & 255];
  }
  for (; n > 0; ++p, --n) crc = (crc >> 8) ^ kAhead[0][(crc ^ *p) & 255];
  return crc;
}

#if defined(__x86_64__)

// The instruction gives a result after three cycles and starts every cycle: three streams side by
// side, put together by moving a checksum over the bytes of the streams behind it.
constexpr size_t kStream = 4096;

// The checksum of a stream that is followed by kStream zero bytes, byte by byte of the checksum.
// Linear over the bits: 32 single bits are moved, and the rest are sums of them.
constexpr std::array<Table, 4> make_move() {
  std::array<Table, 4> t{};
  for (int byte = 0; byte < 4; ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      uint32_t crc = uint32_t{1} << (8 * byte + bit);
      for (size_t i = 0; i < kStream; ++i) crc = (crc >> 8) ^ kAhead[0][crc & 255];
      t[byte][size_t{1} << bit] = crc;
    }
    for (size_t b = 1; b < 256; ++b) t[byte][b] = t[byte][b & (b - 1)] ^ t[byte][b & -b];
  }
  return t;
}
constexpr std::array<Table, 4> kMove = make_move();

uint32_t move(uint32_t crc) {
  return kMove[0][crc & 255] ^ kMove[1][(crc >> 8) & 255] ^ kMove[2][(crc >> 16) & 255] ^
         kMove[3][crc >> 24];
}

[[gnu::target("sse4.2")]] uint32_t with_instruction(const unsigned char* p, size_t n,
                                                    uint32_t crc) {
  for (; n >= 3 * kStream; p += 3 * kStream, n -= 3 * kStream) {
    uint64_t a = crc, b = 0, c = 0;
    for (size_t i = 0; i < kStream; i += 8) {
      a = __builtin_ia32_crc32di(a, load(p + i));
      b = __builtin_ia32_crc32di(b, load(p + kStream + i));
      c = __builtin_ia32_crc32di(c, load(p + 2 * kStream + i));
    }
    crc =
        move(move(static_cast<uint32_t>(a)) ^ static_cast<uint32_t>(b)) ^ static_cast<uint32_t>(c);
  }
  uint64_t a = crc;
  for (; n >= 8; p += 8, n -= 8) a = __builtin_ia32_crc32di(a, load(p));
  crc = static_cast<uint32_t>(a);
  for (; n > 0; ++p, --n) crc = __builtin_ia32_crc32qi(crc, *p);
  return crc;
}

#endif

}  // namespace

uint32_t crc32c_portable(const void* data, size_t bytes, uint32_t start) {
  return ~portable(static_cast<const unsigned char*>(data), bytes, ~start);
}

uint32_t crc32c(const void* data, size_t bytes, uint32_t start) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2"))
    return ~with_instruction(static_cast<const unsigned char*>(data), bytes, ~start);
#endif
  return crc32c_portable(data, bytes, start);
}

}  // namespace torch
