#include "train/wrong_cameras.h"

#include <gtest/gtest.h>

#include "dataset/tiny_data_set.h"
#include "pose/coarse_search.h"
#include "shapes/members.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

TEST(WrongCameras, LieElsewhereAndHaveNearlyThePhotosSilhouette) {
  const DataSet data = DataSet::open(tiny_data_set());
  PhotoStore photos(data, kTinySize, 1 << 26);
  SceneStore scenes(data, 1 << 26);
  WrongCameras cameras(data, scenes, 1 << 26), nothing_held(data, scenes, 1);
  int drawn = 0;
  double overlap = 0;
  for (const size_t index : data.samples_of("train")) {
    const Sample& sample = data.samples()[index];
    const auto photo = photos.get(index);
    const auto camera = cameras.draw(sample.shape_id, *photo, Rng(index)), again = nothing_held.draw(sample.shape_id, *photo, Rng(index));
    ASSERT_EQ(camera.has_value(), again.has_value());
    if (!camera) continue;
    ++drawn;
    EXPECT_EQ(camera->azimuth_rad, again->azimuth_rad);
    EXPECT_GT(degrees(turn_between(*camera, *photo->view)), 25);
    const Scene& scene = *scenes.get(sample.shape_id);
    EXPECT_FALSE(looks_the_same(scene, *camera, *photo->view));
    overlap += mask_iou(render_silhouette(scene, orbit_camera(*camera, kTinySize)), photo->object);
  }
  ASSERT_GT(drawn, 3);
  EXPECT_GT(overlap / drawn, 0.5);
}

TEST(WrongCameras, ASymmetricPieceLooksTheSameFromSeveralSides) {
  const Scene chair(make_shape({3, 1, "armchair"}));
  const OrbitView view{.azimuth_rad = 0.6, .elevation_rad = 0.4, .distance = 3};
  OrbitView mirrored = view, turned = view;
  mirrored.azimuth_rad = -view.azimuth_rad;
  turned.azimuth_rad += radians(90);
  EXPECT_TRUE(looks_the_same(chair, view, view));
  EXPECT_FALSE(looks_the_same(chair, view, mirrored));
  Shape box{"box", "", {{"body", "", "", rounded_box({1, 0.6, 1})}}};
  const Scene square(box);
  EXPECT_TRUE(looks_the_same(square, view, turned));
  EXPECT_FALSE(looks_the_same(square, view, mirrored));
}

}  // namespace
}  // namespace looking3d
