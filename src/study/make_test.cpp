#include "study/make.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <set>

#include "base/error.h"
#include "dataset/data_set.h"
#include "dataset/tiny_data_set.h"
#include "inspect/page.h"
#include "study/answers.h"

namespace looking3d {
namespace {

class MakeStudyTest : public testing::Test {
 protected:
  MakeStudyTest() : folder(std::filesystem::temp_directory_path() / ("l3d_study_test_" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder);
  }
  ~MakeStudyTest() override { std::filesystem::remove_all(folder); }

  StudyOptions options(const std::string& out) const {
    StudyOptions options;
    options.data = tiny_data_set().string(), options.split = "train", options.out = (folder / out).string();
    options.pool = 12, options.pairs = 4, options.people = 6;
    return options;
  }
  static std::string refusal(const StudyOptions& options) {
    try {
      make_study(options);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }
  /// Name below the folder and bytes of each file.
  static std::map<std::string, std::string> files_of(const Path& below) {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(below))
      if (entry.is_regular_file()) files[entry.path().lexically_relative(below).generic_string()] = read_file(entry.path());
    return files;
  }
  /// The JSON that the page carries.
  static Json page_data(const std::string& page) {
    const std::string open = "id=\"data\">";
    const size_t start = page.find(open) + open.size();
    return Json::parse(page.substr(start, page.find("</script>", start) - start));
  }

  const Path folder;
};

TEST_F(MakeStudyTest, SameBytesForSameOptions) {
  make_study(options("a"));
  make_study(options("b"));
  EXPECT_EQ(files_of(folder / "a" / "participants"), files_of(folder / "b" / "participants"));
  make_study(options("a"));  // an interrupted one is made again in its place
  const StudyKey a = read_key(folder / "a"), b = read_key(folder / "b");
  EXPECT_EQ(a.study, b.study);
  EXPECT_EQ(a.pool, b.pool);
  EXPECT_EQ(a.people, b.people);
}

TEST_F(MakeStudyTest, NothingThatParticipantsGetHoldsTheTruth) {
  const StudyKey key = make_study(options("study"));
  const std::map<std::string, std::string> files = files_of(folder / "study" / "participants");

  // Names are numbers; photos are all of one size, in pixels and in bytes.
  std::set<size_t> sizes;
  std::set<std::pair<int, int>> pixels;
  for (const auto& [name, bytes] : files) {
    if (name == "study.html") continue;
    EXPECT_TRUE(Path(name).parent_path() == "photos" || Path(name).parent_path() == "references") << name;
    EXPECT_EQ(Path(name).filename().string().size(), std::string("001.jpg").size()) << name;
    EXPECT_EQ(Path(name).stem().string().find_first_not_of("0123456789"), std::string::npos) << name;
    if (!name.starts_with("photos/")) continue;
    sizes.insert(bytes.size());
    const cv::Mat photo = cv::imdecode(std::vector<uchar>(bytes.begin(), bytes.end()), cv::IMREAD_COLOR);
    pixels.insert({photo.cols, photo.rows});
  }
  EXPECT_EQ(sizes.size(), 1u);
  EXPECT_EQ(pixels, (std::set<std::pair<int, int>>{{kTinySize, kTinySize}}));

  // No word of the data set in any file, nor where the photos come from; the page's own words name the kinds, so its data are looked at.
  for (const auto& [name, bytes] : files) {
    const std::string text = name == "study.html" ? page_data(bytes).dump() : bytes;
    for (const StudyPhoto& photo : key.pool) {
      EXPECT_EQ(text.find(photo.photo), std::string::npos) << name;
      EXPECT_EQ(text.find(photo.kind), std::string::npos) << name;
      EXPECT_EQ(text.find("\"" + photo.shape + "\""), std::string::npos) << name;
    }
    for (const char* word : {"anomal", "normal", "render_", "label", "truth"}) EXPECT_EQ(text.find(word), std::string::npos) << name;
    EXPECT_EQ(bytes.find(tiny_data_set().string()), std::string::npos) << name;
  }

  // The page's data are what is shown to whom, and nothing else is put in.
  const std::string& page = files.at("study.html");
  const Json data = page_data(page);
  std::set<std::string> keys;
  for (const auto& [name, value] : data.items()) keys.insert(name);
  EXPECT_EQ(keys, (std::set<std::string>{"study", "people", "reference_of", "views", "columns"}));
  EXPECT_EQ(data["people"], Json(key.people));
  EXPECT_EQ(page, web_page("study.html", data));
  EXPECT_EQ(page.find("{{"), std::string::npos) << "a slot was left open";
  EXPECT_EQ(page.find("http://"), std::string::npos) << "nothing is fetched";
  EXPECT_EQ(page.find("https://"), std::string::npos) << "nothing is fetched";
}

TEST_F(MakeStudyTest, EachPairShowsItsPhotoBesideItsShape) {
  const StudyKey key = make_study(options("study"));
  const Path shown = folder / "study" / "participants";
  const Json data = page_data(read_file(shown / "study.html"));
  const DataSet set = DataSet::open(tiny_data_set());
  for (size_t i = 0; i < key.pool.size(); ++i) {
    const auto is_it = [&](const Sample& sample) { return sample.name == key.pool[i].photo; };
    const auto sample = std::find_if(set.samples().begin(), set.samples().end(), is_it);
    ASSERT_NE(sample, set.samples().end());
    EXPECT_EQ(sample->anomalous, key.pool[i].anomalous);
    EXPECT_EQ(sample->kind, key.pool[i].kind);
    const cv::Mat photo = cv::imread((shown / "photos" / (pair_name(i) + ".jpg")).string());
    EXPECT_LT(cv::norm(photo, set.load_image(*sample), cv::NORM_L1) / static_cast<double>(photo.total() * 3), 4) << "grey levels a pixel";

    // The eighth view stands in the second row, third column.
    const std::vector<StoredView> views = set.load_views(sample->shape_id);
    const size_t reference = data["reference_of"][i];
    EXPECT_EQ(data["views"][reference], views.size());
    const cv::Mat sheet = cv::imread((shown / "references" / (pair_name(reference) + ".jpg")).string(), cv::IMREAD_GRAYSCALE);
    const int side = sheet.cols / data["columns"].get<int>();
    cv::Mat view, eighth = read_picture(views[7].image, cv::IMREAD_GRAYSCALE);
    cv::resize(eighth, view, {side, side}, 0, 0, eighth.cols < side ? cv::INTER_CUBIC : cv::INTER_AREA);
    EXPECT_LT(cv::norm(view, sheet(cv::Rect(2 * side, side, side, side)), cv::NORM_L1) / static_cast<double>(view.total()), 4);
  }
}

TEST_F(MakeStudyTest, BadOptions) {
  const auto with = [&](const std::function<void(StudyOptions&)>& change) {
    StudyOptions changed = options("bad");
    change(changed);
    return refusal(changed);
  };
  EXPECT_NE(with([](StudyOptions& o) { o.pool = 7; }).find("--pool: is 7 (an even number"), std::string::npos);
  EXPECT_NE(with([](StudyOptions& o) { o.pool = 5000; }).find("--pool: needs 2500 normal photos, the split has"), std::string::npos);
  EXPECT_NE(with([](StudyOptions& o) { o.pairs = 13; }).find("--pairs: is 13"), std::string::npos);
  EXPECT_NE(with([](StudyOptions& o) { o.people = 0; }).find("--people: is 0"), std::string::npos);
  EXPECT_NE(with([](StudyOptions& o) { o.photo_px = 0; }).find("--photo-px: is 0"), std::string::npos);
  EXPECT_NE(with([](StudyOptions& o) { o.split = "exam"; }).find("exam"), std::string::npos);
  EXPECT_NE(with([](StudyOptions& o) { o.data = "/nowhere"; }).find("/nowhere"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder / "bad" / "participants"));

  // A key is never written over by that of another study.
  make_study(options("study"));
  StudyOptions other = options("study");
  other.seed = 2;
  EXPECT_NE(refusal(other).find("holds another study"), std::string::npos);
}

TEST_F(MakeStudyTest, DamagedKeys) {
  make_study(options("study"));
  const Path file = key_file(folder / "study");
  const std::string whole = read_file(file);
  const auto refusal_of = [&](const std::string& bytes) -> std::string {
    write_file_atomic(file, bytes);
    try {
      read_key(folder / "study");
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  const auto with = [&](const std::function<void(Json&)>& change) {
    Json json = Json::parse(whole);
    change(json);
    return refusal_of(json.dump());
  };
  EXPECT_EQ(refusal_of(whole), "");
  EXPECT_NE(refusal_of(whole.substr(0, whole.size() / 2)).find("not valid JSON"), std::string::npos);
  EXPECT_NE(refusal_of("[]").find("no key"), std::string::npos);
  EXPECT_NE(with([](Json& key) { key["format"] = 3; }).find("no key"), std::string::npos);
  EXPECT_NE(with([](Json& key) { key.erase("pairs"); }).find("damaged"), std::string::npos);
  EXPECT_NE(with([](Json& key) { key["pairs"][0]["anomalous"] = "yes"; }).find("damaged"), std::string::npos);
  EXPECT_NE(with([](Json& key) { key["people"][0][0] = "900"; }).find("damaged"), std::string::npos);
  EXPECT_NE(with([](Json& key) { key["pairs"].erase(0); }).find("not in its place"), std::string::npos);
}

TEST(PaddedJpeg, AnyLengthDecodesToTheSamePixels) {
  cv::Mat picture(40, 40, CV_8UC3);
  cv::randu(picture, 0, 255);
  std::vector<uchar> bytes;
  cv::imencode(".jpg", picture, bytes);
  const std::string jpeg(bytes.begin(), bytes.end());
  const cv::Mat decoded = cv::imdecode(bytes, cv::IMREAD_COLOR);
  for (const size_t more : {0, 4, 5, 65537, 65538, 65540, 65541, 65542, 200000}) {
    const std::string padded = padded_jpeg(jpeg, jpeg.size() + more);
    EXPECT_EQ(padded.size(), jpeg.size() + more);
    const cv::Mat again = cv::imdecode(std::vector<uchar>(padded.begin(), padded.end()), cv::IMREAD_COLOR);
    ASSERT_EQ(again.size(), decoded.size()) << more;
    EXPECT_EQ(cv::norm(again, decoded, cv::NORM_INF), 0) << more;
  }
}

/// What a participant does with nothing but the keyboard, written where --dump-dom shows it.
constexpr const char* kParticipant = R"(<script>
const until = (holds) => new Promise((resolve) => { const timer = setInterval(() => { if (holds()) { clearInterval(timer); resolve(); } }, 5); });
const press = (key) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));
const note = (id, text) => { const node = element('pre', '', text); node.id = id; append(document.body, node); };
window.addEventListener('load', async () => {
  byId('participant').value = '99';
  byId('start').requestSubmit();
  note('refused', byId('participant-error').textContent);
  byId('participant').value = '3';
  byId('start').requestSubmit();
  for (let i = 0; i < session.hand.length; ++i) {
    await until(() => current && current.shownAt !== null);
    if (i === 0) {
      press('ArrowLeft');
      note('turned', byId('view').getAttribute('aria-label'));
      next();  // nothing is answered yet
      note('waits', byId('pair-title').textContent);
      press('a');
      press('3');
    }
    press(i % 2 ? 'a' : 'n');
    note(`focus${i}`, document.activeElement.id);
    document.activeElement.click();
  }
  await until(() => isShown('done'));
  note('outcome', byId('text').value);
  session.answers = [];
  byId('start').requestSubmit();  // as after a reload
  note('kept', String(session.answers.length));
});
</script>)";

std::string element_text(const std::string& page, const std::string& id) {
  const std::string open = "<pre id=\"" + id + "\">";
  const size_t start = page.find(open);
  if (start == std::string::npos) return "";
  return page.substr(start + open.size(), page.find("</pre>", start) - start - open.size());
}

std::string output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string output;
  char buffer[4096];
  while (const size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, n);
  ::pclose(pipe);
  return output;
}

TEST_F(MakeStudyTest, ThePageAsksAndRecords) {
  if (output_of("command -v chromium").empty()) GTEST_SKIP() << "no chromium here: the page's logic is not tested";
  make_study(options("study"));
  const Path shown = folder / "study" / "participants";
  std::string page = read_file(shown / "study.html");
  page.insert(page.find("</body>"), kParticipant);
  write_file_atomic(shown / "driven.html", page);
  const std::string result = output_of(
      "timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
      " --disable-component-update --disable-sync --user-data-dir=" +
      (folder / "profile").string() + " --virtual-time-budget=60000 --dump-dom file://" + (shown / "driven.html").string() +
      " 2>/dev/null");

  EXPECT_EQ(element_text(result, "refused"), "This study has participants 1 to 6. Which number were you given?");
  EXPECT_EQ(element_text(result, "turned"), "Design, view 20 of 20");
  EXPECT_EQ(element_text(result, "waits"), "Pair 1 of 4");
  EXPECT_EQ(element_text(result, "focus0"), "next");
  EXPECT_EQ(element_text(result, "kept"), "4");

  // What the page writes is what `study score` reads.
  write_file_atomic(folder / "answers.json", element_text(result, "outcome"));
  const StudyKey key = read_key(folder / "study");
  const ParticipantAnswers answers = read_answers(folder / "answers.json", key);
  EXPECT_EQ(answers.participant, 3);
  ASSERT_EQ(answers.answers.size(), 4u);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(answers.answers[i].pair, key.people[2][i]);
    EXPECT_EQ(answers.answers[i].anomalous, i % 2 == 1);
    EXPECT_EQ(answers.answers[i].confidence, i == 0 ? std::optional<int>(3) : std::nullopt);
  }
}

}  // namespace
}  // namespace looking3d
