#include "train/photo_order.h"

#include <algorithm>
#include <map>

#include "base/check.h"
#include "base/random.h"

namespace looking3d {

PhotoOrder::PhotoOrder(const std::vector<std::string>& shape_ids, uint64_t seed, int per_group, int window)
    : seed_(seed), per_group_(static_cast<size_t>(per_group)), window_(static_cast<size_t>(window)) {
  L3D_CHECK_GE(per_group, 1);
  L3D_CHECK_GE(window, 1);
  L3D_CHECK(!shape_ids.empty());
  std::map<std::string, std::vector<size_t>> by_id;
  for (size_t i = 0; i < shape_ids.size(); ++i) by_id[shape_ids[i]].push_back(i);
  for (auto& [id, photos] : by_id) {
    groups_ += static_cast<int64_t>((photos.size() + per_group_ - 1) / per_group_);
    photos_of_shape_.push_back(std::move(photos));
  }
}

std::vector<size_t> PhotoOrder::at(int64_t position) const {
  L3D_CHECK_GE(position, 0);
  return (*pass(position / groups_))[static_cast<size_t>(position % groups_)];
}

std::shared_ptr<const PhotoOrder::Pass> PhotoOrder::pass(int64_t number) const {
  const std::lock_guard lock(mutex_);
  const size_t slot = static_cast<size_t>(number % 2);
  if (numbers_[slot] != number) {
    passes_[slot] = std::make_shared<const Pass>(deal(number));
    numbers_[slot] = number;
  }
  return passes_[slot];
}

PhotoOrder::Pass PhotoOrder::deal(int64_t number) const {
  Rng rng(identity(seed_, "pass", number));
  std::vector<size_t> shapes(photos_of_shape_.size());
  for (size_t i = 0; i < shapes.size(); ++i) shapes[i] = i;
  rng.shuffle(shapes);

  Pass pass;
  for (size_t first = 0; first < shapes.size(); first += window_) {
    Pass groups;
    for (size_t s = first; s < std::min(first + window_, shapes.size()); ++s) {
      std::vector<size_t> photos = photos_of_shape_[shapes[s]];
      rng.shuffle(photos);
      for (size_t start = 0; start < photos.size(); start += per_group_) {
        std::vector<size_t>& group = groups.emplace_back();
        for (size_t i = start; i < start + per_group_; ++i) group.push_back(photos[i % photos.size()]);
      }
    }
    rng.shuffle(groups);
    std::move(groups.begin(), groups.end(), std::back_inserter(pass));
  }
  return pass;
}

}  // namespace looking3d
