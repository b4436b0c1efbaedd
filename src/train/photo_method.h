#pragma once
// Training of a network that sees the photo alone: its batches, prepared ahead.
#include <optional>

#include "train/method.h"
#include "train/photo_batches.h"
#include "train/prefetch.h"

namespace looking3d {

class PhotoMethod : public Method {
 public:
  int64_t photos_in_pass() const override { return batches_.photos_in_pass(); }

  void start(int64_t step) override {
    const auto make = [this](int64_t index) { return batches_.training(index, options_.photos, options_.augment, group_.share()); };
    prefetcher_.emplace(make, step, options_.workers);
  }

 protected:
  /// `samples`: those to train on, indices into data.samples().
  PhotoMethod(const TrainOptions& options, const DataSet& data, std::vector<size_t> samples, const ProcessGroup& group)
      : options_(options),
        group_(group),
        photos_(data, options.size, bytes_of(options.cache_gb)),
        batches_(data, std::move(samples), photos_, options.size, options.seed) {}

  PhotoBatch next_batch() { return prefetcher_->next().on(group_.device()); }
  PhotoBatch plain_batch(const std::vector<size_t>& samples) const { return batches_.plain(samples).on(group_.device()); }

  const TrainOptions options_;
  const ProcessGroup& group_;

 private:
  PhotoStore photos_;
  const PhotoBatches batches_;
  std::optional<Prefetcher<PhotoBatch>> prefetcher_;  // last: its threads use the others
};

}  // namespace looking3d
