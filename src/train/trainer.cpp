#include "train/trainer.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include "base/check.h"
#include "base/error.h"
#include "base/log.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "base/random.h"
#include "model/batch_norm.h"
#include "train/checkpoint.h"
#include "train/judge.h"
#include "train/learning_rate.h"
#include "train/train.h"

namespace looking3d {
namespace {

constexpr int kMostBadSteps = 10;
constexpr double kReportSeconds = 10;
constexpr int kLogEvery = 20;  // steps

Path last_file(const TrainOptions& options) {
  return Path(options.out) / "last.ckpt";
}
Path weights_file(const TrainOptions& options) {
  return Path(options.out) / "weights.safetensors";
}
Path log_file(const TrainOptions& options) {
  return Path(options.out) / "log.jsonl";
}

OptimizerOptions optimizer_options(const TrainOptions& options) {
  OptimizerOptions result;
  result.weight_decay = options.weight_decay;
  result.clip = options.clip;
  result.ema = options.ema;
  return result;
}

/// Options that may differ between a run and its continuation.
bool may_change(const std::string& key) {
  for (const char* free : {"out", "resume", "workers", "cache-gb", "checkpoint-every", "data", "device"})
    if (key == free) return true;
  return false;
}

/// Tells options that make different trainings apart.
int64_t fingerprint(const TrainOptions& options) {
  const Json json = to_json(options);
  uint64_t hash = 0;
  for (const auto& [key, value] : json.items())
    if (!may_change(key)) hash = identity(hash, key, value.dump());
  return static_cast<int64_t>(hash);
}

void require_same_options(const Json& before, const Json& now, const Path& where) {
  for (const auto& [key, value] : now.items()) {
    if (may_change(key) || !before.contains(key) || before[key] == value) continue;
    throw InputError(where, "was made with --" + key + " " + before[key].dump() + ", not " + value.dump(),
                     "resume with the same options, or start in another folder");
  }
}

/// A method with its first weights: drawn from the seed, or those of --init. All processes get rank 0's.
std::unique_ptr<Method> start_method(const TrainOptions& options, const DataSet& data, const ProcessGroup& group) {
  torch::manual_seed(identity(options.seed, "weights"));
  std::unique_ptr<Method> method = make_method(options, data, group);
  torch::nn::Module& network = method->network();
  if (!options.init.empty() && !options.resume)
    load_state(network, method->first_weights(read_tensors(options.init).tensors), "", options.init);
  network.to(group.device());
  if (group.size() == 1) return method;
  group.require_same(fingerprint(options), "the set of options");
  group.require_same(method->photos_in_pass(), "the number of training photos");
  for (const auto& [name, tensor] : state_of(network)) group.broadcast(tensor);
  synchronise_batch_norms(network, [&group](torch::Tensor tensor) { group.sum(std::move(tensor)); });
  return method;
}

std::string number_text(double value, const char* format) {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

}  // namespace

Json TrainState::to_json() const {
  return {{"step", step},       {"total_steps", total_steps}, {"photos", photos},
          {"seconds", seconds}, {"bad_steps", bad_steps},     {"best", std::isnan(best) ? Json() : Json(best)}};
}

TrainState TrainState::from_json(const Json& json, const Path& where) {
  TrainState state;
  try {
    state.step = json.at("step");
    state.total_steps = json.at("total_steps");
    state.photos = json.at("photos");
    state.seconds = json.at("seconds");
    state.bad_steps = json.at("bad_steps");
    const Json& best =
        json.at(json.contains("best") ? "best" : "best_auc");  // the second: checkpoints from before there were other measures
    if (!best.is_null()) state.best = best;
  } catch (const Json::exception&) {
    throw InputError(where, "holds a malformed training state");
  }
  return state;
}

Trainer::Trainer(const TrainOptions& options)
    : options_(options.resolved()),
      meeting_(Rendezvous::from_environment()),
      group_(meeting_, device_of(options_.device, meeting_.rank)),
      data_(DataSet::open(options.data)),
      method_(start_method(options_, data_, group_)),
      optimizer_(method_->network(), optimizer_options(options_)),
      val_samples_(val_samples(data_, options_.val_photos)) {
  if (group_.leads()) open_run();
  if (options_.resume) resume();
  group_.require_same(state_.step, "the step of the checkpoint");
  if (group_.leads()) write_json_atomic(Path(options_.out) / "options.json", to_json(options_));
  if (options_.steps > 0) state_.total_steps = options_.steps;
  if (options_.epochs > 0) {
    const double photos = options_.epochs * static_cast<double>(method_->photos_in_pass());
    state_.total_steps = std::max<int64_t>(1, std::llround(photos / options_.photos));
  }
  if (group_.leads()) events_.emplace(options_.out, state_.step);
}

void Trainer::open_run() {
  require_writable_directory(options_.out);
  if (options_.resume) return;
  if (std::filesystem::exists(last_file(options_))) {
    throw InputError(options_.out, "already holds a training", "add --resume to go on with it, or give another folder");
  }
  std::filesystem::remove(log_file(options_));
}

void Trainer::resume() {
  const Path path = last_file(options_);
  require_exists(path, "there is no training to resume; leave --resume out");
  const Json json = load_checkpoint(path, method_->network(), optimizer_);
  if (!json.contains("options") || !json.contains("state")) throw InputError(path, "holds a malformed training state");
  require_same_options(json["options"], to_json(options_), path);
  state_ = TrainState::from_json(json["state"], path);
  photos_reported_ = state_.photos;
  if (!group_.leads()) return;

  // Lines that were logged after the checkpoint are written again.
  std::string kept;
  std::ifstream in(log_file(options_));
  for (std::string line; std::getline(in, line);) {
    const Json entry = Json::parse(line, nullptr, false);
    if (entry.is_object() && entry.value("step", int64_t{0}) <= state_.step) kept += line + "\n";
  }
  write_file_atomic(log_file(options_), kept);
}

void Trainer::run() {
  at::set_num_threads(thread_count());
  say("train " + options_.method + ": " + std::to_string(method_->photos_in_pass()) + " photos, from step " + std::to_string(state_.step) +
      (group_.size() > 1 ? ", " + std::to_string(group_.size()) + " processes" : ""));
  method_->start(state_.step);
  while (!finished()) {
    train_step();
    after_step();
    if (stopping()) {
      save_checkpoint();
      throw Interrupted("step " + std::to_string(state_.step) + " is saved; add --resume to go on");
    }
  }
  validate();
  save_checkpoint();
}

bool Trainer::finished() const {
  return state_.total_steps > 0 && state_.step >= state_.total_steps;
}

bool Trainer::stopping() const {
  return group_.size() > 1 ? stop_agreed_ : interrupted();
}

void Trainer::say(const std::string& line) const {
  if (group_.leads()) log_info(line);
}

double Trainer::seconds() const {
  return state_.seconds + std::chrono::duration<double>(Clock::now() - started_).count();
}

void Trainer::train_step() {
  // Draws inside the network and its loss depend on the step alone.
  torch::manual_seed(identity(options_.seed, "step", state_.step));
  const double rate = learning_rate_at(state_.step, state_.total_steps, options_.learning_rate, options_.warmup, options_.decay_from);
  StepLoss loss = method_->loss();
  loss.total.backward();
  join(loss);
  const double norm = optimizer_.step(rate);
  ++state_.step;
  state_.photos += loss.photos;

  if (std::isfinite(norm) && std::isfinite(loss.total.item<double>())) {
    state_.bad_steps = 0;
  } else if (++state_.bad_steps >= kMostBadSteps) {
    throw InputError("--learning-rate", "training diverged: " + std::to_string(kMostBadSteps) + " steps without a finite gradient",
                     "lower it, or clip the gradient (--clip 1)");
  }
  log_step(loss, rate, norm);
}

/// Makes one step of the steps of all processes: adds up gradients and losses, and settles what each might see differently: whether to
/// stop, and the time.
void Trainer::join(StepLoss& loss) {
  seconds_agreed_ = seconds();
  if (group_.size() == 1) return;
  std::vector<torch::Tensor> gradients;
  for (const torch::Tensor& weight : method_->network().parameters())
    if (weight.grad().defined()) gradients.push_back(weight.grad());
  group_.sum(gradients);

  std::vector<double> values = {interrupted() ? 1.0 : 0.0, group_.leads() ? seconds_agreed_ : 0.0, static_cast<double>(loss.photos),
                                loss.total.item<double>()};
  for (const auto& [name, part] : loss.parts) values.push_back(part.item<double>());
  const torch::Tensor sums = group_.sum(torch::tensor(values, torch::kDouble));
  stop_agreed_ = sums[0].item<double>() > 0;
  seconds_agreed_ = sums[1].item<double>();
  loss.photos = std::llround(sums[2].item<double>());
  loss.total = sums[3];
  for (size_t i = 0; i < loss.parts.size(); ++i) loss.parts[i].second = sums[static_cast<int64_t>(4 + i)];
}

void Trainer::after_step() {
  if (state_.total_steps == 0) fix_length();
  if (options_.val_every > 0 && state_.step % options_.val_every == 0 && !finished()) validate();
  if (std::chrono::duration<double>(Clock::now() - checkpointed_).count() > 60 * options_.checkpoint_every) save_checkpoint();
}

void Trainer::fix_length() {
  state_.total_steps = steps_for_budget(state_.step, seconds_agreed_, 60 * options_.minutes, options_.decay_from);
  if (state_.total_steps > 0) say("train: " + std::to_string(state_.total_steps) + " steps will fill the time");
}

/// Each process scores its share of the photos; all get all scores. A method may leave photos out.
std::vector<LabelledScore> Trainer::val_scores() {
  if (group_.size() == 1) return method_->scores(val_samples_);
  const auto count = static_cast<int64_t>(val_samples_.size());
  int64_t row = group_.share().begin(count);
  const torch::Tensor table = torch::zeros({count, 3}, torch::kDouble);  // score, positive, present
  for (const LabelledScore& own : method_->scores({val_samples_.begin() + row, val_samples_.begin() + group_.share().end(count)})) {
    table[row++].copy_(torch::tensor({own.score, own.positive ? 1.0 : 0.0, 1.0}, torch::kDouble));
  }
  group_.sum(table);
  std::vector<LabelledScore> scores;
  const auto cells = table.accessor<double, 2>();
  for (int64_t i = 0; i < count; ++i)
    if (cells[i][2] > 0) scores.push_back({cells[i][0], cells[i][1] > 0});
  return scores;
}

void Trainer::validate() {
  optimizer_.swap_average();
  if (val_samples_.empty()) {
    save_weights();
  } else {
    const std::vector<LabelledScore> scores = val_scores();
    const std::vector<Measure> measures = method_->measures(scores);
    const double value = measures.front().value;
    const bool is_best = std::isnan(state_.best) || value >= state_.best;
    if (is_best) {
      state_.best = value;
      save_weights();
    }
    Json line = {{"step", state_.step}, {"minutes", seconds() / 60}};
    std::string text;
    for (const Measure& measure : measures) {
      line[measure.name] = measure.value;
      text += ", " + measure.name + " " + number_text(measure.value, "%.4f");
    }
    write_log(line);
    say("train: step " + std::to_string(state_.step) + text + (is_best ? ", best so far" : ""));
  }
  optimizer_.swap_average();
}

void Trainer::save_weights() {
  if (!group_.leads()) return;
  write_tensors(weights_file(options_), state_of(method_->network()),
                {{"format", "looking3d-weights-1"},
                 {"method", options_.method},
                 {"network", method_->network_options()},
                 {"size", std::to_string(options_.size)},
                 {"options", to_json(options_)},
                 {"trained", trained_json()}});
}

void Trainer::save_checkpoint() {
  if (!group_.leads()) return;
  TrainState state = state_;
  state.seconds = seconds();
  looking3d::save_checkpoint(last_file(options_), method_->network(), optimizer_,
                             {{"options", to_json(options_)}, {"state", state.to_json()}});
  checkpointed_ = Clock::now();
}

std::string Trainer::best_measure() const {
  return method_->measures({}).front().name;
}

Json Trainer::trained_json() const {
  return {{"data", Path(options_.data).filename().string()},
          {"training_photos", method_->photos_in_pass()},
          {"steps", state_.step},
          {"photos_seen", state_.photos},
          {"minutes", seconds() / 60},
          {best_measure(), std::isnan(state_.best) ? Json() : Json(state_.best)},
          {"val_photos", val_samples_.size()}};
}

void Trainer::write_log(const Json& line) {
  if (!group_.leads()) return;
  std::ofstream out(log_file(options_), std::ios::app);
  out << line.dump() << "\n";
  if (!out.flush()) throw InputError(log_file(options_), "cannot be written", "is the disk full?");
  std::vector<std::pair<std::string, double>> scalars;
  for (const auto& [name, value] : line.items())
    if (name != "step" && value.is_number()) scalars.emplace_back(name, value.get<double>());
  events_->add(state_.step, scalars);
}

void Trainer::log_step(const StepLoss& loss, double rate, double norm) {
  const double since = std::chrono::duration<double>(Clock::now() - reported_).count();
  const bool logged = state_.step % kLogEvery == 0 || finished();
  const bool reported = since > kReportSeconds;
  if (!logged && !reported) return;
  const double speed = static_cast<double>(state_.photos - photos_reported_) / std::max(since, 1e-9);
  Json line = {{"step", state_.step}, {"minutes", seconds() / 60}, {"loss", loss.total.item<double>()}};
  for (const auto& [name, value] : loss.parts) line[name] = value.item<double>();
  line["learning_rate"] = rate;
  line["gradient_norm"] = std::isfinite(norm) ? Json(norm) : Json();
  line["photos_per_s"] = speed;
  if (logged) write_log(line);
  if (!reported) return;

  const double done = state_.total_steps > 0 ? static_cast<double>(state_.step) / static_cast<double>(state_.total_steps)
                                             : seconds() / (60 * options_.minutes);
  say("train: step " + std::to_string(state_.step) + ", loss " + number_text(loss.total.item<double>(), "%.4f") + ", " +
      number_text(speed, "%.1f") + " photos/s, " + duration_text(seconds() * (1 / std::max(done, 1e-6) - 1)) + " left");
  reported_ = Clock::now();
  photos_reported_ = state_.photos;
}

TrainResult train(const TrainOptions& options) {
  Trainer trainer(options);
  trainer.run();
  if (trainer.leads() && options.calibration_photos > 0)
    calibrate_weights(weights_file(options), trainer.data(), options.calibration_photos);
  const TrainState& state = trainer.state();
  return {weights_file(options), state.step, state.photos, trainer.seconds() / 60, trainer.best_measure(), state.best, trainer.leads()};
}

}  // namespace looking3d
