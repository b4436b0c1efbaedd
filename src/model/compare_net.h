#pragma once
// The compare network of `align` (SPEC 6.3): a photo beside the reference rendered at the photo's camera -> where they differ.
#include "model/resnet_fpn.h"
#include "model/weights.h"

namespace looking3d {

/// Rendered channels beside the photo: shading, depth, normal x y z, silhouette, part edges.
inline constexpr int kReferenceChannels = 7;
inline constexpr int kAnomalyKinds = 5;

struct CompareOptions {
  int width = 32;
  int channels = 96;
  bool fine = true;                                            ///< see ResNetFpnOptions
  std::string fusion = "early";                                ///< early: one encoder sees both | late: one each, joined at every level
  std::string inputs = "shading,depth,normals,outline,edges";  ///< rendered channels that are looked at; the others are 0
  int detail = 1;                 ///< pixels of the photo for each of the network's, each way: 2 folds 2 x 2 of them into channels
  bool pixel_head = false;        ///< a change map at half the image's size beside the patches'
  bool evidence_pooling = false;  ///< image and kind are also told from the features where the change is
  bool box_votes = false;         ///< each patch says where the box lies; without, the pooled features do
  bool cover_map = false;         ///< each patch says whether a change there is something that lies on or before the piece
  bool part_map = false;          ///< beside the pixel head's map: where the rendering shows the part that changed
  bool camera_head = false;       ///< says whether the reference was rendered where the photo was taken
  void visit(OptionVisitor& v);
  void check() const;

  /// What is trained today; the defaults above are what older weights files leave unsaid.
  static CompareOptions current();
};

struct CompareOutput {
  torch::Tensor patch_logits;  ///< [B, h, w]: does this patch show the change
  torch::Tensor pixel_logits;  ///< [B, h * 4, w * 4]: share of each 2 x 2 pixels that changed; undefined without the head
  torch::Tensor logit;         ///< [B]: does the piece deviate
  torch::Tensor
      cover_logits;  ///< [B, h, w]: if this patch shows a change, is it something on or before the piece; undefined without cover_map
  torch::Tensor part_logits;   ///< [B, h * 4, w * 4]: if a part changed, is it the one rendered here; undefined without part_map
  torch::Tensor camera_logit;  ///< [B]: was the reference rendered at the photo's camera; undefined without camera_head
  torch::Tensor kind_logits;   ///< [B, 5] in the order of AnomalyKind
  torch::Tensor box_votes;     ///< [B, 4, h, w]: the box as each patch sees it; undefined without box_votes
  torch::Tensor box;           ///< [B, 4]: cx, cy, w, h in shares of the image; mean of the votes, weighted by softmax(patch_logits)
  /// The finest map of the change there is.
  const torch::Tensor& heat_logits() const { return pixel_logits.defined() ? pixel_logits : patch_logits; }
};

class CompareNetImpl : public torch::nn::Module {
 public:
  explicit CompareNetImpl(const CompareOptions& options = {});
  /// photo [B, 3, H, W] in [-1, 1], rendered [B, 7, H, W], H and W `detail` times the network's size, a multiple of 32. Maps are the
  /// network's: patches of 8 of its pixels, the change map half its size.
  CompareOutput forward(torch::Tensor photo, torch::Tensor rendered);

 private:
  FeatureLevels encode(const torch::Tensor& photo, const torch::Tensor& rendered);
  /// Features at half the image's size, of which the pixel head's maps are told.
  torch::Tensor fine_features(const FeatureLevels& levels);
  torch::Tensor votes(const torch::Tensor& merged, const torch::Tensor& overall);

  CompareOptions options_;
  torch::Tensor looked_at_;  ///< [1, 7, 1, 1]: 1 for the rendered channels in options.inputs
  ResNetFpn encoder_{nullptr}, reference_encoder_{nullptr};
  torch::nn::Sequential join1_{nullptr}, join2_{nullptr}, join_merged_{nullptr};             ///< of late fusion
  torch::nn::Sequential from8_{nullptr}, from4_{nullptr}, skip4_{nullptr}, skip2_{nullptr};  ///< of the pixel head, by stride
  torch::nn::Sequential refine4_{nullptr}, refine2_{nullptr};
  torch::nn::Conv2d patch_head_{nullptr}, pixel_head_{nullptr}, part_head_{nullptr}, cover_head_{nullptr};
  torch::nn::Sequential image_head_{nullptr}, kind_head_{nullptr}, camera_head_{nullptr}, box_head_{nullptr};
  torch::nn::Sequential vote_near_{nullptr};  ///< of the votes: what a patch's neighbourhood tells,
  torch::nn::Linear vote_overall_{nullptr};   ///< and the whole picture
  torch::nn::Conv2d vote_head_{nullptr};
};
TORCH_MODULE(CompareNet);

/// Weights of a CompareNet of detail 1 for one of `detail`, which starts as the same function of the mean of its finer pixels; others as
/// they are. Names begin with `prefix`.
NamedTensors with_detail(NamedTensors tensors, const std::string& prefix, int detail);
/// Weights of a CompareNet with the heads that it lacks from `fresh`, the state of one that has them; others as they are.
NamedTensors with_new_heads(NamedTensors tensors, const NamedTensors& fresh, const std::string& prefix);

}  // namespace looking3d
