// Devices. The registry keeps one set of kernels per device type.
#pragma once
#include <cstdint>

namespace torch {

enum class DeviceType : uint8_t { kCPU, kCUDA };
inline constexpr int kDeviceTypes = 2;

struct Device {
  DeviceType type = DeviceType::kCPU;
  int8_t index = 0;
  bool operator==(const Device&) const = default;
  bool is_cpu() const { return type == DeviceType::kCPU; }
};

}  // namespace torch
