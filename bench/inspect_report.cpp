// How long an inspection takes: `inspect_report [FOLDER] [ROUNDS] [THREADS]` (samples, 20, all). FOLDER holds chair.obj and its photos, as
// samples/ does. For either method, with the index loaded and all photos decoded:
//   latency    photo in memory -> Inspection, median and 90th percentile over ROUNDS of all photos, and the median of each phase
//   folder     photos a second, one reference
//   designs    photos a second where each photo comes with another reference of twelve, all indexed
// cmt once more with an index that holds its encoded views, and the naive way: the photo and all 20 views through the encoder each time,
// attention dense under a mask. Before that the index itself: mesh -> index, its bytes, file -> reference in memory.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <opencv2/imgcodecs.hpp>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"
#include "base/stopwatch.h"
#include "engine/detectors.h"
#include "engine/view_tensors.h"
#include "looking3d/looking3d.h"
#include "model/cmt.h"
#include "shapes/procedural.h"

using namespace looking3d;

namespace {

Path scratch() {
  return std::filesystem::temp_directory_path() / ("inspect_report_" + std::to_string(::getpid()));
}

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(q * static_cast<double>(values.size() - 1))];
}

double median(const std::vector<double>& values) {
  return quantile(values, 0.5);
}

std::vector<cv::Mat> photos_of(const Path& folder) {
  std::vector<Path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".png") files.push_back(entry.path());
  if (files.empty()) throw InputError(folder, "holds no photos (*.png)");
  std::sort(files.begin(), files.end());
  std::vector<cv::Mat> photos;
  for (const Path& file : files) photos.push_back(cv::imread(file.string()));
  return photos;
}

/// Mesh -> index -> reference in memory, with what `encoder` needs of it where there is one.
Reference report_index(const Path& mesh, const Inspector* encoder) {
  constexpr int kTimes = 5;
  const Path file = scratch() / "inspect_report.l3d";
  std::vector<double> make, save, load;
  for (int i = 0; i < kTimes; ++i) {
    Stopwatch watch;
    Reference made = Reference::prepare(mesh);
    if (encoder != nullptr) made = encoder->encode(made);
    make.push_back(watch.lap_ms());
    made.save(file);
    save.push_back(watch.lap_ms());
    const Reference read = Reference::load(file);
    load.push_back(watch.lap_ms());
  }
  const Reference reference = Reference::load(file);
  std::printf("index%s: %zu triangles, mesh -> reference %.0f ms, written in %.0f ms, %.2f MB, file -> reference %.0f ms (medians of %d)\n",
              encoder != nullptr ? " encoded" : "", reference.triangle_count(), median(make), median(save),
              static_cast<double>(std::filesystem::file_size(file)) / 1e6, median(load), kTimes);
  return reference;
}

/// Photos a second where each comes with another of twelve designs.
double photos_per_second(const Inspector& inspector, const std::vector<cv::Mat>& photos, bool encoded) {
  constexpr int kDesigns = 12;
  std::vector<Reference> designs;
  for (int i = 0; i < kDesigns; ++i) {
    const Reference design = Reference::prepare(make_shape({60, i, ""}));
    const Path file = scratch() / ("design_" + std::to_string(i) + ".l3d");
    (encoded ? inspector.encode(design) : design).save(file);
    designs.push_back(Reference::load(file));
  }
  Stopwatch watch;
  for (int i = 0; i < 2 * kDesigns; ++i)
    inspector.inspect(designs[static_cast<size_t>(i % kDesigns)], photos[static_cast<size_t>(i) % photos.size()]);
  return 2e3 * kDesigns / watch.ms();
}

void report_method(const Path& weights, const Reference& reference, const std::vector<cv::Mat>& photos, int rounds) {
  const Inspector inspector = Inspector::open(weights);
  for (const cv::Mat& photo : photos) inspector.inspect(reference, photo);
  struct Phase {
    const char* name;
    double PhaseTimes::*time;
  };
  constexpr Phase kPhases[] = {{"prepare", &PhaseTimes::prepare_ms}, {"camera", &PhaseTimes::pose_ms},
                               {"render", &PhaseTimes::render_ms},   {"network", &PhaseTimes::network_ms},
                               {"explain", &PhaseTimes::explain_ms}, {"total", &PhaseTimes::total_ms}};
  std::vector<std::vector<double>> times(std::size(kPhases));
  Stopwatch watch;
  for (int round = 0; round < rounds; ++round)
    for (const cv::Mat& photo : photos) {
      const Inspection inspection = inspector.inspect(reference, photo);
      for (size_t k = 0; k < times.size(); ++k) times[k].push_back(inspection.times.*kPhases[k].time);
    }
  const double folder_ms = watch.ms();
  std::printf("%s: latency median %.1f ms, p90 %.1f ms |", inspector.method().c_str(), median(times.back()), quantile(times.back(), 0.9));
  for (size_t k = 0; k + 1 < times.size(); ++k) std::printf(" %s %.1f", kPhases[k].name, median(times[k]));
  std::printf("\n%s: folder %.1f photos/s", inspector.method().c_str(), 1e3 * rounds * static_cast<double>(photos.size()) / folder_ms);
  std::printf(", 12 designs in turns %.1f photos/s", photos_per_second(inspector, photos, false));
  if (inspector.method() == "cmt") std::printf(", with encoded indexes %.1f", photos_per_second(inspector, photos, true));
  std::printf("\n");
}

/// What each photo costs where nothing is kept of the reference and every logit of every head is computed under a mask.
void report_naive_cmt(const Path& weights, const Reference& reference, const std::vector<cv::Mat>& photos) {
  const TensorFile file = read_tensors(weights);
  const WeightsInfo info = read_weights_info(file.metadata, weights);
  Cmt network(from_json<CmtOptions>(info.network));
  load_for_inference(network, file.tensors, weights);
  network->work_plainly();
  const torch::NoGradGuard no_grad;
  const ViewTensors views = view_tensors(reference.data(), info.size);
  std::vector<double> times;
  for (const cv::Mat& photo : photos) {
    const Stopwatch watch;
    const CmtReference encoded =
        network->encode_reference(views.grey.unsqueeze(0), views.position.unsqueeze(0), views.surface.unsqueeze(0));
    network->compare(photo_tensor(prepare_photo({photo, {}}, info.size).bgr), encoded);
    times.push_back(watch.ms());
  }
  std::printf("cmt, naive: median %.0f ms, p90 %.0f ms\n", median(times), quantile(times, 0.9));
}

}  // namespace

int main(int argc, char** argv) {
  tune_process();
  const Path folder = argc > 1 ? Path(argv[1]) : Path(LOOKING3D_SOURCE_DIR) / "samples";
  const int rounds = argc > 2 ? std::stoi(argv[2]) : 20;
  set_thread_count(argc > 3 ? std::stoi(argv[3]) : 0);
  const Path weights = Path(LOOKING3D_SOURCE_DIR) / "weights";
  const std::vector<cv::Mat> photos = photos_of(folder);
  std::printf("%zu photos of %d x %d, %d threads\n", photos.size(), photos[0].cols, photos[0].rows, thread_count());
  std::filesystem::create_directories(scratch());
  const Reference reference = report_index(folder / "chair.obj", nullptr);
  report_method(weights / "align.safetensors", reference, photos, rounds);
  report_method(weights / "cmt.safetensors", reference, photos, rounds);
  const Inspector cmt = Inspector::open(weights / "cmt.safetensors");
  report_method(weights / "cmt.safetensors", report_index(folder / "chair.obj", &cmt), photos, rounds);
  report_naive_cmt(weights / "cmt.safetensors", reference, photos);
  std::filesystem::remove_all(scratch());
  return 0;
}
