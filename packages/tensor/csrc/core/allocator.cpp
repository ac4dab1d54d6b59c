// Size classes: multiples of 64 bytes up to 1 KiB, then four steps per power of two up to 1 MiB,
// then eight. Small blocks are cached per thread without a lock, larger ones in one table behind a
// mutex; where a class of these has none, a block of up to twice the size is taken, so that the
// sizes of different parts of a network share memory. Blocks of 2 MiB and more are mapped, their
// whole huge pages as such.
#include "torch/allocator.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdlib>
#include <mutex>
#include <vector>

#include "torch/error.h"

namespace torch {
namespace {

constexpr size_t kAlign = 64;
constexpr size_t kLinear = 1024;                   // below: classes are multiples of 64 bytes
constexpr size_t kThreadCached = 64 * 1024;        // up to here blocks go to the thread's own cache
constexpr int64_t kThreadLimit = 4 * 1024 * 1024;  // bytes one thread's cache may hold
constexpr size_t kMapped = 2 * 1024 * 1024;        // from here: mmap, huge pages
constexpr size_t kHugePage = 2 * 1024 * 1024;
constexpr int kLinearClasses = kLinear / kAlign;  // class i holds (i + 1) * 64 bytes
constexpr int kStepBits = 3;                      // eight steps per power of two
constexpr int kLooser = 1 << kStepBits;           // classes above its own that may serve a request
constexpr int kClasses = kLinearClasses + (48 - 10) * (1 << kStepBits);

struct SizeClass {
  int index;
  size_t bytes;
};

SizeClass classify(size_t bytes) {
  if (bytes <= kLinear) {
    int i = bytes == 0 ? 0 : static_cast<int>((bytes - 1) / kAlign);
    return {i, (i + 1) * kAlign};
  }
  int top = std::bit_width(bytes - 1) - 1;  // 2^top < bytes <= 2^(top + 1)
  size_t step = size_t{1} << (top - kStepBits);
  size_t rounded = (bytes + step - 1) & ~(step - 1);
  int sub = static_cast<int>((rounded - (size_t{1} << top)) / step) - 1;  // 0..7
  return {kLinearClasses + (top - 10) * (1 << kStepBits) + sub, rounded};
}

int64_t default_limit() {
  int64_t physical = int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  return std::min<int64_t>(int64_t{4} << 30, physical / 8);
}

std::atomic<int64_t> allocated{0}, peak{0}, cached{0};
std::atomic<int64_t> limit{default_limit()};

size_t in_pages(size_t bytes) {
  static const size_t page = sysconf(_SC_PAGESIZE);
  return (bytes + page - 1) & ~(page - 1);
}

void* system_alloc(size_t bytes) {
  if (bytes < kMapped) return std::aligned_alloc(kAlign, bytes);
  // Map one huge page more than needed and trim both ends, so that the block starts on a huge page.
  // What does not fill one at its end lies in small pages: those that are never touched cost
  // nothing.
  size_t length = in_pages(bytes);
  if (length > SIZE_MAX - kHugePage) return nullptr;
  void* p =
      mmap(nullptr, length + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return nullptr;
  auto start = reinterpret_cast<uintptr_t>(p);
  uintptr_t aligned = (start + kHugePage - 1) & ~(kHugePage - 1);
  if (aligned > start) munmap(p, aligned - start);
  if (size_t tail = start + kHugePage - aligned)
    munmap(reinterpret_cast<void*>(aligned + length), tail);
#ifdef MADV_HUGEPAGE
  madvise(reinterpret_cast<void*>(aligned), length & ~(kHugePage - 1), MADV_HUGEPAGE);
#endif
  return reinterpret_cast<void*>(aligned);
}

void system_free(void* p, size_t bytes) {
  if (bytes < kMapped) {
    std::free(p);
  } else {
    munmap(p, in_pages(bytes));
  }
}

struct ThreadCache;
struct Shared {
  std::mutex mutex;
  std::vector<ThreadCache*> threads;
  std::vector<void*> free_blocks[kClasses];
  std::atomic<int> generation{0};  // empty_cache() raises it; threads then drop their own caches
};
Shared& shared() {
  static Shared* s = new Shared;  // never destroyed: tensors may outlive static destruction
  return *s;
}

size_t class_bytes(int index) {
  if (index < kLinearClasses) return (index + 1) * kAlign;
  int k = index - kLinearClasses;
  int top = 10 + (k >> kStepBits);
  return (size_t{1} << top) + ((k & ((1 << kStepBits) - 1)) + 1) * (size_t{1} << (top - kStepBits));
}

// Free lists threaded through the blocks themselves. Only the owning thread writes; others read the
// counters, which is why they are atomic (plain loads and stores, no locked instruction).
constexpr int kThreadClasses = kLinearClasses + 6 * (1 << kStepBits);  // up to 64 KiB
constexpr int64_t kPeakStep = 64 * 1024;  // small blocks enter the peak in steps of this many bytes
struct ThreadCache {
  void* head[kThreadClasses] = {};
  std::atomic<int64_t> kept{0};  // bytes in the lists
  std::atomic<int64_t> in_use{
      0};  // bytes handed out minus bytes taken back; negative where others' blocks are freed
  int64_t next_peak = 0;
  int generation = 0;

  ThreadCache();
  ~ThreadCache();
  static void add(std::atomic<int64_t>& counter, int64_t bytes) {
    counter.store(counter.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
  }
  void drop() {
    for (int i = 0; i < kThreadClasses; ++i) {
      size_t size = class_bytes(i);
      while (void* p = head[i]) {
        head[i] = *static_cast<void**>(p);
        system_free(p, size);
      }
    }
    kept.store(0, std::memory_order_relaxed);
  }
};

ThreadCache::ThreadCache() {
  Shared& s = shared();
  std::lock_guard lock(s.mutex);
  s.threads.push_back(this);
}
ThreadCache::~ThreadCache() {
  drop();
  Shared& s = shared();
  std::lock_guard lock(s.mutex);
  allocated.fetch_add(in_use.load(std::memory_order_relaxed), std::memory_order_relaxed);
  std::erase(s.threads, this);
}

// The pointer is the fast way in; the owner behind it ends with the thread, after which small
// blocks go to the system directly.
__attribute__((tls_model("initial-exec"))) thread_local ThreadCache* thread_cache = nullptr;
thread_local bool thread_ends = false;
struct ThreadOwner {
  ThreadCache cache;
  ~ThreadOwner() {
    thread_cache = nullptr;
    thread_ends = true;
  }
};
[[gnu::noinline]] ThreadCache* start_thread_cache() {
  if (thread_ends) return nullptr;
  thread_local ThreadOwner owner;
  return thread_cache = &owner.cache;
}
inline ThreadCache* this_thread() { return thread_cache ? thread_cache : start_thread_cache(); }

int64_t total_allocated() {
  Shared& s = shared();
  std::lock_guard lock(s.mutex);
  int64_t sum = allocated.load(std::memory_order_relaxed);
  for (ThreadCache* t : s.threads) sum += t->in_use.load(std::memory_order_relaxed);
  return sum;
}

void raise_peak() {
  int64_t now = total_allocated(), top = peak.load(std::memory_order_relaxed);
  while (now > top && !peak.compare_exchange_weak(top, now, std::memory_order_relaxed)) {
  }
}

// The lock must not be held by some other thread at the moment of a fork: the child would wait for
// it for ever.
struct ForkSafety {
  ForkSafety() {
    pthread_atfork([] { shared().mutex.lock(); }, [] { shared().mutex.unlock(); },
                   [] { shared().mutex.unlock(); });
  }
} fork_safety;

}  // namespace

void* host_alloc(size_t bytes, size_t* block) {
  if (bytes > (size_t{1} << 46))
    raise<MemoryError>("cannot allocate ", static_cast<int64_t>(bytes), " bytes");
  SizeClass c = classify(bytes);
  void* p = nullptr;
  auto size = static_cast<int64_t>(c.bytes);
  ThreadCache* t = c.bytes <= kThreadCached ? this_thread() : nullptr;
  if (t) {
    p = t->head[c.index];
    if (p) {
      t->head[c.index] = *static_cast<void**>(p);
      ThreadCache::add(t->kept, -size);
    }
  } else if (c.bytes > kThreadCached) {
    Shared& s = shared();
    std::lock_guard lock(s.mutex);
    int last = std::min(c.index + kLooser, kClasses - 1), found = c.index;
    while (found < last && s.free_blocks[found].empty()) ++found;
    if (auto& blocks = s.free_blocks[found]; !blocks.empty()) {
      p = blocks.back();
      blocks.pop_back();
      size = static_cast<int64_t>(class_bytes(found));
      cached.fetch_sub(size, std::memory_order_relaxed);
    }
  }
  *block = static_cast<size_t>(size);
  if (!p) p = system_alloc(c.bytes);
  if (!p) {
    empty_cache();
    p = system_alloc(c.bytes);
  }
  if (!p)
    raise<MemoryError>("cannot allocate ", static_cast<int64_t>(bytes), " bytes; ",
                       total_allocated(), " bytes are in use by tensors");
  if (t) {
    ThreadCache::add(t->in_use, size);
    if (int64_t now = t->in_use.load(std::memory_order_relaxed); now > t->next_peak) {
      t->next_peak = now + kPeakStep;
      raise_peak();
    }
  } else {
    allocated.fetch_add(size, std::memory_order_relaxed);
    raise_peak();
  }
  return p;
}

void host_free(void* p, size_t block) noexcept {
  if (!p) return;
  auto bytes = static_cast<int64_t>(block);
  SizeClass c = classify(block);
  Shared& s = shared();
  if (ThreadCache* t = block <= kThreadCached ? this_thread() : nullptr) {
    ThreadCache::add(t->in_use, -bytes);
    if (int g = s.generation.load(std::memory_order_relaxed); g != t->generation) {
      t->drop();
      t->generation = g;
    }
    if (t->kept.load(std::memory_order_relaxed) + bytes <=
        std::min(kThreadLimit, limit.load(std::memory_order_relaxed))) {
      *static_cast<void**>(p) = t->head[c.index];
      t->head[c.index] = p;
      ThreadCache::add(t->kept, bytes);
      return;
    }
  } else {
    allocated.fetch_sub(bytes, std::memory_order_relaxed);
    int64_t own = thread_cache ? thread_cache->kept.load(std::memory_order_relaxed) : 0;
    if (block > kThreadCached && cached.load(std::memory_order_relaxed) + own + bytes <=
                                     limit.load(std::memory_order_relaxed)) {
      std::lock_guard lock(s.mutex);
      try {
        s.free_blocks[c.index].push_back(p);
        cached.fetch_add(bytes, std::memory_order_relaxed);
        return;
      } catch (const std::bad_alloc&) {
      }
    }
  }
  system_free(p, block);
}

HostMemory host_memory() {
  raise_peak();
  int64_t now = total_allocated(), kept = cached.load();
  Shared& s = shared();
  std::lock_guard lock(s.mutex);
  for (ThreadCache* t : s.threads) kept += t->kept.load(std::memory_order_relaxed);
  return {now, peak.load(), kept, limit.load()};
}

void reset_max_memory() { peak.store(total_allocated()); }

void empty_cache() {
  if (ThreadCache* t = this_thread()) t->drop();
  Shared& s = shared();
  s.generation.fetch_add(
      1, std::memory_order_relaxed);  // the other threads drop theirs with their next free
  std::lock_guard lock(s.mutex);
  for (int i = 0; i < kClasses; ++i) {
    for (void* p : s.free_blocks[i]) {
      cached.fetch_sub(static_cast<int64_t>(class_bytes(i)), std::memory_order_relaxed);
      system_free(p, class_bytes(i));
    }
    s.free_blocks[i].clear();
  }
}

void set_cache_limit(int64_t bytes) {
  if (bytes < 0) raise<ValueError>("set_cache_limit: expected 0 or more bytes, got ", bytes);
  limit.store(bytes);
  empty_cache();
}

}  // namespace torch
