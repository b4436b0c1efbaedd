// Whether something that lies on a piece is told from damage: `cover_report DATA WEIGHTS [PHOTOS] [SPLIT]`. Whole pieces and damaged ones,
// evenly drawn, each judged as it is and with something drawn upon it as in training, other draws (train/cover.h).
#include <algorithm>
#include <cstdio>
#include <map>

#include "base/error.h"
#include "base/evenly.h"
#include "base/ranking.h"
#include "engine/detector.h"
#include "engine/reference_data.h"
#include "looking3d/looking3d.h"
#include "render/scene.h"
#include "train/cover.h"

using namespace looking3d;

namespace {

constexpr int kMaskPx = 128;

/// Verdicts over photos of one sort.
struct Judged {
  int photos = 0, refused = 0, deviates = 0, told = 0, part = 0, parts = 0;
  std::vector<double> covered;  ///< probability of a cover, of those that deviate

  void add(const Inspection& found, const std::string& truly_covered) {
    ++photos;
    refused += found.verdict == Verdict::kCannotJudge;
    if (found.verdict != Verdict::kDeviates) return;
    ++deviates;
    told += found.kind == "covered";
    for (const KindProbability& kind : found.kinds)
      if (kind.kind == "covered") covered.push_back(kind.probability);
    if (found.kind != "covered" || truly_covered.empty()) return;
    ++parts;
    part += !found.parts.empty() && found.parts.front().name == truly_covered;
  }
};

/// Name of the part that most of the cover lies on, at the photo's true camera.
std::string most_covered(const Shape& shape, const Scene& scene, const OrbitView& view, const cv::Mat& cover) {
  cv::Mat ids = render_layers(scene, orbit_camera(view, cover.cols)).part_id.clone();
  ids.setTo(-1, cover == 0);
  const std::vector<int> pixels = part_pixels(ids, scene.part_count());
  const auto most = std::max_element(pixels.begin(), pixels.end());
  return *most == 0 ? "" : shape.parts[static_cast<size_t>(most - pixels.begin())].name;
}

void print(const char* name, const Judged& judged) {
  const auto share = [](int part, int all) { return all == 0 ? 0.0 : static_cast<double>(part) / all; };
  std::printf("| %s | %d (%d) | %.3f | %.3f |", name, judged.photos, judged.refused, share(judged.deviates, judged.photos),
              share(judged.told, judged.deviates));
  if (judged.parts > 0)
    std::printf(" %.3f of %d |\n", share(judged.part, judged.parts), judged.parts);
  else
    std::printf(" - |\n");
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 3) {
    std::fprintf(stderr, "usage: cover_report DATA WEIGHTS [PHOTOS] [SPLIT]\n");
    return 2;
  }
  const DataSet data = DataSet::open(argv[1]);
  const Inspector inspector = Inspector::open(argv[2]);
  const int count = argc > 3 ? std::atoi(argv[3]) : 200;
  const std::vector<size_t> samples = evenly(data.samples_of(argc > 4 ? argv[4] : "test"), count);

  std::map<bool, std::array<Judged, 2>> judged;  // damaged; plain, covered
  PhotoStore masks(data, kMaskPx, uint64_t{1} << 26);
  std::string shape_id;
  std::optional<Reference> reference;
  for (const size_t i : samples) {
    const Sample& sample = data.samples()[i];
    if (sample.shape_id != shape_id) reference = Reference::prepare(data.load_mesh(shape_id = sample.shape_id));
    const cv::Mat photo = data.load_image(sample);
    const auto truth = masks.get(i);
    const CoveredPhoto covered = with_cover(photo, truth->object, Rng(identity(2, "cover report", sample.name)));
    if (covered.cover.empty()) continue;
    const ReferenceData& of = reference->data();
    judged[sample.anomalous][0].add(inspector.inspect(*reference, photo), "");
    judged[sample.anomalous][1].add(inspector.inspect(*reference, covered.photo),
                                    most_covered(of.shape, of.scene, *truth->view, covered.cover));
  }
  std::printf(
      "| pieces | photos (not judged) | called deviating | of these told as covered | most covered part right |\n|---|---|---|---|---|\n");
  print("whole", judged[false][0]);
  print("whole, something on them", judged[false][1]);
  print("damaged", judged[true][0]);
  print("damaged, something on them", judged[true][1]);
  std::vector<LabelledScore> cases;
  for (const double p : judged[false][1].covered) cases.push_back({p, true});
  for (const double p : judged[true][0].covered) cases.push_back({p, false});
  std::printf(
      "\nAUC of the probability of a cover, whole pieces with something on them against damaged ones (both called deviating): %.3f\n",
      auc(cases));
  return 0;
} catch (const InputError& error) {
  std::fprintf(stderr, "cover_report: %s\n", error.what());
  return 2;
}
