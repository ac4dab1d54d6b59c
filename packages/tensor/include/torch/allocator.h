// Caching host allocator: freed blocks are kept, so that a large result does not page-fault its
// memory anew on every call.
#pragma once
#include <cstddef>
#include <cstdint>

namespace torch {

// 64-byte aligned memory of at least `bytes`; *block receives the real size, which host_free needs.
// MemoryError when there is none.
void* host_alloc(size_t bytes, size_t* block);
void host_free(void* p, size_t block) noexcept;

struct HostMemory {
  int64_t allocated;      // bytes in blocks that are in use
  int64_t max_allocated;  // highest `allocated` since the start or the last reset
  int64_t cached;         // bytes in freed blocks kept for reuse
  int64_t limit;          // `cached` never exceeds this
};
HostMemory host_memory();
void reset_max_memory();
void empty_cache();
void set_cache_limit(int64_t bytes);

}  // namespace torch
