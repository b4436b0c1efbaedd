#include "inspect/explanation.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>
#include <vector>

namespace looking3d {
namespace {

constexpr double kTellingShare = 0.2;  ///< a part with less of the evidence is not named
constexpr size_t kHiddenNamed = 3, kCoveredNamed = 3;
constexpr double kLeastTurn_deg = 2, kLeastMove = 0.005;  ///< motions below are not worth a word
constexpr double kTellingSigmas = 2;                      ///< nor are those that may as well be none

std::string two_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

std::string rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f", value);
  return text;
}

/// A measure with its deviation, in whole numbers, a deviation of at least 1: "14 +- 3".
std::string measure(double value, double sigma) {
  return rounded(value) + " +- " + rounded(std::max(1.0, sigma));
}

/// "turned 14 +- 3 deg, moved 4 +- 1 % of the height", of what is told apart from nothing; empty when neither is.
std::string motion_phrase(const PartMotion& motion) {
  std::string text;
  if (motion.turned_deg >= std::max(kLeastTurn_deg, kTellingSigmas * motion.turned_sigma_deg))
    text = "turned " + measure(motion.turned_deg, motion.turned_sigma_deg) + " deg";
  if (motion.moved >= std::max(kLeastMove, kTellingSigmas * motion.moved_sigma))
    text += (text.empty() ? "moved " : ", moved ") + measure(100 * motion.moved, 100 * motion.moved_sigma) + " % of the height";
  return text;
}

/// What happened to "something" or "part leg_2".
std::string what_happened(const Inspection& inspection, const std::string& subject) {
  if (inspection.motion) {
    const std::string motion = motion_phrase(*inspection.motion);
    if (!motion.empty()) return subject + " " + motion;
  }
  static constexpr std::array<std::pair<const char*, const char*>, 5> kPhrases{{{"position", " is out of its place"},
                                                                                {"rotation", " is turned"},
                                                                                {"broken", " is broken"},
                                                                                {"swapped", " was swapped for another"},
                                                                                {"missing", " is missing"}}};
  std::string text = subject + " differs";
  for (const auto& [name, phrase] : kPhrases)
    if (inspection.kind == name) text = subject + phrase;
  if (inspection.lost_share && *inspection.lost_share >= 0.005)
    text += ": " + rounded(100 * *inspection.lost_share) + " % of its visible area is gone";
  return text;
}

/// "something covers parts seat and leg_2": the parts that most of it lies on.
std::string what_is_covered(const Inspection& inspection) {
  std::vector<std::string> names;
  for (const PartEvidence& part : inspection.parts)
    if (part.share >= kTellingShare && names.size() < kCoveredNamed) names.push_back(part.name);
  if (names.empty()) return "something covers a part of it";
  std::string text = names.size() == 1 ? "something covers part " : "something covers parts ";
  for (size_t i = 0; i < names.size(); ++i) text += (i == 0 ? "" : i + 1 < names.size() ? ", " : " and ") + names[i];
  return text;
}

/// " Hidden from this side, so not judged: leg_1, leg_3 and 2 more; look from azimuth 205, elevation 30." or nothing.
std::string hidden_parts(const Inspection& inspection) {
  const std::vector<std::string>& hidden = inspection.not_judged;
  if (hidden.empty()) return "";
  std::string text = " Hidden from this side, so not judged: ";
  for (size_t i = 0; i < std::min(kHiddenNamed, hidden.size()); ++i) text += (i == 0 ? "" : ", ") + hidden[i];
  if (hidden.size() > kHiddenNamed) text += " and " + std::to_string(hidden.size() - kHiddenNamed) + " more";
  if (const auto& next = inspection.next_camera)
    text += "; look from azimuth " + rounded(next->azimuth_deg) + ", elevation " + rounded(next->elevation_deg);
  return text + ".";
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
  const std::string deviates = "Deviates (p = " + two_digits(inspection.probability) + "): ";
  if (inspection.kind == "covered") return deviates + what_is_covered(inspection) + "." + hidden_parts(inspection);
  const PartEvidence* suspect = main_suspect(inspection);
  std::string subject = suspect ? "part " + suspect->name : "something";
  if (suspect && inspection.parts.size() > 1 && inspection.parts[1].share > 0.6 * suspect->share)
    subject += " or " + inspection.parts[1].name;
  return deviates + what_happened(inspection, subject) + "." + hidden_parts(inspection);
}

}  // namespace looking3d
