#pragma once
// The processes that train together, each with its rank and its share of every step: sums over all of them (c10d).
#include <torch/torch.h>

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "train/share.h"

namespace looking3d {

/// Where processes meet, as torchrun tells each of them: RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT.
struct Rendezvous {
  int rank = 0, size = 1;
  std::string address;       ///< machine of rank 0; not used by a process alone
  int port = 0;              ///< at which rank 0 listens
  bool hosts_store = false;  ///< whether this process listens; under torchrun the launcher itself may
  /// Without RANK and WORLD_SIZE, or with WORLD_SIZE=1: a process alone. Throws InputError naming the variable at fault.
  static Rendezvous from_environment();
};

/// The GPU of this process (LOCAL_RANK, else the rank modulo the GPUs) or the CPU, for "auto", "cpu" or "cuda". Throws InputError.
torch::Device device_of(const std::string& choice, int rank);

/// All processes must make the same calls in the same order. A process alone does nothing in them and opens no socket. A call throws
/// InputError when another process has gone, at once if its connection is closed and after `patience` if it only falls silent.
class ProcessGroup {
 public:
  explicit ProcessGroup(torch::Device device = torch::kCPU) : device_(device) {}
  /// Meets the others: over NCCL on a GPU where LibTorch was built with it, else over Gloo. Throws InputError when they do not come.
  ProcessGroup(const Rendezvous& meeting, torch::Device device, std::chrono::milliseconds patience = std::chrono::minutes(10));

  int rank() const { return rank_; }
  int size() const { return size_; }
  bool leads() const { return rank_ == 0; }                ///< rank 0 writes the files and speaks for all
  Share share() const { return {rank_, size_}; }           ///< of each step
  const torch::Device& device() const { return device_; }  ///< where this process computes

  /// Adds up a tensor over the processes, in place. Every process gets the same bits. Returns it.
  torch::Tensor sum(torch::Tensor tensor) const;
  /// The same for many tensors of one type, gathered into buckets of at most 25 MB.
  void sum(const std::vector<torch::Tensor>& tensors) const;
  /// Copies rank 0's tensor to all, in place.
  void broadcast(torch::Tensor tensor) const;
  /// Throws InputError saying that `what` is not that of rank 0 unless `value` is.
  void require_same(int64_t value, const std::string& what) const;

 private:
  using Collective = std::function<void(std::vector<torch::Tensor>&)>;
  void call(const Collective& collective, const torch::Tensor& tensor) const;

  const torch::Device device_;
  int rank_ = 0, size_ = 1;
  torch::Device wire_ = torch::kCPU;  ///< where tensors lie while they are summed
  Collective sum_, broadcast_;
};

}  // namespace looking3d
