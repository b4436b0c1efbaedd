#include "model/weights.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>

#include "base/check.h"
#include "base/error.h"

namespace looking3d {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors is little-endian");

constexpr uint64_t kMaxFileBytes = uint64_t{8} << 30;
constexpr uint64_t kMaxHeaderBytes = uint64_t{64} << 20;

struct Element {
  const char* name;
  torch::ScalarType type;
  uint64_t bytes;
};
constexpr Element kElements[] = {{"F32", torch::kFloat, 4}, {"I64", torch::kLong, 8}, {"BOOL", torch::kBool, 1}};

std::string metadata_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// Metadata values are strings; those that are JSON objects or arrays come back as such.
Json metadata_value(const std::string& text) {
  if (text.empty() || (text[0] != '{' && text[0] != '[')) return text;
  const Json parsed = Json::parse(text, nullptr, false);
  return parsed.is_discarded() ? Json(text) : parsed;
}

/// One tensor of the header, its bytes taken from `data`.
torch::Tensor read_tensor(const Json& entry, std::string_view data, const std::string& name, const Path& path) {
  const std::string type = entry.at("dtype");
  const auto* const element = std::find_if(std::begin(kElements), std::end(kElements), [&](const Element& e) { return type == e.name; });
  if (element == std::end(kElements)) throw InputError(path, "tensor '" + name + "' has elements of type " + type, "F32, I64 or BOOL");
  const auto sizes = entry.at("shape").get<std::vector<int64_t>>();
  const auto offsets = entry.at("data_offsets").get<std::vector<uint64_t>>();
  uint64_t count = 1;
  for (const int64_t size : sizes) {
    if (size < 0 || (size > 0 && count > kMaxFileBytes / static_cast<uint64_t>(size))) {
      throw InputError(path, "tensor '" + name + "' has an impossible shape");
    }
    count *= static_cast<uint64_t>(size);
  }
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data.size() || offsets[1] - offsets[0] != count * element->bytes) {
    throw InputError(path, "tensor '" + name + "' does not fit its place in the file", "copy the file again");
  }
  torch::Tensor tensor = torch::empty(sizes, element->type);
  if (count > 0) std::memcpy(tensor.data_ptr(), data.data() + offsets[0], count * element->bytes);
  return tensor;
}

}  // namespace

void write_tensors(const Path& path, const NamedTensors& tensors, const Json& metadata) {
  L3D_CHECK(metadata.is_object());
  Json header = Json::object();
  for (const auto& [key, value] : metadata.items()) header["__metadata__"][key] = metadata_text(value);
  std::string data;
  for (const auto& [name, tensor] : tensors) {
    const torch::Tensor plain = tensor.detach().cpu().contiguous();
    const auto* const element =
        std::find_if(std::begin(kElements), std::end(kElements), [&](const Element& e) { return plain.scalar_type() == e.type; });
    L3D_CHECK(element != std::end(kElements), "element type of " + name);
    const size_t begin = data.size();
    data.append(static_cast<const char*>(plain.data_ptr()), static_cast<size_t>(plain.numel()) * element->bytes);
    header[name] = {{"dtype", element->name}, {"shape", plain.sizes().vec()}, {"data_offsets", {begin, data.size()}}};
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  const uint64_t length = text.size();
  std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
  bytes += text;
  bytes += data;
  write_file_atomic(path, bytes);
}

TensorFile read_tensors(const Path& path) {
  const std::string bytes = read_file(path, kMaxFileBytes);
  uint64_t length = 0;
  if (bytes.size() >= sizeof length) std::memcpy(&length, bytes.data(), sizeof length);
  if (bytes.size() < sizeof length || length > kMaxHeaderBytes || length > bytes.size() - sizeof length) {
    throw InputError(path, "is no safetensors file, or cut short", "weights are written by looking3d train");
  }
  const Json header =
      Json::parse(bytes.begin() + sizeof length, bytes.begin() + sizeof length + static_cast<std::ptrdiff_t>(length), nullptr, false);
  if (!header.is_object()) throw InputError(path, "is no safetensors file: its header is not JSON");
  const std::string_view data = std::string_view(bytes).substr(sizeof length + length);
  TensorFile file;
  file.metadata = Json::object();
  try {
    for (const auto& [name, entry] : header.items()) {
      if (name != "__metadata__") {
        file.tensors.emplace_back(name, read_tensor(entry, data, name, path));
        continue;
      }
      for (const auto& [key, value] : entry.items()) file.metadata[key] = metadata_value(value.get<std::string>());
    }
  } catch (const Json::exception&) {
    throw InputError(path, "has a malformed header");
  }
  return file;
}

NamedTensors state_of(const torch::nn::Module& module) {
  NamedTensors state;
  for (const auto& item : module.named_parameters()) state.emplace_back(item.key(), item.value());
  for (const auto& item : module.named_buffers()) state.emplace_back(item.key(), item.value());
  return state;
}

void load_state(torch::nn::Module& module, const NamedTensors& tensors, const std::string& prefix, const Path& where) {
  const torch::NoGradGuard no_grad;
  const std::map<std::string, torch::Tensor> by_name(tensors.begin(), tensors.end());
  for (auto& [name, target] : state_of(module)) {
    const auto found = by_name.find(prefix + name);
    if (found == by_name.end()) throw InputError(where, "has no tensor '" + prefix + name + "'", "was it made by another method?");
    if (found->second.sizes() != target.sizes()) throw InputError(where, "tensor '" + prefix + name + "' is of another shape");
    target.copy_(found->second);
  }
}

}  // namespace looking3d
