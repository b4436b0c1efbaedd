#pragma once
// Files: bounded reads, atomic writes, JSON.
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace looking3d {

using Json = nlohmann::ordered_json;
using Path = std::filesystem::path;

/// Its size. Throws InputError when the path is missing, no regular file, or larger than max_bytes.
uint64_t require_readable_file(const Path& path, uint64_t max_bytes);

/// Whole content of a regular file. Throws InputError when missing, unreadable or larger than max_bytes.
std::string read_file(const Path& path, uint64_t max_bytes = uint64_t{1} << 30);

/// Writes beside the target, then renames: a reader sees the old file or the new one, never a part. Creates parent folders.
/// Throws InputError (no space, read-only folder, ...); the temporary file is removed then.
void write_file_atomic(const Path& path, std::string_view bytes);

/// Creates the folder and its parents, and proves that it can be written to. Throws InputError.
void require_writable_directory(const Path& path);

/// Throws InputError when the path does not exist (with `hint`).
void require_exists(const Path& path, const std::string& hint = "");

/// Parses a JSON file (bounded size); errors name the path, the byte and the reason.
Json read_json(const Path& path, uint64_t max_bytes = uint64_t{256} << 20);
void write_json_atomic(const Path& path, const Json& json);

}  // namespace looking3d
