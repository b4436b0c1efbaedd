#include "pages/eval_page.h"

#include <opencv2/imgcodecs.hpp>

#include "inspect/page.h"
#include "pages/gallery.h"
#include "pages/inspection_sheet.h"
#include "pages/match_figure.h"

namespace looking3d {

Json eval_page_json(const Evaluation& evaluation) {
  Json results = evaluation.results;
  results.erase("judged");
  return {{"results", std::move(results)}, {"gallery", gallery_json(evaluation)}, {"matches", matches_json(evaluation)}};
}

void write_eval_page(const Evaluation& evaluation, const Path& folder) {
  write_file_atomic(folder / "eval.html", web_page("eval.html", eval_page_json(evaluation)));
}

void write_gallery(const Evaluation& evaluation, const EvalOptions& options) {
  InspectionSheetOptions sheet;
  sheet.photos = options.gallery;
  sheet.mistakes = options.gallery_of == "mistakes";
  std::vector<uchar> bytes;
  cv::imencode(".jpg", inspection_sheet(evaluation, options.weights, sheet), bytes, {cv::IMWRITE_JPEG_QUALITY, 88});
  write_file_atomic(Path(options.out) / "gallery.jpg", std::string(bytes.begin(), bytes.end()));
}

void write_sweep_page(const Json& sweep, const Path& folder) {
  write_file_atomic(folder / "sweep.html", web_page("sweep.html", sweep));
}

}  // namespace looking3d
