#pragma once
// What the person who runs a study keeps: which photo each pair shows, its truth, and who sees which pairs.
#include "base/files.h"
#include "study/draw.h"

namespace looking3d {

struct StudyKey {
  std::string study;  ///< id, 16 hexadecimal digits: of the seed, the photos and how many a participant sees
  Json options;       ///< with which the study was made
  std::vector<StudyPhoto> pool;
  std::vector<std::vector<int>> people;  ///< of participant 1, 2, ...: the pairs, as positions in `pool`, in order of showing
};

/// Draws and deals (draw.h) and names the study.
StudyKey make_key(const std::vector<StudyPhoto>& photos, int pool, int people, int pairs, uint64_t seed);

/// Name under which participants know a pair: "001" is pool[0].
std::string pair_name(size_t position);

/// FOLDER/study_key.json (docs/study.md).
Path key_file(const Path& folder);
void write_key(const Path& folder, const StudyKey& key);
/// Throws InputError when there is none, or when it is not as write_key leaves it.
StudyKey read_key(const Path& folder);

}  // namespace looking3d
