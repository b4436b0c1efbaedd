// looking3d render: one photo of a shape, whole or damaged, with its annotation beside it.
#include <cstdio>

#include "base/error.h"
#include "base/random.h"
#include "cli/verb.h"
#include "dataset/photographer.h"
#include "render/look_sheet.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

constexpr int kAttempts = 24;          ///< draws of an anomaly before the view is given up
constexpr int kDonors = 8;             ///< procedural shapes whose parts may be swapped in
constexpr double kMinVisible = 0.004;  ///< as in generate

struct RenderOptions {
  std::string reference, out;
  MeshAxes axes;
  double azimuth = 36, elevation = 25;
  std::string anomaly, part, donor;
  uint64_t seed = 1;
  int size = 256;
  int samples = 48;
  std::string sheet;
  PhotoStyle style;

  void visit(OptionVisitor& v) {
    v.field("reference", reference, "mesh file, or folder of part meshes");
    axes.visit(v);
    v.field("out", out, "PNG to write; NAME.json beside it says what it shows, NAME_change.png where the damage is");
    v.field("azimuth", azimuth, "degrees; 0 looks at the front (+Z), 90 at the +X side");
    v.field("elevation", elevation, "degrees above the ground");
    v.field("anomaly", anomaly, "damage: position | rotation | broken | swapped | missing; none when not given");
    v.field("part", part, "name of the part to damage; drawn when not given");
    v.field("donor", donor, "mesh or folder whose parts may be swapped in; procedural chairs when not given");
    v.field("seed", seed, "seed of damage, materials, light and noise");
    v.field("size", size, "side of the photo in pixels");
    v.field("samples", samples, "light paths a pixel");
    v.field("sheet", sheet,
            "instead of a photo of the reference: wood, plastic, leather, fabric, metal, textures, lights or floors at a glance");
    style.visit(v);
  }
  void check() const {
    if (reference.empty() && sheet.empty()) throw InputError("--reference", "is missing", "name a mesh file or a folder of part meshes");
    style.check();
    if (Path(out).extension() != ".png") throw InputError("--out", "'" + out + "' does not end in .png");
    if (size < 32 || size > 4096) throw InputError("--size", "is not between 32 and 4096");
    if (samples < 1 || samples > 65536) throw InputError("--samples", "is not between 1 and 65536");
    if (elevation < -89 || elevation > 89) throw InputError("--elevation", "is not between -89 and 89 degrees");
  }
};

std::vector<Shape> load_donors(const RenderOptions& options, const Shape& normal) {
  std::vector<Shape> donors;
  if (!options.donor.empty()) return {load_shape(options.donor)};
  bool labels_known = false;
  for (const Part& part : normal.parts) labels_known |= part.label != "part";
  for (int i = 0; i < kDonors; ++i) {
    Shape donor = make_shape({options.seed, i, ""});
    donor.id = "procedural-" + std::to_string(i);
    // Parts of a mesh file have no known label: any part may then take the place of any other.
    if (!labels_known)
      for (Part& part : donor.parts) part.label = "part";
    donors.push_back(std::move(donor));
  }
  return donors;
}

PhotoRequest request_of(const RenderOptions& options) {
  OrbitView view;
  view.azimuth_rad = radians(options.azimuth);
  view.elevation_rad = radians(options.elevation);
  return {view, identity(options.seed, "appearance"), identity(options.seed, "noise")};
}

PhotoRecord shoot_or_throw(const Photographer& photographer, const Subject& subject, const FramedView& framed) {
  auto record = photographer.shoot(subject, framed);
  if (!record) throw InputError("--seed", "draws a light in which nothing can be seen: " + name_of(record.reason()), "try another seed");
  return std::move(*record);
}

PhotoRecord photograph_normal(const Photographer& photographer, const RenderOptions& options) {
  const auto framed = photographer.frame(photographer.normal(), request_of(options), 0);
  if (!framed) throw InputError(options.reference, "cannot be photographed: " + name_of(framed.reason()));
  return shoot_or_throw(photographer, photographer.normal(), *framed);
}

/// Draws damage until one is seen from the view asked for.
PhotoRecord photograph_damage(const Photographer& photographer, const RenderOptions& options) {
  const Shape& normal = photographer.normal().shape;
  const AnomalyKind kind = anomaly_kind_from_name(options.anomaly);
  const std::vector<Shape> donors = kind == AnomalyKind::kSwapped ? load_donors(options, normal) : std::vector<Shape>();
  std::string reason;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto anomaly = inject(normal, {kind, identity(options.seed, "render", options.anomaly, attempt), options.part}, donors);
    if (!anomaly) {
      reason = name_of(anomaly.reason());
      continue;
    }
    const Subject subject(*anomaly);
    const auto framed = photographer.frame(subject, request_of(options), kMinVisible);
    if (framed) return shoot_or_throw(photographer, subject, *framed);
    reason = name_of(framed.reason());
  }
  throw InputError(options.reference, "no draw of the anomaly '" + options.anomaly + "' can be shown from there: " + reason,
                   "try another --azimuth, --part or --seed");
}

int write_sheet(const RenderOptions& options, const PhotoStock& stock) {
  write_png(options.out, look_sheet(options.sheet, stock, {.cell_px = options.size, .samples = options.samples}));
  std::printf("%s: %s\n", options.out.c_str(), options.sheet.c_str());
  return 0;
}

int run_render(const RenderOptions& options) {
  options.check();
  const PhotoStock stock(options.style);
  if (!options.sheet.empty()) return write_sheet(options, stock);
  CareReport care;
  const Shape normal = load_shape(options.reference, &care, options.axes);
  if (!options.part.empty() && normal.part_index(options.part) < 0) {
    std::string names;
    for (const Part& part : normal.parts) names += (names.empty() ? "" : ", ") + part.name;
    throw InputError("--part", "'" + options.part + "' is no part of " + options.reference, "its parts are " + names);
  }
  const Photographer photographer(normal, options.size, options.samples, stock);
  const PhotoRecord record = options.anomaly.empty() ? photograph_normal(photographer, options) : photograph_damage(photographer, options);
  const Path stem = Path(options.out).replace_extension();
  write_json_atomic(stem.string() + ".json", record.info);
  if (record.change) write_mask(stem.string() + "_change.png", record.change->changed);
  write_png(options.out, record.photo);
  std::printf("%s: %s%s%s\n", options.out.c_str(), record.info["kind"].get<std::string>().c_str(), record.change ? " of " : "",
              record.info["part"].get<std::string>().c_str());
  return 0;
}

}  // namespace

Verb render_verb() {
  return {"render", "take one photo of a shape, whole or damaged, with its annotation",
          "  looking3d render --reference chair.glb --out chair.png --azimuth 36 --elevation 25\n"
          "  looking3d render --reference chair.glb --out broken.png --anomaly broken --seed 7\n"
          "  looking3d render --reference parts/ --out no_leg.png --anomaly missing --part leg_2\n"
          "  looking3d render --reference chair.glb --out at_home.png --background hdr\n"
          "  looking3d render --sheet wood --out wood.png --size 96",
          [](CLI::App& verb) -> std::function<int()> {
            auto options = std::make_shared<RenderOptions>();
            bind_options(verb, *options, {"out"});
            return [options] { return run_render(*options); };
          }};
}

}  // namespace looking3d
