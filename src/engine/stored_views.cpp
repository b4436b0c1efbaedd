#include "engine/stored_views.h"

#include "base/check.h"
#include "geometry/mesh.h"
#include "render/reference_views.h"

namespace looking3d {
namespace {

using torch::Tensor;

constexpr int kMostCells = 128 * 128, kMostViews = 4096, kMostChannels = 1 << 16, kMostBlocks = 64;

/// The arrays of the section in their order: the matching features, in float32; the others in bfloat16.
template <class Reference>
auto arrays_of(Reference& reference) {
  std::vector<decltype(&reference.features)> arrays = {&reference.matching, &reference.features};
  for (auto& block : reference.blocks) arrays.push_back(&block.keys), arrays.push_back(&block.values);
  return arrays;
}

uint64_t padded_bytes(uint64_t numbers, size_t bytes_each) {
  return (numbers * bytes_each + kSectionUnit - 1) / kSectionUnit * kSectionUnit;
}

/// No infinity and no NaN, whose exponents are all ones.
template <class Word>
bool all_finite(const void* numbers, int64_t count, Word exponent) {
  const auto* const words = static_cast<const Word*>(numbers);
  int bad = 0;
  for (int64_t i = 0; i < count; ++i) bad |= (words[i] & exponent) == exponent;
  return bad == 0;
}
bool all_finite(const Tensor& array) {
  const bool wide = array.scalar_type() == torch::kFloat;
  return wide ? all_finite<uint32_t>(array.data_ptr(), array.numel(), 0x7f800000)
              : all_finite<uint16_t>(array.data_ptr(), array.numel(), 0x7f80);
}

/// Patches in the order of the views, each once; or the one that stands where no view shows anything.
bool are_patches(const std::vector<int32_t>& patches, int64_t count) {
  if (patches == std::vector<int32_t>{-1}) return true;
  for (size_t i = 0; i < patches.size(); ++i)
    if (patches[i] < 0 || patches[i] >= count || (i > 0 && patches[i] <= patches[i - 1])) return false;
  return !patches.empty();
}

}  // namespace

std::string write_views(const StoredViews& stored, ByteWriter& content) {
  const EncodedViews& views = stored.views;
  const CmtReference& reference = views.reference;
  const Tensor patch = reference.patch.to(torch::kInt).contiguous(), places = views.places.contiguous();
  content.text(stored.made_by.name);
  content.value(stored.made_by.fingerprint);
  content.value<int32_t>(views.cells);
  content.array(std::vector<int32_t>(views.views.begin(), views.views.end()));
  content.array(std::vector<int32_t>(patch.data_ptr<int32_t>(), patch.data_ptr<int32_t>() + patch.numel()));
  content.raw(places.data_ptr<float>(), places.nbytes());
  content.value(static_cast<int32_t>(reference.features.size(2)));
  content.value(static_cast<int32_t>(reference.matching.size(2)));
  content.value(static_cast<int32_t>(reference.blocks.size()));

  ByteWriter section;
  for (const Tensor* array : arrays_of(reference)) {
    L3D_CHECK(array->scalar_type() == (array == &reference.matching ? torch::kFloat : torch::kBFloat16), "as in_bf16() leaves them");
    section.raw(array->contiguous().data_ptr(), array->nbytes());
    section.pad(kSectionUnit);
  }
  return section.take();
}

StoredViews read_views(ByteReader& content, std::string_view section, const std::shared_ptr<const MappedFile>& mapping, const Path& file) {
  StoredViews stored{{content.text(), content.value<uint64_t>()}, {}, file};
  const auto cells = content.value<int32_t>();
  content.require(cells >= 1 && cells <= kMostCells);
  const auto views = content.array<int32_t>(), patches = content.array<int32_t>();
  content.require(!views.empty() && views.size() <= kMostViews);
  for (const int32_t view : views) content.require(view >= 0 && view < ReferenceViewOptions().count);
  content.require(are_patches(patches, int64_t{cells} * static_cast<int64_t>(views.size())));
  const auto count = static_cast<int64_t>(patches.size());
  const Tensor places = torch::empty({count, 3});
  for (int64_t i = 0; i < count; ++i) {
    const auto place = content.value<Eigen::Vector3f>();
    content.require(place.norm() < kMostRadius);  // false for NaN
    std::copy(place.data(), place.data() + 3, places.data_ptr<float>() + 3 * i);
  }
  const auto d = content.value<int32_t>(), c = content.value<int32_t>(), blocks = content.value<int32_t>();
  content.require(d >= 1 && d <= kMostChannels && c >= 1 && c <= kMostChannels && blocks >= 1 && blocks <= kMostBlocks);
  const auto rows = static_cast<uint64_t>(count), halves = 1 + 2 * static_cast<uint64_t>(blocks);
  const uint64_t bytes_c = padded_bytes(rows * static_cast<uint64_t>(c), sizeof(float)),
                 bytes_d = padded_bytes(rows * static_cast<uint64_t>(d), sizeof(c10::BFloat16));
  content.require(section.size() == bytes_c + halves * bytes_d);

  CmtReference reference;
  reference.patch = torch::tensor(patches).to(torch::kLong);
  reference.is_key = (reference.patch >= 0).unsqueeze(0);
  reference.blocks.resize(static_cast<size_t>(blocks));
  for (Tensor* array : arrays_of(reference)) {
    const bool matching = array == &reference.matching;
    // Nothing writes to it: the pages are mapped for reading.
    void* const start = const_cast<char*>(section.data());
    *array = torch::from_blob(
        start, {1, count, matching ? c : d}, [mapping](void*) {}, matching ? torch::kFloat : torch::kBFloat16);
    content.require(all_finite(*array));
    section.remove_prefix(matching ? bytes_c : bytes_d);
  }
  stored.views = encoded_views(std::move(reference), places, std::vector<int>(views.begin(), views.end()), cells);
  return stored;
}

}  // namespace looking3d
