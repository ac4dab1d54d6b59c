// How reductions go through memory: compiled once, around the loops of a reduction.
#pragma once
#include "kernels/tables.h"

namespace torch::cpu {

// Where there are few results of many elements each, one is computed in parts of this many, which
// do not depend on the number of threads.
inline constexpr int64_t kReducePart = 65536;

// A reduction along rows. A state is what some elements of a result come to.
struct RowLoops {
  static constexpr int64_t kMostState = 32;  // bytes
  void (*start)(void* state);
  // n elements from x on, at the stride of the innermost reduced dimension
  void (*add)(const kernels::ReducePlan&, void* state, const char* x, int64_t n);
  void (*merge)(void* state, const void* next);
  void (*finish)(const kernels::ReducePlan&, const void* state, int64_t out);
  // `count` results, each of the elements of one row
  void (*results)(const kernels::ReducePlan&, const char* in, int64_t in_step, int64_t out,
                  int64_t out_step, int64_t count);
};

// A reduction down a strip of neighbouring columns; a state is what some rows come to.
struct StripLoops {
  static constexpr int64_t kMostState = 16384 + 64;  // bytes
  static constexpr int kMostRows = 16;
  int64_t item_bytes, most_columns, state_bytes;
  void (*start)(const kernels::ReducePlan&, void* state, int64_t columns);
  // up to kMostRows rows of m elements side by side
  void (*add)(const kernels::ReducePlan&, void* state, const char* const* row, int rows, int64_t m);
  // columns [0, m), and those of `next` from `from` on
  void (*merge)(void* state, const void* next, int64_t from, int64_t m);
  // `times` groups of `width` columns become one
  void (*fold)(void* state, int64_t width, int64_t times);
  void (*finish)(const kernels::ReducePlan&, const void* state, int64_t out, int64_t step,
                 int64_t m);
};

void reduce_rows(const kernels::ReducePlan& p, const RowLoops& loops);
void reduce_strips(const kernels::ReducePlan& p, const StripLoops& loops);

// Whether the innermost kept dimension lies densest in memory.
bool reduces_columns(const kernels::ReducePlan& p);

// Positions of extremes. `position` is that of the best of n elements, or of the first NaN; better
// tells whether x comes before the best so far.
struct ArgLoops {
  int64_t item_bytes;
  int64_t (*position)(const char* in, int64_t stride, int64_t n);
  bool (*better)(const char* x, const char* best);
};
void arg_reduce_rows(const kernels::ArgReducePlan& p, const ArgLoops& loops);

}  // namespace torch::cpu
