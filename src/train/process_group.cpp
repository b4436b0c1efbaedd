#include "train/process_group.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#ifdef USE_C10D_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include "base/error.h"

namespace looking3d {
namespace {

using torch::Tensor;

constexpr int64_t kBucketBytes = 25 << 20;
constexpr const char* kSetAll = "torchrun sets RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT; unset them all to train alone";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

int number_of(const char* name, int low, int high) {
  const std::string text = variable(name);
  if (text.empty()) throw InputError(name, "is not set, though other variables ask for several processes", kSetAll);
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < low || value > high) {
    throw InputError(name, "is '" + text + "'", "a number from " + std::to_string(low) + " to " + std::to_string(high));
  }
  return value;
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

/// The numeric address of this machine from which `address` is reached: where the other processes find this one.
std::string own_address_towards(const std::string& address, int port) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;  // connecting such a socket sends nothing, but picks the route
  const int failure = ::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failure != 0) throw InputError("MASTER_ADDR", "'" + address + "' names no machine: " + ::gai_strerror(failure));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, ::freeaddrinfo);
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    const int socket = ::socket(at->ai_family, at->ai_socktype, at->ai_protocol);
    if (socket < 0) continue;
    sockaddr_storage own{};
    socklen_t length = sizeof own;
    char text[NI_MAXHOST];
    const bool known = ::connect(socket, at->ai_addr, at->ai_addrlen) == 0 &&
                       ::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &length) == 0 &&
                       ::getnameinfo(reinterpret_cast<sockaddr*>(&own), length, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0;
    ::close(socket);
    if (known) return text;
  }
  throw InputError("MASTER_ADDR", "'" + address + "' cannot be reached from this machine");
}

c10::intrusive_ptr<c10d::Store> meet(const Rendezvous& meeting, std::chrono::milliseconds patience) {
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(meeting.port);
  options.isServer = meeting.hosts_store;
  options.numWorkers = static_cast<std::size_t>(meeting.size);
  options.timeout = patience;
  // A launcher that starts failed processes again keeps its store: each attempt has its own names there.
  return c10::make_intrusive<c10d::PrefixStore>("looking3d" + variable("TORCHELASTIC_RESTART_COUNT"),
                                                c10::make_intrusive<c10d::TCPStore>(meeting.address, options));
}

c10::intrusive_ptr<c10d::ProcessGroupGloo> over_gloo(const c10::intrusive_ptr<c10d::Store>& store, const Rendezvous& meeting,
                                                     std::chrono::milliseconds patience) {
  const auto options = c10d::ProcessGroupGloo::Options::create(patience);
  const std::string interface = variable("GLOO_SOCKET_IFNAME");
  options->devices.push_back(interface.empty()
                                 ? c10d::ProcessGroupGloo::createDeviceForHostname(own_address_towards(meeting.address, meeting.port))
                                 : c10d::ProcessGroupGloo::createDeviceForInterface(interface));
  return c10::make_intrusive<c10d::ProcessGroupGloo>(store, meeting.rank, meeting.size, options);
}

#ifdef USE_C10D_NCCL
c10::intrusive_ptr<c10d::ProcessGroupNCCL> over_nccl(const c10::intrusive_ptr<c10d::Store>& store, const Rendezvous& meeting,
                                                     std::chrono::milliseconds patience) {
  const auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = patience;
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, meeting.rank, meeting.size, options);
}
#endif

}  // namespace

Rendezvous Rendezvous::from_environment() {
  Rendezvous meeting;
  if (variable("RANK").empty() && variable("WORLD_SIZE").empty()) return meeting;
  constexpr int kMostProcesses = 1 << 16;
  meeting.size = number_of("WORLD_SIZE", 1, kMostProcesses);
  meeting.rank = number_of("RANK", 0, meeting.size - 1);
  if (meeting.size == 1) return meeting;
  meeting.port = number_of("MASTER_PORT", 1, 65535);
  meeting.address = variable("MASTER_ADDR");
  if (meeting.address.empty()) throw InputError("MASTER_ADDR", "is not set, though other variables ask for several processes", kSetAll);
  meeting.hosts_store = meeting.rank == 0 && variable("TORCHELASTIC_USE_AGENT_STORE") != "True";
  return meeting;
}

torch::Device device_of(const std::string& choice, int rank) {
  if (choice == "cpu" || (choice == "auto" && !torch::cuda::is_available())) return torch::kCPU;
  if (!torch::cuda::is_available()) {
    throw InputError("--device", "is cuda, but this LibTorch sees no GPU", "build with a LibTorch for CUDA, or give --device cpu");
  }
  const int gpus = static_cast<int>(torch::cuda::device_count());
  const int index = variable("LOCAL_RANK").empty() ? rank % gpus : number_of("LOCAL_RANK", 0, gpus - 1);
  return {torch::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

ProcessGroup::ProcessGroup(const Rendezvous& meeting, torch::Device device, std::chrono::milliseconds patience)
    : device_(device), rank_(meeting.rank), size_(meeting.size) {
  if (size_ == 1) return;
  const auto use = [this](auto group) {
    sum_ = [group](std::vector<Tensor>& tensors) { group->allreduce(tensors)->wait(); };
    broadcast_ = [group](std::vector<Tensor>& tensors) { group->broadcast(tensors)->wait(); };
  };
  try {
    const c10::intrusive_ptr<c10d::Store> store = meet(meeting, patience);
#ifdef USE_C10D_NCCL
    if (device.is_cuda()) {
      wire_ = device;
      use(over_nccl(store, meeting, patience));
      return;
    }
#endif
    use(over_gloo(store, meeting, patience));
  } catch (const InputError&) {
    throw;
  } catch (const std::exception& error) {
    throw InputError("rank " + std::to_string(rank_),
                     "did not meet the other " + std::to_string(size_ - 1) + " at " + meeting.address + ":" + std::to_string(meeting.port) +
                         ": " + first_line(error.what()),
                     "start one process for each rank; MASTER_ADDR is rank 0's machine, MASTER_PORT a free port there");
  }
}

void ProcessGroup::call(const Collective& collective, const Tensor& tensor) const {
  std::vector<Tensor> sent = {tensor.to(wire_).contiguous()};
  try {
    collective(sent);
  } catch (const std::exception& error) {
    throw InputError("rank " + std::to_string(rank_), "lost another process of this training: " + first_line(error.what()),
                     "the process that stopped first says why; add --resume to go on from the last checkpoint");
  }
  if (!sent[0].is_same(tensor)) tensor.copy_(sent[0]);
}

Tensor ProcessGroup::sum(Tensor tensor) const {
  const torch::NoGradGuard no_grad;
  if (size_ > 1) call(sum_, tensor);
  return tensor;
}

void ProcessGroup::sum(const std::vector<Tensor>& tensors) const {
  if (size_ == 1) return;
  const torch::NoGradGuard no_grad;
  for (size_t first = 0, end = 0; first < tensors.size(); first = end) {
    std::vector<Tensor> flat;
    for (int64_t bytes = 0; end < tensors.size() && (end == first || bytes + static_cast<int64_t>(tensors[end].nbytes()) <= kBucketBytes);
         ++end) {
      bytes += static_cast<int64_t>(tensors[end].nbytes());
      flat.push_back(tensors[end].reshape({-1}));
    }
    const Tensor bucket = sum(torch::cat(flat));
    int64_t at = 0;
    for (size_t i = first; i < end; at += tensors[i++].numel()) {
      tensors[i].copy_(bucket.slice(0, at, at + tensors[i].numel()).view(tensors[i].sizes()));
    }
  }
}

void ProcessGroup::broadcast(Tensor tensor) const {
  const torch::NoGradGuard no_grad;
  if (size_ > 1) call(broadcast_, tensor);
}

void ProcessGroup::require_same(int64_t value, const std::string& what) const {
  const Tensor of_leader = torch::full({1}, value, torch::kLong);
  broadcast(of_leader);
  if (of_leader.item<int64_t>() == value) return;
  throw InputError("rank " + std::to_string(rank_), what + " is not that of rank 0", "all processes need the same files and options");
}

}  // namespace looking3d
