// looking3d completion: the script by which a shell completes verbs, flags and values. It is written from the table of verbs, so that it
// knows just what --help shows.
#include <algorithm>
#include <cstdio>
#include <regex>

#include "base/error.h"
#include "cli/verb.h"

namespace looking3d {
namespace {

struct FlagWords {
  std::vector<std::string> names;  ///< with dashes
  bool takes_value = false;
  std::string choices;  ///< values it takes, joined by spaces; empty: whatever
  std::string help;
};

struct VerbWords {
  std::string name, summary;
  std::vector<FlagWords> flags;
  bool takes_words = false;  ///< without a flag before them
  std::string choices;       ///< of those
};

/// The values that a help text names as "early | late", which is how the help of a field with few values is written; empty if it names
/// none.
std::string choices_of(const std::string& help) {
  static const std::regex pattern(R"([\w-]+( \| [\w-]+)+)"), bar(R"( \| )");
  std::smatch found;
  return std::regex_search(help, found, pattern) ? std::regex_replace(found.str(), bar, " ") : "";
}

bool has_flag(const VerbWords& words, const CLI::Option& option) {
  return std::any_of(words.flags.begin(), words.flags.end(), [&](const FlagWords& flag) {
    return !option.get_lnames().empty() && flag.names.front() == "--" + option.get_lnames().front();
  });
}

/// Flags and words of a verb, or of one of its own verbs.
void add_words(const CLI::App& verb, VerbWords& words) {
  for (const CLI::Option* option : verb.get_options()) {
    if (has_flag(words, *option)) continue;
    const std::string choices = choices_of(option->get_description());
    if (option->get_positional()) {
      words.takes_words = true;
      words.choices += choices;
      continue;
    }
    FlagWords flag{{}, option->get_items_expected_max() > 0, choices, option->get_description()};
    for (const std::string& name : option->get_lnames()) flag.names.push_back("--" + name);
    words.flags.push_back(flag);
  }
  for (const CLI::App* own : verb.get_subcommands({})) {
    words.takes_words = true;
    words.choices += (words.choices.empty() ? "" : " ") + own->get_name();
    add_words(*own, words);
  }
}

VerbWords words_of(const Verb& verb) {
  CLI::App app;
  CommonFlags common;
  CLI::App* sub = add_verb(app, verb, common);
  verb.declare(*sub);
  VerbWords words{verb.name, verb.summary, {}, false, ""};
  add_words(*sub, words);
  return words;
}

std::string join(const std::vector<std::string>& words, const std::string& between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

/// What bash offers after one verb, by the word before and the start of the word.
std::string bash_branch(const VerbWords& verb) {
  std::vector<std::string> names, free_valued;
  std::string chosen_values;
  for (const FlagWords& flag : verb.flags) {
    names.insert(names.end(), flag.names.begin(), flag.names.end());
    if (!flag.takes_value) continue;
    const std::string pattern = join(flag.names, " | ");
    if (flag.choices.empty()) free_valued.push_back(pattern);
    if (!flag.choices.empty()) chosen_values += "        " + pattern + ") offers=\"" + flag.choices + "\" ;;\n";
  }
  std::string branch = "    " + verb.name + ")\n      case $before in\n" + chosen_values + "        " + join(free_valued, " | ") + ") ;;\n";
  branch += "        *) offers=\"" + join(names, " ") + "\"";
  if (verb.takes_words) branch += "; [[ $word == -* ]] || offers=\"" + verb.choices + "\"";
  return branch + " ;;\n      esac ;;\n";
}

std::string bash_script(const std::vector<VerbWords>& verbs) {
  std::string names, branches;
  for (const VerbWords& verb : verbs) {
    names += " " + verb.name;
    branches += bash_branch(verb);
  }
  return R"(# Completion of looking3d; written by: looking3d completion bash
_looking3d() {
  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD - 1]}" verb="" offers=""
  ((COMP_CWORD == 1)) || verb="${COMP_WORDS[1]}"
  # --flag=value is three words to bash.
  if [[ $word == "=" ]]; then
    word=""
  elif [[ $before == "=" ]]; then
    before="${COMP_WORDS[COMP_CWORD - 2]}"
  fi
  case $verb in
    "") offers="--help --version)" +
         names + "\" ;;\n" + branches + R"(  esac
  COMPREPLY=($(compgen -W "$offers" -- "$word"))
}
# Where it offers nothing, bash offers files.
complete -o default -F _looking3d looking3d
)";
}

/// As a word in fish's single quotes.
std::string fish_quoted(const std::string& text) {
  return "'" + std::regex_replace(text, std::regex(R"(['\\])"), R"(\$&)") + "'";
}

std::string fish_script(const std::vector<VerbWords>& verbs) {
  const std::string start = "complete -c looking3d -n ", first = start + "__fish_use_subcommand -f ";
  std::string text = "# Completion of looking3d; written by: looking3d completion fish\n" + first + "-l help\n" + first + "-l version\n";
  for (const VerbWords& verb : verbs) {
    text += first + "-a " + verb.name + " -d " + fish_quoted(verb.summary) + "\n";
    const std::string after = start + "'__fish_seen_subcommand_from " + verb.name + "' ";
    if (!verb.takes_words) text += after + "-f\n";
    if (!verb.choices.empty()) text += after + "-f -a '" + verb.choices + "'\n";
    for (const FlagWords& flag : verb.flags) {
      const std::string value = flag.choices.empty() ? "-r " : "-x -a '" + flag.choices + "' ";
      for (const std::string& name : flag.names) {
        text += after + "-l " + name.substr(2) + " " + (flag.takes_value ? value : "") + "-d " + fish_quoted(flag.help) + "\n";
      }
    }
  }
  return text;
}

int run_completion(const std::string& shell) {
  std::vector<VerbWords> verbs;
  for (const Verb& verb : all_verbs()) verbs.push_back(words_of(verb));
  std::string script;
  if (shell == "bash") {
    script = bash_script(verbs);
  } else if (shell == "zsh") {  // understands bash's script when asked to
    script = "whence compdef > /dev/null || { autoload -Uz compinit && compinit; }\nautoload -Uz bashcompinit && bashcompinit\n" +
             bash_script(verbs);
  } else if (shell == "fish") {
    script = fish_script(verbs);
  } else {
    throw InputError(shell, "is no shell that looking3d knows", "bash, zsh or fish");
  }
  std::fputs(script.c_str(), stdout);
  return 0;
}

}  // namespace

Verb completion_verb() {
  return {"completion", "print the script by which a shell completes verbs and flags",
          "  source <(looking3d completion bash)   # in ~/.bashrc; the Debian package does without\n"
          "  source <(looking3d completion zsh)    # in ~/.zshrc\n"
          "  looking3d completion fish > ~/.config/fish/completions/looking3d.fish",
          [](CLI::App& verb) -> std::function<int()> {
            auto shell = std::make_shared<std::string>();
            verb.add_option("shell", *shell, "bash | zsh | fish")->required();
            return [shell] { return run_completion(*shell); };
          }};
}

}  // namespace looking3d
