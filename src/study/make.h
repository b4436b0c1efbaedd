#pragma once
// Makes a human study: photos drawn from a data set, a page that shows them beside their references, and the key to score answers with.
#include <opencv2/core.hpp>

#include "base/options.h"
#include "study/key.h"

namespace looking3d {

struct StudyOptions {
  std::string data;
  std::string split = "test";
  std::string out;
  int pool = 200;    ///< photos, half of them anomalous
  int pairs = 10;    ///< that a participant judges
  int people = 100;  ///< participants that the pool is dealt to
  uint64_t seed = 1;
  int photo_px = 1024;  ///< longest side of photos; larger ones are shrunk
  void visit(OptionVisitor& v);
  void check() const;
};

/// Writes out/study_key.json, and out/participants/: study.html, photos/ and references/, which is what participants get and which holds no
/// truth (docs/study.md). Same bytes for same options and data. Throws InputError, also when `out` holds another study.
StudyKey make_study(const StudyOptions& options);

/// The JPEG file made exactly `bytes` long (or as it is, where it has so many) by comments, which decoders skip. `bytes` is at least 4 more
/// than it has.
std::string padded_jpeg(const std::string& jpeg, size_t bytes);

}  // namespace looking3d
