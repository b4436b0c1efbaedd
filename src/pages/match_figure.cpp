#include "pages/match_figure.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "base/evenly.h"
#include "engine/correspondences.h"
#include "inspect/overlay.h"
#include "inspect/page.h"
#include "pages/gallery.h"

namespace looking3d {
namespace {

constexpr int kPhotos = 4, kPatches = 3, kViewsShown = 4;
constexpr int kPhotoSide = 320, kViewSide = 128;
constexpr float kOnObject = 0.6f, kUnchanged = 0.02f;  ///< shares of a patch's pixels

/// A mask of the photo in the prepared photo's frame.
cv::Mat to_prepared_frame(const cv::Mat& mask, const PreparedPhoto& photo) {
  const double scale = photo.bgr.cols / photo.window.side, half = 0.5 * (scale - 1);
  const cv::Matx23d target_from_source(scale, 0, half - photo.window.x * scale, 0, scale, half - photo.window.y * scale);
  cv::Mat result;
  cv::warpAffine(mask, result, target_from_source, photo.bgr.size(), cv::INTER_LINEAR);
  return result;
}

/// Share of each patch's pixels that are set, h x h, CV_32F.
cv::Mat patch_shares(const cv::Mat& mask, int h) {
  cv::Mat shares;
  cv::Mat(mask != 0).convertTo(shares, CV_32F, 1 / 255.0);
  cv::resize(shares, shares, {h, h}, 0, 0, cv::INTER_AREA);
  return shares;
}

double azimuth_of(const Camera& camera) {
  const Eigen::Vector3d position = camera.position_in_world();
  return std::fmod(std::round(degrees(std::atan2(position.x(), position.z()))) + 360, 360);
}

/// Greatest similarity in each view; views without surface come last.
std::vector<int> views_by_similarity(const cv::Mat& similarity, std::vector<float>& best) {
  best.assign(static_cast<size_t>(similarity.rows), -2);
  for (int v = 0; v < similarity.rows; ++v)
    for (int i = 0; i < similarity.cols; ++i)
      if (similarity.at<float>(v, i) > best[static_cast<size_t>(v)]) best[static_cast<size_t>(v)] = similarity.at<float>(v, i);
  std::vector<int> views(best.size());
  std::iota(views.begin(), views.end(), 0);
  std::stable_sort(views.begin(), views.end(), [&](int a, int b) { return best[static_cast<size_t>(a)] > best[static_cast<size_t>(b)]; });
  return views;
}

Json patch_json(const PatchMatch& match, bool changed, int h) {
  Json top = Json::array();
  for (const int key : match.top) {
    const int view = key / (h * h), patch = key % (h * h);
    top.push_back({view, patch, std::round(1000 * match.similarity.at<float>(view, patch)) / 1000});
  }
  std::vector<float> best;
  std::vector<int> views = views_by_similarity(match.similarity, best);
  views.resize(std::min(views.size(), static_cast<size_t>(kViewsShown)));
  Json shown = Json::array();
  for (const int view : views) {
    cv::Mat heat = match.similarity.row(view).reshape(1, h) / std::max(best[static_cast<size_t>(views.front())], 1e-6f);
    cv::patchNaNs(heat, 0);
    shown.push_back({{"view", view}, {"similarity", best[static_cast<size_t>(view)]}, {"heat", data_uri(heat_colours(heat), "png")}});
  }
  return {{"patch", match.patch}, {"changed", changed}, {"top", top}, {"views", shown}};
}

Json photo_json(const Evaluation& evaluation, const MatchingDetector& detector, const JudgedPhoto& judged) {
  const DataSet& data = evaluation.data;
  const Sample& sample = data.samples()[judged.sample];
  const std::optional<PreparedPhoto> photo = prepared_photo(detector, data, judged.sample);
  if (!photo) return nullptr;
  const ReferenceData reference = reference_of(detector, data, sample.shape_id, evaluation.references);
  const int h = detector.grid();
  cv::Mat change = data.load_change_mask(sample);
  change = change.empty() ? cv::Mat::zeros(photo->bgr.size(), CV_8U) : to_prepared_frame(change, *photo);
  const std::vector<int> patches = figure_patches(change, photo->mask, h);

  Json json = {{"name", sample.name}, {"kind", sample.kind}, {"photo", page_picture(photo->bgr, kPhotoSide)}, {"grid", h}};
  for (const GreyView& view : reference.views) {
    json["views"].push_back(page_picture(view.grey, kViewSide));
    json["azimuths"].push_back(azimuth_of(view.camera));
  }
  json["patches"] = Json::array();
  const bool has_change = cv::countNonZero(change) > 0;
  for (const PatchMatch& match : detector.matches(reference, *photo, patches))
    json["patches"].push_back(patch_json(match, has_change && match.patch == patches.front(), h));
  return json;
}

}  // namespace

std::vector<int> figure_patches(const cv::Mat& change, const cv::Mat& object, int h) {
  const cv::Mat changed = patch_shares(change, h), on_object = patch_shares(object, h);
  std::vector<int> patches;
  double most = 0;
  cv::Point place;
  cv::minMaxLoc(changed, nullptr, &most, nullptr, &place);
  if (most > 0) patches.push_back(place.y * h + place.x);

  // Others by farthest points, the first of all nearest to the top where nothing changed.
  while (patches.size() < kPatches) {
    int farthest = -1;
    double distance = 0;
    for (int i = 0; i < h * h; ++i) {
      if (on_object.at<float>(i / h, i % h) < kOnObject || changed.at<float>(i / h, i % h) > kUnchanged) continue;
      double nearest = std::numeric_limits<double>::max();
      for (const int other : patches) nearest = std::min(nearest, std::hypot(i / h - other / h, i % h - other % h));
      if (nearest > distance) farthest = i, distance = nearest;
    }
    if (farthest < 0) break;
    patches.push_back(farthest);
  }
  return patches;
}

Json matches_json(const Evaluation& evaluation) {
  Json photos = Json::array();
  const auto* detector = dynamic_cast<const MatchingDetector*>(evaluation.detector.get());
  if (detector == nullptr) return photos;
  std::vector<size_t> anomalous;
  for (size_t i = 0; i < evaluation.rows.size(); ++i)
    if (evaluation.rows[i].anomalous) anomalous.push_back(i);
  for (const size_t i : evenly(anomalous, kPhotos)) {
    const Json photo = photo_json(evaluation, *detector, evaluation.judged[i]);
    if (photo.is_object() && !photo["patches"].empty()) photos.push_back(photo);
  }
  return photos;
}

}  // namespace looking3d
