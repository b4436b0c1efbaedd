#include "model/take_rows.h"

#include <ATen/Parallel.h>

#include <cstring>

#include "base/check.h"

namespace looking3d {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kGrain = 64;  ///< rows of a task

/// to[i] = from[rows[i]], or zeros.
Tensor gathered(const Tensor& x, const Tensor& rows) {
  const Tensor from = x.contiguous();
  Tensor to = torch::empty({rows.size(0), x.size(1)}, x.options());
  const auto bytes = static_cast<size_t>(x.size(1)) * x.element_size();
  const auto* source = static_cast<const char*>(from.data_ptr());
  auto* target = static_cast<char*>(to.data_ptr());
  const int64_t* row = rows.data_ptr<int64_t>();
  at::parallel_for(0, rows.size(0), kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      L3D_CHECK(row[i] >= -1 && row[i] < x.size(0), "a row of the matrix");
      if (row[i] < 0) {
        std::memset(target + static_cast<size_t>(i) * bytes, 0, bytes);
      } else {
        std::memcpy(target + static_cast<size_t>(i) * bytes, source + static_cast<size_t>(row[i]) * bytes, bytes);
      }
    }
  });
  return to;
}

class TakeRows : public torch::autograd::Function<TakeRows> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& rows) {
    context->save_for_backward({rows});
    context->saved_data["n"] = x.size(0);
    return gathered(x, rows);
  }

  /// What is taken once goes back by being taken.
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    return {gathered(gradients[0], places_of(context->get_saved_variables()[0], context->saved_data["n"].toInt())), Tensor()};
  }
};

}  // namespace

Tensor take_rows(const Tensor& x, const Tensor& rows) {
  L3D_CHECK(x.dim() == 2 && rows.dim() == 1 && rows.scalar_type() == torch::kLong, "[n, c], [t] int64");
  if (x.device().is_cpu()) return TakeRows::apply(x, rows.contiguous());
  return x.index_select(0, rows.clamp_min(0)).masked_fill((rows < 0).unsqueeze(1), 0);
}

Tensor places_of(const Tensor& rows, int64_t n) {
  // A spare place takes the -1 entries.
  const Tensor places = torch::full({n + 1}, -1, rows.options());
  places.scatter_(0, rows.masked_fill(rows < 0, n), torch::arange(rows.size(0), rows.options()));
  return places.slice(0, 0, n).contiguous();
}

}  // namespace looking3d
