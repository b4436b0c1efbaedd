// Members that are surfaces with a thickness: curved sheets and lattices, pads and boards.
#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "base/check.h"
#include "shapes/members.h"

namespace looking3d {
namespace {

constexpr double kPi = std::numbers::pi;

std::vector<double> even_lines(int cells) {
  std::vector<double> lines;
  for (int i = 0; i <= cells; ++i) lines.push_back(2.0 * i / cells - 1);
  return lines;
}

/// Grid of a sheet: vertices of its front, back and (where it ends) rim, and its faces.
class SheetMaker {
 public:
  SheetMaker(const std::function<Vector3d(double, double)>& surface, const SheetOptions& options)
      : surface_(surface),
        options_(options),
        u_(options.u_lines.empty() ? even_lines(options.columns) : options.u_lines),
        v_(options.v_lines.empty() ? even_lines(options.rows) : options.v_lines),
        columns_(static_cast<int>(u_.size()) - 1),
        rows_(static_cast<int>(v_.size()) - 1) {}

  TriangleMesh make() {
    for (int row = 0; row < rows_; ++row)
      for (int column = 0; column < columns_; ++column)
        if (is_solid(column, row)) add_cell(column, row);
    for (const auto& [from, to] : rim_) add_rim(from, to);
    for (const auto& [point, at] : rims_) place_rim(point, at);
    return std::move(mesh_);
  }

 private:
  bool is_solid(int column, int row) const {
    if (column < 0 || row < 0 || column >= columns_ || row >= rows_) return false;
    return !options_.is_hole || !options_.is_hole(column, row);
  }

  /// Number of a grid point's front vertex; the back vertex is the next one.
  int front(int column, int row) {
    const int key = row * (columns_ + 1) + column;
    const auto [at, fresh] = index_.try_emplace(key, static_cast<int>(mesh_.vertices.size()));
    if (!fresh) return at->second;
    const Vector2d p = superellipse(u_[static_cast<size_t>(column)], v_[static_cast<size_t>(row)], options_.front, options_.rear);
    const double h = 1e-4;
    const Vector3d middle = surface_(p.x(), p.y());
    const Vector3d du = surface_(p.x() + h, p.y()) - surface_(p.x() - h, p.y()),
                   dv = surface_(p.x(), p.y() + h) - surface_(p.x(), p.y() - h);
    const Vector3d normal = du.cross(dv).normalized();
    const double half = options_.thickness / 2 * (options_.swelling ? options_.swelling(p.x(), p.y()) : 1);
    mesh_.vertices.push_back((middle + normal * half).cast<float>());
    mesh_.vertices.push_back((middle - normal * half).cast<float>());
    normals_[at->second] = normal;
    return at->second;
  }

  void add_cell(int column, int row) {
    const int corners[] = {front(column, row), front(column + 1, row), front(column + 1, row + 1), front(column, row + 1)};
    const bool neighbours[] = {is_solid(column, row - 1), is_solid(column + 1, row), is_solid(column, row + 1), is_solid(column - 1, row)};
    mesh_.triangles.emplace_back(corners[0], corners[1], corners[2]);
    mesh_.triangles.emplace_back(corners[0], corners[2], corners[3]);
    mesh_.triangles.emplace_back(corners[0] + 1, corners[2] + 1, corners[1] + 1);
    mesh_.triangles.emplace_back(corners[0] + 1, corners[3] + 1, corners[2] + 1);
    for (int k = 0; k < 4; ++k)
      if (!neighbours[k]) rim_.emplace_back(corners[k], corners[(k + 1) % 4]);
  }

  /// Half-round edge between two neighbouring front vertices, the sheet on its left.
  void add_rim(int from, int to) {
    const int a = rim_vertex(from), b = rim_vertex(to);
    const Vector3d along = (mesh_.vertices[static_cast<size_t>(to)] - mesh_.vertices[static_cast<size_t>(from)]).cast<double>();
    for (const int point : {from, to}) outward_[point] += along.cross(normals_[point]).normalized();
    for (const auto& [top, bottom] : {std::pair{from, a}, std::pair{a, from + 1}}) {
      const int top_b = top == from ? to : b, bottom_b = bottom == a ? b : to + 1;
      mesh_.triangles.emplace_back(top_b, top, bottom);
      mesh_.triangles.emplace_back(top_b, bottom, bottom_b);
    }
  }

  int rim_vertex(int point) {
    const auto [at, fresh] = rims_.try_emplace(point, static_cast<int>(mesh_.vertices.size()));
    if (fresh) mesh_.vertices.emplace_back(0, 0, 0), outward_[point] = Vector3d::Zero();
    return at->second;
  }

  void place_rim(int point, int at) {
    const Eigen::Vector3f top = mesh_.vertices[static_cast<size_t>(point)], bottom = mesh_.vertices[static_cast<size_t>(point) + 1];
    const double bulge = 0.4 * (top - bottom).norm();
    mesh_.vertices[static_cast<size_t>(at)] = (top + bottom) / 2 + (outward_[point].normalized() * bulge).cast<float>();
  }

  const std::function<Vector3d(double, double)>& surface_;
  const SheetOptions& options_;
  const std::vector<double> u_, v_;
  const int columns_, rows_;
  TriangleMesh mesh_;
  std::map<int, int> index_, rims_;
  std::map<int, Vector3d> normals_, outward_;
  std::vector<std::pair<int, int>> rim_;
};

/// How far stitching pulls the top of a pad down at (u, v), 0..1.
double stitching(const PadOptions& options, double u, double v) {
  double depth = 0;
  if (options.tufts_x > 0) {
    const double x = (u + 1) / 2 * options.tufts_x, z = (v + 1) / 2 * options.tufts_z;
    const double dx = x - std::floor(x) - 0.5, dz = z - std::floor(z) - 0.5;
    depth = std::exp(-(dx * dx + dz * dz) / 0.035);
  }
  if (options.channels > 0) {
    const double x = (u + 1) / 2 * options.channels, d = x - std::round(x);
    const bool inner = x > 0.4 && x < options.channels - 0.4;
    depth = std::max(depth, inner ? std::exp(-d * d / 0.012) : 0.0);
  }
  return depth;
}

}  // namespace

Vector2d superellipse(double u, double v, double front, double rear) {
  const double m = std::max(std::abs(u), std::abs(v));
  if (m < 1e-9) return {u, v};
  const double p = v > 0 ? front : rear;
  const double norm = std::pow(std::pow(std::abs(u) / m, p) + std::pow(std::abs(v) / m, p), 1 / p);
  return {u / norm, v / norm};
}

TriangleMesh sheet(const std::function<Vector3d(double, double)>& surface, const SheetOptions& options) {
  return SheetMaker(surface, options).make();
}

SheetOptions lattice(int openings_u, int openings_v, double share, double thickness) {
  const auto lines = [&](int openings) {
    // Bar, opening, bar, ..., bar.
    std::vector<double> result;
    const double pitch = 2 / (openings + share);
    for (int i = 0; i <= openings; ++i) result.push_back(-1 + i * pitch), result.push_back(-1 + (i + share) * pitch);
    return result;
  };
  SheetOptions options{.thickness = thickness};
  options.u_lines = lines(openings_u), options.v_lines = lines(openings_v);
  options.is_hole = [](int column, int row) { return column % 2 == 1 && row % 2 == 1; };
  return options;
}

TriangleMesh pad(const Vector3d& size, const PadOptions& options) {
  const bool stitched = options.tufts_x > 0 || options.channels > 0;
  const auto divisions = [&](int seams) { return stitched ? std::clamp(seams * 6, 8, 24) : 8; };
  const double radius = options.edge * std::min({size.x(), size.y(), size.z()}) / 2;
  RoundedBoxOptions box{.radius = radius, .round_segments = options.welt > 0 || options.edge > 0.6 ? 4 : 3};
  box.divisions[0] = divisions(std::max(options.tufts_x, options.channels)), box.divisions[2] = divisions(options.tufts_z);
  box.divisions[1] = 1;
  const Vector3d half = size / 2;
  return deformed(rounded_box(size, box), [&](const Vector3d& p) {
    // Piping: push out what leans both sideways and up or down.
    const Vector3d flat(std::clamp(p.x(), radius - half.x(), half.x() - radius), std::clamp(p.y(), radius - half.y(), half.y() - radius),
                        std::clamp(p.z(), radius - half.z(), half.z() - radius));
    const Vector3d lean = (p - flat) / std::max(radius, 1e-9);
    const double sideways = std::hypot(lean.x(), lean.z());
    const double ridge = std::exp(-std::pow((sideways - std::abs(lean.y())) / 0.25, 2)) * (lean.norm() > 0.5 ? 1 : 0);
    const Vector3d q = p + lean * (options.welt * ridge);

    const double u = q.x() / half.x(), v = q.z() / half.z();
    const Vector2d outline = superellipse(u, v, options.front, options.rear);
    const double bulge = std::max(0.0, 1 - u * u) * std::max(0.0, 1 - v * v);
    const double top = q.y() > 0 ? q.y() / half.y() : 0;
    const double curl = options.waterfall * std::pow(std::max(0.0, v), 4);
    const double lift = top * (options.crown * bulge - options.tuft_depth * stitching(options, u, v) * std::min(1.0, 4 * bulge));
    return Vector3d(outline.x() * half.x(), q.y() + lift - curl, outline.y() * half.z());
  });
}

TriangleMesh upright(const TriangleMesh& pad) {
  return turned(pad, kPi / 2, Vector3d::UnitX());
}

}  // namespace looking3d
