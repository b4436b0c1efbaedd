// Views encoded once, in index files: the same answers, and no others' weights.
#include "engine/stored_views.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <future>

#include "base/checksum.h"
#include "base/parallel.h"
#include "base/random.h"
#include "engine/correspondences.h"
#include "looking3d/looking3d.h"
#include "model/align_net.h"
#include "shapes/procedural.h"

namespace looking3d {
namespace {

constexpr size_t kHeaderBytes = 64;

CmtOptions small_cmt() {
  CmtOptions options = CmtOptions::looking3d();
  options.width = 8, options.channels = 16, options.blocks = 2, options.match_hidden = 24, options.match_channels = 20;
  return options;
}

class StoredViewsTest : public testing::Test {
 protected:
#ifdef __SANITIZE_THREAD__
  static void SetUpTestSuite() { set_thread_count(1); }  // scripts/tsan.sh says why
#endif

  StoredViewsTest() : folder(std::filesystem::temp_directory_path() / ("l3d_stored_views_test_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder);
    const Scene scene(shape);
    OrbitView view{.azimuth_rad = 0.7, .elevation_rad = 0.5};
    view.distance = fitting_distance(view, shape.all_vertices());
    const Camera camera = orbit_camera(view, 128);
    const cv::Mat grey = render_grey(scene, camera);
    cv::merge(std::vector<cv::Mat>{grey, grey, grey}, photo);
    options.mask = render_silhouette(scene, camera);
    options.threshold = 0.0;  // whatever the untrained network says, it deviates
  }
  ~StoredViewsTest() override { std::filesystem::remove_all(folder); }

  template <class Network = Cmt, class Options = CmtOptions>
  Path untrained(const std::string& name, int seed = 3, const Options& network_options = small_cmt()) const {
    torch::manual_seed(seed);
    Network network(network_options);
    const std::string method = std::is_same_v<Network, Cmt> ? "cmt" : "align";
    write_tensors(folder / name, state_of(*network),
                  {{"format", "looking3d-weights-1"}, {"method", method}, {"size", "128"}, {"network", to_json(network_options)}});
    return folder / name;
  }
  Path indexed(const Inspector& inspector, const std::string& name = "chair.l3d") const {
    inspector.encode(Reference::prepare(shape)).save(folder / name);
    return folder / name;
  }
  /// The message with which a file of these bytes is refused; empty when it is read.
  std::string refusal(const std::string& bytes) const {
    write_file_atomic(folder / "other.l3d", bytes);
    try {
      load_reference(folder / "other.l3d");
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }
  static std::string message(const std::function<void()>& work) {
    try {
      work();
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }

  const Shape shape = make_shape({5, 3, "armchair"});
  const Path folder;
  cv::Mat photo;
  InspectOptions options;
};

TEST_F(StoredViewsTest, AnswersAreThoseOfTheMeshWithinHalfWidthNumbers) {
  const Inspector inspector = Inspector::open(untrained("cmt.safetensors"));
  const Reference mesh = Reference::prepare(shape), in_memory = inspector.encode(mesh), from_file = Reference::load(indexed(inspector));
  const Inspection first = inspector.inspect(mesh, photo, options);
  const Inspection memory = inspector.inspect(in_memory, photo, options), file = inspector.inspect(from_file, photo, options);
  // Another program, which has met neither.
  const Inspection other = Inspector::open(folder / "cmt.safetensors").inspect(from_file, photo, options);
  EXPECT_EQ(memory.probability, file.probability);
  EXPECT_EQ(other.probability, file.probability);
  EXPECT_EQ(cv::norm(memory.heat_map, file.heat_map, cv::NORM_INF), 0);
  EXPECT_NEAR(file.probability, first.probability, 1e-3);
  EXPECT_LT(cv::norm(file.heat_map, first.heat_map, cv::NORM_INF), 5e-3);
  ASSERT_TRUE(first.closest_view && file.closest_view);
  EXPECT_EQ(file.closest_view->index, first.closest_view->index);
  ASSERT_EQ(file.correspondences.size(), first.correspondences.size());
  for (size_t i = 0; i < first.correspondences.size(); ++i) {
    EXPECT_EQ(file.correspondences[i].similarity, first.correspondences[i].similarity) << i;
    EXPECT_EQ(file.correspondences[i].view.index, first.correspondences[i].view.index) << i;
    EXPECT_EQ(file.correspondences[i].view_patch.x, first.correspondences[i].view_patch.x) << i;
  }
  EXPECT_NE(inspector.inspect(Reference::prepare(make_shape({5, 4, "armchair"})), photo, options).probability, file.probability);
}

TEST_F(StoredViewsTest, ReadsWhatItWroteFromAlignedPages) {
  const Inspector inspector = Inspector::open(untrained("cmt.safetensors"));
  const Reference in_memory = inspector.encode(Reference::prepare(shape));
  in_memory.save(folder / "chair.l3d");
  const ReferenceData read = load_reference(folder / "chair.l3d");
  ASSERT_TRUE(read.encoded && in_memory.data().encoded);
  const EncodedViews &a = in_memory.data().encoded->views, &b = read.encoded->views;
  EXPECT_EQ(read.encoded->made_by.text(), in_memory.data().encoded->made_by.text());
  EXPECT_EQ(a.cells, b.cells);
  EXPECT_EQ(a.views, b.views);
  EXPECT_EQ(a.starts, b.starts);
  EXPECT_TRUE(torch::equal(a.places, b.places));
  EXPECT_TRUE(torch::equal(a.reference.patch, b.reference.patch));
  EXPECT_TRUE(torch::equal(a.reference.is_key, b.reference.is_key));
  EXPECT_TRUE(torch::equal(a.reference.features, b.reference.features));
  EXPECT_TRUE(torch::equal(a.reference.matching, b.reference.matching));
  ASSERT_EQ(b.reference.blocks.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(torch::equal(a.reference.blocks[i].keys, b.reference.blocks[i].keys));
    EXPECT_TRUE(torch::equal(a.reference.blocks[i].values, b.reference.blocks[i].values));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(b.reference.blocks[i].values.data_ptr()) % kSectionUnit, 0u);
  }
  // Only patches that show the object are there.
  EXPECT_TRUE(b.reference.is_key.all().item<bool>());
  EXPECT_LT(b.starts.back(), 20 * 16 * 16 * 3 / 4);
}

TEST_F(StoredViewsTest, ARemovedFileIsStillRead) {
  const Inspector inspector = Inspector::open(untrained("cmt.safetensors"));
  const Reference from_file = Reference::load(indexed(inspector));
  const double before = inspector.inspect(from_file, photo, options).probability;
  std::filesystem::remove(folder / "chair.l3d");
  EXPECT_EQ(inspector.inspect(from_file, photo, options).probability, before);
}

TEST_F(StoredViewsTest, OtherWeightsAreToldFromThoseThatMadeIt) {
  const Inspector maker = Inspector::open(untrained("maker.safetensors"));
  const Path file = indexed(maker);
  const Reference reference = Reference::load(file);
  const Inspector other = Inspector::open(untrained("other.safetensors", 4));
  const std::string said = message([&] { other.inspect(reference, photo, options); });
  EXPECT_EQ(said, message([&] { other.check(reference); }));
  EXPECT_NE(said.find("chair.l3d: was indexed with other weights (maker.safetensors, "), std::string::npos) << said;
  EXPECT_NE(said.find("looking3d index --reference MESH --out " + file.string() + " --weights " + (folder / "other.safetensors").string()),
            std::string::npos)
      << said;
  EXPECT_EQ(said.find('\n'), std::string::npos);
  // The same tensors under other options are other weights.
  CmtOptions attending = small_cmt();
  attending.top_k = 7;
  EXPECT_NE(message([&] { Inspector::open(untrained("attending.safetensors", 3, attending)).check(reference); }), "");
  // A copy under another name, calibrated since, is the same.
  TensorFile copy = read_tensors(folder / "maker.safetensors");
  copy.metadata["calibration"] = {{"scale", 2}, {"bias", 0.5}};
  write_tensors(folder / "copy.safetensors", copy.tensors, copy.metadata);
  EXPECT_EQ(message([&] { Inspector::open(folder / "copy.safetensors").inspect(reference, photo, options); }), "");
  // Encoded again from its mesh, it serves the others; without an encoding, all.
  EXPECT_EQ(message([&] { other.inspect(other.encode(reference), photo, options); }), "");
  EXPECT_EQ(message([&] { other.inspect(Reference::prepare(shape), photo, options); }), "");
}

TEST_F(StoredViewsTest, AlignTakesNoNotice) {
  const Reference indexed_reference = Reference::load(indexed(Inspector::open(untrained("cmt.safetensors"))));
  AlignNetOptions small;
  small.compare.width = 8, small.compare.channels = 16, small.mask.width = 4;
  const Inspector align = Inspector::open(untrained<AlignNet>("align.safetensors", 3, small));
  EXPECT_EQ(align.inspect(indexed_reference, photo, options).probability,
            align.inspect(Reference::prepare(shape), photo, options).probability);
  EXPECT_EQ(align.encode(indexed_reference).data().encoded, indexed_reference.data().encoded);
}

TEST_F(StoredViewsTest, TheSameBytesForAnyThreads) {
  const Path weights = untrained("cmt.safetensors");
  const std::string once = read_file(indexed(Inspector::open(weights)));
  EXPECT_EQ(read_file(indexed(Inspector::open(weights), "again.l3d")), once);
  for (const int threads : {1, 4, 8}) {
    set_thread_count(threads);
    EXPECT_TRUE(read_file(indexed(Inspector::open(weights), "again.l3d")) == once) << threads;
  }
  set_thread_count(0);
  // Read and written again.
  Reference::load(folder / "chair.l3d").save(folder / "again.l3d");
  EXPECT_TRUE(read_file(folder / "again.l3d") == once);
}

TEST_F(StoredViewsTest, EveryFlippedByteAndEveryMissingOneIsFound) {
  const std::string whole = read_file(indexed(Inspector::open(untrained("cmt.safetensors"))));
  EXPECT_EQ(refusal(whole), "");
  const size_t step = whole.size() / 150;
  for (size_t at = 8; at < whole.size(); at += at < kHeaderBytes ? 1 : step) {
    std::string altered = whole;
    altered[at] ^= 0x10;
    EXPECT_NE(refusal(altered), "") << at;
    EXPECT_NE(refusal(whole.substr(0, at)).find("cut short"), std::string::npos) << at;
  }
  EXPECT_NE(refusal(whole.substr(0, whole.size() - 1)).find("cut short"), std::string::npos);
  EXPECT_NE(refusal(whole + "x").find("after its end"), std::string::npos);
}

TEST_F(StoredViewsTest, WhatCannotHaveBeenWrittenIsRefused) {
  const Reference in_memory = Inspector::open(untrained("cmt.safetensors")).encode(Reference::prepare(shape));
  const auto spoilt = [&](const std::function<void(EncodedViews&)>& spoil) {
    ReferenceData data = prepare_reference("chair", shape, {});
    StoredViews stored = *in_memory.data().encoded;
    stored.views.reference.patch = stored.views.reference.patch.clone();
    stored.views.places = stored.views.places.clone();
    stored.views.reference.matching = stored.views.reference.matching.clone();
    spoil(stored.views);
    data.encoded = std::make_shared<const StoredViews>(std::move(stored));
    save_reference(folder / "spoilt.l3d", data);
    return message([&] { load_reference(folder / "spoilt.l3d"); });
  };
  const std::string kContradictory = "contradictory";
  EXPECT_EQ(spoilt([](EncodedViews&) {}), "");
  const std::vector<std::function<void(EncodedViews&)>> spoilers = {
      [](EncodedViews& v) { v.reference.patch[0] = -1; },
      [](EncodedViews& v) { v.reference.patch[1] = v.reference.patch[0]; },
      [](EncodedViews& v) { v.reference.patch[-1] = 20 * 256; },
      [](EncodedViews& v) { v.views[3] = 20; },
      [](EncodedViews& v) { v.views.clear(); },
      [](EncodedViews& v) { v.cells = 0; },
      [](EncodedViews& v) { v.places[5][1] = std::nanf(""); },
      [](EncodedViews& v) { v.places[5][1] = 2; },
      [](EncodedViews& v) { v.reference.matching[0][7][3] = std::nanf(""); },
      [](EncodedViews& v) { v.reference.matching[0][7][3] = INFINITY; },
      [](EncodedViews& v) { v.reference.features = torch::full_like(v.reference.features, -INFINITY); },
      [](EncodedViews& v) { v.reference.blocks.clear(); },
      [](EncodedViews& v) { v.reference.blocks.pop_back(), v.reference.matching = v.reference.matching.slice(2, 0, 1).contiguous(); },
  };
  for (size_t i = 0; i + 1 < spoilers.size(); ++i) EXPECT_NE(spoilt(spoilers[i]).find(kContradictory), std::string::npos) << i;
  // A whole file, but not of a network like that of the weights it names.
  EXPECT_EQ(spoilt(spoilers.back()), "");
  const Inspector inspector = Inspector::open(folder / "cmt.safetensors");
  EXPECT_NE(message([&] { inspector.inspect(Reference::load(folder / "spoilt.l3d"), photo, options); }).find(kContradictory),
            std::string::npos);
}

TEST_F(StoredViewsTest, HostileBytesBehindRightChecksumsAreReadOrRefused) {
  const Path file = indexed(Inspector::open(untrained("cmt.safetensors")));
  const std::string whole = read_file(file);
  uint64_t content_bytes = 0;
  std::memcpy(&content_bytes, whole.data() + 24, sizeof content_bytes);
  Rng rng(11);
  int refused = 0;
  for (int trial = 0; trial < 60; ++trial) {
    std::string bytes = whole;
    // The last of the content and the section is what the views are read from.
    const size_t first = kHeaderBytes + content_bytes - 30000, at = first + rng.index(bytes.size() - first);
    bytes[at] = static_cast<char>(rng.next_u32());
    if (trial % 3 == 0) bytes[kHeaderBytes + content_bytes - 64 + rng.index(64)] = static_cast<char>(rng.next_u32());
    const std::string_view all = bytes;
    const uint64_t sums[] = {checksum(all.substr(kHeaderBytes, content_bytes)), checksum(all.substr(kHeaderBytes + content_bytes))};
    std::memcpy(bytes.data() + 16, &sums[0], 8), std::memcpy(bytes.data() + 32, &sums[1], 8);
    refused += !refusal(bytes).empty();
  }
  EXPECT_GT(refused, 0);
}

TEST_F(StoredViewsTest, ThreadsThatShareInspectorAndReferencesAnswerAsOne) {
  AlignNetOptions small;
  small.compare.width = 8, small.compare.channels = 16, small.mask.width = 4;
  for (const Path& weights : {untrained("cmt.safetensors"), untrained<AlignNet>("align.safetensors", 3, small)}) {
    const Inspector alone = Inspector::open(weights), shared = Inspector::open(weights);
    const Reference mesh = Reference::prepare(shape);
    const std::vector<Reference> references = {mesh, alone.encode(mesh)};
    cv::Mat darker = photo * 0.8;
    const std::vector<cv::Mat> photos = {photo, darker};
    std::vector<double> expected;
    for (const Reference& reference : references)
      for (const cv::Mat& one : photos) expected.push_back(alone.inspect(reference, one, options).probability);
    // Each of two threads asks everything, beginning elsewhere; nothing is encoded yet.
    const auto ask = [&](size_t first) {
      std::vector<double> answers(expected.size());
      for (size_t i = 0; i < answers.size(); ++i) {
        const size_t at = (i + first) % answers.size();
        answers[at] = shared.inspect(references[at / photos.size()], photos[at % photos.size()], options).probability;
      }
      return answers;
    };
    std::future<std::vector<double>> other = std::async(std::launch::async, ask, 1);
    EXPECT_EQ(ask(0), expected) << weights;
    EXPECT_EQ(other.get(), expected) << weights;
  }
}

TEST_F(StoredViewsTest, SomeViewsAreThoseThatWereListed) {
  const Inspector inspector = Inspector::open(untrained("cmt.safetensors"));
  const EncodedViews all = inspector.encode(Reference::prepare(shape)).data().encoded->views;
  const EncodedViews some = some_views(all, {15, 4});
  EXPECT_EQ(some.views, (std::vector<int>{15, 4}));
  ASSERT_EQ(some.starts.size(), 3u);
  EXPECT_EQ(some.starts[1], all.starts[16] - all.starts[15]);
  EXPECT_EQ(some.starts[2] - some.starts[1], all.starts[5] - all.starts[4]);
  const auto slice = [](const torch::Tensor& rows, int64_t begin, int64_t end) { return rows[0].slice(0, begin, end); };
  EXPECT_TRUE(
      torch::equal(slice(some.reference.features, 0, some.starts[1]), slice(all.reference.features, all.starts[15], all.starts[16])));
  EXPECT_TRUE(torch::equal(slice(some.reference.blocks[1].keys, some.starts[1], some.starts[2]),
                           slice(all.reference.blocks[1].keys, all.starts[4], all.starts[5])));
  EXPECT_TRUE(torch::equal(some.reference.patch.slice(0, 0, some.starts[1]) + 15 * all.cells,
                           all.reference.patch.slice(0, all.starts[15], all.starts[16])));
  // No view is as good as views that show nothing.
  const EncodedViews none = some_views(all, {});
  EXPECT_EQ(none.starts.back(), 0);
  EXPECT_FALSE(none.reference.is_key.any().item<bool>());
}

}  // namespace
}  // namespace looking3d
