// Writing past the caches: a line is not read before it is overwritten, and pushes nothing out.
#pragma once
#include <cstdint>
#include <cstring>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace torch::cpu {

inline constexpr int64_t kLine = 64;  // bytes
// Results from here on are not kept by caches until somebody reads them.
inline constexpr int64_t kStreamed = 16 << 20;  // bytes

inline bool starts_line(const char* p) { return reinterpret_cast<uintptr_t>(p) % kLine == 0; }

// `to` and `from` start a line each.
inline void stream_line(char* to, const char* from) {
#ifdef __SSE2__
  auto* x = reinterpret_cast<const __m128i*>(from);
  auto* y = reinterpret_cast<__m128i*>(to);
  __m128i a = x[0], b = x[1], c = x[2], d = x[3];
  _mm_stream_si128(y, a);
  _mm_stream_si128(y + 1, b);
  _mm_stream_si128(y + 2, c);
  _mm_stream_si128(y + 3, d);
#else
  std::memcpy(to, from, kLine);
#endif
}

// Lines that were streamed come before what this thread writes from now on.
inline void end_stream() {
#ifdef __SSE2__
  _mm_sfence();
#endif
}

}  // namespace torch::cpu
