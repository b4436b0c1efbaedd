#pragma once
// The detectors.
#include <functional>

#include "engine/detector.h"
#include "model/autocast.h"
#include "model/inference.h"
#include "model/weights.h"

namespace looking3d {

std::unique_ptr<Detector> make_align_detector(WeightsInfo info, const NamedTensors& tensors, const Path& path);
std::unique_ptr<Detector> make_cmt_detector(WeightsInfo info, const NamedTensors& tensors, const Path& path);
std::unique_ptr<Detector> make_query_detector(WeightsInfo info, const NamedTensors& tensors, const Path& path);
std::unique_ptr<Detector> make_lfd_detector(WeightsInfo info, const NamedTensors& tensors, const Path& path);
std::unique_ptr<Detector> make_lin_detector(WeightsInfo info, const NamedTensors& tensors, const Path& path);
std::unique_ptr<Detector> make_viewpoint_detector(WeightsInfo info, const NamedTensors& tensors, const Path& path);
/// align, helped by the cameras that a matching network's correspondences propose; the paths are for messages. Throws InputError.
std::unique_ptr<Detector> make_matched_detector(std::unique_ptr<Detector> align, std::unique_ptr<Detector> matcher, const Path& weights,
                                                const Path& matcher_weights);

/// A network's tensors in place, ready for inference: in bfloat16 where the processor has it (as it was trained).
template <class Network>
void load_for_inference(Network& network, const NamedTensors& tensors, const Path& path) {
  load_state(*network, tensors, "", path);
  prepare_for_inference(*network, cpu_has_bf16());
}

/// Runs pass(i) of a network for i in [0, count) at once, each on one thread: for a single picture that uses the cores better than
/// spreading its convolutions over them.
void side_by_side(size_t count, const std::function<void(size_t)>& pass);

/// [1, 3, H, W] in [-1, 1].
torch::Tensor photo_tensor(const cv::Mat& bgr);
/// Patch logits [h, w] as probabilities, CV_32F.
cv::Mat heat_of(const torch::Tensor& patch_logits);
/// Kind logits [5] as probabilities.
std::array<double, kKinds> kinds_of(const torch::Tensor& kind_logits);
/// The box of what is hot: around the connected pieces above 60 % of the peak, but for those with less than 5 % of the greatest one's
/// heat. With `expected`, the box as told otherwise, at that share of the peak (60 % preferred) where the two agree best. Empty for cold
/// patches.
Box box_of_heat(const cv::Mat& heat, const std::optional<Box>& expected = {});
/// Box [4] (cx, cy, w, h).
Box box_of(const torch::Tensor& box);

}  // namespace looking3d
