#include "dataset/layout.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <opencv2/imgcodecs.hpp>

#include "base/check.h"
#include "base/error.h"

namespace looking3d {
namespace {

constexpr size_t kPngHead = 24;              ///< bytes up to the end of its width and height
constexpr uint32_t kMostPictureSide = 8192;  ///< a picture of some kilobytes may claim to be gigabytes

/// Turns camera axes x right, y up, z back into x right, y down, z forward, and back.
const Eigen::Vector4d kFlipAxes(1, -1, -1, 1);

/// Reads a decimal number followed by '_' off the front of `text`.
std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || end == text.data() + text.size() || *end != '_') return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()) + 1);
  return value;
}

std::optional<PhotoName> parse_after_shape(const std::string& shape, std::string_view rest) {
  PhotoName name{.shape = shape, .label = {}};
  double texture = 0, light = 0;
  for (double* field : {&texture, &name.radius, &name.azimuth_deg, &name.elevation_deg, &light}) {
    const std::optional<double> value = take_number(rest);
    if (!value) return std::nullopt;
    *field = *value;
  }
  if (std::abs(texture) > 1e9 || std::abs(light) > 1e9) return std::nullopt;
  name.texture = static_cast<int>(texture);
  name.light = static_cast<int>(light);
  name.label = rest;
  if (rest.empty() || !std::isalpha(static_cast<unsigned char>(rest[0]))) return std::nullopt;
  return name;
}

template <class Matrix>
Matrix read_matrix(const Json& json, const char* key, const Path& where) {
  Matrix matrix;
  try {
    const Json& rows = json.at(key);
    for (int r = 0; r < matrix.rows(); ++r)
      for (int c = 0; c < matrix.cols(); ++c)
        matrix(r, c) = rows.at(static_cast<size_t>(r)).at(static_cast<size_t>(c)).template get<double>();
  } catch (const Json::exception&) {
    throw InputError(where, "camera field '" + std::string(key) + "' is missing or malformed");
  }
  if (!matrix.allFinite()) throw InputError(where, "camera field '" + std::string(key) + "' is not finite");
  return matrix;
}

Json matrix_rows(const Eigen::Matrix4d& matrix) {
  Json rows = Json::array();
  for (int r = 0; r < 4; ++r) rows.push_back({matrix(r, 0), matrix(r, 1), matrix(r, 2), matrix(r, 3)});
  return rows;
}

}  // namespace

std::string short_number(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.2f", value);
  std::string result = text;
  result.erase(result.find_last_not_of('0') + 1);
  if (result.back() == '.') result.pop_back();
  return result == "-0" ? "0" : result;
}

std::string photo_stem(const PhotoName& name) {
  return name.shape + "_" + std::to_string(name.texture) + "_" + short_number(name.radius) + "_" + short_number(name.azimuth_deg) + "_" +
         short_number(name.elevation_deg) + "_" + std::to_string(name.light) + "_" + name.label;
}

std::optional<PhotoName> parse_photo_stem(const std::string& stem, const std::function<bool(const std::string&)>& is_shape) {
  for (size_t at = stem.find('_'); at != std::string::npos; at = stem.find('_', at + 1)) {
    const std::string shape = stem.substr(0, at);
    if (!is_shape(shape)) continue;
    if (std::optional<PhotoName> name = parse_after_shape(shape, std::string_view(stem).substr(at + 1))) return name;
  }
  return std::nullopt;
}

std::string kind_of_label(const std::string& label) {
  static constexpr std::pair<const char*, const char*> kSpellings[] = {{"normal", "normal"}, {"posi", "position"}, {"rotat", "rotation"},
                                                                       {"broke", "broken"},  {"swap", "swapped"},  {"miss", "missing"}};
  for (const auto& [start, kind] : kSpellings)
    if (label.starts_with(start)) return kind;
  const size_t end = label.find("_anomaly");
  return end == std::string::npos || end == 0 ? label : label.substr(0, end);
}

double swap_azimuth_convention(double azimuth_deg) {
  const double swapped = std::fmod(90 - azimuth_deg, 360);
  return swapped < 0 ? swapped + 360 : swapped;
}

Eigen::Matrix4d published_camera_from_world(const Camera& camera) {
  return kFlipAxes.asDiagonal() * camera.camera_from_world.matrix();
}

Json published_camera_json(const Camera& camera) {
  Json json = camera_to_json(camera);
  const Eigen::Matrix4d rt = published_camera_from_world(camera);
  json["RT"] = matrix_rows(rt);
  json["RT_"] = matrix_rows(rt.inverse());
  return json;
}

Camera camera_from_published(const Json& json, int width, int height, const Path& where) {
  const Eigen::Matrix3d k = read_matrix<Eigen::Matrix3d>(json, "K", where);
  const Eigen::Matrix4d rt = read_matrix<Eigen::Matrix4d>(json, "RT", where);
  const Eigen::Matrix3d r = rt.topLeftCorner<3, 3>();
  if (!(r * r.transpose()).isIdentity(1e-3) || r.determinant() < 0) throw InputError(where, "camera field 'RT' is no rigid transform");
  if (k(0, 0) <= 0 || std::abs(k(0, 0) - k(1, 1)) > 0.01 * k(0, 0)) {
    throw InputError(where, "camera field 'K' has no positive focal length, equal in x and y");
  }
  Camera camera;
  camera.width = width;
  camera.height = height;
  camera.focal_px = k(0, 0);
  camera.centre_px = {k(0, 2), k(1, 2)};
  camera.camera_from_world.matrix() = kFlipAxes.asDiagonal() * rt;
  return camera;
}

Path split_file(const Path& root) {
  return root / "split.json";
}
Path options_file(const Path& root) {
  return root / "generate_options.json";
}
Path report_file(const Path& root) {
  return root / "build_report.json";
}
Path shape_folder(const Path& root, const std::string& shape_id) {
  return root / "shapes" / ("shape_" + shape_id);
}
Path mesh_file(const Path& root, const std::string& shape_id) {
  return shape_folder(root, shape_id) / "shape.obj";
}
Path manifest_file(const Path& root, const std::string& shape_id) {
  return shape_folder(root, shape_id) / "manifest.json";
}
Path views_folder(const Path& root, const std::string& shape_id) {
  return shape_folder(root, shape_id) / "mv_images";
}

namespace {

/// Width and height from the first bytes of a PNG file. OpenCV would decode any format that it knows, and any size: no other reaches it.
cv::Size png_size_of(std::string_view bytes, const Path& path) {
  static constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";
  if (bytes.size() < kPngHead || !bytes.starts_with(kSignature))
    throw InputError(path, "is no PNG file", "pictures of data sets are PNG files");
  const auto big_endian = [&](size_t at) {
    uint32_t value = 0;
    for (size_t i = at; i < at + 4; ++i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
    return value;
  };
  const uint32_t width = big_endian(16), height = big_endian(20);
  if (width < 1 || height < 1 || width > kMostPictureSide || height > kMostPictureSide)
    throw InputError(path, "is a PNG file of a malformed size", "sides of 1 to " + std::to_string(kMostPictureSide) + " pixels are read");
  return {static_cast<int>(width), static_cast<int>(height)};
}

}  // namespace

cv::Mat read_picture(const Path& path, int imread_flags) {
  const std::string bytes = read_file(path, uint64_t{256} << 20);
  png_size_of(bytes, path);
  cv::Mat picture;
  try {
    picture = cv::imdecode(cv::Mat(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data())), imread_flags);
  } catch (const cv::Exception&) {
    picture.release();
  }
  if (picture.empty()) throw InputError(path, "cannot be read as a picture", "is it a whole PNG file?");
  return picture;
}

cv::Size png_size(const Path& path) {
  char head[kPngHead] = {};
  std::ifstream in(path, std::ios::binary);
  if (!in) throw InputError(path, "cannot be opened", "check the path");
  in.read(head, sizeof head);
  return png_size_of({head, static_cast<size_t>(in.gcount())}, path);
}

namespace {

void write_encoded(const Path& path, const cv::Mat& picture, const std::vector<int>& parameters) {
  std::vector<unsigned char> bytes;
  L3D_CHECK(cv::imencode(".png", picture, bytes, parameters), "encoding " + path.string());
  write_file_atomic(path, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

}  // namespace

void write_png(const Path& path, const cv::Mat& picture) {
  write_encoded(path, picture, {cv::IMWRITE_PNG_COMPRESSION, 6});
}
void write_mask(const Path& path, const cv::Mat& mask) {
  write_encoded(path, mask, {cv::IMWRITE_PNG_BILEVEL, 1});
}

}  // namespace looking3d
