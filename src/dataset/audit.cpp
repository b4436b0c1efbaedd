#include "dataset/audit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>

#include "base/error.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "base/random.h"
#include "dataset/audit_photo.h"
#include "dataset/contact_sheet.h"
#include "dataset/layout.h"

namespace looking3d {
namespace {

constexpr double kMostShortcut = 0.60;  ///< AUC of trivial statistics from which a data set teaches the wrong thing
constexpr double kMostTold = 0.05;      ///< share of a class that may have something which the other class lacks
constexpr size_t kShownFailures = 5;

/// A named law of the data set and where it is broken.
class Check {
 public:
  explicit Check(const std::string& name) : name_(name) {}
  void look(int64_t count = 1) { looked_at_ += count; }
  void fail(const std::string& where) {
    ++failures_;
    if (first_.size() < kShownFailures) first_.push_back(where);
  }
  bool passed() const { return failures_ == 0; }
  Json to_json() const {
    return {{"name", name_}, {"passed", passed()}, {"looked_at", looked_at_}, {"failures", failures_}, {"first", first_}};
  }

 private:
  std::string name_;
  int64_t looked_at_ = 0, failures_ = 0;
  std::vector<std::string> first_;
};

std::map<std::string, std::string> split_of_shapes(const DataSet& data) {
  std::map<std::string, std::string> split_of;
  for (const auto& [split, ids] : data.splits())
    for (const std::string& id : ids) split_of[id] = split;
  return split_of;
}

/// Facts of the chosen photos, in their order.
std::vector<PhotoFacts> look_into(const DataSet& data, const std::vector<size_t>& chosen,
                                  const std::map<std::string, std::string>& split_of) {
  std::map<std::string, std::vector<size_t>> by_shape;  // positions in `chosen`
  for (size_t i = 0; i < chosen.size(); ++i) by_shape[data.samples()[chosen[i]].shape_id].push_back(i);
  std::vector<const std::pair<const std::string, std::vector<size_t>>*> shapes;
  for (const auto& entry : by_shape) shapes.push_back(&entry);

  std::vector<PhotoFacts> facts(chosen.size());
  Progress progress("audit", static_cast<int64_t>(chosen.size()), "photos");
  parallel_for(static_cast<int64_t>(shapes.size()), [&](int64_t s) {
    if (interrupted()) throw Interrupted("an audit starts again from the first photo");
    const auto& [id, positions] = *shapes[static_cast<size_t>(s)];
    std::optional<AuditedShape> whole;
    if (data.has_mesh(id)) whole.emplace(data.load_mesh(id));
    for (const size_t i : positions) {
      facts[i] = audit_photo(data, data.samples()[chosen[i]], whole ? &*whole : nullptr, split_of);
      progress.advance();
    }
  });
  return facts;
}

std::vector<Check> photo_checks(const std::vector<PhotoFacts>& facts) {
  std::vector<Check> checks(kFlawNames.begin(), kFlawNames.end());
  for (const PhotoFacts& photo : facts) {
    for (size_t flaw = 0; flaw < checks.size(); ++flaw)
      if (photo.looked_at[flaw]) checks[flaw].look();
    for (const auto& [flaw, where] : photo.flaws) checks[static_cast<size_t>(flaw)].fail(where);
  }
  return checks;
}

/// Photos that occur twice, and looks (material and light draws) that stand in two splits.
void check_leaks(const DataSet& data, const std::vector<size_t>& chosen, const std::vector<PhotoFacts>& facts,
                 const std::map<std::string, std::string>& split_of, std::vector<Check>& checks) {
  Check twins("no photo occurs twice"), looks("no seed of a look stands in two splits");
  std::map<uint64_t, const Sample*> by_hash, by_look;
  for (size_t i = 0; i < facts.size(); ++i) {
    const Sample& sample = data.samples()[chosen[i]];
    twins.look();
    const auto [twin, first] = by_hash.emplace(facts[i].hash, &sample);
    if (!first) twins.fail(sample.name + " is " + twin->second->name);
    if (facts[i].appearance_seed == 0) continue;
    looks.look();
    const Sample& before = *by_look.emplace(facts[i].appearance_seed, &sample).first->second;
    if (split_of.at(before.shape_id) != split_of.at(sample.shape_id)) looks.fail(sample.name + " looks like " + before.name);
  }
  checks.push_back(twins);
  checks.push_back(looks);
}

/// Something of a photo's files that only whole or only damaged pieces have tells them apart without a look at the picture.
void check_tells(const std::string& name, const DataSet& data, const std::vector<size_t>& chosen, const std::vector<PhotoFacts>& facts,
                 std::string PhotoFacts::*value, std::vector<Check>& checks) {
  std::map<std::string, std::array<int64_t, 2>> counts;  // of normal and anomalous photos
  std::array<int64_t, 2> totals{};
  for (size_t i = 0; i < facts.size(); ++i) {
    if ((facts[i].*value).empty()) continue;
    const size_t anomalous = data.samples()[chosen[i]].anomalous ? 1 : 0;
    ++counts[facts[i].*value][anomalous];
    ++totals[anomalous];
  }
  Check check(name);
  const bool both = totals[0] > 0 && totals[1] > 0;  // published sets annotate damaged pieces alone
  if (both) check.look(totals[0] + totals[1]);
  for (const auto& [text, count] : counts) {
    for (const size_t one : {0, 1})
      if (both && count[1 - one] == 0 && static_cast<double>(count[one]) > kMostTold * static_cast<double>(totals[one]))
        check.fail("'" + text + "' stands for " + std::to_string(count[one]) + (one == 0 ? " normal" : " anomalous") + " photos alone");
  }
  checks.push_back(check);
}

/// Geometry that stands in two splits under two names.
void check_meshes(const DataSet& data, const std::map<std::string, std::string>& split_of, std::vector<Check>& checks) {
  Check check("no mesh stands in two splits");
  std::vector<std::string> ids;
  for (const auto& [id, split] : split_of)
    if (data.has_mesh(id)) ids.push_back(id);
  std::vector<uint64_t> hashes(ids.size());
  parallel_for(static_cast<int64_t>(ids.size()), [&](int64_t i) {
    uint64_t hash = 0;
    for (const Eigen::Vector3f& v : data.load_mesh(ids[static_cast<size_t>(i)]).all_vertices())
      for (const float x : v) hash = hash_combine(hash, static_cast<uint64_t>(std::llround(x * 1e5)));
    hashes[static_cast<size_t>(i)] = hash;
  });
  std::map<uint64_t, std::string> by_hash;
  for (size_t i = 0; i < ids.size(); ++i) {
    check.look();
    const std::string& before = by_hash.emplace(hashes[i], ids[i]).first->second;
    if (split_of.at(before) != split_of.at(ids[i])) check.fail(ids[i] + " is " + before);
  }
  checks.push_back(check);
}

Json spread_json(std::vector<double> values) {
  if (values.empty()) return nullptr;
  std::sort(values.begin(), values.end());
  return {{"min", values.front()}, {"median", values[values.size() / 2]}, {"max", values.back()}};
}

/// The paper's table 1 for one split: shapes, photos, kinds, photos of each shape.
Json counts_json(const DataSet& data, const std::set<std::string>& shapes) {
  std::map<std::string, int64_t> kinds;
  std::map<std::string, int64_t> normal_views;                           // by shape
  std::map<std::pair<std::string, std::string>, int64_t> anomaly_views;  // by shape and label, which numbers the anomalous variants (ours)
  int64_t anomalous = 0, photos = 0;
  for (const Sample& sample : data.samples()) {
    if (!shapes.contains(sample.shape_id)) continue;
    ++photos;
    ++kinds[sample.kind];
    anomalous += sample.anomalous;
    if (sample.anomalous) {
      ++anomaly_views[{sample.shape_id, photo_name(sample).label}];
    } else {
      ++normal_views[sample.shape_id];
    }
  }
  const auto counts_of = [](const auto& map) {
    std::vector<double> counts;
    for (const auto& [key, count] : map) counts.push_back(static_cast<double>(count));
    return counts;
  };
  return {{"shapes", shapes.size()},
          {"photos", photos},
          {"anomalous_photos", anomalous},
          {"anomalous_share", photos > 0 ? static_cast<double>(anomalous) / static_cast<double>(photos) : 0.0},
          {"anomalous_shapes", anomaly_views.size()},
          {"photos_by_kind", kinds},
          {"photos_of_a_normal_shape", spread_json(counts_of(normal_views))},
          {"photos_of_an_anomalous_shape", spread_json(counts_of(anomaly_views))}};
}

Json all_counts(const DataSet& data) {
  Json counts;
  std::set<std::string> all;
  for (const char* split : {"train", "val", "test"}) {
    const std::vector<std::string>& ids = data.splits().at(split);
    counts[split] = counts_json(data, {ids.begin(), ids.end()});
    all.insert(ids.begin(), ids.end());
  }
  counts["all"] = counts_json(data, all);
  return counts;
}

/// Counts of values in bins whose limits double: {"limits": [..], "counts": {kind: [..]}}.
Json histogram_json(const DataSet& data, const std::vector<size_t>& chosen, const std::vector<PhotoFacts>& facts,
                    double PhotoFacts::*value) {
  constexpr std::array kLimits = {0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64};
  std::map<std::string, std::vector<int64_t>> counts;
  for (size_t i = 0; i < facts.size(); ++i) {
    const Sample& sample = data.samples()[chosen[i]];
    if (!sample.anomalous || std::isnan(facts[i].*value)) continue;
    std::vector<int64_t>& bins = counts[sample.kind];
    bins.resize(kLimits.size() + 1);
    ++bins[static_cast<size_t>(std::upper_bound(kLimits.begin(), kLimits.end(), facts[i].*value) - kLimits.begin())];
  }
  return {{"limits", kLimits}, {"counts", counts}};
}

Json shortcut_json(const std::vector<PhotoFacts>& facts, std::vector<Check>& checks) {
  std::vector<ShortcutCase> cases;
  for (const PhotoFacts& photo : facts)
    if (photo.trivial) cases.push_back(*photo.trivial);
  const ShortcutResult result = shortcut_test(cases);
  Check check("trivial statistics tell nothing (AUC at most 0.60)");
  if (!std::isnan(result.auc)) {
    check.look(static_cast<int64_t>(cases.size()));
    if (result.auc > kMostShortcut) check.fail("AUC " + std::to_string(result.auc));
  }
  checks.push_back(check);
  if (std::isnan(result.auc)) return nullptr;
  Json alone = Json::object();
  for (const auto& [name, area] : result.alone) alone[name] = area;
  return {{"auc", result.auc}, {"low", result.interval.low}, {"high", result.interval.high}, {"alone", alone}};
}

void write_pictures(const DataSet& data, const Path& out, int cell_px) {
  ContactSheetOptions layout;
  layout.cell_px = cell_px;
  write_png(out / "photos.png", contact_sheet(data, layout));
  write_png(out / "shapes.png", shape_sheet(data, layout));
  write_png(out / "anomalies.png", anomaly_sheet(data, layout));
  for (const AnomalyKind kind : kAllAnomalyKinds) write_png(out / (name_of(kind) + ".png"), kind_sheet(data, name_of(kind), layout));
}

}  // namespace

void AuditOptions::visit(OptionVisitor& v) {
  v.field("data", data, "folder of the data set");
  v.field("out", out, "folder for audit.json, audit.html and contact sheets (default: DATA/audit)");
  v.field("photos", photos, "photos to look into, evenly drawn (0: all)");
  v.field("cell", cell, "side of a picture on the contact sheets in pixels");
}

void AuditOptions::check() const {
  if (photos < 0) throw InputError("--photos", "must not be negative", "0 takes all");
  if (cell < 32 || cell > 1024) throw InputError("--cell", "is not between 32 and 1024");
}

Json audit(const AuditOptions& options) {
  options.check();
  const DataSet data = DataSet::open(options.data);
  const std::map<std::string, std::string> split_of = split_of_shapes(data);
  if (!options.out.empty()) require_writable_directory(options.out);
  std::vector<size_t> all(data.samples().size());
  std::iota(all.begin(), all.end(), size_t{0});
  const std::vector<size_t> chosen = evenly(all, options.photos);

  const std::vector<PhotoFacts> facts = look_into(data, chosen, split_of);
  std::vector<Check> checks = photo_checks(facts);
  check_leaks(data, chosen, facts, split_of, checks);
  check_meshes(data, split_of, checks);
  check_tells("photo files are made alike", data, chosen, facts, &PhotoFacts::makeup, checks);
  check_tells("annotations have the same keys", data, chosen, facts, &PhotoFacts::keys, checks);
  const Json shortcut = shortcut_json(facts, checks);

  Json result = {{"options", to_json(options)},
                 {"passed", std::all_of(checks.begin(), checks.end(), [](const Check& c) { return c.passed(); })},
                 {"photos_looked_into", facts.size()},
                 {"counts", all_counts(data)},
                 {"checks", Json::array()},
                 {"shortcut", shortcut},
                 {"visible_size", histogram_json(data, chosen, facts, &PhotoFacts::visible_size)},
                 {"magnitude", histogram_json(data, chosen, facts, &PhotoFacts::magnitude)}};
  for (const Check& check : checks) result["checks"].push_back(check.to_json());
  if (!options.out.empty()) {
    write_json_atomic(Path(options.out) / "audit.json", result);
    write_file_atomic(Path(options.out) / "audit.html", audit_page(result));
    write_pictures(data, options.out, options.cell);
  }
  return result;
}

}  // namespace looking3d
