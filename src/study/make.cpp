#include "study/make.h"

#include <algorithm>
#include <map>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "base/check.h"
#include "base/error.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "dataset/data_set.h"
#include "dataset/layout.h"
#include "inspect/page.h"

namespace looking3d {
namespace {

constexpr int kQuality = 95, kViewSide = 256, kViewQuality = 88, kSheetColumns = 5;
constexpr size_t kSizeStep = 1024;  ///< all photo files have one size, a multiple of this
constexpr size_t kLeastComment = 4, kMostComment = 2 + 0xffff;

/// Bytes of a JPEG file. Nothing of the original file but its pixels gets in.
std::string jpeg(const cv::Mat& picture, int quality) {
  std::vector<uchar> bytes;
  L3D_CHECK(cv::imencode(".jpg", picture, bytes, {cv::IMWRITE_JPEG_QUALITY, quality}));
  return {bytes.begin(), bytes.end()};
}

/// The picture, scaled to fit and centred on a white square of `side` pixels.
cv::Mat on_square(const cv::Mat& picture, int side) {
  const double scale = static_cast<double>(side) / std::max(picture.cols, picture.rows);
  const cv::Size size(std::clamp(cvRound(picture.cols * scale), 1, side), std::clamp(cvRound(picture.rows * scale), 1, side));
  cv::Mat scaled = picture;
  if (size != picture.size()) cv::resize(picture, scaled, size, 0, 0, scale < 1 ? cv::INTER_AREA : cv::INTER_CUBIC);
  cv::Mat square(side, side, picture.type(), cv::Scalar::all(255));
  scaled.copyTo(square(cv::Rect((side - size.width) / 2, (side - size.height) / 2, size.width, size.height)));
  return square;
}

/// Runs work(i) for i in [0, count), in parallel, with a progress line.
void for_each(const char* title, size_t count, const char* unit, const std::function<void(size_t)>& work) {
  Progress progress(title, static_cast<int64_t>(count), unit);
  parallel_for(static_cast<int64_t>(count), [&](int64_t i) {
    if (interrupted()) throw Interrupted("run the same command again");
    work(static_cast<size_t>(i));
    progress.advance();
  });
}

/// participants/photos/NNN.jpg: all square, of the same number of pixels and bytes.
void write_photos(const DataSet& data, const std::vector<const Sample*>& samples, int most_px, const Path& folder) {
  int side = 1;
  for (const Sample* sample : samples) {
    const cv::Size size = png_size(sample->image);
    side = std::max(side, std::min(most_px, std::max(size.width, size.height)));
  }
  std::vector<std::string> files(samples.size());
  for_each("photos", samples.size(), "photos", [&](size_t i) { files[i] = jpeg(on_square(data.load_image(*samples[i]), side), kQuality); });
  size_t longest = 0;
  for (const std::string& file : files) longest = std::max(longest, file.size());
  const size_t bytes = (longest + kLeastComment + kSizeStep - 1) / kSizeStep * kSizeStep;
  for (size_t i = 0; i < files.size(); ++i) write_file_atomic(folder / (pair_name(i) + ".jpg"), padded_jpeg(files[i], bytes));
}

/// participants/references/NNN.jpg: the views of a shape, row by row on one sheet. Returns how many views each has.
std::vector<int> write_references(const DataSet& data, const std::vector<std::string>& shapes, const Path& folder) {
  std::vector<int> counts(shapes.size());
  for_each("references", shapes.size(), "shapes", [&](size_t i) {
    const std::vector<StoredView> views = data.load_views(shapes[i]);
    const int count = static_cast<int>(views.size()), rows = (count + kSheetColumns - 1) / kSheetColumns;
    cv::Mat sheet(rows * kViewSide, kSheetColumns * kViewSide, CV_8U, cv::Scalar::all(255));
    for (int v = 0; v < count; ++v) {
      const cv::Mat grey = read_picture(views[static_cast<size_t>(v)].image, cv::IMREAD_GRAYSCALE);
      on_square(grey, kViewSide)
          .copyTo(sheet(cv::Rect(v % kSheetColumns * kViewSide, v / kSheetColumns * kViewSide, kViewSide, kViewSide)));
    }
    write_file_atomic(folder / (pair_name(i) + ".jpg"), jpeg(sheet, kViewQuality));
    counts[i] = count;
  });
  return counts;
}

/// Two studies in one folder would leave answers without their key.
void require_no_other_study(const Path& folder, const StudyKey& key) {
  if (!std::filesystem::exists(key_file(folder))) return;
  if (read_key(folder).study != key.study) {
    throw InputError(folder, "holds another study", "give another --out, or remove the folder if its answers are no longer wanted");
  }
}

}  // namespace

void StudyOptions::visit(OptionVisitor& v) {
  v.field("data", data, "folder of the data set");
  v.field("split", split, "train, val or test");
  v.field("out", out, "folder for study_key.json (to be kept) and participants/ (to be given away)");
  v.field("pool", pool, "photos to draw, half of them anomalous");
  v.field("pairs", pairs, "pairs that each participant judges");
  v.field("people", people, "participants, numbered from 1; the pool is dealt to them evenly");
  v.field("seed", seed, "another seed draws other photos");
  v.field("photo-px", photo_px, "longest side of the photos shown, pixels; larger ones are shrunk");
}

void StudyOptions::check() const {
  if (pool < 2 || pool > 10000 || pool % 2 != 0) throw InputError("--pool", "is " + std::to_string(pool), "an even number, 2 to 10000");
  if (pairs < 1 || pairs > pool) throw InputError("--pairs", "is " + std::to_string(pairs), "1 to --pool (" + std::to_string(pool) + ")");
  if (people < 1 || people > 10000) throw InputError("--people", "is " + std::to_string(people), "1 to 10000");
  if (photo_px < 64 || photo_px > 4096) throw InputError("--photo-px", "is " + std::to_string(photo_px), "64 to 4096");
}

StudyKey make_study(const StudyOptions& options) {
  options.check();
  const DataSet data = DataSet::open(options.data);
  std::vector<StudyPhoto> photos;
  std::map<std::string, const Sample*> sample_of;
  for (const size_t i : data.samples_of(options.split)) {
    const Sample& sample = data.samples()[i];
    photos.push_back({sample.name, sample.shape_id, sample.kind, sample.anomalous});
    sample_of[sample.name] = &sample;
  }
  StudyKey key = make_key(photos, options.pool, options.people, options.pairs, options.seed);
  key.options = to_json(options);
  const Path folder = options.out, page_folder = folder / "participants";
  require_writable_directory(folder);
  require_no_other_study(folder, key);
  write_key(folder, key);

  std::vector<const Sample*> samples;
  std::vector<std::string> shapes;
  Json reference_of = Json::array();
  for (const StudyPhoto& photo : key.pool) {
    samples.push_back(sample_of.at(photo.photo));
    const auto place = std::find(shapes.begin(), shapes.end(), photo.shape);
    reference_of.push_back(place - shapes.begin());
    if (place == shapes.end()) shapes.push_back(photo.shape);
  }
  write_photos(data, samples, options.photo_px, page_folder / "photos");
  const std::vector<int> views = write_references(data, shapes, page_folder / "references");

  // The page comes last: it never shows what is not there.
  const Json shown = {
      {"study", key.study}, {"people", key.people}, {"reference_of", reference_of}, {"views", views}, {"columns", kSheetColumns}};
  write_file_atomic(page_folder / "study.html", web_page("study.html", shown));
  return key;
}

std::string padded_jpeg(const std::string& jpeg, size_t bytes) {
  L3D_CHECK(jpeg.starts_with("\xff\xd8"), "a JPEG file");
  L3D_CHECK(jpeg.size() == bytes || jpeg.size() + kLeastComment <= bytes, "room for a comment");
  std::string comments;
  for (size_t missing = bytes - jpeg.size(); missing > 0;) {
    size_t length = std::min(missing, kMostComment);
    if (missing - length > 0 && missing - length < kLeastComment) length -= kLeastComment;  // leave room for the next one's head
    const size_t field = length - 2;                                                        // the length field counts itself
    comments += {'\xff', '\xfe', static_cast<char>(field >> 8), static_cast<char>(field & 0xff)};
    comments.append(length - kLeastComment, ' ');
    missing -= length;
  }
  // After the JFIF header, which must come first.
  size_t head = 2;
  if (jpeg.size() > 6 && jpeg.compare(2, 2, "\xff\xe0") == 0)
    head += 2 + (static_cast<size_t>(static_cast<uchar>(jpeg[4])) << 8 | static_cast<uchar>(jpeg[5]));
  head = std::min(head, jpeg.size());
  return jpeg.substr(0, head) + comments + jpeg.substr(head);
}

}  // namespace looking3d
