#include "render/texture_set.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <map>
#include <opencv2/imgproc.hpp>
#include <optional>

#include "base/error.h"
#include "render/image_file.h"

namespace looking3d {
namespace {

constexpr int kMaxSide = 1024;
constexpr size_t kMostSets = 1000;

enum class Channel { kColour, kRoughness, kGloss, kMetalness, kNormal, kNormalDx, kOcclusion, kPacked };

const std::map<std::string, Channel> kChannelWords = {{"albedo", Channel::kColour},       {"basecolor", Channel::kColour},
                                                      {"basecolour", Channel::kColour},   {"diffuse", Channel::kColour},
                                                      {"diff", Channel::kColour},         {"color", Channel::kColour},
                                                      {"colour", Channel::kColour},       {"col", Channel::kColour},
                                                      {"roughness", Channel::kRoughness}, {"rough", Channel::kRoughness},
                                                      {"gloss", Channel::kGloss},         {"glossiness", Channel::kGloss},
                                                      {"metallic", Channel::kMetalness},  {"metalness", Channel::kMetalness},
                                                      {"metal", Channel::kMetalness},     {"normal", Channel::kNormal},
                                                      {"nor", Channel::kNormal},          {"normalgl", Channel::kNormal},
                                                      {"normaldx", Channel::kNormalDx},   {"ambientocclusion", Channel::kOcclusion},
                                                      {"ao", Channel::kOcclusion},        {"occlusion", Channel::kOcclusion},
                                                      {"arm", Channel::kPacked}};

const std::map<std::string, MaterialFamily> kFamilyWords = {
    {"wood", MaterialFamily::kWood},       {"wooden", MaterialFamily::kWood},    {"plank", MaterialFamily::kWood},
    {"planks", MaterialFamily::kWood},     {"plywood", MaterialFamily::kWood},   {"veneer", MaterialFamily::kWood},
    {"oak", MaterialFamily::kWood},        {"walnut", MaterialFamily::kWood},    {"bamboo", MaterialFamily::kWood},
    {"plastic", MaterialFamily::kPlastic}, {"rubber", MaterialFamily::kPlastic}, {"leather", MaterialFamily::kLeather},
    {"fabric", MaterialFamily::kFabric},   {"cloth", MaterialFamily::kFabric},   {"textile", MaterialFamily::kFabric},
    {"denim", MaterialFamily::kFabric},    {"wool", MaterialFamily::kFabric},    {"linen", MaterialFamily::kFabric},
    {"velvet", MaterialFamily::kFabric},   {"cotton", MaterialFamily::kFabric},  {"carpet", MaterialFamily::kFabric},
    {"metal", MaterialFamily::kMetal},     {"steel", MaterialFamily::kMetal},    {"iron", MaterialFamily::kMetal},
    {"aluminium", MaterialFamily::kMetal}, {"aluminum", MaterialFamily::kMetal}, {"brass", MaterialFamily::kMetal},
    {"copper", MaterialFamily::kMetal},    {"chrome", MaterialFamily::kMetal},   {"gold", MaterialFamily::kMetal}};

/// Runs of letters, and of letters and digits that start with a digit, in lower case: "Wood051_2K-NormalGL" is wood, 051, 2k, normalgl.
std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  bool open = false, letters = false;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    const bool digit = std::isdigit(u) != 0;
    if (!std::isalnum(u)) {
      open = false;
      continue;
    }
    if (!open || (letters && digit)) words.emplace_back(), letters = !digit;
    words.back() += static_cast<char>(std::tolower(u));
    open = true;
  }
  return words;
}

/// What a picture shows, by the last word of its name that says so: "metal_plate_diff_1k" is a colour.
std::optional<Channel> channel_of(const std::string& stem) {
  const std::vector<std::string> words = words_of(stem);
  bool directx = false;
  for (size_t i = words.size(); i-- > 0;) {
    directx |= words[i] == "dx" || words[i] == "directx";
    const auto found = kChannelWords.find(words[i]);
    if (found == kChannelWords.end()) continue;
    return found->second == Channel::kNormal && directx ? Channel::kNormalDx : found->second;
  }
  return std::nullopt;
}

bool is_picture(const Path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), [](unsigned char c) { return std::tolower(c); });
  return extension == ".png" || extension == ".jpg" || extension == ".jpeg";
}

std::vector<Path> sorted_entries(const Path& folder) {
  std::vector<Path> entries;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) entries.push_back(entry.path());
  if (error) throw InputError(folder, "cannot be listed", "a folder of texture sets is needed");
  std::sort(entries.begin(), entries.end());
  return entries;
}

MaterialFamily family_from_name(const std::string& name, const Path& where) {
  for (size_t i = 0; i < kFamilyNames.size(); ++i)
    if (name == kFamilyNames[i]) return static_cast<MaterialFamily>(i);
  throw InputError(where, "names the family '" + name + "'", "wood, plastic, leather, fabric or metal");
}

const std::array<float, 256>& linear_from_srgb8() {
  static const auto table = [] {
    std::array<float, 256> t{};
    for (size_t i = 0; i < 256; ++i) {
      const float v = static_cast<float>(i) / 255;
      t[i] = v <= 0.04045f ? v / 12.92f : std::pow((v + 0.055f) / 1.055f, 2.4f);
    }
    return t;
  }();
  return table;
}

/// Four pixels around a place (periods of the picture), and the weights that blend them.
struct Footprint {
  Footprint(const cv::Mat& image, const Vector2f& uv) {
    const float x = (uv.x() - std::floor(uv.x())) * static_cast<float>(image.cols) - 0.5f;
    const float y = (uv.y() - std::floor(uv.y())) * static_cast<float>(image.rows) - 0.5f;
    const int x0 = static_cast<int>(std::floor(x)), y0 = static_cast<int>(std::floor(y));
    const float fx = x - static_cast<float>(x0), fy = y - static_cast<float>(y0);
    const auto at = [&](int yy, int xx) { return image.ptr<cv::Vec3b>((yy + image.rows) % image.rows) + (xx + image.cols) % image.cols; };
    pixels = {at(y0, x0), at(y0, x0 + 1), at(y0 + 1, x0), at(y0 + 1, x0 + 1)};
    weights = {(1 - fy) * (1 - fx), (1 - fy) * fx, fy * (1 - fx), fy * fx};
  }
  template <class Value>
  Vector3f blend(const Value& value) const {
    Vector3f sum = Vector3f::Zero();
    for (size_t i = 0; i < 4; ++i)
      for (int c = 0; c < 3; ++c) sum[c] += weights[i] * value((*pixels[i])[c]);
    return sum;
  }
  std::array<const cv::Vec3b*, 4> pixels;
  std::array<float, 4> weights;
};

}  // namespace

void TextureSet::read_description(const Path& folder) {
  const Path file = folder / "material.json";
  std::optional<MaterialFamily> family;
  for (const std::string& word : words_of(name_))
    if (const auto found = kFamilyWords.find(word); !family && found != kFamilyWords.end()) family = found->second;
  bool grain_given = false;
  if (std::filesystem::exists(file)) {
    const Json json = read_json(file, 1 << 16);
    try {
      for (const auto& [key, value] : json.items()) {
        if (key == "family") {
          family = family_from_name(value.get<std::string>(), file);
        } else if (key == "size") {
          size_ = value.get<float>();
          if (!(size_ >= 0.01f && size_ <= 100)) throw InputError(file, "\"size\" is not between 0.01 and 100 canonical units");
        } else if (key == "grain") {
          const auto axis = value.get<std::string>();
          if (axis != "x" && axis != "y") throw InputError(file, "\"grain\" is neither \"x\" nor \"y\"");
          grain_along_y_ = axis == "y", grain_given = true;
        } else {
          throw InputError(file, "has the unknown key '" + key + "'", "family, size and grain are known");
        }
      }
    } catch (const Json::exception& error) {
      throw InputError(file, std::string("is malformed: ") + error.what());
    }
  }
  if (!family)
    throw InputError(folder, "has no word in its name that says what it is",
                     "add material.json with {\"family\": \"wood\"}, or plastic, leather, fabric, metal");
  family_ = *family;
  tell_grain(grain_given);
}

/// Along the grain of wood brightness changes least.
void TextureSet::tell_grain(bool given) {
  if (given || family_ != MaterialFamily::kWood) return;
  cv::Mat grey, dx, dy;
  cv::cvtColor(colour_, grey, cv::COLOR_BGR2GRAY);
  cv::Sobel(grey, dx, CV_32F, 1, 0), cv::Sobel(grey, dy, CV_32F, 0, 1);
  grain_along_y_ = cv::norm(dy) < cv::norm(dx);
}

TextureSet TextureSet::load(const Path& folder) {
  std::map<Channel, cv::Mat> pictures;
  for (const Path& file : sorted_entries(folder)) {
    if (!is_picture(file)) continue;
    const auto channel = channel_of(file.stem().string());
    if (channel && !pictures.contains(*channel)) pictures[*channel] = read_texture(file, kMaxSide);
  }
  const auto colour = pictures.find(Channel::kColour);
  if (colour == pictures.end())
    throw InputError(folder, "holds no picture of the colour", "one named ..._Color, ..._albedo, ..._basecolor or ..._diff is needed");

  TextureSet set;
  set.name_ = std::filesystem::absolute(folder).lexically_normal().filename().string();
  set.colour_ = colour->second;
  set.read_description(folder);

  // Occlusion, roughness and metalness side by side, whatever they came as.
  const cv::Size size = set.colour_.size();
  const auto plane = [&](Channel channel, Channel other, int in_packed, int otherwise) {
    cv::Mat grey(size, CV_8U, cv::Scalar(otherwise));
    const auto found = pictures.find(channel), instead = pictures.find(other), packed = pictures.find(Channel::kPacked);
    if (found != pictures.end())
      cv::cvtColor(found->second, grey, cv::COLOR_BGR2GRAY);
    else if (instead != pictures.end())
      cv::cvtColor(instead->second, grey, cv::COLOR_BGR2GRAY), grey = 255 - grey;
    else if (packed != pictures.end())
      cv::extractChannel(packed->second, grey, in_packed);
    cv::resize(grey, grey, size, 0, 0, cv::INTER_AREA);
    return grey;
  };
  const int metal = set.family_ == MaterialFamily::kMetal ? 255 : 0, rough = set.family_ == MaterialFamily::kFabric ? 235 : 140;
  const std::array planes = {plane(Channel::kOcclusion, Channel::kOcclusion, 2, 255), plane(Channel::kRoughness, Channel::kGloss, 1, rough),
                             plane(Channel::kMetalness, Channel::kMetalness, 0, metal)};
  cv::merge(planes.data(), planes.size(), set.properties_);

  if (pictures.contains(Channel::kNormal)) {
    set.normal_ = pictures[Channel::kNormal];
  } else if (pictures.contains(Channel::kNormalDx)) {
    cv::Mat green;
    cv::extractChannel(pictures[Channel::kNormalDx], green, 1);
    cv::insertChannel(255 - green, pictures[Channel::kNormalDx], 1);
    set.normal_ = pictures[Channel::kNormalDx];
  }
  return set;
}

SurfaceSample TextureSet::at(const Vector3f& x_in_object, const Vector3f& normal, const TextureFrame& frame, bool fine) const {
  const Vector3f p = frame.texture_from_object * (x_in_object - frame.centre) + frame.offset;
  const auto [along, across] = box_axes(frame.texture_from_object * normal);
  // The picture's u runs right and its v down, its normals' green up.
  const int u_axis = grain_along_y_ ? across : along, v_axis = grain_along_y_ ? along : across;
  const float aspect = static_cast<float>(colour_.rows) / static_cast<float>(colour_.cols);
  const Vector2f uv(p[u_axis] / size_, -p[v_axis] / (size_ * aspect));

  SurfaceSample s;
  const auto& linear = linear_from_srgb8();
  const Vector3f bgr = Footprint(colour_, uv).blend([&](uchar v) { return linear[v]; });
  const Vector3f properties = Footprint(properties_, uv).blend([](uchar v) { return static_cast<float>(v) / 255; });
  s.base_colour = (bgr.reverse() * properties.x()).cwiseMax(0.008f).cwiseMin(0.92f);
  s.roughness = std::clamp(properties.y(), 0.07f, 1.0f);
  s.metallic = properties.z();
  if (family_ == MaterialFamily::kFabric) s.specular = 0.018f;
  if (fine && !normal_.empty()) {
    const Vector3f b = Footprint(normal_, uv).blend([](uchar v) { return static_cast<float>(v) / 127.5f - 1; });
    const float z = std::max(0.3f, b.x());
    Vector3f bump = Vector3f::Zero();
    bump[u_axis] = b.z() / z, bump[v_axis] = b.y() / z;
    s.bump = frame.texture_from_object.transpose() * bump;
  }
  return s;
}

std::vector<TextureSet> load_texture_sets(const Path& folder) {
  require_exists(folder, "a folder of texture sets is needed");
  std::vector<Path> folders;
  bool pictures = false;
  for (const Path& entry : sorted_entries(folder)) {
    if (std::filesystem::is_directory(entry)) folders.push_back(entry);
    pictures |= is_picture(entry);
  }
  if (folders.empty() && !pictures)
    throw InputError(folder, "holds no texture sets", "each sub-folder is one, with a picture of its colour");
  if (folders.empty()) folders.push_back(folder);
  if (folders.size() > kMostSets) throw InputError(folder, "holds more than 1000 texture sets");
  std::vector<TextureSet> sets;
  for (const Path& sub : folders) sets.push_back(TextureSet::load(sub));
  return sets;
}

}  // namespace looking3d
