#pragma once
// A bounded reader for the pickles inside numpy files. Nothing is executed: it knows numbers, strings, tuples, lists, dicts and the three
// names with which numpy rebuilds an array, and refuses every other opcode and every other global.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"

namespace looking3d {

/// One value of a pickle; others are referred to by their index in Pickle::nodes, so that hostile cycles cost nothing.
struct PickleNode {
  enum class Kind { kNone, kBool, kInt, kFloat, kText, kBytes, kTuple, kList, kDict, kGlobal, kDtype, kArray };
  Kind kind = Kind::kNone;
  int64_t integer = 0;         ///< kInt, kBool; for kArray 1 when in Fortran order
  double real = 0;             ///< kFloat
  std::string text;            ///< kText, kBytes; "module name" of a kGlobal; "<f8" of a kDtype and a kArray
  std::vector<int> items;      ///< kTuple, kList; kDict: key, value, key, value ...; kArray: its data (kBytes or kList)
  std::vector<int64_t> shape;  ///< kArray
};

struct Pickle {
  std::vector<PickleNode> nodes;
  int root = 0;
  const PickleNode& operator[](int node) const { return nodes[static_cast<size_t>(node)]; }
};

/// Reads one pickle (protocols 2 to 4) that ends with the bytes. Throws InputError(where, ...) for anything truncated, unknown or too
/// large.
Pickle parse_pickle(std::string_view bytes, const Path& where);

}  // namespace looking3d
