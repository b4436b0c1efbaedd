#include "dataset/contact_sheet.h"

#include <map>
#include <numeric>
#include <opencv2/imgproc.hpp>
#include <set>

#include "base/random.h"
#include "render/scene.h"

namespace looking3d {
namespace {

const cv::Scalar kBoxColour(60, 180, 30);

void draw_photo(const DataSet& set, const Sample& sample, int cell, cv::Mat target) {
  const cv::Mat photo = set.load_image(sample);
  const cv::Rect place(0, 0, cell, cell);
  cv::resize(photo, target(place), cv::Size(cell, cell), 0, 0, photo.cols > cell ? cv::INTER_AREA : cv::INTER_CUBIC);
  std::string caption = sample.kind;
  const Annotation annotation = set.load_annotation(sample);
  if (annotation.box) {
    const Box& box = *annotation.box;
    const cv::Rect2d frame((box.cx - box.w / 2) * cell, (box.cy - box.h / 2) * cell, box.w * cell, box.h * cell);
    cv::rectangle(target, cv::Rect(frame) & place, kBoxColour, 2);
    if (!annotation.part.empty()) caption += " " + annotation.part;
  }
  draw_caption(target, caption);
}

/// The whole shape in grey as the camera of the photo would see it.
void draw_reference(const DataSet& set, const Sample& sample, int cell, cv::Mat target) {
  const Annotation annotation = set.load_annotation(sample);
  if (!annotation.view) return;
  const Shape shape = set.load_mesh(sample.shape_id);
  cv::cvtColor(render_grey(Scene(shape), orbit_camera(*annotation.view, cell)), target(cv::Rect(0, 0, cell, cell)), cv::COLOR_GRAY2BGR);
  draw_caption(target, "its reference");
}

/// All samples in a random order.
std::vector<size_t> shuffled(const DataSet& set, uint64_t seed) {
  std::vector<size_t> order(set.samples().size());
  std::iota(order.begin(), order.end(), size_t{0});
  Rng(identity(seed, "contact sheet")).shuffle(order);
  return order;
}

/// Pairs of a photo and its reference in grey, seen by the same camera.
cv::Mat pair_sheet(const DataSet& set, const std::vector<size_t>& samples, const ContactSheetOptions& options) {
  return sheet_of(2 * samples.size(), options, [&](size_t i, cv::Mat cell) {
    const Sample& sample = set.samples()[samples[i / 2]];
    i % 2 == 1 ? draw_reference(set, sample, options.cell_px, cell) : draw_photo(set, sample, options.cell_px, cell);
  });
}

}  // namespace

cv::Mat contact_sheet(const DataSet& set, const ContactSheetOptions& options) {
  const std::vector<size_t> order = shuffled(set, options.seed);
  return sheet_of(order.size(), options, [&](size_t i, cv::Mat cell) { draw_photo(set, set.samples()[order[i]], options.cell_px, cell); });
}

cv::Mat shape_sheet(const DataSet& set, const ContactSheetOptions& options) {
  std::map<std::string, size_t> first;  // a normal photo of each shape, by id
  for (const size_t i : shuffled(set, options.seed))
    if (!set.samples()[i].anomalous) first.emplace(set.samples()[i].shape_id, i);
  std::vector<size_t> chosen;
  for (const auto& [shape, sample] : first) chosen.push_back(sample);
  return sheet_of(chosen.size(), options,
                  [&](size_t i, cv::Mat cell) { draw_photo(set, set.samples()[chosen[i]], options.cell_px, cell); });
}

cv::Mat anomaly_sheet(const DataSet& set, const ContactSheetOptions& options) {
  const size_t pairs = static_cast<size_t>(options.columns) / 2;
  std::map<std::string, std::vector<size_t>> by_kind;
  for (const size_t i : shuffled(set, options.seed)) {
    const Sample& sample = set.samples()[i];
    if (sample.anomalous && set.has_mesh(sample.shape_id) && by_kind[sample.kind].size() < pairs) by_kind[sample.kind].push_back(i);
  }
  std::vector<size_t> samples;
  for (const auto& [kind, some] : by_kind)
    for (size_t k = 0; k < pairs; ++k) samples.push_back(some[k % some.size()]);
  ContactSheetOptions layout = options;
  layout.rows = static_cast<int>(by_kind.size());
  return pair_sheet(set, samples, layout);
}

cv::Mat kind_sheet(const DataSet& set, const std::string& kind, const ContactSheetOptions& options) {
  std::vector<size_t> samples;
  std::set<std::string> variants;  // one photo of each
  for (const size_t i : shuffled(set, options.seed)) {
    const Sample& sample = set.samples()[i];
    if (sample.kind != kind || !set.has_mesh(sample.shape_id)) continue;
    if (variants.insert(sample.shape_id + "_" + photo_name(sample).label).second) samples.push_back(i);
  }
  return pair_sheet(set, samples, options);
}

}  // namespace looking3d
