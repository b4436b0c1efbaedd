#include "inspect/explanation.h"

#include <array>
#include <cstdio>
#include <utility>

namespace looking3d {
namespace {

constexpr double kTellingShare = 0.2;  ///< a part with less of the evidence is not named
constexpr size_t kHiddenNamed = 3;

std::string two_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

std::string what_happened(const std::string& kind) {
  static constexpr std::array<std::pair<const char*, const char*>, 5> kPhrases{{{"position", "something is out of its place"},
                                                                                {"rotation", "something is turned"},
                                                                                {"broken", "something is broken"},
                                                                                {"swapped", "something was swapped for another part"},
                                                                                {"missing", "something is missing"}}};
  for (const auto& [name, phrase] : kPhrases)
    if (kind == name) return phrase;
  return "something differs";
}

/// " Hidden from this side: leg_1, leg_3 and 2 more." or nothing.
std::string hidden_parts(const Inspection& inspection) {
  std::string names;
  size_t count = 0;
  for (const PartEvidence& part : inspection.parts) {
    if (part.visible > 0) continue;
    if (++count <= kHiddenNamed) names += (names.empty() ? "" : ", ") + part.name;
  }
  if (count == 0) return "";
  if (count > kHiddenNamed) names += " and " + std::to_string(count - kHiddenNamed) + " more";
  return " Hidden from this side, so not judged: " + names + ".";
}

}  // namespace

const PartEvidence* main_suspect(const Inspection& inspection) {
  if (inspection.verdict != Verdict::kDeviates || inspection.parts.empty()) return nullptr;
  const PartEvidence& first = inspection.parts.front();
  return first.share >= kTellingShare ? &first : nullptr;
}

std::string explain(const Inspection& inspection) {
  switch (inspection.verdict) {
    case Verdict::kCannotJudge:
      return "Cannot judge: " + inspection.reason + ".";
    case Verdict::kMatches:
      return "Matches its reference (p of a deviation = " + two_digits(inspection.probability) + ")." + hidden_parts(inspection);
    case Verdict::kDeviates:
      break;
  }
  std::string text = "Deviates (p = " + two_digits(inspection.probability) + "): " + what_happened(inspection.kind);
  if (const PartEvidence* suspect = main_suspect(inspection)) {
    text += " at part " + suspect->name;
    if (inspection.parts.size() > 1 && inspection.parts[1].share > 0.6 * suspect->share) text += " or " + inspection.parts[1].name;
  }
  return text + ".";
}

}  // namespace looking3d
