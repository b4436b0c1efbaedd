// cmt: correspondences between the photo and the reference's grey views, no camera needed (paper, section 3).
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "base/evenly.h"
#include "base/stopwatch.h"
#include "engine/correspondences.h"
#include "engine/detectors.h"
#include "engine/reference_cache.h"
#include "engine/view_tensors.h"
#include "model/affinity_topk.h"
#include "model/closest_view.h"
#include "model/cmt.h"
#include "model/preprocess.h"
#include "render/reference_views.h"

namespace looking3d {
namespace {

constexpr int kShownKeys = 100;        ///< best matches to show where a network attends to all
constexpr int kLinks = 10;             ///< correspondences told of a photo
constexpr double kObjectShare = 0.25;  ///< of a patch's pixels, from which it shows the object

/// The listed views of those encoded.
CmtReference some_views(const CmtReference& all, int64_t views, const std::vector<int64_t>& listed) {
  const torch::Tensor chosen = torch::tensor(listed);
  const auto pick = [&](const torch::Tensor& tensor) {  // [G, N * h * w, ...] -> [G, n * h * w, ...]
    return tensor.unflatten(1, {views, -1}).index_select(1, chosen).flatten(1, 2);
  };
  return {pick(all.features), pick(all.positions), pick(all.matching), pick(all.is_key)};
}

class CmtDetector : public MatchingDetector {
 public:
  CmtDetector(WeightsInfo info, const NamedTensors& tensors, const Path& path)
      : MatchingDetector(std::move(info)), network_(from_json<CmtOptions>(this->info().network)) {
    load_for_inference(network_, tensors, path);
  }

  int grid() const override { return info().size / kPatchSize; }

  Detection detect(const ReferenceData& reference, const PreparedPhoto& photo) const override { return detect_as(reference, photo, {}); }

  Detection detect_as(const ReferenceData& reference, const PreparedPhoto& photo, const MatchSetting& setting) const override {
    const torch::NoGradGuard no_grad;
    const Encoded all = encoded_reference(reference);
    const Stopwatch watch;
    const bool some = setting.views > 0;
    std::vector<int64_t> listed(all.views.size());
    std::iota(listed.begin(), listed.end(), int64_t{0});
    if (some) listed = evenly(listed, setting.views);
    const CmtReference shown = some ? some_views(all.reference, static_cast<int64_t>(all.views.size()), listed) : all.reference;
    const CmtOutput out = network_->compare(photo_tensor(photo.bgr), shown, setting.top_k);
    Detection detection;
    detection.logit = out.logit[0].item<double>();
    detection.box = box_of(out.box[0]);
    if (out.patch_logits.defined()) detection.heat = heat_of(out.patch_logits[0]);
    if (out.kind_logits.defined()) detection.kinds = kinds_of(out.kind_logits[0]);
    if (const std::optional<int> view = closest_view(photo.mask, out.matching[0], shown))
      detection.closest_view = all.views[static_cast<size_t>(listed[static_cast<size_t>(*view)])];
    const ObjectSimilarity similarity = object_similarity(photo.mask, out.matching[0], shown);
    detection.links = strongest(best_links(similarity, 1));
    if (setting.matches > 0) detection.matches = best_links(similarity, setting.matches);
    for (std::vector<PatchLink>* links : {&detection.links, &detection.matches})
      for (PatchLink& link : *links) link.view = all.views[static_cast<size_t>(listed[static_cast<size_t>(link.view)])];
    detection.network_ms = watch.ms();
    return detection;
  }

  std::vector<PatchMatch> matches(const ReferenceData& reference, const PreparedPhoto& photo,
                                  const std::vector<int>& patches) const override {
    const torch::NoGradGuard no_grad;
    const Encoded all = encoded_reference(reference);
    const torch::Tensor every = network_->compare(photo_tensor(photo.bgr), all.reference).matching;  // [1, nq, c]
    const torch::Tensor query = every.index_select(1, torch::tensor(std::vector<int64_t>(patches.begin(), patches.end())));
    const int keys = network_->options().top_k > 0 ? network_->options().top_k : kShownKeys;
    const torch::Tensor top = affinity_topk(query, all.reference.matching, all.reference.is_key, keys)[0];  // [P, k]
    const torch::Tensor similarity = torch::matmul(query[0], all.reference.matching[0].t())                 // [P, nv]
                                         .masked_fill(all.reference.is_key[0].logical_not(), std::nanf(""));

    const auto views = static_cast<int>(all.views.size());
    std::vector<PatchMatch> result;
    for (size_t i = 0; i < patches.size(); ++i) {
      const auto row = static_cast<int64_t>(i);
      PatchMatch match{patches[i], {}, cv::Mat(views, static_cast<int>(similarity.size(1)) / views, CV_32F)};
      for (int64_t k = 0; k < top.size(1); ++k) {
        const auto key = top[row][k].item<int64_t>();
        if (key >= 0) match.top.push_back(static_cast<int>(key));
      }
      std::memcpy(match.similarity.data, similarity[row].contiguous().data_ptr<float>(), match.similarity.total() * sizeof(float));
      result.push_back(std::move(match));
    }
    return result;
  }

  PointMatches point_matches(const ReferenceData& reference, const PreparedPhoto& photo) const override {
    const torch::NoGradGuard no_grad;
    const Encoded all = encoded_reference(reference);
    const torch::Tensor matching = network_->compare(photo_tensor(photo.bgr), all.reference).matching[0];  // [nq, c]
    const torch::Tensor patches = object_patches(photo.mask);
    PointMatches points;
    if (patches.size(0) == 0) return points;
    const torch::Tensor similarity = torch::matmul(matching.index_select(0, patches), all.reference.matching[0].t())  // [P, nv]
                                         .masked_fill(all.reference.is_key[0].logical_not(), -2);
    const int64_t side = grid(), cells = side * side;
    const auto best = [&](int64_t first, int64_t count) {  // among some of the reference's patches
      const auto [value, key] = similarity.slice(1, first, first + count).max(1);
      std::vector<PointMatch> found;
      for (int64_t i = 0; i < patches.size(0); ++i) {
        if (value[i].item<float>() < -1) continue;  // no surface there
        const auto patch = patches[i].item<int64_t>();
        const torch::Tensor at = all.positions[first + key[i].item<int64_t>()];
        found.push_back({{(static_cast<double>(patch % side) + 0.5) / static_cast<double>(side),
                          (static_cast<double>(patch / side) + 0.5) / static_cast<double>(side)},
                         {at[0].item<double>(), at[1].item<double>(), at[2].item<double>()}});
      }
      return found;
    };
    points.anywhere = best(0, similarity.size(1));
    if (const std::optional<int> view = closest_view(photo.mask, matching, all.reference))
      points.in_closest_view = best(*view * cells, cells);
    return points;
  }

 private:
  struct Encoded {
    CmtReference reference;
    torch::Tensor positions;  ///< [nv, 3] canonical units
    std::vector<int> views;   ///< of each encoded view: which of the regular ones it is, or lies next to
  };

  /// The views encoded by this network.
  Encoded encoded_reference(const ReferenceData& reference) const {
    return references_.get(reference, [this](const ReferenceData& some) { return encode(some); });
  }

  Encoded encode(const ReferenceData& reference) const {
    const ViewTensors views = view_tensors(reference, info().size);
    Encoded encoded{network_->encode_reference(views.grey.unsqueeze(0), views.position.unsqueeze(0), views.surface.unsqueeze(0)),
                    views.position.flatten(0, 2),
                    {}};
    for (const Camera& camera : views.cameras) {
      const Eigen::Vector3d eye = camera.position_in_world();
      encoded.views.push_back(nearest_reference_view(std::atan2(eye.x(), eye.z())));
    }
    return encoded;
  }

  /// Patches of a photo that show the object, int64 [n]; all without a mask.
  torch::Tensor object_patches(const cv::Mat& mask) const {
    const int side = grid();
    cv::Mat share(side, side, CV_8U, cv::Scalar(255));
    if (!mask.empty()) cv::resize(mask, share, share.size(), 0, 0, cv::INTER_AREA);
    const cv::Mat object = share >= kObjectShare * 255;
    return torch::from_blob(object.data, {side * side}, torch::kByte).nonzero().squeeze(1);
  }

  /// The view in which the object's patches match patches at nearly the same place (paper, section 5.1); none without a mask of the object.
  /// `matching` [nq, c] of the photo.
  std::optional<int> closest_view(const cv::Mat& mask, const torch::Tensor& matching, const CmtReference& reference) const {
    const int side = grid();
    if (mask.empty()) return {};
    const torch::Tensor rows = object_patches(mask);
    if (rows.size(0) == 0) return {};
    const torch::Tensor at = patch_middles(side, side), seen = reference.is_key.view({-1, side * side});
    const torch::Tensor keys = reference.matching.view({seen.size(0), side * side, -1});
    const torch::Tensor distances = view_distances(matching.index_select(0, rows), at.index_select(0, rows), keys, seen, at);
    return distances.argmin().item<int>();
  }

  struct ObjectSimilarity {
    torch::Tensor patches;  ///< int64 [P]: the photo's that show the object
    torch::Tensor cosine;   ///< [P, nv] with the reference's; -2 where these show no surface
  };

  /// `matching` [nq, c] of the photo.
  ObjectSimilarity object_similarity(const cv::Mat& mask, const torch::Tensor& matching, const CmtReference& reference) const {
    const torch::Tensor patches = object_patches(mask);
    const torch::Tensor cosine = torch::matmul(matching.index_select(0, patches), reference.matching[0].t());
    return {patches, cosine.masked_fill(reference.is_key[0].logical_not(), -2)};
  }

  /// The `count` reference patches that each of the object's patches resembles most: patch by patch, best first. Their `view` counts the
  /// views of the reference.
  std::vector<PatchLink> best_links(const ObjectSimilarity& similarity, int64_t count) const {
    const int64_t side = grid(), cells = side * side;
    const auto [value, key] = similarity.cosine.topk(std::min(count, similarity.cosine.size(1)), 1);
    const auto box = [side](int64_t patch) {
      const double w = 1.0 / static_cast<double>(side);
      return Box{(static_cast<double>(patch % side) + 0.5) * w, (static_cast<double>(patch / side) + 0.5) * w, w, w};
    };
    std::vector<PatchLink> links;
    for (int64_t i = 0; i < value.size(0); ++i)
      for (int64_t k = 0; k < value.size(1) && value[i][k].item<float>() > -2; ++k) {
        const auto found = key[i][k].item<int64_t>();
        links.push_back({box(similarity.patches[i].item<int64_t>()), static_cast<int>(found / cells), box(found % cells),
                         std::clamp(value[i][k].item<double>(), -1.0, 1.0)});
      }
    return links;
  }

  /// The best kLinks of them, best first.
  static std::vector<PatchLink> strongest(std::vector<PatchLink> links) {
    std::stable_sort(links.begin(), links.end(), [](const PatchLink& a, const PatchLink& b) { return a.similarity > b.similarity; });
    if (links.size() > kLinks) links.resize(kLinks);
    return links;
  }

  mutable Cmt network_;  ///< its forward pass changes nothing
  mutable ReferenceCache<Encoded> references_;
};

}  // namespace

std::unique_ptr<Detector> make_cmt_detector(WeightsInfo info, const NamedTensors& tensors, const Path& path) {
  return std::make_unique<CmtDetector>(std::move(info), tensors, path);
}

}  // namespace looking3d
