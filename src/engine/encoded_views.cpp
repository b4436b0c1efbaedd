#include "engine/encoded_views.h"

#include <cstdio>

#include "base/check.h"
#include "base/checksum.h"

namespace looking3d {

using torch::Tensor;

EncodedViews encoded_views(CmtReference reference, Tensor places, std::vector<int> views, int cells) {
  const Tensor patch = reference.patch.contiguous();
  const int64_t count = patch.size(0);
  L3D_CHECK(reference.features.size(0) == 1 && reference.features.size(1) == count && places.size(0) == count, "one shape, m patches");
  const int64_t* of = patch.data_ptr<int64_t>();
  std::vector<int64_t> starts(views.size() + 1, 0);
  for (int64_t i = 0; i < count; ++i)
    if (of[i] >= 0) ++starts.at(static_cast<size_t>(of[i] / cells) + 1);
  for (size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
  return {std::move(reference), std::move(places), std::move(views), cells, std::move(starts)};
}

EncodedViews some_views(const EncodedViews& all, const std::vector<int64_t>& listed) {
  std::vector<int64_t> rows, patches;
  std::vector<int> views;
  const Tensor patch = all.reference.patch.contiguous();
  for (size_t i = 0; i < listed.size(); ++i) {
    const auto view = static_cast<size_t>(listed[i]);
    views.push_back(all.views.at(view));
    for (int64_t row = all.starts[view]; row < all.starts[view + 1]; ++row) {
      rows.push_back(row);
      patches.push_back(patch.data_ptr<int64_t>()[row] % all.cells + static_cast<int64_t>(i) * all.cells);
    }
  }
  const bool nothing = rows.empty();
  if (nothing) rows = {0}, patches = {-1};
  const Tensor chosen = torch::tensor(rows);
  const auto pick = [&](const Tensor& from) { return from.index_select(1, chosen); };
  const CmtReference& from = all.reference;
  CmtReference some{pick(from.features), {}, pick(from.matching), pick(from.is_key), torch::tensor(patches)};
  if (nothing) some.is_key = torch::zeros_like(some.is_key);
  for (const CmtKeys& block : from.blocks) some.blocks.push_back({pick(block.keys), pick(block.values)});
  return encoded_views(std::move(some), all.places.index_select(0, chosen), std::move(views), all.cells);
}

EncodedViews in_bf16(EncodedViews views) {
  const auto narrow = [](Tensor& tensor) { tensor = tensor.to(torch::kBFloat16).contiguous(); };
  narrow(views.reference.features);
  for (CmtKeys& block : views.reference.blocks) narrow(block.keys), narrow(block.values);
  return views;
}

WeightsMark mark_of(const Path& weights, const std::string& kind, const Json& network, const NamedTensors& tensors) {
  std::string all = kind + '\n' + network.dump() + '\n';
  for (const auto& [name, tensor] : tensors) {
    const Tensor plain = tensor.contiguous();
    const std::string_view bytes(static_cast<const char*>(plain.data_ptr()), plain.nbytes());
    all += name + ' ' + c10::str(plain.scalar_type(), plain.sizes()) + ' ' + std::to_string(checksum(bytes)) + '\n';
  }
  return {weights.filename().string(), checksum(all)};
}

std::string WeightsMark::text() const {
  char hex[17];
  std::snprintf(hex, sizeof hex, "%016llx", static_cast<unsigned long long>(fingerprint));
  return name + ", " + hex;
}

}  // namespace looking3d
