#include "model/dense_attention.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "base/check.h"
#include "model/lanes.h"

namespace looking3d {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kRows = 8;      ///< queries worked on together
constexpr float kNever = -1e30f;  ///< logit of a key that does not count

/// A matrix of floats whose rows are padded with zeros to whole lanes.
struct Matrix {
  Matrix(int64_t rows, int64_t columns) : stride(padded(columns)), cells(static_cast<size_t>(rows * stride)) {}
  float* row(int64_t i) { return cells.data() + i * stride; }
  const float* row(int64_t i) const { return cells.data() + i * stride; }
  int64_t stride;
  std::vector<float> cells;
};

int64_t padded_rows(int64_t n) {
  return (n + kRows - 1) / kRows * kRows;
}

Matrix rows_of(const float* from, int64_t n, int64_t c, float scale, int64_t rows) {
  Matrix to(rows, c);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < c; ++j) to.row(i)[j] = scale * from[i * c + j];
  return to;
}

Matrix columns_of(const float* from, int64_t n, int64_t c) {
  Matrix to(c, n);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < c; ++j) to.row(j)[i] = from[i * c + j];
  return to;
}

/// to[r][j] = start[j] + sum over c of rows[r][c] * columns[c][j], for kRows rows.
LOOKING3D_INLINE void products(const float* rows, int64_t row_stride, const Matrix& columns, int64_t c, const float* start, float* to) {
  for (int64_t j = 0; j < columns.stride; j += kLanes) {
    Lanes sums[kRows];
    const Lanes first = *reinterpret_cast<const LooseLanes*>(start + j);
    for (Lanes& sum : sums) sum = first;
    for (int64_t i = 0; i < c; ++i) {
      const Lanes column = *reinterpret_cast<const LooseLanes*>(columns.row(i) + j);
      for (int64_t r = 0; r < kRows; ++r) sums[r] += rows[r * row_stride + i] * column;
    }
    for (int64_t r = 0; r < kRows; ++r) *reinterpret_cast<LooseLanes*>(to + r * columns.stride + j) = sums[r];
  }
}

/// to[r] = sum over j of weights[r][j] * from[j], for kRows rows.
LOOKING3D_INLINE void weighted_sums(const float* weights, int64_t weight_stride, const Matrix& from, int64_t m, float* to) {
  for (int64_t lane = 0; lane < from.stride; lane += kLanes) {
    Lanes sums[kRows] = {};
    for (int64_t j = 0; j < m; ++j) {
      const Lanes row = *reinterpret_cast<const LooseLanes*>(from.row(j) + lane);
      for (int64_t r = 0; r < kRows; ++r) sums[r] += weights[r * weight_stride + j] * row;
    }
    for (int64_t r = 0; r < kRows; ++r) *reinterpret_cast<LooseLanes*>(to + r * from.stride + lane) = sums[r];
  }
}

/// to[j] += sum over r of weights[r][j] * rows[r], for kRows rows.
LOOKING3D_INLINE void add_outer(const float* weights, int64_t weight_stride, const float* rows, int64_t m, Matrix& to) {
  for (int64_t lane = 0; lane < to.stride; lane += kLanes) {
    Lanes row[kRows];
    for (int64_t r = 0; r < kRows; ++r) row[r] = *reinterpret_cast<const LooseLanes*>(rows + r * to.stride + lane);
    for (int64_t j = 0; j < m; ++j) {
      Lanes sum = weights[j] * row[0];
      for (int64_t r = 1; r < kRows; ++r) sum += weights[r * weight_stride + j] * row[r];
      add_to(to.row(j) + lane, sum);
    }
  }
}

/// One head of one sample: pointers to q [n, c], k [m, c], v [m, e], and which keys count (null: all).
struct Head {
  const float *q, *k, *v;
  const bool* allowed;
  int64_t n, m, c, e;
  float scale;
};

/// What logits start from: 0, or never; and never for the padding.
std::vector<float> starts(const Head& h) {
  std::vector<float> start(static_cast<size_t>(padded(h.m)), -std::numeric_limits<float>::infinity());
  for (int64_t j = 0; j < h.m; ++j) start[static_cast<size_t>(j)] = h.allowed == nullptr || h.allowed[j] ? 0.0f : kNever;
  return start;
}

/// result [n, stride] of e channels each, and the logarithm of each row's sum of exponentials [n].
LOOKING3D_CLONES void attend(const Head& h, float* result, int64_t stride, float* log_sums) {
  const Matrix q = rows_of(h.q, h.n, h.c, h.scale, padded_rows(h.n)), keys = columns_of(h.k, h.m, h.c),
               values = rows_of(h.v, h.m, h.e, 1, h.m);
  const std::vector<float> start = starts(h);
  Matrix weights(kRows, h.m), sums(kRows, h.e);
  for (int64_t i = 0; i < h.n; i += kRows) {
    products(q.row(i), q.stride, keys, h.c, start.data(), weights.row(0));
    float total[kRows];
    for (int64_t r = 0; r < kRows; ++r) {
      float* row = weights.row(r);
      Lanes largest = *reinterpret_cast<const LooseLanes*>(row), sum = {};
      for (int64_t j = kLanes; j < weights.stride; j += kLanes) {
        const Lanes x = *reinterpret_cast<const LooseLanes*>(row + j);
        largest = x > largest ? x : largest;
      }
      const float top = largest_of(largest);
      for (int64_t j = 0; j < weights.stride; j += kLanes) {
        Lanes x = *reinterpret_cast<const LooseLanes*>(row + j) - top;
        exponential(x);
        sum += x;
        *reinterpret_cast<LooseLanes*>(row + j) = x;
      }
      total[r] = sum_of(sum);
      if (i + r < h.n) log_sums[i + r] = top + std::log(total[r]);
    }
    weighted_sums(weights.row(0), weights.stride, values, h.m, sums.row(0));
    for (int64_t r = 0; r < kRows && i + r < h.n; ++r)
      for (int64_t j = 0; j < h.e; ++j) result[(i + r) * stride + j] = sums.row(r)[j] / total[r];
  }
}

/// Gradients q_to [n, c], k_to [m, c], v_to [m, e] from that of the result and the result itself (both [n, stride]).
LOOKING3D_CLONES void attend_backward(const Head& h, const float* gradient, const float* result, int64_t stride, const float* log_sums,
                                      float* q_to, float* k_to, float* v_to) {
  const Matrix q = rows_of(h.q, h.n, h.c, h.scale, padded_rows(h.n)), keys = columns_of(h.k, h.m, h.c),
               key_rows = rows_of(h.k, h.m, h.c, 1, h.m), values = columns_of(h.v, h.m, h.e);
  const std::vector<float> start = starts(h), none(start.size(), 0.0f);
  Matrix wanted(padded_rows(h.n), h.e), key_sums(h.m, h.c), value_sums(h.m, h.e);
  for (int64_t i = 0; i < h.n; ++i) std::memcpy(wanted.row(i), gradient + i * stride, sizeof(float) * static_cast<size_t>(h.e));
  Matrix weights(kRows, h.m), change(kRows, h.m), sums(kRows, h.c);
  for (int64_t i = 0; i < h.n; i += kRows) {
    products(q.row(i), q.stride, keys, h.c, start.data(), weights.row(0));
    products(wanted.row(i), wanted.stride, values, h.e, none.data(), change.row(0));
    for (int64_t r = 0; r < kRows; ++r) {
      // Rows of the padding have weights of 0.
      float mean = 0;
      for (int64_t j = 0; i + r < h.n && j < h.e; ++j) mean += wanted.row(i + r)[j] * result[(i + r) * stride + j];
      const float log_sum = i + r < h.n ? log_sums[i + r] : std::numeric_limits<float>::infinity();
      for (int64_t j = 0; j < weights.stride; j += kLanes) {
        Lanes weight = *reinterpret_cast<const LooseLanes*>(weights.row(r) + j) - log_sum;
        exponential(weight);
        *reinterpret_cast<LooseLanes*>(weights.row(r) + j) = weight;
        *reinterpret_cast<LooseLanes*>(change.row(r) + j) = weight * (*reinterpret_cast<const LooseLanes*>(change.row(r) + j) - mean);
      }
    }
    weighted_sums(change.row(0), change.stride, key_rows, h.m, sums.row(0));
    for (int64_t r = 0; r < kRows && i + r < h.n; ++r)
      for (int64_t j = 0; j < h.c; ++j) q_to[(i + r) * h.c + j] = h.scale * sums.row(r)[j];
    add_outer(change.row(0), change.stride, q.row(i), h.m, key_sums);
    add_outer(weights.row(0), weights.stride, wanted.row(i), h.m, value_sums);
  }
  for (int64_t j = 0; j < h.m; ++j) {
    std::memcpy(k_to + j * h.c, key_sums.row(j), sizeof(float) * static_cast<size_t>(h.c));
    std::memcpy(v_to + j * h.e, value_sums.row(j), sizeof(float) * static_cast<size_t>(h.e));
  }
}

class DenseAttention : public torch::autograd::Function<DenseAttention> {
 public:
  /// q, k, v contiguous float32, allowed contiguous; empty: all.
  static Tensor forward(AutogradContext* context, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& allowed) {
    const int64_t batch = q.size(0), heads = q.size(1), n = q.size(2), e = v.size(3);
    Tensor result = torch::empty({batch, n, heads * e}), log_sums = torch::empty({batch, heads, n});
    float *to = result.data_ptr<float>(), *sums = log_sums.data_ptr<float>();
    at::parallel_for(0, batch * heads, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i)
        attend(head(q, k, v, allowed, i), to + (i / heads * n * heads + i % heads) * e, heads * e, sums + i * n);
    });
    context->save_for_backward({q, k, v, allowed, result, log_sums});
    return result;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor &q = saved[0], &k = saved[1], &v = saved[2], &result = saved[4], &log_sums = saved[5];
    const int64_t heads = q.size(1), n = q.size(2), e = v.size(3);
    const Tensor gradient = gradients[0].to(torch::kFloat).contiguous();
    Tensor q_grad = torch::empty_like(q), k_grad = torch::empty_like(k), v_grad = torch::empty_like(v);
    const float *wanted = gradient.data_ptr<float>(), *found = result.data_ptr<float>(), *sums = log_sums.data_ptr<float>();
    float *q_to = q_grad.data_ptr<float>(), *k_to = k_grad.data_ptr<float>(), *v_to = v_grad.data_ptr<float>();
    at::parallel_for(0, q.size(0) * heads, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const Head h = head(q, k, v, saved[3], i);
        const int64_t at = (i / heads * n * heads + i % heads) * e;
        attend_backward(h, wanted + at, found + at, heads * e, sums + i * n, q_to + i * n * h.c, k_to + i * h.m * h.c, v_to + i * h.m * e);
      }
    });
    return {q_grad, k_grad, v_grad, Tensor()};
  }

 private:
  static Head head(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& allowed, int64_t i) {
    const int64_t heads = q.size(1), n = q.size(2), c = q.size(3), m = k.size(2), e = v.size(3);
    Head one{q.data_ptr<float>() + i * n * c,     k.data_ptr<float>() + i * m * c, v.data_ptr<float>() + i * m * e, nullptr, n, m, c, e,
             1 / std::sqrt(static_cast<float>(c))};
    if (allowed.numel() == 0) return one;
    one.allowed = allowed.data_ptr<bool>() + i / heads * m;
    if (std::find(one.allowed, one.allowed + m, true) == one.allowed + m) one.allowed = nullptr, one.scale = 0;  // all alike
    return one;
  }
};

}  // namespace

Tensor dense_attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& allowed) {
  L3D_CHECK(q.dim() == 4 && k.dim() == 4 && v.dim() == 4, "[B, heads, n, c] each");
  L3D_CHECK(k.size(2) == v.size(2) && q.size(3) == k.size(3) && q.size(1) == k.size(1) && k.size(1) == v.size(1),
            "keys fit queries and values");
  if (!q.device().is_cpu()) return plain_attention(q, k, v, allowed);
  const auto ready = [](const Tensor& t) { return t.to(torch::kFloat).contiguous(); };
  return DenseAttention::apply(ready(q), ready(k), ready(v), allowed.defined() ? allowed.contiguous() : torch::empty({0}, torch::kBool));
}

Tensor plain_attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& allowed) {
  Tensor logits = torch::matmul(q, k.transpose(2, 3)).to(torch::kFloat) / std::sqrt(static_cast<double>(q.size(3)));
  if (allowed.defined()) logits = logits.masked_fill(allowed.logical_not().unsqueeze(1).unsqueeze(1), kNever);
  return torch::matmul(torch::softmax(logits, -1), v.to(torch::kFloat)).transpose(1, 2).flatten(2);
}

}  // namespace looking3d
