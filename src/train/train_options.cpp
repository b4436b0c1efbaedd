#include "train/train_options.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include "base/error.h"

namespace looking3d {
namespace {

void require(bool condition, const char* flag, const std::string& problem, const std::string& hint = "") {
  if (!condition) throw InputError(std::string("--") + flag, problem, hint);
}

bool is_one_of(const std::string& value, std::initializer_list<const char*> choices) {
  return std::any_of(choices.begin(), choices.end(), [&](const char* choice) { return value == choice; });
}

std::vector<std::string> split_list(const std::string& list) {
  std::vector<std::string> items;
  std::istringstream in(list);
  for (std::string item; std::getline(in, item, ',');) items.push_back(item);
  return items;
}

template <class Number>
void fill(Number& value, Number preset) {
  if (value < 0) value = preset;
}

void fill_from(TrainOptions& options, const TrainOptions& preset) {
  fill(options.photos, preset.photos);
  fill(options.shapes, preset.shapes);
  fill(options.train_views, preset.train_views);
  fill(options.learning_rate, preset.learning_rate);
  fill(options.weight_decay, preset.weight_decay);
  fill(options.warmup, preset.warmup);
  fill(options.decay_from, preset.decay_from);
  fill(options.clip, preset.clip);
  fill(options.ema, preset.ema);
  fill(options.val_every, preset.val_every);
}

/// Baselines that tell normal from anomalous photos of a shape by comparing them: a step needs some of both.
bool retrieves(const std::string& method) {
  return method == "lfd" || method == "lin";
}

/// The paper (section 4): Adam, constant rate, nothing averaged, nothing clipped. Its image size is --size 256.
TrainOptions paper_preset(const std::string& method) {
  TrainOptions preset;
  preset.photos = 32, preset.shapes = 32, preset.train_views = 10;
  if (retrieves(method)) preset.shapes = 8;
  preset.learning_rate = 2e-5, preset.weight_decay = 0;
  preset.warmup = 0, preset.decay_from = 1, preset.clip = 0, preset.ema = 0;
  preset.val_every = 2000;
  return preset;
}

TrainOptions looking3d_preset(const std::string& method) {
  TrainOptions preset;
  preset.weight_decay = 0.02, preset.warmup = 100, preset.decay_from = 0.5, preset.clip = 1, preset.ema = 0.998;
  preset.photos = 48, preset.shapes = 48, preset.train_views = 0;
  preset.learning_rate = 5e-4;
  preset.val_every = 500;
  if (method == "cmt") {
    preset.photos = 36, preset.shapes = 6, preset.train_views = 5;
    preset.learning_rate = 3e-4;
  }
  if (retrieves(method)) {
    preset.photos = 48, preset.shapes = 12;
    preset.train_views = method == "lfd" ? 20 : 5;  // a location field is small, and the nearest view should be among them
    preset.learning_rate = 3e-4;
  }
  return preset;
}

}  // namespace

void TrainOptions::visit(OptionVisitor& v) {
  v.field("data", data, "folder of the data set");
  v.field("out", out, "folder of the run: checkpoints, log, weights.safetensors");
  v.field("method", method, "align | cmt | query-only | lfd | lin | viewpoint");
  v.field("preset", preset, "looking3d | paper");
  v.field("size", size, "image side in pixels (a multiple of 32)");
  v.field("photos", photos, "photos a step (-1: the preset's)");
  v.field("shapes", shapes, "shapes a step, for cmt, lfd, lin (-1: the preset's)");
  v.field("train-views", train_views, "reference views of each shape, for cmt, lfd, lin (-1: the preset's)");
  v.field("network", network, "of query-only: resnet | resnet-attention | vit");
  v.field("without", without, "parts of cmt to leave out: cga, vlfa, 3dpe, or several joined by commas");
  v.field("vlfa", vlfa, "local feature alignment of cmt: none | query-view | view-view | both");
  v.field("top-k", top_k, "reference patches that each query patch of cmt attends to, or all (empty: the preset's)");
  v.field("match-first", match_first, "steps in which cmt learns its correspondences alone, before detection counts");
  v.field("inputs", inputs, "rendered channels that align looks at, of shading,depth,normals,outline,edges");
  v.field("fusion", fusion, "early | late: where align joins photo and rendering");
  v.field("detail", detail, "pixels of the photo for each of --size that align compares, each way: 2 looks at photos twice as large");
  v.field("change-map", change_map, "pixel | patch: the finest change map of align");
  v.field("damage-references", damage_references, "lay three of ten photos of align beside a damaged reference");
  v.field("covers", covers, "lay cushions, cloths, hands and the like on the pieces of one photo of eight of align");
  v.field("wrong-cameras", wrong_cameras, "lay one photo of eight of align beside the reference as seen from elsewhere");
  v.field("steps", steps, "length of the training in steps (or --epochs or --minutes)");
  v.field("epochs", epochs, "length of the training in passes over the photos");
  v.field("minutes", minutes, "length of the training in wall-clock minutes");
  v.field("learning-rate", learning_rate, "-1: the preset's");
  v.field("weight-decay", weight_decay, "-1: the preset's");
  v.field("warmup", warmup, "steps of linear rise of the learning rate (-1: the preset's)");
  v.field("decay-from", decay_from, "share of the steps after which the rate falls linearly to 0 (1: never, -1: the preset's)");
  v.field("clip", clip, "largest norm of the gradient (0: any, -1: the preset's)");
  v.field("ema", ema, "decay of the moving average of the weights (0: none, -1: the preset's)");
  v.field("augment", augment, "flips, colours, noise, crops");
  v.field("bf16", bf16, "auto | on | off: half-width arithmetic; auto: where the processor has it, and on a GPU");
  v.field("device", device, "auto | cpu | cuda; auto takes a GPU where there is one");
  v.field("resume", resume, "go on from the run's last checkpoint");
  v.field("init", init, "weights file to start from");
  v.field("seed", seed, "of weights, order and augmentation");
  v.field("workers", workers, "threads that prepare batches");
  v.field("cache-gb", cache_gb, "memory for decoded photos and meshes");
  v.field("checkpoint-every", checkpoint_every, "minutes");
  v.field("val-every", val_every, "steps between validations (0: only at the end, -1: the preset's)");
  v.field("val-photos", val_photos, "photos of the val split to validate on");
  v.field("calibration-photos", calibration_photos, "photos of the val split that probabilities are fitted to in the end (0: not fitted)");
}

void TrainOptions::check() const {
  require(!data.empty(), "data", "is missing", "give the folder of a data set");
  require(!out.empty(), "out", "is missing", "give a folder for the run");
  require(is_one_of(method, {"align", "cmt", "query-only", "lfd", "lin", "viewpoint"}), "method", "is '" + method + "'",
          "align, cmt, query-only, lfd, lin or viewpoint");
  require(is_one_of(preset, {"looking3d", "paper"}), "preset", "is '" + preset + "'", "looking3d or paper");
  require(is_one_of(network, {"resnet", "resnet-attention", "vit"}), "network", "is '" + network + "'", "resnet, resnet-attention or vit");
  require(is_one_of(vlfa, {"none", "query-view", "view-view", "both"}), "vlfa", "is '" + vlfa + "'", "none, query-view, view-view or both");
  for (const std::string& part : split_list(without))
    require(is_one_of(part, {"cga", "vlfa", "3dpe"}), "without", "names '" + part + "'", "cga, vlfa, 3dpe, joined by commas");
  const bool counted = !top_k.empty() && top_k.size() < 7 && top_k.find_first_not_of("0123456789") == std::string::npos;
  require(top_k.empty() || top_k == "all" || (counted && std::stoi(top_k) > 0), "top-k", "is '" + top_k + "'", "a number above 0, or all");
  require(method == "query-only" || network == "resnet", "network", "is for --method query-only");
  require(method == "cmt" || (without.empty() && vlfa == "both" && top_k.empty()), "without",
          "is for --method cmt, as are --vlfa and --top-k");
  require(match_first >= 0, "match-first", "must not be negative");
  require(match_first == 0 || (method == "cmt" && vlfa != "none" && !leaves_out("vlfa")), "match-first",
          "is for --method cmt with its local feature alignment");
  require(is_one_of(fusion, {"early", "late"}), "fusion", "is '" + fusion + "'", "early or late");
  require(is_one_of(change_map, {"pixel", "patch"}), "change-map", "is '" + change_map + "'", "pixel or patch");
  const TrainOptions usual;
  require(method == "align" || (inputs == usual.inputs && fusion == usual.fusion && detail == usual.detail &&
                                change_map == usual.change_map && damage_references && covers && wrong_cameras),
          "inputs",
          "is for --method align, as are --fusion, --detail, --change-map, --no-damage-references, --no-covers and --no-wrong-cameras");
  require(is_one_of(bf16, {"auto", "on", "off"}), "bf16", "is '" + bf16 + "'", "auto, on or off");
  require(is_one_of(device, {"auto", "cpu", "cuda"}), "device", "is '" + device + "'", "auto, cpu or cuda");
  require(size >= 32 && size <= 1024 && size % 32 == 0, "size", "is " + std::to_string(size), "a multiple of 32 from 32 to 1024");
  require((steps > 0) + (epochs > 0) + (minutes > 0) == 1, "minutes", "one of --steps, --epochs and --minutes must be above 0");
  require(photos != 0 && photos <= 4096, "photos", "is " + std::to_string(photos), "1 to 4096");
  require(shapes != 0 && (photos < 0 || shapes <= photos), "shapes", "is " + std::to_string(shapes), "1 to the photos of a step");
  require(learning_rate != 0 && learning_rate < 1, "learning-rate", "must lie between 0 and 1");
  require(weight_decay < 1, "weight-decay", "must be below 1");
  require(ema < 1, "ema", "must be below 1");
  require(decay_from <= 1, "decay-from", "must be at most 1");
  require(workers >= 1 && workers <= 256, "workers", "is " + std::to_string(workers), "1 to 256");
  require(cache_gb > 0, "cache-gb", "must be above 0");
  require(checkpoint_every > 0, "checkpoint-every", "must be above 0");
  require(val_photos >= 1, "val-photos", "must be at least 1");
  require(calibration_photos >= 0, "calibration-photos", "must not be negative");
}

TrainOptions TrainOptions::resolved() const {
  check();
  TrainOptions options = *this;
  if (options.preset == "paper") fill_from(options, paper_preset(options.method));
  fill_from(options, looking3d_preset(options.method));
  if (shapes < 0) options.shapes = std::min(options.shapes, options.photos);
  options.check();
  require(!groups_by_shape() || options.photos % options.shapes == 0, "photos", "must be a multiple of the shapes a step",
          "--photos 36 --shapes 6");
  require(!groups_by_shape() || options.train_views >= 1, "train-views", "must be at least 1");
  return options;
}

bool TrainOptions::groups_by_shape() const {
  return method == "cmt" || retrieves(method);
}

bool TrainOptions::leaves_out(const std::string& part) const {
  const std::vector<std::string> parts = split_list(without);
  return std::find(parts.begin(), parts.end(), part) != parts.end();
}

}  // namespace looking3d
