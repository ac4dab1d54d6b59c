#include "torch/parallel.h"

#include <omp.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>

#include "torch/error.h"

extern "C" {
int scipy_openblas_get_num_threads();
void scipy_openblas_set_num_threads(int);
}

namespace torch {
namespace {

// libgomp's threads do not exist in a forked child, where the next parallel region would wait for them for ever. So the thread that
// forks gives its pool up first (it is made anew on the next use), and the child starts single-threaded.
void before_fork() { omp_pause_resource_all(omp_pause_hard); }

std::atomic<int> wanted{omp_get_max_threads()};
void in_child() { wanted.store(1); }

struct Setup {
  Setup() { pthread_atfork(before_fork, nullptr, in_child); }
} setup;

}  // namespace

int num_threads() { return wanted.load(std::memory_order_relaxed); }

void set_num_threads(int n) {
  if (n < 1) raise<ValueError>("set_num_threads: expected 1 or more threads, got ", n);
  wanted.store(n);
}

void use_threads_in_libraries() {
  int n = num_threads();
  if (omp_get_max_threads() != n) omp_set_num_threads(n);
  if (scipy_openblas_get_num_threads() != n) scipy_openblas_set_num_threads(n);
}

void detail::parallel_run(int64_t n, int64_t grain, void (*body)(void*, int64_t, int64_t), void* context) {
  int64_t parts = std::min<int64_t>((n + grain - 1) / grain, num_threads());
  if (parts <= 1 || omp_in_parallel()) {
    body(context, 0, n);
    return;
  }
  std::exception_ptr error;
  std::mutex mutex;
  int64_t step = (n + parts - 1) / parts;
#pragma omp parallel for num_threads(static_cast<int>(parts)) schedule(static, 1)
  for (int64_t i = 0; i < parts; ++i) {
    try {
      if (i * step < n) body(context, i * step, std::min(n, (i + 1) * step));
    } catch (...) {
      std::lock_guard lock(mutex);
      error = std::current_exception();
    }
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace torch
