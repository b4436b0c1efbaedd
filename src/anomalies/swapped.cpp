// A part replaced by its like from another design.
#include <algorithm>
#include <cmath>
#include <optional>

#include "anomalies/injection.h"
#include "anomalies/surface_distance.h"

namespace looking3d {
namespace {

using Eigen::Matrix3d;
using Eigen::Vector3d;

constexpr int kDonorsTried = 6;
constexpr double kMinSwapChange = 0.012 * kShapeDiameter;  ///< mean surface distance between the old part and the new
constexpr double kMaxSwapWish = 0.10 * kShapeDiameter;     ///< of the donors tried, the one nearest to a drawn distance is taken
constexpr double kMaxAspect = 3.5;       ///< ratio of the stretches along a part's main axes beyond which a donor does not fit the place
constexpr double kMaxSlenderness = 3.5;  ///< a post is not swapped for a panel: ratio of their width-to-length ratios
constexpr double kThin = 0.35;           ///< an axis below this share of the longest is thin: a donor may be thicker or thinner there
constexpr double kMaxThickness = 1.5, kMinThickness = 0.4;
constexpr double kOffCentre = 0.15;  ///< a part this far from the vertical axis looks outward from it

struct Donor {
  const Shape* shape;
  const Part* part;
};

struct Fit {
  Eigen::Affine3d object_from_donor;
  bool mirrored = false;
};

/// A donor in the old part's place.
struct Swap {
  Donor donor;
  Fit place;
  TriangleMesh mesh;
  double change;  ///< mean surface distance
};

/// Scales the donor into the old part's box, with both seen in frames of their own. Nothing when the proportions are too far apart.
std::optional<Fit> fit_in_frames(const TriangleMesh& donor, const Matrix3d& frame_from_donor, const TriangleMesh& old,
                                 const Matrix3d& frame_from_object) {
  const auto box_in = [](const TriangleMesh& mesh, const Matrix3d& frame) {
    Eigen::AlignedBox3d box;
    for (const auto& v : mesh.vertices) box.extend(frame * v.cast<double>());
    return box;
  };
  const Eigen::AlignedBox3d from = box_in(donor, frame_from_donor), to = box_in(old, frame_from_object);
  const Vector3d size = to.sizes().cwiseMax(1e-4);
  Vector3d scale = size.cwiseQuotient(from.sizes().cwiseMax(1e-4));
  // The main axes fill the place; thin ones follow them, so that a thick leg or a thin seat stays one.
  double least = 1e300, most = 0, log_sum = 0;
  int count = 0;
  for (int a = 0; a < 3; ++a)
    if (size[a] >= kThin * size.maxCoeff())
      least = std::min(least, scale[a]), most = std::max(most, scale[a]), log_sum += std::log(scale[a]), ++count;
  if (most > kMaxAspect * least) return std::nullopt;
  for (int a = 0; a < 3; ++a)
    if (size[a] < kThin * size.maxCoeff())
      scale[a] = std::clamp(std::exp(log_sum / count), kMinThickness * scale[a], kMaxThickness * scale[a]);
  Eigen::Affine3d object_from_donor = Eigen::Affine3d::Identity();
  object_from_donor.linear() = frame_from_object.transpose() * scale.asDiagonal() * frame_from_donor;
  object_from_donor.translation() = frame_from_object.transpose() * (to.center() - scale.cwiseProduct(from.center()));
  return Fit{object_from_donor, object_from_donor.linear().determinant() < 0};
}

/// Width over length along the part's own axes.
double slenderness(const TriangleMesh& mesh) {
  const PartFrame frame = frame_of(mesh);
  return std::max(frame.half[1], 1e-4) / std::max(frame.half[0], 1e-4);
}

/// Parts that products have in a circle around their vertical axis.
bool stands_around(const std::string& label) {
  return label.ends_with("leg") || label == "caster";
}

/// The way of putting the donor into the old part's place that follows it best: upright, mirrored to the other side (a right arm becomes
/// a left one), or, where parts stand around an axis, turned about the vertical axis to look the same way outward (star legs).
std::optional<Fit> fit(const TriangleMesh& donor, const TriangleMesh& old, bool radial) {
  const Vector3d place = bounding_box(old).center(), donor_place = bounding_box(donor).center();
  std::vector<std::pair<Matrix3d, Matrix3d>> frames;  // of the donor, of the object
  for (const double x : {1.0, -1.0})
    for (const double z : {1.0, -1.0}) frames.emplace_back(Vector3d(x, 1, z).asDiagonal(), Matrix3d::Identity());
  if (radial && std::min(std::hypot(place.x(), place.z()), std::hypot(donor_place.x(), donor_place.z())) > kOffCentre) {
    const auto outward = [](const Vector3d& x) {
      return Eigen::AngleAxisd(-std::atan2(x.x(), x.z()), Vector3d::UnitY()).toRotationMatrix();
    };
    frames.emplace_back(outward(donor_place), outward(place));
  }
  std::optional<Fit> best;
  double least = 1e300;
  for (const auto& [frame_from_donor, frame_from_object] : frames) {
    const std::optional<Fit> candidate = fit_in_frames(donor, frame_from_donor, old, frame_from_object);
    if (!candidate) continue;
    const double distance = surface_distance(old, transformed(donor, candidate->object_from_donor), 24);
    if (distance < least) least = distance, best = candidate;
  }
  return best;
}

}  // namespace

InjectionOutcome swap_part(Injection& injection) {
  const Part& old = injection.target();
  std::vector<Donor> donors;
  for (const Shape& shape : injection.donors)
    for (const Part& part : shape.parts)
      if (part.label == old.label && shape.id != injection.normal.id && !part.mesh.empty()) donors.push_back({&shape, &part});
  injection.rng.shuffle(donors);

  AnomalyRefusal refusal = AnomalyRefusal::kNoDonor;  // none of this label, or none of like proportions
  const double slender = slenderness(old.mesh), wish = injection.rng.log_uniform(kMinSwapChange, kMaxSwapWish);
  std::optional<Swap> best;
  int tried = 0;
  for (size_t i = 0; i < donors.size() && tried < kDonorsTried; ++i) {
    const double ratio = slenderness(donors[i].part->mesh) / slender;
    if (std::max(ratio, 1 / ratio) > kMaxSlenderness) continue;
    const std::optional<Fit> place = fit(donors[i].part->mesh, old.mesh, stands_around(old.label));
    if (!place) continue;
    ++tried;
    TriangleMesh mesh = transformed(donors[i].part->mesh, place->object_from_donor);
    const double change = surface_distance(old.mesh, mesh);
    if (injection.out_of_place(mesh)) {
      refusal = AnomalyRefusal::kTooLarge;
    } else if (change < kMinSwapChange) {
      refusal = AnomalyRefusal::kNearlyEqualSwap;
    } else if (!best || std::abs(std::log(change / wish)) < std::abs(std::log(best->change / wish))) {
      best = Swap{donors[i], *place, std::move(mesh), change};
    }
  }
  if (!best) return refusal;
  Json matrix = Json::array();
  for (int row = 0; row < 3; ++row)
    for (int column = 0; column < 4; ++column) matrix.push_back(best->place.object_from_donor(row, column));
  return injection.replace(AnomalyKind::kSwapped, std::move(best->mesh), best->change / kShapeDiameter,
                           {{"donor_shape", best->donor.shape->id},
                            {"donor_part", best->donor.part->name},
                            {"object_from_donor", matrix},
                            {"mirrored", best->place.mirrored}});
}

}  // namespace looking3d
