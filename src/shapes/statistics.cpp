#include "shapes/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "base/random.h"

namespace looking3d {
namespace {

constexpr double kAlike = 0.05;  ///< canonical units

Spread spread_of(std::vector<int64_t> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? Spread{} : Spread{values.front(), values[values.size() / 2], values.back()};
}

FamilyStatistics statistics_of(const std::vector<int64_t>& parts, const std::vector<int64_t>& triangles) {
  return {static_cast<int>(parts.size()), spread_of(parts), spread_of(triangles)};
}

/// Shapes of one signature have the same parts, of about the same size at about the same place.
uint64_t signature(const Shape& shape) {
  std::multiset<std::string> parts;
  for (const Part& part : shape.parts) {
    const Eigen::AlignedBox3d box = bounding_box(part.mesh);
    std::string text = part.label;
    for (const Eigen::Vector3d& p : {box.min(), box.max()})
      for (int axis = 0; axis < 3; ++axis) text += "," + std::to_string(std::lround(p[axis] / kAlike));
    parts.insert(text);
  }
  uint64_t hash = 0;
  for (const std::string& part : parts) hash = hash_combine(hash, std::string_view(part));
  return hash;
}

Json spread_json(const Spread& spread) {
  return {{"min", spread.least}, {"median", spread.median}, {"max", spread.most}};
}

Json family_json(const FamilyStatistics& family) {
  return {{"count", family.count}, {"parts", spread_json(family.parts)}, {"triangles", spread_json(family.triangles)}};
}

std::string line(const std::string& name, const FamilyStatistics& family, int total) {
  char text[160];
  std::snprintf(text, sizeof text, "%-12s %6d %5.1f%%   %3lld / %3lld / %3lld   %6lld / %6lld / %6lld\n", name.c_str(), family.count,
                100.0 * family.count / std::max(total, 1), static_cast<long long>(family.parts.least),
                static_cast<long long>(family.parts.median), static_cast<long long>(family.parts.most),
                static_cast<long long>(family.triangles.least), static_cast<long long>(family.triangles.median),
                static_cast<long long>(family.triangles.most));
  return text;
}

}  // namespace

void ShapeCounter::add(const Shape& shape) {
  for (Counts* counts : {&families_[shape.family], &all_}) {
    counts->parts.push_back(static_cast<int64_t>(shape.parts.size()));
    counts->triangles.push_back(static_cast<int64_t>(shape.triangle_count()));
  }
  signatures_.insert(signature(shape));
}

ShapeStatistics ShapeCounter::statistics() const {
  ShapeStatistics statistics;
  for (const auto& [family, counts] : families_) statistics.families[family] = statistics_of(counts.parts, counts.triangles);
  statistics.all = statistics_of(all_.parts, all_.triangles);
  statistics.distinct = static_cast<int>(signatures_.size());
  return statistics;
}

Json ShapeStatistics::to_json() const {
  Json json = {{"all", family_json(all)}, {"distinct", distinct}};
  for (const auto& [name, family] : families) json["families"][name] = family_json(family);
  return json;
}

std::string ShapeStatistics::text() const {
  std::string table = "family        count  share   parts min/med/max    triangles min / med / max\n";
  for (const auto& [name, family] : families) table += line(name, family, all.count);
  return table + line("all", all, all.count) + std::to_string(distinct) + " distinct designs\n";
}

}  // namespace looking3d
