// Sampling. Compiled with -ffp-contract=off: every variant gives the same bits.
#include <algorithm>
#include <cmath>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <vector>

#include "kernels/cpu/philox_group.h"
#include "kernels/random_table.h"
#include "torch/allocator.h"
#include "torch/sampling.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

using kernels::Distribution;
using kernels::Draw;
constexpr int64_t kGrain = 32768;

// NaN passes.
template <class T>
inline T bring_into(T v, T lo, T hi) {
  v = v < lo ? lo : v;
  return v > hi ? hi : v;
}

// Elements of one word in float32 and of two in float64: f(words...) is the element.
template <class T, class F>
void each(T* out, int64_t n, PhiloxState s, F f) {
  if constexpr (std::is_same_v<T, float>) {
    for_groups<1>(out, n, s, [&](const Words& w, uint64_t, T* __restrict o) {
      for (int k = 0; k < kPhiloxGroup; ++k) o[k] = f(w.flat()[k]);
    });
  } else {
    for_groups<2>(out, n, s, [&](const Words& w, uint64_t, T* __restrict o) {
      for (int half = 0; half < 2; ++half) {
        for (int l = 0; l < kPhiloxLanes; ++l)
          o[half * kPhiloxLanes + l] = f(w.at[2 * half][l], w.at[2 * half + 1][l]);
      }
    });
  }
}

template <class T>
void uniform(T* out, int64_t n, PhiloxState s, const Draw& d) {
  T from = static_cast<T>(d.a), span = static_cast<T>(d.b - d.a);
  T lo = static_cast<T>(d.lo), hi = static_cast<T>(d.hi);
  each(out, n, s,
       [=](auto... w) { return bring_into(from + span * sampling::unit(w...), lo, hi); });
}

// f turns a normal number into the element; pairs stand 16 elements apart.
template <class T, class F>
void each_normal(T* out, int64_t n, PhiloxState s, F f) {
  if constexpr (std::is_same_v<T, float>) {
    for_groups<1>(out, n, s, [&](const Words& w, uint64_t, T* __restrict o) {
      for (int half = 0; half < 2; ++half) {
        T* __restrict pair = o + half * 2 * kPhiloxLanes;
        for (int l = 0; l < kPhiloxLanes; ++l) {
          auto v = sampling::normal_pair(w.at[2 * half][l], w.at[2 * half + 1][l]);
          pair[l] = v.cos;
          pair[kPhiloxLanes + l] = v.sin;
        }
      }
      for (int k = 0; k < kPhiloxGroup; ++k) o[k] = f(o[k]);
    });
  } else {
    for_groups<2>(out, n, s, [&](const Words& w, uint64_t, T* __restrict o) {
      for (int l = 0; l < kPhiloxLanes; ++l) {
        auto v = sampling::normal_pair(w.at[0][l], w.at[1][l], w.at[2][l], w.at[3][l]);
        o[l] = v.cos;
        o[kPhiloxLanes + l] = v.sin;
      }
      for (int k = 0; k < kPhiloxGroup / 2; ++k) o[k] = f(o[k]);
    });
  }
}

template <class T>
void normal(T* out, int64_t n, PhiloxState s, const Draw& d) {
  T mean = static_cast<T>(d.a), std = static_cast<T>(d.b);
  each_normal(out, n, s, [=](T v) { return mean + std * v; });
}

template <class T>
void log_normal(T* out, int64_t n, PhiloxState s, const Draw& d) {
  // the exponential in float64 for both: it makes a relative error of an absolute one
  T lo = static_cast<T>(d.lo), hi = static_cast<T>(d.hi);
  each_normal(out, n, s, [=](T v) {
    return bring_into(
        static_cast<T>(sampling::exponential_function(d.a + d.b * static_cast<double>(v))), lo, hi);
  });
}

template <class T>
void exponential(T* out, int64_t n, PhiloxState s, const Draw& d) {
  T rate = static_cast<T>(d.a), lo = static_cast<T>(d.lo), hi = static_cast<T>(d.hi);
  each(out, n, s,
       [=](auto... w) { return bring_into(sampling::exponential(w...) / rate, lo, hi); });
}

template <class T>
void cauchy(T* out, int64_t n, PhiloxState s, const Draw& d) {
  T location = static_cast<T>(d.a), scale = static_cast<T>(d.b);
  T lo = static_cast<T>(d.lo), hi = static_cast<T>(d.hi);
  each(out, n, s,
       [=](auto... w) { return bring_into(location + scale * sampling::cauchy(w...), lo, hi); });
}

// k with probability p (1 - p)^(k - 1): the logarithm of a uniform number, cut into steps.
template <class T>
void geometric(T* out, int64_t n, PhiloxState s, const Draw& d) {
  const double log_failure = d.a, most = std::min(d.hi, 0x1p1000);
  for_groups<2>(out, n, s, [&](const Words& w, uint64_t, T* __restrict o) {
    double v[kPhiloxGroup / 2];
    for (int half = 0; half < 2; ++half) {
      for (int l = 0; l < kPhiloxLanes; ++l) {
        double u = sampling::open_unit(w.at[2 * half][l], w.at[2 * half + 1][l]);
        v[half * kPhiloxLanes + l] = std::floor(sampling::log_normal_number(u) / log_failure) + 1;
      }
    }
    for (int k = 0; k < kPhiloxGroup / 2; ++k) {
      if constexpr (std::is_floating_point_v<T>) {
        o[k] = static_cast<T>(v[k] < most ? v[k] : most);
      } else {
        constexpr T kMost = std::numeric_limits<T>::max();  // as a double perhaps one more
        o[k] = v[k] < static_cast<double>(kMost) ? static_cast<T>(v[k]) : kMost;
      }
    }
  });
}

// A word that cannot decide is replaced by the same word of the blocks (counter, 1), (counter, 2)
// and so on. k counts in the group.
inline uint32_t replacement(PhiloxState s, uint64_t counter, int k, uint64_t sub) {
  return philox(s.seed, counter + static_cast<uint64_t>(k % kPhiloxLanes), sub)[k / kPhiloxLanes];
}

// Whether u < p * 2^32 - w, u uniform in [0, 1): what to say when w are the first bits of p.
inline bool decide(PhiloxState s, uint64_t counter, int k, uint32_t w, double p) {
  uint32_t hi = replacement(s, counter, k, 1), lo = replacement(s, counter, k, 2);
  return sampling::unit(hi, lo) < p * 4294967296.0 - static_cast<double>(w);
}

template <class T>
void bernoulli(T* out, int64_t n, PhiloxState s, double p) {
  double scaled = std::floor(p * 4294967296.0);
  if (scaled >= 4294967296.0) return std::fill(out, out + n, static_cast<T>(1));
  auto threshold = static_cast<uint32_t>(scaled);
  for_groups<1>(out, n, s, [&](const Words& w, uint64_t counter, T* __restrict o) {
    uint32_t undecided = 0;
    for (int k = 0; k < kPhiloxGroup; ++k) {
      o[k] = static_cast<T>(w.flat()[k] < threshold);
      undecided |= w.flat()[k] == threshold;
    }
    if (undecided) {
      for (int k = 0; k < kPhiloxGroup; ++k) {
        if (w.flat()[k] == threshold) o[k] = static_cast<T>(decide(s, counter, k, threshold, p));
      }
    }
  });
}

template <class T>
void bernoulli_each(bool* out, const char* p_bytes, int64_t n, PhiloxState s) {
  const T* p = reinterpret_cast<const T*>(p_bytes);
  for_groups<1>(out, n, s, [&](const Words& w, uint64_t counter, bool* o) {
    auto first = static_cast<int64_t>(counter - s.offset) * 4;
    const T* here = p + first;
    T chances[kPhiloxGroup] = {};
    if (n - first < kPhiloxGroup) {
      std::memcpy(chances, here, (n - first) * sizeof(T));
      here = chances;
    }
    int undecided = 0;
    for (int k = 0; k < kPhiloxGroup; ++k) {
      double scaled = static_cast<double>(here[k]) * 4294967296.0;
      // by way of signed numbers, which all processors convert
      double v = static_cast<double>(static_cast<int32_t>(w.flat()[k] ^ 0x80000000u)) + 0x1p31;
      bool sure = v + 1 <= scaled;
      o[k] = sure;
      undecided |= (v < scaled) & !sure;
    }
    if (!undecided) return;
    for (int k = 0; k < kPhiloxGroup; ++k) {
      const auto p = static_cast<double>(here[k]);
      const double scaled = p * 4294967296.0, v = w.flat()[k];
      if (v < scaled && v + 1 > scaled) o[k] = decide(s, counter, k, w.flat()[k], p);
    }
  });
}

// first + k as a T; floating ones are brought into [lo, hi].
template <class T>
struct Whole {
  int64_t first;
  T lo, hi;
  explicit Whole(const Draw& d) : first(d.first), lo(), hi() {
    if constexpr (std::is_floating_point_v<T>) {
      lo = static_cast<T>(d.lo);
      hi = static_cast<T>(d.hi);
    }
  }
  T operator()(uint64_t k) const {
    auto v = static_cast<int64_t>(static_cast<uint64_t>(first) + k);
    if constexpr (std::is_floating_point_v<T>)
      return bring_into(static_cast<T>(v), lo, hi);
    else
      return static_cast<T>(v);
  }
};

// Multiplication into the range with rejection (Lemire, as in FastStream::below): no bias.
template <class T>
void integers(T* out, int64_t n, PhiloxState s, const Draw& d) {
  const Whole<T> whole(d);
  if (d.words(dtype_of<T>) == 2) {
    const uint64_t range = d.range, reject = range ? -range % range : 0;
    for_groups<2>(out, n, s, [&](const Words& w, uint64_t counter, T* __restrict o) {
      uint64_t bits[kPhiloxGroup / 2];
      for (int half = 0; half < 2; ++half) {
        for (int l = 0; l < kPhiloxLanes; ++l) {
          bits[half * kPhiloxLanes + l] =
              (static_cast<uint64_t>(w.at[2 * half][l]) << 32) | w.at[2 * half + 1][l];
        }
      }
      if (range == 0) {
        for (int k = 0; k < kPhiloxGroup / 2; ++k) o[k] = whole(bits[k]);
        return;
      }
      for (int k = 0; k < kPhiloxGroup / 2; ++k) {
        auto m = static_cast<unsigned __int128>(bits[k]) * range;
        int hi = k % kPhiloxLanes + k / kPhiloxLanes * 2 * kPhiloxLanes, lo = hi + kPhiloxLanes;
        for (uint64_t sub = 1; static_cast<uint64_t>(m) < reject; ++sub) {
          uint64_t other = (static_cast<uint64_t>(replacement(s, counter, hi, sub)) << 32) |
                           replacement(s, counter, lo, sub);
          m = static_cast<unsigned __int128>(other) * range;
        }
        o[k] = whole(static_cast<uint64_t>(m >> 64));
      }
    });
    return;
  }
  const auto range = static_cast<uint32_t>(d.range);  // 0 means 2^32
  const uint32_t reject = range ? -range % range : 0;
  for_groups<1>(out, n, s, [&](const Words& w, uint64_t counter, T* __restrict o) {
    if (range == 0) {
      for (int k = 0; k < kPhiloxGroup; ++k) o[k] = whole(w.flat()[k]);
      return;
    }
    uint32_t rejected = 0;
    for (int k = 0; k < kPhiloxGroup; ++k) {
      uint64_t m = static_cast<uint64_t>(w.flat()[k]) * range;
      rejected |= static_cast<uint32_t>(m) < reject;
      o[k] = whole(static_cast<uint32_t>(m >> 32));
    }
    if (!rejected) return;
    for (int k = 0; k < kPhiloxGroup; ++k) {
      uint64_t m = static_cast<uint64_t>(w.flat()[k]) * range;
      for (uint64_t sub = 1; static_cast<uint32_t>(m) < reject; ++sub)
        m = static_cast<uint64_t>(replacement(s, counter, k, sub)) * range;
      o[k] = whole(m >> 32);
    }
  });
}

template <class T>
void fill(const Draw& d, char* bytes, int64_t n, PhiloxState s) {
  T* out = reinterpret_cast<T*>(bytes);
  if (d.distribution == Distribution::kBernoulli) return bernoulli(out, n, s, d.a);
  if (d.distribution == Distribution::kIntegers) return integers(out, n, s, d);
  if constexpr (!std::is_same_v<T, bool>) {
    if (d.distribution == Distribution::kGeometric) return geometric(out, n, s, d);
  }
  if constexpr (std::is_floating_point_v<T>) {
    switch (d.distribution) {
      case Distribution::kUniform:
        return uniform(out, n, s, d);
      case Distribution::kNormal:
        return normal(out, n, s, d);
      case Distribution::kLogNormal:
        return log_normal(out, n, s, d);
      case Distribution::kExponential:
        return exponential(out, n, s, d);
      case Distribution::kCauchy:
        return cauchy(out, n, s, d);
      default:
        return;
    }
  }
}

// What the first attempts of sixteen streams take.
struct GammaNumbers {
  using Sampler = sampling::Gamma;
  double x[kPhiloxLanes], u[kPhiloxLanes], more[kPhiloxLanes];
  GammaNumbers(uint64_t seed, uint64_t counter) {
    Words w;
    philox_blocks(seed, counter, 1, 1, 0, w);
    for (int l = 0; l < kPhiloxLanes; ++l)
      x[l] = sampling::normal_pair(w.at[0][l], w.at[1][l], w.at[2][l], w.at[3][l]).cos;
    philox_blocks(seed, counter, 1, 2, 0, w);
    for (int l = 0; l < kPhiloxLanes; ++l) {
      u[l] = sampling::open_unit(w.at[0][l], w.at[1][l]);
      more[l] = sampling::open_unit(w.at[2][l], w.at[3][l]);
    }
  }
  bool attempt(const Sampler& s, int l, double& out) const {
    return s.attempt(x[l], u[l], more[l], out);
  }
};
struct PoissonNumbers {
  using Sampler = sampling::Poisson;
  double u[kPhiloxLanes], v[kPhiloxLanes];
  PoissonNumbers(uint64_t seed, uint64_t counter) {
    Words w;
    philox_blocks(seed, counter, 1, 1, 0, w);
    for (int l = 0; l < kPhiloxLanes; ++l) {
      u[l] = sampling::open_unit(w.at[0][l], w.at[1][l]);
      v[l] = sampling::open_unit(w.at[2][l], w.at[3][l]);
    }
  }
  bool attempt(const Sampler& s, int l, double& out) const { return s.attempt(u[l], v[l], out); }
};

// A stream for each element.
template <class T, class Numbers>
void from_parameter(char* bytes, const char* x_bytes, int64_t n, PhiloxState s) {
  T* out = reinterpret_cast<T*>(bytes);
  const T* x = reinterpret_cast<const T*>(x_bytes);
  parallel_for((n + kPhiloxLanes - 1) / kPhiloxLanes, 64, [&](int64_t begin, int64_t end) {
    T parameter = x[begin * kPhiloxLanes];
    typename Numbers::Sampler sampler(static_cast<double>(parameter));
    for (int64_t i = begin * kPhiloxLanes; i < end * kPhiloxLanes; i += kPhiloxLanes) {
      uint64_t counter = s.offset + static_cast<uint64_t>(i);
      Numbers numbers(s.seed, counter);
      const auto here = static_cast<int>(std::min<int64_t>(kPhiloxLanes, n - i));
      for (int l = 0; l < here; ++l) {
        if (x[i + l] != parameter) {
          parameter = x[i + l];
          sampler = typename Numbers::Sampler(static_cast<double>(parameter));
        }
        double result;
        if (!numbers.attempt(sampler, l, result)) {
          sampling::Stream stream(s.seed, counter + static_cast<uint64_t>(l));
          result = sampler(stream);
        }
        out[i + l] = static_cast<T>(result);
      }
    }
  });
}

// Memory for n elements, not initialized, from the cache of freed blocks.
template <class T>
class Scratch {
 public:
  explicit Scratch(int64_t n)
      : data_(static_cast<T*>(host_alloc(static_cast<size_t>(n) * sizeof(T), &block_))) {}
  ~Scratch() { host_free(data_, block_); }
  Scratch(const Scratch&) = delete;
  T& operator[](int64_t i) { return data_[i]; }
  T* data() { return data_; }

 private:
  size_t block_ = 0;
  T* data_;
};

// Rows worth a thread.
int64_t row_grain(int64_t work) {
  return std::max<int64_t>(1, kGrain / std::max<int64_t>(work, 1));
}

void choose(int64_t* out, const double* u, const double* weights, int64_t rows, int64_t n,
            int64_t samples) {
  parallel_for(rows, row_grain(n + samples), [&](int64_t begin, int64_t end) {
    Scratch<double> cumulative(n);
    Scratch<int64_t> guide(n);
    for (int64_t row = begin; row < end; ++row) {
      double total = 0;
      int64_t last = 0;  // with a weight
      for (int64_t k = 0; k < n; ++k) {
        double w = weights[row * n + k];
        total += w;
        cumulative[k] = total;
        if (w > 0) last = k;
      }
      // Many samples: a table says where to start for each n-th part of the total (Chen and Asau,
      // "On generating random variates from an empirical distribution", 1974). The answer is the
      // same without it.
      bool guided = samples > n / 4;
      auto parts = static_cast<double>(n);
      if (guided) {
        int64_t k = 0;
        for (int64_t part = 0; part < n; ++part) {
          while (k < last && cumulative[k] <= static_cast<double>(part) / parts * total) ++k;
          guide[part] = k;
        }
      }
      const double* c = cumulative.data();
      parallel_for(samples, kGrain, [&](int64_t from, int64_t to) {
        for (int64_t i = from; i < to; ++i) {
          double v = u[row * samples + i], x = v * total;
          int64_t k;
          if (guided) {
            k = guide[std::min(static_cast<int64_t>(v * parts), n - 1)];
            while (k > 0 && c[k - 1] > x) --k;
            while (k < last && c[k] <= x) ++k;
          } else {
            k = std::min<int64_t>(std::upper_bound(c, c + n, x) - c, last);
          }
          out[row * samples + i] = k;
        }
      });
    }
  });
}

void race(int64_t* out, const double* e, const double* weights, int64_t rows, int64_t n,
          int64_t samples) {
  using Arrival = std::pair<double, int64_t>;
  parallel_for(rows, row_grain(8 * n), [&](int64_t begin, int64_t end) {
    Scratch<Arrival> scratch(n);
    Arrival* arrivals = scratch.data();
    for (int64_t row = begin; row < end; ++row) {
      parallel_for(n, kGrain, [&](int64_t from, int64_t to) {
        for (int64_t k = from; k < to; ++k) {
          // logarithms, for a quotient may overflow; those of denormals with a factor 2^54
          double w = weights[row * n + k];
          bool tiny = w < 2.2250738585072014e-308;
          double log_w = sampling::log_normal_number(tiny ? w * 18014398509481984.0 : w) -
                         (tiny ? 37.429947750237048 : 0.0);
          double key = sampling::log_normal_number(e[row * n + k]) - log_w;
          arrivals[k] = {w > 0 ? key : std::numeric_limits<double>::infinity(), k};
        }
      });
      if (samples < n) std::nth_element(arrivals, arrivals + samples, arrivals + n);
      std::sort(arrivals, arrivals + samples);
      for (int64_t i = 0; i < samples; ++i) out[row * samples + i] = arrivals[i].second;
    }
  });
}

// Fisher and Yates.
template <class T>
void shuffle(T* x, int64_t n, uint64_t seed, uint64_t counter) {
  FastStream stream(seed, counter);
  for (auto i = static_cast<uint32_t>(n); i > 1; --i) std::swap(x[i - 1], x[stream.below(i)]);
}

// Large ones: each number goes to a random bucket, each bucket, which fits a cache, is shuffled
// (Rao, 1961; Sandelius, "A simple randomization procedure", 1962). Buckets fill in the order of
// the numbers, whoever fills them. T holds the numbers on the way.
template <class T>
void permutation_of(int64_t* out, int64_t n, PhiloxState s) {
  const int64_t buckets = kernels::permutation_buckets(n);
  const uint64_t own = s.offset + philox_counters(n, 1);  // the buckets' counters
  Scratch<T> numbers(n);
  if (buckets == 1) {
    for (int64_t i = 0; i < n; ++i) numbers[i] = static_cast<T>(i);
    shuffle(numbers.data(), n, s.seed, own);
    for (int64_t i = 0; i < n; ++i) out[i] = numbers[i];
    return;
  }
  constexpr int64_t kMostParts = 64;
  const int64_t part =
      ((n + kMostParts - 1) / kMostParts + kPhiloxGroup - 1) / kPhiloxGroup * kPhiloxGroup;
  const int64_t parts = (n + part - 1) / part;
  const auto shift = static_cast<uint32_t>(33 - __builtin_ffsll(buckets));
  Scratch<uint16_t> bucket_of(n);
  std::vector<int64_t> start(static_cast<size_t>(parts * buckets));
  std::vector<int64_t> bounds(static_cast<size_t>(buckets + 1));
  parallel_for(parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      int64_t* count = start.data() + p * buckets;
      for (int64_t i = p * part; i < std::min(n, (p + 1) * part); i += kPhiloxGroup) {
        Words w;
        philox_blocks(s.seed, s.offset + static_cast<uint64_t>(i / 4), 1, 0, 0, w);
        const int64_t here = std::min<int64_t>(kPhiloxGroup, n - i);
        for (int64_t k = 0; k < here; ++k) {
          uint32_t b = w.flat()[k] >> shift;
          bucket_of[i + k] = static_cast<uint16_t>(b);
          ++count[b];
        }
      }
    }
  });
  int64_t sum = 0;
  for (int64_t b = 0; b < buckets; ++b) {
    bounds[b] = sum;
    for (int64_t p = 0; p < parts; ++p) sum += std::exchange(start[p * buckets + b], sum);
  }
  bounds[buckets] = n;
  parallel_for(parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      int64_t* next = start.data() + p * buckets;
      const int64_t last = std::min(n, (p + 1) * part);
      for (int64_t i = p * part; i < last; ++i) numbers[next[bucket_of[i]]++] = static_cast<T>(i);
    }
  });
  parallel_for(buckets, 1, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      T* here = numbers.data() + bounds[b];
      const int64_t count = bounds[b + 1] - bounds[b];
      shuffle(here, count, s.seed, own + static_cast<uint64_t>(b));
      for (int64_t k = 0; k < count; ++k) out[bounds[b] + k] = here[k];
    }
  });
}

void permutation(int64_t* out, int64_t n, PhiloxState s) {
  if (n < (int64_t{1} << 31)) return permutation_of<int32_t>(out, n, s);
  permutation_of<int64_t>(out, n, s);
}

void distinct(int64_t* out, int64_t k, int64_t n, PhiloxState s) {
  FastStream stream(s.seed, s.offset);
  std::unordered_set<int64_t> seen;
  seen.reserve(static_cast<size_t>(k));
  for (int64_t i = 0; i < k; ++i) {
    do {
      out[i] = static_cast<int64_t>(stream.below(static_cast<uint64_t>(n)));
    } while (!seen.insert(out[i]).second);
  }
}

constexpr kernels::RandomTable make_table() {
  kernels::RandomTable t{};
  int i = 0;
#define DTYPE(e, ctype, name, prefix, kind)                   \
  if constexpr (!is_half(DType::e)) t.fill[i] = &fill<ctype>; \
  ++i;
#include "torch/dtype.def"
#undef DTYPE
  constexpr int kFloat = index(DType::kFloat32), kDouble = index(DType::kFloat64);
  t.bernoulli[kFloat] = &bernoulli_each<float>;
  t.bernoulli[kDouble] = &bernoulli_each<double>;
  t.gamma[kFloat] = &from_parameter<float, GammaNumbers>;
  t.gamma[kDouble] = &from_parameter<double, GammaNumbers>;
  t.poisson[kFloat] = &from_parameter<float, PoissonNumbers>;
  t.poisson[kDouble] = &from_parameter<double, PoissonNumbers>;
  t.choose = &choose;
  t.race = &race;
  t.permutation = &permutation;
  t.distinct = &distinct;
  return t;
}

}  // namespace

extern constinit const kernels::RandomTable random = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
