// align: find the camera, render the reference there, compare (SPEC 6).
#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "base/check.h"
#include "base/stopwatch.h"
#include "engine/detectors.h"
#include "engine/reference_cache.h"
#include "model/align_net.h"
#include "photo/segment.h"
#include "pose/edge_search.h"
#include "pose/pose_search.h"
#include "pose/rendered_channels.h"

namespace looking3d {
namespace {

static_assert(kRenderedChannels == kReferenceChannels, "what is rendered is what the network takes");

constexpr double kSpeckShare = 0.03;       ///< of the largest connected piece
constexpr double kUselessPose = 0.55;      ///< silhouette agreement below which there is no verdict
constexpr double kUselessRoughPose = 0.8;  ///< the same where the mask was told from a cluttered background
constexpr double kUselessSupport = 5.5;    ///< and EdgeField::support where no mask helped: half of all wrong references have less
constexpr double kFaintSupport = 4;        ///< the same of a piece that may fill a part of the picture only: worth a closer look

constexpr double kDeviatesAnyway = 0.1;  ///< from the right camera a piece may deviate too; 0.03 and 0.3 choose alike

constexpr int kAgreeRounds = 2;
constexpr double kAgreed = 0.97;  ///< overlap of two masks that are taken for one

class AlignDetector : public Detector {
 public:
  AlignDetector(WeightsInfo info, const NamedTensors& tensors, const Path& path)
      : Detector(std::move(info)), options_(from_json<AlignNetOptions>(this->info().network)), network_(options_) {
    load_for_inference(network_, tensors, path);
  }

  ReferenceNeed needs() const override { return ReferenceNeed::kMesh; }

  int photo_px() const override { return info().size * options_.compare.detail; }

  bool compares_in_place() const override { return options_.in_place; }

  cv::Mat find_object(const cv::Mat& bgr) const override {
    const torch::NoGradGuard no_grad;
    return object_mask(photo_tensor(square_photo(bgr, info().size)));
  }

  cv::Mat find_reference(const ReferenceData& reference, const PreparedPhoto& photo) const override {
    const std::vector<EdgePose> found = find_pose_by_edges(reference.scene, *edges_of(reference), EdgeField(photo.bgr, photo.inside));
    if (found.empty() || found.front().support < kFaintSupport) return {};
    return render_silhouette(reference.scene, orbit_camera(found.front().view, photo.bgr.cols));
  }

  Detection detect(const ReferenceData& reference, const PreparedPhoto& photo) const override { return detect_near(reference, photo, {}); }

  Detection detect_near(const ReferenceData& reference, const PreparedPhoto& photo, const std::vector<OrbitView>& cameras) const override {
    L3D_CHECK(reference.has_mesh(), "align renders the mesh");
    const torch::NoGradGuard no_grad;
    Detection detection;
    Stopwatch watch;
    const bool found_already = photo.mask_is_rough && compares_in_place();  // by frame_photo, in this very window
    if (photo.mask_is_given || found_already) {
      cv::resize(photo.mask, detection.mask, {info().size, info().size}, 0, 0, cv::INTER_AREA);
      detection.mask = detection.mask > 127;
    } else {
      detection.mask = find_object(photo.bgr);
    }
    detection.mask_ms = watch.lap_ms();

    PoseQuery query{.mask = detection.mask,
                    .photo = photo.bgr,
                    .mask_is_exact = photo.mask_is_given,
                    .focal_is_known = photo.lens_is_known,
                    .starts = cameras,
                    .inside = photo.inside};
    const std::shared_ptr<const EdgeTemplates> edges = photo.found_by_edges ? edges_of(reference) : nullptr;
    query.edges = edges.get();
    std::vector<PoseHypothesis> rivals = find_pose(reference.scene, reference.poses, query);
    if (photo.found_by_edges && !rivals.empty())
      detection.mask = mask_at(reference, rivals.front().view, query);
    else if (photo.mask_is_rough && !rivals.empty())
      detection.mask = agree(reference, query, rivals);
    if (rivals.empty()) {
      detection.refusal = "no object was found in the photo";
      return detection;
    }
    std::erase_if(rivals, [](const PoseHypothesis& h) { return h.probability < kRivalProbability; });
    const auto useless = [&](const PoseHypothesis& h) {
      if (photo.found_by_edges) return h.evidence.edges < kUselessSupport;
      return h.score < (photo.mask_is_rough ? kUselessRoughPose : kUselessPose);
    };
    rivals.erase(std::remove_if(rivals.begin() + 1, rivals.end(), useless), rivals.end());
    detection.pose_ms = watch.lap_ms();

    const int size = photo_px();
    std::vector<torch::Tensor> rendered;  // [1, kRenderedChannels, size, size] each
    for (const PoseHypothesis& rival : rivals) {
      const Camera camera = orbit_camera(rival.view, size);
      const std::vector<float> channels = rendered_channels(render_layers(reference.scene, camera), camera);
      rendered.push_back(torch::tensor(channels).view({1, kRenderedChannels, size, size}));
    }
    detection.render_ms = watch.lap_ms();

    // The verdict is that of the likeliest camera, told by the pose search and by whether the piece looks whole from there. It is looked at
    // again in a mirror: two opinions of one network err less than one. The pose search's favourite is asked for beforehand.
    const torch::Tensor seen = photo_tensor(photo.bgr);
    std::vector<CompareOutput> looks(rendered.size());
    CompareOutput mirror;
    side_by_side(rendered.size() + 1, [&](size_t i) {
      if (i < looks.size())
        looks[i] = network_->compare->forward(seen, rendered[i]);
      else
        mirror = in_mirror(seen, rendered[0]);
    });
    const auto worth = [&](size_t i) {
      return rivals[i].probability * (1 - info().calibration.probability(looks[i].logit.item<double>()) + kDeviatesAnyway);
    };
    size_t best = 0;
    for (size_t i = 1; i < looks.size(); ++i)
      if (worth(i) > worth(best)) best = i;
    if (best != 0) mirror = in_mirror(seen, rendered[best]);
    const CompareOutput& look = looks[best];
    detection.logit = (look.logit + mirror.logit).item<double>() / 2;
    detection.heat = heat_of((look.heat_logits()[0] + mirror.heat_logits()[0].flip({1})) / 2);
    if (look.cover_logits.defined()) detection.cover = heat_of((look.cover_logits[0] + mirror.cover_logits[0].flip({1})) / 2);
    if (look.part_logits.defined()) detection.part = heat_of((look.part_logits[0] + mirror.part_logits[0].flip({1})) / 2);
    detection.kinds = kinds_of((look.kind_logits[0] + mirror.kind_logits[0]) / 2);
    detection.box = box_of_heat(detection.heat, voted_box(look, mirror));  // nearer the truth than either alone
    detection.view = rivals[best].view;
    detection.pose_score = rivals[best].score;
    if (look.camera_logit.defined() && !photo.found_by_edges)  // among other things it has proved wrong
      detection.view_probability = torch::sigmoid((look.camera_logit + mirror.camera_logit) / 2).item<double>();
    detection.doubtful = found_already && !photo.found_by_edges && support_of(reference, rivals[best].view, photo) < kUselessSupport;
    detection.network_ms = watch.lap_ms();
    if (useless(rivals[best])) {
      detection.refusal =
          "no camera makes the reference look like the object in the photo; is it the right reference, and all of it in the picture";
    }
    return detection;
  }

 private:
  /// Photo and rendering mirrored left to right.
  CompareOutput in_mirror(const torch::Tensor& seen, const torch::Tensor& rendered) const {
    torch::Tensor mirrored = rendered.flip({3});
    mirrored.select(1, kNormalXChannel).neg_();
    return network_->compare->forward(seen.flip({3}), mirrored);
  }

  /// What the patches of the photo and of its mirror image vote for; nullopt for networks without votes.
  static std::optional<Box> voted_box(const CompareOutput& look, const CompareOutput& mirror) {
    if (!look.box_votes.defined()) return std::nullopt;
    const Box a = box_of(look.box[0]), b = box_of(mirror.box[0]);
    return Box{(a.cx + 1 - b.cx) / 2, (a.cy + b.cy) / 2, (a.w + b.w) / 2, (a.h + b.h) / 2};
  }

  /// The object's pixels as the mask network sees them; lonely specks left out.
  cv::Mat object_mask(const torch::Tensor& seen) const {
    const torch::Tensor logits = network_->mask->forward(seen)[0].contiguous();
    const cv::Mat mask = cv::Mat(static_cast<int>(logits.size(0)), static_cast<int>(logits.size(1)), CV_32F, logits.data_ptr<float>()) > 0;
    return without_specks(mask, kSpeckShare);
  }

  /// What lies near the silhouette that a camera sees and has the object's colours.
  static cv::Mat mask_at(const ReferenceData& reference, const OrbitView& view, const PoseQuery& query) {
    const int size = query.mask.cols;
    return mask_near(square_photo(query.photo, size), render_silhouette(reference.scene, orbit_camera(view, size)));
  }

  /// EdgeField::support of a camera, as the search by edges measures it.
  static double support_of(const ReferenceData& reference, const OrbitView& view, const PreparedPhoto& photo) {
    const EdgeField field(photo.bgr, photo.inside);
    const Camera camera = orbit_camera(view, field.size());
    return field.support(render_layers(reference.scene, camera), camera);
  }

  std::shared_ptr<const EdgeTemplates> edges_of(const ReferenceData& reference) const {
    return edges_.get(reference, [](const ReferenceData& of) { return std::make_shared<const EdgeTemplates>(of.scene, of.poses); });
  }

  /// Mask and camera found together: what lies near the best camera's silhouette and has the object's colours may be a better mask, and its
  /// cameras better ones, until both agree. Returns the mask of the cameras that are left in `hypotheses`.
  static cv::Mat agree(const ReferenceData& reference, PoseQuery query, std::vector<PoseHypothesis>& hypotheses) {
    for (int round = 0; round < kAgreeRounds; ++round) {
      const OrbitView& view = hypotheses.front().view;
      const cv::Mat again = mask_at(reference, view, query);
      if (mask_iou(again, query.mask) > kAgreed) break;
      PoseQuery other = query;
      other.mask = again;
      other.starts = {view};
      std::vector<PoseHypothesis> found = find_pose(reference.scene, reference.poses, other);
      if (found.empty() ||
          log_odds(found.front().evidence, PoseSource::kPhoto) <= log_odds(hypotheses.front().evidence, PoseSource::kPhoto))
        break;
      hypotheses = std::move(found);
      query.mask = again;
    }
    return query.mask;
  }

  const AlignNetOptions options_;
  mutable ReferenceCache<std::shared_ptr<const EdgeTemplates>> edges_;  ///< of references that were looked for in cluttered photos
  mutable AlignNet network_;                                            ///< its forward pass changes nothing
};

}  // namespace

std::unique_ptr<Detector> make_align_detector(WeightsInfo info, const NamedTensors& tensors, const Path& path) {
  return std::make_unique<AlignDetector>(std::move(info), tensors, path);
}

}  // namespace looking3d
