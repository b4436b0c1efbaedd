// How well cameras are found: `pose_report DATA [WEIGHTS|-] [PHOTOS] [SPLIT] [--fit] [--hard] [--failures] [--list] [--edges]
// [--masks=exact,...]`. Photos of a data set stand at azimuths of
// 18 degrees' steps, so each reference is turned about its vertical by an angle of its own: truth and search grid share no lattice.
// Each camera is searched with the piece's exact mask, with spoilt masks, and with the mask network's (where weights of align are given).
// `--edges`: only photos that are not on white, cameras also searched and judged by edges.
// `--hard`: photos are also turned in their plane and cut closer, so that roll and lens are unknown. `--fit`: prints the weights of
// src/pose/pose_score.cpp as fitted to these photos.
#include <sys/resource.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "base/random.h"
#include "dataset/data_set.h"
#include "engine/detector.h"
#include "pose/edge_search.h"
#include "pose/pose_search.h"

using namespace looking3d;

namespace {

constexpr int kReportSize = 256;  ///< side of the picture in whose pixels reprojection errors are given
constexpr double kRight = 8;      ///< degrees within which a hypothesis counts as the right one

double processor_ms() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](const timeval& t) { return 1e3 * static_cast<double>(t.tv_sec) + 1e-3 * static_cast<double>(t.tv_usec); };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values.empty() ? NAN : values[static_cast<size_t>(q * static_cast<double>(values.size() - 1))];
}

double share_below(const std::vector<double>& values, double limit) {
  return static_cast<double>(std::count_if(values.begin(), values.end(), [&](double v) { return v < limit; })) /
         static_cast<double>(values.size());
}

/// Spearman's correlation of two lists.
double rank_correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto ranks = [](const std::vector<double>& values) {
    std::vector<size_t> order(values.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](size_t i, size_t j) { return values[i] < values[j]; });
    std::vector<double> rank(values.size());
    for (size_t i = 0; i < order.size(); ++i) rank[order[i]] = static_cast<double>(i);
    return rank;
  };
  const std::vector<double> x = ranks(a), y = ranks(b);
  const double mean = (static_cast<double>(x.size()) - 1) / 2;
  double xy = 0, xx = 0, yy = 0;
  for (size_t i = 0; i < x.size(); ++i)
    xy += (x[i] - mean) * (y[i] - mean), xx += (x[i] - mean) * (x[i] - mean), yy += (y[i] - mean) * (y[i] - mean);
  return xy / std::sqrt(xx * yy);
}

/// A photo to search the camera of, and the truth.
struct Case {
  cv::Mat photo, exact;
  OrbitView truth;
  bool lens_known = true;
};

/// The photo turned in its plane by a drawn angle and cut closer by a drawn factor: exactly what roll and a longer lens do.
Case made_hard(const Case& plain, Rng& rng) {
  Case hard = plain;
  const double roll = radians(rng.uniform(-10, 10)), zoom = rng.uniform(0.9, 1.4);
  hard.truth.roll_rad += roll;
  hard.truth.focal_per_width *= zoom;
  hard.lens_known = false;
  const double c = zoom * std::cos(roll), n = zoom * std::sin(roll), middle = 0.5 * (plain.exact.cols - 1);
  const cv::Matx23d turn(c, -n, middle - c * middle + n * middle, n, c, middle - n * middle - c * middle);
  cv::warpAffine(plain.photo, hard.photo, turn, plain.photo.size(), cv::INTER_LINEAR, cv::BORDER_CONSTANT, cv::Scalar::all(255));
  cv::warpAffine(plain.exact, hard.exact, turn, plain.exact.size(), cv::INTER_LINEAR);
  hard.exact = hard.exact > 127;
  return hard;
}

/// Discs put on or taken off along a tenth of the outline.
cv::Mat bitten(const cv::Mat& mask, Rng& rng) {
  std::vector<cv::Point> outline;
  cv::findNonZero(outline_pixels(mask), outline);
  cv::Mat result = mask.clone();
  if (outline.empty()) return result;
  const int radius = std::max(2, mask.cols / 25);
  for (size_t wrong = 0; wrong < outline.size() / 10; wrong += static_cast<size_t>(2 * radius))
    cv::circle(result, outline[rng.index(outline.size())], radius, cv::Scalar(rng.uniform(0, 1) < 0.5 ? 255 : 0), cv::FILLED);
  return result;
}

std::map<std::string, cv::Mat> spoilt_masks(const cv::Mat& exact, Rng& rng) {
  const int grow = std::max(1, 3 * exact.cols / 128);
  const cv::Mat disc = cv::getStructuringElement(cv::MORPH_ELLIPSE, {2 * grow + 1, 2 * grow + 1});
  std::map<std::string, cv::Mat> masks = {{"exact", exact}, {"bitten", bitten(exact, rng)}};
  cv::dilate(exact, masks["grown"], disc);
  cv::morphologyEx(exact, masks["shrunk"], cv::MORPH_ERODE, disc);
  return masks;
}

struct Errors {
  double azimuth_deg = 180, elevation_deg = 90, reprojection_px = 128, surface_px = 128;
};

/// `surface_px`: each projected vertex against the nearest true one, so that a symmetric piece turned onto itself counts as right.
Errors errors_of(const OrbitView& found, const OrbitView& truth, const std::vector<Eigen::Vector3f>& vertices) {
  Errors errors;
  errors.azimuth_deg = degrees(std::abs(angle_difference(found.azimuth_rad, truth.azimuth_rad)));
  errors.elevation_deg = degrees(std::abs(found.elevation_rad - truth.elevation_rad));
  const Camera a = orbit_camera(found, kReportSize), b = orbit_camera(truth, kReportSize);
  cv::Mat marks(kReportSize, kReportSize, CV_8U, cv::Scalar(0));
  const auto pixel = [](const Eigen::Vector3d& at) {
    return cv::Point(std::clamp(static_cast<int>(at.x()), 0, kReportSize - 1), std::clamp(static_cast<int>(at.y()), 0, kReportSize - 1));
  };
  for (const auto& v : vertices) marks.at<uchar>(pixel(b.project(v.cast<double>()))) = 255;
  const cv::Mat distance = distance_to(marks);
  double apart = 0, surface = 0;
  for (const auto& v : vertices) {
    const Eigen::Vector3d at = a.project(v.cast<double>());
    apart += (at - b.project(v.cast<double>())).head<2>().norm();
    surface += distance.at<float>(pixel(at));
  }
  errors.reprojection_px = apart / static_cast<double>(vertices.size());
  errors.surface_px = surface / static_cast<double>(vertices.size());
  return errors;
}

struct Measured {
  std::vector<double> azimuth, elevation, reprojection, surface, among, cpu_ms, spread, local_ratio;

  void add(const std::vector<PoseHypothesis>& found, const OrbitView& truth, const std::vector<Eigen::Vector3f>& vertices, double ms) {
    const Errors first = found.empty() ? Errors() : errors_of(found[0].view, truth, vertices);
    azimuth.push_back(first.azimuth_deg), elevation.push_back(first.elevation_deg);
    reprojection.push_back(first.reprojection_px), surface.push_back(first.surface_px);
    double best = 180;
    for (const PoseHypothesis& h : found) best = std::min(best, degrees(std::abs(angle_difference(h.view.azimuth_rad, truth.azimuth_rad))));
    among.push_back(best);
    cpu_ms.push_back(ms);
    spread.push_back(degrees(azimuth_spread(found)));
    if (!found.empty() && first.azimuth_deg < kRight) local_ratio.push_back(first.azimuth_deg / degrees(found[0].spread.azimuth_rad));
  }
  void print(const std::string& name) const {
    std::printf(
        "%-34s %5zu | az %5.2f p90 %6.2f <2 %.3f <5 %.3f any<5 %.3f | el %5.2f p90 %5.2f | px %5.2f p90 %6.2f nearest %4.2f p90 %5.2f"
        " | %4.0f ms\n",
        name.c_str(), azimuth.size(), quantile(azimuth, 0.5), quantile(azimuth, 0.9), share_below(azimuth, 2), share_below(azimuth, 5),
        share_below(among, 5), quantile(elevation, 0.5), quantile(elevation, 0.9), quantile(reprojection, 0.5), quantile(reprojection, 0.9),
        quantile(surface, 0.5), quantile(surface, 0.9), quantile(cpu_ms, 0.5));
  }
  void print_uncertainty(const std::string& name) const {
    std::vector<double> covered;
    for (size_t i = 0; i < spread.size(); ++i) covered.push_back(azimuth[i] / spread[i]);
    std::printf(
        "uncertainty of azimuth, %-10s | rank correlation with the error %.3f | error within 1 sd %.3f, 2 sd %.3f | right hypotheses, "
        "own sd: within 1 sd %.3f (0.68 wanted), 2 sd %.3f (0.95)\n",
        name.c_str(), rank_correlation(spread, azimuth), share_below(covered, 1), share_below(covered, 2), share_below(local_ratio, 1),
        share_below(local_ratio, 2));
  }
};

/// Conditional logit: among the hypotheses of each photo, which is the right one.
struct LogitFit {
  using Vector = Eigen::Matrix<double, kPoseFeatures, 1>;
  struct Choice {
    std::vector<Vector> features;
    size_t right = 0;
  };
  std::vector<Choice> choices;

  void add(const std::vector<PoseHypothesis>& found, const OrbitView& truth, const std::vector<Eigen::Vector3f>& vertices) {
    Choice choice;
    double best = 1e9;
    for (const PoseHypothesis& h : found) {
      const Errors errors = errors_of(h.view, truth, vertices);
      if (errors.azimuth_deg < kRight && errors.reprojection_px < best)
        best = errors.reprojection_px, choice.right = choice.features.size();
      choice.features.push_back(Vector(features_of(h.evidence).data()));
    }
    if (best < 1e9 && found.size() > 1) choices.push_back(choice);
  }

  /// Newton's method with a small ridge; features from `used` on are left out.
  Vector fit(int used) const {
    Vector w = Vector::Zero();
    for (int round = 0; round < 50; ++round) {
      Vector gradient = -0.01 * w;
      Eigen::Matrix<double, kPoseFeatures, kPoseFeatures> curvature = 0.01 * decltype(curvature)::Identity();
      for (const Choice& choice : choices) {
        std::vector<double> odds;
        for (const Vector& f : choice.features) odds.push_back(w.head(used).dot(f.head(used)));
        const std::vector<double> p = probabilities(odds);
        Vector mean = Vector::Zero();
        for (size_t i = 0; i < p.size(); ++i) mean += p[i] * choice.features[i];
        gradient += choice.features[choice.right] - mean;
        for (size_t i = 0; i < p.size(); ++i) curvature += p[i] * (choice.features[i] - mean) * (choice.features[i] - mean).transpose();
      }
      gradient.tail(kPoseFeatures - used).setZero();
      Vector step = Vector::Zero();
      step.head(used) = curvature.topLeftCorner(used, used).ldlt().solve(gradient.head(used));
      w += step * std::min(1.0, 10 / step.norm());
    }
    return w;
  }

  void print() const {
    for (const int used : {kPoseFeatures - 2, kPoseFeatures - 1, kPoseFeatures}) {
      const Vector w = fit(used);
      double log_likelihood = 0;
      size_t right = 0;
      for (const Choice& choice : choices) {
        std::vector<double> odds;
        for (const Vector& f : choice.features) odds.push_back(w.dot(f));
        log_likelihood += std::log(probabilities(odds)[choice.right]);
        right += std::max_element(odds.begin(), odds.end()) - odds.begin() == static_cast<std::ptrdiff_t>(choice.right);
      }
      std::printf("fitted weights (%d features): {", used);
      for (int k = 0; k < kPoseFeatures; ++k) std::printf("%s%.2f", k > 0 ? ", " : "", w[k]);
      std::printf("}, mean log likelihood %.4f, right first %.4f of %zu\n", log_likelihood / static_cast<double>(choices.size()),
                  static_cast<double>(right) / static_cast<double>(choices.size()), choices.size());
    }
  }
};

/// The shape turned about its vertical.
Shape turned(Shape shape, double angle_rad) {
  const Eigen::Matrix3f turn = Eigen::AngleAxisf(static_cast<float>(angle_rad), Eigen::Vector3f::UnitY()).toRotationMatrix();
  for (Part& part : shape.parts)
    for (Eigen::Vector3f& v : part.mesh.vertices) v = turn * v;
  return shape;
}

std::vector<Eigen::Vector3f> thinned(const std::vector<Eigen::Vector3f>& all, size_t most) {
  std::vector<Eigen::Vector3f> some;
  for (size_t i = 0; i < std::min(most, all.size()); ++i) some.push_back(all[i * all.size() / std::min(most, all.size())]);
  return some;
}

class Report {
 public:
  struct Wishes {
    bool fit = false, hard = false, failures = false, list = false, edges = false;
    std::string masks;
  };
  Report(const DataSet& data, std::unique_ptr<Detector> detector, Wishes wishes)
      : data_(data), detector_(std::move(detector)), wishes_(std::move(wishes)) {
    if (wishes_.fit) options_.hypotheses = options_.finish_keep = 8;
  }

  void measure(const Sample& sample, size_t number) {
    if (shape_ != sample.shape_id) {
      shape_ = sample.shape_id;
      turn_rad_ = Rng(identity(11, shape_)).uniform(0, 6.28);
      other_ = std::move(reference_);
      reference_ = std::make_unique<ReferenceData>(prepare_reference(shape_, turned(data_.load_mesh(shape_), turn_rad_), {}));
      other_edges_ = std::move(edges_);
      edges_ = std::make_unique<EdgeTemplates>(reference_->scene, reference_->poses);
      vertices_ = thinned(reference_->shape.all_vertices(), 1500);
    }
    const Annotation annotation = data_.load_annotation(sample);
    Case plain{data_.load_image(sample), data_.load_object_mask(sample), *annotation.view};
    if (wishes_.edges && is_on_paper(plain.photo)) return;
    if (wishes_.edges && other_) {
      support_[0].push_back(most_support(*reference_, *edges_, plain.photo));
      support_[1].push_back(most_support(*other_, *other_edges_, plain.photo));
    }
    plain.truth.azimuth_rad += turn_rad_;
    Rng rng(identity(12, static_cast<int64_t>(number)));
    std::map<std::string, cv::Mat> masks = spoilt_masks(plain.exact, rng);
    if (detector_) {
      const PreparedPhoto photo = prepare_photo({plain.photo, {}}, detector_->photo_px());
      masks["network"] = detector_->detect(*reference_, photo).mask;
    }
    const std::string family = annotation.raw.value("family", "?");
    for (const auto& [name, mask] : masks)
      if (wishes_.masks.find(name) != std::string::npos)
        search(plain, mask, name, sample.name, {name, name + " / " + family, name + " / " + sample.kind});
    if (wishes_.hard) {
      const Case hard = made_hard(plain, rng);
      search(hard, hard.exact, "roll+lens", sample.name, {"roll+lens", "roll+lens / " + family});
    }
  }

  void print() const {
    for (const auto& [name, m] : measured_) m.print(name);  // by mask, then by family and kind
    for (const auto& [name, m] : measured_)
      if (name.find('/') == std::string::npos) m.print_uncertainty(name);
    if (wishes_.fit) logit_.print();
    for (const size_t k : {0, 1}) {
      if (support_[k].empty()) continue;
      std::printf("support of the best camera by edges alone, %s reference:", k == 0 ? "own" : "another");
      for (const double q : {0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95}) std::printf(" p%.0f %.1f", 100 * q, quantile(support_[k], q));
      std::printf("\n");
    }
  }

 private:
  static double most_support(const ReferenceData& reference, const EdgeTemplates& templates, const cv::Mat& photo) {
    const auto found = find_pose_by_edges(reference.scene, templates, EdgeField(photo));
    return found.empty() ? 0 : found.front().support;
  }

  void search(const Case& one, const cv::Mat& mask, const std::string& name, const std::string& photo,
              const std::vector<std::string>& keys) {
    PoseQuery query{.mask = mask, .photo = one.photo};
    if (wishes_.edges) query.edges = edges_.get();
    query.focal_is_known = one.lens_known;
    const double start = processor_ms();
    const std::vector<PoseHypothesis> found = find_pose(reference_->scene, reference_->poses, query, options_);
    const double ms = processor_ms() - start;
    for (const std::string& key : keys) measured_[key].add(found, one.truth, vertices_, ms);
    if (wishes_.list && !found.empty()) list(found, one, name, photo);
    if (wishes_.failures) tell_failure(found, one, name, photo);
    if (wishes_.fit && name != "roll+lens") logit_.add(found, one.truth, vertices_);
  }

  /// One line of figures: errors of the first hypothesis (degrees), its own standard deviations, spread, probability, evidence.
  void list(const std::vector<PoseHypothesis>& found, const Case& one, const std::string& name, const std::string& photo) const {
    const Errors errors = errors_of(found[0].view, one.truth, vertices_);
    std::printf("list %s %s %.3f %.3f %.3f %.3f %.3f %.4f", name.c_str(), photo.c_str(), errors.azimuth_deg, errors.elevation_deg,
                degrees(found[0].spread.azimuth_rad), degrees(found[0].spread.elevation_rad), degrees(azimuth_spread(found)),
                found[0].probability);
    for (const double f : features_of(found[0].evidence)) std::printf(" %.3f", f);
    std::printf("\n");
  }

  /// Where the first hypothesis is wrong: what it is, and what the true camera's evidence would have been.
  void tell_failure(const std::vector<PoseHypothesis>& found, const Case& one, const std::string& name, const std::string& photo) const {
    if (!found.empty() && errors_of(found[0].view, one.truth, vertices_).azimuth_deg < 5) return;
    const auto tell = [](const char* who, const OrbitView& v, const PoseEvidence& e, double p) {
      std::printf("    %s az %.1f el %.1f roll %.1f d %.2f shift %.2f %.2f f %.2f | p %.3f odds %.1f |", who, degrees(v.azimuth_rad),
                  degrees(v.elevation_rad), degrees(v.roll_rad), v.distance, v.shift_x, v.shift_y, v.focal_per_width, p,
                  log_odds(e, PoseSource::kPhoto));
      for (const double f : features_of(e)) std::printf(" %.3f", f);
      std::printf("\n");
    };
    std::printf("wrong with mask %s: %s\n", name.c_str(), photo.c_str());
    const PoseTarget target(one.exact, one.photo, 128);
    tell("truth", one.truth, weigh_pose(render_layers(reference_->scene, orbit_camera(one.truth, 128)), target), 0);
    for (const PoseHypothesis& h : found) tell("found", h.view, h.evidence, h.probability);
  }

  const DataSet& data_;
  std::unique_ptr<Detector> detector_;
  Wishes wishes_;
  PoseOptions options_;
  std::string shape_;
  double turn_rad_ = 0;
  std::unique_ptr<ReferenceData> reference_, other_;  ///< the sample's shape, and the one before
  std::unique_ptr<EdgeTemplates> edges_, other_edges_;
  std::vector<double> support_[2];  ///< of the own reference and of the other
  std::vector<Eigen::Vector3f> vertices_;
  std::map<std::string, Measured> measured_;
  LogitFit logit_;
};

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  const auto flag = [&](const std::string& name) { return std::erase(words, name) > 0; };
  const bool fit = flag("--fit"), hard = flag("--hard"), failures = flag("--failures"), list = flag("--list"), edges = flag("--edges");
  std::string masks = "exact,bitten,grown,shrunk,network";
  std::erase_if(words, [&](const std::string& w) { return w.starts_with("--masks=") && (masks = w.substr(8), true); });
  if (words.empty())
    return std::fprintf(
               stderr,
               "pose_report DATA [WEIGHTS|-] [PHOTOS] [SPLIT] [--fit] [--hard] [--failures] [--list] [--edges] [--masks=exact,...]\n"),
           2;
  const DataSet data = DataSet::open(words[0]);
  std::unique_ptr<Detector> detector;
  if (words.size() > 1 && words[1] != "-") detector = Detector::open(words[1]);
  const size_t count = words.size() > 2 ? std::stoul(words[2]) : 200;
  std::vector<size_t> samples = data.samples_of(words.size() > 3 ? words[3] : "val");
  // Spread over the split, then by shape, so that each reference is prepared once.
  std::vector<size_t> chosen;
  for (size_t k = 0; k < std::min(count, samples.size()); ++k)
    chosen.push_back(samples[k * samples.size() / std::min(count, samples.size())]);
  std::stable_sort(chosen.begin(), chosen.end(),
                   [&](size_t a, size_t b) { return data.samples()[a].shape_id < data.samples()[b].shape_id; });
  Report report(data, std::move(detector), {fit, hard, failures, list, edges, masks});
  for (size_t k = 0; k < chosen.size(); ++k) report.measure(data.samples()[chosen[k]], k);
  report.print();
  return 0;
}
