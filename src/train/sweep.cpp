#include "train/sweep.h"

#include <cstdio>
#include <map>
#include <set>

#include "base/error.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "base/random.h"
#include "engine/correspondences.h"
#include "model/weights.h"
#include "train/judge.h"

namespace looking3d {
namespace {

/// A number above 0, or the word "all" where allowed, which is 0.
int count_of(const std::string& text, const char* flag, bool or_all) {
  if (or_all && text == "all") return 0;
  const bool digits = !text.empty() && text.size() < 7 && text.find_first_not_of("0123456789") == std::string::npos;
  if (!digits || std::stoi(text) == 0)
    throw InputError(flag, "lists '" + text + "'", or_all ? "numbers above 0, or all" : "numbers above 0");
  return std::stoi(text);
}

struct Cell {
  std::string name;  ///< in files: "k 10, 5 views"
  MatchSetting setting;
};

/// All settings, k by k.
std::vector<Cell> cells_of(const SweepOptions& options) {
  std::vector<Cell> cells;
  for (const std::string& k : options.top_k)
    for (const std::string& views : options.test_views)
      cells.push_back({"k " + k + ", " + views + " views", {count_of(k, "--top-k", true), count_of(views, "--test-views", false)}});
  return cells;
}

/// A weights file of the sweep, and where its logits are kept: in a folder named by what is in the file, so that other weights under the
/// same name start afresh.
struct SweptWeights {
  std::string name;
  int train_views = 0;  ///< 0: the file does not say
  std::unique_ptr<Detector> detector;
  Path folder;
  const MatchingDetector& matching() const { return dynamic_cast<const MatchingDetector&>(*detector); }
};

SweptWeights open_weights(const Path& path, const Path& out) {
  SweptWeights weights;
  weights.detector = Detector::open(path);
  if (dynamic_cast<const MatchingDetector*>(weights.detector.get()) == nullptr) {
    throw InputError(path, "is of the method " + weights.detector->info().method, "a sweep varies what cmt attends to");
  }
  const bool plain_name = path.stem() == "weights" && path.has_parent_path();  // runs/NAME/weights.safetensors
  weights.name = (plain_name ? path.parent_path().filename() : path.stem()).string();
  const Json metadata = read_tensors(path).metadata;
  const Json options = metadata.value("options", Json::object());
  weights.train_views = options.value("train-views", options.value("views", 0));
  char mark[24];
  std::snprintf(mark, sizeof mark, "-%016llx", static_cast<unsigned long long>(identity(0, read_file(path))));
  weights.folder = out / "judged" / (weights.name + mark);
  return weights;
}

/// Logits of one shape's photos: {cell: {photo: logit}}.
Json read_logits(const Path& file) {
  return std::filesystem::exists(file) ? read_json(file) : Json::object();
}

bool has_logit(const Json& logits, const Cell& cell, const std::string& photo) {
  return logits.contains(cell.name) && logits[cell.name].contains(photo);
}

/// Judges what `logits` lacks; true when that was anything.
bool judge_shape(const SweptWeights& weights, const DataSet& data, const std::vector<size_t>& photos, const std::vector<Cell>& cells,
                 const ReferenceChoice& choice, Json& logits) {
  std::optional<ReferenceData> reference;
  for (const size_t sample : photos) {
    const std::string& name = data.samples()[sample].name;
    std::optional<PreparedPhoto> photo;
    for (const Cell& cell : cells) {
      if (has_logit(logits, cell, name)) continue;
      const std::string& shape = data.samples()[sample].shape_id;
      if (!reference) reference = reference_of(*weights.detector, data, shape, choice);
      if (static_cast<size_t>(cell.setting.views) > reference->views.size()) {
        throw InputError("--test-views", "asks for " + std::to_string(cell.setting.views) + " views, shape " + shape + " has " +
                                             std::to_string(reference->views.size()));
      }
      if (!photo) photo = prepared_photo(*weights.detector, data, sample);
      logits[cell.name][name] = photo ? weights.matching().detect_as(*reference, *photo, cell.setting).logit : 0;
    }
  }
  return reference.has_value();
}

/// One row of the sweep: AUC of each cell.
Json judge_weights(const SweptWeights& weights, const DataSet& data, const std::vector<size_t>& samples, const std::vector<Cell>& cells,
                   const ReferenceChoice& choice) {
  std::map<std::string, std::vector<size_t>> by_shape;
  for (const size_t sample : samples) by_shape[data.samples()[sample].shape_id].push_back(sample);
  Progress progress("sweep " + weights.name, static_cast<int64_t>(samples.size()), "photos");
  std::vector<std::vector<LabelledScore>> cases(cells.size());
  std::vector<std::string> shapes;
  for (const auto& [shape, photos] : by_shape) {
    if (interrupted()) throw Interrupted("what is judged is kept; run the same command again to go on");
    const Path file = weights.folder / (shape + ".json");
    Json logits = read_logits(file);
    if (judge_shape(weights, data, photos, cells, choice, logits)) write_json_atomic(file, logits);
    for (const size_t sample : photos) {
      const Sample& photo = data.samples()[sample];
      shapes.push_back(shape);
      for (size_t c = 0; c < cells.size(); ++c) cases[c].push_back({logits[cells[c].name][photo.name].get<double>(), photo.anomalous});
    }
    progress.advance(static_cast<int64_t>(photos.size()));
  }

  Json row = {{"weights", weights.name}, {"train_views", weights.train_views > 0 ? Json(weights.train_views) : Json()}};
  const auto area = [](const std::vector<LabelledScore>& drawn) { return auc(drawn); };
  for (const std::vector<LabelledScore>& cell : cases)
    row["auc"].push_back(with_interval(auc(cell), bootstrap_interval(cell, shapes, area)));
  return row;
}

/// Logits in the folder belong to one data set and one kind of view.
void require_same_source(const SweepOptions& options) {
  const Path file = Path(options.out) / "sweep.json";
  if (!std::filesystem::exists(file)) return;
  const Json before = read_json(file).value("options", Json::object());
  for (const auto& [key, now] : {std::pair("data", options.data), std::pair("views-from", options.views_from)}) {
    if (before.value(key, now) != now)
      throw InputError(options.out, std::string("holds a sweep with --") + key + " " + before.value(key, ""), "give another folder");
  }
}

}  // namespace

void SweepOptions::visit(OptionVisitor& v) {
  v.field("data", data, "folder of the data set");
  v.field("weights", weights, "weights files of cmt, joined by commas: a row each, named by the views it was trained with");
  v.field("out", out, "folder for sweep.json, sweep.md and sweep.html; what is judged there already is kept");
  v.field("top-k", top_k, "reference patches that each photo patch attends to: numbers, or all");
  v.field("test-views", test_views, "reference views, evenly spread");
  v.field("split", split, "train, val or test");
  v.field("photos", photos, "photos to judge, evenly drawn from the split (0: all)");
  v.field("views-from", views_from, "stored | mesh: the data set's own views, or the mesh rendered anew");
}

void SweepOptions::check() const {
  if (weights.empty()) throw InputError("--weights", "is missing", "give weights files of cmt, joined by commas");
  if (top_k.empty() || test_views.empty()) throw InputError("--top-k, --test-views", "must each list something");
  cells_of(*this);
  if (photos < 0) throw InputError("--photos", "must not be negative", "0 takes the whole split");
  if (views_from != "stored" && views_from != "mesh") throw InputError("--views-from", "is '" + views_from + "'", "stored or mesh");
}

Json sweep(const SweepOptions& options) {
  options.check();
  const DataSet data = DataSet::open(options.data);
  const std::vector<size_t> samples = evenly(data.samples_of(options.split), options.photos);
  require_writable_directory(options.out);
  require_same_source(options);
  std::vector<SweptWeights> weights;
  for (const std::string& path : options.weights) weights.push_back(open_weights(path, options.out));

  std::set<std::string> shapes;
  for (const size_t sample : samples) shapes.insert(data.samples()[sample].shape_id);
  Json result = {{"options", to_json(options)}, {"photos", samples.size()},         {"shapes", shapes.size()},
                 {"top_k", options.top_k},      {"test_views", options.test_views}, {"rows", Json::array()}};
  const Path file = Path(options.out) / "sweep.json";
  write_json_atomic(file, result);
  for (const SweptWeights& swept : weights) {
    result["rows"].push_back(judge_weights(swept, data, samples, cells_of(options), {options.views_from, 0}));
  }
  write_json_atomic(file, result);
  write_file_atomic(Path(options.out) / "sweep.md", sweep_tables(result));
  return result;
}

std::string sweep_tables(const Json& sweep) {
  std::string text = "AUC [95 % interval] of " + std::to_string(sweep["photos"].get<int64_t>()) + " photos of " +
                     std::to_string(sweep["shapes"].get<int64_t>()) + " shapes\n";
  for (const Json& row : sweep["rows"]) {
    text += "\n" + row["weights"].get<std::string>();
    if (row["train_views"].is_number()) text += ", trained with " + row["train_views"].dump() + " views";
    std::string head = "| k |", rule = "|---|", lines;
    for (const Json& views : sweep["test_views"]) head += " " + views.get<std::string>() + " views |", rule += "---|";
    size_t cell = 0;
    for (const Json& k : sweep["top_k"]) {
      lines += "| " + k.get<std::string>() + " |";
      for (size_t i = 0; i < sweep["test_views"].size(); ++i) lines += " " + interval_text(row["auc"][cell++]) + " |";
      lines += "\n";
    }
    text += "\n\n" + head + "\n" + rule + "\n" + lines;
  }
  return text;
}

}  // namespace looking3d
