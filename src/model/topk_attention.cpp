#include "model/topk_attention.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/check.h"

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

float dot(const float* a, const float* b, int64_t count) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

void add_scaled(float* to, const float* from, float factor, int64_t count) {
  for (int64_t i = 0; i < count; ++i) to[i] += factor * from[i];
}

/// Softmax weights of one query and head over its keys, into weights[0 .. s.chosen); 0 where there is no key.
void weigh(const Sizes& s, const float* q, const float* k, const int64_t* chosen, float* weights) {
  const int64_t stride = s.heads * s.c;
  float largest = -std::numeric_limits<float>::infinity();
  for (int64_t j = 0; j < s.chosen; ++j) {
    if (chosen[j] < 0) continue;
    weights[j] = s.scale * dot(q, k + chosen[j] * stride, s.c);
    largest = std::max(largest, weights[j]);
  }
  float sum = 0;
  for (int64_t j = 0; j < s.chosen; ++j) sum += weights[j] = chosen[j] < 0 ? 0.0f : std::exp(weights[j] - largest);
  for (int64_t j = 0; j < s.chosen && sum > 0; ++j) weights[j] /= sum;
}

class TopkAttention : public torch::autograd::Function<TopkAttention> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& chosen, int64_t heads,
                        double scale) {
    const Sizes s = sizes_of(q, k, v, chosen, heads, scale);
    Tensor weights = torch::empty({s.groups, s.n, s.heads, s.chosen});
    Tensor result = torch::zeros({s.groups, s.n, s.heads * s.e});
    const float *q_at = q.data_ptr<float>(), *k_at = k.data_ptr<float>(), *v_at = v.data_ptr<float>();
    const int64_t* chosen_at = chosen.data_ptr<int64_t>();
    float *weights_at = weights.data_ptr<float>(), *result_at = result.data_ptr<float>();

    at::parallel_for(0, s.groups * s.n, 16, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const int64_t group = row / s.n, *keys = chosen_at + row * s.chosen;
        for (int64_t head = 0; head < s.heads; ++head) {
          float* w = weights_at + (row * s.heads + head) * s.chosen;
          weigh(s, q_at + (row * s.heads + head) * s.c, k_at + (group * s.m * s.heads + head) * s.c, keys, w);
          float* out = result_at + (row * s.heads + head) * s.e;
          const float* values = v_at + (group * s.m * s.heads + head) * s.e;
          for (int64_t j = 0; j < s.chosen; ++j)
            if (keys[j] >= 0) add_scaled(out, values + keys[j] * s.heads * s.e, w[j], s.e);
        }
      }
    });
    context->save_for_backward({q, k, v, chosen, weights});
    context->saved_data["heads"] = heads;
    context->saved_data["scale"] = scale;
    return result;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor &q = saved[0], &k = saved[1], &v = saved[2], &chosen = saved[3], &weights = saved[4];
    const Sizes s = sizes_of(q, k, v, chosen, context->saved_data["heads"].toInt(), context->saved_data["scale"].toDouble());
    const Tensor gradient = gradients[0].to(torch::kFloat).contiguous();
    Tensor q_grad = torch::zeros_like(q), k_grad = torch::zeros_like(k), v_grad = torch::zeros_like(v);

    // Keys are shared by the queries of a group, so one task owns all queries of a group and head: nothing is added from two threads.
    at::parallel_for(0, s.groups * s.heads, 1, [&](int64_t begin, int64_t end) {
      std::vector<float> change(s.chosen);
      for (int64_t task = begin; task < end; ++task) {
        const int64_t group = task / s.heads, head = task % s.heads;
        const int64_t key_base = (group * s.m * s.heads + head) * s.c, value_base = (group * s.m * s.heads + head) * s.e;
        for (int64_t row = group * s.n; row < (group + 1) * s.n; ++row) {
          const int64_t* keys = chosen.data_ptr<int64_t>() + row * s.chosen;
          const float* w = weights.data_ptr<float>() + (row * s.heads + head) * s.chosen;
          const float* g = gradient.data_ptr<float>() + (row * s.heads + head) * s.e;
          const float* q_row = q.data_ptr<float>() + (row * s.heads + head) * s.c;
          float* q_row_grad = q_grad.data_ptr<float>() + (row * s.heads + head) * s.c;
          float mean = 0;
          for (int64_t j = 0; j < s.chosen; ++j) {
            if (keys[j] < 0) continue;
            const int64_t value = value_base + keys[j] * s.heads * s.e;
            add_scaled(v_grad.data_ptr<float>() + value, g, w[j], s.e);
            change[j] = dot(g, v.data_ptr<float>() + value, s.e);
            mean += w[j] * change[j];
          }
          for (int64_t j = 0; j < s.chosen; ++j) {
            if (keys[j] < 0) continue;
            const int64_t key = key_base + keys[j] * s.heads * s.c;
            const float factor = s.scale * w[j] * (change[j] - mean);
            add_scaled(q_row_grad, k.data_ptr<float>() + key, factor, s.c);
            add_scaled(k_grad.data_ptr<float>() + key, q_row, factor, s.c);
          }
        }
      }
    });
    return {q_grad, k_grad, v_grad, Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

Tensor topk_columns(const Tensor& similarity, const Tensor& allowed, int64_t k) {
  const torch::NoGradGuard no_grad;
  const Tensor masked = similarity.detach().to(torch::kFloat).masked_fill(allowed.logical_not(), -std::numeric_limits<float>::infinity());
  auto [values, columns] = masked.topk(std::min(k, masked.size(-1)), -1);
  return columns.masked_fill(values == -std::numeric_limits<float>::infinity(), -1).contiguous();
}

Tensor topk_attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& chosen, int64_t heads, double scale) {
  const auto plain = [](const Tensor& t) { return t.to(torch::kFloat).contiguous(); };
  return TopkAttention::apply(plain(q), plain(k), plain(v), chosen.contiguous(), heads, scale);
}

}  // namespace looking3d
