// What this machine can do at best, as one line of JSON: bounds THREADS. Built and read by bounds.py.
#define _GNU_SOURCE
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#ifdef __AVX__
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
enum { kVector = 64 };
#elif defined(__AVX__)
enum { kVector = 32 };
#else
enum { kVector = 16 };
#endif
typedef float Floats __attribute__((vector_size(kVector)));
typedef double Doubles __attribute__((vector_size(kVector)));

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static void copy(Floats* to, const Floats* from, int64_t n) {
  for (int64_t i = 0; i < n; ++i) to[i] = from[i];
  __asm__ volatile("" ::: "memory");
}

// Past the caches: lines are written without being read first.
static void stream(Floats* to, const Floats* from, int64_t n) {
#ifdef __AVX__
  const __m256* in = (const __m256*)from;
  for (int64_t i = 0; i < n * kVector / 32; ++i) _mm256_stream_ps((float*)to + 8 * i, in[i]);
  _mm_sfence();
  __asm__ volatile("" ::: "memory");
#else
  copy(to, from, n);
#endif
}

static void add_up(Floats* to, const Floats* from, int64_t n) {
  Floats sums[8] = {};
  for (int64_t i = 0; i + 8 <= n; i += 8) {
    for (int k = 0; k < 8; ++k) sums[k] += from[i + k];
  }
  for (int k = 1; k < 8; ++k) sums[0] += sums[k];
  __asm__ volatile("" ::"m"(sums[0]), "r"(to) : "memory");
}

// Bytes per second; every thread has its own `bytes` / threads.
static double bandwidth(void (*run)(Floats*, const Floats*, int64_t), char* memory, int64_t bytes,
                        int arrays, int threads) {
  const int64_t n = bytes / threads / arrays / (8 * kVector) * 8;
  const int64_t calls = 1 + (int64_t)(64 << 20) / bytes;
  double best = 1e9;
  for (int turn = 0; turn < 12; ++turn) {
    double start = 0, end = 0;
#pragma omp parallel num_threads(threads)
    {
      const int64_t part = n * arrays;
      Floats* mine = (Floats*)memory + omp_get_thread_num() * part;
#pragma omp barrier
#pragma omp master
      start = now();
      for (int64_t i = 0; i < calls; ++i) run(mine + (arrays - 1) * n, mine, n);
#pragma omp barrier
#pragma omp master
      end = now();
    }
    if (end - start < best) best = end - start;
  }
  return (double)n * kVector * arrays * threads * calls / best;
}

#define PEAK(name, Vector, Number)                                                  \
  static double name(int threads) {                                                 \
    enum { kChains = 12, kSteps = 1 << 20 };                                        \
    double best = 1e9;                                                              \
    for (int turn = 0; turn < 12; ++turn) {                                         \
      double start = now();                                                         \
      _Pragma("omp parallel num_threads(threads)") {                                \
        Vector sums[kChains] = {}, a = {}, b = {};                                  \
        __asm__ volatile("" : "+x"(a), "+x"(b));                                    \
        for (int k = 0; k < kChains; ++k) __asm__ volatile("" : "+x"(sums[k]));     \
        for (int i = 0; i < kSteps; ++i) {                                          \
          for (int k = 0; k < kChains; ++k) sums[k] = sums[k] * a + b;              \
        }                                                                           \
        for (int k = 1; k < kChains; ++k) sums[0] += sums[k];                       \
        __asm__ volatile("" ::"x"(sums[0]));                                        \
      }                                                                             \
      double seconds = now() - start;                                               \
      if (seconds < best) best = seconds;                                           \
    }                                                                               \
    return 2.0 * kSteps * kChains * (kVector / sizeof(Number)) * threads / best;    \
  }
PEAK(peak_float, Floats, float)
PEAK(peak_double, Doubles, double)

int main(int argc, char** argv) {
  const int threads = argc > 1 ? atoi(argv[1]) : 1;
  const int64_t most = 128 << 20;
  char* memory = mmap(0, most, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (threads < 1 || memory == MAP_FAILED) return 1;
  madvise(memory, most, MADV_HUGEPAGE);
#pragma omp parallel for num_threads(threads) schedule(static)
  for (int64_t i = 0; i < most / 4; ++i) ((float*)memory)[i] = 1.f;
  const char* mark = "";
  printf("{\"bandwidth\": [");
  for (int64_t bytes = 8 << 10; bytes <= most; bytes *= 4, mark = ", ") {
    double cached = bandwidth(copy, memory, bytes, 2, threads);
    double streamed = bandwidth(stream, memory, bytes, 2, threads);
    double read = bandwidth(add_up, memory, bytes, 1, threads);
    printf("%s{\"bytes\": %lld, \"copy\": %.4g, \"read\": %.4g}", mark, (long long)bytes,
           cached > streamed ? cached : streamed, read);
  }
  printf("], \"flops\": {\"float32\": %.4g, \"float64\": %.4g}}\n", peak_float(threads),
         peak_double(threads));
  return 0;
}
