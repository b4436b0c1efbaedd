#pragma once
// Will the data set fit on the disk? Asked before a build and before each of its shapes, so that a build stops whole rather than cut short.
#include <cstdint>

#include "base/files.h"

namespace looking3d {

/// Bytes on disk that `shapes` shapes with `photos` photos of `size` x `size` pixels take, from above (file-system blocks included).
uint64_t bytes_expected(int64_t shapes, int64_t photos, int size);

/// Throws InputError when the disk under `root` has fewer bytes free than `needed` for `what`.
void require_space(const Path& root, uint64_t needed, const std::string& what);

}  // namespace looking3d
