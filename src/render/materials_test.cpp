#include "render/materials.h"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <set>

#include "base/error.h"
#include "base/random.h"
#include "geometry/mesh_cut.h"
#include "render/floors.h"
#include "render/photo_render.h"
#include "render/texture_set.h"
#include "shapes/members.h"

namespace looking3d {
namespace {

TEST(TextureFrame, RidesOnThePart) {
  const TriangleMesh board = rounded_box({0.5, 0.04, 0.3});
  const TextureFrame still = TextureFrame::of(board, 1);
  EXPECT_GT(std::abs(still.texture_from_object(0, 0)), 0.999f) << "grain along the longest side";
  EXPECT_GT(std::abs(still.texture_from_object(2, 1)), 0.999f) << "the flat side faces up";

  // The part moved and turned: the same texture coordinates, up to the axes' signs.
  Eigen::Affine3d motion = Eigen::Translation3d(0.3, -0.2, 0.1) * Eigen::AngleAxisd(0.7, Vector3d(1, 2, 3).normalized());
  const TextureFrame gone = TextureFrame::of(transformed(board, motion), 1);
  const Vector3f x(0.17f, 0.02f, 0.08f), y = (motion * x.cast<double>()).cast<float>();
  const Vector3f p = still.texture_from_object * (x - still.centre), q = gone.texture_from_object * (y - gone.centre);
  EXPECT_TRUE(p.cwiseAbs().isApprox(q.cwiseAbs(), 2e-2f)) << p.transpose() << " and " << q.transpose();

  // A corner cut off: the grain stays where it was.
  const auto cut = subtract(board, ball_cutter({0.25, 0, 0.15}, 0.08));
  ASSERT_TRUE(cut);
  EXPECT_GT(std::abs(TextureFrame::of(cut->mesh, 1).texture_from_object.row(0).dot(still.texture_from_object.row(0))), 0.99f);

  // A square seat has no longest axis, but its grain runs along a side.
  const TextureFrame square = TextureFrame::of(rounded_box({0.45, 0.03, 0.45}), 1);
  EXPECT_GT(square.texture_from_object.row(0).cwiseAbs().maxCoeff(), 0.999f);
}

TEST(Materials, AreLawfulSurfaces) {
  const TriangleMesh board = rounded_box({0.5, 0.04, 0.3});
  const TextureFrame frame = TextureFrame::of(board, 2);
  Rng rng(5);
  std::set<std::string> names;
  for (uint32_t id = 0; id < kMaterialCount; ++id) {
    const Material material(id);
    names.insert(material.name());
    for (int i = 0; i < 8; ++i) {
      const Vector3f x(static_cast<float>(rng.uniform(-1, 1)), static_cast<float>(rng.uniform(-1, 1)),
                       static_cast<float>(rng.uniform(-1, 1)));
      const SurfaceSample s = material.at(x, Vector3f::UnitY(), frame);
      EXPECT_TRUE(s.base_colour.minCoeff() > 0 && s.base_colour.maxCoeff() < 0.95f) << material.name();
      EXPECT_TRUE(s.roughness > 0 && s.roughness <= 1) << material.name();
      EXPECT_LT(s.bump.norm(), 2) << material.name();
      EXPECT_TRUE(family_of(id) == MaterialFamily::kMetal || s.metallic == 0) << material.name();
      EXPECT_TRUE(material.at(x, Vector3f::UnitY(), frame, false).bump.isZero()) << material.name();
    }
  }
  EXPECT_EQ(names.size(), kMaterialCount);
}

/// CIE L*a*b* of linear sRGB under D65.
Vector3f lab(const Vector3f& rgb) {
  Eigen::Matrix3f xyz_from_rgb;
  xyz_from_rgb << 0.4124f, 0.3576f, 0.1805f, 0.2126f, 0.7152f, 0.0722f, 0.0193f, 0.1192f, 0.9505f;
  const Vector3f xyz = (xyz_from_rgb * rgb).cwiseQuotient(Vector3f(0.9505f, 1, 1.089f));
  const auto f = [](float t) { return t > 0.008856f ? std::cbrt(t) : 7.787f * t + 16.0f / 116; };
  const Vector3f g(f(xyz.x()), f(xyz.y()), f(xyz.z()));
  return {116 * g.y() - 16, 500 * (g.x() - g.y()), 200 * (g.y() - g.z())};
}

/// What a person sees of a material, each number in steps that one can tell apart side by side: mean colour (2.3 is a just noticeable
/// difference of L*a*b*), contrast of the pattern and how fast it changes along and across the part, gloss, metal, relief.
using Look = Eigen::Matrix<float, 9, 1>;

Look look_of(const Material& material, const TextureFrame& frame) {
  constexpr int kSide = 40;
  constexpr float kStep = 0.008f;
  std::vector<Vector3f> colours;
  float roughness = 0, relief = 0, metallic = 0;
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      const SurfaceSample s = material.at({kStep * static_cast<float>(x), 0.02f, kStep * static_cast<float>(y)}, Vector3f::UnitY(), frame);
      colours.push_back(lab(s.base_colour));
      roughness += s.roughness, relief += s.bump.norm(), metallic = s.metallic;
    }
  const auto n = static_cast<float>(colours.size());
  Vector3f mean = Vector3f::Zero();
  for (const Vector3f& c : colours) mean += c / n;
  float spread = 0, along = 0, across = 0;
  for (int y = 0; y + 1 < kSide; ++y)
    for (int x = 0; x + 1 < kSide; ++x) {
      const Vector3f& here = colours[y * kSide + x];
      spread += (here - mean).squaredNorm() / n;
      along += (colours[y * kSide + x + 1] - here).norm() / n, across += (colours[(y + 1) * kSide + x] - here).norm() / n;
    }
  Look look;
  look << mean.x() / 2.3f, mean.y() / 2.3f, mean.z() / 2.3f, std::sqrt(spread) / 2.3f, along / 2.3f, across / 2.3f, roughness / n / 0.05f,
      metallic * 4, relief / n / 0.05f;
  return look;
}

TEST(Materials, AtLeastFourHundredDiffer) {
  // Greedily gather ids that differ from all gathered before by more than a step; enough of them in each family.
  const TextureFrame frame = TextureFrame::of(rounded_box({0.5, 0.04, 0.3}), 2);
  std::vector<Look> distinct;
  std::array<int, kMaterialFamilies> of_family{};
  for (uint32_t id = 0; id < kMaterialCount; ++id) {
    const Look look = look_of(Material(id), frame);
    const bool is_new = std::all_of(distinct.begin(), distinct.end(), [&](const Look& other) { return (look - other).norm() > 1; });
    if (!is_new) continue;
    distinct.push_back(look);
    ++of_family[static_cast<size_t>(family_of(id))];
  }
  RecordProperty("distinct", static_cast<int>(distinct.size()));
  std::printf("%zu distinct; by family %d %d %d %d %d\n", distinct.size(), of_family[0], of_family[1], of_family[2], of_family[3],
              of_family[4]);
  EXPECT_GE(distinct.size(), 400u);
  for (const int count : of_family) EXPECT_GE(count, 70);
}

TEST(Materials, GrainRunsAlongThePart) {
  // Colours change less along the part than across it: for wood that is not painted, on both broad and narrow sides.
  const TextureFrame frame = TextureFrame::of(rounded_box({0.9, 0.1, 0.2}), 3);
  int seen = 0;
  for (uint32_t id = 0; id < kMaterialCount; id += kMaterialFamilies) {
    const Look look = look_of(Material(id), frame);
    if (look[3] < 0.5f) continue;  // hardly any grain
    ++seen;
    EXPECT_LT(look[4], look[5]) << material_name(id);
  }
  EXPECT_GT(seen, 25);
}

TEST(Floors, AreLawfulSurfacesOfManyLooks) {
  Rng rng(7);
  std::set<std::string> names;
  for (uint32_t id = 0; id < kFloorCount; ++id) {
    const Floor floor(id);
    names.insert(floor.name());
    for (int i = 0; i < 16; ++i) {
      const SurfaceSample s = floor.at({static_cast<float>(rng.uniform(-9, 9)), static_cast<float>(rng.uniform(-9, 9))}, i % 2 == 0);
      EXPECT_TRUE(s.base_colour.minCoeff() > 0 && s.base_colour.maxCoeff() < 0.9f) << floor.name();
      EXPECT_TRUE(s.roughness > 0 && s.roughness <= 1) << floor.name();
      EXPECT_LT(s.bump.norm(), 1) << floor.name();
    }
  }
  EXPECT_EQ(names.size(), kFloorCount);
}

/// A folder with pictures of one colour each, made for one test.
class TextureFolder {
 public:
  explicit TextureFolder(const std::string& name) : path_(std::filesystem::path(testing::TempDir()) / "looking3d_textures" / name) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~TextureFolder() { std::filesystem::remove_all(path_); }
  void add(const std::string& file, const cv::Scalar& bgr, int width = 16, int height = 16) const {
    cv::imwrite((path_ / file).string(), cv::Mat(height, width, CV_8UC3, bgr));
  }
  const Path& path() const { return path_; }

 private:
  Path path_;
};

SurfaceSample at_centre(const TextureSet& set) {
  const TextureFrame frame = TextureFrame::of(rounded_box({0.5, 0.04, 0.3}), 2);
  return set.at({0.1f, 0.02f, 0.1f}, Vector3f::UnitY(), frame);
}

TEST(TextureSet, ReadsTheUsualNamings) {
  const TextureFolder ambient("Wood051_2K");
  ambient.add("Wood051_2K-PNG_Color.png", {0, 0, 255});
  ambient.add("Wood051_2K-PNG_Roughness.png", {51, 51, 51}, 8, 8);
  ambient.add("Wood051_2K-PNG_AmbientOcclusion.png", {128, 128, 128});
  ambient.add("Wood051_2K-PNG_NormalDX.png", {255, 128, 128});
  ambient.add("Wood051_2K-PNG_NormalGL.png", {255, 128, 128});
  ambient.add("Wood051_2K-PNG_Displacement.png", {7, 7, 7});
  const TextureSet wood = TextureSet::load(ambient.path());
  EXPECT_EQ(wood.family(), MaterialFamily::kWood);
  EXPECT_EQ(wood.name(), "Wood051_2K");
  const SurfaceSample s = at_centre(wood);
  EXPECT_NEAR(s.base_colour.x(), 128.0 / 255, 0.01) << "linear red times occlusion";
  EXPECT_LT(s.base_colour.y(), 0.02f);
  EXPECT_NEAR(s.roughness, 0.2, 0.01);
  EXPECT_EQ(s.metallic, 0);
  EXPECT_LT(s.bump.norm(), 0.02f);

  const TextureFolder haven("metal_plate_1k");
  haven.add("metal_plate_diff_1k.jpg", {128, 128, 128});
  haven.add("metal_plate_arm_1k.jpg", {255, 102, 255});  // BGR: metalness, roughness, occlusion
  const SurfaceSample metal = at_centre(TextureSet::load(haven.path()));
  EXPECT_NEAR(metal.metallic, 1, 0.02);
  EXPECT_NEAR(metal.roughness, 0.4, 0.02);
  EXPECT_NEAR(metal.base_colour.y(), 0.2159, 0.01) << "128 of sRGB is a fifth of the light";
}

TEST(TextureSet, NormalsOfBothConventionsAgree) {
  const TextureFolder gl("leather_gl"), dx("leather_dx");
  for (const auto* folder : {&gl, &dx}) folder->add("x_albedo.png", {90, 90, 90});
  gl.add("x_nor_gl.png", {220, 190, 150});
  dx.add("x_nor_dx.png", {220, 65, 150});
  const SurfaceSample a = at_centre(TextureSet::load(gl.path())), b = at_centre(TextureSet::load(dx.path()));
  EXPECT_TRUE(a.bump.isApprox(b.bump, 0.02f)) << a.bump.transpose() << " and " << b.bump.transpose();
  EXPECT_GT(a.bump.norm(), 0.3f);
  EXPECT_LT(std::abs(a.bump.y()), 1e-3f) << "the relief of a flat side lies in it";
}

TEST(TextureSet, RefusesWhatItCannotUse) {
  const TextureFolder no_colour("fabric_empty");
  no_colour.add("fabric_rough.png", {1, 1, 1});
  EXPECT_THROW(TextureSet::load(no_colour.path()), InputError);

  const TextureFolder unknown("thing");
  unknown.add("thing_diff.png", {1, 1, 1});
  EXPECT_THROW(TextureSet::load(unknown.path()), InputError);
  write_json_atomic(unknown.path() / "material.json", {{"family", "fabric"}, {"size", 0.5}});
  EXPECT_EQ(TextureSet::load(unknown.path()).family(), MaterialFamily::kFabric);
  for (const Json& bad : {Json{{"family", "cheese"}}, Json{{"size", -1}}, Json{{"colour", 1}}, Json{{"grain", 3}}}) {
    write_json_atomic(unknown.path() / "material.json", bad);
    EXPECT_THROW(TextureSet::load(unknown.path()), InputError) << bad;
  }

  const TextureFolder broken("plastic_cut");
  broken.add("plastic_color.png", {9, 9, 9}, 64, 64);
  const Path picture = broken.path() / "plastic_color.png";
  const std::string bytes = read_file(picture);
  write_file_atomic(picture, bytes.substr(0, bytes.size() - 20));
  EXPECT_THROW(TextureSet::load(broken.path()), InputError) << "cut short";
  std::string huge = bytes;
  huge[16] = huge[20] = 0x01;  // a header that claims 2^24 pixels a side
  write_file_atomic(picture, huge);
  EXPECT_THROW(TextureSet::load(broken.path()), InputError) << "too many pixels";
  EXPECT_THROW(load_texture_sets(broken.path() / "none"), InputError);
}

TEST(TextureSet, ReplacesMaterialsOfItsFamilyByShare) {
  const TextureFolder root("sets");
  for (const char* name : {"wood_a", "wood_b"}) {
    std::filesystem::create_directories(root.path() / name);
    cv::imwrite((root.path() / name / "x_color.png").string(), cv::Mat(8, 8, CV_8UC3, cv::Scalar(40, 90, 140)));
  }
  const auto shape = [] {
    Shape s;
    s.parts.push_back({"leg_1", "leg", "leg", rounded_box({0.1, 0.8, 0.1})});
    return s;
  }();
  const PhotoStock plain, all({.materials = root.path().string(), .material_share = 1});
  std::set<uint32_t> used;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const uint32_t before = draw_appearance(shape, seed, plain).material_ids[0], after = draw_appearance(shape, seed, all).material_ids[0];
    if (family_of(before) == MaterialFamily::kWood) {
      EXPECT_GE(after, kMaterialCount);
      used.insert(after);
    } else {
      EXPECT_EQ(before, after) << "other families keep their own";
    }
  }
  EXPECT_EQ(used.size(), 2u);
}

}  // namespace
}  // namespace looking3d
