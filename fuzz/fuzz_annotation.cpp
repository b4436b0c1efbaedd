// Names of photos and their annotations: the first line is a photo's name, the rest its annotation.
#include <opencv2/imgcodecs.hpp>

#include "dataset/data_set.h"
#include "target.h"

using namespace looking3d;

namespace {

constexpr const char* kName = "7_12_2.5_18_27.31_3_missing_2_anomaly";

const Path& photo() {
  static const Path file = [] {
    const Path path = scratch() / "photo.png";
    write_png(path, cv::Mat(16, 16, CV_8UC3, cv::Scalar(10, 20, 30)));
    return path;
  }();
  return file;
}

}  // namespace

std::vector<std::string> looking3d::fuzz_seeds() {
  const std::string camera = R"("width":16,"height":16,"K":[[22,0,8],[0,22,8],[0,0,1]],)"
                             R"("camera_from_world":[[1,0,0,0],[0,-1,0,0],[0,0,-1,2.5],[0,0,0,1]])";
  return {
      std::string(kName) + R"(
{"format":"looking3d-1","shape":"7","kind":"missing","part":"leg_1","label":"leg","magnitude":0.1,"parameters":{"seed":1},"visible_size":0.02,)" +
          R"("2d_bbox":[1,2,3,4],"IoU":0.5,"view":{"azimuth_deg":72,"elevation_deg":27.31,"roll_deg":0,"distance":2.5,"shift_x":0,"shift_y":0,)" +
          R"("focal_per_width":1.38671875},)" + camera + "}",
      "7_12_2.5_18_27.31_3_normal\n{}", "7_12_2.5_18_27.31_3_position_anomaly\n{\"2d_bbox\":[1,2,3,4],\"IoU\":0.1}"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes = text_of(data, size);
  const size_t end = std::min(bytes.find('\n'), bytes.size());
  const auto name = parse_photo_stem(std::string(bytes.substr(0, end)), [](const std::string& id) { return id.starts_with("7"); });
  if (!name) return 0;
  kind_of_label(name->label);
  const Path info = scratch() / "info.json";
  write_file_atomic(info, bytes.substr(std::min(end + 1, bytes.size())));
  Sample sample;
  sample.shape_id = name->shape;
  sample.image = photo().parent_path() / ("render_" + photo_stem(*name) + ".png");
  sample.info = info;
  if (photo_stem(*name).size() > 200 || photo_stem(*name).find_first_of(std::string_view("/\0", 2)) != std::string::npos) return 0;
  std::filesystem::create_hard_link(photo(), sample.image);
  read_or_refuse([&] { DataSet().load_annotation(sample); });
  std::filesystem::remove(sample.image);
  return 0;
}
