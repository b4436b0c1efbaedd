#include "pose/pose_search.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>
#include <optional>

#include "base/check.h"
#include "base/parallel.h"
#include "pose/coarse_search.h"
#include "pose/edge_search.h"
#include "pose/mask_growth.h"
#include "pose/pose_fit.h"

namespace looking3d {
namespace {

constexpr int kCoarsePoints = 200, kFinePoints = 400, kInnerPoints = 300;
constexpr double kShiftSd = 0.1;                              ///< of the width: photos aim at their object
constexpr double kFocalSd = 0.3;                              ///< of the logarithm, where the lens is unknown
constexpr double kRivalLoss = 5;                              ///< log odds that a counterpart may lack and still be a rival
constexpr double kGoodSilhouette = 0.93, kGoodOutline = 0.9;  ///< at low resolution: such a camera needs no shaking
constexpr double kSharedOutline = 0.9;                        ///< of both outlines: a mask of that shape is taken as it is
constexpr int kShaken = 2;                                    ///< candidates that are, at most
constexpr double kShakeAngle = 8, kShakeDistance = 0.05;      ///< degrees; of the logarithm
constexpr double kInnerWeight = 0.6;
constexpr int kPolishReach = 3;         ///< pixels
constexpr double kLeastMatched = 0.35;  ///< share of the outline with an edge of the photo near it

/// A camera on its way to being a hypothesis.
struct Candidate {
  Candidate() = default;
  explicit Candidate(const OrbitView& from) : view(from) {}

  OrbitView view;
  double score = -1;
  PoseEvidence evidence;
  PoseMatrix covariance = PoseMatrix::Zero();
};

/// The mask with gaps of up to four pixels filled.
cv::Mat filled(const cv::Mat& mask) {
  static const cv::Mat kernel = cv::getStructuringElement(cv::MORPH_ELLIPSE, {5, 5});
  cv::Mat result;
  cv::morphologyEx(mask, result, cv::MORPH_CLOSE, kernel, {-1, -1}, 1, cv::BORDER_CONSTANT, cv::Scalar(0));
  return result;
}

bool better(const Candidate& a, const Candidate& b) {
  return a.score > b.score;
}

/// A candidate being pulled onto the photo, a step at a time.
struct Pull {
  OrbitView view;
  Camera camera;
  Layers layers;  ///< the reference as seen there
  PoseMatrix covariance = PoseMatrix::Zero();
  int step = 0;
  Candidate best;  ///< of the cameras on the way
};

/// The first `count` of them, in parallel.
template <class Item, class Work>
void each(std::vector<Item>& items, size_t count, const Work& work) {
  parallel_for(static_cast<int64_t>(std::min(items.size(), count)), [&](int64_t i) { work(items[i], static_cast<size_t>(i)); });
}

/// The search for one photo: scene, target and options together.
class Search {
 public:
  Search(const Scene& scene, const PoseIndex& index, const PoseQuery& query, const PoseOptions& options)
      : scene_(scene),
        index_(index),
        query_(query),
        options_(options),
        coarse_(query.mask, {}, options.refine_size),
        filled_(filled(coarse_.mask()), {}, options.refine_size),
        fine_(query.mask, query.photo, options.final_size) {
    OrbitView usual;
    usual.focal_per_width = query.focal_per_width;
    prior_.mean = parameters_of(usual);
    prior_.deviation << 1e3, 1e3, radians(options.roll_sd_deg), 1e3, kShiftSd, kShiftSd, query.focal_is_known ? 0 : kFocalSd;
  }

  std::vector<Candidate> run() const {
    std::vector<Candidate> found = starts();
    refine_all(found, 0);
    std::stable_sort(found.begin(), found.end(), better);
    const size_t before = found.size();
    add_rivals(found);
    refine_all(found, before);
    std::stable_sort(found.begin(), found.end(), better);
    shake(found);
    found = distinct(found, options_.finish_keep);
    race(found, 0, fine_, &Search::finish_step, options_.finish_race_keep);
    std::stable_sort(found.begin(), found.end(), better);
    return distinct(found, options_.finish_keep);  // some may have come together
  }

  bool with_photo() const { return fine_.has_edges(); }

  /// Those found by edges alone join, and all are judged by what both tell. Best first.
  std::vector<Candidate> judged_by_edges(std::vector<Candidate> candidates) const {
    const EdgeField field(query_.photo, query_.inside);
    const EdgeSearchOptions options{.focal_per_width = query_.focal_per_width};
    for (const EdgePose& pose : find_pose_by_edges(scene_, *query_.edges, field, options)) candidates.emplace_back(pose.view);
    each(candidates, candidates.size(), [&](Candidate& candidate, size_t) {
      const Camera camera = orbit_camera(candidate.view, field.size());
      candidate.evidence = weigh_pose(render_layers(scene_, orbit_camera(candidate.view, fine_.size())), fine_);
      candidate.evidence.edges = field.support(render_layers(scene_, camera), camera);
      candidate.score = log_odds(candidate.evidence, PoseSource::kCluttered) + prior_odds(candidate.view);
    });
    std::stable_sort(candidates.begin(), candidates.end(), better);
    return distinct(candidates, options_.finish_keep);
  }

  /// The first `count` pulled by the photo's own edges at its full resolution: masks err by a pixel, and the comparison takes a pixel for
  /// damage.
  void polish(std::vector<Candidate>& candidates, size_t count) const {
    const int size = std::min(options_.polish_size, query_.photo.cols);
    if (!with_photo() || size <= fine_.size()) return;
    const PoseTarget whole(query_.mask, query_.photo, size);
    each(candidates, count, [&](Candidate& candidate, size_t) { polish_one(candidate, whole); });
  }

 private:
  std::vector<Candidate> starts() const {
    const CoarseOptions coarse{.keep = options_.coarse_keep, .most_roll_deg = options_.roll_sd_deg > 0 ? options_.most_roll_deg : 0};
    std::vector<Candidate> found;
    for (const OrbitView& view : query_.starts) found.emplace_back(view);
    for (const CoarseStart& start : coarse_starts(index_, query_.mask, query_.focal_per_width, coarse)) found.emplace_back(start.view);
    return found;
  }

  /// All candidates from `first` on a step, and the `keep` best of them on to the end.
  void race(std::vector<Candidate>& candidates, size_t first, const PoseTarget& target, void (Search::*step)(Pull&) const,
            size_t keep) const {
    std::vector<Pull> pulls(candidates.size() - first);
    each(pulls, pulls.size(), [&](Pull& pull, size_t i) {
      pull.view = candidates[first + i].view;
      look(pull, target);
      (this->*step)(pull);
    });
    std::stable_sort(pulls.begin(), pulls.end(), [](const Pull& a, const Pull& b) { return better(a.best, b.best); });
    each(pulls, keep, [&](Pull& pull, size_t) {
      (this->*step)(pull);
      (this->*step)(pull);
    });
    for (size_t i = 0; i < pulls.size(); ++i) candidates[first + i] = pulls[i].best;
  }

  void refine_all(std::vector<Candidate>& candidates, size_t first) const {
    race(candidates, first, coarse_, &Search::refine_step, options_.race_keep);
  }

  /// Logarithm of what is known of cameras before the photo is looked at.
  double prior_odds(const OrbitView& view) const {
    const PoseVector off = parameters_of(view) - prior_.mean;
    double sum = 0;
    for (int k = 2; k < kPoseParameters; ++k) {
      const double deviations = prior_.deviation[k] > 0 ? off[k] / prior_.deviation[k] : 0;
      sum -= 0.5 * deviations * deviations;
    }
    return sum;
  }

  /// Renders the reference where the pull has got to, and weighs the camera.
  void look(Pull& pull, const PoseTarget& target) const {
    pull.camera = orbit_camera(pull.view, target.size());
    pull.layers = render_layers(scene_, pull.camera);
    const PoseEvidence evidence = weigh_pose(pull.layers, target);
    const double score = log_odds(evidence, target.has_edges() ? PoseSource::kPhoto : PoseSource::kMask) + prior_odds(pull.view);
    if (pull.step > 0 && score <= pull.best.score) return;
    pull.best = Candidate(pull.view);
    pull.best.score = score, pull.best.evidence = evidence, pull.best.covariance = pull.covariance;
  }

  /// By the outline at low resolution, at first with the mask's and the reference's gaps filled.
  void refine_step(Pull& pull) const {
    const bool first = pull.step == 0;
    const PoseFitOptions options{.iterations = 3, .reach = first ? 8 : 6 - pull.step};
    const cv::Mat mask = first ? filled(pull.layers.mask()) : pull.layers.mask();
    pull.view =
        fit_pose(pull.view, outline_points(pull.layers, mask, pull.camera, kCoarsePoints), {}, first ? filled_ : coarse_, prior_, options)
            .view;
    ++pull.step;
    look(pull, coarse_);
  }

  /// By outline and inner edges at full resolution.
  void finish_step(Pull& pull) const {
    std::vector<EdgePoint> inner;
    if (with_photo()) inner = inner_edge_points(pull.layers, pull.camera, kInnerPoints);
    const PoseFitOptions options{.iterations = 3, .reach = 5 - pull.step, .inner_weight = kInnerWeight};
    const PoseFit fit = fit_pose(pull.view, outline_points(pull.layers, pull.camera, kFinePoints), inner, fine_, prior_, options);
    pull.view = fit.view;
    pull.covariance = fit.covariance;
    if (pull.step == 0) pull.best.covariance = fit.covariance;
    ++pull.step;
    look(pull, fine_);
  }

  /// Edges of a slatted piece lock one slat off, and damage pulls: the best candidates are also refined from cameras around them.
  void shake(std::vector<Candidate>& found) const {
    const std::vector<Candidate> best = distinct(found, kShaken);
    if (best.empty() || (best[0].evidence.silhouette > kGoodSilhouette && best[0].evidence.outline_seen > kGoodOutline)) return;
    const size_t before = found.size();
    for (const Candidate& candidate : best) {
      for (const double sign : {1.0, -1.0}) {
        PoseVector azimuth = parameters_of(candidate.view), elevation = azimuth, distance = azimuth;
        azimuth[0] += sign * radians(kShakeAngle), elevation[1] += sign * radians(kShakeAngle), distance[3] += sign * kShakeDistance;
        for (const PoseVector& shaken : {azimuth, elevation, distance}) found.emplace_back(view_of(shaken));
      }
      OrbitView upright = candidate.view;
      upright.roll_rad = upright.shift_x = upright.shift_y = 0;
      found.emplace_back(upright);
    }
    refine_all(found, before);
    std::stable_sort(found.begin(), found.end(), better);
  }

  /// Counterparts of the best: turned by quarters, and mirrored. Where the reference has such a symmetry, or nearly, they look alike.
  void add_rivals(std::vector<Candidate>& found) const {
    const size_t count = found.size();
    std::vector<Candidate> rivals;
    for (size_t i = 0; i < std::min<size_t>(count, 2); ++i) {
      if (found[i].score < found[0].score - kRivalLoss) break;
      for (const double mirror : {1.0, -1.0})
        for (int quarter = 0; quarter < 4; ++quarter) {
          if (mirror > 0 && quarter == 0) continue;
          Candidate rival(found[i].view);
          rival.view.azimuth_rad = mirror * rival.view.azimuth_rad + quarter * std::numbers::pi / 2;
          const auto same = [&](const Candidate& other) {
            return turn_between(other.view, rival.view) < radians(options_.distinct_deg) / 2;
          };
          const auto near_and_good = [&](const Candidate& c) { return c.score > found[0].score - kRivalLoss && same(c); };
          if (std::none_of(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count), near_and_good) &&
              std::none_of(rivals.begin(), rivals.end(), same))
            rivals.push_back(rival);
        }
    }
    // Their silhouettes as they are say which are worth refining.
    parallel_for(static_cast<int64_t>(rivals.size()), [&](int64_t i) {
      rivals[i].score = mask_iou(render_silhouette(scene_, orbit_camera(rivals[i].view, coarse_.size())), coarse_.mask());
    });
    std::stable_sort(rivals.begin(), rivals.end(), better);
    rivals.resize(std::min<size_t>(rivals.size(), options_.rival_keep));
    found.insert(found.end(), rivals.begin(), rivals.end());
  }

  void polish_one(Candidate& candidate, const PoseTarget& whole) const {
    constexpr int kRounds = 2;
    for (int round = 0; round < kRounds; ++round) {
      const Camera camera = orbit_camera(candidate.view, whole.size());
      const Layers layers = render_layers(scene_, camera);
      const PoseFitOptions options{.iterations = 2, .reach = kPolishReach, .inner_weight = kInnerWeight, .outline_by_photo = true};
      const PoseFit fit = fit_pose(candidate.view, outline_points(layers, camera, kFinePoints),
                                   inner_edge_points(layers, camera, kInnerPoints), whole, prior_, options);
      if (fit.matched < kLeastMatched) return;
      candidate.view = fit.view;
      candidate.covariance = fit.covariance;
    }
  }

  std::vector<Candidate> distinct(const std::vector<Candidate>& sorted, int keep) const {
    std::vector<Candidate> kept;
    for (const Candidate& candidate : sorted) {
      const bool fresh = std::none_of(kept.begin(), kept.end(), [&](const Candidate& other) {
        return turn_between(other.view, candidate.view) < radians(options_.distinct_deg);
      });
      if (fresh && static_cast<int>(kept.size()) < keep) kept.push_back(candidate);
    }
    return kept;
  }

  const Scene& scene_;
  const PoseIndex& index_;
  const PoseQuery& query_;
  const PoseOptions& options_;
  PoseTarget coarse_, filled_, fine_;
  PosePrior prior_;
};

/// The curvature's standard deviations, and how much worse the camera is where outlines disagree: damage and bad masks pull. Both
/// constants make the first hypothesis' errors on 150 photos of data128's training split (exact masks) come out as they should.
PoseSpread spread_of(const Candidate& candidate) {
  constexpr double kCalibration = 0.25, kDisagreement = 3;
  const double apart = 2 - candidate.evidence.outline_seen - candidate.evidence.outline_found;
  const double factor = kCalibration * std::exp(kDisagreement * apart);
  const auto sd = [&](int k) { return factor * std::sqrt(std::max(candidate.covariance(k, k), 0.0)); };
  return {.azimuth_rad = sd(0),
          .elevation_rad = sd(1),
          .roll_rad = sd(2),
          .distance_share = sd(3),
          .focal_share = sd(6),
          .shift_x = sd(4),
          .shift_y = sd(5)};
}

bool shares_outline(const PoseEvidence& evidence) {
  return std::min(evidence.outline_seen, evidence.outline_found) > kSharedOutline;
}

/// The mask drawn in or out to the photo's edges; false where they do not ask for it.
bool mend_mask(PoseQuery& query) {
  if (query.mask_is_exact || query.photo.empty()) return false;
  cv::Mat photo = query.photo;
  if (photo.size() != query.mask.size()) cv::resize(query.photo, photo, query.mask.size(), 0, 0, cv::INTER_AREA);
  const double growth_px = mask_growth_px(query.mask, photo);
  if (growth_px == 0) return false;
  query.mask = without_growth(query.mask, growth_px);
  return cv::countNonZero(query.mask) > 0;
}

}  // namespace

std::vector<PoseHypothesis> find_pose(const Scene& scene, const PoseIndex& index, const PoseQuery& query, const PoseOptions& options) {
  L3D_CHECK(query.mask.type() == CV_8U && query.mask.rows == query.mask.cols, "a square mask");
  if (cv::countNonZero(query.mask) == 0) return {};
  const Search as_given(scene, index, query, options);
  const Search* search = &as_given;
  std::vector<Candidate> found = search->run();  // best first
  // A mask that is too wide or too narrow all round pulls every camera nearer or farther; mended it may fit better, or not. One whose
  // outline the reference shares is right.
  PoseQuery mended_query = query;
  std::optional<Search> mended;
  if ((found.empty() || !shares_outline(found[0].evidence)) && mend_mask(mended_query)) {
    mended.emplace(scene, index, mended_query, options);
    std::vector<Candidate> others = mended->run();
    if (!others.empty() && (found.empty() || others[0].score > found[0].score)) search = &*mended, found.swap(others);
  }
  if (query.edges != nullptr) found = search->judged_by_edges(std::move(found));
  std::vector<double> odds;
  for (const Candidate& candidate : found) odds.push_back(candidate.score);
  const std::vector<double> shares = probabilities(odds);
  const auto rivals = std::count_if(shares.begin(), shares.end(), [](double share) { return share >= kRivalProbability; });
  search->polish(found, static_cast<size_t>(std::min<std::ptrdiff_t>(rivals, options.polish_keep)));

  std::vector<PoseHypothesis> hypotheses;
  for (size_t i = 0; i < found.size() && static_cast<int>(i) < options.hypotheses; ++i)
    hypotheses.push_back({found[i].view, found[i].evidence.silhouette, shares[i], found[i].evidence, spread_of(found[i])});
  return hypotheses;
}

double azimuth_spread(const std::vector<PoseHypothesis>& hypotheses) {
  if (hypotheses.empty()) return std::numbers::pi / std::sqrt(3.0);  // any azimuth alike
  double variance = 0, sum = 0;
  for (const PoseHypothesis& h : hypotheses) {
    const double away = angle_difference(h.view.azimuth_rad, hypotheses.front().view.azimuth_rad);
    variance += h.probability * (away * away + h.spread.azimuth_rad * h.spread.azimuth_rad);
    sum += h.probability;
  }
  return std::sqrt(variance / sum);
}

}  // namespace looking3d
