#include "kernels/cpu/drive.h"

#include <algorithm>

#include "kernels/cpu/stream.h"
#include "torch/parallel.h"

namespace torch::cpu {

extern const ConvertTable* convert;

namespace {

constexpr int kOperands = 1 + kMaxInputs;
constexpr int64_t kChunk =
    512;  // elements converted at a time: the buffers stay in the first-level cache

template <class T>
void copy_strided(char* to, int64_t to_step, const char* from, int64_t from_step, int64_t n) {
  for (int64_t i = 0; i < n; ++i, to += to_step, from += from_step)
    *reinterpret_cast<T*>(to) = *reinterpret_cast<const T*>(from);
}

void copy_strided(int64_t size, char* to, int64_t to_step, const char* from, int64_t from_step,
                  int64_t n) {
  switch (size) {
    case 1:
      return copy_strided<uint8_t>(to, to_step, from, from_step, n);
    case 2:
      return copy_strided<uint16_t>(to, to_step, from, from_step, n);
    case 4:
      return copy_strided<uint32_t>(to, to_step, from, from_step, n);
    default:
      return copy_strided<uint64_t>(to, to_step, from, from_step, n);
  }
}

// Runs the loop over n elements through buffers in the loop's dtypes.
void convert_and_loop(const Plan& plan, Loop* loop, char* const* p, const int64_t* s, int64_t n) {
  alignas(64) char buffer[kOperands][kChunk * 8];
  for (int64_t start = 0; start < n; start += kChunk) {
    int64_t m = std::min(kChunk, n - start);
    char* q[kOperands];
    int64_t t[kOperands];
    for (int k = 0; k < plan.operands; ++k) {
      const Plan::Operand& o = plan.op[k];
      q[k] = p[k] + start * s[k];
      t[k] = s[k];
      if (o.dtype == o.loop_dtype) continue;
      int64_t size = item_size(o.loop_dtype);
      if (k > 0) {
        char* pair[] = {buffer[k], q[k]};
        int64_t steps[] = {size, s[k]};
        convert->at[index(o.dtype)][index(o.loop_dtype)](pair, steps, s[k] == 0 ? 1 : m);
      }
      q[k] = buffer[k];
      t[k] = k > 0 && s[k] == 0 ? 0 : size;
    }
    loop(q, t, m);
    if (const Plan::Operand& o = plan.op[0]; o.dtype != o.loop_dtype) {
      char* pair[] = {p[0] + start * s[0], buffer[0]};
      int64_t steps[] = {s[0], item_size(o.loop_dtype)};
      convert->at[index(o.loop_dtype)][index(o.dtype)](pair, steps, m);
    }
  }
}

// Whether the caches are of no use to the result: it is large, and its lines are not read.
bool streams(const Plan& plan) {
  const Plan::Operand& out = plan.op[0];
  int64_t size = item_size(out.dtype), row = plan.shape[plan.dims - 1] * size;
  if (plan.numel * size < kStreamed || plan.converts || row < 64 * kLine ||
      out.strides[plan.dims - 1] != size)
    return false;
  for (int k = 1; k < plan.operands; ++k) {
    if (plan.op[k].data == out.data) return false;  // in place
  }
  return true;
}

// Runs the loop over n elements, whose results go past the caches; size: bytes of a result.
void stream_loop(Loop* loop, int operands, int64_t size, char* const* p, const int64_t* s,
                 int64_t n) {
  constexpr int64_t kBuffer = 8192;  // bytes; stays in the first-level cache
  alignas(kLine) char buffer[kBuffer];
  char* q[kOperands];
  auto at = [&](int64_t start) {
    for (int k = 0; k < operands; ++k) q[k] = p[k] + start * s[k];
  };
  auto address = reinterpret_cast<uintptr_t>(p[0]);
  int64_t start = std::min(n, static_cast<int64_t>(-address % kLine) / size);  // up to a line
  if (address % size != 0) start = n;
  if (start > 0) loop(p, s, start);
  while (n - start >= kLine / size) {
    int64_t m = std::min(kBuffer, (n - start) * size / kLine * kLine) / size;
    at(start);
    char* to = q[0];
    q[0] = buffer;
    loop(q, s, m);
    for (int64_t i = 0; i < m * size; i += kLine) stream_line(to + i, buffer + i);
    start += m;
  }
  at(start);
  if (n > start) loop(q, s, n - start);
}

// Elements [begin, end) of the plan in row-major order.
void run_range(const Plan& plan, Loop* loop, int64_t begin, int64_t end) {
  bool stream = streams(plan);
  int dims = plan.dims;
  int64_t inner = plan.shape[dims - 1];
  int64_t counter[kMaxDims];
  char* p[kOperands];
  int64_t s[kOperands];
  for (int k = 0; k < plan.operands; ++k) {
    p[k] = plan.op[k].data;
    s[k] = plan.op[k].strides[dims - 1];
  }
  int64_t rest = begin;
  for (int d = dims - 1; d >= 0; --d) {
    counter[d] = rest % plan.shape[d];
    rest /= plan.shape[d];
    for (int k = 0; k < plan.operands; ++k) p[k] += counter[d] * plan.op[k].strides[d];
  }
  for (int64_t done = begin; done < end;) {
    int64_t n = std::min(inner - counter[dims - 1], end - done);
    if (plan.converts) {
      convert_and_loop(plan, loop, p, s, n);
    } else if (stream) {
      stream_loop(loop, plan.operands, s[0], p, s, n);
    } else {
      loop(p, s, n);
    }
    done += n;
    if (done >= end) break;
    // back to the start of the row, then one step in the dimensions above, with carry
    for (int k = 0; k < plan.operands; ++k) p[k] -= counter[dims - 1] * s[k];
    counter[dims - 1] = 0;
    for (int d = dims - 2; d >= 0; --d) {
      ++counter[d];
      for (int k = 0; k < plan.operands; ++k) p[k] += plan.op[k].strides[d];
      if (counter[d] < plan.shape[d]) break;
      for (int k = 0; k < plan.operands; ++k) p[k] -= counter[d] * plan.op[k].strides[d];
      counter[d] = 0;
    }
  }
  if (stream) end_stream();
}

}  // namespace

void loop_through_buffers(Loop* loop, int operands, const int64_t* sizes, char* const* p,
                          const int64_t* s, int64_t n) {
  alignas(64) char buffer[kOperands][kChunk * 8];
  for (int64_t start = 0; start < n; start += kChunk) {
    int64_t m = std::min(kChunk, n - start);
    char* q[kOperands];
    for (int k = 0; k < operands; ++k) {
      q[k] = s[k] == sizes[k] ? p[k] + start * s[k] : buffer[k];
      bool filled = s[k] == 0 && start > 0;
      if (k > 0 && q[k] == buffer[k] && !filled)
        copy_strided(sizes[k], buffer[k], sizes[k], p[k] + start * s[k], s[k], m);
    }
    loop(q, sizes, m);
    if (q[0] == buffer[0]) copy_strided(sizes[0], p[0] + start * s[0], s[0], q[0], sizes[0], m);
  }
}

void drive(const Plan& plan, Loop* loop, int64_t grain) {
  if (plan.dims == 1 && plan.numel <= grain && !plan.converts) {
    char* p[kOperands];
    int64_t s[kOperands];
    for (int k = 0; k < plan.operands; ++k) {
      p[k] = plan.op[k].data;
      s[k] = plan.op[k].strides[0];
    }
    loop(p, s, plan.numel);
    return;
  }
  parallel_for(plan.numel, grain, [&](int64_t b, int64_t e) { run_range(plan, loop, b, e); });
}

}  // namespace torch::cpu
