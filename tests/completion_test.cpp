// Shell completion: bash is asked what it offers, and that must be what --help shows.
#include <gtest/gtest.h>

#include <cstdio>
#include <regex>
#include <set>
#include <sstream>

#include "base/files.h"

namespace looking3d {
namespace {

using Words = std::set<std::string>;

std::string output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string output;
  char buffer[4096];
  while (const size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, n);
  EXPECT_EQ(::pclose(pipe), 0) << command << "\n" << output;
  return output;
}

std::string help(const std::string& verb) {
  return output_of(std::string(LOOKING3D_BINARY) + " " + verb + " --help");
}

/// What the first group of a pattern matches, anywhere in a text.
Words all_matches(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern, std::regex::ECMAScript | std::regex::multiline);
  Words words;
  for (std::sregex_iterator found(text.begin(), text.end(), expression), end; found != end; ++found) words.insert((*found)[1]);
  return words;
}

/// The program's verbs, or those of one of its verbs.
Words verbs(const std::string& of = "") {
  const std::string text = help(of);
  const size_t start = text.find("Subcommands:");
  return start == std::string::npos ? Words() : all_matches(text.substr(start, text.find("Examples:") - start), R"(^  (\w+) )");
}

/// A line of the help begins with the flag, or with its other names before it: -h,--help; --augment,--no-augment.
Words flags_of(const std::string& verb) {
  const std::string text = help(verb), flags = text.substr(text.find("Options:"), text.find("Examples:") - text.find("Options:"));
  Words shown = all_matches(flags, R"(^  (?:-\w,)?(--[\w-]+))");
  shown.merge(all_matches(flags, R"(^  --[\w-]+,(--[\w-]+))"));
  return shown;
}

/// Bash with the script loaded, asked about one command line after another: what it offers for the last word of each.
std::vector<Words> offered(const std::vector<std::string>& lines) {
  const Path folder = Path(::testing::TempDir()) / "l3d_completion";
  std::filesystem::create_directories(folder);
  write_file_atomic(folder / "completion.bash", output_of(std::string(LOOKING3D_BINARY) + " completion bash"));
  std::string script = "set -u\nsource " + (folder / "completion.bash").string() +
                       "\nask() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _looking3d; echo \"${COMPREPLY[*]}\"; }\n";
  for (const std::string& line : lines) script += "ask looking3d " + line + "\n";
  write_file_atomic(folder / "ask.bash", script);
  std::istringstream answers(output_of("bash --norc " + (folder / "ask.bash").string()));
  std::vector<Words> offers;
  for (std::string answer; std::getline(answers, answer);) {
    std::istringstream words(answer);
    offers.emplace_back(std::istream_iterator<std::string>(words), std::istream_iterator<std::string>());
  }
  EXPECT_EQ(offers.size(), lines.size());
  offers.resize(lines.size());
  return offers;
}

TEST(Completion, OffersEveryVerbAndEveryFlagOfHelp) {
  const Words known = verbs();
  ASSERT_GE(known.size(), 13u);
  std::vector<std::string> lines = {"''"};
  for (const std::string& verb : known) lines.push_back(verb + " --");
  const std::vector<Words> offers = offered(lines);
  Words first = known;
  first.insert({"--help", "--version"});
  EXPECT_EQ(offers[0], first);
  size_t i = 1;
  for (const std::string& verb : known) {
    Words shown = flags_of(verb);
    EXPECT_GE(shown.size(), 3u) << verb;
    for (const std::string& own : verbs(verb)) shown.merge(flags_of(verb + " " + own));
    EXPECT_EQ(offers[i++], shown) << verb;
  }
}

TEST(Completion, OffersValues) {
  const std::vector<Words> offers =
      offered({"insp", "inspect --method ''", "inspect --method = c", "completion ''", "inspect ''", "inspect --reference ''"});
  EXPECT_EQ(offers[0], Words{"inspect"});
  EXPECT_EQ(offers[1], (Words{"align", "cmt"}));
  EXPECT_EQ(offers[2], Words{"cmt"});
  EXPECT_EQ(offers[3], (Words{"bash", "fish", "zsh"}));
  EXPECT_EQ(offers[4], Words{});  // photos: names of files, which bash adds itself
  EXPECT_EQ(offers[5], Words{});
}

TEST(Completion, KnowsThreeShells) {
  EXPECT_NE(output_of(std::string(LOOKING3D_BINARY) + " completion fish").find("-n '__fish_seen_subcommand_from inspect' -l reference"),
            std::string::npos);
  EXPECT_NE(output_of(std::string(LOOKING3D_BINARY) + " completion zsh").find("bashcompinit"), std::string::npos);
  EXPECT_NE(std::system((std::string(LOOKING3D_BINARY) + " completion tcsh 2> /dev/null").c_str()), 0);
}

}  // namespace
}  // namespace looking3d
