// The public API (include/looking3d/looking3d.h): prepares photos, asks the detector, and brings its answer to the photo's frame.
#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/error.h"
#include "base/stopwatch.h"
#include "engine/detector.h"
#include "engine/explain.h"
#include "engine/frame_photo.h"
#include "geometry/mesh_smooth.h"
#include "looking3d/looking3d.h"
#include "render/reference_views.h"

namespace looking3d {
namespace {

constexpr double kDoubtfulCamera = 0.2;  ///< probability of the camera below which a verdict is doubtful
constexpr double kPoorPose = 0.80;       ///< silhouette agreement below which a verdict is doubtful
constexpr int kMostSmoothRounds = 1000;
constexpr int kViewSide = 1024;  ///< longest side of the re-rendered reference, pixels

/// 1, 3 or 4 channels as BGR and, where there is transparency, its mask.
PhotoImage photo_image(const cv::Mat& photo) {
  if (photo.empty()) throw InputError("photo", "is empty", "could it be read at all?");
  PhotoImage image;
  switch (photo.type()) {
    case CV_8UC1:
      cv::cvtColor(photo, image.bgr, cv::COLOR_GRAY2BGR);
      break;
    case CV_8UC3:
      image.bgr = photo;
      break;
    case CV_8UC4:
      return split_alpha(photo);
    default:
      throw InputError("photo", "is not an 8-bit picture of 1, 3 or 4 channels");
  }
  return image;
}

/// K of the photo for a camera of the prepared picture.
cv::Matx33d photo_intrinsics(const Camera& camera, const PhotoWindow& window) {
  const double scale = window.side / camera.width;
  return {camera.focal_px * scale,
          0,
          camera.centre_px.x() * scale + window.x,
          0,
          camera.focal_px * scale,
          camera.centre_px.y() * scale + window.y,
          0,
          0,
          1};
}

FoundCamera found_camera(const Detection& detection, int size, const PhotoWindow& window) {
  const OrbitView& view = *detection.view;
  const Camera camera = orbit_camera(view, size);
  FoundCamera found;
  found.azimuth_deg = std::fmod(degrees(view.azimuth_rad) + 720, 360);
  found.elevation_deg = degrees(view.elevation_rad);
  found.roll_deg = degrees(view.roll_rad);
  found.distance = view.distance;
  found.intrinsics = photo_intrinsics(camera, window);
  found.focal_px = found.intrinsics(0, 0);
  const Eigen::Matrix4d pose = camera.camera_from_world.matrix();
  for (int r = 0; r < 4; ++r)
    for (int c = 0; c < 4; ++c) found.camera_from_world(r, c) = pose(r, c);
  found.score = detection.pose_score;
  found.probability = detection.view_probability;
  return found;
}

/// The kinds, most probable first. `covered`: that it is none of them but something on or before the piece.
void list_kinds(const std::array<double, kKinds>& kinds, std::optional<double> covered, Inspection& inspection) {
  inspection.kinds.clear();
  for (size_t i = 0; i < kinds.size(); ++i) inspection.kinds.push_back({kKindNames[i], kinds[i] * (1 - covered.value_or(0))});
  if (covered) inspection.kinds.push_back({"covered", *covered});
  std::stable_sort(inspection.kinds.begin(), inspection.kinds.end(),
                   [](const KindProbability& a, const KindProbability& b) { return a.probability > b.probability; });
  if (inspection.verdict == Verdict::kDeviates) inspection.kind = inspection.kinds.front().kind;
}

std::vector<PartEvidence> part_evidence(const Shape& shape, const std::vector<PartSuspect>& suspects) {
  std::vector<PartEvidence> parts;
  for (const PartSuspect& suspect : suspects) {
    const Part& part = shape.parts[static_cast<size_t>(suspect.part)];
    parts.push_back({part.name, part.label, suspect.share, suspect.change, suspect.visible});
  }
  return parts;
}

PartMotion part_motion(const PartMotionFit& fit, double height) {
  return {degrees(fit.motion.turn_rad()), degrees(fit.turn_sigma_rad), fit.motion.shift.norm() / height, fit.shift_sigma / height};
}

/// What happened, in geometry.
void explain_geometry(const ReferenceData& reference, const Detection& detection, const cv::Mat& heat, const PreparedPhoto& prepared,
                      Inspection& inspection) {
  const bool deviates = inspection.verdict == Verdict::kDeviates;
  const cv::Mat& object = detection.mask.empty() ? prepared.mask : detection.mask;
  const Explanation found =
      explain_change(reference, {*detection.view, heat, object, prepared.bgr, detection.kinds, detection.cover}, deviates);
  inspection.parts = part_evidence(reference.shape, found.parts);
  for (const int part : found.not_judged) inspection.not_judged.push_back(reference.shape.parts[static_cast<size_t>(part)].name);
  if (found.next) inspection.next_camera = {degrees(found.next->azimuth_rad), degrees(found.next->elevation_rad), found.next->shown};
  if (!deviates) return;
  if (detection.kinds || found.motion) list_kinds(found.kinds, found.covered, inspection);
  if (!found.motion) return;
  const std::string& kind = inspection.kind;
  if (kind == "missing" || kind == "broken") inspection.lost_share = found.motion->lost_share;
  const bool moves = kind == "position" || kind == "rotation";
  if (moves && found.motion->explains) inspection.motion = part_motion(*found.motion, reference.scene.bounds().sizes().y());
}

/// A normalised box of the prepared picture on the photo, clipped to it.
PixelBox photo_box(const Box& box, const PhotoWindow& window, cv::Size photo) {
  const double x0 = window.x + (box.cx - box.w / 2) * window.side, x1 = window.x + (box.cx + box.w / 2) * window.side;
  const double y0 = window.y + (box.cy - box.h / 2) * window.side, y1 = window.y + (box.cy + box.h / 2) * window.side;
  const double left = std::clamp(x0, 0.0, double(photo.width)), right = std::clamp(x1, 0.0, double(photo.width));
  const double top = std::clamp(y0, 0.0, double(photo.height)), bottom = std::clamp(y1, 0.0, double(photo.height));
  return {left, top, right - left, bottom - top};
}

/// What the photo resembles in the reference views.
void describe_matches(const Detection& detection, const PhotoWindow& window, cv::Size photo, Inspection& inspection) {
  const auto view = [](int index) { return ViewOfReference{index, 360.0 * index / ReferenceViewOptions().count}; };
  const auto correspondences = [&](const std::vector<PatchLink>& links) {
    std::vector<Correspondence> pairs;
    for (const PatchLink& link : links) {
      const Box& there = link.view_patch;
      const PixelBox view_patch{there.cx - there.w / 2, there.cy - there.h / 2, there.w, there.h};
      pairs.push_back({photo_box(link.patch, window, photo), view(link.view), view_patch, link.similarity});
    }
    return pairs;
  };
  if (detection.closest_view) inspection.closest_view = view(*detection.closest_view);
  inspection.correspondences = correspondences(detection.links);
  inspection.matches = correspondences(detection.matches);
}

/// The reference in grey at the found camera, in the photo's frame.
cv::Mat reference_view(const Scene& scene, const OrbitView& view, const PhotoWindow& window, cv::Size photo) {
  const double scale = std::min(1.0, static_cast<double>(kViewSide) / std::max(photo.width, photo.height));
  const int side = std::max(1, static_cast<int>(std::lround(window.side * scale)));
  cv::Mat grey = render_grey(scene, orbit_camera(view, side)), bgr;
  cv::cvtColor(grey, bgr, cv::COLOR_GRAY2BGR);
  return to_photo_frame(bgr, window, photo, cv::Scalar::all(255));
}

void describe(const ReferenceData& reference, const Detection& detection, const PreparedPhoto& prepared, cv::Size photo,
              Inspection& inspection) {
  if (detection.kinds) list_kinds(*detection.kinds, covered_share(detection.heat, detection.cover), inspection);
  if (inspection.verdict == Verdict::kDeviates && detection.box) inspection.box = photo_box(*detection.box, prepared.window, photo);
  cv::Mat heat;
  if (!detection.heat.empty()) {
    cv::resize(detection.heat, heat, prepared.bgr.size(), 0, 0, cv::INTER_CUBIC);
    heat = cv::max(cv::min(heat, 1.0), 0.0);
    inspection.heat_map = to_photo_frame(heat, prepared.window, photo);
  }
  describe_matches(detection, prepared.window, photo, inspection);
  if (!detection.view) return;
  inspection.camera = found_camera(detection, prepared.bgr.cols, prepared.window);
  Stopwatch watch;
  inspection.reference_view = reference_view(reference.scene, *detection.view, prepared.window, photo);
  inspection.times.render_ms += watch.lap_ms();
  if (heat.empty() || !inspection.reason.empty()) return;
  explain_geometry(reference, detection, heat, prepared, inspection);
  inspection.times.explain_ms = watch.lap_ms();
}

}  // namespace

std::string name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kMatches:
      return "matches";
    case Verdict::kDeviates:
      return "deviates";
    case Verdict::kCannotJudge:
      break;
  }
  return "cannot judge";
}

Reference::Reference(std::shared_ptr<const ReferenceData> data) : data_(std::move(data)) {}

Reference Reference::load(const std::filesystem::path& file) {
  return Reference(std::make_shared<const ReferenceData>(load_reference(file)));
}
void Reference::save(const std::filesystem::path& file) const {
  save_reference(file, *data_);
}
const std::string& Reference::name() const {
  return data_->name;
}
std::vector<std::string> Reference::part_names() const {
  std::vector<std::string> names;
  for (const Part& part : data_->shape.parts) names.push_back(part.name);
  return names;
}
size_t Reference::triangle_count() const {
  return data_->shape.triangle_count();
}
const std::vector<std::string>& Reference::care_lines() const {
  return data_->care;
}
const std::vector<cv::Mat>& Reference::thumbnails() const {
  return data_->thumbnails;
}

Reference Reference::prepare(const std::filesystem::path& mesh_or_index, const std::string& up, const std::string& front,
                             int smooth_rounds) {
  const MeshAxes axes{up, front};
  if (smooth_rounds < 0 || smooth_rounds > kMostSmoothRounds)
    throw InputError("--smooth", "is " + std::to_string(smooth_rounds), "0 to " + std::to_string(kMostSmoothRounds) + " rounds");
  if (is_reference_file(mesh_or_index)) {
    if (smooth_rounds > 0) throw InputError("--smooth", "does not apply to an index file", "give it to looking3d index");
    if (axes != MeshAxes()) throw InputError("--up, --front", "do not apply to an index file", "give it to looking3d index");
    return load(mesh_or_index);
  }
  CareReport care;
  Shape shape = load_shape(mesh_or_index, &care, axes);
  for (Part& part : shape.parts) smooth(part.mesh, smooth_rounds);
  if (smooth_rounds > 0) care.lines.push_back("smoothed: " + std::to_string(smooth_rounds) + " rounds");
  std::filesystem::path name = mesh_or_index;
  if (!name.has_filename()) name = name.parent_path();
  return Reference(std::make_shared<const ReferenceData>(prepare_reference(name.stem().string(), std::move(shape), std::move(care.lines))));
}

Reference Reference::prepare(const Shape& shape) {
  return Reference(std::make_shared<const ReferenceData>(prepare_reference(shape.id, shape, {})));
}

struct Inspector::Impl {
  std::unique_ptr<Detector> detector;
};

Inspector::Inspector(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

Inspector Inspector::open(const std::filesystem::path& weights, const std::filesystem::path& matcher) {
  auto impl = std::make_shared<Impl>();
  impl->detector = Detector::open(weights, matcher);
  if (impl->detector->info().method == "query-only") {
    throw InputError(weights, "is the query-only baseline, which never looks at the reference", "inspect with align or cmt");
  }
  if (!impl->detector->finds_anomalies()) {
    throw InputError(weights, "tells viewpoints, not anomalies", "inspect with align or cmt");
  }
  return Inspector(std::move(impl));
}

const std::string& Inspector::method() const {
  return impl_->detector->info().method;
}

double Inspector::threshold() const {
  return 0.5;
}

double Inspector::threshold_at(double false_alarms) const {
  return impl_->detector->info().calibration.threshold_at(false_alarms);
}

Reference Inspector::encode(const Reference& reference) const {
  std::shared_ptr<const StoredViews> encoded = impl_->detector->encode(reference.data());
  if (!encoded) return reference;
  const ReferenceData& from = reference.data();
  ReferenceData data = prepare_reference(from.name, from.shape, from.care, from.poses, from.thumbnails);  // a scene cannot be copied
  data.encoded = std::move(encoded);
  return Reference(std::make_shared<const ReferenceData>(std::move(data)));
}

void Inspector::check(const Reference& reference) const {
  impl_->detector->check(reference.data());
}

Inspection Inspector::inspect(const Reference& reference, const cv::Mat& photo, const InspectOptions& options) const {
  const Stopwatch watch;
  const Detector& detector = *impl_->detector;
  const PhotoImage image = photo_image(photo);
  const auto [prepared, detection, prepare_ms] =
      look_at(detector, reference.data(), image,
              {.mask = options.mask, .cut_out = options.cut_out, .second_look = options.second_look, .matches = options.matches});

  Inspection inspection;
  inspection.threshold = options.threshold.value_or(threshold());
  inspection.notes.push_back(prepared.note);

  const cv::Mat& mask = detection.mask.empty() ? prepared.mask : detection.mask;
  inspection.judged = prepared.bgr;
  inspection.object_mask = to_photo_frame(mask, prepared.window, photo.size());
  inspection.times.prepare_ms = prepare_ms + detection.mask_ms;
  inspection.times.pose_ms = detection.pose_ms;
  inspection.times.render_ms = detection.render_ms;
  inspection.times.network_ms = detection.network_ms;
  inspection.probability = detector.info().calibration.probability(detection.logit);
  inspection.reason = detection.refusal;
  if (inspection.reason.empty()) {
    inspection.verdict = inspection.probability >= inspection.threshold ? Verdict::kDeviates : Verdict::kMatches;
    if (detection.view && detection.pose_score < kPoorPose) inspection.notes.push_back("doubtful: the reference covers the object badly");
    if (detection.view_probability.value_or(1) < kDoubtfulCamera)
      inspection.notes.push_back("doubtful: from the camera found the reference does not look like the object");
  }
  describe(reference.data(), detection, prepared, photo.size(), inspection);
  inspection.times.total_ms = watch.ms();
  return inspection;
}

}  // namespace looking3d
