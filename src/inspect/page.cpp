#include "inspect/page.h"

#include <opencv2/imgcodecs.hpp>

#include "base/check.h"

namespace looking3d {
namespace {

/// JSON that may stand in a <script> element: no "<", hence neither "</script" nor "<!--".
std::string script_safe(const Json& json) {
  std::string text;
  for (const char c : json.dump(-1, ' ', false, Json::error_handler_t::replace)) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

std::string web_page(std::string_view name, const Json& data) {
  std::string page;
  std::string_view rest = web_file(name);
  L3D_CHECK(!rest.empty(), "web/ has a page " + std::string(name));
  for (size_t open = rest.find("{{"); open != std::string_view::npos; open = rest.find("{{")) {
    const size_t close = rest.find("}}", open);
    L3D_CHECK(close != std::string_view::npos, "an open slot in web/" + std::string(name));
    const std::string_view slot = rest.substr(open + 2, close - open - 2);
    L3D_CHECK(slot == "data" || !web_file(slot).empty(), "web/ has a file " + std::string(slot));
    page += rest.substr(0, open);
    page += slot == "data" ? script_safe(data) : std::string(web_file(slot));
    rest = rest.substr(close + 2);
  }
  return page.append(rest);
}

std::string base64(std::string_view bytes) {
  static constexpr char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t word = 0;
    for (size_t k = 0; k < 3; ++k) word = word << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (size_t k = 0; k < 4; ++k) text += i + k <= bytes.size() ? kLetters[word >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

std::string data_uri(const cv::Mat& image, const std::string& format, int quality) {
  std::vector<uchar> bytes;
  const std::vector<int> settings = format == "jpg" ? std::vector<int>{cv::IMWRITE_JPEG_QUALITY, quality} : std::vector<int>{};
  L3D_CHECK(cv::imencode("." + format, image, bytes, settings));
  const std::string mime = format == "jpg" ? "jpeg" : format;
  return "data:image/" + mime + ";base64," + base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace looking3d
