#include "train/references.h"

#include "base/error.h"
#include "train/view_store.h"

namespace looking3d {

ReferenceData reference_of(const Detector& detector, const DataSet& data, const std::string& shape_id, const ReferenceChoice& choice) {
  const ReferenceNeed need = detector.needs();
  if (need == ReferenceNeed::kNothing) return reference_of_views(shape_id, {});
  const bool from_mesh = need == ReferenceNeed::kMesh || choice.views_from == "mesh";
  if (from_mesh && !data.has_mesh(shape_id)) {
    throw InputError(data.root(), "has no mesh of shape " + shape_id,
                     need == ReferenceNeed::kMesh ? "the method '" + detector.info().method + "' renders meshes; cmt looks at stored views"
                                                  : "--views-from stored takes the set's own views");
  }
  if (need == ReferenceNeed::kMesh) return prepare_reference(shape_id, data.load_mesh(shape_id), {});

  const std::vector<GreyView> views =
      from_mesh ? grey_views(prepare_reference(shape_id, data.load_mesh(shape_id), {})) : stored_views(data, shape_id);
  if (static_cast<size_t>(choice.views) > views.size()) {
    throw InputError("--test-views",
                     "asks for " + std::to_string(choice.views) + " views, shape " + shape_id + " has " + std::to_string(views.size()));
  }
  return reference_of_views(shape_id, evenly(views, choice.views));
}

}  // namespace looking3d
