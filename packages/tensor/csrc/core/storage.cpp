#include "torch/storage.h"

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

void Storage::destroy() noexcept {
  if (release_) {
    release_(context_);
  } else if (block_bytes_) {
    host_free(data_, block_bytes_);
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
    if (exports_.load(std::memory_order_relaxed) > 0) {
      raise<RuntimeError>("resize_: cannot move a storage of ", size_,
                          " elements while an array or buffer shares its memory");
    }
    size_t block = 0;
    void* data = host_alloc(bytes, &block);
    std::memcpy(data, data_, std::min<size_t>(nbytes(), bytes));
    if (block_bytes_) host_free(data_, block_bytes_);
    data_ = static_cast<char*>(data);
    block_bytes_ = block;
  }
  // what is new is not initialized, but a bool is 0 or 1 even then
  if (dtype_ == DType::kBool && n > size_) std::memset(data_ + size_, 0, n - size_);
  size_ = n;
}

}  // namespace torch
