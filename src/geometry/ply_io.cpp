#include "geometry/ply_io.h"

#include <bit>
#include <charconv>
#include <cstring>
#include <map>
#include <numeric>
#include <sstream>

#include "base/error.h"
#include "geometry/polygon_fill.h"

namespace looking3d {
namespace {

using Eigen::Vector3d;

struct Type {
  size_t bytes;
  char kind;  ///< 'i' signed, 'u' unsigned, 'f' floating
};
const std::map<std::string, Type> kTypes{{"char", {1, 'i'}},  {"int8", {1, 'i'}},    {"uchar", {1, 'u'}},  {"uint8", {1, 'u'}},
                                         {"short", {2, 'i'}}, {"int16", {2, 'i'}},   {"ushort", {2, 'u'}}, {"uint16", {2, 'u'}},
                                         {"int", {4, 'i'}},   {"int32", {4, 'i'}},   {"uint", {4, 'u'}},   {"uint32", {4, 'u'}},
                                         {"float", {4, 'f'}}, {"float32", {4, 'f'}}, {"double", {8, 'f'}}, {"float64", {8, 'f'}}};

struct Property {
  std::string name;
  Type type{}, count_type{};  ///< the latter for lists
  bool list = false;
};
struct Element {
  std::string name;
  uint64_t count = 0;
  std::vector<Property> properties;
};

/// Reads the header, then one number after another.
class PlyReader {
 public:
  PlyReader(const Path& path, const std::string& bytes, const PlyLimits& limits) : path_(path), bytes_(bytes), limits_(limits) {}

  TriangleMesh read() {
    read_header();
    for (const Element& element : elements_)
      for (uint64_t i = 0; i < element.count; ++i) read_item(element);
    return std::move(mesh_);
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const { throw InputError(path_, problem, "is the file whole?"); }

  std::string next_line() {
    const size_t end = bytes_.find('\n', at_);
    if (end == std::string::npos) fail("is no PLY: its header does not end");
    std::string line = bytes_.substr(at_, end - at_);
    at_ = end + 1;
    return line;
  }

  Type type_of(const std::string& name) const {
    const auto found = kTypes.find(name);
    if (found == kTypes.end()) fail("has a property of unknown type '" + name.substr(0, 40) + "'");
    return found->second;
  }

  void read_header() {
    if (!next_line().starts_with("ply")) fail("is no PLY");
    while (true) {
      std::istringstream line(next_line());
      std::string word, name, type;
      line >> word;
      if (word == "end_header") return;
      if (word == "format") {
        line >> name;
        text_ = name == "ascii";
        swapped_ = name == (std::endian::native == std::endian::little ? "binary_big_endian" : "binary_little_endian");
        if (!text_ && !name.starts_with("binary_")) fail("has the unknown format '" + name.substr(0, 40) + "'");
      } else if (word == "element") {
        Element element;
        if (!(line >> element.name >> element.count) || element.count > bytes_.size()) fail("states an impossible number of elements");
        elements_.push_back(element);
      } else if (word == "property") {
        if (elements_.empty()) fail("has a property before any element");
        Property property;
        line >> type;
        property.list = type == "list";
        if (property.list) {
          line >> type;
          property.count_type = type_of(type);
          line >> type;
        }
        property.type = type_of(type);
        line >> property.name;
        elements_.back().properties.push_back(property);
      }
    }
  }

  double number(Type type) { return text_ ? text_number() : binary_number(type); }

  double text_number() {
    while (at_ < bytes_.size() && std::isspace(static_cast<unsigned char>(bytes_[at_]))) ++at_;
    double value = 0;
    const auto [end, error] = std::from_chars(bytes_.data() + at_, bytes_.data() + bytes_.size(), value);
    if (error != std::errc()) fail("has something that is no number where one is due, or is cut short");
    at_ = static_cast<size_t>(end - bytes_.data());
    return value;
  }

  template <class T>
  double as(const char* raw) const {
    T value;
    std::memcpy(&value, raw, sizeof value);
    return static_cast<double>(value);
  }

  double binary_number(Type type) {
    if (bytes_.size() - at_ < type.bytes) fail("is cut short");
    char raw[8];
    for (size_t i = 0; i < type.bytes; ++i) raw[i] = bytes_[at_ + (swapped_ ? type.bytes - 1 - i : i)];
    at_ += type.bytes;
    if (type.kind == 'f') return type.bytes == 4 ? as<float>(raw) : as<double>(raw);
    const bool is_signed = type.kind == 'i';
    if (type.bytes == 1) return is_signed ? as<int8_t>(raw) : as<uint8_t>(raw);
    if (type.bytes == 2) return is_signed ? as<int16_t>(raw) : as<uint16_t>(raw);
    return is_signed ? as<int32_t>(raw) : as<uint32_t>(raw);
  }

  void read_item(const Element& element) {
    if (element.properties.empty()) fail("has the element '" + element.name.substr(0, 40) + "' without properties");
    Vector3d position = Vector3d::Zero();
    for (const Property& property : element.properties) {
      if (property.list) {
        read_list(property, element.name == "face" && property.name.starts_with("vertex_ind"));
        continue;
      }
      const double value = number(property.type);
      if (property.name.size() == 1 && property.name[0] >= 'x' && property.name[0] <= 'z') position[property.name[0] - 'x'] = value;
    }
    if (element.name == "vertex") add_vertex(position);
  }

  void add_vertex(const Vector3d& position) {
    mesh_.vertices.push_back(position.cast<float>());
    if (!mesh_.vertices.back().allFinite())
      throw InputError(path_, "has a vertex with a NaN or infinite coordinate", "export the mesh again, or repair it");
  }

  void read_list(const Property& property, bool is_face) {
    const double count = number(property.count_type);
    if (!(count >= 0) || count > static_cast<double>(bytes_.size() - at_)) fail("has a list longer than the file");
    if (is_face && count > limits_.corners)
      throw InputError(path_, "has a polygon of more than " + std::to_string(limits_.corners) + " corners", "export it in triangles");
    std::vector<int> corners;
    for (uint64_t i = 0; i < static_cast<uint64_t>(count); ++i) {
      const double value = number(property.type);
      if (!is_face) continue;
      if (!(value >= 0) || value >= static_cast<double>(mesh_.vertices.size())) fail("has a face with a corner that is no vertex");
      corners.push_back(static_cast<int>(value));
    }
    if (corners.size() >= 3) add_face(corners);
  }

  void add_face(const std::vector<int>& corners) {
    if (mesh_.triangles.size() + corners.size() - 2 > limits_.triangles)
      throw InputError(path_, "has more than " + std::to_string(limits_.triangles) + " triangles", "simplify the mesh first");
    if (corners.size() == 3) {
      mesh_.triangles.emplace_back(corners[0], corners[1], corners[2]);
      return;
    }
    // Cut it in the plane of its normal (Newell's sum).
    Vector3d normal = Vector3d::Zero();
    const auto corner = [&](size_t i) -> Vector3d {
      return mesh_.vertices[static_cast<size_t>(corners[i % corners.size()])].cast<double>();
    };
    for (size_t i = 0; i < corners.size(); ++i) normal += (corner(i) - corner(0)).cross(corner(i + 1) - corner(0));
    if (!(normal.norm() > 0)) return;
    const Vector3d u = normal.unitOrthogonal(), v = normal.normalized().cross(u);
    std::vector<Eigen::Vector2d> flat;
    for (size_t i = 0; i < corners.size(); ++i) flat.emplace_back(u.dot(corner(i) - corner(0)), v.dot(corner(i) - corner(0)));
    std::vector<int> loop(corners.size());
    std::iota(loop.begin(), loop.end(), 0);
    for (const Eigen::Vector3i& t : fill_region(flat, {loop}))
      mesh_.triangles.emplace_back(corners[static_cast<size_t>(t[0])], corners[static_cast<size_t>(t[1])],
                                   corners[static_cast<size_t>(t[2])]);
  }

  const Path& path_;
  const std::string& bytes_;
  const PlyLimits limits_;
  size_t at_ = 0;
  bool text_ = false, swapped_ = false;
  std::vector<Element> elements_;
  TriangleMesh mesh_;
};

}  // namespace

TriangleMesh parse_ply(const Path& path, const std::string& bytes, const PlyLimits& limits) {
  return PlyReader(path, bytes, limits).read();
}

}  // namespace looking3d
