#pragma once
// Which part of the reference a map of changes speaks against.
#include <opencv2/core.hpp>
#include <vector>

namespace looking3d {

/// What a change map says of one part.
struct PartSuspect {
  int part = -1;
  double share = 0;    ///< probability that this is the part that changed, given that one did; all of a reference's sum to 1
  double change = 0;   ///< mean of the change map over the part's visible pixels, 0..1
  double visible = 0;  ///< its pixels / the object's pixels
};

/// How a change of one part spreads over a picture. Measured on injected anomalies and on a detector's change maps (docs/explanation.md).
struct SuspectOptions {
  double expected = 0.25;            ///< value of the change map that speaks neither for nor against a change
  double least = 0.01, most = 0.95;  ///< values of the map beyond these say no more
  double stray = 0.005;              ///< rate of changed pixels that the changed part does not explain
  double near_background = 0.25;     ///< rate of changed pixels on the background right beside a part that moved
  double near_other = 0.15;          ///< the same on other parts
  double reach = 0.04;               ///< how these rates fall off: to 1/e at this distance, share of the image's width
  double moved = 0.6;                ///< how often a changed part also appears elsewhere (moved, turned, swapped) rather than only vanishes
  double partly = 0.3;               ///< how often only some of a changed part's visible pixels change (broken, slid along itself)
  double least_px = 12;              ///< least change that counts, pixels of a picture 128 wide
  double density = 8;         ///< weight of the log of the part's mean change: a network's errors spread over whole surfaces, not pixels
  double correlated_px = 10;  ///< pixels (of a picture 128 wide) that speak as one
  double told = 20;           ///< weight of the log of the mean of what a network tells of the part itself
};

/// All parts of the reference, most suspect first. Each pixel of the map is the posterior probability of a change there, so the odds
/// between it and `expected` are the pixel's evidence; a faint value far and wide is none. A part that changed is hot where it was, in any
/// share of its visible pixels; where it moved to, the surroundings are hot as well, on the background and on other parts. So a part
/// explains a change map the better, the more of the heat lies on it or close to it, and the less it stays cold itself: a thin leg that is
/// hot all over explains more than the seat that its shadow touches. Each part's share follows from the likelihood of the map, were it the
/// changed one. `part_id`: H x W, CV_16S, -1 where there is nothing. `heat`: CV_32F, 0..1, any size, of the same picture. A part without
/// visible pixels can only be guessed from heat that no other part explains; its share is 0. `told`, where a network tells it: like `heat`,
/// the probability that the changed part is the one that the reference shows there.
std::vector<PartSuspect> part_suspects(const cv::Mat& part_id, const cv::Mat& heat, int part_count, const cv::Mat& told = {},
                                       const SuspectOptions& options = {});

}  // namespace looking3d
