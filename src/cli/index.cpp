// looking3d index: a mesh is prepared once, for many inspections.
#include <cstdio>

#include "base/error.h"
#include "cli/verb.h"
#include "looking3d/looking3d.h"
#include "shapes/orientation.h"

namespace looking3d {
namespace {

struct IndexOptions {
  std::string reference, out, weights;
  MeshAxes axes;
  int smooth = 0;
  void visit(OptionVisitor& v) {
    v.field("reference", reference, "mesh file, or folder of part meshes");
    axes.visit(v);
    v.field("smooth", smooth, "rounds of Laplacian smoothing, for meshes from photogrammetry: 5 to 20");
    v.field("out", out, "index file to write (.l3d)");
    v.field("weights", weights, "weights of cmt for which the index shall hold the views encoded (default: each inspect encodes them)");
  }
};

/// With what the weights need of it.
Reference encoded(const Reference& reference, const Path& weights) {
  const Inspector inspector = Inspector::open(weights);
  if (inspector.method() != "cmt")
    throw InputError(weights, "is of method " + inspector.method() + ", which has nothing to encode", "leave --weights out");
  return inspector.encode(reference);
}

int run_index(const IndexOptions& options) {
  Reference reference = Reference::prepare(options.reference, options.axes.up, options.axes.front, options.smooth);
  if (!options.weights.empty()) reference = encoded(reference, options.weights);
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
          "  looking3d index --reference parts/ --out chair.l3d\n"
          "  looking3d index --reference chair.glb --out chair.l3d --weights weights/cmt.safetensors\n"
          "  looking3d index --reference chair.l3d --out chair.l3d --weights other/cmt.safetensors   (the same mesh for other weights)",
          [](CLI::App& verb) -> std::function<int()> {
            auto options = std::make_shared<IndexOptions>();
            bind_options(verb, *options, {"reference", "out"});
            return [options] { return run_index(*options); };
          }};
}

}  // namespace looking3d
