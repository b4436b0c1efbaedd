// The camera file of a reference view.
#include <opencv2/core.hpp>

#include "dataset/data_set.h"
#include "dataset/npy.h"
#include "target.h"

using namespace looking3d;

std::vector<std::string> looking3d::fuzz_seeds() {
  return {R"({"K":[[22,0,8],[0,22,8],[0,0,1]],"RT":[[1,0,0,0],[0,1,0,0],[0,0,1,-2.5],[0,0,0,1]],"depth_scale":10000})",
          R"({"K":[[22,0,8],[0,22,8],[0,0,1]],"RT":[[0,0,-1,0],[0,1,0,0],[1,0,0,-2.5],[0,0,0,1]]})"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Path root = scratch() / "views";
  static const DataSet set = [&] {
    write_file_atomic(split_file(root), R"({"train":["7"],"val":[],"test":[]})");
    write_png(root / "images" / "render_7_12_2.5_18_27.31_3_normal.png", cv::Mat(16, 16, CV_8UC3, cv::Scalar::all(9)));
    write_png(views_folder(root, "7") / "v.png", cv::Mat(16, 16, CV_8U, cv::Scalar(9)));
    write_numpy_dict(views_folder(root, "7") / "v.npy", {{"xyz", {"<f4", {2, 2, 3}, {-1, -1, -1, 0, 0, 0, 1, 1, 1, -1, -1, -1}}}});
    return DataSet::open(root);
  }();
  write_file_atomic(views_folder(root, "7") / "v.json", text_of(data, size));
  return read_or_refuse([&] { set.load_views("7"); });
}
