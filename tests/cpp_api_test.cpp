// The public API as a program of others meets it: only the header and liblooking3d.so; what docs/cpp_api.md promises.
#include <gtest/gtest.h>
#include <unistd.h>

#include <future>
#include <opencv2/imgcodecs.hpp>

#include "looking3d/looking3d.h"

namespace looking3d {
namespace {

const std::filesystem::path kSource = LOOKING3D_SOURCE_DIR;

cv::Mat sample(const std::string& name) {
  return cv::imread((kSource / "samples" / name).string());
}

class CppApi : public ::testing::Test {
 protected:
  const Inspector inspector_ = Inspector::open(kSource / "weights/align.safetensors");
  const Reference chair_ = Reference::prepare(kSource / "samples/chair.obj");
};

TEST_F(CppApi, InspectionIsInThePhotosFrame) {
  const cv::Mat photo = sample("missing.png");
  const Inspection found = inspector_.inspect(chair_, photo);
  ASSERT_EQ(found.verdict, Verdict::kDeviates);
  EXPECT_EQ(name_of(found.verdict), "deviates");
  EXPECT_EQ(found.kind, "missing");
  EXPECT_EQ(found.kinds.size(), 6u);
  EXPECT_EQ(found.heat_map.size(), photo.size());
  EXPECT_EQ(found.heat_map.type(), CV_32F);
  EXPECT_EQ(found.object_mask.size(), photo.size());
  EXPECT_EQ(found.reference_view.size(), photo.size());
  ASSERT_TRUE(found.box && found.camera && found.lost_share);
  EXPECT_LE(found.box->x + found.box->width, photo.cols);
  EXPECT_EQ(found.parts.size(), chair_.part_names().size());
}

TEST_F(CppApi, ThreadsShareInspectorAndReference) {
  const std::vector<std::string> names = {"whole_1.png", "missing.png", "turned.png", "swapped.png"};
  std::vector<double> alone;
  for (const std::string& name : names) alone.push_back(inspector_.inspect(chair_, sample(name)).probability);
  std::vector<std::future<Inspection>> together;
  for (const std::string& name : names) {
    together.push_back(std::async(std::launch::async, [this, name] { return inspector_.inspect(chair_, sample(name)); }));
  }
  for (size_t i = 0; i < names.size(); ++i) EXPECT_NEAR(together[i].get().probability, alone[i], 1e-3) << names[i];
}

TEST_F(CppApi, EncodedIndexAnswersLikeTheMesh) {
  const Inspector cmt = Inspector::open(kSource / "weights/cmt.safetensors");
  const std::filesystem::path file = std::filesystem::temp_directory_path() / ("l3d_cpp_api_" + std::to_string(::getpid()) + ".l3d");
  cmt.encode(chair_).save(file);
  EXPECT_LE(std::filesystem::file_size(file), 25e6);
  const Reference indexed = Reference::load(file);
  std::filesystem::remove(file);
  for (const char* name : {"whole_1.png", "missing.png", "turned.png", "swapped.png"}) {
    const Inspection mesh = cmt.inspect(chair_, sample(name)), index = cmt.inspect(indexed, sample(name));
    EXPECT_NEAR(index.probability, mesh.probability, 5e-4) << name;
    EXPECT_LT(cv::norm(index.heat_map, mesh.heat_map, cv::NORM_INF), 5e-3) << name;
    ASSERT_TRUE(index.closest_view && mesh.closest_view) << name;
    EXPECT_EQ(index.closest_view->index, mesh.closest_view->index) << name;
    ASSERT_EQ(index.correspondences.size(), mesh.correspondences.size());
    for (size_t i = 0; i < mesh.correspondences.size(); ++i) {
      EXPECT_EQ(index.correspondences[i].similarity, mesh.correspondences[i].similarity) << name << ' ' << i;
      EXPECT_EQ(index.correspondences[i].view.index, mesh.correspondences[i].view.index) << name << ' ' << i;
    }
  }
}

/// The message of the std::runtime_error that `work` throws.
template <class Work>
std::string refusal(const Work& work) {
  try {
    work();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST_F(CppApi, BadInputThrowsOneLine) {
  const cv::Mat photo = sample("whole_1.png");
  const auto expect_line = [](const std::string& message, const std::string& culprit) {
    EXPECT_NE(message.find(culprit), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  };
  expect_line(refusal([] { Inspector::open("absent.safetensors"); }), "absent.safetensors");
  expect_line(refusal([] { Inspector::open(kSource / "samples/chair.obj"); }), "chair.obj");
  expect_line(refusal([] { Reference::prepare("absent.obj"); }), "absent.obj");
  expect_line(refusal([] { Reference::prepare(kSource / "samples/chair.obj", "up"); }), "'up' is no axis");
  expect_line(refusal([] { Reference::load(kSource / "samples/chair.obj"); }), "chair.obj");
  expect_line(refusal([&] { inspector_.inspect(chair_, cv::Mat()); }), "photo: is empty");
  expect_line(refusal([&] { inspector_.inspect(chair_, cv::Mat(64, 64, CV_32F, cv::Scalar(1))); }), "8-bit");
  InspectOptions options;
  options.mask = cv::Mat(8, 8, CV_8U, cv::Scalar(255));
  expect_line(refusal([&] { inspector_.inspect(chair_, photo, options); }), "another size");
}

}  // namespace
}  // namespace looking3d
