#include "inspect/report.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <set>

#include "base/check.h"
#include "inspect/explanation.h"
#include "inspect/overlay.h"
#include "inspect/page.h"
#include "inspect/page_reference.h"

namespace looking3d {
namespace {

constexpr int kPagePictureSide = 900;  ///< longest side of a picture in the page, pixels
constexpr int kPageStepSide = 360;     ///< of a small one
constexpr size_t kPageThumbnails = 4;

template <int rows, int columns>
Json matrix_json(const cv::Matx<double, rows, columns>& matrix) {
  Json json = Json::array();
  for (int r = 0; r < rows; ++r) {
    Json row = Json::array();
    for (int c = 0; c < columns; ++c) row.push_back(matrix(r, c));
    json.push_back(row);
  }
  return json;
}

Json camera_json(const FoundCamera& camera) {
  return {{"azimuth_deg", camera.azimuth_deg},
          {"elevation_deg", camera.elevation_deg},
          {"roll_deg", camera.roll_deg},
          {"distance", camera.distance},
          {"focal_px", camera.focal_px},
          {"score", camera.score},
          {"probability", camera.probability ? Json(*camera.probability) : Json(nullptr)},
          {"K", matrix_json(camera.intrinsics)},
          {"camera_from_world", matrix_json(camera.camera_from_world)}};
}

Json motion_json(const PartMotion& motion) {
  return {{"turned_deg", motion.turned_deg},
          {"turned_sigma_deg", motion.turned_sigma_deg},
          {"moved", motion.moved},
          {"moved_sigma", motion.moved_sigma}};
}

Json box_json(const PixelBox& box) {
  return {{"x", box.x}, {"y", box.y}, {"width", box.width}, {"height", box.height}};
}

Json view_json(const ViewOfReference& view) {
  return {{"index", view.index}, {"azimuth_deg", view.azimuth_deg}};
}

Json correspondences_json(const std::vector<Correspondence>& correspondences) {
  Json json = Json::array();
  for (const Correspondence& pair : correspondences) {
    json.push_back({{"patch", box_json(pair.patch)},
                    {"view", view_json(pair.view)},
                    {"view_patch", box_json(pair.view_patch)},
                    {"similarity", pair.similarity}});
  }
  return json;
}

double rounded(double value, double unit) {
  return std::round(value * unit) / unit;
}

/// The matches of each patch of the object, in few letters: there may be thousands.
Json matches_json(const std::vector<Correspondence>& matches) {
  Json patches = Json::array();
  const PixelBox* last = nullptr;
  for (const Correspondence& match : matches) {
    const PixelBox& box = match.patch;
    if (last == nullptr || last->x != box.x || last->y != box.y) {
      const PixelBox shown{rounded(box.x, 10), rounded(box.y, 10), rounded(box.width, 10), rounded(box.height, 10)};
      patches.push_back({{"patch", box_json(shown)}, {"best", Json::array()}});
    }
    last = &box;
    patches.back()["best"].push_back({{"view", match.view.index},
                                      {"x", rounded(match.view_patch.x, 1e4)},
                                      {"y", rounded(match.view_patch.y, 1e4)},
                                      {"similarity", rounded(match.similarity, 1e3)}});
  }
  return {{"view_patch_side", matches.front().view_patch.width}, {"patches", patches}};
}

Json times_json(const PhaseTimes& times) {
  return {{"prepare", times.prepare_ms}, {"pose", times.pose_ms},       {"render", times.render_ms},
          {"network", times.network_ms}, {"explain", times.explain_ms}, {"total", times.total_ms}};
}

Json entry_json(const ReportEntry& entry) {
  if (!entry.inspection) return {{"name", entry.name}, {"error", entry.error}};
  const Inspection& found = *entry.inspection;
  Json json = {{"name", entry.name},
               {"width", entry.size.width},
               {"height", entry.size.height},
               {"verdict", name_of(found.verdict)},
               {"probability", found.probability},
               {"threshold", found.threshold},
               {"explanation", explain(found)},
               {"kind", found.kind}};
  json["kinds"] = Json::array();
  for (const KindProbability& kind : found.kinds) json["kinds"].push_back({{"kind", kind.kind}, {"probability", kind.probability}});
  json["box"] = found.box ? box_json(*found.box) : Json(nullptr);
  json["camera"] = found.camera ? camera_json(*found.camera) : Json(nullptr);
  json["parts"] = Json::array();
  for (const PartEvidence& part : found.parts) {
    json["parts"].push_back(
        {{"name", part.name}, {"label", part.label}, {"share", part.share}, {"change", part.change}, {"visible", part.visible}});
  }
  json["motion"] = found.motion ? motion_json(*found.motion) : Json(nullptr);
  json["lost_share"] = found.lost_share ? Json(*found.lost_share) : Json(nullptr);
  json["not_judged"] = found.not_judged;
  json["next_camera"] = nullptr;
  if (const auto& next = found.next_camera)
    json["next_camera"] = {{"azimuth_deg", next->azimuth_deg}, {"elevation_deg", next->elevation_deg}, {"shows", next->shows}};
  json["closest_view"] = found.closest_view ? view_json(*found.closest_view) : Json(nullptr);
  json["correspondences"] = correspondences_json(found.correspondences);
  json["notes"] = found.notes;
  json["times_ms"] = times_json(found.times);
  return json;
}

/// The same with pictures as data URIs and the reference to turn, for the page.
Json page_json(Json json, const Reference& reference, const std::vector<ReportEntry>& entries) {
  json["reference"]["thumbnails"] = Json::array();
  const std::vector<cv::Mat>& thumbnails = reference.thumbnails();
  const size_t shown = std::min(kPageThumbnails, thumbnails.size());
  for (size_t i = 0; i < shown; ++i) json["reference"]["thumbnails"].push_back(data_uri(thumbnails[i * thumbnails.size() / shown], "png"));
  json["reference"]["mesh"] = page_mesh(reference.data().shape);
  json["reference"]["views"] = Json::array();
  const auto has_matches = [](const ReportEntry& entry) { return entry.inspection && !entry.inspection->matches.empty(); };
  if (std::any_of(entries.begin(), entries.end(), has_matches))
    for (const cv::Mat& view : page_views(reference.data())) json["reference"]["views"].push_back(data_uri(view, "jpg"));
  for (size_t i = 0; i < entries.size(); ++i) {
    const ReportEntry& entry = entries[i];
    if (!entry.inspection) continue;
    Json images = {{"photo", data_uri(shrink_to(entry.photo, kPagePictureSide), "jpg")}};
    const Inspection& found = *entry.inspection;
    if (!found.heat_map.empty()) images["heat"] = data_uri(heat_colours(shrink_to(found.heat_map, kPagePictureSide)), "png");
    if (!found.reference_view.empty()) images["reference"] = data_uri(shrink_to(found.reference_view, kPagePictureSide), "jpg");
    images["steps"] = Json::array();
    for (const Step& step : steps_of(entry.photo, found, kPageStepSide))
      images["steps"].push_back({{"caption", step.caption}, {"picture", data_uri(step.picture, "jpg")}});
    json["photos"][i]["images"] = images;
  }
  return json;
}

/// File names of the overlays: the photo's stem, numbered where two photos share it.
std::vector<std::string> overlay_names(const std::vector<ReportEntry>& entries) {
  std::vector<std::string> names;
  std::set<std::string> used;
  for (const ReportEntry& entry : entries) {
    const std::string stem = Path(entry.name).stem().string();
    std::string name = stem;
    for (int number = 2; !used.insert(name).second; ++number) name = stem + "-" + std::to_string(number);
    names.push_back(name + ".png");
  }
  return names;
}

}  // namespace

Json report_json(const ReportHead& head, const Reference& reference, const std::vector<ReportEntry>& entries) {
  Json json = {{"format", kReportFormat},       {"version", head.version},        {"created", head.created},
               {"method", head.method},         {"weights", head.weights},        {"threshold", head.threshold},
               {"background", head.background}, {"second_look", head.second_look}};
  json["reference"] = {{"name", reference.name()},
                       {"triangles", reference.triangle_count()},
                       {"parts", reference.part_names()},
                       {"care", reference.care_lines()}};
  json["photos"] = Json::array();
  for (const ReportEntry& entry : entries) json["photos"].push_back(entry_json(entry));
  return json;
}

void write_report(const Path& folder, const ReportHead& head, const Reference& reference, const std::vector<ReportEntry>& entries) {
  require_writable_directory(folder);
  Json json = report_json(head, reference, entries);
  const std::vector<std::string> names = overlay_names(entries);
  for (size_t i = 0; i < entries.size(); ++i) {
    if (!entries[i].inspection) continue;
    std::vector<uchar> png;
    L3D_CHECK(cv::imencode(".png", overlay(entries[i].photo, *entries[i].inspection), png));
    write_file_atomic(folder / "overlays" / names[i], {reinterpret_cast<const char*>(png.data()), png.size()});
    json["photos"][i]["overlay"] = "overlays/" + names[i];
    if (!entries[i].inspection->matches.empty()) json["photos"][i]["matches"] = matches_json(entries[i].inspection->matches);
  }
  write_json_atomic(folder / "report.json", json);
  write_file_atomic(folder / "report.html", web_page("report.html", page_json(json, reference, entries)));
}

}  // namespace looking3d
