#pragma once
// One line to the user on stderr. Results go to stdout by the verb itself.
#include <string>

namespace looking3d {

void log_info(const std::string& line);
void log_warning(const std::string& line);

}  // namespace looking3d
