// Scans: every element together with those before it, along one dimension.
#pragma once
#include <optional>
#include <utility>

#include "torch/tensor.h"

namespace torch {

enum class ScanOp : uint8_t { kSum, kProd, kLogSumExp };
inline constexpr int kScanOps = 3;

namespace ops {

// Integers are scanned in 64 bits. Without dim the flattened tensor; with dtype the elements are
// converted first and the result has it.
Tensor scan(ScanOp op, const char* name, const Tensor& x, std::optional<int64_t> dim,
            std::optional<DType> dtype = {}, Tensor* out = nullptr);
// Largest (or smallest) element so far and its position, the last of equal ones; NaN stays.
std::pair<Tensor, Tensor> scan_extreme(bool max, const char* name, const Tensor& x, int64_t dim);
Tensor diff(const Tensor& x, int64_t n, int64_t dim);

}  // namespace ops
}  // namespace torch
