#include "photo/photo.h"

#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "base/error.h"

namespace looking3d {
namespace {

Path scratch(const std::string& name) {
  return Path(::testing::TempDir()) / ("l3d_photo_" + name);
}

cv::Mat chequered(int rows, int cols) {
  cv::Mat image(rows, cols, CV_8UC3);
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < cols; ++x)
      image.at<cv::Vec3b>(y, x) = {static_cast<uchar>(x * 5), static_cast<uchar>(y * 5), static_cast<uchar>((x ^ y) * 3)};
  return image;
}

std::string error_of(const Path& path) {
  try {
    read_photo_image(path);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Photo, BadFilesSayWhatIsWrong) {
  cv::imwrite(scratch("good.png").string(), chequered(40, 50));
  cv::imwrite(scratch("good.jpg").string(), chequered(40, 50));
  for (const std::string extension : {"png", "jpg"}) {
    const std::string whole = read_file(scratch("good." + extension));
    write_file_atomic(scratch("cut." + extension), whole.substr(0, whole.size() * 2 / 3));
    EXPECT_NE(error_of(scratch("cut." + extension)).find("cut short"), std::string::npos);
    EXPECT_EQ(error_of(scratch("good." + extension)), "");
  }
  write_file_atomic(scratch("text.png"), "hello");
  EXPECT_NE(error_of(scratch("text.png")).find("not a picture"), std::string::npos);
  write_file_atomic(scratch("empty.png"), "");
  EXPECT_NE(error_of(scratch("empty.png")).find("is empty"), std::string::npos);
  EXPECT_NE(error_of(scratch("absent.png")).find("no such file"), std::string::npos);
  // A header that promises 50000 x 50000 pixels is refused before any memory is taken.
  std::string bomb = read_file(scratch("good.png"));
  bomb[16] = bomb[20] = 0, bomb[17] = bomb[21] = 0, bomb[18] = bomb[22] = static_cast<char>(0xc3), bomb[19] = bomb[23] = 0x50;
  write_file_atomic(scratch("bomb.png"), bomb);
  EXPECT_NE(error_of(scratch("bomb.png")).find("100 megapixels"), std::string::npos);
}

TEST(Photo, AFolderStandsForThePicturesInIt) {
  const Path folder = scratch("folder");
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder / "within.png");
  EXPECT_THROW(photo_files({folder.string()}), InputError);
  for (const char* name : {"b.png", "a.JPG", "c.jpeg", "._b.png", "notes.txt", "png", "within.png/d.png"})
    write_file_atomic(folder / name, "x");
  const auto in_folder = [&](const char* name) { return (folder / name).string(); };
  EXPECT_EQ(photo_files({folder.string(), "z.png", in_folder("b.png")}),
            (std::vector<std::string>{in_folder("a.JPG"), in_folder("b.png"), in_folder("c.jpeg"), "z.png", in_folder("b.png")}));
  EXPECT_EQ(photo_files({"absent"}), std::vector<std::string>{"absent"});  // reading it says what is wrong
  EXPECT_TRUE(photo_files({}).empty());
}

TEST(Photo, ExifOrientationIsApplied) {
  cv::imwrite(scratch("plain.jpg").string(), chequered(40, 64));
  std::string bytes = read_file(scratch("plain.jpg"));
  // An APP1 segment with one EXIF tag: orientation 6, "turn 90 degrees clockwise".
  const std::string exif(
      "\xff\xe1\x00\x22"
      "Exif\0\0"
      "MM\0\x2a\0\0\0\x08"
      "\0\x01"
      "\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"
      "\0\0\0\0",
      36);
  bytes.insert(2, exif);
  write_file_atomic(scratch("turned.jpg"), bytes);
  const cv::Mat turned = read_photo_image(scratch("turned.jpg")).bgr;
  EXPECT_EQ(turned.cols, 40);
  EXPECT_EQ(turned.rows, 64);
}

TEST(Photo, TransparencyBecomesWhite) {
  cv::Mat image(8, 8, CV_8UC4, cv::Scalar(10, 20, 30, 0));
  image.at<cv::Vec4b>(4, 4) = {10, 20, 30, 255};
  cv::imwrite(scratch("alpha.png").string(), image);
  const cv::Mat photo = read_photo_image(scratch("alpha.png")).bgr;
  EXPECT_EQ(photo.at<cv::Vec3b>(0, 0), cv::Vec3b(255, 255, 255));
  EXPECT_EQ(photo.at<cv::Vec3b>(4, 4), cv::Vec3b(10, 20, 30));
}

TEST(Photo, SquareKeepsSquaresAndPadsTheRest) {
  EXPECT_EQ(square_photo(chequered(64, 64), 64).at<cv::Vec3b>(3, 9), chequered(64, 64).at<cv::Vec3b>(3, 9));
  const cv::Mat padded = square_photo(chequered(32, 64), 64);
  EXPECT_EQ(padded.at<cv::Vec3b>(2, 30), cv::Vec3b(255, 255, 255));
  EXPECT_EQ(padded.at<cv::Vec3b>(20, 30), chequered(32, 64).at<cv::Vec3b>(4, 30));
}

TEST(Photo, MaskLeavesTheShadowOut) {
  cv::Mat image(128, 128, CV_8UC3, cv::Scalar::all(255)), truth(128, 128, CV_8U, cv::Scalar(0));
  cv::ellipse(image, {70, 100}, {40, 14}, 0, 0, 360, cv::Scalar::all(150), cv::FILLED);
  cv::GaussianBlur(image, image, {0, 0}, 9);
  for (const cv::Rect& r : {cv::Rect(40, 20, 50, 12), cv::Rect(42, 30, 6, 70), cv::Rect(80, 30, 6, 70)}) {
    cv::rectangle(image, r, cv::Scalar(60, 100, 140), cv::FILLED);
    cv::rectangle(truth, r, cv::Scalar(255), cv::FILLED);
  }
  const cv::Mat mask = mask_on_white(image);
  const double both = cv::countNonZero(mask & truth), either = cv::countNonZero(mask | truth);
  EXPECT_GT(both / either, 0.97);
}

TEST(Photo, OnWhiteEvenWhenTheShadowRunsOffThePicture) {
  cv::Mat image(128, 128, CV_8UC3, cv::Scalar::all(255));
  EXPECT_TRUE(is_on_white(image));
  cv::ellipse(image, {70, 120}, {60, 34}, 0, 0, 360, cv::Scalar::all(150), cv::FILLED);
  cv::GaussianBlur(image, image, {0, 0}, 9);
  cv::rectangle(image, {50, 20, 30, 90}, cv::Scalar(60, 100, 140), cv::FILLED);
  EXPECT_TRUE(is_on_white(image));
  EXPECT_FALSE(is_on_white(cv::Mat(64, 64, CV_8UC3, cv::Scalar::all(90))));
  EXPECT_FALSE(is_on_white(chequered(64, 64)));
}

}  // namespace
}  // namespace looking3d
