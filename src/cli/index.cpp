// looking3d index: a mesh is prepared once, for many inspections.
#include <cstdio>

#include "cli/verb.h"
#include "looking3d/looking3d.h"
#include "shapes/orientation.h"

namespace looking3d {
namespace {

struct IndexOptions {
  std::string reference, out;
  MeshAxes axes;
  void visit(OptionVisitor& v) {
    v.field("reference", reference, "mesh file, or folder of part meshes");
    axes.visit(v);
    v.field("out", out, "index file to write (.l3d)");
  }
};

int run_index(const IndexOptions& options) {
  const Reference reference = Reference::prepare(options.reference, options.axes.up, options.axes.front);
  reference.save(options.out);
  std::printf("%s: %s, %zu parts, %zu triangles, %.1f MB\n", options.out.c_str(), reference.name().c_str(), reference.part_names().size(),
              reference.triangle_count(), static_cast<double>(std::filesystem::file_size(options.out)) / 1e6);
  for (const std::string& line : reference.care_lines()) std::printf("  %s\n", line.c_str());
  return 0;
}

}  // namespace

Verb index_verb() {
  return {"index", "prepare a reference mesh for many inspections",
          "  looking3d index --reference chair.glb --out chair.l3d\n"
          "  looking3d index --reference parts/ --out chair.l3d",
          [](CLI::App& verb) -> std::function<int()> {
            auto options = std::make_shared<IndexOptions>();
            bind_options(verb, *options, {"reference", "out"});
            return [options] { return run_index(*options); };
          }};
}

}  // namespace looking3d
