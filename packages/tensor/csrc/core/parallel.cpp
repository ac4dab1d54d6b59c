#include "torch/parallel.h"

#include <omp.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "torch/error.h"

extern "C" {
int scipy_openblas_get_num_threads();
void scipy_openblas_set_num_threads(int);
}

namespace torch {
namespace {

constexpr int kMostThreads = 1024;
constexpr int kPartsPerThread =
    4;  // so that a thread that comes late, or not at all, finds others having done its share
constexpr int kSpins = 2000;  // looks for the next job before a worker sleeps

// One parallel loop. Whoever has time takes the next part; the caller takes parts like everybody
// else and is never kept waiting for a worker that the machine has no processor for.
struct Job {
  void (*body)(void*, int64_t, int64_t);
  void* context;
  int64_t n, step;
  std::atomic<int64_t> next{0};
  int helpers = 0;  // workers inside, guarded by Pool::mutex
  int wanted = 0;   // workers that may still join
  std::mutex error_mutex;
  std::exception_ptr error;

  void work() {
    for (;;) {
      int64_t begin = next.fetch_add(step, std::memory_order_relaxed);
      if (begin >= n) return;
      try {
        body(context, begin, std::min(n, begin + step));
      } catch (...) {
        std::lock_guard lock(error_mutex);
        error = std::current_exception();
        next.store(n, std::memory_order_relaxed);
      }
    }
  }
};

thread_local bool in_parallel = false;

class Pool {
 public:
  void run(Job& job, int threads) {
    {
      std::lock_guard lock(mutex_);
      while (workers_ < threads - 1) {
        std::thread([this] { worker(); }).detach();  // workers live as long as the process
        ++workers_;
      }
      job.wanted = threads - 1;
      jobs_.push_back(&job);
      posted_.fetch_add(1, std::memory_order_release);
    }
    for (int i = 1; i < threads; ++i) arrived_.notify_one();
    in_parallel = true;
    job.work();
    in_parallel = false;
    std::unique_lock lock(mutex_);
    std::erase(jobs_, &job);
    left_.wait(lock, [&] { return job.helpers == 0; });
  }

 private:
  void worker() {
    in_parallel = true;
    uint64_t seen = 0;
    std::unique_lock lock(mutex_);
    for (;;) {
      auto open = std::find_if(jobs_.begin(), jobs_.end(), [](Job* j) { return j->wanted > 0; });
      if (open != jobs_.end()) {
        Job& job = **open;
        --job.wanted;
        ++job.helpers;
        lock.unlock();
        job.work();
        lock.lock();
        if (--job.helpers == 0) left_.notify_all();
        continue;
      }
      seen = posted_.load(std::memory_order_relaxed);
      lock.unlock();
      for (int i = 0; i < kSpins && posted_.load(std::memory_order_acquire) == seen; ++i) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
      }
      lock.lock();
      if (posted_.load(std::memory_order_relaxed) == seen) arrived_.wait(lock);
    }
  }

  std::mutex mutex_;
  std::condition_variable arrived_, left_;
  std::vector<Job*> jobs_;
  std::atomic<uint64_t> posted_{0};
  int workers_ = 0;
};

int default_threads() { return std::clamp(omp_get_max_threads(), 1, kMostThreads); }

std::atomic<int> wanted{default_threads()};
Pool* pool = new Pool;  // never destroyed: its workers outlast static destruction

// Threads do not exist in a forked child. Our pool is made anew there. libgomp's would be waited
// for, for ever, so the thread that forks gives it up first; it comes back with its next use, in
// parent and child. The child starts single-threaded.
void before_fork() { omp_pause_resource_all(omp_pause_hard); }
void in_child() {
  pool = new Pool;
  in_parallel = false;
  wanted.store(1);
}

struct Setup {
  Setup() { pthread_atfork(before_fork, nullptr, in_child); }
} setup;

}  // namespace

int num_threads() { return wanted.load(std::memory_order_relaxed); }

void set_num_threads(int n) {
  if (n < 1 || n > kMostThreads)
    raise<ValueError>("set_num_threads: expected 1 to ", kMostThreads, " threads, got ", n);
  wanted.store(n);
}

int library_threads(int64_t work, int64_t grain) {
  if (in_parallel) return 1;
  return static_cast<int>(std::clamp<int64_t>(work / grain, 1, num_threads()));
}

void use_threads_in_libraries(int64_t work, int64_t grain) {
  int n = library_threads(work, grain);
  if (omp_get_max_threads() != n) omp_set_num_threads(n);
  if (!in_parallel && scipy_openblas_get_num_threads() != n) scipy_openblas_set_num_threads(n);
}

void detail::parallel_run(int64_t n, int64_t grain, void (*body)(void*, int64_t, int64_t),
                          void* context) {
  auto threads = static_cast<int>(std::min<int64_t>((n + grain - 1) / grain, num_threads()));
  if (threads <= 1 || in_parallel) {
    body(context, 0, n);
    return;
  }
  int64_t parts = std::min<int64_t>((n + grain - 1) / grain, int64_t{threads} * kPartsPerThread);
  Job job;
  job.body = body;
  job.context = context;
  job.n = n;
  job.step = (n + parts - 1) / parts;
  pool->run(job, threads);
  if (job.error) std::rethrow_exception(job.error);
}

}  // namespace torch
