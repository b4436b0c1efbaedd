#pragma once
// The report page of web/, embedded at build time (src/inspect/embed.cmake), and what goes into it.
#include <opencv2/core.hpp>
#include <string>
#include <string_view>

#include "base/files.h"

namespace looking3d {

/// The finished page: template, style and script of web/ with `report` in its <script type="application/json">. Needs nothing from outside.
std::string report_page(const Json& report);

/// "data:image/png;base64,..." of a picture; `format` is "png" or "jpg".
std::string data_uri(const cv::Mat& image, const std::string& format);

std::string base64(std::string_view bytes);

namespace embedded {  // generated from web/
extern const std::string_view report_html, report_css, report_js;
}

}  // namespace looking3d
