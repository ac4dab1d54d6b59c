// Size classes: multiples of 64 bytes up to 1 KiB, then four steps per power of two up to 1 MiB, then eight. Small blocks are cached per
// thread without a lock, larger ones in one table behind a mutex. Blocks of 2 MiB and more are mapped with huge pages.
#include "torch/allocator.h"

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
constexpr size_t kThreadLimit = 4 * 1024 * 1024;   // bytes one thread's cache may hold
constexpr size_t kMapped = 2 * 1024 * 1024;        // from here: mmap, huge pages
constexpr size_t kHugePage = 2 * 1024 * 1024;
constexpr int kLinearClasses = kLinear / kAlign;   // class i holds (i + 1) * 64 bytes
constexpr int kStepBits = 3;                       // eight steps per power of two
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

void* system_alloc(size_t bytes) {
  if (bytes < kMapped) return std::aligned_alloc(kAlign, bytes);
  // Map one huge page more than needed and trim both ends, so that the block starts on a huge page.
  size_t length = (bytes + kHugePage - 1) & ~(kHugePage - 1);
  if (length > SIZE_MAX - kHugePage) return nullptr;
  void* p = mmap(nullptr, length + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) return nullptr;
  auto start = reinterpret_cast<uintptr_t>(p);
  uintptr_t aligned = (start + kHugePage - 1) & ~(kHugePage - 1);
  if (aligned > start) munmap(p, aligned - start);
  if (size_t tail = start + kHugePage - aligned) munmap(reinterpret_cast<void*>(aligned + length), tail);
#ifdef MADV_HUGEPAGE
  madvise(reinterpret_cast<void*>(aligned), length, MADV_HUGEPAGE);
#endif
  return reinterpret_cast<void*>(aligned);
}

void system_free(void* p, size_t bytes) {
  if (bytes < kMapped) {
    std::free(p);
  } else {
    munmap(p, (bytes + kHugePage - 1) & ~(kHugePage - 1));
  }
}

struct Shared {
  std::mutex mutex;
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

// Free lists threaded through the blocks themselves.
constexpr int kThreadClasses = kLinearClasses + 6 * (1 << kStepBits);  // up to 64 KiB
struct ThreadCache {
  void* head[kThreadClasses] = {};
  size_t bytes = 0;
  int generation = 0;
  bool alive = true;
  ~ThreadCache() {
    drop();
    alive = false;
  }
  void drop() {
    for (int i = 0; i < kThreadClasses; ++i) {
      size_t size = class_bytes(i);
      while (void* p = head[i]) {
        head[i] = *static_cast<void**>(p);
        cached.fetch_sub(static_cast<int64_t>(size), std::memory_order_relaxed);
        system_free(p, size);
      }
    }
    bytes = 0;
  }
};
thread_local ThreadCache thread_cache;

void count(int64_t bytes) {
  int64_t now = allocated.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  int64_t top = peak.load(std::memory_order_relaxed);
  while (now > top && !peak.compare_exchange_weak(top, now, std::memory_order_relaxed)) {
  }
}

}  // namespace

void* host_alloc(size_t bytes, size_t* block) {
  if (bytes > (size_t{1} << 46)) raise<MemoryError>("cannot allocate ", static_cast<int64_t>(bytes), " bytes");
  SizeClass c = classify(bytes);
  *block = c.bytes;
  void* p = nullptr;
  if (c.bytes <= kThreadCached) {
    ThreadCache& t = thread_cache;
    p = t.head[c.index];
    if (p) {
      t.head[c.index] = *static_cast<void**>(p);
      t.bytes -= c.bytes;
      cached.fetch_sub(static_cast<int64_t>(c.bytes), std::memory_order_relaxed);
    }
  } else {
    Shared& s = shared();
    std::lock_guard lock(s.mutex);
    auto& blocks = s.free_blocks[c.index];
    if (!blocks.empty()) {
      p = blocks.back();
      blocks.pop_back();
      cached.fetch_sub(static_cast<int64_t>(c.bytes), std::memory_order_relaxed);
    }
  }
  if (!p) p = system_alloc(c.bytes);
  if (!p) {
    empty_cache();
    p = system_alloc(c.bytes);
  }
  if (!p) {
    raise<MemoryError>("cannot allocate ", static_cast<int64_t>(bytes), " bytes; ", allocated.load(), " bytes are in use by tensors");
  }
  count(static_cast<int64_t>(c.bytes));
  return p;
}

void host_free(void* p, size_t block) noexcept {
  if (!p) return;
  auto bytes = static_cast<int64_t>(block);
  allocated.fetch_sub(bytes, std::memory_order_relaxed);
  bool fits = cached.load(std::memory_order_relaxed) + bytes <= limit.load(std::memory_order_relaxed);
  SizeClass c = classify(block);
  if (fits && block <= kThreadCached) {
    ThreadCache& t = thread_cache;
    Shared& s = shared();
    if (int g = s.generation.load(std::memory_order_relaxed); g != t.generation) {
      t.drop();
      t.generation = g;
    }
    if (t.alive && t.bytes + block <= kThreadLimit) {
      *static_cast<void**>(p) = t.head[c.index];
      t.head[c.index] = p;
      t.bytes += block;
      cached.fetch_add(bytes, std::memory_order_relaxed);
      return;
    }
  } else if (fits) {
    Shared& s = shared();
    std::lock_guard lock(s.mutex);
    try {
      s.free_blocks[c.index].push_back(p);
      cached.fetch_add(bytes, std::memory_order_relaxed);
      return;
    } catch (const std::bad_alloc&) {
    }
  }
  system_free(p, block);
}

HostMemory host_memory() { return {allocated.load(), peak.load(), cached.load(), limit.load()}; }

void reset_max_memory() { peak.store(allocated.load()); }

void empty_cache() {
  thread_cache.drop();
  Shared& s = shared();
  s.generation.fetch_add(1, std::memory_order_relaxed);
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
  if (cached.load() > bytes) empty_cache();
}

}  // namespace torch
