#include "model/batch_norm.h"

#include <ATen/OpMathType.h>

#include "base/check.h"

namespace looking3d {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr double kMomentum = 0.1, kEpsilon = 1e-5;  // the library's

/// The type in which images are normalised: bfloat16 ones in float32.
torch::ScalarType wide(const Tensor& x) {
  return at::toOpMathType(x.scalar_type());
}

/// [C] beside [B, C, H, W].
Tensor by_channel(const Tensor& of_channel, torch::ScalarType type) {
  return of_channel.to(type).view({1, -1, 1, 1});
}

/// Carries the sum through the graph.
struct Sum : torch::CustomClassHolder {
  explicit Sum(SumOverProcesses of) : call(std::move(of)) {}
  SumOverProcesses call;
};

/// Mean and variance (biased) of all processes' images, float64 [C] each, and the number of pixels.
struct Statistics {
  Statistics(const Tensor& x, const SumOverProcesses& sum) {
    const auto [local_variance, local_mean] = torch::var_mean(x.detach().to(wide(x)), {0, 2, 3}, false);
    // Mean squares are put together in double precision, where taking the squared mean away costs nothing.
    const Tensor own_mean = local_mean.to(torch::kDouble), square = local_variance.to(torch::kDouble) + own_mean.square();
    const auto own = static_cast<double>(x.numel() / x.size(1));
    const Tensor sums = own * torch::cat({own_mean, square, torch::ones_like(own_mean.slice(0, 0, 1))});
    sum(sums);
    const int64_t channels = x.size(1);
    count = sums[2 * channels].item<double>();
    mean = sums.slice(0, 0, channels) / count;
    variance = (sums.slice(0, channels, 2 * channels) / count - mean.square()).clamp_min(0);
  }
  Tensor mean, variance;
  double count = 0;
};

class SynchronisedNorm : public torch::autograd::Function<SynchronisedNorm> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& weight, const Tensor& bias, const Statistics& all,
                        const SumOverProcesses& sum) {
    context->save_for_backward({x, weight, all.mean, (all.variance + kEpsilon).rsqrt()});
    context->saved_data["count"] = all.count;
    context->saved_data["sum"] = c10::IValue::make_capsule(c10::make_intrusive<Sum>(sum));
    return torch::batch_norm(x, weight, bias, all.mean.to(weight.scalar_type()), all.variance.to(weight.scalar_type()), false, 0, kEpsilon,
                             false);
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const torch::ScalarType type = wide(saved[0]);
    const Tensor weight = by_channel(saved[1], type), scale = by_channel(saved[3], type), gradient = gradients[0].to(type);
    const Tensor unit = (saved[0].to(type) - by_channel(saved[2], type)) * scale;  // x normalised
    const Tensor bias_gradient = gradient.sum({0, 2, 3}), weight_gradient = (gradient * unit).sum({0, 2, 3});
    // What all processes' losses say of the mean and the variance.
    const Tensor sums = torch::stack({bias_gradient, weight_gradient}).to(torch::kDouble);
    c10::static_intrusive_pointer_cast<Sum>(context->saved_data["sum"].toCapsule())->call(sums);
    const Tensor means = sums / context->saved_data["count"].toDouble();
    const Tensor x_gradient = weight * scale * (gradient - by_channel(means[0], type) - unit * by_channel(means[1], type));
    return {x_gradient.to(saved[0].scalar_type()), weight_gradient, bias_gradient, Tensor(), Tensor()};
  }
};

}  // namespace

BatchNormImpl::BatchNormImpl(int64_t channels) {
  weight = register_parameter("weight", torch::ones({channels}));
  bias = register_parameter("bias", torch::zeros({channels}));
  running_mean = register_buffer("running_mean", torch::zeros({channels}));
  running_var = register_buffer("running_var", torch::ones({channels}));
  num_batches_tracked = register_buffer("num_batches_tracked", torch::zeros({}, torch::kLong));
}

void BatchNormImpl::fold_into(Tensor& weight_before, Tensor& bias_before) {
  L3D_CHECK(!folded_, "a norm is folded once");
  const Tensor scale = weight * (running_var + kEpsilon).rsqrt();
  weight_before.set_data((weight_before * scale.view({-1, 1, 1, 1})).contiguous(torch::MemoryFormat::ChannelsLast));
  const Tensor shift = bias - running_mean * scale;
  bias_before = bias_before.defined() ? bias_before * scale + shift : shift;
  folded_ = true;
}

Tensor BatchNormImpl::forward(const Tensor& x) {
  if (folded_) {
    L3D_CHECK(!is_training(), "a folded norm is not trained");
    return x;
  }
  if (is_training()) num_batches_tracked += 1;
  if (!sum_ || !is_training()) {
    const bool cudnn = at::globalContext().userEnabledCuDNN();
    return torch::batch_norm(x, weight, bias, running_mean, running_var, is_training(), kMomentum, kEpsilon, cudnn);
  }
  const Statistics all(x, sum_);
  {
    const torch::NoGradGuard no_grad;
    running_mean.mul_(1 - kMomentum).add_(all.mean, kMomentum);
    running_var.mul_(1 - kMomentum).add_(all.variance * (all.count / (all.count - 1)), kMomentum);
  }
  return SynchronisedNorm::apply(x, weight, bias, all, sum_);
}

void synchronise_batch_norms(torch::nn::Module& network, const SumOverProcesses& sum) {
  for (const auto& module : network.modules())
    if (auto* norm = module->as<BatchNormImpl>()) norm->synchronise(sum);
}

}  // namespace looking3d
