#pragma once
// looking3d: does a photographed piece deviate from its CAD model, where, and how. The public API: values in, values out.
//
//   const auto inspector = looking3d::Inspector::open("weights/align.safetensors");
//   const auto reference = looking3d::Reference::prepare("chair.obj");   // once per design; reference.save("chair.l3d")
//   const auto inspection = inspector.inspect(reference, cv::imread("photo.jpg"));   // const, thread-safe
//
// Images are cv::Mat, 8-bit BGR, origin top-left, pixel centres at +0.5. Angles are in degrees. Lengths are in canonical units: the
// object's bounding sphere has radius 1 and stands at 0, +Y is up and +Z the front. Bad input throws std::runtime_error with one clear
// line.
#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

namespace looking3d {

struct Shape;          // a mesh already in memory, for code inside the project
struct ReferenceData;  // what a reference index holds

enum class Verdict { kMatches, kDeviates, kCannotJudge };
std::string name_of(Verdict verdict);  ///< "matches", "deviates", "cannot judge"

/// A rectangle on the photo, in its pixels; (x, y) is the top-left corner.
struct PixelBox {
  double x = 0, y = 0, width = 0, height = 0;
};

/// The camera that was searched for the photo.
struct FoundCamera {
  double azimuth_deg = 0;    ///< 0 looks at the front, grows towards the object's +X side
  double elevation_deg = 0;  ///< positive from above
  double roll_deg = 0;       ///< clockwise in the image
  double distance = 0;       ///< camera to the object's centre, canonical units
  double focal_px = 0;       ///< in pixels of the photo
  cv::Matx33d intrinsics;    ///< K, in pixels of the photo
  cv::Matx44d camera_from_world;
  double score = 0;  ///< how well the reference's silhouette covers the object's mask there, 0..1
  /// That it is the photo's camera, by what the reference looks like there; absent if the weights cannot tell, and for cameras found by
  /// edges among other things.
  std::optional<double> probability;
};

struct KindProbability {
  std::string kind;        ///< "position", "rotation", "broken", "swapped", "missing", or "covered": something lies on or before the piece
  double probability = 0;  ///< given that the piece deviates
};

/// What the change map says of a part of the reference.
struct PartEvidence {
  std::string name, label;
  double share = 0;    ///< probability that this part is the one that differs, given that one does; sums to 1 over the parts
  double change = 0;   ///< mean change probability over the part's visible pixels, 0..1
  double visible = 0;  ///< part's pixels / object's pixels at the found camera; 0: hidden, cannot be judged from this photo
};

/// The rigid motion of a part that best explains the photo. Sigmas are standard deviations.
struct PartMotion {
  double turned_deg = 0, turned_sigma_deg = 0;  ///< about whatever axis
  double moved = 0, moved_sigma = 0;            ///< of the part's centre, as shares of the object's height
};

/// A camera to photograph the piece from.
struct NextCamera {
  double azimuth_deg = 0, elevation_deg = 0;  ///< as in FoundCamera
  int shows = 0;                              ///< how many of the parts that were not judged are seen from there
};

/// One of the 20 grey pictures of the reference, taken all around it from elevation 20.
struct ViewOfReference {
  int index = 0;           ///< 0..19
  double azimuth_deg = 0;  ///< 18 times the index
};

/// A patch of the photo and the patch of a reference view that it resembles.
struct Correspondence {
  PixelBox patch;  ///< of the photo
  ViewOfReference view;
  PixelBox view_patch;    ///< there, in shares of the view's side: 0..1
  double similarity = 0;  ///< cosine of the two patches' features, -1..1
};

struct PhaseTimes {
  double prepare_ms = 0;  ///< mask and crop of the photo
  double pose_ms = 0;     ///< camera search
  double render_ms = 0;   ///< the reference re-rendered at the hypotheses
  double network_ms = 0;
  double explain_ms = 0;  ///< part, motion, next camera
  double total_ms = 0;    ///< all of the call
};

struct Inspection {
  Verdict verdict = Verdict::kCannotJudge;
  std::string reason;      ///< why, in words, when the verdict is kCannotJudge; else empty
  double probability = 0;  ///< that the piece deviates from its reference, calibrated where the weights carry a calibration
  double threshold = 0.5;  ///< deviates at or above
  std::string kind;        ///< most probable kind; empty unless the verdict is kDeviates
  std::vector<KindProbability> kinds;
  std::optional<PixelBox> box;        ///< of the deviation; absent unless the verdict is kDeviates
  cv::Mat heat_map;                   ///< H x W, CV_32F, 0..1: where the photo differs, in the photo's frame; empty if the method has none
  std::optional<FoundCamera> camera;  ///< absent for methods that search none
  cv::Mat reference_view;             ///< H x W, CV_8UC3: the reference re-rendered at the found camera in the photo's frame; or empty
  cv::Mat object_mask;                ///< H x W, CV_8U: the object as found in the photo
  cv::Mat judged;                     ///< S x S, CV_8UC3: the picture that was compared: the photo, a window of it, or its object on white
  std::vector<PartEvidence> parts;    ///< most suspect first
  std::optional<PartMotion> motion;   ///< of parts.front(), where a motion explains the photo; absent: not measurable, or another kind
  std::optional<double> lost_share;   ///< of the visible area of parts.front(), 0..1; absent unless the kind is missing or broken
  std::vector<std::string> not_judged;          ///< parts of which this photo shows too little
  std::optional<NextCamera> next_camera;        ///< shows most of those; absent where there are none, or no camera shows any
  std::optional<ViewOfReference> closest_view;  ///< the reference view nearest to the photo's; absent for methods that do not tell one
  std::vector<Correspondence> correspondences;  ///< the strongest, best first, one for a patch of the photo; empty for methods without
  std::vector<Correspondence> matches;          ///< InspectOptions::matches for each patch of the object: by rows of patches, best first
  std::vector<std::string> notes;               ///< how the mask was found, and what makes the verdict doubtful
  PhaseTimes times;
};

/// A design prepared for inspection: the mesh with its parts, pose silhouettes and grey views. Cheap to copy.
class Reference {
 public:
  /// Prepares a mesh file, a folder of part meshes, or reads an index file (recognised by its content). `up`, `front`: the mesh file's axes
  /// that point there, "y", "z", "x", "-y", "-z" or "-x"; "auto": guessed from the shape; front "file": z where y is up, -y where z is up.
  /// `smooth_rounds`: of Laplacian smoothing, for scanned meshes.
  static Reference prepare(const std::filesystem::path& mesh_or_index, const std::string& up = "auto", const std::string& front = "file",
                           int smooth_rounds = 0);
  static Reference prepare(const Shape& shape);

  /// Reads an index file (.l3d); what Inspector::encode() put there stays mapped. Throws for a file that is cut short, changed, or of
  /// another version.
  static Reference load(const std::filesystem::path& file);
  void save(const std::filesystem::path& file) const;

  const std::string& name() const;
  std::vector<std::string> part_names() const;
  size_t triangle_count() const;
  const std::vector<std::string>& care_lines() const;  ///< what had to be mended in the mesh, in words
  const std::vector<cv::Mat>& thumbnails() const;      ///< small grey pictures from around the object, CV_8U

  explicit Reference(std::shared_ptr<const ReferenceData> data);
  const ReferenceData& data() const { return *data_; }

 private:
  std::shared_ptr<const ReferenceData> data_;
};

struct InspectOptions {
  std::optional<double> threshold;  ///< deviates at or above this probability; absent: the weights' own
  cv::Mat mask;                     ///< H x W, CV_8U, non-zero on the object, at the photo's size; empty: found in the photo
  bool cut_out = false;             ///< lay the object on white also where the weights can compare it before its own background
  bool second_look = true;          ///< look for the reference's edges in photos where nothing else finds it
  int matches = 0;                  ///< of the reference, to tell for each patch of the object; for methods that match patches (cmt)
};

/// Weights ready to judge. Immutable: one inspector serves many threads. Cheap to copy.
class Inspector {
 public:
  /// Reads a weights file (.safetensors) of method "align" or "cmt". Throws for anything else. `matcher`: weights of cmt whose
  /// correspondences propose cameras to align (slower; for shapes whose outlines mislead the search).
  static Inspector open(const std::filesystem::path& weights, const std::filesystem::path& matcher = {});

  const std::string& method() const;
  double threshold() const;  ///< 0.5: probabilities are calibrated

  /// The threshold that at most a share `false_alarms` of the whole pieces reaches that the weights were calibrated with. Throws for a
  /// share that is not below 1, or below 1 / (number of these pieces), and for weights that do not tell what those pieces scored.
  double threshold_at(double false_alarms) const;

  /// The reference with everything worked out that these weights need of it, so that no photo waits for it; save() writes it to the index
  /// file, which then serves these weights alone (and those that encode nothing). Weights of align encode nothing: the reference itself.
  Reference encode(const Reference& reference) const;
  /// Throws for a reference that other weights have encoded, as inspect() does.
  void check(const Reference& reference) const;

  /// Judges one photo (8-bit, 1, 3 or 4 channels). Throws for an unusable photo (empty, wrong type, mask of another size).
  Inspection inspect(const Reference& reference, const cv::Mat& photo, const InspectOptions& options = {}) const;

 private:
  struct Impl;
  explicit Inspector(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl_;
};

}  // namespace looking3d
