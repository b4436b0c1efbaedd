#pragma once
// For tests: the processes of a group played by threads of one program, over the loopback interface.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <thread>
#include <vector>

#include "train/process_group.h"

namespace looking3d {

/// A port that nothing listens at.
inline int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ::bind(socket, reinterpret_cast<sockaddr*>(&address), length);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length);
  ::close(socket);
  return ntohs(address.sin_port);
}

/// Runs `body` once for each rank, all at the same time; what one throws ends the test program.
inline void together(int size, const std::function<void(const ProcessGroup&)>& body,
                     std::chrono::milliseconds patience = std::chrono::seconds(60)) {
  const int port = free_port();
  std::vector<std::thread> threads;
  for (int rank = 0; rank < size; ++rank)
    threads.emplace_back([&, rank] { body(ProcessGroup({rank, size, "127.0.0.1", port, rank == 0}, torch::kCPU, patience)); });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace looking3d
