#include "dataset/photographer.h"

#include <cmath>

#include "base/check.h"

namespace looking3d {
namespace {

constexpr double kFitMargin = 0.04;     ///< share of the width left free around the normal shape
constexpr int kTextureNumbers = 10000;  ///< texture ids in file names: the appearance seed modulo this

Json view_json(const OrbitView& view) {
  return {{"azimuth_deg", degrees(view.azimuth_rad)},
          {"elevation_deg", degrees(view.elevation_rad)},
          {"roll_deg", degrees(view.roll_rad)},
          {"distance", view.distance},
          {"shift_x", view.shift_x},
          {"shift_y", view.shift_y},
          {"focal_per_width", view.focal_per_width}};
}

/// What the annotation says about the damage; the same keys stand in the annotation of a normal photo.
void describe_damage(const Subject& subject, const FramedView& framed, Json& info) {
  const Anomaly* anomaly = subject.anomaly;
  info["kind"] = anomaly ? name_of(anomaly->kind) : "normal";
  info["part"] = anomaly ? anomaly->part : "";
  info["label"] = anomaly ? anomaly->label : "";
  info["magnitude"] = anomaly ? anomaly->magnitude : 0.0;
  info["parameters"] = anomaly ? anomaly->parameters : Json::object();
  info["visible_size"] = framed.change ? framed.change->visible_size : 0.0;
  if (!framed.change) return;
  const cv::Rect& box = framed.change->box_px;
  info["2d_bbox"] = {box.x, box.y, box.width, box.height};
  info["IoU"] = framed.change->mask_iou;
}

}  // namespace

Photographer::Photographer(const Shape& normal, int size, int samples, const PhotoStock& stock)
    : normal_(normal), vertices_(normal.all_vertices()), size_(size), samples_(samples), stock_(stock) {
  L3D_CHECK(!vertices_.empty());
  ground_y_ = vertices_.front().y();
  for (const Eigen::Vector3f& vertex : vertices_) ground_y_ = std::min(ground_y_, vertex.y());
}

Result<FramedView, ViewRefusal> Photographer::frame(const Subject& subject, const PhotoRequest& request, double min_visible) const {
  // Fit the normal shape, whatever is photographed; round up to what the file name can say.
  FramedView framed{request, {}, {}, std::nullopt};
  OrbitView& view = framed.request.view;
  view.distance = std::ceil(100 * fitting_distance(view, vertices_, kFitMargin) - 1e-6) / 100;
  framed.camera = orbit_camera(view, size_);

  const Layers layers = render_layers(subject.scene, framed.camera);
  framed.object = layers.mask();
  if (touches_border(framed.object)) return ViewRefusal::kClipped;
  if (subject.anomaly == nullptr) return framed;
  const Layers before = render_layers(normal_.scene, framed.camera);
  framed.change = measure_change(normal_.shape, before, subject.shape, layers, subject.anomaly->part);
  if (framed.change->visible_size < min_visible || framed.change->box_px.empty()) return ViewRefusal::kNotVisible;
  return framed;
}

Result<PhotoRecord, ViewRefusal> Photographer::shoot(const Subject& subject, const FramedView& framed) const {
  const OrbitView& view = framed.request.view;
  const Appearance appearance = draw_appearance(normal_.shape, framed.request.appearance_seed, stock_);
  PhotoOptions options;
  options.samples = samples_;
  options.seed = framed.request.noise_seed;
  PhotoRecord record;
  record.photo = render_photo(subject.shape, subject.scene, framed.camera, appearance, ground_y_, options, stock_);
  if (const auto refusal = judge_exposure(record.photo, framed.object)) return *refusal;

  record.object = framed.object;
  record.change = framed.change;
  record.name.shape = normal_.shape.id;
  record.name.texture = static_cast<int>(framed.request.appearance_seed % kTextureNumbers);
  record.name.radius = view.distance;
  record.name.azimuth_deg = swap_azimuth_convention(degrees(view.azimuth_rad));
  record.name.elevation_deg = degrees(view.elevation_rad);
  record.name.light = static_cast<int>(appearance.light_id);

  Json& info = record.info;
  info["format"] = "looking3d-1";
  info["shape"] = normal_.shape.id;
  info["family"] = normal_.shape.family;
  describe_damage(subject, framed, info);
  info["texture_id"] = record.name.texture;
  info["light_id"] = appearance.light_id;
  info["appearance"] = appearance.to_json(stock_);
  info["view"] = view_json(view);
  info.update(camera_to_json(framed.camera));
  info["ground_y"] = ground_y_;
  info["seeds"] = {{"appearance", framed.request.appearance_seed}, {"noise", framed.request.noise_seed}};
  return record;
}

}  // namespace looking3d
