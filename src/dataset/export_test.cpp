#include "dataset/export.h"

#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>
#include <set>

#include "base/error.h"
#include "dataset/data_set.h"
#include "dataset/layout.h"
#include "dataset/tiny_data_set.h"

namespace looking3d {
namespace {

class Export : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(folder_); }
  ExportOptions options(const std::string& format) const { return {tiny_data_set().string(), (folder_ / format).string(), format}; }

  const Path folder_ = testing::TempDir() + "l3d_export_test_" + std::to_string(::getpid());
};

TEST_F(Export, CocoHoldsEveryPhotoAndItsMask) {
  const DataSet data = DataSet::open(tiny_data_set());
  EXPECT_EQ(export_data_set(options("coco")), static_cast<int64_t>(data.samples().size()));
  std::map<std::string, const Sample*> by_name;
  for (const Sample& sample : data.samples()) by_name[sample.name + ".png"] = &sample;
  size_t images = 0, anomalies = 0;
  for (const char* split : {"train", "val", "test"}) {
    const Json json = read_json(folder_ / "coco/annotations" / ("instances_" + std::string(split) + ".json"));
    std::map<int64_t, const Sample*> by_id;
    std::map<int64_t, std::string> kinds;
    for (const Json& category : json["categories"]) kinds[category["id"]] = category["name"];
    for (const Json& image : json["images"]) {
      const Sample* sample = by_name.at(image["file_name"]);
      EXPECT_EQ(read_file(folder_ / "coco" / split / image["file_name"].get<std::string>()), read_file(sample->image));
      by_id[image["id"]] = sample;
      ++images;
    }
    for (const Json& annotation : json["annotations"]) {
      const Sample& sample = *by_id.at(annotation["image_id"]);
      EXPECT_EQ(kinds.at(annotation["category_id"]), sample.kind);
      // The mask comes back from its run lengths.
      cv::Mat mask = cv::Mat::zeros(kTinySize, kTinySize, CV_8U);
      int64_t pixel = 0, run = 0;
      for (const Json& length : annotation["segmentation"]["counts"]) {
        for (int64_t i = 0; i < length.get<int64_t>(); ++i, ++pixel)
          mask.at<uchar>(static_cast<int>(pixel % kTinySize), static_cast<int>(pixel / kTinySize)) = run % 2 ? 255 : 0;
        ++run;
      }
      EXPECT_EQ(pixel, kTinySize * kTinySize);
      const cv::Mat change = data.load_change_mask(sample);
      EXPECT_EQ(cv::countNonZero(mask ^ change), 0);
      EXPECT_EQ(annotation["area"], cv::countNonZero(change));
      EXPECT_EQ(annotation["bbox"], data.load_annotation(sample).raw["2d_bbox"]);
      ++anomalies;
    }
  }
  EXPECT_EQ(images, data.samples().size());
  EXPECT_EQ(static_cast<int64_t>(anomalies), read_json(tiny_data_set() / "build_report.json")["anomalous_photos"].get<int64_t>());
}

TEST_F(Export, MvtecTrainsOnWholePiecesOnly) {
  const DataSet data = DataSet::open(tiny_data_set());
  const int64_t written = export_data_set(options("mvtec"));
  const Path root = folder_ / "mvtec/chair";
  int64_t expected = 0;
  for (const auto& [split, folder] : {std::pair("train", "train"), std::pair("val", "validation"), std::pair("test", "test")}) {
    for (const size_t i : data.samples_of(split)) {
      const Sample& sample = data.samples()[i];
      const Path photo = root / folder / (sample.anomalous ? sample.kind : "good") / (sample.name + ".png");
      const bool wanted = !sample.anomalous || std::string(split) == "test";
      EXPECT_EQ(std::filesystem::exists(photo), wanted) << photo;
      expected += wanted;
      if (!wanted || !sample.anomalous) continue;
      const cv::Mat mask = read_picture(root / "ground_truth" / sample.kind / (sample.name + "_mask.png"), cv::IMREAD_GRAYSCALE);
      EXPECT_EQ(cv::countNonZero(mask ^ data.load_change_mask(sample)), 0);
    }
  }
  EXPECT_EQ(written, expected);
  std::set<std::string> training;
  for (const auto& entry : std::filesystem::directory_iterator(root / "train")) training.insert(entry.path().filename().string());
  EXPECT_EQ(training, std::set<std::string>{"good"});
}

TEST_F(Export, RefusesWhatItCannotDo) {
  ExportOptions wrong = options("yolo");
  EXPECT_THROW(export_data_set(wrong), InputError);
  wrong = options("coco");
  wrong.out = wrong.data;
  EXPECT_THROW(export_data_set(wrong), InputError);
}

TEST(RunLengths, HandWorked) {
  const cv::Mat mask = (cv::Mat_<uchar>(2, 3) << 255, 0, 255, 255, 0, 0);
  EXPECT_EQ(run_lengths(mask), (std::vector<int64_t>{0, 2, 2, 1, 1}));
}

}  // namespace
}  // namespace looking3d
