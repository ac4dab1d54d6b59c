// The kernel registry: what was built, per family and device. A missing kernel is a sentence, found
// at the call.
#pragma once
#include <string>

#include "torch/device.h"
#include "torch/error.h"

namespace torch {

// Instruction sets the CPU kernels are compiled for; the best one the processor has is chosen at
// load (ALPHATORCH_CPU=baseline|avx2|avx512 asks for a lower one).
enum class Isa : uint8_t { kBaseline, kAvx2, kAvx512 };
Isa active_isa();
const char* isa_name(Isa isa);

// "built without CUDA": why a device has no kernels.
std::string missing_backend(DeviceType type);
std::string device_name(Device device);

// The kernels of one family: a table of function pointers per device type.
template <class Table>
class KernelFamily {
 public:
  constexpr explicit KernelFamily(const char* name) : name_(name) {}
  void add(DeviceType type, const Table* table) { tables_[static_cast<int>(type)] = table; }
  bool has(Device device) const { return tables_[static_cast<int>(device.type)] != nullptr; }
  const Table& on(const char* op, Device device) const {
    const Table* t = tables_[static_cast<int>(device.type)];
    if (!t) raise<RuntimeError>(op, ": no ", name_, " kernels for ", missing_backend(device.type));
    return *t;
  }

 private:
  const char* name_;
  const Table* tables_[kDeviceTypes] = {};
};

// The entry itself, or TypeError naming op, dtype and device.
template <class Fn>
Fn* require(Fn* kernel, const char* op, DType dtype, Device device) {
  if (!kernel) raise<TypeError>(op, ": not defined for ", dtype, " on ", device_name(device));
  return kernel;
}

}  // namespace torch
