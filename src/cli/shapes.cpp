// looking3d shapes: designs from the procedural families, a picture of all of them, and what they are made of in numbers.
#include <algorithm>
#include <cstdio>

#include "base/error.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "base/random.h"
#include "cli/verb.h"
#include "dataset/photographer.h"
#include "render/sheet.h"
#include "shapes/partnet.h"
#include "shapes/procedural.h"
#include "shapes/statistics.h"

namespace looking3d {
namespace {

constexpr int kColumns = 10;
constexpr int kMostOnSheet = 400;
constexpr int kLights = 8;  ///< draws of light and materials before a shape is left blank on the sheet

struct ShapesOptions {
  std::string out, families = "seats", family, format = "obj";
  int count = 100;
  uint64_t seed = 1;
  int size = 160, samples = 24;

  void visit(OptionVisitor& v) {
    v.field("out", out, "folder to write: the shapes, sheet.png and shapes.json");
    v.field("count", count, "number of shapes");
    v.field("seed", seed, "seed of the designs; generate with the same seed uses the same ones");
    v.field("families", families, "seats, furniture, machines, all, or a comma-separated list of categories and families");
    v.field("family", family, "the same, for one family: chair, armchair, table, gear, ...");
    v.field("format", format, "obj | partnet: a file a shape, or a folder a shape in PartNet's format");
    v.field("size", size, "side of a picture on the sheet in pixels; 0: no sheet");
    v.field("samples", samples, "light paths a pixel of the sheet");
  }
  void check() const {
    family_names(family.empty() ? families : family);
    if (count < 1 || count > 1000000) throw InputError("--count", "is not between 1 and 1000000");
    if (format != "obj" && format != "partnet") throw InputError("--format", "'" + format + "' is not obj or partnet");
    if (size != 0 && (size < 32 || size > 1024)) throw InputError("--size", "is neither 0 nor between 32 and 1024");
    if (samples < 1 || samples > 4096) throw InputError("--samples", "is not between 1 and 4096");
  }
};

/// A product photo of the shape in the first light and materials in which it can be seen.
void photograph(const Shape& shape, const ShapesOptions& options, cv::Mat cell) {
  static const PhotoStock stock;
  const Photographer photographer(shape, options.size, options.samples, stock);
  OrbitView view;
  view.azimuth_rad = radians(36), view.elevation_rad = radians(25);
  for (int light = 0; light < kLights; ++light) {
    const PhotoRequest request{view, identity(options.seed, "sheet look", shape.id, light),
                               identity(options.seed, "sheet noise", shape.id)};
    const auto framed = photographer.frame(photographer.normal(), request, 0);
    if (!framed) return;
    const auto record = photographer.shoot(photographer.normal(), *framed);
    if (!record) continue;
    record->photo.copyTo(cell(cv::Rect(0, 0, options.size, options.size)));
    return;
  }
}

void write_sheet(const std::vector<Shape>& shapes, const ShapesOptions& options) {
  const size_t count = std::min(shapes.size(), static_cast<size_t>(kMostOnSheet));
  const SheetLayout layout{kColumns, kMostOnSheet / kColumns, options.size};
  Progress progress("contact sheet", static_cast<int64_t>(count), "photos");
  write_png(Path(options.out) / "sheet.png", sheet_of(count, layout, [&](size_t i, cv::Mat cell) {
              photograph(shapes[i], options, cell);
              draw_caption(cell, shapes[i].id + " " + shapes[i].family);
              progress.advance();
            }));
}

int run_shapes(const ShapesOptions& options) {
  options.check();
  const Path out(options.out);
  std::vector<Shape> shown;
  ShapeCounter counter;
  Json list = Json::array();
  Progress progress("shapes", options.count, "shapes");
  for (int i = 0; i < options.count; ++i) {
    if (interrupted()) throw Interrupted("the shapes written so far are whole");
    const Shape shape = make_shape({options.seed, i, options.family.empty() ? options.families : options.family});
    counter.add(shape);
    if (options.size > 0 && i < kMostOnSheet) shown.push_back(shape);
    options.format == "obj" ? save_shape(out / (shape.id + ".obj"), shape) : save_partnet(out / shape.id, shape);
    list.push_back({{"id", shape.id}, {"family", shape.family}, {"parts", shape.parts.size()}, {"triangles", shape.triangle_count()}});
    progress.advance();
  }
  const ShapeStatistics statistics = counter.statistics();
  Json json = statistics.to_json();
  json["options"] = to_json(options);
  json["shapes"] = list;
  write_json_atomic(out / "shapes.json", json);
  if (options.size > 0) write_sheet(shown, options);
  std::printf("%s", statistics.text().c_str());
  return 0;
}

}  // namespace

Verb shapes_verb() {
  return {"shapes", "write procedural shapes with a contact sheet and statistics",
          "  looking3d shapes --out shapes --count 100 --seed 1\n"
          "  looking3d shapes --out rockers --family rocking --count 20 --size 256\n"
          "  looking3d shapes --out machines --families gears,pipes --count 40\n"
          "  looking3d shapes --out partnet --format partnet --count 1000 --size 0",
          [](CLI::App& verb) -> std::function<int()> {
            auto options = std::make_shared<ShapesOptions>();
            bind_options(verb, *options, {"out"});
            return [options] { return run_shapes(*options); };
          }};
}

}  // namespace looking3d
