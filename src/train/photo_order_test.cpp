#include "train/photo_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <thread>

namespace looking3d {
namespace {

/// 40 shapes with 1 to 7 photos.
std::vector<std::string> some_shapes() {
  std::vector<std::string> ids;
  for (int shape = 0; shape < 40; ++shape)
    for (int photo = 0; photo <= shape % 7; ++photo) ids.push_back(std::to_string(shape));
  return ids;
}

TEST(PhotoOrder, EachPassSeesEachPhotoOnce) {
  const std::vector<std::string> ids = some_shapes();
  const PhotoOrder order(ids, 1, 1, 8);
  ASSERT_EQ(order.pass_length(), static_cast<int64_t>(ids.size()));
  std::vector<size_t> first, second;
  for (int64_t i = 0; i < order.pass_length(); ++i) {
    first.push_back(order.at(i).front());
    second.push_back(order.at(order.pass_length() + i).front());
  }
  EXPECT_NE(first, second);
  for (auto* pass : {&first, &second}) {
    std::sort(pass->begin(), pass->end());
    for (size_t i = 0; i < pass->size(); ++i) ASSERT_EQ((*pass)[i], i);
  }
}

TEST(PhotoOrder, AWindowHoldsFewShapes) {
  const std::vector<std::string> ids = some_shapes();
  const PhotoOrder order(ids, 1, 1, 5);
  // Any 10 neighbours in the stream come from at most two windows.
  for (int64_t i = 0; i + 10 < order.pass_length(); ++i) {
    std::set<std::string> shapes;
    for (int64_t j = i; j < i + 10; ++j) shapes.insert(ids[order.at(j).front()]);
    ASSERT_LE(shapes.size(), 10u);
  }
  // The photos of a shape are not simply one after the other.
  int same = 0;
  for (int64_t i = 0; i + 1 < order.pass_length(); ++i) same += ids[order.at(i).front()] == ids[order.at(i + 1).front()];
  EXPECT_LT(same, order.pass_length() / 2);
}

TEST(PhotoOrder, GroupsAreOfOneShapeAndCoverAll) {
  const std::vector<std::string> ids = some_shapes();
  const PhotoOrder order(ids, 3, 3);
  std::set<size_t> seen;
  for (int64_t i = 0; i < order.pass_length(); ++i) {
    const std::vector<size_t> group = order.at(i);
    ASSERT_EQ(group.size(), 3u);
    for (const size_t photo : group) {
      EXPECT_EQ(ids[photo], ids[group.front()]);
      seen.insert(photo);
    }
  }
  EXPECT_EQ(seen.size(), ids.size());
}

TEST(PhotoOrder, IsAFunctionOfPositionForAnyThread) {
  const PhotoOrder order(some_shapes(), 5);
  std::vector<size_t> forward, backward(static_cast<size_t>(3 * order.pass_length()));
  for (int64_t i = 0; i < 3 * order.pass_length(); ++i) forward.push_back(order.at(i).front());
  const auto fill = [&](size_t parity) {
    for (size_t i = backward.size(); i > 0; --i)
      if (i % 2 == parity) backward[i - 1] = order.at(static_cast<int64_t>(i - 1)).front();
  };
  std::thread even(fill, 0), odd(fill, 1);
  even.join();
  odd.join();
  EXPECT_EQ(forward, backward);
}

}  // namespace
}  // namespace looking3d
