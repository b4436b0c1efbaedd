// What an audit found, for people: as text for the terminal and as a page.
#include <array>
#include <functional>

#include "anomalies/anomaly.h"
#include "dataset/audit.h"

namespace looking3d {
namespace {

using Table = std::vector<std::vector<std::string>>;  ///< rows of cells, the first of them titles

std::string number(const Json& value, const char* format = "%.0f") {
  if (!value.is_number()) return "-";
  char text[32];
  std::snprintf(text, sizeof text, format, value.get<double>());
  return text;
}

std::string spread_text(const Json& spread) {
  return spread.is_object() ? number(spread["min"]) + " / " + number(spread["median"]) + " / " + number(spread["max"]) : "-";
}

Table counts_table(const Json& counts) {
  Table table = {{"", "train", "val", "test", "all"}};
  const auto row = [&](const std::string& title, const std::function<std::string(const Json&)>& cell) {
    table.push_back({title});
    for (const char* split : {"train", "val", "test", "all"}) table.back().push_back(cell(counts[split]));
  };
  const auto plain = [&](const std::string& title, const char* key) { row(title, [key](const Json& c) { return number(c[key]); }); };
  plain("shapes", "shapes");
  plain("anomalous variants", "anomalous_shapes");
  plain("photos", "photos");
  for (const auto& [kind, count] : counts["all"]["photos_by_kind"].items())
    row("photos, " + kind, [&, kind = kind](const Json& c) { return std::to_string(c["photos_by_kind"].value(kind, int64_t{0})); });
  row("share anomalous", [](const Json& c) { return number(c["anomalous_share"], "%.3f"); });
  row("photos of a normal shape: min / median / max", [](const Json& c) { return spread_text(c["photos_of_a_normal_shape"]); });
  row("photos of an anomalous variant", [](const Json& c) { return spread_text(c["photos_of_an_anomalous_shape"]); });
  return table;
}

/// Empty when there is nothing to count.
Table histogram_table(const std::string& title, const Json& histogram) {
  if (histogram["counts"].empty()) return {};
  Table table = {{title}};
  for (const Json& limit : histogram["limits"]) table[0].push_back("< " + number(limit, "%g"));
  table[0].push_back("more");
  for (const auto& [kind, counts] : histogram["counts"].items()) {
    table.push_back({kind});
    for (const Json& count : counts) table.back().push_back(number(count));
  }
  return table;
}

std::vector<Table> all_tables(const Json& audit) {
  std::vector<Table> tables = {counts_table(audit["counts"]), histogram_table("visible size", audit["visible_size"]),
                               histogram_table("magnitude", audit["magnitude"])};
  std::erase_if(tables, [](const Table& table) { return table.empty(); });
  return tables;
}

std::string shortcut_text(const Json& shortcut) {
  if (!shortcut.is_object()) return "";
  std::string text = "trivial statistics: AUC " + number(shortcut["auc"], "%.3f") + " [" + number(shortcut["low"], "%.3f") + ", " +
                     number(shortcut["high"], "%.3f") + "]; most by itself: ";
  int shown = 0;
  for (const auto& [name, area] : shortcut["alone"].items()) {
    if (shown++ == 3) break;
    text += (shown > 1 ? ", " : "") + name + " " + number(area, "%.3f");
  }
  return text;
}

/// "pass", "FAIL", or "-" where there was nothing to look at; then the law, and where it is broken.
std::array<std::string, 2> check_text(const Json& check) {
  const int64_t looked_at = check["looked_at"], failures = check["failures"];
  std::string text = check["name"];
  text += looked_at > 0 ? " (" + std::to_string(looked_at) + " looked at" : " (nothing to look at";
  text += failures > 0 ? ", " + std::to_string(failures) + " wrong)" : ")";
  for (const Json& where : check["first"]) text += "\n      " + where.get<std::string>();
  return {check["passed"] ? (looked_at > 0 ? "pass" : "-") : "FAIL", text};
}

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) result += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
  return result;
}

}  // namespace

std::string audit_text(const Json& audit) {
  std::string text;
  for (const Table& table : all_tables(audit)) {
    for (const auto& row : table) {
      for (const std::string& cell : row) text += "| " + cell + " ";
      text += "|\n";
      if (&row != &table[0]) continue;
      for (size_t column = 0; column < row.size(); ++column) text += "|---";
      text += "|\n";
    }
    text += "\n";
  }
  if (const std::string shortcut = shortcut_text(audit["shortcut"]); !shortcut.empty()) text += shortcut + "\n\n";
  for (const Json& check : audit["checks"]) {
    const auto [verdict, what] = check_text(check);
    text += verdict + std::string(6 - verdict.size(), ' ') + what + "\n";
  }
  return text;
}

std::string audit_page(const Json& audit) {
  std::string page =
      "<!doctype html><meta charset=\"utf-8\"><title>looking3d audit</title>\n<style>body{font:15px sans-serif;max-width:75em;margin:2em "
      "auto}table{border-collapse:collapse;margin:1em 0}td,th{padding:.2em .8em;border-bottom:1px solid #ccc;text-align:right}"
      "td:first-child,th:first-child{text-align:left}.FAIL{color:#b00;font-weight:bold}pre{margin:.2em 0}img{max-width:100%}</style>\n<h1>";
  page += audit["passed"] ? "The data set is sound" : "The data set is not sound";
  page += "</h1>\n";
  for (const Json& check : audit["checks"]) {
    const auto [verdict, what] = check_text(check);
    page += "<pre class=\"" + verdict + "\">" + verdict + std::string(6 - verdict.size(), ' ') + escaped(what) + "</pre>\n";
  }
  page += "<p>" + escaped(shortcut_text(audit["shortcut"])) + "</p>\n";
  for (const Table& table : all_tables(audit)) {
    page += "<table>\n";
    for (const auto& row : table) {
      page += "<tr>";
      for (const std::string& cell : row) page += (&row == &table[0] ? "<th>" : "<td>") + escaped(cell);
      page += "\n";
    }
    page += "</table>\n";
  }
  std::vector<std::string> sheets{"photos", "shapes"};
  for (const AnomalyKind kind : kAllAnomalyKinds) sheets.push_back(name_of(kind));
  for (const std::string& sheet : sheets) page += "<h2>" + sheet + "</h2><img src=\"" + sheet + ".png\" alt=\"" + sheet + "\">\n";
  return page;
}

}  // namespace looking3d
