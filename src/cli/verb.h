#pragma once
// The table of verbs. A verb declares its flags on a CLI11 sub-command and returns what runs them; everything else (TOML config, help,
// error lines, exit codes) is done once, in main.cpp.
#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/options.h"

namespace looking3d {

struct Verb {
  std::string name;
  std::string summary;
  std::string examples;  ///< shown at the end of --help, one command a line
  /// Declares flags; the returned function runs the verb and gives the exit code.
  std::function<std::function<int()>(CLI::App&)> declare;
};

Verb shapes_verb();
Verb generate_verb();
Verb audit_verb();
Verb export_verb();
Verb render_verb();
Verb index_verb();
Verb train_verb();
Verb eval_verb();
Verb sweep_verb();
Verb study_verb();
Verb inspect_verb();
Verb info_verb();
Verb doctor_verb();
Verb completion_verb();

/// The table, in the order of --help.
std::vector<Verb> all_verbs();

/// Flags that every verb has.
struct CommonFlags {
  int threads = 0;
  std::string config;
};
/// The verb as a sub-command with the common flags; its own are not declared yet.
CLI::App* add_verb(CLI::App& app, const Verb& verb, CommonFlags& common);

/// Fills an option struct from [verb] of the --config file ([verb.sub] for a verb under a verb), then declares a flag for each of its
/// fields, so that flags win. Fields named in `required` must be given by the one or the other. `Options` needs visit(OptionVisitor&).
template <class Options>
void bind_options(CLI::App& verb, Options& options, const std::vector<std::string>& required = {});

namespace internal {
Path& config_file();  ///< value of --config, found before the flags are declared
std::string config_table(const CLI::App& verb);
void declare_flags(CLI::App& verb, const std::function<void(OptionVisitor&)>& visit, const std::vector<std::string>& required);
}  // namespace internal

template <class Options>
void bind_options(CLI::App& verb, Options& options, const std::vector<std::string>& required) {
  if (!internal::config_file().empty()) read_toml(internal::config_file(), internal::config_table(verb), options);
  internal::declare_flags(verb, [&](OptionVisitor& v) { options.visit(v); }, required);
}

}  // namespace looking3d
