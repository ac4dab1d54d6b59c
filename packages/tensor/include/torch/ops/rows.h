// The op tables as data: one enumerator and one Row per row of the *.def files.
#pragma once
#include <cstdint>

namespace torch {

// Which dtypes an element-wise row takes; see unary.def and binary.def.
enum class Domain : uint8_t {
  kFloating,
  kArithmetic,
  kRounding,
  kPredicate,
  kBits,
  kAll,
  kCompare
};

struct Row {
  const char* name;
  const char* inplace_name;
  Domain domain;
  double lo, hi;        // accuracy is promised on [lo, hi]
  double ulp32, ulp64;  // largest error in units in the last place
  const char* doc;
};

enum class UnaryOp : uint8_t {
#define UNARY(name, functor, domain, lo, hi, u32, u64, doc, ...) name,
#include "torch/ops/unary.def"
#undef UNARY
};
inline constexpr Row kUnaryRows[] = {
#define UNARY(name, functor, domain, lo, hi, u32, u64, doc, ...) \
  {#name, #name "_", Domain::domain, lo, hi, u32, u64, doc},
#include "torch/ops/unary.def"
#undef UNARY
};
inline constexpr int kUnaryOps = sizeof(kUnaryRows) / sizeof(Row);
constexpr const Row& row(UnaryOp op) { return kUnaryRows[static_cast<int>(op)]; }

enum class BinaryOp : uint8_t {
#define BINARY(name, functor, domain, lo, hi, u32, u64, doc, ...) name,
#include "torch/ops/binary.def"
#undef BINARY
};
inline constexpr Row kBinaryRows[] = {
#define BINARY(name, functor, domain, lo, hi, u32, u64, doc, ...) \
  {#name, #name "_", Domain::domain, lo, hi, u32, u64, doc},
#include "torch/ops/binary.def"
#undef BINARY
};
inline constexpr int kBinaryOps = sizeof(kBinaryRows) / sizeof(Row);
constexpr const Row& row(BinaryOp op) { return kBinaryRows[static_cast<int>(op)]; }

enum class NaryOp : uint8_t {
#define NARY(name, shown, functor, inputs, domain, doc, ...) name,
#include "torch/ops/nary.def"
#undef NARY
};
inline constexpr Row kNaryRows[] = {
#define NARY(name, shown, functor, inputs, domain, doc, ...) \
  {shown, #name "_", Domain::domain, 0, 0, 0, 0, doc},
#include "torch/ops/nary.def"
#undef NARY
};
inline constexpr int kNaryOps = sizeof(kNaryRows) / sizeof(Row);
constexpr const Row& row(NaryOp op) { return kNaryRows[static_cast<int>(op)]; }

enum class ReduceResult : uint8_t { kWide, kSame, kFloating, kMean, kBoolean, kCount };
struct ReduceRow {
  const char* name;
  ReduceResult result;
  bool identity;  // whether no elements have a result
  const char* doc;
  const char* example;
};
enum class ReduceOp : uint8_t {
#define REDUCE(name, functor, result, identity, doc, ...) name,
#include "torch/ops/reduce.def"
#undef REDUCE
};
inline constexpr ReduceRow kReduceRows[] = {
#define REDUCE(name, functor, result, identity, doc, example) \
  {#name, ReduceResult::result, identity, doc, example},
#include "torch/ops/reduce.def"
#undef REDUCE
};
inline constexpr int kReduceOps = sizeof(kReduceRows) / sizeof(ReduceRow);
constexpr const ReduceRow& row(ReduceOp op) { return kReduceRows[static_cast<int>(op)]; }

}  // namespace torch
