// Chooses the instruction-set variant of every family, once, at load.
#include "kernels/cpu/drive.h"
#include "kernels/cpu/lapack.h"
#include "kernels/create_table.h"
#include "kernels/index_table.h"
#include "kernels/nn_tables.h"
#include "kernels/optim_table.h"
#include "kernels/random_table.h"
#include "kernels/scan_table.h"
#include "kernels/sort_table.h"
#include "kernels/tables.h"
#include "kernels/triangle_table.h"

namespace torch::cpu {

#define TORCH_CPU_TABLES(X)           \
  X(kernels::UnaryTable, unary)       \
  X(kernels::BinaryTable, binary)     \
  X(kernels::NaryTable, nary)         \
  X(kernels::CopyTable, copy)         \
  X(kernels::CreateTable, create)     \
  X(kernels::ReduceTable, reduce)     \
  X(kernels::ScanTable, scan)         \
  X(kernels::TriangleTable, triangle) \
  X(kernels::LinalgTable, linalg)     \
  X(kernels::IndexTable, index)       \
  X(kernels::MaskTable, mask)         \
  X(kernels::RandomTable, random)     \
  X(kernels::ConvTable, conv)         \
  X(kernels::PoolTable, pool)         \
  X(kernels::SoftmaxTable, softmax)   \
  X(kernels::NormTable, norm)         \
  X(kernels::RnnTable, rnn)           \
  X(kernels::LossTable, loss)         \
  X(kernels::OptimTable, optim)       \
  X(kernels::SortTable, sort)         \
  X(kernels::SearchTable, search)     \
  X(kernels::HistogramTable, histogram)

#define DECLARE(Table, family) extern const Table family;
namespace baseline {
TORCH_CPU_TABLES(DECLARE)
extern const ConvertTable convert;
}  // namespace baseline
#ifdef TORCH_CPU_X86_VARIANTS
namespace avx2 {
TORCH_CPU_TABLES(DECLARE)
extern const ConvertTable convert;
}  // namespace avx2
namespace avx512 {
TORCH_CPU_TABLES(DECLARE)
extern const ConvertTable convert;
}  // namespace avx512
#endif
#undef DECLARE

namespace {

#ifdef TORCH_CPU_X86_VARIANTS
template <class Table>
const Table* pick(const Table& baseline, const Table& avx2, const Table& avx512) {
  if (active_isa() == Isa::kAvx512) return &avx512;
  if (active_isa() == Isa::kAvx2) return &avx2;
  return &baseline;
}
#endif

}  // namespace

const ConvertTable* convert = nullptr;

}  // namespace torch::cpu

namespace torch::kernels {

#define DEFINE(Table, family) constinit KernelFamily<Table> family(#family);
TORCH_CPU_TABLES(DEFINE)
#undef DEFINE
constinit KernelFamily<LapackTable> lapack("lapack");

namespace {

#ifdef TORCH_CPU_X86_VARIANTS
#define PICK(family) cpu::pick(cpu::baseline::family, cpu::avx2::family, cpu::avx512::family)
#else
#define PICK(family) &cpu::baseline::family
#endif

struct Registration {
  Registration() {
    cpu::convert = PICK(convert);
#define REGISTER(Table, family) kernels::family.add(DeviceType::kCPU, PICK(family));
    TORCH_CPU_TABLES(REGISTER)
#undef REGISTER
    kernels::lapack.add(DeviceType::kCPU, &cpu::lapack);
  }
} registration;

}  // namespace

}  // namespace torch::kernels
