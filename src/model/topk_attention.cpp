#include "model/topk_attention.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/check.h"
#include "model/attention.h"
#include "model/head_lanes.h"

namespace looking3d {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Sizes of one call, in the letters of topk_attention().
struct Sizes {
  int64_t groups, n, m, heads, c, e, chosen;
  float scale;
};

Sizes sizes_of(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& chosen, int64_t heads, double scale) {
  L3D_CHECK(q.dim() == 3 && k.dim() == 3 && v.dim() == 3 && chosen.dim() == 3, "three dimensions each");
  L3D_CHECK_EQ(q.size(2), k.size(2));
  L3D_CHECK_EQ(k.size(1), v.size(1));
  L3D_CHECK_EQ(q.size(1), chosen.size(1));
  L3D_CHECK(q.size(0) == k.size(0) && k.size(0) == v.size(0) && q.size(0) == chosen.size(0), "one number of groups");
  L3D_CHECK(q.size(2) % heads == 0 && v.size(2) % heads == 0, "channels divide into heads");
  return {q.size(0), q.size(1), k.size(1), heads, q.size(2) / heads, v.size(2) / heads, chosen.size(2), static_cast<float>(scale)};
}

constexpr int64_t kBlock = 128;     ///< queries whose gradients go to the keys together: their rows stay in the nearest caches
constexpr int64_t kMostHeads = 16;  ///< one head a lane

/// Raw memory of one group, rows in lanes; `weights` [n, chosen, heads], heads filled up.
template <class Key>
struct Group {
  const float* q;
  const Key *k, *v;
  const int64_t* chosen;
  float* weights;
  Layout keys, values;
  int64_t count;  ///< chosen keys of a query
  float scale;
};

/// Attention of the queries [begin, end): key and value rows are read once each, for all heads. `out` in lanes.
template <class Key>
LOOKING3D_INLINE void attend_rows(const Group<Key>& g, int64_t begin, int64_t end, float* out) {
  const int64_t heads = g.keys.lanes_heads, key_row = g.keys.row(), value_row = g.values.row();
  std::vector<float> memory(static_cast<size_t>(g.count * kLanes));
  LooseLanes* logits = reinterpret_cast<LooseLanes*>(memory.data());
  for (int64_t row = begin; row < end; ++row) {
    const int64_t* chosen = g.chosen + row * g.count;
    float *w = g.weights + row * g.count * heads, *to = out + row * value_row;
    std::fill(to, to + value_row, 0.0f);
    Lanes largest = Lanes{} - std::numeric_limits<float>::infinity(), sum = {};
    for (int64_t j = 0; j < g.count; ++j) {
      if (chosen[j] < 0) continue;
      Lanes logit;
      products(g.q + row * key_row, g.k + chosen[j] * key_row, g.keys, logit);
      logit *= g.scale;
      logits[j] = logit;
      largest = logit > largest ? logit : largest;
    }
    for (int64_t j = 0; j < g.count; ++j) {
      if (chosen[j] < 0) continue;
      Lanes weight = logits[j] - largest;
      exponential(weight);
      sum += weight;
      logits[j] = weight;
    }
    const Lanes share = 1.0f / sum;
    for (int64_t j = 0; j < g.count; ++j) {
      if (chosen[j] < 0) {
        std::fill(w + j * heads, w + (j + 1) * heads, 0.0f);
        continue;
      }
      const Lanes weight = logits[j] * share;
      keep(weight, heads, w + j * heads);
      add_scaled(to, g.v + chosen[j] * value_row, weight, g.values.blocks);
    }
  }
}

/// Gradients of the queries [begin, end), and `change` [end - begin, chosen, heads]: those of the logits, scaled, which the keys need.
template <class Key>
LOOKING3D_INLINE void attend_rows_backward(const Group<Key>& g, const float* wanted, int64_t begin, int64_t end, int64_t block,
                                           float* change, float* q_grad) {
  const int64_t heads = g.keys.lanes_heads, key_row = g.keys.row(), value_row = g.values.row();
  std::vector<float> memory(static_cast<size_t>(g.count * kLanes));
  LooseLanes* of_weights = reinterpret_cast<LooseLanes*>(memory.data());
  for (int64_t row = begin; row < end; ++row) {
    const int64_t* chosen = g.chosen + row * g.count;
    const float* w = g.weights + row * g.count * heads;
    float *to = q_grad + row * key_row, *kept = change + (row - block) * g.count * heads;
    std::fill(to, to + key_row, 0.0f);
    Lanes mean = {};
    for (int64_t j = 0; j < g.count; ++j) {
      if (chosen[j] < 0) continue;
      Lanes weight, of_weight;
      products(wanted + row * value_row, g.v + chosen[j] * value_row, g.values, of_weight);
      spread(w + j * heads, heads, weight);
      mean += weight * of_weight;
      of_weights[j] = of_weight;
    }
    for (int64_t j = 0; j < g.count; ++j) {
      if (chosen[j] < 0) continue;
      Lanes weight;
      spread(w + j * heads, heads, weight);
      const Lanes of_logit = g.scale * weight * (of_weights[j] - mean);
      keep(of_logit, heads, kept + j * heads);
      add_scaled(to, g.k + chosen[j] * key_row, of_logit, g.keys.blocks);
    }
  }
}

/// For each key of a group, the places [query * chosen + j] where it is chosen, in order: entries of key i are
/// places[start[i] .. start[i + 1]).
struct Askers {
  Askers(const int64_t* chosen, int64_t count, int64_t keys) : start(static_cast<size_t>(keys) + 1, 0) {
    for (int64_t i = 0; i < count; ++i)
      if (chosen[i] >= 0) ++start[static_cast<size_t>(chosen[i]) + 1];
    for (size_t i = 1; i < start.size(); ++i) start[i] += start[i - 1];
    places.resize(static_cast<size_t>(start.back()));
    std::vector<int64_t> next(start.begin(), start.end() - 1);
    for (int64_t i = 0; i < count; ++i)
      if (chosen[i] >= 0) places[static_cast<size_t>(next[static_cast<size_t>(chosen[i])]++)] = static_cast<int32_t>(i);
  }
  std::vector<int64_t> start;
  std::vector<int32_t> places;
};

/// Adds what the queries from `block` on, below `end`, say of the keys [begin_key, end_key). `next`: for each key, its first asker not
/// added.
template <class Key>
LOOKING3D_INLINE void add_to_keys(const Group<Key>& g, const float* wanted, const Askers& askers, int64_t block, int64_t end,
                                  int64_t begin_key, int64_t end_key, const float* change, int64_t* next, float* k_grad, float* v_grad) {
  const int64_t heads = g.keys.lanes_heads, key_row = g.keys.row(), value_row = g.values.row();
  for (int64_t key = begin_key; key < end_key; ++key) {
    for (int64_t& at = next[key]; at < askers.start[static_cast<size_t>(key) + 1]; ++at) {
      const int64_t place = askers.places[static_cast<size_t>(at)], row = place / g.count;
      if (row >= end) break;
      Lanes of_logit, weight;
      spread(change + (place - block * g.count) * heads, heads, of_logit);
      spread(g.weights + place * heads, heads, weight);
      add_scaled(k_grad + key * key_row, g.q + row * key_row, of_logit, g.keys.blocks);
      add_scaled(v_grad + key * value_row, wanted + row * value_row, weight, g.values.blocks);
    }
  }
}

// Each of the two kinds of keys by itself, since only plain functions can be compiled for several processors.
#define LOOKING3D_OF_KEYS(Key)                                                                                                    \
  LOOKING3D_CLONES void attend(const Group<Key>& g, int64_t begin, int64_t end, float* out) {                                     \
    attend_rows(g, begin, end, out);                                                                                              \
  }                                                                                                                               \
  LOOKING3D_CLONES void attend_backward(const Group<Key>& g, const float* wanted, int64_t begin, int64_t end, int64_t block,      \
                                        float* change, float* q_grad) {                                                           \
    attend_rows_backward(g, wanted, begin, end, block, change, q_grad);                                                           \
  }                                                                                                                               \
  LOOKING3D_CLONES void keys_backward(const Group<Key>& g, const float* wanted, const Askers& askers, int64_t block, int64_t end, \
                                      int64_t begin_key, int64_t end_key, const float* change, int64_t* next, float* k_grad,      \
                                      float* v_grad) {                                                                            \
    add_to_keys(g, wanted, askers, block, end, begin_key, end_key, change, next, k_grad, v_grad);                                 \
  }
LOOKING3D_OF_KEYS(float)
LOOKING3D_OF_KEYS(Bf16)
#undef LOOKING3D_OF_KEYS

/// Group `index` of all.
template <class Key>
Group<Key> group_of(const Sizes& s, const variable_list& saved, int64_t index) {
  const Layout keys(s.heads, s.c), values(s.heads, s.e);
  return {saved[0].data_ptr<float>() + index * s.n * keys.row(),
          saved[1].data_ptr<Key>() + index * s.m * keys.row(),
          saved[2].data_ptr<Key>() + index * s.m * values.row(),
          saved[3].data_ptr<int64_t>() + index * s.n * s.chosen,
          saved[4].data_ptr<float>() + index * s.n * s.chosen * keys.lanes_heads,
          keys,
          values,
          s.chosen,
          s.scale};
}

/// saved: q, k, v in lanes, chosen, weights (filled here). -> [G, n, heads * e]
template <class Key>
Tensor forward_of(const Sizes& s, const variable_list& saved) {
  const Layout values(s.heads, s.e);
  const Tensor lanes = torch::empty({s.groups * s.n, values.row()});
  float* out = lanes.data_ptr<float>();
  at::parallel_for(0, s.groups * s.n, 16, [&](int64_t begin, int64_t end) {
    while (begin < end) {
      const int64_t index = begin / s.n, stop = std::min(end, (index + 1) * s.n);
      attend(group_of<Key>(s, saved, index), begin - index * s.n, stop - index * s.n, out + index * s.n * values.row());
      begin = stop;
    }
  });
  const Tensor result = torch::empty({s.groups, s.n, s.heads * s.e});
  out_of_lanes<float>(lanes, values, result);
  return result;
}

/// Gradients of one group, a block of queries at a time: first theirs, then what they say of the keys, each key's in the order of the
/// queries. Each sum belongs to one task: the same for any threads.
template <class Key>
void backward_of_group(const Group<Key>& g, const Sizes& s, const float* wanted, float* q_grad, float* k_grad, float* v_grad) {
  const Askers askers(g.chosen, s.n * s.chosen, s.m);
  std::vector<int64_t> next(askers.start.begin(), askers.start.end() - 1);
  std::vector<float> change(static_cast<size_t>(std::min(kBlock, s.n) * s.chosen * g.keys.lanes_heads));
  for (int64_t block = 0; block < s.n; block += kBlock) {
    const int64_t stop = std::min(s.n, block + kBlock);
    at::parallel_for(block, stop, 16,
                     [&](int64_t begin, int64_t end) { attend_backward(g, wanted, begin, end, block, change.data(), q_grad); });
    at::parallel_for(0, s.m, 64, [&](int64_t begin, int64_t end) {
      keys_backward(g, wanted, askers, block, stop, begin, end, change.data(), next.data(), k_grad, v_grad);
    });
  }
}

template <class Key>
variable_list backward_of(const Sizes& s, const variable_list& saved, const Tensor& gradient) {
  const Layout keys(s.heads, s.c), values(s.heads, s.e);
  const Tensor wanted = in_lanes<float>(gradient, values);
  const Tensor q_lanes = torch::empty({s.groups * s.n, keys.row()}), k_lanes = torch::zeros({s.groups * s.m, keys.row()}),
               v_lanes = torch::zeros({s.groups * s.m, values.row()});
  const float* wanted_at = wanted.data_ptr<float>();
  float *q_at = q_lanes.data_ptr<float>(), *k_at = k_lanes.data_ptr<float>(), *v_at = v_lanes.data_ptr<float>();
  const auto groups = [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      backward_of_group(group_of<Key>(s, saved, i), s, wanted_at + i * s.n * values.row(), q_at + i * s.n * keys.row(),
                        k_at + i * s.m * keys.row(), v_at + i * s.m * values.row());
  };
  // Whole groups side by side where every thread gets as many of them; otherwise the threads share each.
  if (s.groups % at::get_num_threads() == 0) {
    at::parallel_for(0, s.groups, 1, groups);
  } else {
    groups(0, s.groups);
  }
  const Tensor q_grad = torch::empty({s.groups, s.n, s.heads * s.c});
  const auto key_options = torch::dtype(saved[1].scalar_type());
  const Tensor k_grad = torch::empty({s.groups, s.m, s.heads * s.c}, key_options),
               v_grad = torch::empty({s.groups, s.m, s.heads * s.e}, key_options);
  out_of_lanes<float>(q_lanes, keys, q_grad);
  out_of_lanes<Key>(k_lanes, keys, k_grad);
  out_of_lanes<Key>(v_lanes, values, v_grad);
  return {q_grad, k_grad, v_grad, Tensor(), Tensor(), Tensor()};
}

class TopkAttention : public torch::autograd::Function<TopkAttention> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& chosen, int64_t heads,
                        double scale) {
    const Sizes s = sizes_of(q, k, v, chosen, heads, scale);
    L3D_CHECK(s.n * s.chosen < std::numeric_limits<int32_t>::max(), "places fit 32 bits");
    L3D_CHECK((chosen < s.m).all().item<bool>(), "chosen keys are keys");
    const Layout keys(s.heads, s.c), values(s.heads, s.e);
    const bool half = k.scalar_type() == torch::kBFloat16;
    const auto key_lanes = [&](const Tensor& x, const Layout& at) { return half ? in_lanes<Bf16>(x, at) : in_lanes<float>(x, at); };
    const Tensor weights = torch::empty({s.groups, s.n, s.chosen, keys.lanes_heads});
    const variable_list saved = {in_lanes<float>(q, keys), key_lanes(k, keys), key_lanes(v, values), chosen, weights};
    context->save_for_backward(saved);
    context->saved_data["sizes"] = std::vector<int64_t>{s.groups, s.n, s.m, s.heads, s.c, s.e, s.chosen};
    context->saved_data["scale"] = scale;
    return half ? forward_of<Bf16>(s, saved) : forward_of<float>(s, saved);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const std::vector<int64_t> n = context->saved_data["sizes"].toIntVector();
    const Sizes s{n[0], n[1], n[2], n[3], n[4], n[5], n[6], static_cast<float>(context->saved_data["scale"].toDouble())};
    const Tensor gradient = gradients[0].to(torch::kFloat).contiguous();
    return saved[1].scalar_type() == torch::kBFloat16 ? backward_of<Bf16>(s, saved, gradient) : backward_of<float>(s, saved, gradient);
  }
};

/// The same by the library's operations, which carry their own gradients: for other devices.
Tensor gathered_attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& chosen, int64_t heads, double scale) {
  const Sizes s = sizes_of(q, k, v, chosen, heads, scale);
  const Tensor rows = chosen.clamp_min(0).reshape({s.groups, s.n * s.chosen, 1}), none = (chosen < 0).unsqueeze(3);  // [G, n, K, 1]
  const auto gather = [&](const Tensor& from, int64_t channels) {
    return from.gather(1, rows.expand({-1, -1, from.size(2)})).view({s.groups, s.n, s.chosen, heads, channels});
  };
  const Tensor logits = scale * (q.view({s.groups, s.n, 1, heads, s.c}) * gather(k, s.c)).sum(4);  // [G, n, K, heads]
  const Tensor weights = torch::softmax(logits.masked_fill(none, -1e30), 2).masked_fill(none, 0);
  return (weights.unsqueeze(4) * gather(v, s.e)).sum(2).flatten(2);
}

}  // namespace

Tensor topk_attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& chosen, int64_t heads, double scale) {
  const bool half = k.scalar_type() == torch::kBFloat16 && v.scalar_type() == torch::kBFloat16;
  const auto as = [](const Tensor& t, torch::ScalarType type) { return t.to(type).contiguous(); };
  const torch::ScalarType key_type = half ? torch::kBFloat16 : torch::kFloat;
  const Tensor queries = as(q, torch::kFloat);
  if (!q.device().is_cpu()) return gathered_attention(queries, as(k, torch::kFloat), as(v, torch::kFloat), chosen, heads, scale);
  const Tensor keys = as(k, key_type), values = as(v, key_type), some = chosen.contiguous();
  if (heads <= kMostHeads) return TopkAttention::apply(queries, keys, values, some, heads, scale);
  std::vector<Tensor> parts;
  for (int64_t head = 0; head < heads; head += kMostHeads) {
    const int64_t count = std::min(kMostHeads, heads - head);
    const auto of_heads = [&](const Tensor& x) {
      const int64_t channels = x.size(2) / heads;
      return x.slice(2, head * channels, (head + count) * channels).contiguous();
    };
    parts.push_back(TopkAttention::apply(of_heads(queries), of_heads(keys), of_heads(values), some, count, scale));
  }
  return torch::cat(parts, 2);
}

Tensor dense_topk_attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& chosen, int64_t heads, double scale) {
  const int64_t m = k.size(1);
  // A spare column takes the -1 entries.
  const Tensor columns = chosen.masked_fill(chosen < 0, m);
  const Tensor kept =
      torch::zeros({q.size(0), q.size(1), m + 1}, chosen.options().dtype(torch::kBool)).scatter(2, columns, true).slice(2, 0, m);
  const Tensor logits = scale * torch::matmul(in_heads(q, heads), in_heads(k, heads).transpose(2, 3));  // [G, heads, n, m]
  const Tensor weights = torch::softmax(logits.masked_fill(kept.logical_not().unsqueeze(1), -1e30), 3);
  return torch::matmul(weights, in_heads(v, heads)).transpose(1, 2).flatten(2) * kept.any(2, true).to(q.scalar_type());
}

}  // namespace looking3d
