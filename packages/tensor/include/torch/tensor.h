// Tensor: dtype + device + shape + strides + offset over a Storage. A value: copying it copies the
// view, not the data.
#pragma once
#include "torch/shape.h"
#include "torch/storage.h"

namespace torch {

class Tensor {
 public:
  Tensor() = default;  // undefined: no storage
  Tensor(Ref<Storage> storage, Shape shape, Shape strides, int64_t offset)
      : storage_(std::move(storage)),
        shape_(std::move(shape)),
        strides_(std::move(strides)),
        offset_(offset),
        numel_(torch::numel(shape_)) {}

  bool defined() const { return static_cast<bool>(storage_); }
  DType dtype() const { return storage_->dtype(); }
  Device device() const { return storage_->device(); }
  const Shape& shape() const { return shape_; }
  const Shape& strides() const { return strides_; }  // elements
  int64_t offset() const { return offset_; }         // elements
  int ndim() const { return shape_.size(); }
  int64_t size(int d) const { return shape_[d]; }
  int64_t stride(int d) const { return strides_[d]; }
  int64_t numel() const { return numel_; }
  int64_t item_bytes() const { return item_size(dtype()); }
  const Ref<Storage>& storage() const { return storage_; }

  char* bytes() const { return storage_->data() + offset_ * item_bytes(); }
  template <class T>
  T* data() const {
    return reinterpret_cast<T*>(bytes());
  }

  bool is_contiguous() const;
  // Whether two index tuples may name the same element (an expanded tensor).
  bool overlaps_itself() const;
  // The half-open range of bytes that the elements lie in.
  std::pair<const char*, const char*> byte_range() const;

  // Whether writes through this view count as changes, see Storage::version.
  bool counts() const { return counts_; }
  void set_counts(bool counts) { counts_ = counts; }
  void bump() const { storage_->bump(counts_); }

 private:
  Ref<Storage> storage_;
  Shape shape_, strides_;
  int64_t offset_ = 0;
  int64_t numel_ = 0;
  bool counts_ = true;
};

// A number from Python: it never widens a tensor inside its own kind.
struct Scalar {
  enum class Tag : uint8_t {
    kBool,
    kInt,
    kHuge,
    kFloat
  } tag = Tag::kInt;  // kHuge: a whole number beyond 64 bits, rounded to d
  union {
    int64_t i;
    double d;
  };
  Scalar() : i(0) {}
  Scalar(bool v) : tag(Tag::kBool), i(v) {}
  Scalar(int v) : tag(Tag::kInt), i(v) {}
  Scalar(int64_t v) : tag(Tag::kInt), i(v) {}
  Scalar(double v) : tag(Tag::kFloat), d(v) {}
  static Scalar huge(double v) {
    Scalar s(v);
    s.tag = Tag::kHuge;
    return s;
  }
  bool is_float() const { return tag == Tag::kFloat; }
  bool is_huge() const { return tag == Tag::kHuge; }
  double as_double() const { return is_float() || is_huge() ? d : static_cast<double>(i); }
};

// A new contiguous tensor, not initialized.
Tensor empty(const Shape& shape, DType dtype, Device device = {});

}  // namespace torch
