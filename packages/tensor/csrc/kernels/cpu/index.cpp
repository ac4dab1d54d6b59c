#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "kernels/cpu/isa.h"
#include "kernels/index_table.h"
#include "torch/math.h"
#include "torch/parallel.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

using kernels::IndexPlan;

constexpr int64_t kGrain = 32768;

template <class T>
struct Take {
  static void apply(T* data, T* other) { *other = *data; }
};
template <class T>
struct Put {
  static void apply(T* data, T* other) { *data = *other; }
};
template <class T>
struct AddTo {
  static void apply(T* data, T* other) { *data = math::Add{}(*data, *other); }
};
template <class T>
struct MultiplyBy {
  static void apply(T* data, T* other) { *data = math::Mul{}(*data, *other); }
};

// An index tensor along the innermost dimension.
struct Line {
  const int64_t* at;
  int64_t stride, size, step;
  int64_t offset() const { return offset(*at); }
  int64_t offset(int64_t i) const { return (i + (size & (i >> 63))) * step; }
};

// What stands at one position.
struct Run {
  int64_t n, data_step, other_step;
};

// n bytes that do not overlap, most often few: without a call.
inline void copy_bytes(void* to, const void* from, int64_t n) {
  constexpr int64_t kWord = 32;
  if (n < kWord || n > 1024) {
    std::memcpy(to, from, n);
    return;
  }
  auto* out = static_cast<char*>(to);
  auto* in = static_cast<const char*>(from);
  for (int64_t i = 0; i + kWord <= n; i += kWord) std::memcpy(out + i, in + i, kWord);
  std::memcpy(out + n - kWord, in + n - kWord, kWord);
}

template <class T, class Op, bool kRuns>
inline __attribute__((always_inline)) void pair(const Run& r, T* data, T* other) {
  if constexpr (!kRuns) {
    Op::apply(data, other);
  } else if (r.data_step == 1 && r.other_step == 1) {
    if constexpr (std::is_same_v<Op, Take<T>>) {
      copy_bytes(other, data, r.n * sizeof(T));
    } else if constexpr (std::is_same_v<Op, Put<T>>) {
      copy_bytes(data, other, r.n * sizeof(T));
    } else {
#pragma GCC ivdep
      for (int64_t k = 0; k < r.n; ++k) Op::apply(data + k, other + k);
    }
  } else {
    for (int64_t k = 0; k < r.n; ++k) Op::apply(data + k * r.data_step, other + k * r.other_step);
  }
}

bool inside(const int64_t* at, int64_t n, int64_t low, int64_t high) {
  int64_t outside = 0;
  for (int64_t i = 0; i < n; ++i) outside |= (at[i] < low) | (at[i] >= high);
  return !outside;
}

// Whether n entries lie in [0, size): else one of the two differences is negative.
bool counted_from_start(const int64_t* at, int64_t n, int64_t size) {
  int64_t sign = 0;
  for (int64_t i = 0; i < n; ++i) {
    sign |= at[i] |
            static_cast<int64_t>(static_cast<uint64_t>(size - 1) - static_cast<uint64_t>(at[i]));
  }
  return sign >= 0;
}

// Entries side by side that count from the start, `step` elements apart; one after the other, for
// in writing places may repeat (and gathering instructions are slower than single loads).
template <class T, class Op, bool kRuns, bool kOne>
__attribute__((noinline, optimize("no-tree-vectorize"))) void line_of(const Run& r, T* data,
                                                                      int64_t data_step, T* other,
                                                                      int64_t other_step,
                                                                      const int64_t* at,
                                                                      int64_t step, int64_t n) {
  constexpr int64_t kAhead = 8;  // runs stand anywhere: the processor does not see them coming
  const int64_t foreseen = kRuns && r.data_step == 1 ? n - kAhead : 0;
#pragma GCC unroll 4
  for (int64_t j = 0; j < n; ++j) {
    if (j < foreseen) {
      const T* next = data + (j + kAhead) * data_step + at[j + kAhead] * step;
      const int64_t run = std::min<int64_t>(r.n, 512 / sizeof(T));
      for (int64_t k = 0; k < run; k += 64 / sizeof(T)) __builtin_prefetch(next + k);
    }
    pair<T, Op, kRuns>(r, data + j * data_step + (kOne ? at[j] : at[j] * step),
                       other + j * other_step);
  }
}

// n positions; the lines are those index tensors that vary along them. False where an entry of the
// only one lies below `low` or beyond its size; kChecked, which any entry passes, says that they
// are known to be right.
constexpr int64_t kChecked = std::numeric_limits<int64_t>::min();
template <class T, class Op, bool kRuns>
bool row(const Run& r, T* data, int64_t data_step, T* other, int64_t other_step, Line* lines,
         int count, int64_t n, int64_t low) {
  if (count == 0) {
    for (int64_t j = 0; j < n; ++j)
      pair<T, Op, kRuns>(r, data + j * data_step, other + j * other_step);
  } else if (count == 1) {
    const Line l = lines[0];
    constexpr int64_t kBlock = 2048;
    for (int64_t start = 0; start < n; start += kBlock) {
      const int64_t m = std::min(kBlock, n - start);
      const int64_t* at = l.at + start * l.stride;
      T *x = data + start * data_step, *y = other + start * other_step;
      if (l.stride == 1 && counted_from_start(at, m, l.size)) {
        if (kRuns || l.step != 1 || data_step != 0 || other_step != 1) {
          line_of<T, Op, kRuns, false>(r, x, data_step, y, other_step, at, l.step, m);
        } else {
          line_of<T, Op, kRuns, true>(r, x, 0, y, 1, at, 1, m);
        }
        continue;
      }
      for (int64_t j = 0; j < m; ++j) {
        int64_t i = at[j * l.stride];
        if (low != kChecked && (i < low || i >= l.size)) return false;
        pair<T, Op, kRuns>(r, x + j * data_step + l.offset(i), y + j * other_step);
      }
    }
  } else if (count == 2) {
    Line l = lines[0], m = lines[1];
    for (int64_t j = 0; j < n; ++j) {
      T* x = data + j * data_step + l.offset(l.at[j * l.stride]) + m.offset(m.at[j * m.stride]);
      pair<T, Op, kRuns>(r, x, other + j * other_step);
    }
  } else {
    for (int64_t j = 0; j < n; ++j) {
      T* x = data + j * data_step;
      for (int k = 0; k < count; ++k) {
        x += lines[k].offset();
        lines[k].at += lines[k].stride;
      }
      pair<T, Op, kRuns>(r, x, other + j * other_step);
    }
  }
  return true;
}

// Positions [begin, end) of the plan in row-major order. With another `low` than kChecked the plan
// has one item, which is checked.
template <class T, class Op>
bool run(const IndexPlan& p, int64_t begin, int64_t end, int64_t low = kChecked) {
  int dims = p.shape.size(), items = static_cast<int>(p.items.size());
  int64_t inner = p.shape[dims - 1];
  auto* data = reinterpret_cast<T*>(p.data);
  auto* other = reinterpret_cast<T*>(p.other);
  Run r{p.run, p.data_run_step, p.other_run_step};
  int64_t counter[kMaxDims];
  const int64_t* at[kMaxDims];
  Line lines[kMaxDims];
  for (int k = 0; k < items; ++k) at[k] = p.items[k].at;
  auto move = [&](int d, int64_t by) {
    data += by * p.data_strides[d];
    other += by * p.other_strides[d];
    for (int k = 0; k < items; ++k) at[k] += by * p.items[k].strides[d];
  };
  int64_t rest = begin;
  for (int d = dims - 1; d >= 0; --d) {
    counter[d] = rest % p.shape[d];
    rest /= p.shape[d];
    move(d, counter[d]);
  }
  for (int64_t done = begin; done < end;) {
    int64_t n = std::min(inner - counter[dims - 1], end - done);
    T* start = data;
    int count = 0;
    for (int k = 0; k < items; ++k) {
      const IndexPlan::Item& item = p.items[k];
      Line l{at[k], item.strides[dims - 1], item.size, item.step};
      if (l.stride == 0) {
        if (low != kChecked && (*l.at < low || *l.at >= l.size)) return false;
        start += l.offset();
      } else {
        lines[count++] = l;
      }
    }
    int64_t data_step = p.data_strides[dims - 1], other_step = p.other_strides[dims - 1];
    auto* go = p.run == 1 ? &row<T, Op, false> : &row<T, Op, true>;
    if (!go(r, start, data_step, other, other_step, lines, count, n, low)) return false;
    done += n;
    if (done >= end) break;
    move(dims - 1, -counter[dims - 1]);
    counter[dims - 1] = 0;
    for (int d = dims - 2; d >= 0; --d) {
      ++counter[d];
      move(d, 1);
      if (counter[d] < p.shape[d]) break;
      move(d, -counter[d]);
      counter[d] = 0;
    }
  }
  return true;
}

template <class T>
void take(const IndexPlan& p) {
  parallel_for(numel(p.shape), std::max<int64_t>(1, kGrain / p.run),
               [&](int64_t b, int64_t e) { run<T, Take<T>>(p, b, e); });
}

template <class T>
bool take_unchecked(const IndexPlan& p, int64_t low) {
  std::atomic<bool> good{true};
  parallel_for(numel(p.shape), std::max<int64_t>(1, kGrain / p.run), [&](int64_t b, int64_t e) {
    if (!run<T, Take<T>>(p, b, e, low)) good.store(false, std::memory_order_relaxed);
  });
  return good;
}

// Places can repeat only at equal positions in the dimensions that move through the data by
// themselves (the runs are one): threads share the largest of those, and each goes through its part
// in order.
template <class T, class Op>
void write(const IndexPlan& p) {
  int64_t positions = numel(p.shape), n = positions * p.run, most = p.run;
  int widest = -1;  // the runs
  for (int d = 0; d < p.shape.size(); ++d) {
    if (p.data_strides[d] != 0 && p.shape[d] > most) most = p.shape[widest = d];
  }
  if (n <= kGrain || most == 1) {
    run<T, Op>(p, 0, positions);
    return;
  }
  int64_t data_step = widest < 0 ? p.data_run_step : p.data_strides[widest];
  int64_t other_step = widest < 0 ? p.other_run_step : p.other_strides[widest];
  // threads keep to cache lines of their own
  int64_t least = std::max<int64_t>(1, 64 / std::abs(data_step));
  parallel_for(most, std::max(least, kGrain * most / n), [&](int64_t b, int64_t e) {
    IndexPlan part = p;
    part.data += b * data_step * static_cast<int64_t>(sizeof(T));
    part.other += b * other_step * static_cast<int64_t>(sizeof(T));
    if (widest < 0) {
      part.run = e - b;
      run<T, Op>(part, 0, positions);
    } else {
      for (IndexPlan::Item& item : part.items) item.at += b * item.strides[widest];
      part.shape[widest] = e - b;
      run<T, Op>(part, 0, positions / most * (e - b));
    }
  });
}

template <class T>
void put(const IndexPlan& p) {
  write<T, Put<T>>(p);
}

int64_t first_outside(const int64_t* at, int64_t n, int64_t low, int64_t high) {
  constexpr int64_t kBlock = 4096;
  std::atomic<int64_t> first{n};
  parallel_for(n, 4 * kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end && b < first.load(std::memory_order_relaxed); b += kBlock) {
      int64_t e = std::min(b + kBlock, end);
      if (inside(at + b, e - b, low, high)) continue;
      while (at[b] >= low && at[b] < high) ++b;
      int64_t seen = first.load(std::memory_order_relaxed);
      while (b < seen && !first.compare_exchange_weak(seen, b)) {
      }
      return;
    }
  });
  return first == n ? -1 : first.load();
}

constexpr kernels::IndexTable make_table() {
  kernels::IndexTable t{};
  t.take[0] = &take<uint8_t>;
  t.take[1] = &take<uint16_t>;
  t.take[2] = &take<uint32_t>;
  t.take[3] = &take<uint64_t>;
  t.take_unchecked[0] = &take_unchecked<uint8_t>;
  t.take_unchecked[1] = &take_unchecked<uint16_t>;
  t.take_unchecked[2] = &take_unchecked<uint32_t>;
  t.take_unchecked[3] = &take_unchecked<uint64_t>;
  t.put[0] = &put<uint8_t>;
  t.put[1] = &put<uint16_t>;
  t.put[2] = &put<uint32_t>;
  t.put[3] = &put<uint64_t>;
  int i = 0;
#define DTYPE(e, ctype, name, prefix, kind)                \
  if constexpr (!is_half(DType::e)) {                      \
    t.accumulate[0][i] = &write<ctype, AddTo<ctype>>;      \
    t.accumulate[1][i] = &write<ctype, MultiplyBy<ctype>>; \
  }                                                        \
  ++i;
#include "torch/dtype.def"
#undef DTYPE
  t.first_outside = &first_outside;
  return t;
}

}  // namespace

extern constinit const kernels::IndexTable index = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
