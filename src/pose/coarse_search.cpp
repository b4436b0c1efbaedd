#include "pose/coarse_search.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/check.h"

namespace looking3d {
namespace {

constexpr double kSecondLook = 0.25;  ///< share of the index whose best placements are searched for more closely
constexpr double kScales[] = {0.88, 1.13};
constexpr double kShift = 0.06;  ///< of the normalised width

using Words = std::vector<uint64_t>;

Words packed(const cv::Mat& mask) {
  Words words((mask.total() + 63) / 64, 0);
  for (size_t i = 0; i < mask.total(); ++i)
    if (mask.data[i] != 0) words[i / 64] |= uint64_t{1} << (i % 64);
  return words;
}

int bits(const Words& words) {
  int count = 0;
  for (const uint64_t word : words) count += std::popcount(word);
  return count;
}

/// One way of laying the photo's mask over the index' silhouettes.
struct Placing {
  double roll_rad, scale, shift_x, shift_y;  ///< done to the normalised mask: turned back by roll, then scaled and shifted
  Words words;
  int count;
};

Placing place(const cv::Mat& mask, int size, double roll_rad, double scale, double shift_x, double shift_y) {
  const MaskFrame frame = frame_of(mask);
  const double s = scale * normalised_scale(frame, size, mask.cols), c = std::cos(roll_rad) * s, n = std::sin(roll_rad) * s;
  // target = s R(-roll) (source - centroid) + middle + shift
  const double x0 = frame.cx * mask.cols, y0 = frame.cy * mask.rows, middle = 0.5 * size;
  const cv::Matx23d target_from_source(c, n, middle + shift_x * size - c * x0 - n * y0, -n, c, middle + shift_y * size + n * x0 - c * y0);
  cv::Mat placed;
  cv::warpAffine(mask, placed, target_from_source, {size, size}, cv::INTER_LINEAR);
  Placing placing{roll_rad, scale, shift_x, shift_y, packed(placed > 127), 0};
  placing.count = bits(placing.words);
  return placing;
}

/// The mask laid over an entry's silhouette as the entry's own view frames it: no fitting of place or size.
Placing framed(const cv::Mat& mask, const PoseIndex::Entry& entry, int size) {
  Placing placing{0, 1, 0, 0, Words((static_cast<size_t>(size) * size + 63) / 64, 0), 0};
  const double step = 1 / normalised_scale(entry.frame, size, mask.cols), x0 = entry.frame.cx * mask.cols, y0 = entry.frame.cy * mask.rows;
  for (int y = 0; y < size; ++y) {
    const int from_y = static_cast<int>(std::floor(y0 + (y + 0.5 - 0.5 * size) * step));
    if (from_y < 0 || from_y >= mask.rows) continue;
    for (int x = 0; x < size; ++x) {
      const int from_x = static_cast<int>(std::floor(x0 + (x + 0.5 - 0.5 * size) * step));
      if (from_x < 0 || from_x >= mask.cols || mask.at<uchar>(from_y, from_x) == 0) continue;
      const auto bit = static_cast<size_t>(y) * size + x;
      placing.words[bit / 64] |= uint64_t{1} << (bit % 64);
      ++placing.count;
    }
  }
  return placing;
}

double overlap(const Placing& placing, const Words& silhouette, int count) {
  int both = 0;
  for (size_t i = 0; i < silhouette.size(); ++i) both += std::popcount(placing.words[i] & silhouette[i]);
  const int either = placing.count + count - both;
  return either == 0 ? 0 : static_cast<double>(both) / either;
}

/// The entry's view with distance, roll and shift such that its silhouette lies as the placing has it.
OrbitView start_view(const PoseIndex::Entry& entry, const Placing& placing, const MaskFrame& target, double focal_per_width) {
  OrbitView view = entry.view;
  // The mask was scaled by placing.scale on top of what brings it to the silhouette's size, so the silhouette must shrink by it.
  const double grow = target.extent / entry.frame.extent / placing.scale;
  view.distance = std::clamp(view.distance / grow * focal_per_width / view.focal_per_width, 1.2, 20.0);
  view.focal_per_width = focal_per_width;
  view.roll_rad = placing.roll_rad;
  // The silhouette's centroid lies where the mask's centroid is, less what the mask was shifted (normalised widths, before scaling).
  const double to_share = target.extent / kNormalisedExtent / placing.scale;
  const double c = std::cos(view.roll_rad), n = std::sin(view.roll_rad);
  const auto turned = [&](double x, double y) { return Eigen::Vector2d(c * x - n * y, n * x + c * y); };
  const Eigen::Vector2d from_principal = turned(grow * (entry.frame.cx - 0.5), grow * (entry.frame.cy - 0.5));
  const Eigen::Vector2d moved = turned(to_share * placing.shift_x, to_share * placing.shift_y);
  view.shift_x = std::clamp(target.cx - moved.x() - 0.5 - from_principal.x(), -0.3, 0.3);
  view.shift_y = std::clamp(target.cy - moved.y() - 0.5 - from_principal.y(), -0.3, 0.3);
  return view;
}

void add_fresh(std::vector<CoarseStart>& starts, const OrbitView& view, double score, double apart_rad) {
  const bool fresh =
      std::none_of(starts.begin(), starts.end(), [&](const CoarseStart& other) { return turn_between(other.view, view) < apart_rad; });
  if (fresh) starts.push_back({view, score});
}

/// Entries whose frame fits the mask, best first: agreement, and how much of the mask they cover, since a piece may lack much.
std::vector<CoarseStart> framed_starts(const PoseIndex& index, const cv::Mat& mask, const std::vector<Words>& silhouettes,
                                       const std::vector<int>& counts, double focal_per_width, const CoarseOptions& options) {
  std::vector<std::pair<double, size_t>> scores;
  for (size_t i = 0; i < silhouettes.size(); ++i) {
    if (counts[i] == 0) continue;
    const Placing placing = framed(mask, index.entries()[i], index.size());
    const double iou = overlap(placing, silhouettes[i], counts[i]), both = iou * (placing.count + counts[i]) / (1 + iou);
    scores.emplace_back(-(iou + both / std::max(placing.count, 1)), i);
  }
  std::sort(scores.begin(), scores.end());
  std::vector<CoarseStart> starts;
  for (const auto& [score, i] : scores) {
    if (static_cast<int>(starts.size()) >= options.keep_framed) break;
    OrbitView view = index.entries()[i].view;
    view.distance = std::clamp(view.distance * focal_per_width / view.focal_per_width, 1.2, 20.0);
    view.focal_per_width = focal_per_width;
    add_fresh(starts, view, -score / 2, radians(options.apart_deg));
  }
  return starts;
}

}  // namespace

double turn_between(const OrbitView& a, const OrbitView& b) {
  const Eigen::Matrix3d turn = orbit_camera(a, 1).camera_from_world.linear() * orbit_camera(b, 1).camera_from_world.linear().transpose();
  return std::acos(std::clamp((turn.trace() - 1) / 2, -1.0, 1.0));
}

std::vector<CoarseStart> coarse_starts(const PoseIndex& index, const cv::Mat& mask, double focal_per_width, const CoarseOptions& options) {
  const size_t count = index.entries().size();
  std::vector<Words> silhouettes(count);
  std::vector<int> counts(count);
  for (size_t i = 0; i < count; ++i) silhouettes[i] = packed(index.entries()[i].silhouette), counts[i] = bits(silhouettes[i]);

  // All rolls for all entries; then other sizes and places for the better ones: damage moves a mask's centroid and area.
  std::vector<Placing> upright, others;
  const double rolls[] = {0, -0.5, 0.5, -1, 1};
  for (const double roll : rolls)
    if (roll == 0 || options.most_roll_deg > 0)
      upright.push_back(place(mask, index.size(), radians(roll * options.most_roll_deg), 1, 0, 0));
  for (const double roll : {0.0, -0.5, 0.5}) {
    if (roll != 0 && options.most_roll_deg == 0) continue;
    for (const double scale : {kScales[0], 1.0, kScales[1]})
      for (const auto& [x, y] : {std::pair{0.0, 0.0}, {kShift, 0.0}, {-kShift, 0.0}, {0.0, kShift}, {0.0, -kShift}})
        if (scale != 1 || x != 0 || y != 0) others.push_back(place(mask, index.size(), radians(roll * options.most_roll_deg), scale, x, y));
  }
  struct Candidate {
    double score;
    size_t entry;
    const Placing* placing;
  };
  std::vector<Candidate> candidates(count);
  const auto improve = [&](Candidate& candidate, const std::vector<Placing>& placings) {
    for (const Placing& placing : placings) {
      const double score = overlap(placing, silhouettes[candidate.entry], counts[candidate.entry]);
      if (score > candidate.score) candidate = {score, candidate.entry, &placing};
    }
  };
  const auto better = [](const Candidate& a, const Candidate& b) { return a.score != b.score ? a.score > b.score : a.entry < b.entry; };
  for (size_t i = 0; i < count; ++i) {
    candidates[i] = {-1, i, nullptr};
    improve(candidates[i], upright);
  }
  std::sort(candidates.begin(), candidates.end(), better);
  for (size_t i = 0; i < static_cast<size_t>(kSecondLook * static_cast<double>(count)); ++i) improve(candidates[i], others);
  std::sort(candidates.begin(), candidates.end(), better);

  const MaskFrame target = frame_of(mask);
  std::vector<CoarseStart> starts;
  for (const Candidate& candidate : candidates) {
    if (static_cast<int>(starts.size()) >= options.keep || candidate.score <= 0) break;
    const OrbitView view = start_view(index.entries()[candidate.entry], *candidate.placing, target, focal_per_width);
    add_fresh(starts, view, candidate.score, radians(options.apart_deg));
  }
  // A view may be looked at both ways: place and size differ.
  for (const CoarseStart& start : framed_starts(index, mask, silhouettes, counts, focal_per_width, options)) starts.push_back(start);
  return starts;
}

}  // namespace looking3d
