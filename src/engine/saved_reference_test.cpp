// A reference from its file is as good as the one it was saved from: the same answer, bit for bit.
#include <gtest/gtest.h>
#include <unistd.h>

#include "looking3d/looking3d.h"
#include "model/align_net.h"
#include "model/cmt.h"
#include "model/weights.h"
#include "render/scene.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

class SavedReference : public testing::TestWithParam<const char*> {
 protected:
  SavedReference() : folder(std::filesystem::temp_directory_path() / ("l3d_saved_reference_test_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder);
  }
  ~SavedReference() override { std::filesystem::remove_all(folder); }

  template <class Network, class Options>
  Path untrained(const Options& options) const {
    torch::manual_seed(3);
    Network network(options);
    write_tensors(folder / "weights.safetensors", state_of(*network),
                  {{"format", "looking3d-weights-1"}, {"method", GetParam()}, {"size", "128"}, {"network", to_json(options)}});
    return folder / "weights.safetensors";
  }
  Path weights() const {
    if (std::string(GetParam()) == "align") {
      AlignNetOptions options;
      options.compare.width = 8, options.compare.channels = 16, options.mask.width = 4;
      return untrained<AlignNet>(options);
    }
    CmtOptions options = CmtOptions::looking3d();
    options.width = 8, options.channels = 16, options.blocks = 1;
    return untrained<Cmt>(options);
  }

  const Path folder;
};

TEST_P(SavedReference, GivesTheSameAnswer) {
  const Shape shape = make_shape({5, 3, "armchair"});
  const Scene scene(shape);
  OrbitView view{.azimuth_rad = 0.7, .elevation_rad = 0.5};
  view.distance = fitting_distance(view, shape.all_vertices());
  const Camera camera = orbit_camera(view, 128);
  const cv::Mat grey = render_grey(scene, camera);
  cv::Mat photo;
  cv::merge(std::vector<cv::Mat>{grey, grey, grey}, photo);
  InspectOptions options;
  options.mask = render_silhouette(scene, camera);
  options.threshold = 0.0;  // whatever the untrained network says, it deviates, and says where

  const Reference fresh = Reference::prepare(shape);
  fresh.save(folder / "chair.l3d");
  const Inspector inspector = Inspector::open(weights());
  const Inspection first = inspector.inspect(fresh, photo, options);
  const Inspection second = inspector.inspect(Reference::load(folder / "chair.l3d"), photo, options);
  // Another program has met neither.
  const Inspection other = Inspector::open(folder / "weights.safetensors").inspect(Reference::load(folder / "chair.l3d"), photo, options);
  const Inspection changed = inspector.inspect(Reference::prepare(make_shape({5, 4, "armchair"})), photo, options);
  for (const Inspection& again : {second, other}) {
    EXPECT_EQ(again.probability, first.probability);
    ASSERT_FALSE(first.heat_map.empty());
    EXPECT_EQ(cv::norm(again.heat_map, first.heat_map, cv::NORM_INF), 0);
    ASSERT_TRUE(first.box && again.box);
    EXPECT_EQ(again.box->x, first.box->x);
    EXPECT_EQ(again.box->width, first.box->width);
    EXPECT_EQ(again.camera.has_value(), first.camera.has_value());
    if (first.camera && again.camera) {
      EXPECT_EQ(again.camera->azimuth_deg, first.camera->azimuth_deg);
    }
  }
  EXPECT_NE(changed.probability, first.probability);
}

INSTANTIATE_TEST_SUITE_P(Methods, SavedReference, testing::Values("align", "cmt"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace looking3d
