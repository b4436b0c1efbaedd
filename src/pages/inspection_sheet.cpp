#include "pages/inspection_sheet.h"

#include <algorithm>
#include <numeric>
#include <opencv2/imgproc.hpp>
#include <set>

#include "base/progress.h"
#include "base/random.h"
#include "inspect/explanation.h"
#include "inspect/overlay.h"
#include "looking3d/looking3d.h"

namespace looking3d {
namespace {

constexpr int kPictures = 4, kLinePx = 15, kTextLines = 3, kGapPx = 6;
constexpr double kTextScale = 0.36;
const cv::Scalar kInk(60, 60, 60), kRight(60, 130, 40), kWrong(40, 40, 190), kTruthBox(60, 180, 30), kOutline(200, 110, 0);

/// Positions in evaluation.judged: shuffled, photos of shapes that were not seen yet first.
std::vector<size_t> drawn(const Evaluation& evaluation, const InspectionSheetOptions& options) {
  std::vector<size_t> order(evaluation.judged.size());
  std::iota(order.begin(), order.end(), size_t{0});
  Rng(identity(options.seed, "inspection sheet")).shuffle(order);
  std::set<std::string> shapes;
  std::stable_partition(order.begin(), order.end(), [&](size_t i) { return shapes.insert(evaluation.rows[i].shape).second; });
  order.resize(std::min(order.size(), static_cast<size_t>(options.photos)));
  return order;
}

/// Positions in evaluation.judged, most wrongly judged first.
std::vector<size_t> most_wrong(const Evaluation& evaluation, const InspectionSheetOptions& options) {
  std::vector<size_t> order(evaluation.rows.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto error = [&](size_t i) {
    const JudgedRow& row = evaluation.rows[i];
    return row.anomalous ? 1 - row.probability : row.probability;
  };
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return error(a) > error(b); });
  order.resize(std::min(order.size(), static_cast<size_t>(options.photos)));
  return order;
}

/// The reference's outline at the camera found for the original photo, drawn on the photo as it is shown.
cv::Mat with_outline(const cv::Mat& photo, int original_width, const Reference& reference, const FoundCamera& found) {
  Camera camera;
  const double scale = static_cast<double>(photo.cols) / original_width;
  camera.width = photo.cols, camera.height = photo.rows;
  camera.focal_px = found.intrinsics(0, 0) * scale;
  camera.centre_px = {found.intrinsics(0, 2) * scale, found.intrinsics(1, 2) * scale};
  for (int r = 0; r < 4; ++r)
    for (int c = 0; c < 4; ++c) camera.camera_from_world.matrix()(r, c) = found.camera_from_world(r, c);
  std::vector<std::vector<cv::Point>> outlines;
  cv::findContours(render_silhouette(reference.data().scene, camera), outlines, cv::RETR_CCOMP, cv::CHAIN_APPROX_NONE);
  cv::Mat drawn = photo.clone();
  cv::drawContours(drawn, outlines, -1, kOutline, 1, cv::LINE_AA);
  return drawn;
}

/// Lines of at most `width` pixels, broken between words; the last ends in dots when there is more.
std::vector<std::string> wrapped(const std::string& text, int width, size_t most) {
  std::vector<std::string> lines{""};
  size_t start = 0;
  while (start < text.size()) {
    const size_t end = std::min(text.find(' ', start), text.size());
    const std::string word = text.substr(start, end - start), longer = lines.back().empty() ? word : lines.back() + " " + word;
    if (cv::getTextSize(longer, cv::FONT_HERSHEY_SIMPLEX, kTextScale, 1, nullptr).width <= width) {
      lines.back() = longer;
    } else if (lines.size() == most) {
      lines.back() += " ...";
      break;
    } else {
      lines.push_back(word);
    }
    start = end + 1;
  }
  return lines;
}

class Painter {
 public:
  Painter(const Evaluation& evaluation, const Path& weights, const InspectionSheetOptions& options)
      : evaluation_(evaluation), options_(options), inspector_(Inspector::open(weights)) {}

  int width() const { return kPictures * (options_.picture_px + kGapPx) + kGapPx; }
  int height() const { return options_.picture_px + kTextLines * kLinePx + 3 * kGapPx; }

  void draw(size_t position, cv::Mat cell) const {
    const DataSet& data = evaluation_.data;
    const Sample& sample = data.samples()[evaluation_.judged[position].sample];
    const Annotation truth = data.load_annotation(sample);
    const Reference reference = Reference::prepare(data.load_mesh(sample.shape_id));
    const cv::Mat original = data.load_image(sample), photo = scaled(original);
    const Inspection inspection = inspector_.inspect(reference, original);

    cv::Mat plain = photo.clone();
    if (truth.box) {
      const Box& b = *truth.box;
      const cv::Rect2d box((b.cx - b.w / 2) * plain.cols, (b.cy - b.h / 2) * plain.rows, b.w * plain.cols, b.h * plain.rows);
      cv::rectangle(plain, cv::Rect(box), kTruthBox, 1, cv::LINE_AA);
    }
    cv::Mat change(photo.size(), CV_8UC3, cv::Scalar::all(255));
    if (!inspection.heat_map.empty()) change = blend_over(change, heat_colours(scaled(inspection.heat_map)), 1);
    put(cell, 0, plain);
    if (inspection.camera) put(cell, 1, with_outline(photo, original.cols, reference, *inspection.camera));
    if (inspection.camera) put(cell, 2, scaled(inspection.reference_view));
    put(cell, 3, change);
    write(cell, sample.anomalous ? "Truth: " + sample.kind + " " + truth.part : "Truth: normal", inspection, sample.anomalous);
  }

 private:
  /// At the size that it is shown in.
  cv::Mat scaled(const cv::Mat& picture) const {
    const double scale = static_cast<double>(options_.picture_px) / std::max(picture.cols, picture.rows);
    if (scale <= 1) return shrink_to(picture, options_.picture_px);
    cv::Mat larger;
    cv::resize(picture, larger, {}, scale, scale, cv::INTER_CUBIC);
    return larger;
  }

  void put(cv::Mat cell, int column, const cv::Mat& picture) const {
    picture.copyTo(cell(cv::Rect(kGapPx + column * (options_.picture_px + kGapPx), kGapPx, picture.cols, picture.rows)));
  }

  void write(cv::Mat cell, const std::string& truth, const Inspection& inspection, bool anomalous) const {
    int y = options_.picture_px + 2 * kGapPx + kLinePx / 2;
    const auto line = [&](const std::string& text, const cv::Scalar& colour) {
      cv::putText(cell, text, {kGapPx, y}, cv::FONT_HERSHEY_SIMPLEX, kTextScale, colour, 1, cv::LINE_AA);
      y += kLinePx;
    };
    line(truth, kInk);
    const bool right = inspection.verdict != Verdict::kCannotJudge && (inspection.verdict == Verdict::kDeviates) == anomalous;
    for (const std::string& text : wrapped(explain(inspection), width() - 2 * kGapPx, kTextLines - 1)) line(text, right ? kRight : kWrong);
  }

  const Evaluation& evaluation_;
  const InspectionSheetOptions options_;
  const Inspector inspector_;
};

}  // namespace

cv::Mat inspection_sheet(const Evaluation& evaluation, const Path& weights, const InspectionSheetOptions& options) {
  const Painter painter(evaluation, weights, options);
  const std::vector<size_t> order = options.mistakes ? most_wrong(evaluation, options) : drawn(evaluation, options);
  const int columns = std::max(1, options.columns), rows = (static_cast<int>(order.size()) + columns - 1) / columns;
  cv::Mat sheet(std::max(1, rows) * painter.height(), columns * painter.width(), CV_8UC3, cv::Scalar::all(255));
  Progress progress("gallery", static_cast<int64_t>(order.size()), "photos");
  for (size_t i = 0; i < order.size(); ++i) {
    const int column = static_cast<int>(i) % columns, row = static_cast<int>(i) / columns;
    painter.draw(order[i], sheet(cv::Rect(column * painter.width(), row * painter.height(), painter.width(), painter.height())));
    progress.advance();
  }
  return sheet;
}

}  // namespace looking3d
