#include "shapes/procedural.h"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "base/error.h"
#include "shapes/chair_parts.h"
#include "shapes/furniture_parts.h"
#include "shapes/machine_parts.h"

namespace looking3d {
namespace {

struct Family {
  std::string name;
  std::string category;  ///< what may lend each other parts
  std::string group;
  double weight;  ///< share of the drawn families
  void (*build)(ChairBuilder&);
};

const std::vector<Family>& families() {
  static const std::vector<Family> table{
      {"chair", "seats", "seats", 5, build_chair},           {"armchair", "seats", "seats", 3.5, build_armchair},
      {"sofa", "seats", "seats", 2.2, build_sofa},           {"swivel", "seats", "seats", 2.5, build_swivel},
      {"stool", "seats", "seats", 1.5, build_stool},         {"bar_stool", "seats", "seats", 1.5, build_bar_stool},
      {"bench", "seats", "seats", 1.2, build_bench},         {"lounge", "seats", "seats", 1.5, build_lounge},
      {"folding", "seats", "seats", 1, build_folding},       {"cantilever", "seats", "seats", 1, build_cantilever},
      {"wing", "seats", "seats", 1.2, build_wing},           {"rocking", "seats", "seats", 1, build_rocking},
      {"table", "tables", "furniture", 3.5, build_table},    {"desk", "tables", "furniture", 1.5, build_desk},
      {"lamp", "lamps", "furniture", 4, build_lamp},         {"shelf", "shelves", "furniture", 3, build_shelf},
      {"cabinet", "shelves", "furniture", 2, build_cabinet}, {"bracket", "brackets", "machines", 3.5, build_bracket},
      {"flange", "flanges", "machines", 3.5, build_flange},  {"gear", "gears", "machines", 3.5, build_gear},
      {"pipes", "pipes", "machines", 3.5, build_pipes},
  };
  return table;
}

constexpr const char* kListHint =
    "families, categories (seats, tables, lamps, shelves, brackets, flanges, gears, pipes) and groups (furniture, machines, all) separated "
    "by commas; families are ";

std::string joined(const std::vector<Family>& some) {
  std::string list;
  for (const Family& family : some) list += (list.empty() ? "" : ", ") + family.name;
  return list;
}

/// The families of a list, in the table's order.
std::vector<Family> families_in(const std::string& list) {
  std::vector<bool> wanted(families().size());
  std::istringstream words(list);
  for (std::string word; std::getline(words, word, ',');) {
    bool known = false;
    for (size_t i = 0; i < wanted.size(); ++i) {
      const Family& family = families()[i];
      if (word != "all" && word != family.name && word != family.category && word != family.group) continue;
      wanted[i] = known = true;
    }
    if (!known) throw InputError("--families", "'" + word + "' is no family, category or group of shapes", kListHint + joined(families()));
  }
  std::vector<Family> some;
  for (size_t i = 0; i < wanted.size(); ++i)
    if (wanted[i]) some.push_back(families()[i]);
  if (some.empty()) throw InputError("--families", "names no family", kListHint + joined(families()));
  return some;
}

}  // namespace

std::vector<std::string> family_names(const std::string& list) {
  std::vector<std::string> names;
  for (const Family& family : families_in(list)) names.push_back(family.name);
  return names;
}

std::string category_of(const std::string& family) {
  for (const Family& known : families())
    if (known.name == family) return known.category;
  throw InputError("family", "'" + family + "' is no family of shapes", "families are " + joined(families()));
}

Shape make_shape(const ShapeSpec& spec) {
  Rng rng(identity(spec.seed, "shape", spec.index));
  const std::vector<Family> some = families_in(spec.family.empty() ? "seats" : spec.family);
  std::vector<double> weights;
  for (const Family& family : some) weights.push_back(family.weight);
  const Family& family = some[rng.fork("family").pick(weights)];
  ChairBuilder builder(rng.fork("design"));
  family.build(builder);
  char id[16];
  std::snprintf(id, sizeof id, "%06lld", static_cast<long long>(spec.index));
  return builder.finish(id, family.name);
}

}  // namespace looking3d
