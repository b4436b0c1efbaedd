#include "dataset/build.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <set>

#include "base/check.h"
#include "base/error.h"
#include "base/log.h"
#include "base/parallel.h"
#include "dataset/disk_space.h"
#include "dataset/layout.h"
#include "dataset/shape_builder.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

/// "i/n" of --shard.
std::pair<int, int> parse_shard(const std::string& shard) {
  int index = 0, count = 0, used = 0;
  const bool good = std::sscanf(shard.c_str(), "%d/%d%n", &index, &count, &used) == 2 && static_cast<size_t>(used) == shard.size();
  if (!good || count < 1 || index < 0 || index >= count)
    throw InputError("--shard", "'" + shard + "' is not i/n with 0 <= i < n", "e.g. 0/2");
  return {index, count};
}

/// Raised whenever the same options give other bytes than before, so that no data set is half of one and half of the other.
constexpr int kGenerator = 2;

/// The options that decide about the bytes of the data set, without those that say where and which part of it to make.
Json deciding_options(const GenerateOptions& options) {
  Json json = to_json(options);
  for (const char* key : {"out", "shard", "only"}) json.erase(key);
  json["generator"] = kGenerator;
  return json;
}

/// Writes options and splits, or proves that the folder was started with the same options.
void start_folder(const GenerateOptions& options, const Plan& plan) {
  const Path root = options.out;
  require_writable_directory(root);
  const Json mine = deciding_options(options);
  const bool begun = std::filesystem::exists(options_file(root));
  if (!begun && std::filesystem::exists(split_file(root))) {
    throw InputError(root, "holds a data set that was not made by generate", "choose another folder");
  }
  Json theirs = begun ? read_json(options_file(root)) : mine;
  if (!theirs.contains("families")) theirs["families"] = "seats";  // begun before there was anything else
  for (const auto& [key, value] : mine.items()) {
    if (theirs.contains(key) && theirs[key] == value) continue;
    const std::string before = theirs.contains(key) ? theirs[key].dump() : "nothing";
    throw InputError(root, "was begun with --" + key + " " + before + ", not " + value.dump(), "use the same options, or another folder");
  }
  // Options first: a shard that starts at the same moment must not take our split.json for a foreign one.
  if (!begun) write_json_atomic(options_file(root), mine);
  if (!std::filesystem::exists(split_file(root))) write_json_atomic(split_file(root), Json(plan.splits()));
}

/// The shapes that this run has to make.
std::vector<const PlannedShape*> pending_shapes(const GenerateOptions& options, const Plan& plan, const OnlyFilter& only) {
  const auto [shard, shards] = parse_shard(options.shard);
  std::vector<const PlannedShape*> pending;
  for (const PlannedShape& shape : plan.shapes()) {
    const bool wanted = only.active() ? only.wants_shape(shape) : !std::filesystem::exists(manifest_file(options.out, shape.id));
    if (wanted && shape.index % shards == shard) pending.push_back(&shape);
  }
  if (only.active() && pending.empty()) throw InputError("--only", "names no shape of this data set", "ids are listed in split.json");
  return pending;
}

int64_t photos_wanted(const PlannedShape& shape) {
  int64_t photos = shape.normal_views;
  for (const PlannedAnomaly& anomaly : shape.anomalies) photos += anomaly.views;
  return photos;
}

void add_counts(const Json& counts, std::map<std::string, int64_t>& sum) {
  for (const auto& [name, count] : counts.items()) sum[name] += count.get<int64_t>();
}

}  // namespace

void GenerateOptions::visit(OptionVisitor& v) {
  v.field("out", out, "folder of the data set");
  v.field("shapes", shapes, "procedural shapes to make");
  v.field("families", families,
          "what is made: seats, furniture, machines, all, or a comma-separated list of categories and families (docs/shapes.md)");
  v.field("shapes-from", shapes_from, "folder of shapes to use instead: each sub-folder or mesh file is one");
  axes.visit(v);
  v.field("seed", seed, "seed of everything");
  v.field("size", size, "side of photos and reference views in pixels");
  v.field("splits", splits, "percent of shapes for train/val/test");
  v.field("all-test", all_test, "put every shape into the test split (those marked test-only by their source.json are there in any case)");
  v.field("shard", shard, "i/n: make only the shapes whose number modulo n is i");
  v.field("only", only, "shape=ID, anomaly=INDEX|KIND|normal, view=INDEX: make just these photos again");
  v.field("samples", samples, "light paths a pixel");
  v.field("anomalous-shapes", anomalous_shapes, "mean number of anomalous variants of a shape");
  v.field("min-visible", min_visible, "least share of the object's pixels that an anomaly must change in a photo");
  style.visit(v);
}

void GenerateOptions::check() const {
  const auto require = [](bool good, const char* flag, const char* problem) {
    if (!good) throw InputError(flag, problem);
  };
  if (out.empty()) throw InputError("--out", "is missing", "name the folder of the data set");
  require(shapes >= 1 && shapes <= 10'000'000, "--shapes", "is not between 1 and 10,000,000");
  require(size >= 32 && size <= 2048 && size % 8 == 0, "--size", "is not a multiple of 8 between 32 and 2048");
  require(samples >= 1 && samples <= 4096, "--samples", "is not between 1 and 4096");
  require(anomalous_shapes >= 0 && anomalous_shapes <= 50, "--anomalous-shapes", "is not between 0 and 50");
  require(min_visible > 0 && min_visible < 1, "--min-visible", "is not between 0 and 1");
  family_names(families);
  axes.check();
  split_sizes(100, splits);
  parse_shard(shard);
  OnlyFilter::parse(only);
  style.check();
}

Json BuildReport::to_json() const {
  Json json;
  json["shapes"] = shapes;
  json["photos"] = photos;
  json["normal_photos"] = normal_photos;
  json["anomalous_photos"] = anomalous_photos;
  json["anomalous_share"] = photos == 0 ? 0.0 : static_cast<double>(anomalous_photos) / static_cast<double>(photos);
  json["photos_by_kind"] = by_kind;
  json["anomalous_shapes_by_kind"] = shapes_by_kind;
  json["refused"] = refused;
  return json;
}

BuildReport collect_report(const Path& root, const std::vector<std::string>& shape_ids) {
  BuildReport report;
  for (const std::string& id : shape_ids) {
    const Path path = manifest_file(root, id);
    if (!std::filesystem::exists(path)) continue;
    const Json manifest = read_json(path);
    ++report.shapes;
    try {
      add_counts(manifest.at("photos_by_kind"), report.by_kind);
      add_counts(manifest.at("anomalous_shapes_by_kind"), report.shapes_by_kind);
      add_counts(manifest.at("refused"), report.refused);
    } catch (const Json::exception& error) {
      throw InputError(path, std::string("is malformed: ") + error.what(), "delete it, and the shape is made again");
    }
  }
  report.normal_photos = report.by_kind["normal"];
  report.by_kind.erase("normal");
  for (const auto& [kind, count] : report.by_kind) report.anomalous_photos += count;
  report.photos = report.normal_photos + report.anomalous_photos;
  return report;
}

BuildReport generate(const GenerateOptions& options) {
  options.check();
  const Plan plan(options);
  const OnlyFilter only = OnlyFilter::parse(options.only);
  const PhotoStock stock(options.style);
  start_folder(options, plan);
  const std::vector<const PlannedShape*> pending = pending_shapes(options, plan, only);
  int64_t photos = 0;
  std::set<std::string> pending_ids;
  for (const PlannedShape* shape : pending) photos += photos_wanted(*shape), pending_ids.insert(shape->id);
  remove_remnants(options.out, [&](const std::string& id) { return pending_ids.contains(id); });
  const auto shapes = static_cast<int64_t>(pending.size());
  if (!only.active()) require_space(options.out, bytes_expected(shapes, photos, options.size), std::to_string(photos) + " photos");

  // Photos of all shapes look alike in time, so shapes are the grain; a shape's manifest is its last file.
  Progress progress("generate", photos, "photos");
  std::atomic<int64_t> made = 0;
  const auto side_by_side = std::min<int64_t>(thread_count(), shapes);
  parallel_for(shapes, [&](int64_t i) {
    if (interrupted()) throw Interrupted("run the same command again to go on; what is on disk is whole");
    const PlannedShape& shape = *pending[static_cast<size_t>(i)];
    require_space(options.out, bytes_expected(side_by_side, side_by_side * photos_wanted(shape), options.size), "the next shapes");
    ShapeBuilder builder(plan, options, stock, only, shape, progress);
    builder.build();
    made += builder.photos();
  });
  if (only.active() && made == 0) throw InputError("--only", "names no photo that passes quality control", "see build_report.json");

  std::vector<std::string> ids;
  for (const PlannedShape& shape : plan.shapes()) ids.push_back(shape.id);
  const BuildReport report = collect_report(options.out, ids);
  write_json_atomic(report_file(options.out), report.to_json());
  return report;
}

}  // namespace looking3d
