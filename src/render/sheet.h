#pragma once
// Many pictures at one glance, each with a caption.
#include <functional>
#include <opencv2/core.hpp>
#include <string>

namespace looking3d {

struct SheetLayout {
  int columns = 8, rows = 6;  ///< pictures beyond columns * rows are left out
  int cell_px = 192;
};

/// A sheet whose cells are filled one by one, row by row, by draw(index, cell); cells are cell_px wide and a caption higher. CV_8UC3.
cv::Mat sheet_of(size_t count, const SheetLayout& layout, const std::function<void(size_t, cv::Mat)>& draw);
/// Writes into the strip below the picture.
void draw_caption(cv::Mat cell, const std::string& text);

}  // namespace looking3d
