#include "model/cmt.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/error.h"
#include "model/affinity_topk.h"
#include "model/attention.h"
#include "model/autocast.h"
#include "model/compare_net.h"
#include "model/dense_attention.h"
#include "model/take_rows.h"

namespace looking3d {
namespace {

namespace nn = torch::nn;
namespace F = torch::nn::functional;
using torch::Tensor;

constexpr int kOctaves = 10;
constexpr int64_t kTopPatches = 8;         ///< whose mean logit is evidence for the image
constexpr double kMatchTemperature = 0.1;  ///< as in VLFA

/// on [V, p] bool -> [V * most] int64: of each row in turn where it holds, as indices into all V * p, filled up with -1 to the most of any
/// row.
Tensor rows_by_view(const Tensor& on) {
  const Tensor counts = on.sum(1);
  const int64_t most = std::max<int64_t>(1, counts.max().item<int64_t>());
  // Patches that count come first, each kind in its order.
  const Tensor order = std::get<1>(on.logical_not().to(torch::kByte).sort(true, 1, false)).slice(1, 0, most);  // [V, most]
  const Tensor rows = order + on.size(1) * torch::arange(on.size(0), order.options()).unsqueeze(1);
  return rows.masked_fill(torch::arange(most, order.options()) >= counts.unsqueeze(1), -1).flatten();
}

}  // namespace

/// One block of correspondence-guided attention (paper, eq. 2-9).
class CgaBlockImpl : public nn::Module {
 public:
  explicit CgaBlockImpl(const CmtOptions& options) : heads_(options.heads) {
    const int d = options.channels;
    alpha_ = register_module("alpha", nn::Linear(2 * d, d));
    self_ = register_module("self", nn::Linear(d, 3 * d));
    self_out_ = register_module("self_out", nn::Linear(d, d));
    query_ = register_module("query", nn::Linear(d, d));
    key_value_ = register_module("key_value", nn::Linear(d, 2 * d));
    if (options.cross_projection) cross_out_ = register_module("cross_out", nn::Linear(d, d));
    feed_forward_ = register_module("feed_forward", mlp({d, 4 * d, d}));
    norm_self_ = register_module("norm_self", nn::LayerNorm(nn::LayerNormOptions({d})));
    norm_cross_ = register_module("norm_cross", nn::LayerNorm(nn::LayerNormOptions({d})));
    norm_out_ = register_module("norm_out", nn::LayerNorm(nn::LayerNormOptions({d})));
  }

  /// What it attends to; of bf16 under autocast: half the memory to gather from.
  CmtKeys project(const CmtReference& reference) {
    const Tensor views = alpha_(torch::cat({reference.features, reference.positions}, 2));  // [G, nv, d], eq. 2
    const std::vector<Tensor> key_value = key_value_(views).chunk(2, 2);
    return {key_value[0], key_value[1]};
  }

  /// tokens [B, 1 + nq, d], [tok] first; `seen` those of the reference; chosen [G, P * nq, k], or undefined for all -> [B, 1 + nq, d].
  Tensor forward(const Tensor& tokens, const CmtKeys& seen, const Tensor& is_key, const Tensor& chosen, CmtImpl::TopkKernel kernel) {
    const int64_t groups = is_key.size(0), photos = tokens.size(0) / groups, patches = tokens.size(1) - 1, d = tokens.size(2);

    // Self-attention around a shortcut, eq. 3.
    const std::vector<Tensor> qkv = self_(tokens).chunk(3, 2);
    const Tensor attended = dense_attention(in_heads(qkv[0], heads_), in_heads(qkv[1], heads_), in_heads(qkv[2], heads_));
    const Tensor own = norm_self_(tokens + self_out_(attended));  // [B, 1 + nq, d]

    // Cross-attention: [tok] to all keys, each patch to its own, eq. 4-6.
    const Tensor q = query_(own).to(torch::kFloat);
    const Tensor &k = seen.keys, &v = seen.values;
    const auto attend_all = [&](const Tensor& some) {  // [B, t, d] -> [B, t, d]
      const Tensor in_groups = some.reshape({groups, photos * some.size(1), d});
      return dense_attention(in_heads(in_groups, heads_), in_heads(k, heads_), in_heads(v, heads_), is_key).view(some.sizes());
    };
    Tensor cross;
    if (chosen.defined()) {
      const Tensor patch_q = q.slice(1, 1).reshape({groups, photos * patches, d});
      const double scale = 1 / std::sqrt(static_cast<double>(d / heads_));
      const Tensor patch = kernel(patch_q, k, v, chosen, heads_, scale);  // [G, P * nq, d]
      cross = torch::cat({attend_all(q.slice(1, 0, 1)), patch.view({groups * photos, patches, d})}, 1);
    } else {
      cross = attend_all(q);
    }

    if (cross_out_) cross = cross_out_(cross).to(torch::kFloat);

    const Tensor sum = norm_cross_(cross + q);                              // eq. 7
    return norm_out_(feed_forward_->forward(sum).to(torch::kFloat) + sum);  // eq. 8
  }

 private:
  const int64_t heads_;
  nn::Linear alpha_{nullptr}, self_{nullptr}, self_out_{nullptr}, query_{nullptr}, key_value_{nullptr}, cross_out_{nullptr};
  nn::Sequential feed_forward_{nullptr};
  nn::LayerNorm norm_self_{nullptr}, norm_cross_{nullptr}, norm_out_{nullptr};
};
TORCH_MODULE(CgaBlock);

void CmtOptions::visit(OptionVisitor& v) {
  v.field("width", width, "channels of the encoder's first stage; 64 is ResNet18");
  v.field("channels", channels, "channels of the feature map");
  v.field("blocks", blocks, "blocks of correspondence-guided attention");
  v.field("heads", heads, "attention heads");
  v.field("top-k", top_k, "reference patches each query patch attends to; 0: all");
  v.field("position-3d", position_3d, "3D position encoding of the reference patches");
  v.field("match-hidden", match_hidden, "hidden channels of the projection to the view-agnostic space");
  v.field("match-channels", match_channels, "channels of the view-agnostic space");
  v.field("cross-projection", cross_projection, "linear layer after the heads of the cross-attention");
  v.field("query-position", query_position, "2D sine position on the query tokens");
  v.field("residual-evidence", residual_evidence, "difference of each query patch to its matches");
  v.field("patch-evidence", patch_evidence, "patch head, and its logits as evidence for the image");
}

void CmtOptions::check() const {
  if (channels < 4 || channels % 4 != 0 || heads < 1 || channels % heads != 0 || channels > 4096) {
    throw InputError("cmt options", "channels must be a multiple of 4 and of the heads");
  }
  if (blocks < 1 || blocks > 64 || top_k < 0 || match_hidden < 1 || match_channels < 1 || match_hidden > 1 << 16 ||
      match_channels > 1 << 16) {
    throw InputError("cmt options", "blocks, top-k and channel counts must be positive");
  }
  if (residual_evidence && top_k == 0)
    throw InputError("cmt options", "residual evidence needs matches", "attend to all patches with --preset paper");
}

CmtOptions CmtOptions::paper() {
  CmtOptions options;
  options.cross_projection = true;
  return options;
}

CmtOptions CmtOptions::looking3d() {
  CmtOptions options = paper();
  options.width = 48;
  options.channels = 96;
  options.top_k = 32;
  options.match_hidden = 256;
  options.match_channels = 128;
  options.query_position = options.residual_evidence = options.patch_evidence = true;
  return options;
}

CmtImpl::CmtImpl(const CmtOptions& options) : options_(options) {
  options.check();
  const int d = options.channels;
  encoder_ = register_module("encoder", ResNetFpn(ResNetFpnOptions{3, options.width, d}));
  if (options.position_3d) position_mlp_ = register_module("position_mlp", mlp({3 + 6 * kOctaves, d, d}));
  const int hidden = options.match_hidden;
  beta_ = register_module("beta", mlp({d, hidden, hidden, hidden, options.match_channels}));
  blocks_ = register_module("blocks", nn::ModuleList());
  for (int i = 0; i < options.blocks; ++i) blocks_->push_back(CgaBlock(options));
  token_ = register_parameter("token", 0.02 * torch::randn({1, 1, d}));
  image_head_ = register_module("image_head", options.patch_evidence ? mlp({3 * d + 2, d, 1}) : mlp({d, 1}));
  box_head_ = register_module("box_head", mlp({d, d, d, d, 4}));
  if (options.residual_evidence) evidence_mlp_ = register_module("evidence_mlp", mlp({3 * d + 1, 2 * d, d}));
  if (options.patch_evidence) {
    patch_head_ = register_module("patch_head", mlp({d, d, 1}));
    kind_head_ = register_module("kind_head", mlp({3 * d, d, kAnomalyKinds}));
  }
}

Tensor CmtImpl::matched(const Tensor& features) {
  return F::normalize(beta_->forward(features).to(torch::kFloat), F::NormalizeFuncOptions().dim(-1).p(2));
}

/// [G * N, d, h, w] of views [G, N, 3, H, W], as the encoder leaves them.
Tensor CmtImpl::encoded_views(const Tensor& views, const Tensor& position) {
  L3D_CHECK_EQ(views.dim(), 5);
  L3D_CHECK_EQ(views.size(1), position.size(1));
  const Tensor maps = encoder_(views.flatten(0, 1));
  L3D_CHECK_EQ(maps.size(2), position.size(2));
  return maps;
}

Tensor CmtImpl::encoded_positions(const Tensor& points) {
  if (options_.position_3d) return position_mlp_->forward(fourier_features(points)).to(torch::kFloat);
  return torch::zeros({points.size(0), points.size(1), options_.channels}, points.options());
}

/// For the choice of keys, which has no gradient: a loss over few patches asks for those by itself.
Tensor CmtImpl::matched_without_graph(const Tensor& features) {
  const torch::NoGradGuard no_grad;
  const NoAutocastCache no_cache;
  return matched(features);
}

CmtReference CmtImpl::encode_reference(Tensor views, Tensor position, Tensor surface) {
  const Tensor maps = encoded_views(views, position).to(torch::kFloat);
  const int64_t groups = views.size(0);
  CmtReference reference;
  reference.features = maps.permute({0, 2, 3, 1}).reshape({groups, -1, options_.channels});  // [G, nv, d]
  reference.positions = encoded_positions(position.reshape({groups, -1, 3}));                // [G, nv, d]
  reference.matching = matched(reference.features);
  reference.is_key = surface.reshape({groups, -1});
  return reference;
}

CmtReference CmtImpl::encode_keys(Tensor views, Tensor position, Tensor surface) {
  if (plain_) return encode_reference(views, position, surface);
  const int64_t groups = views.size(0);
  const Tensor patch = rows_by_view(surface.flatten(2).flatten(0, 1)), on_surface = patch >= 0;  // [G * N * most]
  const auto in_groups = [&](const Tensor& rows) { return rows.view({groups, -1, rows.size(1)}); };
  const Tensor maps = encoded_views(views, position);
  const Tensor features = take_rows(maps.permute({0, 2, 3, 1}).reshape({-1, options_.channels}), patch).to(torch::kFloat);
  CmtReference reference;
  reference.patch = patch;
  reference.features = in_groups(features);                                                         // [G, m, d]
  reference.positions = encoded_positions(in_groups(take_rows(position.reshape({-1, 3}), patch)));  // [G, m, d]
  reference.is_key = on_surface.view({groups, -1});

  // beta is the widest of all: filling is left out of it.
  const Tensor real = on_surface.nonzero().squeeze(1);  // [t]
  reference.matching = in_groups(take_rows(matched(take_rows(features, real)), places_of(real, patch.size(0))));
  return reference;
}

CmtReference CmtImpl::encode_for_photos(Tensor views, Tensor position, Tensor surface) {
  L3D_CHECK_EQ(views.size(0), 1);
  const CmtReference filled = encode_keys(views, position, surface);
  Tensor rows = filled.is_key[0].nonzero().squeeze(1);
  if (rows.size(0) == 0) rows = torch::zeros({1}, rows.options());
  const auto pick = [&](const Tensor& from) { return from.index_select(1, rows); };
  CmtReference reference{pick(filled.features), pick(filled.positions), pick(filled.matching), pick(filled.is_key)};
  reference.patch = filled.patch.defined() ? filled.patch.index_select(0, rows) : rows.masked_fill(reference.is_key[0].logical_not(), -1);
  for (const auto& block : *blocks_) reference.blocks.push_back(block->as<CgaBlock>()->project(reference));
  reference.positions = Tensor();  // they are in the keys and values
  return reference;
}

Tensor CmtImpl::evidence(const Tensor& query, const Tensor& matching, const CmtReference& reference, const Tensor& chosen) {
  const Tensor match = kernel_(matching, reference.matching, reference.features, chosen, 1, 1 / kMatchTemperature);
  const Tensor best = reference.matching.gather(1, chosen.slice(2, 0, 1).clamp_min(0).expand({-1, -1, matching.size(2)}));
  const Tensor similarity = (matching * best).sum(2, true);                                                           // [G, P * nq, 1]
  return evidence_mlp_->forward(torch::cat({query, match, (query - match).abs(), similarity}, 2)).to(torch::kFloat);  // [G, P * nq, d]
}

CmtOutput CmtImpl::compare(Tensor photos, const CmtReference& reference, std::optional<int> top_k) {
  const int64_t groups = reference.features.size(0), d = options_.channels, batch = photos.size(0);
  L3D_CHECK_EQ(batch % groups, 0);
  const Tensor maps = encoder_(photos).to(torch::kFloat);  // [B, d, h, w]
  const int64_t h = maps.size(2), w = maps.size(3);
  Tensor query = maps.permute({0, 2, 3, 1}).reshape({groups, -1, d});  // [G, P * nq, d]

  CmtOutput out;
  out.features = query;
  out.matching = options_.residual_evidence || plain_ ? matched(query) : matched_without_graph(query);
  const auto best = [&](int k) { return affinity_topk(out.matching, reference.matching, reference.is_key, k); };
  const int keys = top_k.value_or(options_.top_k);
  const Tensor chosen = keys > 0 ? best(keys) : Tensor();  // [G, P * nq, k]; undefined: every key
  if (options_.residual_evidence) query = query + evidence(query, out.matching, reference, keys > 0 ? chosen : best(options_.top_k));
  query = query.view({batch, h * w, d});
  if (options_.query_position) query = query + sine_positions(h, w, d).to(query.device());
  Tensor tokens = torch::cat({token_.expand({batch, 1, d}), query}, 1);  // [B, 1 + nq, d]
  for (size_t i = 0; i < blocks_->size(); ++i) {
    CgaBlockImpl& block = *blocks_[i]->as<CgaBlock>();
    const CmtKeys seen = reference.blocks.empty() ? block.project(reference) : reference.blocks.at(i);
    tokens = block.forward(tokens, seen, reference.is_key, chosen, kernel_);
  }

  const Tensor token = tokens.select(1, 0), patches = tokens.slice(1, 1);
  out.box = torch::sigmoid(box_head_->forward(token).to(torch::kFloat));
  if (!options_.patch_evidence) {
    out.logit = image_head_->forward(token).to(torch::kFloat).squeeze(1);
    return out;
  }
  const Tensor patch_logits = patch_head_->forward(patches).to(torch::kFloat).squeeze(2);  // [B, nq]
  const Tensor top = std::get<0>(patch_logits.topk(std::min(kTopPatches, h * w), 1)).mean(1, true), peak = patch_logits.amax(1, true);
  const Tensor pooled = torch::cat({token, patches.mean(1), patches.amax(1)}, 1);  // [B, 3d]
  out.patch_logits = patch_logits.view({batch, h, w});
  out.kind_logits = kind_head_->forward(pooled).to(torch::kFloat);
  out.logit = image_head_->forward(torch::cat({pooled, top, peak}, 1)).to(torch::kFloat).squeeze(1);
  return out;
}

Tensor fourier_features(const Tensor& position) {
  std::vector<Tensor> features = {position};
  for (int octave = 0; octave < kOctaves; ++octave) {
    const Tensor angle = position * std::ldexp(1.0, octave);
    features.push_back(angle.sin());
    features.push_back(angle.cos());
  }
  return torch::cat(features, -1);
}

}  // namespace looking3d
