#include "torch/registry.h"

#include <cstdlib>
#include <cstring>

namespace torch {
namespace {

Isa detect() {
  Isa best = Isa::kBaseline;
#if defined(__x86_64__)
  __builtin_cpu_init();
  // what x86-64-v3 and x86-64-v4 ask for beyond their first feature comes with it on every
  // processor that exists
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("bmi2"))
    best = Isa::kAvx2;
  if (best == Isa::kAvx2 && __builtin_cpu_supports("avx512f") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd")) {
    best = Isa::kAvx512;
  }
#endif
  if (const char* asked = std::getenv("ALPHATORCH_CPU")) {
    for (Isa isa : {Isa::kBaseline, Isa::kAvx2}) {
      if (isa < best && std::strcmp(asked, isa_name(isa)) == 0) return isa;
    }
  }
  return best;
}

}  // namespace

Isa active_isa() {
  static const Isa isa = detect();
  return isa;
}

const char* isa_name(Isa isa) {
  constexpr const char* kNames[] = {"baseline", "avx2", "avx512"};
  return kNames[static_cast<int>(isa)];
}

std::string device_name(Device device) {
  return device.is_cpu() ? "cpu" : "cuda:" + std::to_string(device.index);
}

std::string missing_backend(DeviceType type) {
  return type == DeviceType::kCPU ? "cpu" : "cuda: this torch was built without CUDA";
}

}  // namespace torch
