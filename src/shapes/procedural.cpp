#include "shapes/procedural.h"

#include <algorithm>
#include <cstdio>

#include "base/error.h"
#include "shapes/chair_parts.h"

namespace looking3d {
namespace {

struct Family {
  std::string name;
  double weight;  ///< share of the drawn families
  void (*build)(ChairBuilder&);
};

const std::vector<Family>& families() {
  static const std::vector<Family> table{
      {"chair", 5, build_chair},     {"armchair", 3.5, build_armchair},   {"sofa", 2.2, build_sofa},   {"swivel", 2.5, build_swivel},
      {"stool", 1.5, build_stool},   {"bar_stool", 1.5, build_bar_stool}, {"bench", 1.2, build_bench}, {"lounge", 1.5, build_lounge},
      {"folding", 1, build_folding}, {"cantilever", 1, build_cantilever}, {"wing", 1.2, build_wing},   {"rocking", 1, build_rocking},
  };
  return table;
}

std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

}  // namespace

const std::vector<std::string>& family_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Family& family : families()) all.push_back(family.name);
    return all;
  }();
  return names;
}

Shape make_shape(const ShapeSpec& spec) {
  Rng rng(identity(spec.seed, "shape", spec.index));
  std::vector<double> weights;
  for (const Family& family : families()) weights.push_back(family.weight);
  const size_t drawn = rng.fork("family").pick(weights);
  auto family = families().begin() + static_cast<std::ptrdiff_t>(drawn);
  if (!spec.family.empty()) {
    family = std::find_if(families().begin(), families().end(), [&](const Family& f) { return f.name == spec.family; });
    if (family == families().end())
      throw InputError("family", "'" + spec.family + "' is not a shape family", "families are " + joined(family_names()));
  }
  ChairBuilder builder(rng.fork("design"));
  family->build(builder);
  char id[16];
  std::snprintf(id, sizeof id, "%06lld", static_cast<long long>(spec.index));
  return builder.finish(id, family->name);
}

}  // namespace looking3d
