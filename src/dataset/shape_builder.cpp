#include "dataset/shape_builder.h"

#include <algorithm>

#include "base/check.h"
#include "base/error.h"
#include "base/parallel.h"

namespace looking3d {

OnlyFilter OnlyFilter::parse(const std::vector<std::string>& entries) {
  OnlyFilter filter;
  for (const std::string& entry : entries) {
    const size_t equals = entry.find('=');
    const std::string key = entry.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : entry.substr(equals + 1);
    std::set<std::string>* values = key == "shape"     ? &filter.shapes
                                    : key == "anomaly" ? &filter.anomalies
                                    : key == "view"    ? &filter.views
                                                       : nullptr;
    if (values == nullptr || value.empty()) {
      throw InputError("--only", "'" + entry + "' is not shape=ID, anomaly=INDEX|KIND|normal or view=INDEX",
                       "e.g. --only shape=000012,anomaly=2,view=7");
    }
    values->insert(value);
  }
  return filter;
}

bool OnlyFilter::wants_shape(const PlannedShape& shape) const {
  return shapes.empty() || shapes.contains(shape.id);
}

bool OnlyFilter::wants_anomaly(const PlannedAnomaly* anomaly) const {
  if (anomalies.empty()) return true;
  if (anomaly == nullptr) return anomalies.contains("normal");
  return anomalies.contains(std::to_string(anomaly->index)) || anomalies.contains(name_of(anomaly->kind));
}

bool OnlyFilter::wants_view(int index) const {
  return views.empty() || views.contains(std::to_string(index));
}

ShapeBuilder::ShapeBuilder(const Plan& plan, const GenerateOptions& options, const PhotoStock& stock, const OnlyFilter& only,
                           const PlannedShape& planned, Progress& progress)
    : plan_(plan),
      options_(options),
      only_(only),
      planned_(planned),
      progress_(progress),
      normal_(plan.make(planned)),
      photographer_(normal_, options.size, options.samples, stock) {
  const Path manifest = manifest_file(options.out, planned.id);
  if (!only.active() || !std::filesystem::exists(manifest)) return;
  const Json photos = read_json(manifest).value("photos", Json::array());
  known_ = photos.get<std::set<std::string>>();
}

void ShapeBuilder::build() {
  if (!only_.active()) write_references();
  if (only_.wants_anomaly(nullptr)) take_normal_photos();
  for (const PlannedAnomaly& anomaly : planned_.anomalies)
    if (only_.wants_anomaly(&anomaly)) take_anomalous_photos(anomaly);
  if (!only_.active()) write_manifest();
}

void ShapeBuilder::write_references() {
  ReferenceViewOptions view_options;
  view_options.size = options_.size;
  write_reference_views(options_.out, normal_, render_reference_views(photographer_.normal().scene, normal_.all_vertices(), view_options));
  save_shape(mesh_file(options_.out, normal_.id), normal_);
  write_file_atomic(shape_folder(options_.out, normal_.id) / "model_id.txt", normal_.id + "\n");
}

void ShapeBuilder::take_normal_photos() {
  const int made = photograph(photographer_.normal(), kNormal, 0, planned_.normal_views);
  progress_.advance(planned_.normal_views - made);
}

void ShapeBuilder::take_anomalous_photos(const PlannedAnomaly& planned) {
  int made = 0;
  for (int attempt = 0; attempt < kAnomalyAttempts && made == 0; ++attempt) {
    const AnomalySpec spec = plan_.anomaly_spec(planned_, planned, attempt);
    const bool swap = spec.kind == AnomalyKind::kSwapped;
    const auto anomaly = inject(normal_, spec, swap ? std::span<const Shape>(donors()) : std::span<const Shape>());
    if (!anomaly) {
      ++refused_[name_of(spec.kind) + ":" + name_of(anomaly.reason())];
      continue;
    }
    const Subject subject(*anomaly);
    if (!any_view_shows(subject, planned.index)) {
      ++refused_[name_of(spec.kind) + ":shown_by_no_view"];
      continue;
    }
    // From here on the anomaly stands, even if light should refuse each of its photos: --only has to find the same one without light.
    made = photograph(subject, planned.index, spec.seed, planned.views);
    if (made > 0) ++shapes_by_kind_[name_of(spec.kind)];
    break;
  }
  progress_.advance(planned.views - made);
}

bool ShapeBuilder::any_view_shows(const Subject& subject, int anomaly_index) {
  const std::vector<PlannedView> views = plan_.candidate_views(planned_, anomaly_index);
  return std::any_of(views.begin(), views.end(), [&](const PlannedView& view) {
    return static_cast<bool>(photographer_.frame(subject, request_of(view), options_.min_visible));
  });
}

PhotoRequest ShapeBuilder::request_of(const PlannedView& view) const {
  OrbitView orbit;
  orbit.azimuth_rad = radians(view.azimuth_deg);
  orbit.elevation_rad = radians(view.elevation_deg);
  return {orbit, view.appearance_seed, view.noise_seed};
}

int ShapeBuilder::photograph(const Subject& subject, int anomaly_index, uint64_t anomaly_seed, int wanted) {
  int made = 0;
  for (const PlannedView& view : plan_.candidate_views(planned_, anomaly_index)) {
    if (made == wanted && only_.views.empty()) break;
    if (!only_.wants_view(view.index)) continue;
    if (interrupted()) throw Interrupted("run the same command again to go on; what is on disk is whole");
    const double min_visible = subject.anomaly == nullptr ? 0 : options_.min_visible;
    const auto framed = photographer_.frame(subject, request_of(view), min_visible);
    if (!framed) {
      ++refused_[name_of(framed.reason())];
      continue;
    }
    auto record = photographer_.shoot(subject, *framed);
    if (!record) {
      ++refused_[name_of(record.reason())];
      continue;
    }
    annotate_plan(*record, view, anomaly_index, anomaly_seed);
    const std::string name = "render_" + photo_stem(record->name);
    if (!belongs(name)) continue;
    write_photo(options_.out, *record);
    names_.push_back(name);
    ++photos_by_kind_[record->info.at("kind").get<std::string>()];
    ++made;
    if (made <= wanted) progress_.advance();
  }
  return made;
}

void ShapeBuilder::annotate_plan(PhotoRecord& record, const PlannedView& view, int anomaly_index, uint64_t anomaly_seed) const {
  const std::string kind = record.info.at("kind").get<std::string>();
  record.name.label = anomaly_index == kNormal ? "normal" : kind + "_" + std::to_string(anomaly_index) + "_anomaly";
  record.info["split"] = planned_.split;
  record.info["view_index"] = view.index;
  record.info["anomaly_index"] = anomaly_index;
  record.info["seeds"]["data_set"] = options_.seed;
  record.info["seeds"]["anomaly"] = anomaly_seed;
}

bool ShapeBuilder::belongs(const std::string& name) const {
  return !known_ || known_->contains(name);
}

void ShapeBuilder::write_manifest() const {
  Json manifest;
  manifest["format"] = "looking3d-1";
  manifest["id"] = planned_.id;
  manifest["split"] = planned_.split;
  manifest["family"] = normal_.family;
  manifest["parts"] = normal_.parts.size();
  manifest["photos_by_kind"] = photos_by_kind_;
  manifest["anomalous_shapes_by_kind"] = shapes_by_kind_;
  manifest["refused"] = refused_;
  manifest["photos"] = names_;
  write_json_atomic(manifest_file(options_.out, planned_.id), manifest);
}

const std::vector<Shape>& ShapeBuilder::donors() {
  if (!donors_) donors_ = plan_.donors(planned_, normal_.family);
  return *donors_;
}

}  // namespace looking3d
