#include "model/compare_net.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <sstream>

#include "base/check.h"
#include "base/error.h"
#include "model/inference.h"

namespace looking3d {
namespace {

namespace nn = torch::nn;
namespace F = torch::nn::functional;
constexpr int64_t kTopPatches = 8;   ///< whose mean logit is evidence for the image
constexpr int64_t kTopPixels = 32;   ///< the same of the change map at half the image's size
constexpr int kPixelChannels4 = 48;  ///< of the pixel head at stride 4
constexpr int kPixelChannels2 = 32;  ///< and at stride 2

struct InputGroup {
  const char* name;
  int first, count;
};
constexpr std::array<InputGroup, 5> kInputGroups{
    {{"shading", 0, 1}, {"depth", 1, 1}, {"normals", 2, 3}, {"outline", 5, 1}, {"edges", 6, 1}}};

nn::Sequential mlp(int in_channels, int hidden, int out_channels) {
  return nn::Sequential(nn::Linear(in_channels, hidden), nn::ReLU(), nn::Linear(hidden, out_channels));
}

/// 1x1 convolution with batch norm: features of one level in the channels of another.
nn::Sequential project(int in_channels, int out_channels) {
  return nn::Sequential(nn::Conv2d(nn::Conv2dOptions(in_channels, out_channels, 1).bias(false)), BatchNorm(out_channels));
}

nn::Sequential refine(int channels) {
  return nn::Sequential(nn::ReLU(), nn::Conv2d(nn::Conv2dOptions(channels, channels, 3).padding(1).bias(false)), BatchNorm(channels),
                        nn::ReLU());
}

torch::Tensor twice_as_large(const torch::Tensor& x) {
  return F::interpolate(x, F::InterpolateFuncOptions().scale_factor(std::vector<double>{2, 2}).mode(torch::kBilinear).align_corners(false));
}

/// At float32 at least.
torch::Tensor full_width(const torch::Tensor& x) {
  return x.scalar_type() == torch::kBFloat16 || x.scalar_type() == torch::kHalf ? x.to(torch::kFloat) : x;
}

/// Mean of the `count` largest and the largest of each row: [B, n] -> [B, 2].
torch::Tensor strongest(const torch::Tensor& logits, int64_t count) {
  const torch::Tensor flat = full_width(logits.flatten(1));
  const torch::Tensor top = std::get<0>(flat.topk(std::min(count, flat.size(1)), 1));  // largest first
  return torch::cat({top.mean(1, true), top.slice(1, 0, 1)}, 1);
}

torch::Tensor channels_of(const std::string& inputs) {
  if (inputs.empty()) throw InputError("--inputs", "is empty", "without the reference there is nothing to compare with");
  torch::Tensor channels = torch::zeros({1, kReferenceChannels, 1, 1});
  std::istringstream names(inputs);
  for (std::string name; std::getline(names, name, ',');) {
    const auto* const group = std::find_if(kInputGroups.begin(), kInputGroups.end(), [&](const InputGroup& g) { return name == g.name; });
    if (group == kInputGroups.end())
      throw InputError("--inputs", "names '" + name + "'", "shading, depth, normals, outline, edges, joined by commas");
    channels.slice(1, group->first, group->first + group->count).fill_(1);
  }
  return channels;
}

}  // namespace

void CompareOptions::visit(OptionVisitor& v) {
  v.field("width", width, "channels of the encoder's first stage");
  v.field("channels", channels, "channels of the feature map");
  v.field("fine", fine, "encoder stages at strides 2 to 16 instead of 4 to 32");
  v.field("fusion", fusion, "early: one encoder sees photo and rendering | late: one each, joined at every level");
  v.field("inputs", inputs, "rendered channels: of shading,depth,normals,outline,edges");
  v.field("detail", detail, "pixels of the photo for each of the network's, each way");
  v.field("pixel-head", pixel_head, "change map at half the image's size");
  v.field("box-votes", box_votes, "each patch says where the box of the change lies");
  v.field("cover-map", cover_map, "each patch says whether a change is something on or before the piece");
  v.field("part-map", part_map, "map of the part that changed, as the reference shows it");
  v.field("camera-head", camera_head, "says whether the reference was rendered at the photo's camera");
  v.field("evidence-pooling", evidence_pooling, "image and kind also told from the features where the change is");
}

void CompareOptions::check() const {
  if (fusion != "early" && fusion != "late") throw InputError("--fusion", "is '" + fusion + "'", "early or late");
  if (width < 1 || width > 1024 || channels < 1 || channels > 4096) throw InputError("compare options", "channel counts are out of range");
  if (detail < 1 || detail > 4) throw InputError("--detail", "is " + std::to_string(detail), "1 to 4");
  if (part_map && !pixel_head) throw InputError("compare options", "the part map needs the pixel head");
  if (pixel_head && !fine) throw InputError("compare options", "the pixel head needs the fine encoder");
  channels_of(inputs);
}

CompareOptions CompareOptions::current() {
  CompareOptions options;
  options.detail = 2;
  options.pixel_head = options.evidence_pooling = options.box_votes = options.cover_map = options.part_map = options.camera_head = true;
  return options;
}

CompareNetImpl::CompareNetImpl(const CompareOptions& options) : options_(options) {
  options.check();
  const int d = options.channels, w = options.width, folded = options.detail * options.detail;
  looked_at_ = channels_of(options.inputs);
  const bool late = options.fusion == "late";
  encoder_ = register_module("encoder", ResNetFpn(ResNetFpnOptions{folded * (late ? 3 : 3 + kReferenceChannels), w, d, options.fine}));
  if (late) {
    reference_encoder_ = register_module("reference_encoder", ResNetFpn(ResNetFpnOptions{folded * kReferenceChannels, w, d, options.fine}));
    join1_ = register_module("join1", project(2 * w, w));
    join2_ = register_module("join2", project(4 * w, 2 * w));
    join_merged_ = register_module("join_merged", project(2 * d, d));
  }
  patch_head_ = register_module("patch_head", nn::Conv2d(nn::Conv2dOptions(d, 1, 1)));
  if (options.pixel_head) {
    from8_ = register_module("from8", project(d, kPixelChannels4));
    skip4_ = register_module("skip4", project(2 * w, kPixelChannels4));
    refine4_ = register_module("refine4", refine(kPixelChannels4));
    from4_ = register_module("from4", project(kPixelChannels4, kPixelChannels2));
    skip2_ = register_module("skip2", project(w, kPixelChannels2));
    refine2_ = register_module("refine2", refine(kPixelChannels2));
    pixel_head_ = register_module("pixel_head", nn::Conv2d(nn::Conv2dOptions(kPixelChannels2, 1, 1)));
    if (options.part_map) part_head_ = register_module("part_head", nn::Conv2d(nn::Conv2dOptions(kPixelChannels2, 1, 1)));
  }
  if (options.cover_map) cover_head_ = register_module("cover_head", nn::Conv2d(nn::Conv2dOptions(d, 1, 1)));
  const int pooled = (options.evidence_pooling ? 3 : 2) * d;
  image_head_ = register_module("image_head", mlp(pooled + (options.pixel_head ? 4 : 2), d, 1));
  kind_head_ = register_module("kind_head", mlp(pooled, d, kAnomalyKinds));
  if (options.camera_head) camera_head_ = register_module("camera_head", mlp(pooled, d, 1));
  if (options.box_votes) {
    vote_near_ = register_module("vote_near", nn::Sequential(nn::Conv2d(nn::Conv2dOptions(d, d, 3).padding(1).bias(false)), BatchNorm(d)));
    vote_overall_ = register_module("vote_overall", nn::Linear(2 * d, d));
    vote_head_ = register_module("vote_head", nn::Conv2d(nn::Conv2dOptions(d, 4, 1)));
  } else {
    box_head_ = register_module("box_head", mlp(2 * d, d, 4));
  }
}

FeatureLevels CompareNetImpl::encode(const torch::Tensor& photo, const torch::Tensor& rendered) {
  const torch::Tensor seen = rendered * looked_at_.to(rendered.device());
  const auto folded = [this](const torch::Tensor& x) { return options_.detail > 1 ? torch::pixel_unshuffle(x, options_.detail) : x; };
  if (!reference_encoder_) return encoder_->levels(folded(torch::cat({photo, seen}, 1)));
  const FeatureLevels a = encoder_->levels(folded(photo)), b = reference_encoder_->levels(folded(seen));
  return {torch::relu(join1_->forward(torch::cat({a.stage1, b.stage1}, 1))),
          torch::relu(join2_->forward(torch::cat({a.stage2, b.stage2}, 1))),
          torch::relu(join_merged_->forward(torch::cat({a.merged, b.merged}, 1)))};
}

torch::Tensor CompareNetImpl::fine_features(const FeatureLevels& levels) {
  const torch::Tensor at4 = refine4_->forward(twice_as_large(from8_->forward(levels.merged)) + skip4_->forward(levels.stage2));
  return refine2_->forward(twice_as_large(from4_->forward(at4)) + skip2_->forward(levels.stage1));  // [B, c, H/2, W/2]
}

/// The centre is told from the patch's own, the size by itself (as Tian et al. 2019, FCOS, where each place inside an object tells its
/// box).
torch::Tensor CompareNetImpl::votes(const torch::Tensor& merged, const torch::Tensor& overall) {
  const torch::Tensor near = full_width(vote_near_->forward(merged));
  const torch::Tensor raw = full_width(vote_head_(torch::relu(near + vote_overall_(overall).unsqueeze(2).unsqueeze(3))));  // [B, 4, h, w]
  const int64_t h = raw.size(2), w = raw.size(3);
  const auto centres = [&](int64_t n) { return (torch::arange(n, raw.options()) + 0.5) / static_cast<double>(n); };
  return torch::stack({raw.select(1, 0) + centres(w).view({1, 1, w}), raw.select(1, 1) + centres(h).view({1, h, 1}),
                       torch::sigmoid(raw.select(1, 2)), torch::sigmoid(raw.select(1, 3))},
                      1);
}

CompareOutput CompareNetImpl::forward(torch::Tensor photo, torch::Tensor rendered) {
  L3D_CHECK_EQ(photo.size(0), rendered.size(0));
  L3D_CHECK_EQ(rendered.size(1), kReferenceChannels);
  const FeatureLevels levels = encode(photo, rendered);
  const torch::Tensor features = in_type_of(*patch_head_, levels.merged);  // [B, d, h, w]
  CompareOutput out;
  out.patch_logits = patch_head_(features).squeeze(1);  // [B, h, w]
  if (options_.pixel_head) {
    const torch::Tensor fine = in_type_of(*pixel_head_, fine_features(levels));
    out.pixel_logits = pixel_head_(fine).squeeze(1);  // [B, H/2, W/2]
    if (options_.part_map) out.part_logits = part_head_(fine).squeeze(1);
  }
  if (options_.cover_map) out.cover_logits = cover_head_(features).squeeze(1);

  const torch::Tensor overall = full_width(torch::cat({features.mean({2, 3}), features.amax({2, 3})}, 1));  // [B, 2d]
  const torch::Tensor where = torch::softmax(full_width(out.patch_logits.flatten(1)), 1).unsqueeze(1);      // [B, 1, h*w]
  torch::Tensor pooled = overall;
  if (options_.evidence_pooling) pooled = torch::cat({overall, (full_width(features.flatten(2)) * where).sum(2)}, 1);
  std::vector<torch::Tensor> evidence{pooled, strongest(out.patch_logits, kTopPatches)};
  if (options_.pixel_head) evidence.push_back(strongest(out.pixel_logits, kTopPixels));
  out.logit = image_head_->forward(torch::cat(evidence, 1)).squeeze(1);
  out.kind_logits = kind_head_->forward(pooled);
  if (options_.camera_head) out.camera_logit = camera_head_->forward(pooled).squeeze(1);
  if (options_.box_votes) {
    out.box_votes = votes(levels.merged, overall);
    out.box = (out.box_votes.flatten(2) * where.detach()).sum(2);
  } else {
    out.box = torch::sigmoid(box_head_->forward(overall));
  }
  return out;
}

NamedTensors with_detail(NamedTensors tensors, const std::string& prefix, int detail) {
  for (auto& [name, tensor] : tensors) {
    for (const auto& [encoder, channels] :
         {std::pair("encoder", 3 + kReferenceChannels), std::pair("encoder", 3), std::pair("reference_encoder", kReferenceChannels)})
      if (name == prefix + encoder + ".stem.0.weight" && tensor.size(1) == channels)
        tensor = tensor.repeat_interleave(detail * detail, 1) / (detail * detail);
  }
  return tensors;
}

NamedTensors with_new_heads(NamedTensors tensors, const NamedTensors& fresh, const std::string& prefix) {
  for (const char* head : {"vote_", "cover_head", "part_head", "camera_head"}) {
    const auto is_of_head = [&](const auto& named) { return named.first.starts_with(prefix + head); };
    if (std::ranges::none_of(tensors, is_of_head)) std::ranges::copy_if(fresh, std::back_inserter(tensors), is_of_head);
  }
  return tensors;
}

}  // namespace looking3d
