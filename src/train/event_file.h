#pragma once
// Scalars in TensorBoard's event-file format: length-prefixed protocol-buffer records with masked CRC-32C sums. Written by hand, since four
// fields of two messages are all that is needed.
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/files.h"

namespace looking3d {

class EventFile {
 public:
  /// Starts folder/events.out.tfevents.TIME.looking3d; `step` tells the viewer to forget what earlier files of the folder say of later
  /// steps. Throws InputError when the folder cannot be written.
  EventFile(const Path& folder, int64_t step);
  /// One event with several named values.
  void add(int64_t step, const std::vector<std::pair<std::string, double>>& scalars);

 private:
  void write(const std::string& event);

  Path path_;
  std::ofstream out_;
};

/// Castagnoli's CRC-32 (RFC 3720, appendix B.4).
uint32_t crc32c(std::string_view bytes);

}  // namespace looking3d
