#pragma once
// The views of a reference as the network of cmt has encoded them: all that comparing a photo needs of the reference.
#include <string>
#include <vector>

#include "base/files.h"
#include "model/cmt.h"
#include "model/weights.h"

namespace looking3d {

/// Letters: N views of h x w patches, m patches of them that show the object. Immutable.
struct EncodedViews {
  CmtReference reference;       ///< as Cmt::encode_for_photos() makes it: patches in the order of the views, row by row
  torch::Tensor places;         ///< [m, 3] canonical units: mean visible surface point
  std::vector<int> views;       ///< N: which of the regular views each is, or lies next to
  int cells = 0;                ///< h * w
  std::vector<int64_t> starts;  ///< N + 1: patches of view i are starts[i] .. starts[i + 1]

  torch::Tensor matching() const { return reference.matching[0]; }  ///< [m, match_channels] float32
};
EncodedViews encoded_views(CmtReference reference, torch::Tensor places, std::vector<int> views, int cells);

/// The listed views alone, in this order.
EncodedViews some_views(const EncodedViews& all, const std::vector<int64_t>& listed);

/// With what photos attend to in bfloat16: half the bytes. Matching features, which choose the keys, the closest view and the links, stay.
EncodedViews in_bf16(EncodedViews views);

/// Weights as an index file remembers them.
struct WeightsMark {
  std::string name;          ///< of the weights file, without its folder: for messages
  uint64_t fingerprint = 0;  ///< of the method, the network's options and its tensors; calibration does not count

  std::string text() const;  ///< "cmt.safetensors, 0123456789abcdef"
};

/// `kind`: of what method and picture size the weights are.
WeightsMark mark_of(const Path& weights, const std::string& kind, const Json& network, const NamedTensors& tensors);

/// Views encoded once for all processes that will compare photos with them: held by an index file, or on their way to one.
struct StoredViews {
  WeightsMark made_by;
  EncodedViews views;
  Path file;  ///< where they lie, mapped; empty: in memory alone
};

}  // namespace looking3d
