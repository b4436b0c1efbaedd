#include "engine/reference_cache.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <vector>

namespace looking3d {
namespace {

TEST(ReferenceCache, ThreadsThatShareItGetWhatIsOfTheirReference) {
  std::vector<ReferenceData> references;  // more than are kept
  for (int i = 0; i < 9; ++i) references.push_back(reference_of_views("some", {}));
  ReferenceCache<std::shared_ptr<const uint64_t>> cache;
  const auto wrong_answers = [&](size_t stride) {
    int wrong = 0;
    for (size_t i = 0; i < 2000; ++i) {
      const ReferenceData& reference = references[i * stride % references.size()];
      wrong +=
          *cache.get(reference, [](const ReferenceData& of) { return std::make_shared<const uint64_t>(of.serial); }) != reference.serial;
    }
    return wrong;
  };
  std::future<int> other = std::async(std::launch::async, wrong_answers, 2);
  EXPECT_EQ(wrong_answers(1), 0);
  EXPECT_EQ(other.get(), 0);
}

}  // namespace
}  // namespace looking3d
