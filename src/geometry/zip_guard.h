#pragma once
// Zip archives from strangers, before a library unpacks them.
#include <cstdint>
#include <string_view>

#include "base/files.h"

namespace looking3d {

/// Throws InputError when the archive's directory is malformed, names more than 10,000 members, or announces more than `max_bytes` unpacked
/// (libraries unpack no more of a member than is announced). Zip64, several
/// disks, and bytes before, between or after what the archive names are refused too: nothing below 4 GiB needs them, and the library might
/// read another directory than this.
void require_small_zip(const Path& path, std::string_view bytes, uint64_t max_bytes);

}  // namespace looking3d
