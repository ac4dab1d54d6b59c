#include "torch/storage.h"

#include <pthread.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <new>

#include "torch/allocator.h"
#include "torch/checksum.h"
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

Storage* Storage::without_data(DType dtype, int64_t n, Device device) {
  size_t header = 0;
  auto* s = new (host_alloc(kHeaderBytes, &header)) Storage;
  s->header_bytes_ = header;
  s->dtype_ = dtype;
  s->device_ = device;
  s->size_ = n;
  return s;
}

Storage* Storage::borrow(DType dtype, int64_t n, void* data, void (*release)(void*),
                         void* context) {
  Storage* s = without_data(dtype, n, {});
  s->data_ = static_cast<char*>(data);
  s->release_ = release;
  s->context_ = context;
  return s;
}

Storage* Storage::postpone(DType dtype, int64_t n, Device device,
                           std::shared_ptr<Pending> pending) {
  Storage* s = without_data(dtype, n, device);
  s->attached_ = std::move(pending);
  s->is_pending_.store(true, std::memory_order_release);
  return s;
}

Storage* Storage::part(Storage* whole, DType dtype, int64_t offset_bytes, int64_t n) {
  int64_t item = item_size(dtype), room = whole->nbytes() - offset_bytes;
  if (offset_bytes < 0 || offset_bytes % item != 0 || n < 0 || room < 0 || n > room / item) {
    raise<ValueError>("part: expected elements within ", whole->nbytes(), " bytes, got ", n, " of ",
                      item, " bytes from byte ", offset_bytes);
  }
  char* data = whole->data() + offset_bytes;
  whole->retain();
  whole->export_memory();  // it must not move
  return borrow(
      dtype, n, data,
      [](void* context) {
        auto* other = static_cast<Storage*>(context);
        other->end_export();
        other->drop();
      },
      whole);
}

Storage* Storage::slice(Storage* base, int64_t offset, int64_t n) {
  Storage* s = part(base, base->dtype_, offset * item_size(base->dtype_), n);
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
  data();
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

Storage* Storage::map_file(int fd, int64_t nbytes) {
  struct Mapping {
    void* start;
    size_t bytes;
  };
  if (nbytes <= 0) raise<ValueError>("map_file: expected 1 byte or more, got ", nbytes);
  auto bytes = static_cast<size_t>(nbytes);
  void* start = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  if (start == MAP_FAILED)
    raise<RuntimeError>("map_file: cannot map ", nbytes, " bytes: ", std::strerror(errno));
  return borrow(
      DType::kUInt8, nbytes, start,
      [](void* context) {
        auto* m = static_cast<Mapping*>(context);
        munmap(m->start, m->bytes);
        delete m;
      },
      new Mapping{start, bytes});
}

namespace {

std::mutex& attachment_mutex() {
  static auto& m = *[] {
    static auto* mutex = new std::mutex;  // outlasts static destruction
    pthread_atfork([] { mutex->lock(); }, [] { mutex->unlock(); }, [] { mutex->unlock(); });
    return mutex;
  }();
  return m;
}

class Check : public Storage::Pending {
 public:
  Check(char* data, uint32_t crc, int64_t bytes, std::string what)
      : data_(data), crc_(crc), bytes_(bytes), what_(std::move(what)) {}

  void run(Storage& storage) override {
    if (bytes_ > 0 && crc32c(data_, static_cast<size_t>(bytes_)) != crc_)
      raise<FileError>(what_, ": the data is damaged: its checksum does not fit");
    if (storage.dtype() != DType::kBool) return;
    unsigned char all = 0;
    for (int64_t i = 0; i < storage.size(); ++i) all |= static_cast<unsigned char>(data_[i]);
    if (all > 1) raise<FileError>(what_, ": expected bools to be 0 or 1, got other bytes");
  }

 private:
  char* data_;
  uint32_t crc_;
  int64_t bytes_;
  std::string what_;
};

}  // namespace

void Storage::check_later(uint32_t crc, int64_t check_bytes, std::string what) {
  std::lock_guard lock(attachment_mutex());
  attached_ = std::make_shared<Check>(data_, crc, check_bytes, std::move(what));
  is_pending_.store(true, std::memory_order_release);
}

std::shared_ptr<Storage::Attachment> Storage::attached() const {
  std::lock_guard lock(attachment_mutex());
  return attached_;
}

void Storage::attach(std::shared_ptr<Attachment> attachment) {
  std::lock_guard lock(attachment_mutex());
  if (!is_pending()) attached_.swap(attachment);
}

void Storage::run_pending() const {
  std::lock_guard lock(attachment_mutex());
  if (!is_pending()) return;
  static_cast<Pending&>(*attached_).run(const_cast<Storage&>(*this));
  is_pending_.store(false, std::memory_order_release);
  attached_.reset();
}

void Storage::take_memory(Storage& other) {
  if (other.block_bytes_) {
    data_ = std::exchange(other.data_, nullptr);
    block_bytes_ = std::exchange(other.block_bytes_, 0);
  } else {  // behind the other's header
    data_ = static_cast<char*>(host_alloc(nbytes(), &block_bytes_));
    std::memcpy(data_, other.data_, nbytes());
  }
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
  data();
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
