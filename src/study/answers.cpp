#include "study/answers.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/error.h"

namespace looking3d {
namespace {

constexpr const char* kFormat = "looking3d-study-answers-1";
constexpr uint64_t kMostBytes = 16 << 20;
constexpr double kLongestMs = 1e9;  ///< eleven days
constexpr const char* kAgain = "ask the participant for the file again, or for the text that the page shows at its end";

/// A value of the file as an error message shows it: short, on one line.
std::string shown(const Json& value) {
  std::string text = value.dump();
  if (text.size() > 40) text = Json(text.substr(0, 40)).dump(-1, ' ', false, Json::error_handler_t::replace) + "...";
  return text;
}

/// Member `name`; null when there is none.
const Json& member(const Json& json, const char* name) {
  static const Json null;
  const auto found = json.find(name);
  return found == json.end() ? null : *found;
}

Json parse(const Path& file) {
  const std::string bytes = read_file(file, kMostBytes);
  try {
    return Json::parse(bytes);
  } catch (const Json::exception& error) {
    // The parser's own words without its number: "[json.exception.parse_error.101] parse error at line 1, column 5: ...".
    const std::string words = error.what();
    const size_t start = words.find("] ");
    throw InputError(file, "is not whole JSON: " + words.substr(start == std::string::npos ? 0 : start + 2), kAgain);
  }
}

/// Reads the members of one answers file, each checked where it is read.
class Reader {
 public:
  Reader(const Path& file, const StudyKey& key) : file_(file), key_(key), json_(parse(file)) {}

  ParticipantAnswers read() {
    if (!json_.is_object() || member(json_, "format") != kFormat)
      refuse(std::string("is no answers file of format ") + kFormat, "give the files that participants downloaded from study.html");
    if (const Json& study = member(json_, "study"); study != key_.study)
      refuse("answers study " + shown(study) + ", the folder holds study \"" + key_.study + "\"",
             "give the folder that the answers belong to");
    ParticipantAnswers read{file_, participant(), {}};
    hand_ = key_.people[static_cast<size_t>(read.participant - 1)];
    const Json& answers = member(json_, "answers");
    if (!answers.is_array()) refuse("has no list of answers", kAgain);
    for (const Json& answer : answers) read.answers.push_back(one(answer));
    if (read.answers.size() < hand_.size()) {
      refuse("answers " + std::to_string(read.answers.size()) + " of " + std::to_string(hand_.size()) + " pairs",
             "let the participant finish, or leave the file out");
    }
    return read;
  }

 private:
  [[noreturn]] void refuse(const std::string& problem, const std::string& hint) const { throw InputError(file_, problem, hint); }

  int participant() const {
    const Json& value = member(json_, "participant");
    const auto people = static_cast<int64_t>(key_.people.size());
    if (!value.is_number_integer() || value < 1 || value > people)
      refuse("is of participant " + shown(value) + ", the study has 1 to " + std::to_string(people), kAgain);
    return value.get<int>();
  }

  int pair(const Json& answer) {
    const Json& name = member(answer, "pair");
    for (size_t i = 0; i < key_.pool.size(); ++i) {
      if (name != pair_name(i)) continue;
      if (std::find(hand_.begin(), hand_.end(), static_cast<int>(i)) == hand_.end())
        refuse("answers pair " + shown(name) + ", which this participant was not shown", kAgain);
      if (!answered_.insert(static_cast<int>(i)).second) refuse("answers pair " + shown(name) + " twice", kAgain);
      return static_cast<int>(i);
    }
    refuse("answers pair " + shown(name) + ", which the study does not have", kAgain);
  }

  StudyAnswer one(const Json& json) {
    if (!json.is_object()) refuse("holds " + shown(json) + " where an answer was expected", kAgain);
    StudyAnswer answer;
    answer.pair = pair(json);
    const std::string where = "of pair \"" + pair_name(static_cast<size_t>(answer.pair)) + "\" is ";
    const Json &said = member(json, "answer"), &confidence = member(json, "confidence"), &time = member(json, "response_ms");
    if (said != "normal" && said != "anomalous") refuse("answer " + where + shown(said) + ", not \"normal\" or \"anomalous\"", kAgain);
    answer.anomalous = said == "anomalous";
    if (!confidence.is_null()) {
      if (!confidence.is_number_integer() || confidence < 1 || confidence > 3)
        refuse("confidence " + where + shown(confidence) + ", not 1, 2, 3 or null", kAgain);
      answer.confidence = confidence.get<int>();
    }
    if (!time.is_number() || !std::isfinite(time.get<double>()) || time < 0 || time > kLongestMs)
      refuse("response_ms " + where + shown(time) + ", not a time in milliseconds", kAgain);
    answer.response_s = time.get<double>() / 1000;
    return answer;
  }

  const Path& file_;
  const StudyKey& key_;
  const Json json_;
  std::vector<int> hand_;
  std::set<int> answered_;
};

}  // namespace

ParticipantAnswers read_answers(const Path& file, const StudyKey& key) {
  return Reader(file, key).read();
}

std::vector<ParticipantAnswers> read_all_answers(const std::vector<std::string>& files, const StudyKey& key) {
  std::vector<ParticipantAnswers> all;
  std::map<int, Path> file_of;
  for (const std::string& file : files) {
    all.push_back(read_answers(file, key));
    const auto [first, fresh] = file_of.emplace(all.back().participant, file);
    if (!fresh) {
      throw InputError(file, "is of participant " + std::to_string(first->first) + ", as " + first->second.string() + " is",
                       "a participant counts once: leave one of the two out");
    }
  }
  return all;
}

}  // namespace looking3d
