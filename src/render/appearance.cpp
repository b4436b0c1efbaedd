// Which material each group of parts wears, by what its label says it is made of.
#include <map>
#include <numbers>

#include "base/random.h"
#include "render/floors.h"
#include "render/materials.h"
#include "render/photo_render.h"

namespace looking3d {
namespace {

using Weights = std::array<double, kMaterialFamilies>;  // wood, plastic, leather, fabric, metal

/// What the parts of lamps, cabinets and machines are made of, by label; none for the labels of seats.
const Weights* weights_of_label(const std::string& label) {
  static const Weights machined{0, 0.08, 0, 0, 0.92}, cast{0, 0.3, 0, 0, 0.7}, rubber{0, 0.75, 0.25, 0, 0}, gripped{0.1, 0.6, 0, 0, 0.3},
      board{0.72, 0.22, 0, 0, 0.06}, shade{0.08, 0.27, 0, 0.4, 0.25}, lamp{0.25, 0.35, 0, 0, 0.4}, metal{0, 0.22, 0, 0, 0.78},
      plastic{0, 0.8, 0, 0, 0.2};
  static const std::map<std::string, const Weights*> known{
      {"plate", &cast},       {"web", &cast},         {"gusset", &cast},     {"rib", &cast},          {"housing", &cast},
      {"boss", &cast},        {"bolt", &machined},    {"nut", &machined},    {"pin", &machined},      {"bushing", &machined},
      {"bearing", &machined}, {"shaft", &machined},   {"key", &machined},    {"link", &cast},         {"nipple", &machined},
      {"arm", &metal},        {"strut", &metal},      {"ring", &cast},       {"flange", &cast},       {"hub", &cast},
      {"gasket", &rubber},    {"gear", &cast},        {"pulley", &cast},     {"collar", &machined},   {"hand_lever", &gripped},
      {"crank", &cast},       {"pipe", &cast},        {"elbow", &cast},      {"tee", &cast},          {"cap", &cast},
      {"valve_body", &cast},  {"bonnet", &cast},      {"stem", &metal},      {"handwheel", &gripped}, {"gauge", &plastic},
      {"support", &cast},     {"clamp", &machined},   {"table_top", &board}, {"shelf", &board},       {"board", &board},
      {"side_panel", &board}, {"back_panel", &board}, {"drawer", &board},    {"door", &board},        {"plinth", &board},
      {"handle", &metal},     {"shade", &shade},      {"base", &lamp},       {"body", &lamp},         {"bulb", &plastic},
      {"socket", &metal},     {"spider", &machined},  {"joint", &metal},     {"cord", &rubber},       {"finial", &lamp},
      {"spring", &machined},  {"post", &metal},       {"brace", &metal},     {"bracket", &metal},     {"hook", &metal},
  };
  const auto found = known.find(label);
  return found == known.end() ? nullptr : found->second;
}

/// How often a part of this label and group is made of each family.
Weights weights_for(const Part& part) {
  if (const Weights* known = weights_of_label(part.label)) return *known;
  const auto has = [&](const std::string& word) { return ("_" + part.group + "_").find("_" + word + "_") != std::string::npos; };
  if (has("cushion") || has("headrest") || has("pad")) return {0, 0.05, 0.4, 0.55, 0};
  if (has("slat") || has("ply") || has("weave") || has("lattice")) return {0.65, 0.2, 0, 0, 0.15};
  if (has("caster") || has("hub")) return {0, 0.6, 0, 0, 0.4};
  if (has("sled") || has("ring") || has("column") || has("disc") || has("plate") || has("star") || has("spine") || has("tube"))
    return {0.05, 0.2, 0, 0, 0.75};
  const bool upholstered = part.label.starts_with("seat_") || part.label.starts_with("back_");
  if ((upholstered && (has("base") || has("body"))) || part.group == "arm" || has("roll")) return {0.08, 0.02, 0.4, 0.5, 0};
  if (part.label == "seat_surface") return {0.5, 0.2, 0.15, 0.1, 0.05};
  if (part.label == "back_surface") return {0.4, 0.2, 0.2, 0.15, 0.05};
  if (part.label == "part") return {0.4, 0.2, 0.1, 0.15, 0.15};
  return {0.55, 0.15, 0, 0, 0.3};
}

bool is_rigid(MaterialFamily family) {
  return family == MaterialFamily::kWood || family == MaterialFamily::kMetal || family == MaterialFamily::kPlastic;
}

bool is_upholstered(const Weights& weights) {
  return weights[static_cast<size_t>(MaterialFamily::kLeather)] + weights[static_cast<size_t>(MaterialFamily::kFabric)] > 0.5;
}

/// A texture set of the family, with the share that the style asks for.
std::optional<uint32_t> draw_texture_set(const PhotoStock& stock, MaterialFamily family, Rng& rng) {
  std::vector<uint32_t> fitting;
  for (size_t i = 0; i < stock.textures.size(); ++i)
    if (stock.textures[i].family() == family) fitting.push_back(kMaterialCount + static_cast<uint32_t>(i));
  if (fitting.empty() || !rng.bernoulli(stock.style.material_share)) return std::nullopt;
  return rng.pick_from(fitting);
}

constexpr double kOnFloorShare = 0.4;  ///< of photos with mixed backgrounds; the others are on white

}  // namespace

Json Appearance::to_json(const PhotoStock& stock) const {
  Json json;
  for (size_t i = 0; i < groups.size(); ++i) {
    const uint32_t id = material_ids[i];
    const std::string name = id < kMaterialCount ? material_name(id) : "texture set " + stock.textures.at(id - kMaterialCount).name();
    json["materials"][groups[i]] = {{"id", id}, {"name", name}};
  }
  json["light_id"] = light_id;
  json["light"] = light_id < kLightCount ? light_name(light_id) : "map " + stock.maps.at(light_id - kLightCount).name();
  if (light_id >= kLightCount) json["map_turn_deg"] = degrees(map_turn_rad);
  json["background"] = floor ? "hdr" : "white";
  if (floor) json["floor_id"] = *floor, json["floor"] = Floor(*floor).name();
  return json;
}

Appearance draw_appearance(const Shape& normal, uint64_t seed, const PhotoStock& stock) {
  Rng rng(identity(seed, "appearance")), stock_rng(identity(seed, "stock"));
  std::map<std::string, const Part*> groups;
  for (const Part& part : normal.parts) groups.try_emplace(part.group, &part);

  // One material of each family for the whole piece, most often shared by the groups that draw that family.
  std::array<uint32_t, kMaterialFamilies> shared{};
  const auto draw_material = [&](size_t family) {
    const auto procedural = static_cast<uint32_t>(rng.index(kMaterialCount / kMaterialFamilies) * kMaterialFamilies + family);
    return draw_texture_set(stock, static_cast<MaterialFamily>(family), stock_rng).value_or(procedural);
  };
  for (size_t f = 0; f < shared.size(); ++f) shared[f] = draw_material(f);
  const size_t frame_family = rng.pick(Weights{0.55, 0.15, 0, 0, 0.3}), upholstery_family = rng.pick(Weights{0, 0, 0.4, 0.6, 0});
  Appearance appearance;
  for (const auto& [group, part] : groups) {
    const Weights weights = weights_for(*part);
    size_t family = rng.pick(weights);
    if (is_rigid(static_cast<MaterialFamily>(family)) && weights[frame_family] > 0 && rng.bernoulli(0.75)) family = frame_family;
    if (is_upholstered(weights) && rng.bernoulli(0.8)) family = upholstery_family;
    appearance.groups.push_back(group);
    appearance.material_ids.push_back(rng.bernoulli(0.9) ? shared[family] : draw_material(family));
  }
  appearance.light_id = static_cast<uint32_t>(rng.index(kLightCount));

  Rng surroundings(identity(seed, "surroundings"));
  const bool mixed = stock.style.light == "mixed";
  const bool on_floor =
      stock.style.background == "hdr" || (stock.style.background == "mixed" && Rng(identity(seed, "background")).bernoulli(kOnFloorShare));
  if (on_floor || stock.style.light == "hdr" || (mixed && surroundings.bernoulli(0.5))) {
    appearance.light_id = kLightCount + static_cast<uint32_t>(surroundings.index(stock.maps.size()));
    appearance.map_turn_rad = surroundings.uniform(0, 2 * std::numbers::pi);
  }
  if (on_floor) appearance.floor = static_cast<uint32_t>(surroundings.index(kFloorCount));
  return appearance;
}

}  // namespace looking3d
