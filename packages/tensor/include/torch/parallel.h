// Threads: kernels hand over a range and a body; nothing else of ours starts threads. (oneDNN and
// OpenBLAS have their own.)
#pragma once
#include <cstdint>
#include <type_traits>

namespace torch {

int num_threads();
void set_num_threads(int n);  // ValueError unless 1 to 1024

// Makes OpenMP (oneDNN's threads) and OpenBLAS follow num_threads(); called before every use of
// them.
// `work` operations are worth a thread per `grain`: their threads spin while they wait for each
// other, which on a busy machine costs far more than it can gain where there is little to do.
inline constexpr int64_t kMultiplyGrain = 2'000'000;  // multiply-adds, about 50 us
int library_threads(int64_t work, int64_t grain = kMultiplyGrain);
void use_threads_in_libraries(int64_t work, int64_t grain = kMultiplyGrain);

namespace detail {
void parallel_run(int64_t n, int64_t grain, void (*body)(void*, int64_t, int64_t), void* context);
}

// Calls body(begin, end) over disjoint parts of [0, n), each at least `grain` long but the last; in
// this thread when one part is enough.
template <class F>
void parallel_for(int64_t n, int64_t grain, F&& body) {
  // A function of its own also where there is one part: gcc 12 does not vectorize loops that it has
  // inlined next to the choice.
  auto* run = +[](void* c, int64_t b, int64_t e) __attribute__((noinline)) {
    (*static_cast<std::remove_reference_t<F>*>(c))(b, e);
  };
  void* context = const_cast<void*>(static_cast<const void*>(&body));
  if (n > grain) {
    detail::parallel_run(n, grain, run, context);
  } else if (n > 0) {
    run(context, 0, n);
  }
}

}  // namespace torch
