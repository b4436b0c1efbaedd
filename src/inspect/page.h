#pragma once
// The pages of web/, embedded at build time (src/inspect/embed.cmake), and what goes into them.
#include <opencv2/core.hpp>
#include <string>
#include <string_view>

#include "base/files.h"

namespace looking3d {

/// The finished page `name` of web/ ("report.html"): each {{FILE}} is that file of web/, {{data}} is `data` as JSON for a
/// <script type="application/json">. Needs nothing from outside.
std::string web_page(std::string_view name, const Json& data);

/// "data:image/png;base64,..." of a picture; `format` is "png" or "jpg"; `quality` is of jpg, 1 to 100.
std::string data_uri(const cv::Mat& image, const std::string& format, int quality = 90);

std::string base64(std::string_view bytes);

/// A file of web/ as it was at build time; empty when there is none of that name.
std::string_view web_file(std::string_view name);

}  // namespace looking3d
