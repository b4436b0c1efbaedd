#include "cli/verb.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace looking3d {

CLI::App* add_verb(CLI::App& app, const Verb& verb, CommonFlags& common) {
  CLI::App* sub = app.add_subcommand(verb.name, verb.summary);
  sub->add_option("--threads", common.threads, "threads to use; 0: all cores")->check(CLI::Range(0, 1024))->capture_default_str();
  sub->add_option("--config", common.config, "TOML file; its table [" + verb.name + "] sets the flags' defaults");
  return sub;
}

namespace internal {
namespace {

bool is_unset(const std::string& value) { return value.empty(); }
bool is_unset(const std::vector<std::string>& value) { return value.empty(); }
bool is_unset(double value) { return std::isnan(value); }
template <class Number>
bool is_unset(const Number&) {
  return false;
}

/// Declares one flag for each visited field; the present value (a default, or what the config file said) is shown in the help.
class FlagDeclarer : public OptionVisitor {
 public:
  FlagDeclarer(CLI::App& verb, const std::vector<std::string>& required) : verb_(verb), required_(required) {}

  void field(const std::string& name, int& value, const std::string& help) override { declare(name, value, help); }
  void field(const std::string& name, uint64_t& value, const std::string& help) override { declare(name, value, help); }
  void field(const std::string& name, double& value, const std::string& help) override {
    declare(name, value, help)->check(is_finite, "");
  }
  void field(const std::string& name, std::string& value, const std::string& help) override { declare(name, value, help); }
  void field(const std::string& name, std::vector<std::string>& value, const std::string& help) override {
    declare(name, value, help)->delimiter(',');
  }
  void field(const std::string& name, bool& value, const std::string& help) override {
    verb_.add_flag("--" + name + ",!--no-" + name, value, help + (value ? " [on]" : " [off]"));
  }

 private:
  /// NaN is how a field says that nobody set it.
  static std::string is_finite(const std::string& text) {
    return std::isfinite(std::strtod(text.c_str(), nullptr)) ? "" : "'" + text + "' is not a finite number";
  }

  template <class T>
  CLI::Option* declare(const std::string& name, T& value, const std::string& help) {
    CLI::Option* option = verb_.add_option("--" + name, value, help);
    if (!is_unset(value)) option->capture_default_str();
    if (is_unset(value) && std::find(required_.begin(), required_.end(), name) != required_.end()) option->required();
    return option;
  }

  CLI::App& verb_;
  const std::vector<std::string>& required_;
};

}  // namespace

Path& config_file() {
  static Path path;
  return path;
}

std::string config_table(const CLI::App& verb) {
  const CLI::App* above = verb.get_parent();
  return above != nullptr && above->get_parent() != nullptr ? config_table(*above) + "." + verb.get_name() : verb.get_name();
}

void declare_flags(CLI::App& verb, const std::function<void(OptionVisitor&)>& visit, const std::vector<std::string>& required) {
  FlagDeclarer declarer(verb, required);
  visit(declarer);
}

}  // namespace internal
}  // namespace looking3d
