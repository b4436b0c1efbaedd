#include "train/optimizer.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/check.h"
#include "base/error.h"

namespace looking3d {
namespace {

/// Factors of one update, the same for all weights.
struct Factors {
  float rate, decay, clip, beta1, beta2, mean_scale, square_scale, epsilon, ema;
};

/// Raw memory of one parameter; `average` may be null.
struct Memory {
  float* weight;
  const float* gradient;
  float* mean;
  float* square;
  float* average;
};

void update(const Memory& at, const Factors& f, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; ++i) {
    const float gradient = at.gradient[i] * f.clip;
    const float mean = at.mean[i] = f.beta1 * at.mean[i] + (1 - f.beta1) * gradient;
    const float square = at.square[i] = f.beta2 * at.square[i] + (1 - f.beta2) * gradient * gradient;
    const float step = mean * f.mean_scale / (std::sqrt(square * f.square_scale) + f.epsilon);
    at.weight[i] -= f.rate * (step + f.decay * at.weight[i]);
  }
  if (at.average == nullptr) return;
  for (int64_t i = begin; i < end; ++i) at.average[i] = f.ema * at.average[i] + (1 - f.ema) * at.weight[i];
}

void update_in_one_pass(const Memory& at, const Factors& f, int64_t count) {
  at::parallel_for(0, count, 1 << 15, [&](int64_t begin, int64_t end) { update(at, f, begin, end); });
}

/// The same by the library's operations, on any device; `average` may be undefined.
void update_by_operations(torch::Tensor& weight, torch::Tensor& mean, torch::Tensor& square, torch::Tensor& average, const Factors& f) {
  const torch::Tensor gradient = weight.grad() * f.clip;
  mean.mul_(f.beta1).add_(gradient, 1 - f.beta1);
  square.mul_(f.beta2).addcmul_(gradient, gradient, 1 - f.beta2);
  const torch::Tensor step = (mean * f.mean_scale) / ((square * f.square_scale).sqrt() + f.epsilon);
  weight.sub_(step.add_(weight, f.decay), f.rate);
  if (average.defined()) average.mul_(f.ema).add_(weight, 1 - f.ema);
}

/// The gradient in the weight's memory order.
torch::Tensor aligned_gradient(const torch::Tensor& weight) {
  const torch::Tensor gradient = weight.grad();
  if (gradient.strides() == weight.strides()) return gradient;
  return torch::empty_like(weight).copy_(gradient);
}

/// Averages start fast, so that the first weights are soon forgotten.
double average_decay(double ema, int64_t updates) {
  return std::min(ema, (1.0 + static_cast<double>(updates)) / (10.0 + static_cast<double>(updates)));
}

}  // namespace

Optimizer::Optimizer(const torch::nn::Module& network, const OptimizerOptions& options) : options_(options) {
  torch::NoGradGuard no_grad;
  const auto average_of = [&](const torch::Tensor& t) { return options.ema > 0 ? t.detach().clone() : torch::Tensor(); };
  for (const auto& item : network.named_parameters()) {
    const torch::Tensor& weight = item.value();
    if (!weight.requires_grad()) continue;
    L3D_CHECK(weight.scalar_type() == torch::kFloat, "parameter " + item.key());
    L3D_CHECK(weight.unsafeGetTensorImpl()->is_non_overlapping_and_dense(), "parameter " + item.key());
    parameters_.push_back(
        {item.key(), weight, torch::zeros_like(weight), torch::zeros_like(weight), average_of(weight), weight.dim() >= 2});
  }
  for (const auto& item : network.named_buffers()) {
    if (item.value().is_floating_point()) buffers_.push_back({item.key(), item.value(), {}, {}, average_of(item.value()), false});
  }
}

double Optimizer::gradient_norm() const {
  double sum = 0;
  for (const Slot& slot : parameters_) {
    if (!slot.weight.grad().defined()) continue;
    const double norm = slot.weight.grad().norm().item<double>();
    sum += norm * norm;
  }
  return std::sqrt(sum);
}

double Optimizer::step(double learning_rate) {
  torch::NoGradGuard no_grad;
  const double norm = gradient_norm();
  if (!std::isfinite(norm)) {
    // A forward pass that overflowed has spoilt the norms' running statistics too.
    for (Slot& slot : buffers_) {
      if (slot.average.defined() && !slot.weight.isfinite().all().item<bool>()) slot.weight.copy_(slot.average);
    }
    zero_grad();
    return norm;
  }
  ++updates_;
  const double ema = average_decay(options_.ema, updates_);
  Factors f;
  f.rate = static_cast<float>(learning_rate);
  f.clip = options_.clip > 0 && norm > options_.clip ? static_cast<float>(options_.clip / norm) : 1.0f;
  f.beta1 = static_cast<float>(options_.beta1);
  f.beta2 = static_cast<float>(options_.beta2);
  f.mean_scale = static_cast<float>(1 / (1 - std::pow(options_.beta1, static_cast<double>(updates_))));
  f.square_scale = static_cast<float>(1 / (1 - std::pow(options_.beta2, static_cast<double>(updates_))));
  f.epsilon = static_cast<float>(options_.epsilon);
  f.ema = static_cast<float>(ema);
  for (Slot& slot : parameters_) {
    if (!slot.weight.grad().defined()) continue;
    f.decay = slot.decays ? static_cast<float>(options_.weight_decay) : 0.0f;
    if (!options_.one_pass || !slot.weight.is_cpu()) {
      update_by_operations(slot.weight, slot.mean, slot.square, slot.average, f);
      continue;
    }
    const torch::Tensor gradient = aligned_gradient(slot.weight);
    const Memory at{slot.weight.data_ptr<float>(), gradient.data_ptr<float>(), slot.mean.data_ptr<float>(), slot.square.data_ptr<float>(),
                    slot.average.defined() ? slot.average.data_ptr<float>() : nullptr};
    update_in_one_pass(at, f, slot.weight.numel());
  }
  if (options_.ema > 0) average_buffers(ema);
  zero_grad();
  return norm;
}

void Optimizer::average_buffers(double decay) {
  for (Slot& slot : buffers_) slot.average.mul_(decay).add_(slot.weight, 1 - decay);
}

void Optimizer::zero_grad() {
  for (Slot& slot : parameters_) slot.weight.mutable_grad() = torch::Tensor();
}

NamedTensors Optimizer::state() const {
  NamedTensors state;
  state.emplace_back("updates", torch::tensor({updates_}, torch::kLong));
  for (const Slot& slot : parameters_) {
    state.emplace_back("mean." + slot.name, slot.mean);
    state.emplace_back("square." + slot.name, slot.square);
    if (slot.average.defined()) state.emplace_back("average." + slot.name, slot.average);
  }
  for (const Slot& slot : buffers_) {
    if (slot.average.defined()) state.emplace_back("average." + slot.name, slot.average);
  }
  return state;
}

void Optimizer::restore(const NamedTensors& state, const Path& where) {
  torch::NoGradGuard no_grad;
  const std::map<std::string, torch::Tensor> by_name(state.begin(), state.end());
  const auto copy = [&](const std::string& name, torch::Tensor& target) {
    if (!target.defined()) return;
    const auto found = by_name.find(name);
    if (found == by_name.end() || found->second.sizes() != target.sizes()) {
      throw InputError(where, "has no fitting optimizer state '" + name + "'");
    }
    target.copy_(found->second);
  };
  for (Slot& slot : parameters_) {
    copy("mean." + slot.name, slot.mean);
    copy("square." + slot.name, slot.square);
    copy("average." + slot.name, slot.average);
  }
  for (Slot& slot : buffers_) copy("average." + slot.name, slot.average);
  torch::Tensor updates = torch::zeros({1}, torch::kLong);
  copy("updates", updates);
  updates_ = updates.item<int64_t>();
}

void Optimizer::swap_average() {
  torch::NoGradGuard no_grad;
  for (std::vector<Slot>* slots : {&parameters_, &buffers_}) {
    for (Slot& slot : *slots) {
      if (!slot.average.defined()) continue;
      const torch::Tensor held = slot.weight.detach().clone();
      slot.weight.copy_(slot.average);
      slot.average.copy_(held);
    }
  }
}

}  // namespace looking3d
