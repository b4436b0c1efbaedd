#include "dataset/contact_sheet.h"

#include <numeric>
#include <opencv2/imgproc.hpp>

#include "base/random.h"

namespace looking3d {
namespace {

constexpr int kCaptionPx = 18;
const cv::Scalar kBoxColour(60, 180, 30), kTextColour(70, 70, 70);

void draw_photo(const DataSet& set, const Sample& sample, int cell, cv::Mat target) {
  const cv::Mat photo = set.load_image(sample);
  const cv::Rect place(0, 0, cell, cell);
  cv::resize(photo, target(place), cv::Size(cell, cell), 0, 0, photo.cols > cell ? cv::INTER_AREA : cv::INTER_CUBIC);
  std::string caption = sample.kind;
  const Annotation annotation = set.load_annotation(sample);
  if (annotation.box) {
    const Box& box = *annotation.box;
    const cv::Rect2d frame((box.cx - box.w / 2) * cell, (box.cy - box.h / 2) * cell, box.w * cell, box.h * cell);
    cv::rectangle(target, cv::Rect(frame) & place, kBoxColour, 2);
    if (!annotation.part.empty()) caption += " " + annotation.part;
  }
  cv::putText(target, caption, {4, cell + kCaptionPx - 6}, cv::FONT_HERSHEY_SIMPLEX, 0.4, kTextColour, 1, cv::LINE_AA);
}

}  // namespace

cv::Mat contact_sheet(const DataSet& set, const ContactSheetOptions& options) {
  std::vector<size_t> order(set.samples().size());
  std::iota(order.begin(), order.end(), size_t{0});
  Rng(identity(options.seed, "contact sheet")).shuffle(order);
  const int height = options.cell_px + kCaptionPx;
  cv::Mat sheet(options.rows * height, options.columns * options.cell_px, CV_8UC3, cv::Scalar::all(255));
  const size_t count = std::min(order.size(), static_cast<size_t>(options.rows) * static_cast<size_t>(options.columns));
  for (size_t i = 0; i < count; ++i) {
    const int column = static_cast<int>(i) % options.columns, row = static_cast<int>(i) / options.columns;
    const cv::Rect place(column * options.cell_px, row * height, options.cell_px, height);
    draw_photo(set, set.samples()[order[i]], options.cell_px, sheet(place));
  }
  return sheet;
}

}  // namespace looking3d
