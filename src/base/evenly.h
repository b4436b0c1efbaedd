#pragma once
// Some of many, evenly spread.
#include <cstddef>
#include <vector>

namespace looking3d {

/// `count` of the items, evenly spread, in their order, the first among them; all of them for 0 or when there are no more.
template <class T>
std::vector<T> evenly(const std::vector<T>& all, int count) {
  if (count <= 0 || static_cast<size_t>(count) >= all.size()) return all;
  std::vector<T> some;
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) some.push_back(all[i * all.size() / static_cast<size_t>(count)]);
  return some;
}

}  // namespace looking3d
