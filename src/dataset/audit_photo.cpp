#include "dataset/audit_photo.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <set>

#include "base/error.h"
#include "base/random.h"
#include "dataset/layout.h"

namespace looking3d {
namespace {

constexpr double kMaskTolerance = 0.01;  ///< share of a mask's pixels that may differ: outlines of the stored mesh, rounded to 1e-6
constexpr int kMaskSlack = 6;            ///< pixels that may differ in any mask
constexpr double kAngleTolerance_deg = 0.02;

/// "8-bit 2: IHDR IDAT IEND": depth, colour type and chunks of a PNG file, equal neighbours once.
std::string png_makeup(const std::string& bytes) {
  constexpr size_t kSignature = 8, kDepth = 24, kColourType = 25;
  if (bytes.size() <= kColourType) return "cut short";
  std::string makeup = std::to_string(bytes[kDepth]) + "-bit " + std::to_string(bytes[kColourType]) + ":", last;
  for (size_t at = kSignature; at + 12 <= bytes.size();) {
    uint32_t length = 0;
    for (size_t i = at; i < at + 4; ++i) length = length << 8 | static_cast<uint8_t>(bytes[i]);
    const std::string type = bytes.substr(at + 4, 4);
    if (type != last) makeup += " " + type;
    last = type;
    at += 12 + size_t{length};
  }
  return makeup;
}

/// Different materials that the annotation names.
int count_materials(const Json& raw) {
  std::set<std::string> different;
  const Json appearance = raw.is_object() ? raw.value("appearance", Json::object()) : Json::object();
  if (appearance.is_object() && appearance.contains("materials"))
    for (const Json& material : appearance["materials"]) different.insert(material.dump());
  return static_cast<int>(different.size());
}

class PhotoAudit {
 public:
  PhotoAudit(const DataSet& data, const Sample& sample, const AuditedShape* whole, const std::map<std::string, std::string>& split_of)
      : data_(data), sample_(sample), whole_(whole), split_of_(split_of) {}

  PhotoFacts run() {
    try {
      read();
      if (annotation_.raw.is_object() && annotation_.raw.contains("split")) check_split();
      if (annotation_.camera) check_camera();
      if (whole_ && annotation_.camera && camera_fits()) check_against_mesh(render_layers(whole_->scene, *annotation_.camera));
      if (sample_.anomalous && !change_.empty()) check_change();
    } catch (const InputError& error) {
      add(Flaw::kUnreadable, error.what());
    } catch (const Json::exception& error) {
      add(Flaw::kUnreadable, sample_.info.string() + ": " + error.what());
    }
    return facts_;
  }

 private:
  void look(Flaw flaw) { facts_.looked_at[static_cast<size_t>(flaw)] = true; }
  void add(Flaw flaw, const std::string& what) { facts_.flaws.emplace_back(flaw, what); }
  void add_photo(Flaw flaw, const std::string& what) { add(flaw, sample_.name + ": " + what); }

  void read() {
    look(Flaw::kUnreadable);
    const std::string bytes = read_file(sample_.image);
    facts_.hash = hash_combine(0, bytes);
    facts_.makeup = png_makeup(bytes);
    photo_ = data_.load_image(sample_);
    object_ = data_.load_object_mask(sample_);
    change_ = data_.load_change_mask(sample_);
    before_ = part_mask(sample_.mask_before);
    after_ = part_mask(sample_.mask_after);
    annotation_ = data_.load_annotation(sample_);
    const Json& raw = annotation_.raw;
    if (raw.is_object()) {
      facts_.visible_size = raw.value("visible_size", kUndefined);
      facts_.magnitude = raw.value("magnitude", kUndefined);
      for (const auto& [key, value] : raw.items())
        if (key != "2d_bbox" && key != "IoU") facts_.keys += key + " ";
      if (raw.contains("seeds")) facts_.appearance_seed = raw["seeds"].value("appearance", uint64_t{0});
    }
    if (object_.empty() || !annotation_.view) return;
    const TakenHow how{bytes.size(), *annotation_.view, photo_name(sample_).light, count_materials(raw)};
    facts_.trivial = {sample_.shape_id, sample_.anomalous, trivial_statistics(photo_, object_, how)};
  }

  /// At the photo's size; empty when there is none.
  cv::Mat part_mask(const Path& file) const {
    if (file.empty()) return {};
    const cv::Mat mask = read_picture(file, cv::IMREAD_GRAYSCALE) > 127;
    if (mask.size() != photo_.size()) throw InputError(file, "is not of its photo's size");
    return mask;
  }

  bool camera_fits() const { return cv::Size(annotation_.camera->width, annotation_.camera->height) == photo_.size(); }

  void check_split() {
    const std::string& own = split_of_.at(sample_.shape_id);
    look(Flaw::kSplit);
    const std::string said = annotation_.raw["split"];
    if (said != own) add_photo(Flaw::kSplit, "says " + said + ", split.json says " + own);
    const Json parameters = annotation_.raw.value("parameters", Json::object());
    const std::string donor = parameters.is_object() ? parameters.value("donor_shape", "") : "";
    if (donor.empty()) return;
    look(Flaw::kDonor);
    if (donor.starts_with(sample_.shape_id + "-donor")) return;  // made for this shape alone
    const auto found = split_of_.find(donor);
    if (found == split_of_.end()) add_photo(Flaw::kDonor, "donor " + donor + " is in no split");
    if (found != split_of_.end() && found->second != own) add_photo(Flaw::kDonor, "donor " + donor + " is in " + found->second);
  }

  void check_camera() {
    look(Flaw::kCamera);
    const OrbitView& view = *annotation_.view;
    const Camera& camera = *annotation_.camera;
    if (!orbit_camera(view, camera.width).camera_from_world.isApprox(camera.camera_from_world, 1e-6)) {
      add_photo(Flaw::kCamera, "'view' and 'camera_from_world' are two cameras");
    }
    if (!camera_fits()) add_photo(Flaw::kCamera, "the camera's picture is not of the photo's size");
    const PhotoName name = photo_name(sample_);
    const double turn = std::remainder(swap_azimuth_convention(name.azimuth_deg) - degrees(view.azimuth_rad), 360);
    if (std::abs(turn) > kAngleTolerance_deg || std::abs(name.elevation_deg - degrees(view.elevation_rad)) > kAngleTolerance_deg) {
      add_photo(Flaw::kCamera, "the name says another direction than 'view'");
    }
  }

  /// The stored mask against the one that the mesh shows.
  void compare(Flaw flaw, const char* what, const cv::Mat& stored, const cv::Mat& seen) {
    look(flaw);
    const int off = cv::countNonZero(stored ^ seen), most = kMaskSlack + static_cast<int>(kMaskTolerance * cv::countNonZero(seen));
    if (off > most) add_photo(flaw, std::string(what) + " is off by " + std::to_string(off) + " pixels");
  }

  /// `layers`: the whole shape at the photo's camera.
  void check_against_mesh(const Layers& layers) {
    const cv::Mat whole = layers.mask();
    if (!sample_.anomalous) {
      if (!object_.empty()) compare(Flaw::kObjectMask, "the object's mask", object_, whole);
      return;
    }
    if (!sample_.change.empty()) check_visible_size(whole);
    const int part = whole_->shape.part_index(annotation_.part);
    if (part < 0) return add_photo(Flaw::kPartMask, "the mesh has no part '" + annotation_.part + "'");
    if (before_.empty()) return;
    compare(Flaw::kPartMask, "mask_old", before_, layers.part_id == part);
    // What is neither the part nor behind it is the same before and after.
    if (object_.empty() || after_.empty()) return;
    const cv::Mat untouched = ~(before_ | after_);
    compare(Flaw::kObjectMask, "the rest of the object", object_ & untouched, whole & untouched);
  }

  void check_change() {
    if (!sample_.info.empty()) check_box(cv::boundingRect(change_));
    if (sample_.change.empty() || before_.empty() || after_.empty()) return;
    look(Flaw::kChangeMask);
    const int outside = cv::countNonZero(change_ & ~(before_ | after_));
    if (outside > 0) add_photo(Flaw::kChangeMask, std::to_string(outside) + " changed pixels lie outside both part masks");
  }

  /// `changed`: around the changed pixels.
  void check_box(const cv::Rect& changed) {
    look(Flaw::kBox);
    if (!annotation_.box) return add_photo(Flaw::kBox, "has no box");
    const Box& box = *annotation_.box;
    const double left = (box.cx - box.w / 2) * photo_.cols, top = (box.cy - box.h / 2) * photo_.rows;
    const double worst = std::max({std::abs(left - changed.x), std::abs(top - changed.y), std::abs(box.w * photo_.cols - changed.width),
                                   std::abs(box.h * photo_.rows - changed.height)});
    // Published boxes frame part masks, whose outlines are anti-aliased.
    if (worst > (sample_.change.empty() ? 2 : 1e-6)) add_photo(Flaw::kBox, "is off by " + std::to_string(worst) + " pixels");
  }

  void check_visible_size(const cv::Mat& whole) {
    look(Flaw::kVisibleSize);
    const double size = static_cast<double>(cv::countNonZero(change_)) / std::max(1, cv::countNonZero(whole));
    if (!(std::abs(size - facts_.visible_size) <= kMaskTolerance * size + 1e-4)) {
      add_photo(Flaw::kVisibleSize, "says " + std::to_string(facts_.visible_size) + ", the masks say " + std::to_string(size));
    }
  }

  const DataSet& data_;
  const Sample& sample_;
  const AuditedShape* whole_;
  const std::map<std::string, std::string>& split_of_;
  cv::Mat photo_, object_, change_, before_, after_;
  Annotation annotation_;
  PhotoFacts facts_;
};

}  // namespace

PhotoFacts audit_photo(const DataSet& data, const Sample& sample, const AuditedShape* whole,
                       const std::map<std::string, std::string>& split_of) {
  return PhotoAudit(data, sample, whole, split_of).run();
}

}  // namespace looking3d
