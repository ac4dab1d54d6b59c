// Tables of the families index (elements named by integer tensors) and mask (by masks).
#pragma once
#include <bit>
#include <vector>

#include "torch/elementwise.h"
#include "torch/registry.h"

namespace torch::kernels {

// What only moves elements is compiled by their size: 1, 2, 4 and 8 bytes.
inline constexpr int kItemSizes = 4;
constexpr int size_class(DType t) { return std::countr_zero(static_cast<unsigned>(item_size(t))); }

// Pairs of an element of `data`, some of whose dimensions are named by index tensors, and an
// element of `other`, over a common shape. At each position of it stands a run of elements, which
// no index tensor moves. Strides and steps count elements of their own memory.
struct IndexPlan {
  struct Item {          // one index tensor
    const int64_t* at;   // entries in [-size, size)
    int64_t size, step;  // of the dimension that it indexes: elements, and the way between two
    Shape strides;       // 0 along dimensions in which the index does not vary
  };
  char* data;
  char* other;
  Shape shape;
  Shape data_strides;  // 0 along the dimensions that only the items move
  Shape other_strides;
  int64_t run, data_run_step, other_run_step;
  std::vector<Item> items;
};
using IndexKernel = void(const IndexPlan&);

enum class Accumulate : uint8_t { kAdd, kMultiply };
struct IndexTable {
  IndexKernel* take[kItemSizes];  // other = data
  // take with a single index tensor that was not checked: reads each index once. False when an
  // entry lies outside [low, size).
  bool (*take_unchecked[kItemSizes])(const IndexPlan&, int64_t low);
  IndexKernel* put[kItemSizes];  // data = other; where places repeat, the last in order counts
  IndexKernel* accumulate[2][kDTypes];  // data = data (+, *) other
  // The first position of at[0..n) whose entry is outside [low, high), or -1.
  int64_t (*first_outside)(const int64_t* at, int64_t n, int64_t low, int64_t high);
};

// Masks are contiguous and worked on in blocks of kMaskBlock elements; starts[b] is the number of
// true elements before block b.
inline constexpr int64_t kMaskBlock = 16384;
struct MaskTable {
  // Fills starts (one per block) and returns the number of true elements.
  int64_t (*count)(const bool* mask, int64_t n, int64_t* starts);
  // out[k] = in[position of the k-th true element], and the way back.
  void (*compress[kItemSizes])(const bool* mask, int64_t n, const int64_t* starts, const char* in,
                               char* out);
  void (*expand[kItemSizes])(const bool* mask, int64_t n, const int64_t* starts, const char* in,
                             char* out);
  // out[k * step + d * dim_step] = coordinate d of the k-th true element; shape has one dimension
  // or more.
  void (*coordinates)(const bool* mask, const Shape& shape, const int64_t* starts, int64_t* out,
                      int64_t step, int64_t dim_step);
  ElementwiseKernel* fill[kItemSizes];  // inputs: mask, x, value
};

extern KernelFamily<IndexTable> index;
extern KernelFamily<MaskTable> mask;

}  // namespace torch::kernels
