#include "shapes/mesh_care.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "geometry/mesh_winding.h"

namespace looking3d {
namespace {

constexpr double kPieceCrumb = 0.005;    ///< of the whole area: a smaller component joins its nearest neighbour
constexpr double kObjectCrumb = 0.0005;  ///< the same for an object that its author named
constexpr size_t kMaxParts = 400;
constexpr size_t kMaxLoosePieces = 4000;  ///< an object of more components stays whole: it is a heap of loose triangles
constexpr double kGap = 0.003;            ///< of the shape's extent: pieces of an object farther apart are parts of their own
constexpr double kWeld = 1e-6;            ///< of the shape's extent
constexpr double kAlikeTolerance = 0.01;  ///< parts whose area and extents agree to this are copies of one another
constexpr size_t kMostLines = 12;         ///< of one kind in the report

double extent(const std::vector<NamedMesh>& objects) {
  Eigen::AlignedBox3d box;
  for (const NamedMesh& object : objects) box.extend(bounding_box(object.mesh));
  return box.isEmpty() ? 0 : box.sizes().maxCoeff();
}

struct Piece {
  std::string name;
  TriangleMesh mesh;
  Eigen::AlignedBox3d box;
  double area = 0, crumb_area = 0;  ///< below crumb_area it joins a neighbour
};

Piece make_piece(const std::string& name, TriangleMesh mesh, double crumb_area) {
  const Eigen::AlignedBox3d box = bounding_box(mesh);
  const double area = surface_area(mesh);
  return {name, std::move(mesh), box, area, crumb_area};
}

/// Components of one object put together again where their boxes nearly touch.
std::vector<TriangleMesh> clear_of_one_another(const TriangleMesh& object, double gap) {
  std::vector<TriangleMesh> components = split_components(object);
  if (components.size() > kMaxLoosePieces) return {object};
  std::vector<Eigen::AlignedBox3d> boxes;
  for (const TriangleMesh& component : components) boxes.push_back(bounding_box(component));
  std::vector<size_t> cluster(components.size());
  std::iota(cluster.begin(), cluster.end(), size_t{0});
  const auto root = [&](size_t i) {
    while (cluster[i] != i) i = cluster[i] = cluster[cluster[i]];
    return i;
  };
  for (size_t i = 0; i < boxes.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (boxes[i].exteriorDistance(boxes[j]) <= gap) cluster[root(i)] = root(j);
  std::vector<TriangleMesh> pieces(components.size());
  for (size_t i = 0; i < components.size(); ++i) append(pieces[root(i)], components[i]);
  std::erase_if(pieces, [](const TriangleMesh& piece) { return piece.empty(); });
  return pieces;
}

/// Small pieces, and those beyond kMaxParts, join the nearest of the others. Returns how many did.
int join_crumbs(std::vector<Piece>& pieces) {
  std::stable_sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.area > b.area; });
  std::vector<Piece> kept;
  int crumbs = 0;
  std::vector<Piece> small;
  for (Piece& piece : pieces) {
    const bool stays = kept.empty() || (piece.area >= piece.crumb_area && kept.size() < kMaxParts);
    (stays ? kept : small).push_back(std::move(piece));
  }
  for (const Piece& crumb : small) {
    const auto nearest = std::min_element(kept.begin(), kept.end(), [&](const Piece& a, const Piece& b) {
      return a.box.exteriorDistance(crumb.box) < b.box.exteriorDistance(crumb.box);
    });
    append(nearest->mesh, crumb.mesh);
    ++crumbs;
  }
  pieces = std::move(kept);
  return crumbs;
}

std::string counted(size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// Says what happened to parts: one line for each, or a sum where there are many.
void report_parts(const std::vector<std::string>& names, const std::string& what, CareReport& report) {
  if (names.empty()) return;
  if (names.size() > kMostLines) {
    report.lines.push_back(counted(names.size(), "part") + ": " + what);
    return;
  }
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  report.lines.push_back(list + ": " + what);
}

std::string plain(std::string text) {
  text.resize(std::min<size_t>(text.size(), 80));
  for (char& c : text)
    if (c <= ' ' || c > '~' || c == '@') c = '_';
  return text;
}

bool alike(const Piece& a, const Piece& b) {
  const auto close = [](double x, double y) { return std::abs(x - y) <= kAlikeTolerance * std::max({std::abs(x), std::abs(y), 1e-9}); };
  if (a.mesh.triangles.size() != b.mesh.triangles.size() || !close(a.area, b.area)) return false;
  Eigen::Vector3d ea = a.box.sizes(), eb = b.box.sizes();
  std::sort(ea.data(), ea.data() + 3);
  std::sort(eb.data(), eb.data() + 3);
  return close(ea.x(), eb.x()) && close(ea.y(), eb.y()) && close(ea.z(), eb.z());
}

}  // namespace

std::vector<Part> parts_from_objects(const std::vector<NamedMesh>& objects, CareReport& report) {
  const double size = extent(objects);
  double area = 0;
  for (const NamedMesh& object : objects) area += surface_area(object.mesh);
  std::vector<Piece> pieces;
  for (size_t i = 0; i < objects.size(); ++i) {
    TriangleMesh mesh = objects[i].mesh;
    mend(mesh, kWeld * size);
    const bool single = objects.size() == 1;
    std::vector<TriangleMesh> split = single ? split_components(mesh) : clear_of_one_another(mesh, kGap * size);
    const std::string name = single ? "part" : objects[i].name.empty() ? "part_" + std::to_string(i + 1) : objects[i].name;
    const bool whole = split.size() == 1;
    for (size_t k = 0; k < split.size(); ++k)
      pieces.push_back(
          make_piece(whole ? name : name + "_" + std::to_string(k + 1), std::move(split[k]), area * (whole ? kObjectCrumb : kPieceCrumb)));
  }
  const int crumbs = join_crumbs(pieces);
  std::vector<Part> parts;
  for (Piece& piece : pieces) parts.push_back({piece.name, "part", "", std::move(piece.mesh)});
  report.lines.push_back((objects.size() == 1 ? "one object, by its connected components: " : counted(objects.size(), "object") + ": ") +
                         counted(parts.size(), "part") +
                         (crumbs > 0 ? ", " + std::to_string(crumbs) + " crumbs joined to their neighbours" : ""));
  return parts;
}

void mend_parts(std::vector<Part>& parts, bool foreign, CareReport& report) {
  std::vector<std::string> open, vanished;
  Eigen::AlignedBox3d box;
  for (const Part& part : parts) box.extend(bounding_box(part.mesh));
  const double size = box.isEmpty() ? 0 : box.sizes().maxCoeff();
  size_t mended_parts = 0;
  for (Part& part : parts) {
    const MendReport mended = mend(part.mesh, foreign ? kWeld * size : 0);
    const int turned = foreign ? mend_winding(part.mesh) : 0;
    std::string text = mended.text() == "nothing to mend" ? "" : mended.text();
    if (turned > 0)
      text +=
          (text.empty() ? "" : ", ") + counted(static_cast<size_t>(turned), "triangle") + " turned to face outward like their neighbours";
    if (!text.empty() && ++mended_parts <= kMostLines) report.lines.push_back(part.name + ": " + text);
    if (part.mesh.empty()) {
      vanished.push_back(part.name);
    } else if (topology(part.mesh).boundary_edges > 0) {
      open.push_back(part.name);
    }
  }
  if (mended_parts > kMostLines) report.lines.push_back(counted(mended_parts - kMostLines, "more part") + " mended alike");
  report_parts(open, "open surface, rendered two-sided", report);
  report_parts(vanished, "without any area, dropped", report);
  std::erase_if(parts, [](const Part& part) { return part.mesh.empty(); });
}

void make_names_plain(std::vector<Part>& parts) {
  for (Part& part : parts) {
    part.name = plain(part.name.empty() ? "part" : part.name);
    part.label = plain(part.label.empty() ? "part" : part.label);
    part.group = plain(part.group);
  }
  std::set<std::string> used;
  for (Part& part : parts) {
    std::string name = part.name;
    for (int n = 2; !used.insert(name).second; ++n) name = part.name + "_" + std::to_string(n);
    part.name = name;
  }
}

void group_copies(std::vector<Part>& parts) {
  std::vector<Piece> pieces;
  for (const Part& part : parts) pieces.push_back(make_piece(part.name, part.mesh, 0));
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!parts[i].group.empty()) continue;
    parts[i].group = parts[i].name;
    for (size_t j = 0; j < i; ++j)
      if (alike(pieces[i], pieces[j])) {
        parts[i].group = parts[j].group;
        break;
      }
  }
}

}  // namespace looking3d
