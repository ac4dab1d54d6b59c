#include "kernels/cpu/reduce_drive.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "kernels/cpu/odometer.h"
#include "torch/parallel.h"

namespace torch::cpu {

using kernels::ArgReducePlan;
using kernels::ReducePlan;

namespace {

// Calls row(start, n) for the pieces of the innermost reduced dimension that make up the elements
// [begin, end), in row-major order, of the result whose first element is at `in`.
template <class Row>
void for_rows(const ReducePlan& p, const char* in, int64_t begin, int64_t end, Row&& row) {
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

int64_t parts_of(int64_t results, int64_t count) {
  return results < 16 && count > kReducePart ? (count + kReducePart - 1) / kReducePart : 1;
}

struct alignas(16) RowState {
  char bytes[RowLoops::kMostState];
};
struct alignas(64) StripState {
  char bytes[StripLoops::kMostState];
};

// What rows of strips need beside the plan.
struct Strips {
  const ReducePlan& p;
  const StripLoops& loops;
  int64_t step;  // between the columns
  int64_t fold;  // rows that are narrow and lie one behind the other are taken several at a time

  // Rows [begin, end) of m columns from `in`.
  void add_rows(void* state, const Shape& reduced, const Shape& reduced_in, const char* in,
                int64_t m, int64_t begin, int64_t end) const {
    if (begin >= end) return;
    const int64_t item = loops.item_bytes;
    std::unique_ptr<char[]> buffer;
    if (step != item) buffer.reset(new char[StripLoops::kMostRows * m * item]);
    Odometer r{reduced, reduced_in};
    r.seek(begin);
    while (begin < end) {
      const char* row[StripLoops::kMostRows];
      int rows = static_cast<int>(std::min<int64_t>(StripLoops::kMostRows, end - begin));
      for (int k = 0; k < rows; ++k, r.next()) {
        row[k] = in + r.offset;
        if (!buffer) continue;
        char* to = buffer.get() + k * m * item;
        for (int64_t j = 0; j < m; ++j) std::memcpy(to + j * item, row[k] + j * step, item);
        row[k] = to;
      }
      loops.add(p, state, row, rows, m);
      begin += rows;
    }
  }

  // What rows [begin, end) of a strip of m columns come to.
  void take(void* state, const char* in, int64_t m, int64_t begin, int64_t end) const {
    if (fold == 1 || end - begin < 2 * fold) {
      loops.start(p, state, m);
      return add_rows(state, p.reduced, p.reduced_in, in, m, begin, end);
    }
    int64_t whole = (end - begin) / fold;
    Shape rows{whole}, stride{p.reduced_in[0] * fold};
    loops.start(p, state, m * fold);
    add_rows(state, rows, stride, in + begin * p.reduced_in[0], m * fold, 0, whole);
    loops.fold(state, m, fold);
    begin += whole * fold;
    if (begin < end) {
      StripState rest;
      loops.start(p, &rest, m);
      add_rows(&rest, p.reduced, p.reduced_in, in, m, begin, end);
      loops.merge(state, &rest, 0, m);
    }
  }
};

}  // namespace

void reduce_rows(const ReducePlan& p, const RowLoops& loops) {
  const int64_t results = numel(p.kept), parts = parts_of(results, p.count);
  auto range = [&](RowState& state, const char* in, int64_t begin, int64_t end) {
    loops.start(&state);
    for_rows(p, in, begin, end, [&](const char* x, int64_t n) { loops.add(p, &state, x, n); });
  };
  if (parts > 1) {
    std::vector<RowState> partial(results * parts);
    parallel_for(results * parts, 1, [&](int64_t b, int64_t e) {
      Odometer in{p.kept, p.kept_in};
      for (int64_t i = b; i < e; ++i) {
        in.seek(i / parts);
        int64_t begin = i % parts * kReducePart;
        range(partial[i], p.in + in.offset, begin, std::min(p.count, begin + kReducePart));
      }
    });
    Odometer out{p.kept, p.kept_out};
    for (int64_t i = 0; i < results; ++i, out.next()) {
      for (int64_t k = 1; k < parts; ++k) loops.merge(&partial[i * parts], &partial[i * parts + k]);
      loops.finish(p, &partial[i * parts], out.offset);
    }
    return;
  }
  const int64_t grain = std::max<int64_t>(1, 32768 / std::max<int64_t>(1, p.count));
  if (p.reduced.size() <= 1) {
    const int last = p.kept.size() - 1;
    const int64_t inner = last < 0 ? 1 : p.kept[last];
    const int64_t in_step = last < 0 ? 0 : p.kept_in[last];
    const int64_t out_step = last < 0 ? 0 : p.kept_out[last];
    parallel_for(results, grain, [&](int64_t b, int64_t e) {
      Odometer in{p.kept, p.kept_in, std::max(last, 0)};
      Odometer out{p.kept, p.kept_out, std::max(last, 0)};
      in.seek(b / inner);
      out.seek(b / inner);
      int64_t skip = b % inner;
      for (int64_t i = b; i < e; in.next(), out.next()) {
        const int64_t n = std::min(inner - skip, e - i);
        loops.results(p, p.in + in.offset + skip * in_step, in_step, out.offset + skip * out_step,
                      out_step, n);
        i += n;
        skip = 0;
      }
    });
    return;
  }
  parallel_for(results, grain, [&](int64_t b, int64_t e) {
    Odometer in{p.kept, p.kept_in}, out{p.kept, p.kept_out};
    in.seek(b);
    out.seek(b);
    RowState state;
    for (int64_t i = b; i < e; ++i, in.next(), out.next()) {
      range(state, p.in + in.offset, 0, p.count);
      loops.finish(p, &state, out.offset);
    }
  });
}

bool reduces_columns(const ReducePlan& p) {
  return !p.kept.empty() && !p.reduced.empty() &&
         std::abs(p.kept_in.back()) < std::abs(p.reduced_in.back());
}

void reduce_strips(const ReducePlan& p, const StripLoops& loops) {
  const int64_t most = loops.most_columns;
  const int last = p.kept.size() - 1;
  const int64_t width = p.kept[last], in_step = p.kept_in[last], out_step = p.kept_out[last];
  Shape outer(p.kept.begin(), last), outer_in(p.kept_in.begin(), last),
      outer_out(p.kept_out.begin(), last);
  const int64_t strips = (width + most - 1) / most, all = numel(outer) * strips;
  const int64_t per_row = std::min(width, most);
  const int64_t rows = StripLoops::kMostRows;
  const int64_t part = std::max<int64_t>(kReducePart / per_row, rows) / rows * rows;
  const int64_t parts = all < 16 && p.count > 2 * part ? (p.count + part - 1) / part : 1;
  Strips take{p, loops, in_step, 1};
  if (p.reduced.size() == 1 && in_step == loops.item_bytes &&
      p.reduced_in[0] == width * loops.item_bytes) {
    take.fold = std::max<int64_t>(256 / per_row, 1);
  }
  const int64_t state_bytes = (loops.state_bytes + 63) / 64 * 64;
  std::unique_ptr<char[]> partial(parts > 1 ? new char[all * parts * state_bytes + 64] : nullptr);
  char* states = partial.get() + (-reinterpret_cast<uintptr_t>(partial.get()) & 63);
  int64_t grain = std::max<int64_t>(1, 32768 / std::max<int64_t>(1, p.count * per_row));
  if (parts > 1) grain = 1;
  parallel_for(all * parts, grain, [&](int64_t b, int64_t e) {
    Odometer in{outer, outer_in}, out{outer, outer_out};
    for (int64_t i = b; i < e; ++i) {
      int64_t strip = i / parts, from = strip % strips * most;
      in.seek(strip / strips);
      const char* x = p.in + in.offset + from * in_step;
      int64_t m = std::min(most, width - from);
      if (parts > 1) {
        int64_t begin = i % parts * part;
        take.take(states + i * state_bytes, x, m, begin, std::min(p.count, begin + part));
        continue;
      }
      StripState state;
      out.seek(strip / strips);
      take.take(&state, x, m, 0, p.count);
      loops.finish(p, &state, out.offset + from * out_step, out_step, m);
    }
  });
  if (parts == 1) return;
  Odometer out{outer, outer_out};
  for (int64_t strip = 0; strip < all; ++strip) {
    int64_t from = strip % strips * most, m = std::min(most, width - from);
    char* first = states + strip * parts * state_bytes;
    for (int64_t k = 1; k < parts; ++k) loops.merge(first, first + k * state_bytes, 0, m);
    out.seek(strip / strips);
    loops.finish(p, first, out.offset + from * out_step, out_step, m);
  }
}

void arg_reduce_rows(const ArgReducePlan& p, const ArgLoops& loops) {
  const int64_t item = loops.item_bytes;
  auto store = [&](int64_t i, const char* in, int64_t at) {
    p.indices[i] = at;
    if (p.values) std::memcpy(p.values + i * item, in + at * p.stride, item);
  };
  const int64_t results = numel(p.kept), parts = parts_of(results, p.n);
  if (parts > 1) {
    std::vector<int64_t> found(results * parts);
    parallel_for(results * parts, 1, [&](int64_t b, int64_t e) {
      Odometer o{p.kept, p.kept_in};
      for (int64_t i = b; i < e; ++i) {
        o.seek(i / parts);
        int64_t begin = i % parts * kReducePart;
        found[i] = begin + loops.position(p.in + o.offset + begin * p.stride, p.stride,
                                          std::min(kReducePart, p.n - begin));
      }
    });
    Odometer o{p.kept, p.kept_in};
    for (int64_t i = 0; i < results; ++i, o.next()) {
      const char* in = p.in + o.offset;
      int64_t at = found[i * parts];
      for (int64_t k = 1; k < parts; ++k) {
        int64_t next = found[i * parts + k];
        if (loops.better(in + next * p.stride, in + at * p.stride)) at = next;
      }
      store(i, in, at);
    }
    return;
  }
  const int64_t grain = std::max<int64_t>(1, 16384 / p.n);
  parallel_for(results, grain, [&](int64_t b, int64_t e) {
    Odometer o{p.kept, p.kept_in};
    o.seek(b);
    for (int64_t i = b; i < e; ++i, o.next())
      store(i, p.in + o.offset, loops.position(p.in + o.offset, p.stride, p.n));
  });
}

}  // namespace torch::cpu
