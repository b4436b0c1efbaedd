// looking3d study: people judge the pairs that a detector judges.
#include <cstdio>

#include "base/log.h"
#include "cli/verb.h"
#include "study/make.h"
#include "study/score.h"

namespace looking3d {
namespace {

using Run = std::function<int()>;

int run_make(const StudyOptions& options) {
  const StudyKey key = make_study(options);
  const auto shown = static_cast<size_t>(options.people) * static_cast<size_t>(options.pairs);
  char times[32];
  std::snprintf(times, sizeof times, "%.3g", static_cast<double>(shown) / static_cast<double>(key.pool.size()));
  std::printf("study %s: %zu photos, each judged %s times when all of participants 1 to %d have answered\n", key.study.c_str(),
              key.pool.size(), times, options.people);
  if (shown < key.pool.size())
    log_warning("only " + std::to_string(shown) + " of the photos will be shown: more --people or --pairs show all");
  log_info("give away " + (Path(options.out) / "participants").string() + "; keep " + key_file(options.out).string() + " to yourself");
  return 0;
}

int run_score(const StudyScoreOptions& options) {
  const Json score = score_study(options);
  std::printf("%s", score_text(score).c_str());
  log_info("written to " + score_file(options).string());
  return 0;
}

Run declare_make(CLI::App& verb) {
  auto options = std::make_shared<StudyOptions>();
  bind_options(verb, *options, {"data", "out"});
  return [options] { return run_make(*options); };
}

Run declare_score(CLI::App& verb) {
  auto options = std::make_shared<StudyScoreOptions>();
  verb.add_option("folder", options->folder, "folder that looking3d study make wrote")->required();
  verb.add_option("answers", options->answers, "files that participants downloaded")->required();
  bind_options(verb, *options);
  return [options] { return run_score(*options); };
}

}  // namespace

Verb study_verb() {
  return {"study", "have people judge photos against their references, and score them beside a detector",
          "  looking3d study make --data data --out study\n"
          "  looking3d study make --data data --split val --out study --pool 100 --people 20\n"
          "  looking3d study score study answers/*.json\n"
          "  looking3d study score study answers/*.json --results results",
          [](CLI::App& verb) -> Run {
            verb.require_subcommand(1);
            verb.get_option("--config")->description("TOML file; its tables [study.make] and [study.score] set the flags' defaults");
            CLI::App* make = verb.add_subcommand("make", "draw pairs and write the page that participants open")->fallthrough();
            CLI::App* score = verb.add_subcommand("score", "accuracy of people, beside a detector's on the same pairs")->fallthrough();
            const Run run_make = declare_make(*make), run_score = declare_score(*score);
            return [=] { return make->parsed() ? run_make() : run_score(); };
          }};
}

}  // namespace looking3d
