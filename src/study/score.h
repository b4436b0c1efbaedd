#pragma once
// How well people told anomalous pieces from normal ones, beside a detector on the same pairs (paper: 70.6 % and 74.8 %).
#include "base/options.h"
#include "study/answers.h"
#include "train/compare.h"

namespace looking3d {

struct StudyScoreOptions {
  std::string folder;                ///< of the study
  std::vector<std::string> answers;  ///< files
  std::string results;               ///< run of `eval` to stand beside: its folder or results.json; empty: none
  std::string out;                   ///< JSON file; empty: FOLDER/study_score.json
  void visit(OptionVisitor& v);      ///< all but folder and answers
};
/// Where the scores go.
Path score_file(const StudyScoreOptions& options);

/// Measures of the answers (docs/study.md); everything is counted over answers, so that a pair weighs as often as it was answered, for the
/// model too. Intervals are 95 %, by the bootstrap over participants for people and for the difference from the model (paired), over shapes
/// for the model; null for fewer than two of them. Throws InputError when `run` did not judge a pair, or has another truth of it.
Json score_answers(const StudyKey& key, const std::vector<ParticipantAnswers>& answers, const std::optional<EarlierRun>& run);
/// The same as tables.
std::string score_text(const Json& score);

/// Reads, scores and writes the JSON file. Throws InputError.
Json score_study(const StudyScoreOptions& options);

}  // namespace looking3d
