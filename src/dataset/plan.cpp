#include "dataset/plan.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <set>

#include "base/error.h"
#include "base/random.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

constexpr int kDonors = 6;
constexpr int64_t kFirstDonorIndex = 1'000'000'000;  ///< procedural indices of donors start beyond those of all shapes
constexpr const char* kSplitNames[] = {"train", "val", "test"};

/// Share of shapes with 1, 2, ... normal photos: mean 9.6, median 8, at most 12 (paper, table 1).
constexpr double kNormalViewWeights[] = {.005, .005, .005, .005, .01, .01, .02, .46, .01, .03, .08, .36};
/// Share of anomalous shapes with 1, 2, ... photos: mean 3.5, median 4, at most 8 (paper, table 1).
constexpr double kAnomalousViewWeights[] = {.10, .16, .19, .36, .11, .05, .02, .01};

/// Ids go into file names: anything but letters, digits, dot, dash and underscore becomes a dash.
std::string id_from_path(const Path& path) {
  std::string id = std::filesystem::is_directory(path) ? path.filename().string() : path.stem().string();
  for (char& c : id)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-' && c != '_') c = '-';
  return id.empty() ? "shape" : id;
}

std::string procedural_id(int64_t index) {
  char text[32];
  std::snprintf(text, sizeof text, "%06lld", static_cast<long long>(index));
  return text;
}

std::array<double, 3> parse_percents(const std::string& percents) {
  std::array<double, 3> shares{};
  int used = 0;
  const int fields = std::sscanf(percents.c_str(), "%lf/%lf/%lf%n", &shares[0], &shares[1], &shares[2], &used);
  const bool good = fields == 3 && static_cast<size_t>(used) == percents.size() &&
                    std::all_of(shares.begin(), shares.end(), [](double share) { return share >= 0 && share <= 100; }) &&
                    std::abs(shares[0] + shares[1] + shares[2] - 100) < 1e-6;
  if (!good) throw InputError("--splits", "'" + percents + "' is not train/val/test in percent that sum to 100", "for example 78/7/15");
  return shares;
}

}  // namespace

std::array<int64_t, 3> split_sizes(int64_t count, const std::string& percents) {
  const std::array<double, 3> shares = parse_percents(percents);
  std::array<int64_t, 3> sizes{};
  std::array<double, 3> remainders{};
  for (size_t i = 0; i < 3; ++i) {
    const double exact = static_cast<double>(count) * shares[i] / 100;
    sizes[i] = static_cast<int64_t>(exact + 1e-9);
    remainders[i] = exact - static_cast<double>(sizes[i]);
  }
  while (sizes[0] + sizes[1] + sizes[2] < count) {
    const auto largest = std::max_element(remainders.begin(), remainders.end());
    ++sizes[static_cast<size_t>(largest - remainders.begin())];
    *largest = -1;
  }
  return sizes;
}

Plan::Plan(const GenerateOptions& options) : options_(options) {
  options_.check();
  if (!options_.shapes_from.empty()) find_sources();
  shapes_.resize(sources_.empty() ? static_cast<size_t>(options_.shapes) : sources_.size());
  for (size_t i = 0; i < shapes_.size(); ++i) shapes_[i].index = static_cast<int64_t>(i);
  name_shapes();
  deal_splits();
  for (PlannedShape& shape : shapes_) draw_counts(shape);
}

void Plan::find_sources() {
  sources_ = list_shapes(options_.shapes_from);
  for (const Path& source : sources_) test_only_.push_back(!may_train_on(source));
}

void Plan::name_shapes() {
  std::set<std::string> taken;
  for (PlannedShape& shape : shapes_) {
    shape.id = sources_.empty() ? procedural_id(shape.index) : id_from_path(sources_[static_cast<size_t>(shape.index)]);
    if (!taken.insert(shape.id).second) {
      throw InputError(sources_[static_cast<size_t>(shape.index)], "has the same name as another shape of the folder",
                       "rename one of them");
    }
  }
}

void Plan::deal_splits() {
  // Order the shapes by a hash of their id and cut: nearly independent of how many there are, exact in proportion. Test-only shapes are not
  // dealt.
  std::vector<size_t> order;
  for (size_t i = 0; i < shapes_.size(); ++i)
    if (sources_.empty() || !test_only_[i]) order.push_back(i);
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const uint64_t hash_a = identity(options_.seed, "split", shapes_[a].id), hash_b = identity(options_.seed, "split", shapes_[b].id);
    return hash_a != hash_b ? hash_a < hash_b : a < b;
  });
  const auto sizes = split_sizes(static_cast<int64_t>(order.size()), options_.all_test ? "0/0/100" : options_.splits);
  for (PlannedShape& shape : shapes_) shape.split = "test";
  size_t next = 0;
  for (size_t split = 0; split < 3; ++split)
    for (int64_t i = 0; i < sizes[split]; ++i) shapes_[order[next++]].split = kSplitNames[split];
  for (const char* split : kSplitNames) splits_[split];
  for (const PlannedShape& shape : shapes_) splits_[shape.split].push_back(shape.id);
}

void Plan::draw_counts(PlannedShape& shape) const {
  Rng rng(identity(options_.seed, "counts", shape.id));
  shape.normal_views = static_cast<int>(rng.pick(kNormalViewWeights)) + 1;
  const int anomalies = static_cast<int>(std::floor(options_.anomalous_shapes + rng.uniform()));

  // Deal kinds as from a shuffled deck, so that one shape has different ones.
  std::vector<AnomalyKind> deck;
  for (int i = 0; i < anomalies; ++i) {
    if (deck.empty()) {
      deck.assign(std::begin(kAllAnomalyKinds), std::end(kAllAnomalyKinds));
      rng.shuffle(deck);
    }
    shape.anomalies.push_back({i, deck.back(), static_cast<int>(rng.pick(kAnomalousViewWeights)) + 1});
    deck.pop_back();
  }
}

Shape Plan::make(const PlannedShape& planned) const {
  Shape shape = sources_.empty() ? make_shape({options_.seed, planned.index, options_.families})
                                 : load_shape(sources_[static_cast<size_t>(planned.index)], nullptr, options_.axes);
  shape.id = planned.id;
  return shape;
}

std::vector<Shape> Plan::donors(const PlannedShape& planned, const std::string& family) const {
  std::vector<Shape> donors;
  if (sources_.empty()) {
    for (int i = 0; i < kDonors; ++i) {
      donors.push_back(
          make_shape({options_.seed, kFirstDonorIndex + kDonors * planned.index + i, i % 2 == 0 ? family : category_of(family)}));
      donors.back().id = planned.id + "-donor" + std::to_string(i);
    }
    return donors;
  }
  std::vector<size_t> others;
  for (const PlannedShape& other : shapes_)
    if (other.split == planned.split && other.index != planned.index) others.push_back(static_cast<size_t>(other.index));
  Rng rng(identity(options_.seed, "donors", planned.id));
  rng.shuffle(others);
  if (others.size() > kDonors) others.resize(kDonors);
  for (const size_t other : others) donors.push_back(make(shapes_[other]));
  return donors;
}

std::vector<PlannedView> Plan::candidate_views(const PlannedShape& shape, int anomaly) const {
  // Anomaly -1 is keyed like any other: nothing in a view tells what it shows.
  std::vector<int> azimuths(kCandidateViews);
  std::iota(azimuths.begin(), azimuths.end(), 0);
  Rng(identity(options_.seed, "azimuths", shape.id, anomaly)).shuffle(azimuths);
  std::vector<PlannedView> views;
  for (int i = 0; i < kCandidateViews; ++i) {
    PlannedView view;
    view.index = i;
    view.azimuth_deg = azimuths[static_cast<size_t>(i)] * 360.0 / kCandidateViews;
    Rng rng(identity(options_.seed, "view", shape.id, anomaly, i));
    view.elevation_deg = std::round(100 * rng.uniform(20, 40)) / 100;
    view.appearance_seed = rng.next_u64();
    view.noise_seed = rng.next_u64();
    views.push_back(view);
  }
  return views;
}

AnomalySpec Plan::anomaly_spec(const PlannedShape& shape, const PlannedAnomaly& anomaly, int attempt) const {
  return {anomaly.kind, identity(options_.seed, "anomaly", shape.id, anomaly.index, attempt), ""};
}

}  // namespace looking3d
