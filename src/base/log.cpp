#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace looking3d {
namespace {

spdlog::logger& logger() {
  static const auto instance = [] {
    auto result = spdlog::stderr_color_mt("looking3d");
    result->set_pattern("%^%L%$ %v");
    return result;
  }();
  return *instance;
}

}  // namespace

void log_info(const std::string& line) { logger().info(line); }
void log_warning(const std::string& line) { logger().warn(line); }

}  // namespace looking3d
