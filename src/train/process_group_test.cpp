#include "train/process_group.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <map>
#include <mutex>

#include "base/error.h"
#include "model/batch_norm.h"
#include "model/compare_net.h"
#include "train/local_group.h"

namespace looking3d {
namespace {

using std::chrono::milliseconds;

std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

/// Rendezvous::from_environment() under exactly these variables.
Rendezvous under(const std::map<std::string, std::string>& variables) {
  for (const char* name : {"RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT", "TORCHELASTIC_USE_AGENT_STORE"}) ::unsetenv(name);
  for (const auto& [name, value] : variables) ::setenv(name.c_str(), value.c_str(), 1);
  struct Clear {
    const std::map<std::string, std::string>& names;
    ~Clear() {
      for (const auto& [name, value] : names) ::unsetenv(name.c_str());
    }
  } clear{variables};
  return Rendezvous::from_environment();
}

int64_t open_sockets() {
  int64_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code ignored;
    count += std::filesystem::read_symlink(entry.path(), ignored).string().starts_with("socket:");
  }
  return count;
}

TEST(Rendezvous, ReadsWhatTorchrunSets) {
  const Rendezvous meeting = under({{"RANK", "2"}, {"WORLD_SIZE", "4"}, {"MASTER_ADDR", "node7"}, {"MASTER_PORT", "29500"}});
  EXPECT_EQ(meeting.rank, 2);
  EXPECT_EQ(meeting.size, 4);
  EXPECT_EQ(meeting.address, "node7");
  EXPECT_EQ(meeting.port, 29500);
  EXPECT_FALSE(meeting.hosts_store);
  const std::map<std::string, std::string> leader = {
      {"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "node7"}, {"MASTER_PORT", "29500"}};
  EXPECT_TRUE(under(leader).hosts_store);
  std::map<std::string, std::string> under_torchrun = leader;
  under_torchrun["TORCHELASTIC_USE_AGENT_STORE"] = "True";
  EXPECT_FALSE(under(under_torchrun).hosts_store);
}

TEST(Rendezvous, NamesTheVariableAtFault) {
  const std::map<std::string, std::string> whole = {
      {"RANK", "1"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "localhost"}, {"MASTER_PORT", "29500"}};
  for (const auto& [name, value] : whole) {
    std::map<std::string, std::string> partial = whole;
    partial.erase(name);
    EXPECT_TRUE(error_of([&] { under(partial); }).starts_with(name + ": is not set")) << name;
  }
  const std::pair<const char*, const char*> wrong[] = {{"RANK", "2"},           {"RANK", "-1"},       {"RANK", "one"},
                                                       {"WORLD_SIZE", "0"},     {"WORLD_SIZE", "2x"}, {"MASTER_PORT", "0"},
                                                       {"MASTER_PORT", "65536"}};
  for (const auto& [name, value] : wrong) {
    std::map<std::string, std::string> spoilt = whole;
    spoilt[name] = value;
    EXPECT_TRUE(error_of([&] { under(spoilt); }).starts_with(std::string(name) + ": is '" + value + "'")) << name << " " << value;
  }
}

TEST(ProcessGroup, AloneOpensNoSocket) {
  const int64_t before = open_sockets();
  for (const std::map<std::string, std::string>& variables :
       {std::map<std::string, std::string>{}, {{"WORLD_SIZE", "1"}, {"RANK", "0"}}, {{"MASTER_ADDR", "localhost"}}}) {
    const ProcessGroup alone(under(variables), torch::kCPU);
    EXPECT_EQ(alone.size(), 1);
    EXPECT_TRUE(alone.leads());
    EXPECT_EQ(alone.sum(torch::full({1}, 3.0)).item<double>(), 3);
    alone.broadcast(torch::ones({2}));
    alone.require_same(5, "nothing");
    EXPECT_EQ(open_sockets(), before);
  }
}

TEST(ProcessGroup, AddsUpAndCopies) {
  together(3, [](const ProcessGroup& group) {
    const double rank = group.rank();
    EXPECT_EQ(group.sum(torch::full({1}, rank + 1, torch::kDouble)).item<double>(), 6);
    // Several buckets: one tensor larger than a bucket, small ones, one that is not contiguous, an empty one.
    const std::vector<torch::Tensor> many = {torch::full({5, 2}, rank), torch::full({7 << 20}, 1.0f), torch::full({3, 4}, rank).t(),
                                             torch::empty({0}), torch::full({}, 2.0f)};
    group.sum(many);
    EXPECT_TRUE(many[0].eq(3).all().item<bool>());
    EXPECT_TRUE(many[1].eq(3).all().item<bool>());
    EXPECT_TRUE(many[2].eq(3).all().item<bool>());
    EXPECT_EQ(many[4].item<float>(), 6);

    const torch::Tensor counts = torch::full({2}, group.rank() + 7, torch::kLong);
    group.broadcast(counts);
    EXPECT_TRUE(counts.eq(7).all().item<bool>());
    group.require_same(4, "the same");
    const std::string differs = error_of([&] { group.require_same(group.rank() == 2 ? 1 : 0, "the step"); });
    EXPECT_EQ(differs.find("rank 2: the step is not that of rank 0") == 0, group.rank() == 2) << differs;
  });
}

TEST(ProcessGroup, NoticesThatAnotherHasGone) {
  together(2, [](const ProcessGroup& group) {
    if (group.rank() == 1) return;  // its connections close
    EXPECT_NE(error_of([&] { group.sum(torch::ones({4})); }).find("lost another process"), std::string::npos);
  });
  // One that is there but says nothing.
  std::promise<void> noticed;
  together(
      2,
      [&](const ProcessGroup& group) {
        if (group.rank() == 1) return noticed.get_future().wait();
        EXPECT_NE(error_of([&] { group.sum(torch::ones({4})); }).find("lost another process"), std::string::npos);
        noticed.set_value();
      },
      milliseconds(6000));  // long enough to meet on a busy machine
}

TEST(ProcessGroup, SaysWhenTheOthersDoNotCome) {
  const int port = free_port();
  const auto alone_of_two = [&](int rank) {
    return error_of([&] { ProcessGroup({rank, 2, "127.0.0.1", port, rank == 0}, torch::kCPU, milliseconds(1000)); });
  };
  EXPECT_NE(alone_of_two(0).find("rank 0: did not meet the other 1"), std::string::npos);
  EXPECT_NE(alone_of_two(1).find("rank 1: did not meet the other 1"), std::string::npos);
}

TEST(DeviceOf, SaysWhatIsMissing) {
  EXPECT_TRUE(device_of("cpu", 0).is_cpu());
  if (torch::cuda::is_available()) {
    EXPECT_TRUE(device_of("auto", 0).is_cuda());
  } else {
    EXPECT_TRUE(device_of("auto", 0).is_cpu());
    EXPECT_NE(error_of([] { device_of("cuda", 0); }).find("sees no GPU"), std::string::npos);
  }
}

/// One training pass of a batch norm and what it left behind.
struct Pass {
  torch::Tensor y, x_gradient, weight_gradient, bias_gradient, running_mean, running_var;
};

/// The loss is sum(y * weight_of_loss); `group` null: the library's own batch norm.
Pass pass_of(const torch::Tensor& x, const torch::Tensor& loss_weights, const ProcessGroup* group) {
  BatchNorm norm(3);
  {
    const torch::NoGradGuard no_grad;
    norm->weight.copy_(torch::tensor({0.5f, -1.0f, 2.0f}));
    norm->bias.copy_(torch::tensor({0.1f, 0.2f, 0.3f}));
  }
  if (group != nullptr) synchronise_batch_norms(*norm, [group](torch::Tensor t) { group->sum(std::move(t)); });
  const torch::Tensor input = x.detach().clone().requires_grad_(true);
  const torch::Tensor y = norm->forward(input);
  (y * loss_weights).sum().backward();
  EXPECT_EQ(norm->num_batches_tracked.item<int64_t>(), 1);
  norm->eval();  // uses what it has learnt, without a word to the others
  EXPECT_EQ(norm->forward(x).sizes(), x.sizes());
  return {y.detach(), input.grad(), norm->weight.grad(), norm->bias.grad(), norm->running_mean, norm->running_var};
}

TEST(BatchNorm, AloneIsTheLibrarys) {
  torch::manual_seed(3);
  BatchNorm ours(3);
  torch::nn::BatchNorm2d theirs(3);
  const torch::Tensor x = torch::randn({4, 3, 5, 5});
  for (int pass = 0; pass < 2; ++pass) EXPECT_TRUE(torch::equal(ours->forward(x), theirs->forward(x)));
  ours->eval();
  theirs->eval();
  EXPECT_TRUE(torch::equal(ours->forward(x), theirs->forward(x)));
  const auto compare = [](const auto& a, const auto& b) {
    ASSERT_EQ(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].key(), b[i].key());
      EXPECT_TRUE(torch::equal(a[i].value(), b[i].value())) << a[i].key();
    }
  };
  compare(ours->named_parameters(), theirs->named_parameters());
  compare(ours->named_buffers(), theirs->named_buffers());
}

TEST(BatchNorm, OverTwoProcessesIsThatOfTheWholeBatch) {
  torch::manual_seed(2);
  // Channels far from 0 against their deviation, and shares of different sizes.
  const torch::Tensor x = torch::randn({7, 3, 6, 5}) * torch::tensor({1.0f, 0.1f, 3.0f}).view({1, 3, 1, 1}) +
                          torch::tensor({0.0f, 20.0f, -5.0f}).view({1, 3, 1, 1});
  const torch::Tensor loss_weights = torch::randn({7, 3, 6, 5});
  const Pass whole = pass_of(x, loss_weights, nullptr);
  std::array<Pass, 2> parts;
  together(2, [&](const ProcessGroup& group) {
    const int64_t begin = group.rank() == 0 ? 0 : 3, end = group.rank() == 0 ? 3 : 7;
    parts[static_cast<size_t>(group.rank())] = pass_of(x.slice(0, begin, end), loss_weights.slice(0, begin, end), &group);
  });
  const auto near = [](const torch::Tensor& a, const torch::Tensor& b, double tolerance) {
    return (a - b).abs().max().item<double>() <= tolerance * (1 + b.abs().max().item<double>());
  };
  // The plain norm takes its mean in float32 from values up to 200 deviations away from 0; that error is what the tolerance is for.
  EXPECT_TRUE(near(torch::cat({parts[0].y, parts[1].y}), whole.y, 1e-4));
  EXPECT_TRUE(near(torch::cat({parts[0].x_gradient, parts[1].x_gradient}), whole.x_gradient, 1e-4));
  EXPECT_TRUE(near(parts[0].weight_gradient + parts[1].weight_gradient, whole.weight_gradient, 1e-4));
  EXPECT_TRUE(near(parts[0].bias_gradient + parts[1].bias_gradient, whole.bias_gradient, 1e-5));
  for (const Pass& part : parts) {
    EXPECT_TRUE(near(part.running_mean, whole.running_mean, 1e-6));
    EXPECT_TRUE(near(part.running_var, whole.running_var, 1e-5));
  }
  EXPECT_TRUE(torch::equal(parts[0].running_mean, parts[1].running_mean));
  EXPECT_TRUE(torch::equal(parts[0].running_var, parts[1].running_var));
}

TEST(BatchNorm, WholeNetworksAreExact) {
  // In float64, where rounding cannot hide a mistake: two processes with two photos each against one with four.
  const auto gradients = [](const ProcessGroup& group) {
    torch::manual_seed(6);  // the threads take turns below, since they share the generator
    CompareNet network(CompareOptions{8, 16});
    const torch::Tensor photos = torch::randn({4, 3, 64, 64}, torch::kDouble), rendered = torch::randn({4, 7, 64, 64}, torch::kDouble);
    const torch::Tensor factors = torch::randn({4, 1 + 64 + 5 + 4}, torch::kDouble);
    network->to(torch::kDouble);
    return [=, &group]() mutable {
      if (group.size() > 1) synchronise_batch_norms(*network, [&group](torch::Tensor t) { group.sum(std::move(t)); });
      const auto own = [&](const torch::Tensor& t) { return t.slice(0, group.share().begin(4), group.share().end(4)); };
      const CompareOutput out = network->forward(own(photos), own(rendered));
      const torch::Tensor all = torch::cat({out.logit.unsqueeze(1), out.patch_logits.flatten(1), out.kind_logits, out.box}, 1);
      (all * own(factors)).sum().backward();
      std::vector<torch::Tensor> result;
      for (const torch::Tensor& weight : network->parameters()) result.push_back(weight.grad());
      group.sum(result);
      return result;
    };
  };
  const ProcessGroup alone;
  const std::vector<torch::Tensor> whole = gradients(alone)();
  together(2, [&](const ProcessGroup& group) {
    static std::mutex mutex;
    std::unique_lock lock(mutex);
    auto run = gradients(group);
    lock.unlock();
    const std::vector<torch::Tensor> shared = run();
    ASSERT_EQ(shared.size(), whole.size());
    for (size_t i = 0; i < whole.size(); ++i)
      EXPECT_LT((shared[i] - whole[i]).norm().item<double>(), 1e-9 * (1 + whole[i].norm().item<double>())) << i;
  });
}

}  // namespace
}  // namespace looking3d
