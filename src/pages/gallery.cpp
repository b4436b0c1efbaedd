#include "pages/gallery.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <set>

#include "inspect/overlay.h"
#include "inspect/page.h"

namespace looking3d {
namespace {

constexpr size_t kPhotosOfAGroup = 6;
constexpr int kPhotoSide = 256, kReferenceSide = 160, kQuality = 84;

struct Group {
  const char* title;
  bool anomalous, called_anomalous;
};
constexpr Group kGroups[] = {
    {"False alarms", false, true}, {"Misses", true, false}, {"Deviations found", true, true}, {"Pieces passed", false, false}};

/// Photos of a group, the most confident first, one of a shape.
std::vector<size_t> members_of(const Group& group, const std::vector<JudgedRow>& rows) {
  std::vector<size_t> all;
  for (size_t i = 0; i < rows.size(); ++i)
    if (rows[i].anomalous == group.anomalous && (rows[i].probability >= 0.5) == group.called_anomalous) all.push_back(i);
  std::stable_sort(all.begin(), all.end(), [&](size_t a, size_t b) {
    return group.called_anomalous ? rows[a].logit > rows[b].logit : rows[a].logit < rows[b].logit;
  });
  std::vector<size_t> members;
  std::set<std::string> shapes;
  for (const size_t i : all)
    if (members.size() < kPhotosOfAGroup && shapes.insert(rows[i].shape).second) members.push_back(i);
  return members;
}

/// The stored view from nearest to where the photo was taken; null for a set without views.
Json reference_picture(const DataSet& data, const Sample& sample) {
  if (!std::filesystem::exists(views_folder(data.root(), sample.shape_id))) return nullptr;
  const double azimuth_rad = radians(swap_azimuth_convention(photo_name(sample).azimuth_deg));
  const std::vector<StoredView> views = data.load_views(sample.shape_id);
  const auto distance = [&](const StoredView& view) { return std::abs(angle_difference(radians(view.azimuth_deg), azimuth_rad)); };
  const auto nearest =
      std::min_element(views.begin(), views.end(), [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
  return page_picture(read_picture(nearest->image, cv::IMREAD_GRAYSCALE), kReferenceSide);
}

Json box_json(const std::optional<Box>& box) {
  return box ? Json{box->cx, box->cy, box->w, box->h} : Json(nullptr);
}

Json photo_json(const Evaluation& evaluation, size_t i) {
  const JudgedRow& row = evaluation.rows[i];
  const JudgedPhoto& judged = evaluation.judged[i];
  const Sample& sample = evaluation.data.samples()[judged.sample];
  Json heat;
  if (!judged.heat.empty()) {
    cv::Mat fine;
    cv::resize(judged.heat, fine, judged.heat.size() * 3, 0, 0, cv::INTER_CUBIC);
    heat = data_uri(heat_colours(fine), "png");
  }
  return {{"name", row.photo},
          {"shape", row.shape},
          {"kind", row.kind},
          {"anomalous", row.anomalous},
          {"refused", row.refused},
          {"probability", row.probability},
          {"box", box_json(row.box)},
          {"true_box", box_json(row.true_box)},
          {"photo", page_picture(evaluation.data.load_image(sample), kPhotoSide)},
          {"heat", heat},
          {"reference", reference_picture(evaluation.data, sample)}};
}

}  // namespace

Json page_picture(const cv::Mat& image, int side) {
  return data_uri(shrink_to(image, side), "jpg", kQuality);
}

Json gallery_json(const Evaluation& evaluation) {
  Json groups = Json::array();
  for (const Group& group : kGroups) {
    Json photos = Json::array();
    for (const size_t i : members_of(group, evaluation.rows)) photos.push_back(photo_json(evaluation, i));
    groups.push_back({{"title", group.title}, {"photos", photos}});
  }
  return groups;
}

}  // namespace looking3d
