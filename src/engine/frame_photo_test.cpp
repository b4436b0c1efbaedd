#include "engine/frame_photo.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "base/error.h"

namespace looking3d {
namespace {

constexpr int kSide = 64;

/// Finds what is red.
class RedDetector : public Detector {
 public:
  explicit RedDetector(bool in_place)
      : Detector(WeightsInfo{.method = "align", .size = kSide, .network = {}, .trained = {}, .calibration = {}}), in_place_(in_place) {}
  bool compares_in_place() const override { return in_place_; }
  cv::Mat find_object(const cv::Mat& bgr) const override {
    cv::Mat red;
    cv::inRange(bgr, cv::Scalar(0, 0, 150), cv::Scalar(80, 80, 255), red);
    return red;
  }
  Detection detect(const ReferenceData&, const PreparedPhoto&) const override { return {}; }

 private:
  const bool in_place_;
};

/// A red piece of 60 x 90 pixels at (300, 120) on a green ground with blue stripes.
PhotoImage garden() {
  cv::Mat bgr(400, 600, CV_8UC3, cv::Scalar(40, 160, 60));
  for (int x = 0; x < 600; x += 40) cv::line(bgr, {x, 0}, {x + 100, 400}, cv::Scalar(200, 60, 30), 4);
  cv::rectangle(bgr, cv::Rect(300, 120, 60, 90), cv::Scalar(20, 20, 220), cv::FILLED);
  return {bgr, {}};
}

TEST(FramePhoto, WindowClosesInOnTheObject) {
  const PreparedPhoto prepared = frame_photo(RedDetector(true), garden());
  EXPECT_EQ(prepared.bgr.size(), cv::Size(kSide, kSide));
  EXPECT_TRUE(prepared.mask_is_rough);
  EXPECT_FALSE(prepared.lens_is_known);
  // Around the piece, with a margin of 6 %; looks from afar are a pixel of the prepared picture off.
  EXPECT_NEAR(prepared.window.side, 90 / 0.88, 8);
  EXPECT_NEAR(prepared.window.x + prepared.window.side / 2, 330, 4);
  EXPECT_NEAR(prepared.window.y + prepared.window.side / 2, 165, 4);
  EXPECT_EQ(prepared.bgr.at<cv::Vec3b>(kSide / 2, kSide / 2), cv::Vec3b(20, 20, 220));
  // Its mask, brought back to the photo, is the piece.
  const cv::Mat found = to_photo_frame(prepared.mask, prepared.window, {600, 400});
  const cv::Rect box = cv::boundingRect(found);
  EXPECT_NEAR(box.x, 300, 3);
  EXPECT_NEAR(box.y, 120, 3);
  EXPECT_NEAR(box.width, 60, 5);
  EXPECT_NEAR(box.height, 90, 5);
}

TEST(FramePhoto, LesserThingsOfItsColourAreLeftOut) {
  PhotoImage photo = garden();
  cv::rectangle(photo.bgr, cv::Rect(30, 30, 20, 20), cv::Scalar(20, 20, 220), cv::FILLED);
  EXPECT_NEAR(frame_photo(RedDetector(true), photo).window.side, 90 / 0.88, 8);
}

TEST(FramePhoto, NothingFoundIsSaidWithAHint) {
  PhotoImage photo = garden();
  photo.bgr(cv::Rect(300, 120, 60, 90)).setTo(cv::Scalar(40, 160, 60));
  try {
    frame_photo(RedDetector(true), photo, {.where = "garden.jpg"});
    FAIL() << "an empty garden was taken for a piece";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("garden.jpg"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("--mask"), std::string::npos);
  }
}

TEST(FramePhoto, PhotosOnWhiteMasksAndOtherDetectorsGoTheOldWay) {
  PhotoImage on_white{cv::Mat(200, 200, CV_8UC3, cv::Scalar::all(255)), {}};
  cv::rectangle(on_white.bgr, cv::Rect(60, 40, 80, 120), cv::Scalar(20, 20, 220), cv::FILLED);
  const PreparedPhoto white = frame_photo(RedDetector(true), on_white);
  EXPECT_FALSE(white.mask_is_rough);
  EXPECT_TRUE(white.lens_is_known);
  EXPECT_EQ(white.window.side, 200);

  cv::Mat mask(400, 600, CV_8U, cv::Scalar(0));
  mask(cv::Rect(300, 120, 60, 90)).setTo(255);
  const PreparedPhoto masked = frame_photo(RedDetector(true), garden(), {.mask = mask});
  EXPECT_TRUE(masked.mask_is_given);
  EXPECT_EQ(masked.bgr.at<cv::Vec3b>(2, 2), cv::Vec3b(255, 255, 255));  // cut out and laid on white

  const PreparedPhoto cut_out = frame_photo(RedDetector(false), garden()),
                      cut_out_at_will = frame_photo(RedDetector(true), garden(), {.cut_out = true});
  EXPECT_EQ(cv::norm(cut_out.bgr, cut_out_at_will.bgr, cv::NORM_INF), 0);
  EXPECT_TRUE(cut_out.mask_is_rough);
  EXPECT_EQ(cut_out.bgr.at<cv::Vec3b>(2, 2), cv::Vec3b(255, 255, 255));
}

/// Believes no camera but where it was shown the reference's edges; knows whether these are to be seen.
class EdgeDetector : public RedDetector {
 public:
  explicit EdgeDetector(const cv::Rect& edges, bool refuses = true) : RedDetector(true), edges_(edges), refuses_(refuses) {}
  cv::Mat find_reference(const ReferenceData&, const PreparedPhoto& photo) const override {
    if (edges_.empty()) return {};
    // `edges_` in pixels of the garden, whose whole frame is 600 x 600 with the photo in the middle.
    cv::Mat silhouette(photo.bgr.size(), CV_8U, cv::Scalar(0));
    const double scale = photo.bgr.cols / 600.0;
    const cv::Rect2d at(edges_.x * scale, (edges_.y + 100) * scale, edges_.width * scale, edges_.height * scale);
    cv::rectangle(silhouette, at, cv::Scalar(255), cv::FILLED);
    return silhouette;
  }
  Detection detect(const ReferenceData&, const PreparedPhoto& photo) const override {
    Detection detection;
    detection.logit = photo.found_by_edges ? 2 : 1;
    if (photo.found_by_edges) return detection;
    if (refuses_) detection.refusal = "no camera";
    detection.doubtful = !refuses_;
    return detection;
  }

 private:
  const cv::Rect edges_;
  const bool refuses_;
};

const ReferenceData& no_reference() {
  static const ReferenceData none = reference_of_views("none", {});
  return none;
}

TEST(LookAt, LooksAgainWhereTheReferencesEdgesAre) {
  const Look look = look_at(EdgeDetector({300, 120, 60, 90}), no_reference(), garden());
  EXPECT_EQ(look.detection.logit, 2);
  EXPECT_TRUE(look.photo.found_by_edges);
  EXPECT_NEAR(look.photo.window.x + look.photo.window.side / 2, 330, 10);
  EXPECT_NEAR(look.photo.window.y + look.photo.window.side / 2, 165, 10);
  // The mask there is what has the colours found, brought back to the photo.
  cv::Mat piece(400, 600, CV_8U, cv::Scalar(0));
  piece(cv::Rect(300, 120, 60, 90)).setTo(255);
  EXPECT_GT(mask_iou(to_photo_frame(look.photo.mask, look.photo.window, {600, 400}), piece), 0.75);
}

TEST(LookAt, KeepsTheFirstRefusalWhereNoEdgesAre) {
  const Look look = look_at(EdgeDetector({}), no_reference(), garden());
  EXPECT_EQ(look.detection.refusal, "no camera");
  EXPECT_FALSE(look.photo.found_by_edges);
}

TEST(LookAt, ADoubtfulVerdictStandsWhereNoEdgesAre) {
  EXPECT_EQ(look_at(EdgeDetector({300, 120, 60, 90}, false), no_reference(), garden()).detection.logit, 2);
  EXPECT_EQ(look_at(EdgeDetector({}, false), no_reference(), garden()).detection.logit, 1);
  EXPECT_EQ(look_at(EdgeDetector({300, 120, 60, 90}, false), no_reference(), garden(), {.second_look = false}).detection.logit, 1);
}

TEST(LookAt, WhereNoObjectIsToBeSeenEdgesMayTell) {
  PhotoImage photo = garden();
  photo.bgr(cv::Rect(300, 120, 60, 90)).setTo(cv::Scalar(160, 160, 160));  // the piece is grey: the detector sees nothing
  EXPECT_EQ(look_at(EdgeDetector({300, 120, 60, 90}), no_reference(), photo).detection.logit, 2);
  EXPECT_THROW(look_at(EdgeDetector({}), no_reference(), photo), InputError);
}

}  // namespace
}  // namespace looking3d
