// The element-wise halves of recurrent layers; the matrix products stand in ops/rnn.cpp.
#include <algorithm>

#include "kernels/cpu/drive.h"
#include "kernels/cpu/isa.h"
#include "kernels/nn_tables.h"
#include "torch/math.h"
#include "torch/parallel.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

using kernels::RnnMode;

constexpr math::Sigmoid sigmoid;
constexpr math::Tanh tanh_of;

template <class T>
const T* row(const char* p, int64_t r, int64_t width) {
  return reinterpret_cast<const T*>(p) + r * width;
}
template <class T>
T* row(char* p, int64_t r, int64_t width) {
  return reinterpret_cast<T*>(p) + r * width;
}

// Calls f(row) for each row; a thread pays from some thousand elements on.
template <class Step, class F>
void for_rows(const Step& p, F f) {
  parallel_for(p.rows, std::max<int64_t>(1, kComputeGrain / (4 * p.hidden)),
               [&](int64_t b, int64_t e) {
                 for (int64_t r = b; r < e; ++r) f(r);
               });
}

// h = tanh(sums), or max(sums, 0)
template <class T, bool kRelu>
void plain(const kernels::RnnStep& p) {
  for_rows(p, [&](int64_t r) {
    const T* sums = row<T>(p.gates, r, p.hidden);
    T* h = row<T>(p.h, r, p.hidden);
#pragma GCC ivdep
    for (int64_t j = 0; j < p.hidden; ++j)
      h[j] = kRelu ? (sums[j] <= T(0) ? T(0) : sums[j]) : tanh_of(sums[j]);
  });
}

template <class T, bool kRelu>
void plain_grad(const kernels::RnnStepGrad& p) {
  for_rows(p, [&](int64_t r) {
    const T *h = row<T>(p.h, r, p.hidden), *gh = row<T>(p.gh, r, p.hidden);
    T* g = row<T>(p.ginput, r, p.hidden);
#pragma GCC ivdep
    for (int64_t j = 0; j < p.hidden; ++j)
      g[j] = kRelu ? (h[j] > T(0) ? gh[j] : T(0)) : gh[j] * (T(1) - h[j] * h[j]);
  });
}

// c = f * c_prev + i * g, h = o * tanh(c); S. Hochreiter, J. Schmidhuber (1997), with forget gates
// (F. Gers et al., 2000).
template <class T>
void lstm(const kernels::RnnStep& p) {
  int64_t n = p.hidden;
  for_rows(p, [&](int64_t r) {
    T *i = row<T>(p.gates, r, 4 * n), *f = i + n, *g = f + n, *o = g + n;
    const T* c_prev = row<T>(p.c_prev, r, n);
    T *c = row<T>(p.c, r, n), *h = row<T>(p.h, r, n);
#pragma GCC ivdep
    for (int64_t j = 0; j < n; ++j) {
      i[j] = sigmoid(i[j]);
      f[j] = sigmoid(f[j]);
    }
#pragma GCC ivdep
    for (int64_t j = 0; j < n; ++j) {
      g[j] = tanh_of(g[j]);
      o[j] = sigmoid(o[j]);
    }
#pragma GCC ivdep
    for (int64_t j = 0; j < n; ++j) {
      c[j] = f[j] * c_prev[j] + i[j] * g[j];
      h[j] = o[j] * tanh_of(c[j]);
    }
  });
}

template <class T>
void lstm_grad(const kernels::RnnStepGrad& p) {
  int64_t n = p.hidden;
  for_rows(p, [&](int64_t r) {
    const T *i = row<T>(p.gates, r, 4 * n), *f = i + n, *g = f + n, *o = g + n;
    const T *c_prev = row<T>(p.c_prev, r, n), *c = row<T>(p.c, r, n), *gh = row<T>(p.gh, r, n);
    T *gi = row<T>(p.ginput, r, 4 * n), *gf = gi + n, *gg = gf + n, *go = gg + n;
    T* gc = row<T>(p.gc, r, n);
#pragma GCC ivdep
    for (int64_t j = 0; j < n; ++j) {
      T t = tanh_of(c[j]);
      T d = gc[j] + gh[j] * o[j] * (T(1) - t * t);
      gi[j] = d * g[j] * i[j] * (T(1) - i[j]);
      gf[j] = d * c_prev[j] * f[j] * (T(1) - f[j]);
      gg[j] = d * i[j] * (T(1) - g[j] * g[j]);
      go[j] = gh[j] * t * o[j] * (T(1) - o[j]);
      gc[j] = d * f[j];
    }
  });
}

// r, z = sigmoid(input + recurrent), n = tanh(input + r * recurrent), h = n + z * (h_prev - n);
// K. Cho et al. (2014), with the reset gate behind the product.
template <class T>
void gru(const kernels::RnnStep& p) {
  int64_t n = p.hidden;
  for_rows(p, [&](int64_t row_number) {
    const T *x = row<T>(p.input, row_number, 3 * n), *u = row<T>(p.recurrent, row_number, 3 * n);
    T *r = row<T>(p.gates, row_number, 4 * n), *z = r + n, *fresh = z + n, *kept = fresh + n;
    const T* h_prev = row<T>(p.h_prev, row_number, n);
    T* h = row<T>(p.h, row_number, n);
#pragma GCC ivdep
    for (int64_t j = 0; j < n; ++j) {
      r[j] = sigmoid(x[j] + u[j]);
      z[j] = sigmoid(x[n + j] + u[n + j]);
    }
#pragma GCC ivdep
    for (int64_t j = 0; j < n; ++j) {
      kept[j] = u[2 * n + j];
      fresh[j] = tanh_of(x[2 * n + j] + r[j] * kept[j]);
      h[j] = fresh[j] + z[j] * (h_prev[j] - fresh[j]);
    }
  });
}

template <class T>
void gru_grad(const kernels::RnnStepGrad& p) {
  int64_t n = p.hidden;
  for_rows(p, [&](int64_t row_number) {
    const T *r = row<T>(p.gates, row_number, 4 * n), *z = r + n, *fresh = z + n, *kept = fresh + n;
    const T* h_prev = row<T>(p.h_prev, row_number, n);
    T *gx = row<T>(p.ginput, row_number, 3 * n), *gu = row<T>(p.grecurrent, row_number, 3 * n),
      *gh = row<T>(p.gh, row_number, n);
#pragma GCC ivdep
    for (int64_t j = 0; j < n; ++j) {
      T gn = gh[j] * (T(1) - z[j]) * (T(1) - fresh[j] * fresh[j]);
      T gz = gh[j] * (h_prev[j] - fresh[j]) * z[j] * (T(1) - z[j]);
      T gr = gn * kept[j] * r[j] * (T(1) - r[j]);
      gx[j] = gr;
      gx[n + j] = gz;
      gx[2 * n + j] = gn;
      gu[j] = gr;
      gu[n + j] = gz;
      gu[2 * n + j] = gn * r[j];
      gh[j] *= z[j];
    }
  });
}

template <class T>
constexpr void fill(kernels::RnnTable& t) {
  constexpr int i = torch::index(dtype_of<T>);
  constexpr auto at = [](RnnMode mode) { return static_cast<int>(mode); };
  t.step[at(RnnMode::kTanh)][i] = &plain<T, false>;
  t.step[at(RnnMode::kRelu)][i] = &plain<T, true>;
  t.step[at(RnnMode::kLstm)][i] = &lstm<T>;
  t.step[at(RnnMode::kGru)][i] = &gru<T>;
  t.step_grad[at(RnnMode::kTanh)][i] = &plain_grad<T, false>;
  t.step_grad[at(RnnMode::kRelu)][i] = &plain_grad<T, true>;
  t.step_grad[at(RnnMode::kLstm)][i] = &lstm_grad<T>;
  t.step_grad[at(RnnMode::kGru)][i] = &gru_grad<T>;
}

constexpr kernels::RnnTable make_table() {
  kernels::RnnTable t{};
  fill<float>(t);
  fill<double>(t);
  return t;
}

}  // namespace

extern constinit const kernels::RnnTable rnn = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
