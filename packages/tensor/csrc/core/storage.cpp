#include "torch/storage.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "torch/allocator.h"
#include "torch/registry.h"
#include "torch/tensor.h"

namespace torch {

namespace {

constexpr size_t kHeaderBytes = 128;  // header and data of a small tensor share one block
constexpr size_t kSmallBytes = 4096;
static_assert(sizeof(Storage) <= kHeaderBytes);

}  // namespace

Storage* Storage::allocate(DType dtype, int64_t n, Device device) {
  if (!device.is_cpu()) raise<RuntimeError>("no memory of ", missing_backend(device.type));
  size_t bytes = static_cast<size_t>(n) * item_size(dtype);
  size_t header = 0;
  bool small = bytes <= kSmallBytes;
  void* block = host_alloc(small ? kHeaderBytes + bytes : kHeaderBytes, &header);
  auto* s = new (block) Storage;
  s->header_bytes_ = header;
  s->dtype_ = dtype;
  s->device_ = device;
  s->size_ = n;
  if (small) {
    s->data_ = static_cast<char*>(block) + kHeaderBytes;
  } else {
    try {
      s->data_ = static_cast<char*>(host_alloc(bytes, &s->block_bytes_));
    } catch (...) {
      host_free(block, header);
      throw;
    }
  }
  return s;
}

Storage* Storage::borrow(DType dtype, int64_t n, void* data, void (*release)(void*),
                         void* context) {
  size_t header = 0;
  auto* s = new (host_alloc(kHeaderBytes, &header)) Storage;
  s->header_bytes_ = header;
  s->dtype_ = dtype;
  s->size_ = n;
  s->data_ = static_cast<char*>(data);
  s->release_ = release;
  s->context_ = context;
  return s;
}

Storage* Storage::slice(Storage* base, int64_t offset, int64_t n) {
  Storage* s = borrow(
      base->dtype_, n, base->data_ + offset * item_size(base->dtype_),
      [](void* context) {
        auto* owner = static_cast<Storage*>(context);
        owner->end_export();
        owner->drop();
      },
      base);
  base->retain();
  base->export_memory();
  s->device_ = base->device_;
  s->base_ = base;
  s->version_ = base->version_;
  return s;
}

void Storage::free_memory() noexcept {
  if (shared_) {
    munmap(data_, block_bytes_);
  } else if (block_bytes_) {
    host_free(data_, block_bytes_);
  }
}

void Storage::share() {
  if (is_shared()) return;
  if (!resizable()) {
    raise<RuntimeError>("share_memory_: cannot move a storage of ", size_,
                        " elements whose memory belongs to another object");
  }
  if (exports_.load(std::memory_order_relaxed) > 0) {
    raise<RuntimeError>("share_memory_: cannot move a storage of ", size_,
                        " elements while an array or buffer shares its memory");
  }
  size_t bytes = std::max<size_t>(nbytes(), 1);
  void* data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) {
    raise<MemoryError>("share_memory_: cannot map ", static_cast<int64_t>(bytes),
                       " bytes of shared memory");
  }
  std::memcpy(data, data_, nbytes());
  free_memory();
  data_ = static_cast<char*>(data);
  block_bytes_ = bytes;
  shared_ = true;
}

void Storage::destroy() noexcept {
  if (release_) {
    release_(context_);
  } else {
    free_memory();
  }
  size_t header = header_bytes_;
  this->~Storage();
  host_free(this, header);
}

void Storage::resize(int64_t n) {
  if (!resizable()) {
    raise<RuntimeError>("resize_: cannot resize a storage of ", size_,
                        " elements whose memory belongs to another object");
  }
  size_t bytes = static_cast<size_t>(n) * item_size(dtype_);
  size_t room = block_bytes_ ? block_bytes_ : header_bytes_ - kHeaderBytes;
  if (bytes > room) {
    if (shared_) {
      raise<RuntimeError>("resize_: cannot move a storage of ", size_,
                          " elements that processes share");
    }
    if (exports_.load(std::memory_order_relaxed) > 0) {
      raise<RuntimeError>("resize_: cannot move a storage of ", size_,
                          " elements while an array or buffer shares its memory");
    }
    size_t block = 0;
    void* data = host_alloc(bytes, &block);
    std::memcpy(data, data_, std::min<size_t>(nbytes(), bytes));
    free_memory();
    data_ = static_cast<char*>(data);
    block_bytes_ = block;
  }
  // what is new is not initialized, but a bool is 0 or 1 even then
  if (dtype_ == DType::kBool && n > size_) std::memset(data_ + size_, 0, n - size_);
  size_ = n;
}

}  // namespace torch
