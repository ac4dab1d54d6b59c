// CRC-32C (Castagnoli), the checksum of files: RFC 3720, appendix B.4.
#pragma once
#include <cstddef>
#include <cstdint>

namespace torch {

// The checksum of `bytes` bytes; `start` is the checksum of what precedes them.
uint32_t crc32c(const void* data, size_t bytes, uint32_t start = 0);
// The same without the processor's instruction.
uint32_t crc32c_portable(const void* data, size_t bytes, uint32_t start = 0);

}  // namespace torch
