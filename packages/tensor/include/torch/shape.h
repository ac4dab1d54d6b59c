// Shape: a small vector of sizes or strides (in elements), inline up to six dimensions.
#pragma once
#include <cstdint>
#include <cstring>
#include <initializer_list>

#include "torch/error.h"

namespace torch {

inline constexpr int kMaxDims = 64;

class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<int64_t> values) : Shape(values.begin(), values.size()) {}
  Shape(const int64_t* values, size_t n) {
    resize(static_cast<int>(n));
    if (n) std::memcpy(data_, values, n * sizeof(int64_t));
  }
  Shape(const Shape& o) {
    if (o.size_ <= kInline) {
      copy_inline(o);
    } else {
      resize(o.size_);
      std::memcpy(data_, o.data_, size_ * sizeof(int64_t));
    }
  }
  Shape(Shape&& o) noexcept { take(o); }
  Shape& operator=(const Shape& o) {
    if (this != &o) {
      if (o.size_ <= kInline && data_ == inline_) {
        copy_inline(o);
      } else {
        resize(o.size_);
        std::memcpy(data_, o.data_, size_ * sizeof(int64_t));
      }
    }
    return *this;
  }
  Shape& operator=(Shape&& o) noexcept {
    if (this != &o) {
      free_heap();
      take(o);
    }
    return *this;
  }
  ~Shape() { free_heap(); }

  int size() const { return size_; }
  bool empty() const { return size_ == 0; }
  int64_t& operator[](int i) { return data_[i]; }
  int64_t operator[](int i) const { return data_[i]; }
  int64_t back() const { return data_[size_ - 1]; }
  int64_t* begin() { return data_; }
  int64_t* end() { return data_ + size_; }
  const int64_t* begin() const { return data_; }
  const int64_t* end() const { return data_ + size_; }
  bool operator==(const Shape& o) const {
    if (size_ != o.size_) return false;
    for (int i = 0; i < size_; ++i) {
      if (data_[i] != o.data_[i]) return false;
    }
    return true;
  }

  void resize(int n) {  // new entries are not initialized
    if (n > capacity_) grow(n);
    size_ = n;
  }
  void push_back(int64_t v) {
    resize(size_ + 1);
    data_[size_ - 1] = v;
  }
  void insert(int at, int64_t v) {
    resize(size_ + 1);
    std::memmove(data_ + at + 1, data_ + at, (size_ - 1 - at) * sizeof(int64_t));
    data_[at] = v;
  }
  void erase(int at) {
    std::memmove(data_ + at, data_ + at + 1, (size_ - 1 - at) * sizeof(int64_t));
    --size_;
  }

 private:
  static constexpr int kInline = 6;
  void grow(int n);
  // All inline entries, used or not: a copy of constant size is a few vector moves.
  void copy_inline(const Shape& o) {
    size_ = o.size_;
    std::memcpy(data_, o.data_, sizeof inline_);
  }
  void free_heap() {
    if (data_ != inline_) delete[] data_;
  }
  void take(Shape& o) noexcept {
    size_ = o.size_;
    if (o.data_ == o.inline_) {
      data_ = inline_;
      capacity_ = kInline;
      std::memcpy(inline_, o.inline_, sizeof inline_);
    } else {
      data_ = o.data_;
      capacity_ = o.capacity_;
      o.data_ = o.inline_;
      o.capacity_ = kInline;
    }
    o.size_ = 0;
  }

  int64_t* data_ = inline_;
  int size_ = 0;
  int capacity_ = kInline;
  int64_t inline_[kInline] = {};
};

// Product of the sizes; ValueError naming `op` for a negative size or a product beyond 2^62
// elements.
int64_t checked_numel(const char* op, const Shape& shape);
int64_t numel(const Shape& shape);
Shape contiguous_strides(const Shape& shape);
// NumPy broadcasting; ValueError naming `op` and both shapes when they do not fit.
Shape broadcast(const char* op, const Shape& a, const Shape& b);
// Maps dim in [-ndim, ndim) to [0, ndim); IndexError naming `op` otherwise.
int wrap_dim(const char* op, int64_t dim, int ndim);
// Maps index in [-size, size) to [0, size); IndexError naming `op` otherwise.
int64_t wrap_index(const char* op, int64_t i, int64_t size, int dim);

}  // namespace torch
