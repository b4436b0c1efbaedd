#pragma once
// What a collection of shapes holds, in numbers.
#include <map>
#include <set>
#include <vector>

#include "shapes/shape.h"

namespace looking3d {

struct Spread {
  int64_t least = 0, median = 0, most = 0;
};
struct FamilyStatistics {
  int count = 0;
  Spread parts, triangles;
};
struct ShapeStatistics {
  std::map<std::string, FamilyStatistics> families;
  FamilyStatistics all;
  int distinct = 0;  ///< designs that differ in their parts, or in the size or place of one by about a twentieth of the shape's radius
  Json to_json() const;
  std::string text() const;  ///< a table, a line a family
};
/// Counts shapes one by one; they need not be kept.
class ShapeCounter {
 public:
  void add(const Shape& shape);
  ShapeStatistics statistics() const;

 private:
  struct Counts {
    std::vector<int64_t> parts, triangles;
  };
  std::map<std::string, Counts> families_;
  Counts all_;
  std::set<uint64_t> signatures_;
};

}  // namespace looking3d
