#pragma once
// Option structs and what fills them. A struct lists its fields once, in `visit`; command-line flags, a TOML table and the JSON
// written beside every output all go through that list:
//
//   struct TrainOptions {
//     int batch = 48;
//     void visit(OptionVisitor& v) { v.field("batch", batch, "photos a step"); }
//     void check() const;   // throws InputError naming the flag
//   };
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/files.h"

namespace looking3d {

/// `name` is the flag without dashes ("learning-rate"), the TOML key, and the JSON key.
class OptionVisitor {
 public:
  virtual ~OptionVisitor() = default;
  virtual void field(const std::string& name, int& value, const std::string& help) = 0;
  virtual void field(const std::string& name, uint64_t& value, const std::string& help) = 0;
  virtual void field(const std::string& name, double& value, const std::string& help) = 0;
  virtual void field(const std::string& name, bool& value, const std::string& help) = 0;
  virtual void field(const std::string& name, std::string& value, const std::string& help) = 0;
  virtual void field(const std::string& name, std::vector<std::string>& value, const std::string& help) = 0;
};

namespace internal {
void options_from_toml(const Path& file, const std::string& table, const std::function<void(OptionVisitor&)>& visit);
Json options_to_json(const std::function<void(OptionVisitor&)>& visit);
void options_from_json(const Json& json, const std::function<void(OptionVisitor&)>& visit);
}  // namespace internal

/// Fills the fields named in [table] of a TOML file; an unknown key or a wrong type is an InputError.
template <class Options>
void read_toml(const Path& file, const std::string& table, Options& options) {
  internal::options_from_toml(file, table, [&](OptionVisitor& v) { options.visit(v); });
}

/// The resolved options as JSON, to be written beside every output.
template <class Options>
Json to_json(Options options) {
  return internal::options_to_json([&](OptionVisitor& v) { options.visit(v); });
}

/// Reads what to_json wrote; fields that are absent keep their defaults.
template <class Options>
Options from_json(const Json& json) {
  Options options;
  internal::options_from_json(json, [&](OptionVisitor& v) { options.visit(v); });
  return options;
}

}  // namespace looking3d
