#pragma once
// What one participant answered: the file that the page of a study lets people download.
#include <optional>

#include "study/key.h"

namespace looking3d {

struct StudyAnswer {
  int pair = 0;  ///< position in the key's pool
  bool anomalous = false;
  std::optional<int> confidence;  ///< 1 guess, 2 fairly sure, 3 certain
  double response_s = 0;          ///< from the pictures' appearance to the answer, seconds
};
inline constexpr const char* kConfidenceNames[] = {"guess", "fairly sure", "certain"};

struct ParticipantAnswers {
  Path file;
  int participant = 0;               ///< 1, 2, ...
  std::vector<StudyAnswer> answers;  ///< one to each of the participant's pairs
};

/// Reads an answers file (docs/study.md). Throws InputError naming the file, what is wrong and what to do: not JSON, of another study, of a
/// participant that the study does not have, a pair unknown, not shown to this participant, answered twice or not at all, a value that is
/// none.
ParticipantAnswers read_answers(const Path& file, const StudyKey& key);
/// All files; two of the same participant are an error too.
std::vector<ParticipantAnswers> read_all_answers(const std::vector<std::string>& files, const StudyKey& key);

}  // namespace looking3d
