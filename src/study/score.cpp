#include "study/score.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <map>
#include <set>

#include "base/error.h"
#include "train/metrics.h"

namespace looking3d {
namespace {

/// One answer beside the truth and, where there is one, the model's verdict.
struct Judgement {
  int participant = 0, pair = 0;
  const StudyPhoto* photo = nullptr;
  StudyAnswer answer;
  bool model_anomalous = false;

  bool right() const { return answer.anomalous == photo->anomalous; }
  bool model_right() const { return model_anomalous == photo->anomalous; }
};
using Judgements = std::vector<Judgement>;

Judgements where(const Judgements& judgements, const std::function<bool(const Judgement&)>& holds) {
  Judgements some;
  std::copy_if(judgements.begin(), judgements.end(), std::back_inserter(some), holds);
  return some;
}

/// What the run says of each pair that was answered; its key is the position in the pool.
std::map<int, bool> model_verdicts(const StudyKey& key, const std::vector<ParticipantAnswers>& answers, const EarlierRun& run) {
  std::map<std::string, const JudgedRow*> row_of;
  for (const JudgedRow& row : run.rows) row_of[row.photo] = &row;
  std::map<int, bool> verdicts;
  for (const ParticipantAnswers& person : answers) {
    for (const StudyAnswer& answer : person.answers) {
      const StudyPhoto& photo = key.pool[static_cast<size_t>(answer.pair)];
      const auto row = row_of.find(photo.photo);
      const std::string hint = "run looking3d eval on the --data and --split of the study, without --photos";
      if (row == row_of.end()) throw InputError(run.file, "did not judge the photo " + photo.photo, hint);
      if (row->second->anomalous != photo.anomalous || row->second->shape != photo.shape)
        throw InputError(run.file, "has another truth of " + photo.photo, hint);
      verdicts[answer.pair] = row->second->probability >= 0.5;
    }
  }
  return verdicts;
}

Judgements judgements_of(const StudyKey& key, const std::vector<ParticipantAnswers>& answers, const std::optional<EarlierRun>& run) {
  std::map<int, bool> verdicts;
  if (run) verdicts = model_verdicts(key, answers, *run);
  Judgements judgements;
  for (const ParticipantAnswers& person : answers) {
    for (const StudyAnswer& answer : person.answers) {
      judgements.push_back(
          {person.participant, answer.pair, &key.pool[static_cast<size_t>(answer.pair)], answer, run && verdicts.at(answer.pair)});
    }
  }
  return judgements;
}

/// Shares of right answers; NaN without one.
struct Accuracy {
  double human = kUndefined, model = kUndefined;
};
Accuracy accuracy_of(const Judgements& judgements, const std::vector<size_t>& drawn) {
  double human = 0, model = 0;
  for (const size_t i : drawn) {
    human += judgements[i].right();
    model += judgements[i].model_right();
  }
  const double count = static_cast<double>(drawn.size());
  return drawn.empty() ? Accuracy{} : Accuracy{human / count, model / count};
}

/// Bootstrap over groups; undefined for fewer than two, which it would call certain.
std::vector<Interval> intervals_over(const std::vector<std::string>& groups, const DrawStatistic& statistic) {
  if (std::set<std::string>(groups.begin(), groups.end()).size() < 2) return std::vector<Interval>(statistic({}).size());
  return bootstrap_intervals(groups, statistic);
}

/// {"answers", "human", "model", "difference"}; the last two only beside a model.
Json comparison_of(const Judgements& judgements, bool with_model) {
  std::vector<size_t> every;
  std::vector<std::string> people, shapes;
  for (const Judgement& judgement : judgements) {
    every.push_back(every.size());
    people.push_back(std::to_string(judgement.participant));
    shapes.push_back(judgement.photo->shape);
  }
  const Accuracy value = accuracy_of(judgements, every);
  const std::vector<Interval> over_people = intervals_over(people, [&](const std::vector<size_t>& drawn) {
    const Accuracy accuracy = accuracy_of(judgements, drawn);
    return std::vector<double>{accuracy.human, accuracy.human - accuracy.model};
  });
  Json json = {{"answers", judgements.size()}, {"human", with_interval(value.human, over_people[0])}};
  if (!with_model) return json;
  const std::vector<Interval> over_shapes =
      intervals_over(shapes, [&](const std::vector<size_t>& drawn) { return std::vector<double>{accuracy_of(judgements, drawn).model}; });
  json["model"] = with_interval(value.model, over_shapes[0]);
  json["difference"] = with_interval(value.human - value.model, over_people[1]);
  return json;
}

Json median_response_s(const Judgements& judgements) {
  std::vector<double> times;
  for (const Judgement& judgement : judgements) times.push_back(judgement.answer.response_s);
  return number_or_null(median_of(std::move(times)));
}

/// `own`: the answers of one participant.
Json participant_json(int participant, const Judgements& own, bool with_model) {
  const auto count = [&](const std::function<bool(const Judgement&)>& what) { return std::count_if(own.begin(), own.end(), what); };
  Json json = {{"participant", participant},
               {"answers", own.size()},
               {"right", count([](const Judgement& j) { return j.right(); })},
               {"said_anomalous", count([](const Judgement& j) { return j.answer.anomalous; })},
               {"anomalous", count([](const Judgement& j) { return j.photo->anomalous; })},
               {"median_response_s", median_response_s(own)}};
  if (with_model) json["model_right"] = count([](const Judgement& j) { return j.model_right(); });
  return json;
}

std::string count_text(const Json& count) {
  return std::to_string(count.get<int64_t>());
}

std::string seconds_text(const Json& seconds) {
  if (!seconds.is_number()) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", seconds.get<double>());
  return text;
}

/// A row for each of the named slices.
std::string slice_rows(const Json& slices, bool with_model) {
  std::string text;
  for (const auto& [name, slice] : slices.items()) {
    text += "| " + name + " | " + count_text(slice["answers"]) + " | " + interval_text(slice["human"]);
    if (with_model) text += " | " + interval_text(slice["model"]) + " | " + interval_text(slice["difference"], true);
    text += " |\n";
  }
  return text;
}

}  // namespace

void StudyScoreOptions::visit(OptionVisitor& v) {
  v.field("results", results, "run of looking3d eval on the same split (folder or results.json) to stand beside");
  v.field("out", out, "JSON file for the scores (default: study_score.json in the study's folder)");
}

Path score_file(const StudyScoreOptions& options) {
  return options.out.empty() ? Path(options.folder) / "study_score.json" : Path(options.out);
}

Json score_answers(const StudyKey& key, const std::vector<ParticipantAnswers>& answers, const std::optional<EarlierRun>& run) {
  const Judgements judgements = judgements_of(key, answers, run);
  std::set<int> shown, people;
  std::set<std::string> kinds;
  for (const Judgement& judgement : judgements) {
    people.insert(judgement.participant);
    shown.insert(judgement.pair);
    if (judgement.photo->anomalous) kinds.insert(judgement.photo->kind);
  }
  const auto compare = [&](const std::function<bool(const Judgement&)>& holds) {
    return comparison_of(where(judgements, holds), run.has_value());
  };

  Json score = {{"study", key.study}, {"participants", people.size()}, {"pool", key.pool.size()}, {"pairs_shown", shown.size()}};
  if (run) score["model"] = {{"results", run->file.string()}, {"method", run->head.value("method", "")}};
  score["accuracy"] = comparison_of(judgements, run.has_value());
  score["median_response_s"] = median_response_s(judgements);
  score["by_kind"]["normal"] = compare([](const Judgement& j) { return !j.photo->anomalous; });
  score["by_kind"]["anomalous"] = compare([](const Judgement& j) { return j.photo->anomalous; });
  for (const std::string& kind : kinds)
    score["by_kind"][kind] = compare([&](const Judgement& j) { return j.photo->anomalous && j.photo->kind == kind; });
  for (int level = 1; level <= static_cast<int>(std::size(kConfidenceNames)); ++level)
    score["by_confidence"][kConfidenceNames[level - 1]] = compare([&](const Judgement& j) { return j.answer.confidence == level; });
  score["people"] = Json::array();
  for (const int person : people) {
    const Judgements own = where(judgements, [&](const Judgement& j) { return j.participant == person; });
    score["people"].push_back(participant_json(person, own, run.has_value()));
  }
  return score;
}

std::string score_text(const Json& score) {
  const bool with_model = score.contains("model");
  std::string text = "study " + score["study"].get<std::string>() + ": participants " + count_text(score["participants"]) + ", answers " +
                     count_text(score["accuracy"]["answers"]) + ", pairs shown " + count_text(score["pairs_shown"]) + " of " +
                     count_text(score["pool"]) + ", median response " + seconds_text(score["median_response_s"]) + " s\n\n";
  text += "| accuracy | answers | people [95 % interval] |";
  if (with_model) text += " " + score["model"]["method"].get<std::string>() + " on the same pairs | people - model |";
  text += with_model ? "\n|---|---|---|---|---|\n" : "\n|---|---|---|\n";
  text += slice_rows({{"all", score["accuracy"]}}, with_model) + slice_rows(score["by_kind"], with_model);
  Json told = Json::object();
  for (const auto& [name, slice] : score["by_confidence"].items())
    if (slice["answers"] > 0) told["confidence: " + name] = slice;
  text += slice_rows(told, with_model);

  text += "\n| participant | right | said anomalous | really anomalous | median response, s |";
  text += with_model ? " model right |\n|---|---|---|---|---|---|\n" : "\n|---|---|---|---|---|\n";
  for (const Json& person : score["people"]) {
    const std::string of = " of " + count_text(person["answers"]);
    text += "| " + count_text(person["participant"]) + " | " + count_text(person["right"]) + of + " | " +
            count_text(person["said_anomalous"]) + " | " + count_text(person["anomalous"]) + " | " +
            seconds_text(person["median_response_s"]) + " |";
    text += with_model ? " " + count_text(person["model_right"]) + of + " |\n" : "\n";
  }
  return text;
}

Json score_study(const StudyScoreOptions& options) {
  const Path folder = options.folder;
  const StudyKey key = read_key(folder);
  std::optional<EarlierRun> run;
  if (!options.results.empty()) run = read_run(options.results);
  const std::vector<ParticipantAnswers> answers = read_all_answers(options.answers, key);
  const Json score = score_answers(key, answers, run);
  write_json_atomic(score_file(options), score);
  return score;
}

}  // namespace looking3d
