#include "dataset/npy.h"

#include <cstring>
#include <functional>

#include "base/check.h"
#include "base/error.h"
#include "dataset/pickle.h"

namespace looking3d {
namespace {

using Kind = PickleNode::Kind;

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr uint64_t kMaxFileBytes = uint64_t{256} << 20;

/// How to read and write one number of a dtype.
struct NumberType {
  size_t bytes;
  double (*load)(const char*);
  void (*store)(double, std::string&);
};

template <class T>
NumberType number_type() {
  return {sizeof(T),
          [](const char* from) {
            T value;
            std::memcpy(&value, from, sizeof(T));
            return static_cast<double>(value);
          },
          [](double value, std::string& to) {
            const T stored = static_cast<T>(value);
            to.append(reinterpret_cast<const char*>(&stored), sizeof(T));
          }};
}

const NumberType* find_number_type(const std::string& dtype) {
  static const std::map<std::string, NumberType> known{
      {"b1", number_type<uint8_t>()},  {"i1", number_type<int8_t>()},  {"u1", number_type<uint8_t>()},  {"i2", number_type<int16_t>()},
      {"u2", number_type<uint16_t>()}, {"i4", number_type<int32_t>()}, {"u4", number_type<uint32_t>()}, {"i8", number_type<int64_t>()},
      {"u8", number_type<uint64_t>()}, {"f4", number_type<float>()},   {"f8", number_type<double>()}};
  const auto found = dtype.empty() ? known.end() : known.find(dtype.substr(1));
  return found == known.end() ? nullptr : &found->second;
}

/// Skips magic and header of version 1 or 2; the dict lies in an object array, of which the header tells nothing we need.
std::string_view pickle_of(std::string_view bytes, const Path& where) {
  if (!bytes.starts_with(kMagic) || bytes.size() < 12) throw InputError(where, "is not a numpy file");
  const int version = static_cast<uint8_t>(bytes[6]);
  if (version != 1 && version != 2) throw InputError(where, "is a numpy file of version " + std::to_string(version) + ", 1 or 2 are read");
  uint32_t header_bytes = 0;
  std::memcpy(&header_bytes, bytes.data() + 8, version == 1 ? 2 : 4);
  const uint64_t start = (version == 1 ? 10 : 12) + uint64_t{header_bytes};
  if (start > bytes.size()) throw InputError(where, "is a numpy file that is cut short");
  const std::string_view header = bytes.substr(0, start);
  if (header.find("'|O'") == std::string_view::npos) throw InputError(where, "holds no pickled dict", "a dict of arrays was expected");
  return bytes.substr(start);
}

/// Position in row-major order of the i-th number in Fortran order.
size_t row_major_index(size_t i, const std::vector<int64_t>& shape) {
  size_t index = 0, stride = 1;
  std::vector<size_t> coordinates(shape.size());
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    coordinates[axis] = i % static_cast<size_t>(shape[axis]);
    i /= static_cast<size_t>(shape[axis]);
  }
  for (size_t axis = shape.size(); axis > 0; --axis) {
    index += coordinates[axis - 1] * stride;
    stride *= static_cast<size_t>(shape[axis - 1]);
  }
  return index;
}

NumpyArray to_array(const Pickle& pickle, const PickleNode& node, const std::string& name, const Path& where) {
  const auto fail = [&](const std::string& problem) { throw InputError(where, "array '" + name + "' " + problem); };
  if (node.kind != Kind::kArray || node.items.size() != 1) fail("is no array");
  const PickleNode& data = pickle[node.items[0]];
  const NumberType* type = find_number_type(node.text);
  if (data.kind != Kind::kBytes || type == nullptr) fail("holds no numbers of a known type");

  // Multiply the shape out with care: its product has to be the number of values that are really there.
  const uint64_t count = data.text.size() / type->bytes;
  uint64_t product = 1;
  for (const int64_t size : node.shape) {
    if (size != 0 && product > count / static_cast<uint64_t>(size)) fail("has another size than its shape says");
    product *= static_cast<uint64_t>(size);
  }
  if (product != count || count * type->bytes != data.text.size()) fail("has another size than its shape says");

  NumpyArray array{node.text, node.shape, std::vector<double>(count)};
  const bool fortran = node.integer != 0 && node.shape.size() > 1;
  for (size_t i = 0; i < count; ++i) {
    array.values[fortran ? row_major_index(i, node.shape) : i] = type->load(data.text.data() + i * type->bytes);
  }
  return array;
}

/// The pickle opcodes of one array as numpy writes them (without memo).
void append_array(const NumpyArray& array, std::string& out) {
  const auto number = [&](uint32_t value) { out.append(reinterpret_cast<const char*>(&value), 4); };
  const NumberType* type = find_number_type(array.dtype);
  L3D_CHECK(type != nullptr, "unknown dtype " + array.dtype);
  int64_t product = 1;
  for (const int64_t size : array.shape) product *= size;
  L3D_CHECK_EQ(product, array.count());

  // numpy.core.multiarray._reconstruct(numpy.ndarray, (0,), b"b"), then its state (1, shape, dtype, False, data).
  out += "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK";
  out += std::string(
      "\0\x85"
      "C\x01"
      "b\x87R(K\x01(",
      11);
  for (const int64_t size : array.shape) {
    out += 'J';
    number(static_cast<uint32_t>(size));
  }
  out += "tcnumpy\ndtype\nX";
  number(static_cast<uint32_t>(array.dtype.size() - 1));
  out += array.dtype.substr(1) + "\x89\x88\x87R(K\x03X";
  number(1);
  out += array.dtype[0];
  out += "NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK";
  out += std::string(
      "\0tb\x89"
      "B",
      5);
  number(static_cast<uint32_t>(array.values.size() * type->bytes));
  for (const double value : array.values) type->store(value, out);
  out += "tb";
}

}  // namespace

NumpyDict parse_numpy_dict(std::string_view bytes, const Path& where) {
  const Pickle pickle = parse_pickle(pickle_of(bytes, where), where);
  // numpy wraps the dict into an object array without dimensions, whose data is a list of one.
  const PickleNode* dict = &pickle[pickle.root];
  if (dict->kind == Kind::kArray && dict->items.size() == 1) dict = &pickle[dict->items[0]];
  if (dict->kind == Kind::kList && dict->items.size() == 1) dict = &pickle[dict->items[0]];
  if (dict->kind != Kind::kDict) throw InputError(where, "holds no dict of arrays");

  NumpyDict result;
  uint64_t total = 0;
  for (size_t i = 0; i + 1 < dict->items.size(); i += 2) {
    const PickleNode& key = pickle[dict->items[i]];
    if (key.kind != Kind::kText) throw InputError(where, "holds a dict with a key that is no string");
    NumpyArray array = to_array(pickle, pickle[dict->items[i + 1]], key.text, where);
    // Many keys may share one array, and expand it each time.
    total += static_cast<uint64_t>(array.count()) * sizeof(double);
    if (total > kMaxFileBytes) throw InputError(where, "holds too many numbers");
    result[key.text] = std::move(array);
  }
  return result;
}

NumpyDict read_numpy_dict(const Path& path) {
  return parse_numpy_dict(read_file(path, kMaxFileBytes), path);
}

std::string numpy_dict_bytes(const NumpyDict& dict) {
  // Header of version 1, padded with spaces so that the data starts at a multiple of 64 bytes.
  std::string header = "{'descr': '|O', 'fortran_order': False, 'shape': (), }";
  header.resize(128 - 10 - 1, ' ');
  header += '\n';
  std::string out(kMagic);
  out += std::string("\x01\0", 2);
  out += static_cast<char>(header.size());
  out += '\0';
  out += header;

  // An object array without dimensions around the dict, as numpy.save writes it.
  out +=
      "\x80\x03"
      "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK";
  out += std::string(
      "\0\x85"
      "C\x01"
      "b\x87R(K\x01)cnumpy\ndtype\nX\x02\0\0\0O8\x89\x88\x87R(K\x03X\x01\0\0\0|NNNJ",
      48);
  out += "\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb\x89]}(";
  for (const auto& [name, array] : dict) {
    const uint32_t length = static_cast<uint32_t>(name.size());
    out += 'X';
    out.append(reinterpret_cast<const char*>(&length), 4);
    out += name;
    append_array(array, out);
  }
  return out + "uatb.";
}

void write_numpy_dict(const Path& path, const NumpyDict& dict) {
  write_file_atomic(path, numpy_dict_bytes(dict));
}

}  // namespace looking3d
