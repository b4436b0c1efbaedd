#pragma once
// The encoded views of a reference in its index file. What is small goes with the rest of the file's content; the arrays are a section of
// their own, read where they are mapped.
#include <memory>

#include "base/mapped_file.h"
#include "engine/bytes.h"
#include "engine/encoded_views.h"

namespace looking3d {

inline constexpr size_t kSectionUnit = 64;  ///< bytes; the section and its arrays start at multiples of it

/// Writes to `content` what tells of the views -> the section: of each patch its matching features [m, c] in float32 and, in bfloat16, its
/// features [m, d] and for each block keys and values [m, d].
std::string write_views(const StoredViews& stored, ByteWriter& content);

/// `section`: a piece of `mapping`, which lives as long as a tensor of the result. Throws InputError for whatever write_views() cannot have
/// written.
StoredViews read_views(ByteReader& content, std::string_view section, const std::shared_ptr<const MappedFile>& mapping, const Path& file);

}  // namespace looking3d
