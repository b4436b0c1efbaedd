#include "train/judged_table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "base/error.h"
#include "train/metrics.h"

namespace looking3d {
namespace {

constexpr const char* kColumns[] = {"photo", "shape", "kind", "anomalous", "refused", "logit", "probability", "box", "true_box"};

Json box_json(const std::optional<Box>& box) {
  if (!box) return nullptr;
  const auto rounded = [](double value) { return std::round(value * 1e6) / 1e6; };
  return {rounded(box->cx), rounded(box->cy), rounded(box->w), rounded(box->h)};
}

std::optional<Box> box_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return Box{json.at(0), json.at(1), json.at(2), json.at(3)};
}

}  // namespace

Json judged_json(const std::vector<JudgedRow>& rows) {
  Json table = {{"columns", kColumns}, {"rows", Json::array()}};
  for (const JudgedRow& row : rows) {
    table["rows"].push_back(Json::array({row.photo, row.shape, row.kind, row.anomalous, row.refused, row.logit, row.probability,
                                         box_json(row.box), box_json(row.true_box)}));
  }
  return table;
}

std::vector<JudgedRow> judged_rows(const Json& results, const Path& where) {
  std::vector<JudgedRow> rows;
  try {
    const Json& table = results.at("judged");
    if (table.at("columns") != Json(kColumns))
      throw InputError(where, "has other columns of judged photos", "evaluate again with this program");
    for (const Json& row : table.at("rows")) {
      rows.push_back(
          {row.at(0), row.at(1), row.at(2), row.at(3), row.at(4), row.at(5), row.at(6), box_from(row.at(7)), box_from(row.at(8))});
    }
  } catch (const Json::exception&) {
    throw InputError(where, "is no results.json of looking3d eval", "evaluate again with this program");
  }
  return rows;
}

std::vector<double> photo_measures(const std::vector<JudgedRow>& rows, const std::vector<size_t>& photos) {
  std::vector<LabelledScore> ranked, probable;
  std::vector<BoxCase> boxes;
  bool any_box = false;
  for (const size_t i : photos) {
    const JudgedRow& row = rows[i];
    ranked.push_back({row.logit, row.anomalous});
    probable.push_back({row.probability, row.anomalous});
    boxes.push_back({row.logit, row.box, row.true_box});
    any_box |= row.box.has_value();
  }
  return {auc(ranked),
          accuracy(probable),
          average_precision(ranked),
          f1_max(ranked),
          recall_at_false_alarms(ranked),
          calibration_error(probable),
          any_box ? box_average_precision(boxes) : kUndefined,
          any_box ? mean_box_iou(boxes) : kUndefined};
}

std::vector<size_t> all_of(const std::vector<JudgedRow>& rows) {
  std::vector<size_t> all(rows.size());
  std::iota(all.begin(), all.end(), size_t{0});
  return all;
}

std::vector<std::string> shapes_of(const std::vector<JudgedRow>& rows) {
  std::vector<std::string> shapes;
  for (const JudgedRow& row : rows) shapes.push_back(row.shape);
  return shapes;
}

Json number_or_null(double value) {
  return std::isfinite(value) ? Json(value) : Json();
}

Json with_interval(double value, const Interval& interval) {
  return {{"value", number_or_null(value)}, {"low", number_or_null(interval.low)}, {"high", number_or_null(interval.high)}};
}

std::string number_text(const Json& value, bool with_sign) {
  if (!value.is_number()) return "-";
  char text[32];
  std::snprintf(text, sizeof text, with_sign ? "%+.3f" : "%.3f", value.get<double>());
  return text;
}

std::string interval_text(const Json& statistic, bool with_sign) {
  return number_text(statistic["value"], with_sign) + " [" + number_text(statistic["low"], with_sign) + ", " +
         number_text(statistic["high"], with_sign) + "]";
}

}  // namespace looking3d
