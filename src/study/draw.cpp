#include "study/draw.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/check.h"
#include "base/error.h"
#include "base/random.h"

namespace looking3d {
namespace {

/// `count` photos of one class.
std::vector<StudyPhoto> draw_class(const std::vector<StudyPhoto>& photos, bool anomalous, size_t count, uint64_t seed) {
  struct Lot {
    uint64_t number;
    size_t turn;  ///< how many photos of the same shape come before
    const StudyPhoto* photo;
  };
  std::vector<Lot> lots;
  for (const StudyPhoto& photo : photos)
    if (photo.anomalous == anomalous) lots.push_back({identity(seed, "study pool", photo.photo), 0, &photo});
  if (lots.size() < count) {
    throw InputError(
        "--pool",
        "needs " + std::to_string(count) + (anomalous ? " anomalous" : " normal") + " photos, the split has " + std::to_string(lots.size()),
        "give --pool " + std::to_string(2 * lots.size()) + " or less, or another --split");
  }

  // Order by lot, then let each shape have its first photo before any has its second.
  std::sort(lots.begin(), lots.end(), [](const Lot& a, const Lot& b) { return a.number < b.number; });
  std::map<std::string, size_t> drawn_of;
  for (Lot& lot : lots) lot.turn = drawn_of[lot.photo->shape]++;
  std::stable_sort(lots.begin(), lots.end(), [](const Lot& a, const Lot& b) { return a.turn < b.turn; });
  std::vector<StudyPhoto> drawn;
  for (size_t i = 0; i < count; ++i) drawn.push_back(*lots[i].photo);
  return drawn;
}

/// All positions of the pool at random, photos of a shape as far apart as they can be: photo j of a shape's m lies at (j + u) / m of the
/// round, u being drawn for the shape.
std::vector<int> spaced_round(const std::vector<StudyPhoto>& pool, Rng rng) {
  std::map<std::string, std::vector<int>> photos_of;
  for (size_t i = 0; i < pool.size(); ++i) photos_of[pool[i].shape].push_back(static_cast<int>(i));
  std::vector<std::pair<double, int>> places;
  for (auto& [shape, photos] : photos_of) {
    rng.shuffle(photos);
    const double offset = rng.uniform(), count = static_cast<double>(photos.size());
    for (size_t j = 0; j < photos.size(); ++j) places.emplace_back((static_cast<double>(j) + offset) / count, photos[j]);
  }
  std::sort(places.begin(), places.end());
  std::vector<int> round;
  for (const auto& [place, photo] : places) round.push_back(photo);
  return round;
}

}  // namespace

std::vector<StudyPhoto> draw_pool(const std::vector<StudyPhoto>& photos, int count, uint64_t seed) {
  L3D_CHECK(count > 0 && count % 2 == 0, "a pool is half normal, half anomalous");
  std::vector<StudyPhoto> pool = draw_class(photos, false, static_cast<size_t>(count / 2), seed);
  const std::vector<StudyPhoto> anomalous = draw_class(photos, true, static_cast<size_t>(count / 2), seed);
  pool.insert(pool.end(), anomalous.begin(), anomalous.end());
  const auto lot = [&](const StudyPhoto& photo) { return identity(seed, "study order", photo.photo); };
  std::sort(pool.begin(), pool.end(), [&](const StudyPhoto& a, const StudyPhoto& b) { return lot(a) < lot(b); });
  return pool;
}

std::vector<std::vector<int>> deal_pairs(const std::vector<StudyPhoto>& pool, int people, int pairs, uint64_t seed) {
  L3D_CHECK(pairs > 0 && static_cast<size_t>(pairs) <= pool.size(), "each pair of a participant is another");
  std::vector<std::vector<int>> dealt(static_cast<size_t>(people));
  std::vector<int> left;  // of the present round
  int round = 0;
  for (std::vector<int>& hand : dealt) {
    std::set<std::string> shapes;
    while (hand.size() < static_cast<size_t>(pairs)) {
      if (left.empty()) left = spaced_round(pool, Rng(identity(seed, "study round", round++)));
      const auto is_new = [&](int i) { return std::find(hand.begin(), hand.end(), i) == hand.end(); };
      auto next =
          std::find_if(left.begin(), left.end(), [&](int i) { return is_new(i) && !shapes.contains(pool[static_cast<size_t>(i)].shape); });
      if (next == left.end()) next = std::find_if(left.begin(), left.end(), is_new);
      L3D_CHECK(next != left.end());
      hand.push_back(*next);
      shapes.insert(pool[static_cast<size_t>(*next)].shape);
      left.erase(next);
    }
  }
  return dealt;
}

}  // namespace looking3d
