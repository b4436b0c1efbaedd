#pragma once
// A fast checksum of large files: finds accidents, not attacks.
#include <cstdint>
#include <string_view>

namespace looking3d {

/// 64 bits over the bytes and their number. Any change that touches a single 8-byte word is found for certain. About as fast as memory is
/// read. The same on every little-endian machine.
uint64_t checksum(std::string_view bytes);

}  // namespace looking3d
