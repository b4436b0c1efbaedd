#include "dataset/export.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <opencv2/imgproc.hpp>
#include <optional>

#include "base/error.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "dataset/data_set.h"
#include "dataset/layout.h"

namespace looking3d {
namespace {

constexpr const char* kCategory = "chair";  ///< folder of the MVTec tree
constexpr const char* kSplits[] = {"train", "val", "test"};

/// File name without extension; names that hold a folder lose their slash.
std::string flat_name(const Sample& sample) {
  std::string name = sample.name;
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
}

void copy_photo(const Sample& sample, const Path& target) {
  std::error_code error;
  std::filesystem::create_directories(target.parent_path(), error);
  if (!error) std::filesystem::copy_file(sample.image, target, std::filesystem::copy_options::overwrite_existing, error);
  if (error) throw InputError(target, "cannot be written: " + error.message());
}

/// Runs work(i) for each sample of the list, in parallel.
void for_each_photo(const char* title, const std::vector<size_t>& samples, const std::function<void(int64_t)>& work) {
  Progress progress(title, static_cast<int64_t>(samples.size()), "photos");
  parallel_for(static_cast<int64_t>(samples.size()), [&](int64_t i) {
    if (interrupted()) throw Interrupted("run the same command again");
    work(i);
    progress.advance();
  });
}

/// The split's samples; none when it has no photo.
std::vector<size_t> samples_of(const DataSet& data, const std::string& split) {
  const auto found = data.splits().find(split);
  return found == data.splits().end() || found->second.empty() ? std::vector<size_t>() : data.samples_of(split);
}

/// Ids of the kinds, in the order of their names, from 1.
std::map<std::string, int> category_ids(const DataSet& data) {
  std::map<std::string, int> ids;
  for (const Sample& sample : data.samples())
    if (sample.anomalous) ids[sample.kind] = 0;
  int next = 0;
  for (auto& [kind, id] : ids) id = ++next;
  return ids;
}

/// What COCO says of one anomaly; null when neither a box nor a mask is known.
Json coco_annotation(const DataSet& data, const Sample& sample, cv::Size size) {
  const cv::Mat change = data.load_change_mask(sample);
  const std::optional<Box> box = data.load_annotation(sample).box;
  if (change.empty() && !box) return nullptr;
  const cv::Rect2d frame =
      box ? cv::Rect2d((box->cx - box->w / 2) * size.width, (box->cy - box->h / 2) * size.height, box->w * size.width, box->h * size.height)
          : cv::Rect2d(cv::boundingRect(change));
  Json annotation = {{"bbox", {frame.x, frame.y, frame.width, frame.height}}, {"iscrowd", 0}};
  annotation["area"] = change.empty() ? frame.area() : static_cast<double>(cv::countNonZero(change));
  if (change.empty()) {
    annotation["segmentation"] = Json::array();
  } else {
    annotation["segmentation"] = {{"size", {change.rows, change.cols}}, {"counts", run_lengths(change)}};
  }
  return annotation;
}

int64_t export_coco(const DataSet& data, const Path& out) {
  const std::map<std::string, int> categories = category_ids(data);
  Json category_list = Json::array();
  for (const auto& [kind, id] : categories) category_list.push_back({{"id", id}, {"name", kind}, {"supercategory", "anomaly"}});
  int64_t photos = 0;
  for (const char* split : kSplits) {
    const std::vector<size_t> samples = samples_of(data, split);
    std::vector<Json> images(samples.size()), found(samples.size());
    for_each_photo(split, samples, [&](int64_t i) {
      const auto at = static_cast<size_t>(i);
      const Sample& sample = data.samples()[samples[at]];
      const cv::Size size = png_size(sample.image);
      const std::string file = flat_name(sample) + ".png";
      copy_photo(sample, out / split / file);
      images[at] = {{"id", i + 1}, {"file_name", file}, {"width", size.width}, {"height", size.height}, {"shape", sample.shape_id}};
      if (!sample.anomalous) return;
      found[at] = coco_annotation(data, sample, size);
      if (!found[at].is_null()) found[at].update({{"image_id", i + 1}, {"category_id", categories.at(sample.kind)}});
    });
    Json annotations = Json::array();
    for (Json& annotation : found) {
      if (annotation.is_null()) continue;
      annotation["id"] = annotations.size() + 1;
      annotations.push_back(std::move(annotation));
    }
    write_json_atomic(out / "annotations" / ("instances_" + std::string(split) + ".json"),
                      {{"info", {{"description", data.root().filename().string() + ", " + split}}},
                       {"images", images},
                       {"annotations", annotations},
                       {"categories", category_list}});
    photos += static_cast<int64_t>(samples.size());
  }
  return photos;
}

int64_t export_mvtec(const DataSet& data, const Path& out) {
  const std::map<std::string, std::string> folders = {{"train", "train"}, {"val", "validation"}, {"test", "test"}};
  std::atomic<int64_t> photos = 0;
  for (const auto& [split, folder] : folders) {
    const std::vector<size_t> samples = samples_of(data, split);
    for_each_photo(folder.c_str(), samples, [&, split = split, folder = folder](int64_t i) {
      const Sample& sample = data.samples()[samples[static_cast<size_t>(i)]];
      if (sample.anomalous && split != "test") return;
      const std::string name = flat_name(sample), kind = sample.anomalous ? sample.kind : "good";
      copy_photo(sample, out / kCategory / folder / kind / (name + ".png"));
      ++photos;
      if (!sample.anomalous) return;
      const cv::Mat change = data.load_change_mask(sample);
      if (change.empty())
        throw InputError(sample.image, "has no mask of what changed", "the MVTec tree needs one for each anomaly; try --format coco");
      write_mask(out / kCategory / "ground_truth" / kind / (name + "_mask.png"), change);
    });
  }
  return photos;
}

}  // namespace

void ExportOptions::visit(OptionVisitor& v) {
  v.field("data", data, "folder of the data set");
  v.field("out", out, "folder to make");
  v.field("format", format, "coco | mvtec");
}

void ExportOptions::check() const {
  if (format != "coco" && format != "mvtec") throw InputError("--format", "'" + format + "' is no format", "coco or mvtec");
}

int64_t export_data_set(const ExportOptions& options) {
  options.check();
  const DataSet data = DataSet::open(options.data);
  if (std::filesystem::exists(options.out) && std::filesystem::equivalent(options.data, options.out))
    throw InputError("--out", "is the data set itself", "name another folder");
  require_writable_directory(options.out);
  return options.format == "coco" ? export_coco(data, options.out) : export_mvtec(data, options.out);
}

std::vector<int64_t> run_lengths(const cv::Mat& mask) {
  std::vector<int64_t> runs = {0};
  bool inside = false;
  for (int x = 0; x < mask.cols; ++x)
    for (int y = 0; y < mask.rows; ++y) {
      if ((mask.at<uchar>(y, x) > 0) != inside) {
        inside = !inside;
        runs.push_back(0);
      }
      ++runs.back();
    }
  return runs;
}

}  // namespace looking3d
