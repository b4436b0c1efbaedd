#include "study/key.h"

#include <cstdio>
#include <map>

#include "base/error.h"
#include "base/random.h"

namespace looking3d {
namespace {

constexpr const char* kFormat = "looking3d-study-1";

std::string hexadecimal(uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

StudyKey key_from(const Json& json) {
  StudyKey key;
  key.study = json.at("study");
  key.options = json.at("options");
  std::map<std::string, int> position;
  for (const Json& pair : json.at("pairs")) {
    const std::string name = pair.at("pair");
    if (name != pair_name(key.pool.size())) throw InputError("pair " + name, "is not in its place");
    position[name] = static_cast<int>(key.pool.size());
    key.pool.push_back({pair.at("photo"), pair.at("shape"), pair.at("kind"), pair.at("anomalous")});
  }
  for (const Json& person : json.at("people")) {
    std::vector<int>& hand = key.people.emplace_back();
    for (const Json& pair : person) hand.push_back(position.at(pair.get<std::string>()));
  }
  return key;
}

}  // namespace

StudyKey make_key(const std::vector<StudyPhoto>& photos, int pool, int people, int pairs, uint64_t seed) {
  StudyKey key;
  key.pool = draw_pool(photos, pool, seed);
  key.people = deal_pairs(key.pool, people, pairs, seed);
  uint64_t hash = identity(seed, "study", pairs);  // not of the people: more of them leave the first ones' pairs as they are
  for (const StudyPhoto& photo : key.pool) hash = hash_combine(hash, photo.photo);
  key.study = hexadecimal(hash);
  return key;
}

std::string pair_name(size_t position) {
  char text[24];
  std::snprintf(text, sizeof text, "%03zu", position + 1);
  return text;
}

Path key_file(const Path& folder) {
  return folder / "study_key.json";
}

void write_key(const Path& folder, const StudyKey& key) {
  Json json = {{"format", kFormat}, {"study", key.study}, {"options", key.options}, {"pairs", Json::array()}, {"people", Json::array()}};
  for (size_t i = 0; i < key.pool.size(); ++i) {
    const StudyPhoto& photo = key.pool[i];
    json["pairs"].push_back(
        {{"pair", pair_name(i)}, {"photo", photo.photo}, {"shape", photo.shape}, {"kind", photo.kind}, {"anomalous", photo.anomalous}});
  }
  for (const std::vector<int>& hand : key.people) {
    Json names = Json::array();
    for (const int pair : hand) names.push_back(pair_name(static_cast<size_t>(pair)));
    json["people"].push_back(names);
  }
  write_json_atomic(key_file(folder), json);
}

StudyKey read_key(const Path& folder) {
  const Path file = key_file(folder);
  require_exists(folder, "give the folder that looking3d study make wrote");
  require_exists(file, "give the folder that looking3d study make wrote; it holds the key beside the participants' pages");
  const Json json = read_json(file);
  const std::string hint = "make the study again with the options and data of the first time: it will be the same";
  if (!json.is_object() || json.value("format", Json()) != kFormat)
    throw InputError(file, std::string("is no key of format ") + kFormat, hint);
  try {
    return key_from(json);
  } catch (const InputError& error) {
    throw InputError(file, error.what(), hint);
  } catch (const std::exception&) {  // a field is missing, of another type, or names no pair
    throw InputError(file, "is damaged", hint);
  }
}

}  // namespace looking3d
