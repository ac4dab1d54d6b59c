// Storage: reference-counted typed memory that tensors look into.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "torch/device.h"
#include "torch/dtype.h"

namespace torch {

class Storage {
 public:
  // Fresh memory for n elements, 64-byte aligned, not initialized.
  static Storage* allocate(DType dtype, int64_t n, Device device = {});
  // Memory that belongs to somebody else; release(context) is called when the last user is gone.
  static Storage* borrow(DType dtype, int64_t n, void* data, void (*release)(void*), void* context);
  // n elements of another storage's memory from a byte on; the other one stays until this one ends.
  static Storage* part(Storage* whole, DType dtype, int64_t offset_bytes, int64_t n);
  // An object that a storage owns for somebody else; one at a time.
  class Attachment {
   public:
    virtual ~Attachment() = default;
  };
  // What has to happen before the elements are reached by address. It happens once.
  class Pending : public Attachment {
   public:
    // An exception leaves the storage as it is; the next data() tries again.
    virtual void run(Storage& storage) = 0;
  };
  // n elements without memory of their own: pending->run() is going to take_memory().
  static Storage* postpone(DType dtype, int64_t n, Device device, std::shared_ptr<Pending> pending);
  // The first bytes of an open file, read when they are used. Changes stay in memory. The file may
  // be closed afterwards; cutting it off meanwhile ends the process (SIGBUS).
  static Storage* map_file(int fd, int64_t nbytes);
  // Elements [offset, offset + n) of `base`, which stays alive and in its place meanwhile. Writes
  // through either count as writes to both.
  static Storage* slice(Storage* base, int64_t offset, int64_t n);

  void retain() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
  void drop() noexcept {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy();
  }

  DType dtype() const { return dtype_; }
  Device device() const { return device_; }
  // The first element's address, after what was pending. FileError where a check that check_later
  // asked for fails.
  char* data() const {
    if (is_pending()) [[unlikely]]
      run_pending();
    return data_;
  }
  bool is_pending() const { return is_pending_.load(std::memory_order_acquire); }
  // What is attached, perhaps null: while something is pending that, else what attach() left.
  std::shared_ptr<Attachment> attached() const;
  // Nothing happens while something is pending.
  void attach(std::shared_ptr<Attachment> attachment);
  // Has the memory checked when its address is first asked for: the CRC-32C of its first
  // `check_bytes` bytes (none: 0), and of a bool storage that its elements are 0 or 1. `what`
  // begins the error's text.
  void check_later(uint32_t crc, int64_t check_bytes, std::string what);
  // Takes over the memory of a storage of the same size, which must not be used afterwards.
  void take_memory(Storage& other);
  int64_t size() const { return size_; }  // elements
  int64_t nbytes() const { return size_ * item_size(dtype_); }
  int refs() const { return refs_.load(std::memory_order_relaxed); }
  bool resizable() const { return release_ == nullptr; }

  // While other libraries look at the memory (the buffer protocol) it cannot move.
  void export_memory() {
    exports_.fetch_add(1, std::memory_order_relaxed);
    bump(false);
  }
  void end_export() {
    exports_.fetch_sub(1, std::memory_order_relaxed);
    bump(false);
  }
  // Tells that somebody got to know the address for good.
  void publish_address() { published_ = true; }

  // In-place operations count here, for every view at once; autograd compares the count.
  uint64_t version() const { return *version_; }
  void bump(bool counts = true) {
    ++writes_;
    if (counts) ++*version_;
  }
  // While is_private() stays true, the elements are those of the last time that writes() was the
  // same: they change through this storage's tensors alone, and all of their writes count.
  uint64_t writes() const { return writes_; }
  bool is_private() const {
    return resizable() && !shared_ && !published_ && exports_.load(std::memory_order_relaxed) == 0;
  }

  // Of a slice: the storage it was cut from, else null.
  Storage* base() const { return base_; }

  // Moves the elements into memory that processes forked from now on share; RuntimeError for
  // borrowed memory and while an array or buffer looks at it.
  void share();
  bool is_shared() const { return base_ ? base_->is_shared() : shared_; }

  // Changes the number of elements and keeps the common part; RuntimeError for borrowed memory.
  void resize(int64_t n);

 private:
  Storage() = default;
  static Storage* without_data(DType dtype, int64_t n, Device device);
  void destroy() noexcept;
  void free_memory() noexcept;
  void run_pending() const;

  std::atomic<int> refs_{1};
  std::atomic<int> exports_{0};
  DType dtype_{};
  Device device_{};
  bool shared_ = false, published_ = false;
  uint64_t writes_ = 0;
  uint64_t count_ = 0;
  uint64_t* version_ = &count_;  // of a slice: the base's
  char* data_ = nullptr;
  int64_t size_ = 0;
  size_t block_bytes_ = 0;   // of the block that data_ starts (0: data follows this header)
  size_t header_bytes_ = 0;  // of the block that holds this header
  void (*release_)(void*) = nullptr;
  void* context_ = nullptr;
  Storage* base_ = nullptr;
  mutable std::atomic<bool> is_pending_{false};
  mutable std::shared_ptr<Attachment> attached_;  // a Pending while is_pending_
};

// Owning pointer to an object with retain() and drop().
template <class T>
class Ref {
 public:
  Ref() = default;
  static Ref adopt(T* p) {  // takes over the reference the caller holds
    Ref r;
    r.p_ = p;
    return r;
  }
  Ref(const Ref& o) : p_(o.p_) {
    if (p_) p_->retain();
  }
  Ref(Ref&& o) noexcept : p_(std::exchange(o.p_, nullptr)) {}
  Ref& operator=(Ref o) noexcept {
    std::swap(p_, o.p_);
    return *this;
  }
  ~Ref() {
    if (p_) p_->drop();
  }
  T* operator->() const { return p_; }
  T& operator*() const { return *p_; }
  T* get() const { return p_; }
  explicit operator bool() const { return p_ != nullptr; }

 private:
  T* p_ = nullptr;
};

}  // namespace torch
