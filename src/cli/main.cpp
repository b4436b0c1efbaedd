// looking3d: does a photographed piece deviate from its CAD model, where, and how. One binary, a table of verbs, the only catch.
#include <cstdio>
#include <cstring>
#include <exception>

#include "base/error.h"
#include "base/parallel.h"
#include "cli/verb.h"

namespace looking3d {

std::vector<Verb> all_verbs() {
  return {shapes_verb(), generate_verb(), audit_verb(), export_verb(),  render_verb(), index_verb(),  train_verb(),
          eval_verb(),   sweep_verb(),    study_verb(), inspect_verb(), info_verb(),   doctor_verb(), completion_verb()};
}

namespace {

constexpr const char* kVersion = LOOKING3D_VERSION;
constexpr int kInputErrorCode = 2, kInternalErrorCode = 70, kInterruptedCode = 130;

/// The verb's own defaults come from --config, so it has to be known before the flags are declared.
Path find_config(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--config") == 0 && i + 1 < argc) return argv[i + 1];
    if (std::strncmp(argv[i], "--config=", 9) == 0) return argv[i] + 9;
  }
  return {};
}

int run(int argc, char** argv) {
  CLI::App app{"Does a photographed piece deviate from its CAD model, where, and how."};
  app.name("looking3d");
  app.set_version_flag("--version", std::string("looking3d ") + kVersion);
  app.require_subcommand(1);
  internal::config_file() = find_config(argc, argv);
  CommonFlags common;
  std::vector<std::pair<CLI::App*, std::function<int()>>> runners;
  const std::string chosen = argc > 1 ? argv[1] : "";
  for (const Verb& verb : all_verbs()) {
    CLI::App* sub = add_verb(app, verb, common);
    sub->footer("Examples:\n" + verb.examples);
    if (verb.name == chosen) runners.emplace_back(sub, verb.declare(*sub));
  }
  if (runners.empty() && !chosen.empty() && chosen[0] != '-') throw InputError(chosen, "is not a verb", "looking3d --help lists them");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    const std::string where = runners.empty() ? "looking3d" : "looking3d " + chosen;
    std::fprintf(stderr, "%s: %s (see %s --help)\n", where.c_str(), error.what(), where.c_str());
    return kInputErrorCode;
  }
  set_thread_count(common.threads);
  return runners.front().second();
}

}  // namespace
}  // namespace looking3d

int main(int argc, char** argv) {
  using namespace looking3d;
  tune_process();
  install_interrupt_handler();
  try {
    return run(argc, argv);
  } catch (const InputError& error) {
    std::fprintf(stderr, "looking3d: %s\n", error.what());
    return kInputErrorCode;
  } catch (const Interrupted& stop) {
    std::fprintf(stderr, "looking3d: interrupted: %s\n", stop.what());
    return kInterruptedCode;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "looking3d: out of memory (use a smaller mesh, image or batch)\n");
    return kInputErrorCode;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "looking3d: internal error, please report it: %s\n", error.what());
    return kInternalErrorCode;
  }
}
