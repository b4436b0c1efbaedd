#pragma once
// A very small data set of 64 x 64 photos, made once for each test program: what the tests of this layer train on.
#include "dataset/data_set.h"

namespace looking3d {

inline constexpr int kTinySize = 64;

/// Folder of the set; it goes away when the program ends.
const Path& tiny_data_set();

}  // namespace looking3d
