#pragma once
// JSON Schema, for tests that hold what is written to docs/report.schema.json.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/files.h"

namespace looking3d {

/// JSON Schema (2020-12) as far as docs/report.schema.json uses it; any other keyword is an error.
class JsonSchema {
 public:
  explicit JsonSchema(Json schema) : root_(std::move(schema)) {}

  /// What is wrong with the JSON, one line each: "/photos/0/box: ...".
  std::vector<std::string> errors(const Json& json) const {
    std::vector<std::string> found;
    check(root_, json, "", found);
    return found;
  }

 private:
  using Errors = std::vector<std::string>;

  static bool is_type(const Json& json, const std::string& type) {
    if (type == "object") return json.is_object();
    if (type == "array") return json.is_array();
    if (type == "string") return json.is_string();
    if (type == "integer") return json.is_number_integer();
    if (type == "number") return json.is_number();
    if (type == "boolean") return json.is_boolean();
    if (type == "null") return json.is_null();
    ADD_FAILURE() << "unknown type " << type;
    return false;
  }

  /// Of keywords about one value. Those of another type are the business of "type".
  static bool holds(const std::string& keyword, const Json& value, const Json& json) {
    if (keyword == "type") return is_type(json, value);
    if (keyword == "const") return json == value;
    if (keyword == "enum") return std::find(value.begin(), value.end(), json) != value.end();
    if (keyword == "minimum") return !json.is_number() || json.get<double>() >= value.get<double>();
    if (keyword == "maximum") return !json.is_number() || json.get<double>() <= value.get<double>();
    if (keyword == "minItems") return !json.is_array() || json.size() >= value.get<size_t>();
    if (keyword == "maxItems") return !json.is_array() || json.size() <= value.get<size_t>();
    EXPECT_TRUE(std::set<std::string>({"$schema", "$defs", "title", "description"}).contains(keyword)) << "unknown keyword " << keyword;
    return true;
  }

  void check(const Json& schema, const Json& json, const std::string& where, Errors& errors) const {
    for (const auto& [keyword, value] : schema.items()) {
      if (keyword == "$ref") {
        check(root_.at(Json::json_pointer(value.get<std::string>().substr(1))), json, where, errors);
      } else if (keyword == "anyOf") {
        check_any(value, json, where, errors);
      } else if (keyword == "items") {
        for (size_t i = 0; json.is_array() && i < json.size(); ++i) check(value, json[i], where + "/" + std::to_string(i), errors);
      } else if (keyword == "required" || keyword == "properties" || keyword == "additionalProperties") {
        if (json.is_object()) check_keys(keyword, value, schema, json, where, errors);
      } else if (!holds(keyword, value, json)) {
        errors.push_back(where + ": " + keyword + " " + value.dump() + ", not " + json.dump().substr(0, 60));
      }
    }
  }

  void check_keys(const std::string& keyword, const Json& value, const Json& schema, const Json& json, const std::string& where,
                  Errors& errors) const {
    if (keyword == "required") {
      for (const Json& key : value)
        if (!json.contains(key.get<std::string>())) errors.push_back(where + ": lacks " + key.get<std::string>());
    } else if (keyword == "properties") {
      for (const auto& [key, property] : value.items())
        if (json.contains(key)) check(property, json[key], where + "/" + key, errors);
    } else {
      EXPECT_EQ(value, false);
      for (const auto& [key, unused] : json.items())
        if (!schema.at("properties").contains(key)) errors.push_back(where + ": knows no " + key);
    }
  }

  /// The errors of the alternative that fits best.
  void check_any(const Json& alternatives, const Json& json, const std::string& where, Errors& errors) const {
    Errors fewest;
    for (size_t i = 0; i < alternatives.size(); ++i) {
      Errors found;
      check(alternatives[i], json, where, found);
      if (i == 0 || found.size() < fewest.size()) fewest = found;
    }
    errors.insert(errors.end(), fewest.begin(), fewest.end());
  }

  const Json root_;
};

}  // namespace looking3d
