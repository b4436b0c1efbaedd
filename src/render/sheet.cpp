#include "render/sheet.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

namespace looking3d {
namespace {
constexpr int kCaptionPx = 18;
const cv::Scalar kTextColour(70, 70, 70);
}  // namespace

cv::Mat sheet_of(size_t count, const SheetLayout& layout, const std::function<void(size_t, cv::Mat)>& draw) {
  const int height = layout.cell_px + kCaptionPx;
  const auto columns = static_cast<size_t>(layout.columns);
  count = std::min(count, static_cast<size_t>(layout.rows) * columns);
  const int rows = std::max(1, static_cast<int>((count + columns - 1) / columns));
  cv::Mat sheet(rows * height, layout.columns * layout.cell_px, CV_8UC3, cv::Scalar::all(255));
  for (size_t i = 0; i < count; ++i) {
    const int column = static_cast<int>(i % columns), row = static_cast<int>(i / columns);
    draw(i, sheet(cv::Rect(column * layout.cell_px, row * height, layout.cell_px, height)));
  }
  return sheet;
}

void draw_caption(cv::Mat cell, const std::string& text) {
  const double scale = std::clamp(cell.cols / 480.0, 0.27, 0.4);
  cv::putText(cell, text, {3, cell.rows - 6}, cv::FONT_HERSHEY_SIMPLEX, scale, kTextColour, 1, cv::LINE_AA);
}

}  // namespace looking3d
