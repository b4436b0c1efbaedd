#include "model/topk_attention.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "base/check.h"
#include "model/attention.h"

namespace looking3d {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using Bf16 = c10::BFloat16;

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

float as_float(float x) {
  return x;
}
float as_float(Bf16 x) {
  return std::bit_cast<float>(static_cast<uint32_t>(x.x) << 16);
}

template <class A, class B>
float dot(const A* a, const B* b, int64_t count) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < count; ++i) sum += as_float(a[i]) * as_float(b[i]);
  return sum;
}

template <class From>
void add_scaled(float* to, const From* from, float factor, int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) to[i] += factor * as_float(from[i]);
}

/// Attention of one query: key and value rows are read once each, for all heads. `weights` [heads, chosen] is filled, `out` [heads * e]
/// starts at 0.
template <class Key>
void attend(const Sizes& s, const float* q, const Key* k, const Key* v, const int64_t* chosen, float* weights, float* out) {
  std::fill(weights, weights + s.heads * s.chosen, -std::numeric_limits<float>::infinity());
  for (int64_t j = 0; j < s.chosen; ++j) {
    if (chosen[j] < 0) continue;
    const Key* key = k + chosen[j] * s.heads * s.c;
    for (int64_t head = 0; head < s.heads; ++head) weights[head * s.chosen + j] = s.scale * dot(q + head * s.c, key + head * s.c, s.c);
  }
  for (int64_t head = 0; head < s.heads; ++head) {
    float* w = weights + head * s.chosen;
    const float largest = *std::max_element(w, w + s.chosen);
    if (!(largest > -std::numeric_limits<float>::infinity())) {
      std::fill(w, w + s.chosen, 0.0f);  // no key at all
      continue;
    }
    float sum = 0;
    for (int64_t j = 0; j < s.chosen; ++j) sum += w[j] = std::exp(w[j] - largest);
    for (int64_t j = 0; j < s.chosen; ++j) w[j] /= sum;
  }
  for (int64_t j = 0; j < s.chosen; ++j) {
    if (chosen[j] < 0) continue;
    const Key* value = v + chosen[j] * s.heads * s.e;
    for (int64_t head = 0; head < s.heads; ++head) add_scaled(out + head * s.e, value + head * s.e, weights[head * s.chosen + j], s.e);
  }
}

/// Gradient of one query, and `change` [heads, chosen]: that of the logits, already scaled, which the keys need.
template <class Key>
void attend_backward(const Sizes& s, const float* gradient, const Key* k, const Key* v, const int64_t* chosen, const float* weights,
                     float* change, float* q_grad) {
  for (int64_t j = 0; j < s.chosen; ++j)
    for (int64_t head = 0; head < s.heads; ++head)
      change[head * s.chosen + j] = chosen[j] < 0 ? 0.0f : dot(gradient + head * s.e, v + (chosen[j] * s.heads + head) * s.e, s.e);
  for (int64_t head = 0; head < s.heads; ++head) {
    const float* w = weights + head * s.chosen;
    float* of_head = change + head * s.chosen;
    const float mean = dot(w, of_head, s.chosen);
    for (int64_t j = 0; j < s.chosen; ++j) of_head[j] = s.scale * w[j] * (of_head[j] - mean);
  }
  for (int64_t j = 0; j < s.chosen; ++j)
    for (int64_t head = 0; head < s.heads && chosen[j] >= 0; ++head)
      add_scaled(q_grad + head * s.c, k + (chosen[j] * s.heads + head) * s.c, change[head * s.chosen + j], s.c);
}

/// For each key of a group, the places [query * chosen + j] where it is chosen, in order: entries of key i are
/// places[start[i] .. start[i + 1]).
struct Askers {
  Askers(const Sizes& s, const int64_t* chosen) : start(static_cast<size_t>(s.m) + 1, 0) {
    const int64_t count = s.n * s.chosen;
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

template <class Key>
void forward_into(const Sizes& s, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& chosen, Tensor& weights,
                  Tensor& result) {
  const float* q_at = q.data_ptr<float>();
  const Key *k_at = k.data_ptr<Key>(), *v_at = v.data_ptr<Key>();
  const int64_t* chosen_at = chosen.data_ptr<int64_t>();
  float *weights_at = weights.data_ptr<float>(), *result_at = result.data_ptr<float>();
  at::parallel_for(0, s.groups * s.n, 16, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t first_key = row / s.n * s.m;
      attend(s, q_at + row * s.heads * s.c, k_at + first_key * s.heads * s.c, v_at + first_key * s.heads * s.e, chosen_at + row * s.chosen,
             weights_at + row * s.heads * s.chosen, result_at + row * s.heads * s.e);
    }
  });
}

/// Gradients in two passes, over the queries and then over the keys, so that each sum belongs to one task: the same for any threads.
template <class Key>
void backward_into(const Sizes& s, const variable_list& saved, const Tensor& gradient, Tensor& q_grad, Tensor& k_grad, Tensor& v_grad) {
  const float* q = saved[0].data_ptr<float>();
  const Key *k = saved[1].data_ptr<Key>(), *v = saved[2].data_ptr<Key>();
  const int64_t* chosen = saved[3].data_ptr<int64_t>();
  const float *weights = saved[4].data_ptr<float>(), *g = gradient.data_ptr<float>();
  Tensor change_tensor = torch::empty_like(saved[4]);  // [G, n, heads, chosen]
  float *change = change_tensor.data_ptr<float>(), *q_to = q_grad.data_ptr<float>();
  at::parallel_for(0, s.groups * s.n, 16, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t first_key = row / s.n * s.m, at = row * s.heads * s.chosen;
      attend_backward(s, g + row * s.heads * s.e, k + first_key * s.heads * s.c, v + first_key * s.heads * s.e, chosen + row * s.chosen,
                      weights + at, change + at, q_to + row * s.heads * s.c);
    }
  });

  float *k_to = k_grad.data_ptr<float>(), *v_to = v_grad.data_ptr<float>();
  for (int64_t group = 0; group < s.groups; ++group) {
    const Askers askers(s, chosen + group * s.n * s.chosen);
    at::parallel_for(0, s.m, 16, [&](int64_t begin, int64_t end) {
      for (int64_t key = begin; key < end; ++key) {
        float *key_to = k_to + (group * s.m + key) * s.heads * s.c, *value_to = v_to + (group * s.m + key) * s.heads * s.e;
        for (int64_t i = askers.start[key]; i < askers.start[key + 1]; ++i) {
          const int64_t row = group * s.n + askers.places[i] / s.chosen, j = askers.places[i] % s.chosen;
          for (int64_t head = 0; head < s.heads; ++head) {
            const int64_t at = (row * s.heads + head) * s.chosen + j;
            add_scaled(key_to + head * s.c, q + (row * s.heads + head) * s.c, change[at], s.c);
            add_scaled(value_to + head * s.e, g + (row * s.heads + head) * s.e, weights[at], s.e);
          }
        }
      }
    });
  }
}

class TopkAttention : public torch::autograd::Function<TopkAttention> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& chosen, int64_t heads,
                        double scale) {
    const Sizes s = sizes_of(q, k, v, chosen, heads, scale);
    L3D_CHECK(s.n * s.chosen < std::numeric_limits<int32_t>::max(), "places fit 32 bits");
    Tensor weights = torch::empty({s.groups, s.n, s.heads, s.chosen});
    Tensor result = torch::zeros({s.groups, s.n, s.heads * s.e});
    if (k.scalar_type() == torch::kBFloat16) {
      forward_into<Bf16>(s, q, k, v, chosen, weights, result);
    } else {
      forward_into<float>(s, q, k, v, chosen, weights, result);
    }
    context->save_for_backward({q, k, v, chosen, weights});
    context->saved_data["heads"] = heads;
    context->saved_data["scale"] = scale;
    return result;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor &q = saved[0], &k = saved[1], &v = saved[2];
    const Sizes s = sizes_of(q, k, v, saved[3], context->saved_data["heads"].toInt(), context->saved_data["scale"].toDouble());
    const Tensor gradient = gradients[0].to(torch::kFloat).contiguous();
    Tensor q_grad = torch::zeros_like(q), k_grad = torch::zeros(k.sizes()), v_grad = torch::zeros(v.sizes());
    if (k.scalar_type() == torch::kBFloat16) {
      backward_into<Bf16>(s, saved, gradient, q_grad, k_grad, v_grad);
    } else {
      backward_into<float>(s, saved, gradient, q_grad, k_grad, v_grad);
    }
    return {q_grad, k_grad.to(k.scalar_type()), v_grad.to(v.scalar_type()), Tensor(), Tensor(), Tensor()};
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
  return TopkAttention::apply(queries, as(k, key_type), as(v, key_type), chosen.contiguous(), heads, scale);
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
