#include "train/photo_batches.h"

#include "base/random.h"
#include "train/photo_augment.h"

namespace looking3d {

std::vector<std::string> shapes_of(const DataSet& data, const std::vector<size_t>& samples) {
  std::vector<std::string> shapes;
  for (const size_t sample : samples) shapes.push_back(data.samples()[sample].shape_id);
  return shapes;
}

PhotoBatch PhotoBatch::on(const torch::Device& device) && {
  move_to(device, {&photos});
  targets.move_to(device);
  return std::move(*this);
}

PhotoBatches::PhotoBatches(const DataSet& data, std::vector<size_t> samples, PhotoStore& photos, int size, uint64_t seed)
    : samples_(std::move(samples)), photos_(photos), size_(size), seed_(seed), order_(shapes_of(data, samples_), identity(seed, "order")) {}

PhotoBatch PhotoBatches::training(int64_t step, int count, bool augment, const Share& share) const {
  const int64_t rows = share.of(count), first = step * count + share.begin(count);
  PhotoBatch batch{torch::empty({rows, 3, size_, size_}), empty_targets(rows, size_)};
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t position = first + row;
    const auto photo = photos_.get(samples_[order_.at(position).front()]);
    const Rng rng(identity(seed_, "photo", position));
    const bool mirrored = augment && rng.fork("mirror").bernoulli(0.5);
    const cv::Mat seen = augment ? augment_photo(photo->photo, rng.fork("photo")) : photo->photo;
    write_photo_planes(seen, mirrored, batch.photos[row].data_ptr<float>());
    write_targets(*photo, mirrored, row, batch.targets);
  }
  return batch;
}

PhotoBatch PhotoBatches::plain(const std::vector<size_t>& samples) const {
  const auto count = static_cast<int64_t>(samples.size());
  PhotoBatch batch{torch::empty({count, 3, size_, size_}), empty_targets(count, size_)};
  for (int64_t row = 0; row < count; ++row) {
    const auto photo = photos_.get(samples[static_cast<size_t>(row)]);
    write_photo_planes(photo->photo, false, batch.photos[row].data_ptr<float>());
    write_targets(*photo, false, row, batch.targets);
  }
  return batch;
}

}  // namespace looking3d
