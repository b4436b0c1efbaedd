#pragma once
// What `eval` and `sweep` found, as pages for the eye: one file each that works without a server.
#include "train/evaluate.h"

namespace looking3d {

/// Everything the page shows: {"results" (without the judged photos), "gallery", "matches"}, pictures as data URIs.
Json eval_page_json(const Evaluation& evaluation);
/// Writes folder/eval.html.
void write_eval_page(const Evaluation& evaluation, const Path& folder);

/// Writes folder/gallery.jpg: options.gallery photos as inspection_sheet.h shows them.
void write_gallery(const Evaluation& evaluation, const EvalOptions& options);

/// Writes folder/sweep.html.
void write_sweep_page(const Json& sweep, const Path& folder);

}  // namespace looking3d
