// The loops of reductions: along rows, and down strips of columns.
//
// A real T is reduced in kLanes chains (vectors), eight steps each, then in double: float32 sums
// are at least as accurate as pairwise summation, float64 sums are pairwise above kLeaf elements.
// Parts and lanes do not depend on the number of threads or on the instruction set.
#pragma once
#include <algorithm>
#include <cstring>
#include <memory>

#include "kernels/cpu/odometer.h"
#include "kernels/cpu/reduce_functors.h"
#include "kernels/cpu/vectors.h"
#include "kernels/tables.h"
#include "torch/parallel.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

template <class T>
inline constexpr int kLanes = 256 / sizeof(T);
constexpr int kSteps = 8;  // per lane, before lanes are merged in double
template <class T>
inline constexpr int64_t kBlock = kLanes<T> * kSteps;
// What is reduced without halving; a float32 is summed in double above a block anyway.
template <class T>
inline constexpr int64_t kLeaf = std::is_same_v<T, double> ? 1024 : 4096;
// A single result is computed in parts of this many elements.
constexpr int64_t kPart = 65536;

// n elements at `stride` bytes, next to each other.
template <class T>
const T* gather(const char* in, int64_t stride, int64_t n, T* buffer) {
  if (stride == sizeof(T)) return reinterpret_cast<const T*>(in);
  for (int64_t i = 0; i < n; ++i) buffer[i] = *reinterpret_cast<const T*>(in + i * stride);
  return buffer;
}

template <int n, class Acc, class F>
inline __attribute__((always_inline)) Acc merge_tree(const F& f, Acc* accs) {
#pragma GCC unroll 8
  for (int w = n / 2; w > 0; w /= 2) {
    for (int l = 0; l < w; ++l) accs[l] = f.merge(accs[l], accs[l + w]);
  }
  return accs[0];
}

template <class F, class T>
typename F::Acc reduce_vectors(const F& f, const T* x, int64_t n) {
  using V = Vector<T>;
  constexpr int kChains = kLanes<T> / kWidth<T>, kLeft = kLanes<T> / 4;
  typename F::Acc accs[kLeft];
  for (auto& a : accs) a = F::acc();
  const V first = V{} + F::lane();
  while (n > 0) {
    V chain[kChains];
    for (V& c : chain) c = first;
    int64_t rows = std::min<int64_t>(n / kLanes<T>, kSteps);
    for (int64_t r = 0; r < rows; ++r, x += kLanes<T>) {
      for (int c = 0; c < kChains; ++c) chain[c] = f.step(chain[c], load(x + c * kWidth<T>));
    }
    n -= rows * kLanes<T>;
    if (rows < kSteps) {
      for (int c = 0; c * kWidth<T> < n; ++c) {
        const T* at = x + c * kWidth<T>;
        int64_t left = n - c * kWidth<T>;
        chain[c] = f.step(chain[c], left >= kWidth<T> ? load(at) : load(at, left, F::neutral()));
      }
      n = 0;
    }
    for (int c = 0; c < kChains / 2; ++c) chain[c] = f.join(chain[c], chain[c + kChains / 2]);
    for (int c = 0; c < kChains / 4; ++c) chain[c] = f.join(chain[c], chain[c + kChains / 4]);
    T lanes[kLeft];
    std::memcpy(lanes, chain, sizeof lanes);
    for (int l = 0; l < kLeft; ++l)
      accs[l] = f.merge(accs[l], static_cast<typename F::Acc>(lanes[l]));
  }
  return merge_tree<kLeft>(f, accs);
}

// x[0, n) in so many lanes, each element in one of them (but see below). Never inlined: gcc 12
// keeps the lanes in registers in a small function only.
template <int count, class F, class T>
__attribute__((noinline)) void reduce_lanes(const F& f, const T* x, int64_t n,
                                            typename F::Lane* out) {
  typename F::Lane lanes[count];
  for (auto& l : lanes) l = F::lane();
  int64_t i = 0;
  for (; i + 4 * count <= n; i += 4 * count) {
    const T *a = x + i, *b = a + count, *c = b + count, *d = c + count;
    for (int l = 0; l < count; ++l) lanes[l] = four_steps(f, lanes[l], a[l], b[l], c[l], d[l]);
  }
  for (; i + count <= n; i += count) {
    for (int l = 0; l < count; ++l) lanes[l] = f.step(lanes[l], x[i + l]);
  }
  if constexpr (requires(T v) { F::better(v, v); }) {
    // an extreme may see an element twice
    if (i < n && n >= count) {
      for (int l = 0; l < count; ++l) lanes[l] = f.step(lanes[l], x[n - count + l]);
      i = n;
    }
  }
  for (int l = 0; i < n; ++i, ++l) lanes[l] = f.step(lanes[l], x[i]);
  std::memcpy(out, lanes, sizeof lanes);
}

// n elements side by side, up to kLeaf of them
template <class F, class T>
typename F::Acc reduce_leaf(const F& f, const T* x, int64_t n) {
  using Lane = typename F::Lane;
  using Acc = typename F::Acc;
  if constexpr (std::is_integral_v<Lane>) {  // exact in any order: the compiler splits it
    Lane lane = F::lane();
    for (int64_t i = 0; i < n; ++i) lane = f.step(lane, x[i]);
    return static_cast<Acc>(lane);
  } else {
    if constexpr (F::kVector) {
      if (n >= 16) return reduce_vectors(f, x, n);
    }
    constexpr int kFew = 16;
    if (n < kFew) {
      Lane lane = F::lane();
      for (int64_t i = 0; i < n; ++i) lane = f.step(lane, x[i]);
      return static_cast<Acc>(lane);
    }
    Lane lanes[kFew];
    reduce_lanes<kFew>(f, x, n, lanes);
    Acc accs[kFew];
    for (int l = 0; l < kFew; ++l) accs[l] = static_cast<Acc>(lanes[l]);
    return merge_tree<kFew>(f, accs);
  }
}

template <class F, class T>
typename F::Acc reduce_row(const F& f, const char* in, int64_t stride, int64_t n) {
  if (n > kLeaf<T>) {  // halves are merged: the error grows with the logarithm of n only
    int64_t half = n / 2 / kBlock<T> * kBlock<T>;
    auto left = reduce_row<F, T>(f, in, stride, half);
    return f.merge(left, reduce_row<F, T>(f, in + half * stride, stride, n - half));
  }
  T buffer[kLeaf<T>];
  return reduce_leaf(f, gather(in, stride, n, buffer), n);
}

// Calls row(start, n) for the pieces of the innermost reduced dimension that make up the elements
// [begin, end), in row-major order, of the result whose first element is at `in`.
template <class Row>
void for_rows(const kernels::ReducePlan& p, const char* in, int64_t begin, int64_t end, Row&& row) {
  if (begin >= end) return;
  int dims = p.reduced.size();
  if (dims == 0) return row(in, int64_t{1});
  int64_t inner = p.reduced[dims - 1], stride = p.reduced_in[dims - 1];
  if (dims == 1) return row(in + begin * stride, end - begin);
  Odometer o{p.reduced, p.reduced_in, dims - 1};
  o.seek(begin / inner);
  int64_t skip = begin % inner;
  for (int64_t done = begin; done < end; o.next()) {
    int64_t n = std::min(inner - skip, end - done);
    row(in + o.offset + skip * stride, n);
    done += n;
    skip = 0;
  }
}

int64_t inner_stride(const kernels::ReducePlan& p) {
  return p.reduced.empty() ? 0 : p.reduced_in.back();
}

// Where there are few results of many elements each, one result is computed in several parts.
int64_t parts_of(int64_t results, int64_t count) {
  return results < 16 && count > kPart ? (count + kPart - 1) / kPart : 1;
}

template <class F, class T>
struct RowReducer {
  F f;
  using State = typename F::Acc;
  explicit RowReducer(const kernels::ReducePlan& p) : f(p.p) {}
  State range(const kernels::ReducePlan& p, const char* in, int64_t begin, int64_t end) const {
    State acc = F::acc();
    int64_t stride = inner_stride(p);
    for_rows(p, in, begin, end, [&](const char* x, int64_t n) {
      acc = f.merge(acc, reduce_row<F, T>(f, x, stride, n));
    });
    return acc;
  }
  void merge(State& a, const State& b) const { a = f.merge(a, b); }
  void finish(const kernels::ReducePlan& p, const State& a, int64_t out) const {
    *reinterpret_cast<typename F::Out*>(p.out + out) = f.finish(a, p.count);
  }
};

template <class Reducer>
void reduce_rows(const kernels::ReducePlan& p) {
  Reducer reducer(p);
  int64_t results = numel(p.kept), parts = parts_of(results, p.count);
  if (parts > 1) {
    auto partial = std::make_unique<typename Reducer::State[]>(results * parts);
    parallel_for(results * parts, 1, [&](int64_t b, int64_t e) {
      Odometer in{p.kept, p.kept_in};
      for (int64_t i = b; i < e; ++i) {
        in.seek(i / parts);
        int64_t begin = i % parts * kPart;
        partial[i] = reducer.range(p, p.in + in.offset, begin, std::min(p.count, begin + kPart));
      }
    });
    Odometer out{p.kept, p.kept_out};
    for (int64_t i = 0; i < results; ++i, out.next()) {
      for (int64_t k = 1; k < parts; ++k) reducer.merge(partial[i * parts], partial[i * parts + k]);
      reducer.finish(p, partial[i * parts], out.offset);
    }
    return;
  }
  int64_t grain = std::max<int64_t>(1, 32768 / std::max<int64_t>(1, p.count));
  parallel_for(results, grain, [&](int64_t b, int64_t e) {
    Odometer in{p.kept, p.kept_in}, out{p.kept, p.kept_out};
    in.seek(b);
    out.seek(b);
    for (int64_t i = b; i < e; ++i, in.next(), out.next())
      reducer.finish(p, reducer.range(p, p.in + in.offset, 0, p.count), out.offset);
  });
}

// The innermost kept dimension lies densest in memory: a strip of results is reduced at once, a few
// rows at a time.
constexpr int kRows = 16;

// four(j, elements of column j in rows k ... k + 3), and one(j, element) for the rows left over
template <class T, class Four, class One>
inline __attribute__((always_inline)) void walk_rows(const T* const* row, int rows, int64_t m,
                                                     Four&& four, One&& one) {
  int k = 0;
  for (; k + 4 <= rows; k += 4) {
    const T *a = row[k], *b = row[k + 1], *c = row[k + 2], *d = row[k + 3];
#pragma GCC ivdep
    for (int64_t j = 0; j < m; ++j) four(j, a[j], b[j], c[j], d[j]);
  }
  for (; k < rows; ++k) {
    const T* a = row[k];
#pragma GCC ivdep
    for (int64_t j = 0; j < m; ++j) one(j, a[j]);
  }
}

template <class F, class T>
struct ColumnReducer {
  static constexpr int64_t kStrip = 1024;
  F f;
  alignas(64) typename F::Acc accs[kStrip];
  ColumnReducer(const kernels::ReducePlan& p, int64_t columns) : f(p.p) {
    for (int64_t j = 0; j < columns; ++j) accs[j] = F::acc();
  }
  void add(const T* const* row, int rows, int64_t m) {
    alignas(64) typename F::Lane lanes[kStrip];
    for (int64_t j = 0; j < m; ++j) lanes[j] = F::lane();
    walk_rows(
        row, rows, m,
        [&](int64_t j, T a, T b, T c, T d)
            __attribute__((always_inline)) { lanes[j] = four_steps(f, lanes[j], a, b, c, d); },
        [&](int64_t j, T a) __attribute__((always_inline)) { lanes[j] = f.step(lanes[j], a); });
    for (int64_t j = 0; j < m; ++j)
      accs[j] = f.merge(accs[j], static_cast<typename F::Acc>(lanes[j]));
  }
  // lanes [0, m) and those of `o` from `from` on
  void merge(const ColumnReducer& o, int64_t from, int64_t m) {
    for (int64_t j = 0; j < m; ++j) accs[j] = f.merge(accs[j], o.accs[from + j]);
  }
  void fold(int64_t width, int64_t times) {
    for (int64_t k = 1; k < times; ++k) merge(*this, k * width, width);
  }
  void finish(const kernels::ReducePlan& p, int64_t out, int64_t step, int64_t m) const {
    for (int64_t j = 0; j < m; ++j)
      *reinterpret_cast<typename F::Out*>(p.out + out + j * step) = f.finish(accs[j], p.count);
  }
};

// Rows [begin, end) of a strip of m columns from `in`.
template <class T, class Strip>
void add_rows(Strip& strip, const Shape& reduced, const Shape& reduced_in, const char* in,
              int64_t step, int64_t m, int64_t begin, int64_t end) {
  if (begin >= end) return;
  std::unique_ptr<T[]> buffer;
  if (step != sizeof(T)) buffer = std::make_unique<T[]>(kRows * m);
  Odometer r{reduced, reduced_in};
  r.seek(begin);
  while (begin < end) {
    const T* row[kRows];
    int rows = static_cast<int>(std::min<int64_t>(kRows, end - begin));
    for (int k = 0; k < rows; ++k, r.next())
      row[k] = gather(in + r.offset, step, m, buffer.get() + k * m);
    strip.add(row, rows, m);
    begin += rows;
  }
}

template <class T, class Strip>
void reduce_columns(const kernels::ReducePlan& p) {
  constexpr int64_t kStrip = Strip::kStrip;
  int last = p.kept.size() - 1;
  int64_t width = p.kept[last], in_step = p.kept_in[last], out_step = p.kept_out[last];
  Shape outer(p.kept.begin(), last), outer_in(p.kept_in.begin(), last),
      outer_out(p.kept_out.begin(), last);
  int64_t strips = (width + kStrip - 1) / kStrip, all = numel(outer) * strips;
  int64_t per_row = std::min<int64_t>(width, kStrip);
  int64_t part = std::max<int64_t>(kPart / per_row, kRows) / kRows * kRows;
  int64_t parts = all < 16 && p.count > 2 * part ? (p.count + part - 1) / part : 1;
  // Rows that are narrow and lie one behind the other are taken several at a time.
  int64_t fold = 1;
  if (p.reduced.size() == 1 && in_step == sizeof(T) &&
      p.reduced_in[0] == width * static_cast<int64_t>(sizeof(T))) {
    fold = std::max<int64_t>(256 / per_row, 1);
  }
  // What rows [begin, end) of a strip of m columns come to.
  auto take = [&](const char* in, int64_t m, int64_t begin, int64_t end) {
    if (fold == 1 || end - begin < 2 * fold) {
      Strip s(p, m);
      add_rows<T>(s, p.reduced, p.reduced_in, in, in_step, m, begin, end);
      return s;
    }
    int64_t whole = (end - begin) / fold;
    Shape rows{whole}, stride{p.reduced_in[0] * fold};
    Strip s(p, m * fold);
    add_rows<T>(s, rows, stride, in + begin * p.reduced_in[0], in_step, m * fold, 0, whole);
    s.fold(m, fold);
    begin += whole * fold;
    if (begin < end) {
      Strip rest(p, m);
      add_rows<T>(rest, p.reduced, p.reduced_in, in, in_step, m, begin, end);
      s.merge(rest, 0, m);
    }
    return s;
  };
  auto partial = std::make_unique<std::unique_ptr<Strip>[]>(parts > 1 ? all * parts : 0);
  int64_t grain = std::max<int64_t>(1, 32768 / std::max<int64_t>(1, p.count * per_row));
  if (parts > 1) grain = 1;
  parallel_for(all * parts, grain, [&](int64_t b, int64_t e) {
    Odometer in{outer, outer_in}, out{outer, outer_out};
    for (int64_t i = b; i < e; ++i) {
      int64_t strip = i / parts, from = strip % strips * kStrip;
      in.seek(strip / strips);
      const char* x = p.in + in.offset + from * in_step;
      int64_t m = std::min<int64_t>(kStrip, width - from);
      if (parts > 1) {
        int64_t begin = i % parts * part;
        partial[i] = std::make_unique<Strip>(take(x, m, begin, std::min(p.count, begin + part)));
        continue;
      }
      out.seek(strip / strips);
      take(x, m, 0, p.count).finish(p, out.offset + from * out_step, out_step, m);
    }
  });
  if (parts == 1) return;
  Odometer out{outer, outer_out};
  for (int64_t strip = 0; strip < all; ++strip) {
    int64_t from = strip % strips * kStrip, m = std::min<int64_t>(kStrip, width - from);
    Strip& s = *partial[strip * parts];
    for (int64_t k = 1; k < parts; ++k) s.merge(*partial[strip * parts + k], 0, m);
    out.seek(strip / strips);
    s.finish(p, out.offset + from * out_step, out_step, m);
  }
}

bool is_columns(const kernels::ReducePlan& p) {
  return !p.kept.empty() && !p.reduced.empty() &&
         std::abs(p.kept_in.back()) < std::abs(p.reduced_in.back());
}

template <class F, class T>
void reduce_kernel(const kernels::ReducePlan& p) {
  if (is_columns(p))
    reduce_columns<T, ColumnReducer<F, T>>(p);
  else
    reduce_rows<RowReducer<F, T>>(p);
}

}  // namespace
}  // namespace torch::cpu::TORCH_CPU_ISA
