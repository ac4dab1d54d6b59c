// Elements named by integer tensors: a plan pairs positions of the data with those of the result or
// the source, and one kernel moves them. Indices are checked before anything is written.
#pragma once
#include <optional>
#include <vector>

#include "torch/elementwise.h"

namespace torch::ops {

// What happens to an element that is written to.
enum class Write : uint8_t { kAssign, kAdd, kMultiply };

// One item per dimension of `t`: undefined (the whole dimension), an integer tensor (negative
// entries count from the end), or a mask, which stands for as many dimensions as it has.
// The integer tensors broadcast; their dimensions stand where the first of them stands, or in front
// when they are apart (NumPy's rule; `in_front` says that the caller's syntax put something between
// them, if only an empty `...`). The result is a contiguous copy.
Tensor index(const Tensor& t, const std::vector<Tensor>& items, bool in_front = false);
void index_put_(const char* op, Tensor& t, const std::vector<Tensor>& items, const Input& value,
                bool in_front = false, Write write = Write::kAssign);
// The items of index() from tensors for the leading dimensions, one after the other.
std::vector<Tensor> leading_items(const char* op, const Tensor& t,
                                  const std::vector<Tensor>& indices);
bool is_mask(const Tensor& t);  // BoolTensor or ByteTensor

// A number without dimensions. TypeError for a fraction in an integer dtype, OverflowError for a
// number that does not fit.
Tensor scalar_tensor(const char* op, Scalar value, DType dtype);
// t[...] of one element, given by its offset from the first one.
void set_element(const char* op, Tensor& t, int64_t offset, Scalar value);
// ValueError unless a source can be assigned to a tensor of size `shape`: it broadcasts to it, and
// leading dimensions of size 1 do not count.
void check_source(const char* op, const Shape& shape, const Tensor& source);
Tensor broadcast_source(const char* op, Tensor source, const Shape& shape);
Tensor index_rows(const Tensor& t, const Tensor& indices);  // t[indices], t.ndim() > 0

// In these, indices are a vector of positions in `dim`; negative ones are refused.
Tensor index_select(const Tensor& t, int64_t dim, const Tensor& indices);
void index_write_(const char* op, Tensor& self, int64_t dim, const Tensor& indices,
                  const Input& source, Write write);

// In these, indices have the dimensions of the tensor and name a position in `dim` each, which is
// not negative.
Tensor gather(const Tensor& t, int64_t dim, const Tensor& indices);
void scatter_(const char* op, Tensor& self, int64_t dim, const Tensor& indices, const Input& source,
              Write write);
// NumPy's: both sides broadcast in the other dimensions, negative positions count from the end.
Tensor take_along_dim(const char* op, const Tensor& t, const Tensor& indices,
                      std::optional<int64_t> dim);
void put_along_axis_(Tensor& self, const Tensor& indices, const Input& values, int64_t dim);

// Positions in row-major order, negative ones from the end.
Tensor take(const Tensor& t, const Tensor& indices, std::optional<int64_t> dim);
void put_(Tensor& self, const Tensor& indices, const Input& source, Write write);
std::vector<Tensor> unravel_index(const Tensor& indices, const Shape& shape);
Tensor ravel_multi_index(const std::vector<Tensor>& indices, const Shape& shape);

}  // namespace torch::ops
