// The whole transformer and its encoder against the paper's equations written down plainly: one query, one head, one row at a time, from
// the network's own weights by name. Values, and gradients of all weights.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "model/attention.h"
#include "model/cmt.h"

namespace looking3d {
namespace {

using torch::Tensor;

/// Weights and buffers of a network by name, and the layers that are made of them.
class Plain {
 public:
  /// `training`: batch norms take the statistics of what they see, else those they have learnt.
  Plain(const torch::nn::Module& network, bool training) : training_(training) {
    for (const auto& item : network.named_parameters()) tensors_[item.key()] = item.value();
    for (const auto& item : network.named_buffers()) tensors_[item.key()] = item.value();
  }
  const Tensor& operator[](const std::string& name) const { return tensors_.at(name); }
  bool has(const std::string& name) const { return tensors_.count(name) > 0; }

  /// x [..., in] -> [..., out].
  Tensor linear(const std::string& name, const Tensor& x) const {
    return torch::matmul(x, (*this)[name + ".weight"].t()) + (*this)[name + ".bias"];
  }
  /// Linear layers at 0, 2, 4, ... with ReLU between them.
  Tensor mlp(const std::string& name, Tensor x) const {
    for (int i = 0; has(name + "." + std::to_string(i) + ".weight"); i += 2) {
      if (i > 0) x = x.clamp_min(0);
      x = linear(name + "." + std::to_string(i), x);
    }
    return x;
  }
  Tensor layer_norm(const std::string& name, const Tensor& x) const {
    const Tensor from_mean = x - x.mean(-1, true);
    return from_mean / (from_mean.square().mean(-1, true) + 1e-5).sqrt() * (*this)[name + ".weight"] + (*this)[name + ".bias"];
  }
  /// x [B, C, H, W].
  Tensor batch_norm(const std::string& name, const Tensor& x) const {
    const auto of_channels = [](const Tensor& t) { return t.view({1, -1, 1, 1}); };
    const Tensor mean = training_ ? x.mean({0, 2, 3}, true) : of_channels((*this)[name + ".running_mean"]);
    const Tensor variance = training_ ? (x - mean).square().mean({0, 2, 3}, true) : of_channels((*this)[name + ".running_var"]);
    return (x - mean) / (variance + 1e-5).sqrt() * of_channels((*this)[name + ".weight"]) + of_channels((*this)[name + ".bias"]);
  }
  Tensor convolution(const std::string& name, const Tensor& x, int64_t stride) const {
    const Tensor kernel = (*this)[name + ".weight"].contiguous();
    return torch::conv2d(x.contiguous(), kernel, {}, stride, kernel.size(2) / 2);
  }
  /// Two convolutions around a shortcut (He et al. 2016).
  Tensor block(const std::string& name, const Tensor& x, int64_t stride) const {
    Tensor y = batch_norm(name + ".norm1", convolution(name + ".conv1", x, stride)).clamp_min(0);
    y = batch_norm(name + ".norm2", convolution(name + ".conv2", y, 1));
    const std::string shortcut = name + ".shortcut";
    return (y + (has(shortcut + ".0.weight") ? batch_norm(shortcut + ".1", convolution(shortcut + ".0", x, stride)) : x)).clamp_min(0);
  }
  Tensor stage(const std::string& name, const Tensor& x, int64_t stride) const {
    return block(name + ".1", block(name + ".0", x, stride), 1);
  }
  /// [B, 3, H, W] -> [B, d, H/8, W/8] (paper, section 4.2).
  Tensor encoder(const Tensor& x) const {
    const auto lateral = [this](const std::string& name, const Tensor& map) {
      return batch_norm("encoder." + name + ".1", convolution("encoder." + name + ".0", map, 1)).clamp_min(0);
    };
    Tensor map = batch_norm("encoder.stem.1", convolution("encoder.stem.0", x, 2)).clamp_min(0);
    map = torch::max_pool2d(map, 3, 2, 1);
    const Tensor c2 = stage("encoder.stage2", stage("encoder.stage1", map, 1), 2);
    const Tensor c3 = stage("encoder.stage3", c2, 2), c4 = stage("encoder.stage4", c3, 2);
    return lateral("lateral2", c2) + enlarged(lateral("lateral3", c3), 2) + enlarged(lateral("lateral4", c4), 4);
  }

 private:
  /// Bilinear, each pixel's value standing at its centre: a matrix for rows and one for columns.
  static Tensor enlarged(const Tensor& x, int64_t factor) {
    const auto weights = [&](int64_t count) {
      Tensor matrix = torch::zeros({count * factor, count});
      for (int64_t i = 0; i < count * factor; ++i) {
        const double at = std::clamp((static_cast<double>(i) + 0.5) / static_cast<double>(factor) - 0.5, 0.0, count - 1.0);
        const auto low = static_cast<int64_t>(at), high = std::min(low + 1, count - 1);
        matrix[i][low] += 1 - (at - static_cast<double>(low));
        matrix[i][high] += at - static_cast<double>(low);
      }
      return matrix;
    };
    return torch::matmul(torch::matmul(weights(x.size(2)), x), weights(x.size(3)).t());
  }

  std::map<std::string, Tensor> tensors_;
  const bool training_;
};

/// Rows [m] of `keys`.
using Keys = std::vector<int64_t>;

/// softmax(q k / sqrt(c)) v over the keys of each query (eq. 10), one query and one head of c channels at a time. q [n, d]; k, v [m, d].
Tensor attend(const Tensor& q, const Tensor& k, const Tensor& v, const std::vector<Keys>& keys_of, int64_t heads) {
  const int64_t c = q.size(1) / heads;
  std::vector<Tensor> rows;
  for (int64_t i = 0; i < q.size(0); ++i) {
    const Tensor keys = torch::tensor(keys_of[static_cast<size_t>(i)], torch::kLong);
    std::vector<Tensor> of_heads;
    for (int64_t head = 0; head < heads; ++head) {
      const auto part = [&](const Tensor& t) { return t.slice(1, head * c, (head + 1) * c); };
      const Tensor weights = torch::exp(torch::mv(part(k).index_select(0, keys), part(q)[i]) / std::sqrt(static_cast<double>(c)));
      of_heads.push_back(torch::mv(part(v).index_select(0, keys).t(), weights / weights.sum()));
    }
    rows.push_back(torch::cat(of_heads));
  }
  return torch::stack(rows);
}

/// The k allowed keys of greatest affinity for each query, the first of equal ones first (eq. 11).
std::vector<Keys> best_keys(const Tensor& affinity, const Keys& allowed, size_t k) {
  std::vector<Keys> result;
  for (int64_t i = 0; i < affinity.size(0); ++i) {
    const Tensor row = affinity[i].detach().contiguous();
    const float* values = row.data_ptr<float>();
    Keys order = allowed;
    std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return values[a] > values[b]; });
    order.resize(std::min(k, order.size()));
    result.push_back(order);
  }
  return result;
}

struct Answer {
  Tensor logit, box, kind_logits, patch_logits;
};

/// One photo [3, H, W] (its map of features, that is) against the views of its shape. Maps [.., d, h, w]; position [N, h, w, 3].
Answer compare_plainly(const Plain& net, const CmtOptions& options, const Tensor& photo_map, const Tensor& view_maps,
                       const Tensor& position, const Tensor& surface) {
  const int64_t d = options.channels, h = photo_map.size(1), w = photo_map.size(2);
  Tensor fq = photo_map.flatten(1).t();                                // [nq, d]
  const Tensor fv = view_maps.permute({0, 2, 3, 1}).reshape({-1, d});  // [nv, d]
  const Tensor pv = net.mlp("position_mlp", fourier_features(position.reshape({-1, 3})));
  const auto unit = [](const Tensor& t) { return t / t.square().sum(1, true).sqrt(); };
  const Tensor zq = unit(net.mlp("beta", fq)), zv = unit(net.mlp("beta", fv));
  const Tensor affinity = torch::matmul(zq, zv.t());  // M, eq. 12

  Keys shown;
  const Tensor flat = surface.flatten();
  for (int64_t j = 0; j < flat.size(0); ++j)
    if (flat[j].item<bool>()) shown.push_back(j);
  const std::vector<Keys> chosen = best_keys(affinity, shown, static_cast<size_t>(options.top_k));

  if (options.residual_evidence) {
    std::vector<Tensor> rows;
    for (int64_t i = 0; i < fq.size(0); ++i) {
      const Tensor keys = torch::tensor(chosen[static_cast<size_t>(i)], torch::kLong);
      const Tensor weights = torch::exp(affinity[i].index_select(0, keys) / 0.1);
      const Tensor match = torch::mv(fv.index_select(0, keys).t(), weights / weights.sum());
      rows.push_back(torch::cat({fq[i], match, (fq[i] - match).abs(), affinity[i].index_select(0, keys).slice(0, 0, 1)}));
    }
    fq = fq + net.mlp("evidence_mlp", torch::stack(rows));
  }
  if (options.query_position) fq = fq + sine_positions(h, w, d);

  Tensor tokens = torch::cat({net["token"].view({1, d}), fq});
  std::vector<Keys> keys_of = chosen, every;
  keys_of.insert(keys_of.begin(), shown);  // [tok]
  Keys all(static_cast<size_t>(tokens.size(0)));
  std::iota(all.begin(), all.end(), int64_t{0});
  every.assign(all.size(), all);
  for (int b = 0; b < options.blocks; ++b) {
    const std::string block = "blocks." + std::to_string(b);
    const Tensor fv_bar = net.linear(block + ".alpha", torch::cat({fv, pv}, 1));  // eq. 2
    const std::vector<Tensor> qkv = net.linear(block + ".self", tokens).chunk(3, 1);
    const Tensor self = net.linear(block + ".self_out", attend(qkv[0], qkv[1], qkv[2], every, options.heads));
    const Tensor fq_bar = net.layer_norm(block + ".norm_self", tokens + self);                     // eq. 3
    const Tensor q = net.linear(block + ".query", fq_bar);                                         // eq. 4
    const std::vector<Tensor> kv = net.linear(block + ".key_value", fv_bar).chunk(2, 1);           // eq. 5
    Tensor o = net.linear(block + ".cross_out", attend(q, kv[0], kv[1], keys_of, options.heads));  // eq. 6
    o = net.layer_norm(block + ".norm_cross", o + q);                                              // eq. 7
    tokens = net.layer_norm(block + ".norm_out", net.mlp(block + ".feed_forward", o) + o);         // eq. 8, 9
  }

  const Tensor token = tokens[0], patches = tokens.slice(0, 1);
  Answer answer;
  answer.box = torch::sigmoid(net.mlp("box_head", token));
  if (!options.patch_evidence) {
    answer.logit = net.mlp("image_head", token);
    return answer;
  }
  answer.patch_logits = net.mlp("patch_head", patches).view({h, w});
  const Tensor sorted = std::get<0>(answer.patch_logits.flatten().sort(0, /*descending=*/true));
  const Tensor pooled = torch::cat({token, patches.mean(0), std::get<0>(patches.max(0))});
  answer.kind_logits = net.mlp("kind_head", pooled);
  answer.logit = net.mlp("image_head", torch::cat({pooled, sorted.slice(0, 0, 8).mean().view({1}), sorted.slice(0, 0, 1)}));
  return answer;
}

class CmtParity : public testing::TestWithParam<bool> {
 protected:
  CmtParity() {
    options = GetParam() ? CmtOptions::paper() : CmtOptions::looking3d();
    options.width = 8, options.channels = 16, options.heads = 4, options.blocks = 2;
    options.top_k = 7, options.match_hidden = 24, options.match_channels = 12;
    torch::manual_seed(11);
    network = Cmt(options);
    const torch::NoGradGuard no_grad;
    for (const auto& item : network->named_buffers()) {
      if (item.key().ends_with("running_mean")) item.value().normal_(0, 0.1);
      if (item.key().ends_with("running_var")) item.value().uniform_(0.5, 2);
    }
    views = torch::randn({2, 3, 3, 32, 64});  // two shapes of three views, 4 x 8 patches
    position = torch::rand({2, 3, 4, 8, 3}) * 2 - 1;
    surface = torch::rand({2, 3, 4, 8}) < 0.6;
    photos = torch::randn({4, 3, 32, 64});
  }

  /// A number that depends on all answers, by the network and by the equations.
  std::pair<Tensor, std::vector<Answer>> by_network() {
    const CmtOutput out = network->compare(photos, network->encode_reference(views, position, surface));
    std::vector<Answer> answers;
    for (int64_t b = 0; b < 4; ++b) {
      Answer answer{out.logit.slice(0, b, b + 1), out.box[b], {}, {}};
      if (out.patch_logits.defined()) answer.kind_logits = out.kind_logits[b], answer.patch_logits = out.patch_logits[b];
      answers.push_back(answer);
    }
    return {weighted(answers), answers};
  }
  std::pair<Tensor, std::vector<Answer>> by_equations(bool training) const {
    const Plain net(*network, training);
    const Tensor view_maps = net.encoder(views.flatten(0, 1)).unflatten(0, {2, 3}), photo_maps = net.encoder(photos);
    std::vector<Answer> answers;
    for (int64_t b = 0; b < 4; ++b)
      answers.push_back(compare_plainly(net, options, photo_maps[b], view_maps[b / 2], position[b / 2], surface[b / 2]));
    return {weighted(answers), answers};
  }
  static Tensor weighted(const std::vector<Answer>& answers) {
    Tensor sum = torch::zeros({});
    torch::manual_seed(12);
    for (const Answer& answer : answers)
      for (const Tensor& part : {answer.logit, answer.box, answer.kind_logits, answer.patch_logits})
        if (part.defined()) sum = sum + (part * torch::randn(part.sizes())).sum();
    return sum;
  }

  CmtOptions options;
  Cmt network{nullptr};
  Tensor views, position, surface, photos;
};

TEST_P(CmtParity, AnswersAreThoseOfTheEquations) {
  const torch::NoGradGuard no_grad;
  network->eval();
  const std::vector<Answer> ours = by_network().second, plain = by_equations(false).second;
  for (size_t b = 0; b < ours.size(); ++b) {
    const auto same = [](const Tensor& a, const Tensor& b) {
      return a.defined() == b.defined() && (!a.defined() || a.allclose(b, 1e-3, 1e-4));
    };
    EXPECT_TRUE(same(ours[b].logit, plain[b].logit)) << ours[b].logit << plain[b].logit;
    EXPECT_TRUE(same(ours[b].box, plain[b].box)) << ours[b].box << plain[b].box;
    EXPECT_TRUE(same(ours[b].kind_logits, plain[b].kind_logits)) << ours[b].kind_logits << plain[b].kind_logits;
    EXPECT_TRUE(same(ours[b].patch_logits, plain[b].patch_logits)) << ours[b].patch_logits << plain[b].patch_logits;
  }
  EXPECT_GT((ours[0].logit - ours[1].logit).abs().item<float>(), 1e-3);  // a constant answer would be the same as any other
}

TEST_P(CmtParity, GradientsAreThoseOfTheEquations) {
  network->train();
  std::vector<std::string> names;
  std::vector<Tensor> weights;
  for (const auto& item : network->named_parameters()) names.push_back(item.key()), weights.push_back(item.value());
  const auto gradients = [&](const Tensor& value) { return torch::autograd::grad({value}, weights, {}, {}, false, /*allow_unused=*/true); };
  const std::vector<Tensor> plain = gradients(by_equations(true).first), ours = gradients(by_network().first);
  double whole = 0;
  for (const Tensor& gradient : plain) whole += gradient.defined() ? gradient.square().sum().item<double>() : 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    ASSERT_EQ(ours[i].defined(), plain[i].defined()) << names[i];
    if (!ours[i].defined()) continue;  // beta, where only the choice of keys depends on it
    const double size = plain[i].norm().item<double>();
    EXPECT_LT((ours[i] - plain[i]).norm().item<double>(), 2e-3 * size + 1e-5 * std::sqrt(whole)) << names[i] << " of size " << size;
  }
}

TEST_P(CmtParity, AGroupTeachesWhatItsPhotosTeachOneByOne) {
  // Views encoded once for both photos of a shape, and again for each photo; batch norms as in evaluation, since their statistics differ.
  network->eval();
  std::vector<Tensor> weights;
  for (const Tensor& weight : network->parameters()) weights.push_back(weight);
  const Tensor truth = torch::tensor({0.0f, 1.0f, 1.0f, 0.0f});
  const auto loss_of = [&](const CmtOutput& out, const Tensor& y) {
    return torch::binary_cross_entropy_with_logits(out.logit, y) + out.box.square().sum(1).mean();
  };
  const Tensor grouped = loss_of(network->compare(photos, network->encode_reference(views, position, surface)), truth);
  Tensor one_by_one = torch::zeros({});
  for (int64_t b = 0; b < 4; ++b) {
    const auto own = [&](const Tensor& t) { return t.slice(0, b / 2, b / 2 + 1); };
    const CmtReference reference = network->encode_reference(own(views), own(position), own(surface));
    one_by_one = one_by_one + loss_of(network->compare(photos.slice(0, b, b + 1), reference), truth.slice(0, b, b + 1)) / 4;
  }
  EXPECT_NEAR(grouped.item<double>(), one_by_one.item<double>(), 1e-5);
  const auto gradients = [&](const Tensor& loss) { return torch::autograd::grad({loss}, weights, {}, {}, false, /*allow_unused=*/true); };
  const std::vector<Tensor> ours = gradients(grouped), plain = gradients(one_by_one);
  for (size_t i = 0; i < weights.size(); ++i) {
    ASSERT_EQ(ours[i].defined(), plain[i].defined()) << i;
    if (ours[i].defined()) {
      EXPECT_LT((ours[i] - plain[i]).norm().item<double>(), 1e-3 * plain[i].norm().item<double>() + 1e-5) << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Presets, CmtParity, testing::Bool(), [](const auto& info) { return info.param ? "paper" : "looking3d"; });

TEST(SinePositions, AreRowsThenColumnsByDefinition) {
  const Tensor found = sine_positions(3, 5, 8);
  for (int64_t y = 0; y < 3; ++y) {
    for (int64_t x = 0; x < 5; ++x) {
      for (int64_t c = 0; c < 8; ++c) {
        const double along = c < 4 ? (static_cast<double>(y) + 0.5) / 3 : (static_cast<double>(x) + 0.5) / 5;
        const double angle = 2 * M_PI * 8 * along * std::pow(10000.0, -static_cast<double>(c % 2) / 2);
        EXPECT_NEAR(found[y * 5 + x][c].item<double>(), c % 4 < 2 ? std::sin(angle) : std::cos(angle), 1e-4) << y << " " << x << " " << c;
      }
    }
  }
}

}  // namespace
}  // namespace looking3d
