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
      {"four_legged", 4, [](ChairBuilder& b) { build_four_legged(b, false); }},
      {"armchair", 3, [](ChairBuilder& b) { build_four_legged(b, true); }},
      {"stool", 2, build_stool},
      {"swivel", 2.5, build_swivel},
      {"sofa", 2, build_sofa},
      {"lounge", 1.2, build_lounge},
      {"bench", 1, build_bench},
  };
  return table;
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
      throw InputError("family", "'" + spec.family + "' is not a shape family", "looking3d knows four_legged, stool, sofa, ...");
  }
  ChairBuilder builder(rng.fork("design"));
  family->build(builder);
  char id[16];
  std::snprintf(id, sizeof id, "%06lld", static_cast<long long>(spec.index));
  return builder.finish(id, family->name);
}

}  // namespace looking3d
