#include "base/options.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>
#include <stdexcept>
#include <toml.hpp>

#include "base/error.h"

namespace looking3d::internal {
namespace {

/// Both readers and the writer differ only in how one value of type T moves, so they share this shell.
template <class Mover>
class MovingVisitor : public OptionVisitor {
 public:
  explicit MovingVisitor(Mover mover) : mover_(std::move(mover)) {}
  void field(const std::string& name, int& value, const std::string&) override { mover_(name, value); }
  void field(const std::string& name, uint64_t& value, const std::string&) override { mover_(name, value); }
  void field(const std::string& name, double& value, const std::string&) override { mover_(name, value); }
  void field(const std::string& name, bool& value, const std::string&) override { mover_(name, value); }
  void field(const std::string& name, std::string& value, const std::string&) override { mover_(name, value); }
  void field(const std::string& name, std::vector<std::string>& value, const std::string&) override { mover_(name, value); }

 private:
  Mover mover_;
};

/// Other bytes in a quoted string make toml11 read beyond it.
void require_utf8(const std::string& text, const Path& file) {
  try {
    Json(text).dump();  // refuses anything else
  } catch (const Json::exception&) {
    throw InputError(file, "is not UTF-8 text", "save it in that encoding");
  }
}

template <class T>
T toml_value(const toml::value& value, const Path& file, const std::string& key) {
  try {
    if constexpr (std::is_same_v<T, double>) {
      if (value.is_integer()) return static_cast<double>(value.as_integer());
      if (!std::isfinite(toml::get<double>(value))) throw std::invalid_argument("not finite");
    }
    return toml::get<T>(value);
  } catch (const std::exception&) {
    throw InputError(file, "key '" + key + "' has the wrong type", "see the flag of the same name in --help");
  }
}

/// What is wrong with a key that nothing reads.
InputError unknown_key(const Path& file, const std::string& key, const std::string& table) {
  std::string verb = table;
  std::replace(verb.begin(), verb.end(), '.', ' ');
  return {file, "unknown key '" + key + "' in [" + table + "]", "see looking3d " + verb + " --help"};
}

/// The table of a name, "a.b" being the table b in the table a, which holds nothing but tables; null when there is none.
const toml::value* find_table(const toml::value& root, const std::string& name, const Path& file) {
  const toml::value* table = &root;
  std::string above;
  std::istringstream parts(name);
  for (std::string part; std::getline(parts, part, '.'); above += above.empty() ? part : "." + part) {
    for (const auto& [key, value] : table->as_table())
      if (!above.empty() && !value.is_table()) throw unknown_key(file, key, above);
    if (!table->contains(part)) return nullptr;
    table = &table->at(part);
    if (!table->is_table()) throw InputError(file, "[" + name + "] is not a table");
  }
  return table;
}

}  // namespace

void options_from_toml(const Path& file, const std::string& table, const std::function<void(OptionVisitor&)>& visit) {
  const std::string text = read_file(file, 1 << 20);
  require_utf8(text, file);
  toml::value root;
  try {
    std::istringstream stream(text);
    root = toml::parse(stream, file.string());
  } catch (const std::exception& error) {
    const std::string what = error.what();
    throw InputError(file, "is not valid TOML: " + what.substr(0, what.find('\n')));
  }
  const toml::value* found = find_table(root, table, file);
  if (found == nullptr) return;
  const toml::value& section = *found;
  std::set<std::string> known;
  MovingVisitor visitor([&](const std::string& name, auto& value) {
    known.insert(name);
    if (section.contains(name)) value = toml_value<std::decay_t<decltype(value)>>(section.at(name), file, table + "." + name);
  });
  visit(visitor);
  for (const auto& [key, value] : section.as_table()) {
    if (!known.contains(key)) throw unknown_key(file, key, table);
  }
}

Json options_to_json(const std::function<void(OptionVisitor&)>& visit) {
  Json json = Json::object();
  MovingVisitor visitor([&](const std::string& name, auto& value) { json[name] = value; });
  visit(visitor);
  return json;
}

void options_from_json(const Json& json, const std::function<void(OptionVisitor&)>& visit) {
  MovingVisitor visitor([&](const std::string& name, auto& value) {
    if (!json.contains(name)) return;
    try {
      value = json.at(name).get<std::decay_t<decltype(value)>>();
    } catch (const Json::exception&) {
      throw InputError(name, "option has the wrong type in the stored JSON");
    }
  });
  visit(visitor);
}

}  // namespace looking3d::internal
