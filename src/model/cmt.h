#pragma once
// Correspondence Matching Transformer (paper, section 3; SPEC 3): a photo against N grey views of the reference, no camera given.
// Letters: G shapes, P photos of each shape, B = G * P, N views, h x w patches, nq = h * w, nv = N * h * w, d channels.
#include <optional>

#include "model/resnet_fpn.h"
#include "model/topk_attention.h"

namespace looking3d {

struct CmtOptions {
  int width = 64;            ///< channels of the encoder's first stage; 64 is ResNet18
  int channels = 128;        ///< d
  int blocks = 3;            ///< L
  int heads = 8;             ///< nh
  int top_k = 100;           ///< keys of each query patch; 0: all, which is standard cross-attention (ablations without CGA)
  bool position_3d = true;   ///< 3D position encoding of the reference patches (3DPE)
  int match_hidden = 1024;   ///< hidden channels of beta
  int match_channels = 256;  ///< channels of the view-agnostic space
  bool cross_projection =
      false;  ///< linear layer after the heads of the cross-attention (paper, section 4.2); weights from before it have none
  bool query_position = false;     ///< 2D sine position on the query tokens (SPEC 5)
  bool residual_evidence = false;  ///< each query token also gets its difference to its matches (SPEC 5)
  bool patch_evidence = false;     ///< patch head; the image logit also sees the patch logits and pooled tokens (SPEC 5)
  void visit(OptionVisitor& v);
  void check() const;
  static CmtOptions paper();
  static CmtOptions looking3d();
};

/// The reference as the cross-attention of one block meets it.
struct CmtKeys {
  torch::Tensor keys, values;  ///< [G, nv, d]
};

/// Views of G shapes, encoded once for all photos of each: all their patches, or (m in place of nv) those alone that show the object.
struct CmtReference {
  torch::Tensor features;            ///< [G, nv, d], Fv
  torch::Tensor positions;           ///< [G, nv, d], Pv (3D position encoding)
  torch::Tensor matching;            ///< [G, nv, match_channels], beta(Fv), unit length
  torch::Tensor is_key;              ///< [G, nv] bool: patch shows the object
  torch::Tensor patch = {};          ///< [G * m]: which of all G * nv patches each is, -1: filling; undefined where all are here, in order
  std::vector<CmtKeys> blocks = {};  ///< of each block; empty: compare() works them out of features and positions
};

struct CmtOutput {
  torch::Tensor logit;         ///< [B]
  torch::Tensor box;           ///< [B, 4]: cx, cy, w, h in [0, 1]
  torch::Tensor kind_logits;   ///< [B, 5] in the order of AnomalyKind; undefined without patch evidence
  torch::Tensor patch_logits;  ///< [B, h, w]; undefined without patch evidence
  torch::Tensor features;      ///< [G, P * nq, d], fq
  torch::Tensor matching;  ///< [G, P * nq, match_channels], beta(fq), unit length; without a graph unless evidence or a plain way has one
};

class CmtImpl : public torch::nn::Module {
 public:
  explicit CmtImpl(const CmtOptions& options = {});
  /// views [G, N, 3, H, W] in [-1, 1], position [G, N, h, w, 3] canonical units, surface [G, N, h, w] bool.
  CmtReference encode_reference(torch::Tensor views, torch::Tensor position, torch::Tensor surface);
  /// The same for training: of each view only the patches that show the object, in order, filled up to the most of any view, m = N * most.
  /// Nothing else is a key, so that losses and gradients are those of all patches. All patches when working plainly.
  CmtReference encode_keys(torch::Tensor views, torch::Tensor position, torch::Tensor surface);
  /// The same for many photos of one shape (G = 1): the patches that show the object alone, with keys and values of every block in place
  /// of positions, so that compare() has no work left to do with the reference. One patch that is no key where none shows the object.
  CmtReference encode_for_photos(torch::Tensor views, torch::Tensor position, torch::Tensor surface);
  /// photos [G * P, 3, H, W] in [-1, 1], the P photos of a shape one after another. `top_k` keys of each query patch instead of the
  /// options' (0: all); residual evidence of all keys stays that of the options' k.
  CmtOutput compare(torch::Tensor photos, const CmtReference& reference, std::optional<int> top_k = {});
  const CmtOptions& options() const { return options_; }

  using TopkKernel = decltype(&topk_attention);
  /// Another way to attend to the chosen keys, for tests and benchmarks.
  void attend_with(TopkKernel kernel) { kernel_ = kernel; }
  /// Every patch of every view through everything, with a graph, and every logit of every head under a mask: the oracle of tests, and what
  /// benchmarks compare with.
  void work_plainly() { kernel_ = dense_topk_attention, plain_ = true; }
  /// beta: features [..., d] -> [..., match_channels], unit length.
  torch::Tensor matched(const torch::Tensor& features);

 private:
  torch::Tensor encoded_views(const torch::Tensor& views, const torch::Tensor& position);
  torch::Tensor matched_without_graph(const torch::Tensor& features);
  torch::Tensor encoded_positions(const torch::Tensor& points);
  torch::Tensor evidence(const torch::Tensor& query, const torch::Tensor& matching, const CmtReference& reference,
                         const torch::Tensor& chosen);

  const CmtOptions options_;
  TopkKernel kernel_ = topk_attention;
  bool plain_ = false;
  ResNetFpn encoder_{nullptr};
  torch::nn::Sequential position_mlp_{nullptr}, beta_{nullptr}, evidence_mlp_{nullptr};
  torch::nn::ModuleList blocks_{nullptr};
  torch::Tensor token_;  ///< [1, 1, d], the learnable [tok]
  torch::nn::Sequential image_head_{nullptr}, box_head_{nullptr}, patch_head_{nullptr}, kind_head_{nullptr};
};
TORCH_MODULE(Cmt);

/// 3D positions [..., 3] -> [..., 63]: the position and its sine and cosine at ten octaves.
torch::Tensor fourier_features(const torch::Tensor& position);

}  // namespace looking3d
