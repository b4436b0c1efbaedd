// cmt: correspondences between the photo and the reference's grey views, no camera needed (paper, section 3).
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "base/error.h"
#include "base/evenly.h"
#include "base/stopwatch.h"
#include "engine/bytes.h"
#include "engine/correspondences.h"
#include "engine/detectors.h"
#include "engine/encoded_views.h"
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

class CmtDetector : public MatchingDetector {
 public:
  CmtDetector(WeightsInfo info, const NamedTensors& tensors, const Path& path)
      : MatchingDetector(std::move(info)), network_(from_json<CmtOptions>(this->info().network)), path_(path) {
    load_for_inference(network_, tensors, path);
    mark_ = mark_of(path, "cmt of " + std::to_string(this->info().size), to_json(network_->options()), tensors);
  }

  int grid() const override { return info().size / kPatchSize; }

  Detection detect(const ReferenceData& reference, const PreparedPhoto& photo) const override { return detect_as(reference, photo, {}); }

  Detection detect_as(const ReferenceData& reference, const PreparedPhoto& photo, const MatchSetting& setting) const override {
    const torch::NoGradGuard no_grad;
    const std::shared_ptr<const EncodedViews> all = encoded(reference);
    const Stopwatch watch;
    const EncodedViews views = setting.views > 0 ? evenly_spread(*all, setting.views) : *all;
    const CmtOutput out = network_->compare(photo_tensor(photo.bgr), views.reference, setting.top_k);
    Detection detection;
    detection.logit = out.logit[0].item<double>();
    detection.box = box_of(out.box[0]);
    if (out.patch_logits.defined()) detection.heat = heat_of(out.patch_logits[0]);
    if (out.kind_logits.defined()) detection.kinds = kinds_of(out.kind_logits[0]);
    if (const std::optional<size_t> view = closest_view(photo.mask, out.matching[0], views)) detection.closest_view = views.views[*view];
    const ObjectSimilarity similarity = object_similarity(photo.mask, out.matching[0], views);
    detection.links = strongest(best_links(similarity, views, 1));
    if (setting.matches > 0) detection.matches = best_links(similarity, views, setting.matches);
    detection.network_ms = watch.ms();
    return detection;
  }

  std::vector<PatchMatch> matches(const ReferenceData& reference, const PreparedPhoto& photo,
                                  const std::vector<int>& patches) const override {
    const torch::NoGradGuard no_grad;
    const std::shared_ptr<const EncodedViews> all = encoded(reference);
    const CmtReference& seen = all->reference;
    const torch::Tensor every = network_->compare(photo_tensor(photo.bgr), seen).matching;  // [1, nq, c]
    const torch::Tensor query = every.index_select(1, torch::tensor(std::vector<int64_t>(patches.begin(), patches.end())));
    const int keys = network_->options().top_k > 0 ? network_->options().top_k : kShownKeys;
    const torch::Tensor top = affinity_topk(query, seen.matching, seen.is_key, keys)[0];  // [P, k]
    const torch::Tensor known = seen.is_key[0].nonzero().squeeze(1);
    const torch::Tensor of_known = torch::matmul(query[0], all->matching().index_select(0, known).t());
    const auto views = static_cast<int>(all->views.size());
    const torch::Tensor similarity = torch::full({query.size(1), views * all->cells}, std::nanf(""))  // [P, nv]
                                         .index_copy_(1, seen.patch.index_select(0, known), of_known);

    std::vector<PatchMatch> result;
    for (size_t i = 0; i < patches.size(); ++i) {
      const auto row = static_cast<int64_t>(i);
      PatchMatch match{patches[i], {}, cv::Mat(views, all->cells, CV_32F)};
      for (int64_t k = 0; k < top.size(1); ++k) {
        const auto key = top[row][k].item<int64_t>();
        if (key >= 0) match.top.push_back(seen.patch[key].item<int>());
      }
      std::memcpy(match.similarity.data, similarity[row].contiguous().data_ptr<float>(), match.similarity.total() * sizeof(float));
      result.push_back(std::move(match));
    }
    return result;
  }

  PointMatches point_matches(const ReferenceData& reference, const PreparedPhoto& photo) const override {
    const torch::NoGradGuard no_grad;
    const std::shared_ptr<const EncodedViews> all = encoded(reference);
    const torch::Tensor matching = network_->compare(photo_tensor(photo.bgr), all->reference).matching[0];  // [nq, c]
    const torch::Tensor patches = object_patches(photo.mask);
    PointMatches points;
    if (patches.size(0) == 0 || all->starts.back() == 0) return points;
    const torch::Tensor similarity = torch::matmul(matching.index_select(0, patches), all->matching().t());  // [P, m]
    const int64_t side = grid();
    const auto best = [&](int64_t begin, int64_t end) {  // among some of the reference's patches
      const torch::Tensor key = similarity.slice(1, begin, end).argmax(1);
      std::vector<PointMatch> found;
      for (int64_t i = 0; i < patches.size(0); ++i) {
        const auto patch = patches[i].item<int64_t>();
        const torch::Tensor at = all->places[begin + key[i].item<int64_t>()];
        found.push_back({{(static_cast<double>(patch % side) + 0.5) / static_cast<double>(side),
                          (static_cast<double>(patch / side) + 0.5) / static_cast<double>(side)},
                         {at[0].item<double>(), at[1].item<double>(), at[2].item<double>()}});
      }
      return found;
    };
    points.anywhere = best(0, all->starts.back());
    if (const std::optional<size_t> view = closest_view(photo.mask, matching, *all); view && all->starts[*view] < all->starts[*view + 1])
      points.in_closest_view = best(all->starts[*view], all->starts[*view + 1]);
    return points;
  }

  std::shared_ptr<const StoredViews> encode(const ReferenceData& reference) const override {
    const torch::NoGradGuard no_grad;
    return std::make_shared<const StoredViews>(StoredViews{mark_, in_bf16(encode_views(reference)), {}});
  }

  void check(const ReferenceData& reference) const override {
    if (!reference.encoded) return;
    const StoredViews& stored = *reference.encoded;
    const Path where = stored.file.empty() ? Path(reference.name) : stored.file;
    if (stored.made_by.fingerprint != mark_.fingerprint) {
      throw InputError(where, "was indexed with other weights (" + stored.made_by.text() + ") than these (" + mark_.text() + ")",
                       "make it again: looking3d index --reference MESH --out " + where.string() + " --weights " + path_.string());
    }
    const CmtOptions& options = network_->options();
    const CmtReference& seen = stored.views.reference;
    if (stored.views.cells != grid() * grid() || seen.features.size(2) != options.channels ||
        seen.matching.size(2) != options.match_channels || seen.blocks.size() != static_cast<size_t>(options.blocks))
      throw InputError(where, "holds contradictory content", kIndexRemedy);
  }

 private:
  /// The views encoded by this network: those of the index file, or those it has worked out itself.
  std::shared_ptr<const EncodedViews> encoded(const ReferenceData& reference) const {
    check(reference);
    if (reference.encoded) return {reference.encoded, &reference.encoded->views};
    return references_.get(reference,
                           [this](const ReferenceData& some) { return std::make_shared<const EncodedViews>(encode_views(some)); });
  }

  EncodedViews encode_views(const ReferenceData& reference) const {
    const ViewTensors views = view_tensors(reference, info().size);
    CmtReference seen = network_->encode_for_photos(views.grey.unsqueeze(0), views.position.unsqueeze(0), views.surface.unsqueeze(0));
    const torch::Tensor places = views.position.flatten(0, 2).index_select(0, seen.patch.clamp_min(0));
    std::vector<int> regular;
    for (const Camera& camera : views.cameras) {
      const Eigen::Vector3d eye = camera.position_in_world();
      regular.push_back(nearest_reference_view(std::atan2(eye.x(), eye.z())));
    }
    return encoded_views(std::move(seen), places, std::move(regular), grid() * grid());
  }

  static EncodedViews evenly_spread(const EncodedViews& all, int count) {
    std::vector<int64_t> every(all.views.size());
    std::iota(every.begin(), every.end(), int64_t{0});
    return some_views(all, evenly(every, count));
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
  std::optional<size_t> closest_view(const cv::Mat& mask, const torch::Tensor& matching, const EncodedViews& views) const {
    const int side = grid();
    if (mask.empty()) return {};
    const torch::Tensor rows = object_patches(mask);
    if (rows.size(0) == 0) return {};
    const torch::Tensor middles = patch_middles(side, side), cell = views.reference.patch.clamp_min(0).remainder(views.cells);
    const torch::Tensor at = middles.index_select(0, cell), query = matching.index_select(0, rows),
                        query_at = middles.index_select(0, rows);
    const torch::Tensor keys = views.matching().unsqueeze(0), seen = views.reference.is_key;
    size_t nearest = 0;
    double least = std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < views.views.size(); ++i) {
      const auto of_view = [&](const torch::Tensor& all, int64_t dim) { return all.slice(dim, views.starts[i], views.starts[i + 1]); };
      if (views.starts[i] == views.starts[i + 1]) continue;
      const double distance = view_distances(query, query_at, of_view(keys, 1), of_view(seen, 1), of_view(at, 0))[0].item<double>();
      if (distance < least) nearest = i, least = distance;
    }
    return nearest;
  }

  struct ObjectSimilarity {
    torch::Tensor patches;  ///< int64 [P]: the photo's that show the object
    torch::Tensor cosine;   ///< [P, m] with the reference's
  };

  /// `matching` [nq, c] of the photo.
  ObjectSimilarity object_similarity(const cv::Mat& mask, const torch::Tensor& matching, const EncodedViews& views) const {
    const torch::Tensor patches = object_patches(mask);
    const torch::Tensor known = views.matching().slice(0, 0, views.starts.back());  // without what stands in where no view shows anything
    return {patches, torch::matmul(matching.index_select(0, patches), known.t())};
  }

  /// The `count` reference patches that each of the object's patches resembles most: patch by patch, best first.
  std::vector<PatchLink> best_links(const ObjectSimilarity& similarity, const EncodedViews& views, int64_t count) const {
    const auto [value, key] = similarity.cosine.topk(std::min(count, similarity.cosine.size(1)), 1);
    const auto cosines = value.accessor<float, 2>();
    const auto keys = key.accessor<int64_t, 2>();
    const auto patches = similarity.patches.accessor<int64_t, 1>(), known = views.reference.patch.accessor<int64_t, 1>();
    const auto box = [side = grid()](int64_t patch) {
      const double w = 1.0 / side;
      return Box{(static_cast<double>(patch % side) + 0.5) * w, (static_cast<double>(patch / side) + 0.5) * w, w, w};
    };
    std::vector<PatchLink> links;
    for (int64_t i = 0; i < cosines.size(0); ++i)
      for (int64_t k = 0; k < cosines.size(1); ++k) {
        const int64_t found = known[keys[i][k]];
        links.push_back({box(patches[i]), views.views[static_cast<size_t>(found / views.cells)], box(found % views.cells),
                         std::clamp(static_cast<double>(cosines[i][k]), -1.0, 1.0)});
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
  mutable ReferenceCache<std::shared_ptr<const EncodedViews>> references_;
  const Path path_;  ///< of the weights, for messages
  WeightsMark mark_;
};

}  // namespace

std::unique_ptr<Detector> make_cmt_detector(WeightsInfo info, const NamedTensors& tensors, const Path& path) {
  return std::make_unique<CmtDetector>(std::move(info), tensors, path);
}

}  // namespace looking3d
