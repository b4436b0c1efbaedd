// The page of `inspect --report` in headless Chromium: on a phone and a desktop, in light and dark. Leaves screenshots in report_page/.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <opencv2/imgcodecs.hpp>
#include <set>

#include "base/files.h"

namespace looking3d {
namespace {

constexpr int kTall = 7000;  ///< pixels of a window in which all of a page is in view

/// stdout of a command; fails the test where it fails.
std::string output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string output;
  char buffer[4096];
  while (const size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, n);
  const int status = ::pclose(pipe);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << command << "\n" << output;
  return output;
}

/// Uses the page as a reader would and tells its parent what it saw.
constexpr const char* kReader = R"(<script>
const failures = [];
window.addEventListener('error', (event) => failures.push(event.message));
</script>)";
constexpr const char* kReading = R"(<script>
// Chromium writes down a page once it is loaded: pictures, one after the other, keep it loading until the reading is done.
let reading = true;
(function keepLoading() {
  if (reading) Object.assign(new Image(), {onload: keepLoading, src: 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=='});
})();
const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const frames = async (count) => { for (let i = 0; i < count; ++i) await frame(); };
const move = (node, x, y) => node.dispatchEvent(new PointerEvent('pointermove', {clientX: x, clientY: y, bubbles: true}));
const press = (node, key) => node.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));

// The pixels of a picture or canvas, at a size.
function pixels(source, width, height) {
  const canvas = Object.assign(document.createElement('canvas'), {width, height});
  const sheet = canvas.getContext('2d');
  sheet.drawImage(source, 0, 0, width, height);
  return sheet.getImageData(0, 0, width, height).data;
}
function isFlat(source) {
  const seen = pixels(source, 64, 64);
  return seen.every((value, i) => Math.abs(value - seen[i % 4]) < 3);
}
// Overlap of what the 3D view shows with the re-rendered reference (which stands before white), and their mean difference in grey.
function alike(canvas, reference) {
  const {width, height} = canvas;
  const drawn = pixels(canvas, width, height), wanted = pixels(reference, width, height);
  let both = 0, either = 0, difference = 0;
  for (let i = 0; i < drawn.length; i += 4) {
    const a = drawn[i + 3] > 20, b = wanted[i] < 245;
    either += a || b;
    if (!(a && b)) continue;
    ++both;
    if (drawn[i + 3] > 250 && drawn[i] === drawn[i + 1]) difference += Math.abs(drawn[i] - wanted[i]);
  }
  return {overlap: both / either, difference: difference / both};
}
// Places that are coloured by evidence: far more red than blue.
function suspicious(canvas) {
  const seen = pixels(canvas, canvas.width, canvas.height);
  const places = [];
  for (let i = 0; i < seen.length; i += 4)
    if (seen[i + 3] > 250 && seen[i] - seen[i + 2] > 60) places.push([(i / 4) % canvas.width, Math.floor(i / 4 / canvas.width)]);
  return places;
}

async function drawn(canvas) {
  for (let i = 0; i < 300 && !canvas.width; ++i) await frame();
  await frames(3);
}

async function look3d(card) {
  if (!card.querySelector('canvas.turn')) return card.querySelector('.turnable').textContent;
  await drawn(card.querySelector('canvas.turn'));
  const canvas = card.querySelector('canvas.turn'), reference = card.querySelector('figure:nth-child(2) img');
  const told = {pixels: pixels(canvas, canvas.width, canvas.height).filter((value, i) => i % 4 === 3 && value > 20).length};
  const places = suspicious(canvas);
  told.suspicious = places.length;
  if (places.length) {
    const [x, y] = places[places.length >> 1], frame = canvas.getBoundingClientRect();
    move(canvas, frame.left + (x + 0.5) * frame.width / canvas.width, frame.top + (y + 0.5) * frame.height / canvas.height);
    told.name = card.querySelector('.part-name').textContent;
  }
  const state = () => (reference ? alike(canvas, reference) : null);
  told.start = state();
  press(canvas, 'ArrowLeft');
  await frames(3);
  told.turned = state();
  for (let i = 1; i < 18; ++i) press(canvas, 'ArrowLeft');  // to the other side
  await frames(3);
  told.hatched = pixels(canvas, canvas.width, canvas.height).filter((value, i) => i % 4 === 3 && value > 30 && value < 46).length;
  press(canvas, '+');
  card.querySelector('.turnable button').click();
  await frames(3);
  told.back = state();
  const context = painter.gl.getExtension('WEBGL_lose_context');
  context.loseContext();
  await frames(3);
  context.restoreContext();
  await frames(10);
  told.restored = state();
  return told;
}

async function explore(card, photo) {
  const pad = card.querySelector('.patches');
  const lit = () => ({
    hits: card.querySelectorAll('.views .hit').length, enlarged: card.querySelectorAll('.best .crop').length,
    views: [...card.querySelectorAll('.view')].map((view, i) => (view.classList.contains('lit') ? i : -1)).filter((i) => i >= 0),
    left: parseFloat(card.querySelector('.patch').style.left),
  });
  const last = photo.matches.patches.length - 1, {patch} = photo.matches.patches[last], frame = pad.getBoundingClientRect();
  move(pad, frame.left + (patch.x + patch.width / 2) / photo.width * frame.width, frame.top + (patch.y + patch.height / 2) / photo.height * frame.height);
  const pointed = lit();
  press(pad, 'ArrowUp');
  await frames(2);
  return {last, pointed, stepped: lit()};
}

function sorted() {
  const button = [...document.querySelectorAll('#summary th button')].find((node) => node.textContent === 'Probability');
  const order = () => { button.click(); return [...document.querySelectorAll('#summary tbody tr')].map((row) => parseFloat(row.cells[2].textContent)); };
  return [order(), order()];
}

window.addEventListener('DOMContentLoaded', async () => {
  const told = {cards: []};
  try {
    await frames(3);
    const cards = [...document.querySelectorAll('.card')];
    told.pictures = [...document.querySelectorAll('.card img:not(.heat), .thumbnails img')].map((image) => image.naturalWidth > 0 && !isFlat(image));
    for (const [i, card] of cards.entries()) {
      const photo = data.photos[i];
      told.cards.push({name: photo.name, turn: await look3d(card), explorer: photo.matches ? await explore(card, photo) : null});
    }
    told.sorted = sorted();
    told.settings = byId('settings').textContent;
    told.paper = parseInt(getComputedStyle(document.body).backgroundColor.match(/\d+/)[0]);
    await frames(3);
  } catch (error) { failures.push(String(error)); }
  const {scrollWidth, offsetHeight} = document.documentElement;
  parent.postMessage({...told, failures, width: scrollWidth, height: offsetHeight, inner: innerWidth}, '*');
  await frames(3);
  reading = false;
});
</script>)";

/// A window cannot be as narrow as a phone, a frame in it can.
std::string page_in_frame(int width) {
  return R"(<!doctype html><body style="margin:0;overflow:hidden"><iframe src="driven.html" style="border:0;display:block;height:)" +
         std::to_string(kTall) + "px;width:" + std::to_string(width) + R"(px"></iframe><script>
window.addEventListener('message', (event) => {
  document.body.appendChild(document.createElement('pre')).textContent = JSON.stringify(event.data).replace(/[&<>]/g, ' ');
});
</script>)";
}

struct Setting {
  int width;
  bool dark;
};

class ReportPageTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v chromium > /dev/null") != 0) GTEST_SKIP() << "no chromium here: the report's page is not tested";
    folder = std::filesystem::absolute("report_page") / testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }

  /// Judges photos of the samples into the folder.
  void inspect(const std::string& method, const std::string& photos) const {
    output_of("cd " LOOKING3D_SOURCE_DIR "/samples && " LOOKING3D_BINARY " inspect --reference chair.obj " + photos + " --method " +
              method + " --report " + folder.string());
  }

  /// Opens the report; what kReading tells. Leaves a screenshot, phone-dark.png.
  Json read_page(const Setting& setting, const std::string& more_flags = "") const {
    const std::string name = std::string(setting.width < 500 ? "phone" : "desktop") + (setting.dark ? "-dark" : "-light");
    std::string page = read_file(folder / "report.html");
    page.insert(page.find("<meta"), kReader);
    page.insert(page.find("</body>"), kReading);
    write_file_atomic(folder / "driven.html", page);
    write_file_atomic(folder / "frame.html", page_in_frame(setting.width));
    const Path profile = folder / "profile", picture = folder / (name + ".png");
    const std::string dom = output_of(
        "timeout 240 chromium --headless --no-sandbox --disable-gpu" + more_flags +
        " --use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader"
        " --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --hide-scrollbars"
        " --timeout=60000 --blink-settings=preferredColorScheme=" +
        std::string(setting.dark ? "0" : "1") + " --user-data-dir=" + profile.string() + " --window-size=" + std::to_string(setting.width) +
        "," + std::to_string(kTall) + " --screenshot=" + picture.string() + " --dump-dom file://" + (folder / "frame.html").string() +
        " 2>/dev/null");
    const size_t start = dom.find("<pre>") + 5;
    EXPECT_NE(dom.find("<pre>"), std::string::npos) << "the page told nothing\n" << dom;
    if (start < 5 || dom.find("<pre>") == std::string::npos) return nullptr;
    Json told = Json::parse(dom.substr(start, dom.find("</pre>", start) - start));
    std::filesystem::remove_all(profile);
    const cv::Mat shot = cv::imread(picture.string());
    EXPECT_EQ(shot.cols, setting.width);
    cv::imwrite(picture.string(), shot.rowRange(0, std::min(shot.rows, told["height"].get<int>())));
    return told;
  }

  /// What holds for every report in every setting.
  static void expect_sound(const Json& told, const Setting& setting, size_t photos) {
    EXPECT_EQ(told["failures"], Json::array());
    EXPECT_EQ(told["inner"], setting.width);
    EXPECT_LE(told["width"], setting.width) << "wider than the window";
    EXPECT_LT(told["height"], kTall);
    if (setting.dark) {
      EXPECT_LT(told["paper"], 60);
    } else {
      EXPECT_GT(told["paper"], 200);
    }
    ASSERT_GT(told["pictures"].size(), photos);
    for (const Json& shows : told["pictures"]) EXPECT_EQ(shows, true) << "an empty picture";
    ASSERT_EQ(told["cards"].size(), photos);
    auto ascending = told["sorted"][1].get<std::vector<double>>(), descending = told["sorted"][0].get<std::vector<double>>();
    EXPECT_EQ(ascending.size(), photos);
    EXPECT_TRUE(std::is_sorted(ascending.begin(), ascending.end())) << told["sorted"];
    EXPECT_TRUE(std::is_sorted(descending.rbegin(), descending.rend())) << told["sorted"];
    EXPECT_NE(ascending, descending);
    for (const char* words : {"weights", ".safetensors", "threshold", "looking3d ", "method"})
      EXPECT_NE(told["settings"].get<std::string>().find(words), std::string::npos) << words << " in " << told["settings"];
  }

  Path folder;
};

constexpr Setting kSettings[] = {{390, false}, {390, true}, {1280, false}, {1280, true}};

TEST_F(ReportPageTest, Align) {
  inspect("align", "whole_1.png missing.png broken.png");
  const Json report = read_json(folder / "report.json");
  for (const Setting& setting : kSettings) {
    SCOPED_TRACE(std::to_string(setting.width) + (setting.dark ? " dark" : " light"));
    const Json told = read_page(setting);
    ASSERT_TRUE(told.is_object());
    expect_sound(told, setting, 3);
    for (size_t i = 0; i < told["cards"].size(); ++i) {
      const Json &card = told["cards"][i], &turn = card["turn"], &photo = report["photos"][i];
      SCOPED_TRACE(card["name"]);
      // The view starts where the reference was rendered, turns away from there, and comes back.
      EXPECT_GT(turn["start"]["overlap"], 0.85);
      EXPECT_LT(turn["start"]["difference"], 16);
      EXPECT_LT(turn["turned"]["overlap"], turn["start"]["overlap"].get<double>() - 0.15);
      EXPECT_EQ(turn["back"], turn["start"]);
      EXPECT_EQ(turn["restored"], turn["start"]) << "after the browser took the context away";
      // The suspected part stands out, and only where there is one.
      if (photo["verdict"] == "deviates") {
        EXPECT_GT(turn["suspicious"], 50);
        EXPECT_TRUE(turn["name"].get<std::string>().starts_with(photo["parts"][0]["name"].get<std::string>() + ": ")) << turn;
      } else {
        EXPECT_EQ(turn["suspicious"], 0);
      }
      // Parts that were not judged are hatched.
      if (photo["not_judged"].empty()) {
        EXPECT_EQ(turn["hatched"], 0);
      } else {
        EXPECT_GT(turn["hatched"], 50);
      }
    }
  }
}

TEST_F(ReportPageTest, WithoutWebGl) {
  inspect("align", "whole_1.png missing.png");
  const Json told = read_page({390, false}, " --disable-3d-apis");
  ASSERT_TRUE(told.is_object());
  expect_sound(told, {390, false}, 2);
  for (const Json& card : told["cards"]) EXPECT_EQ(card["turn"], "This browser offers no WebGL 2, so the reference cannot be turned here.");
}

TEST_F(ReportPageTest, Cmt) {
  inspect("cmt", "whole_1.png missing.png");
  const Json report = read_json(folder / "report.json");
  for (const Setting& setting : kSettings) {
    SCOPED_TRACE(std::to_string(setting.width) + (setting.dark ? " dark" : " light"));
    const Json told = read_page(setting);
    ASSERT_TRUE(told.is_object());
    expect_sound(told, setting, 2);
    for (size_t i = 0; i < told["cards"].size(); ++i) {
      const Json &explorer = told["cards"][i]["explorer"], &photo = report["photos"][i];
      SCOPED_TRACE(photo["name"]);
      ASSERT_TRUE(explorer.is_object());
      EXPECT_GT(told["cards"][i]["turn"]["pixels"], 2000);
      // The patch pointed at lights its five best, in their views.
      const Json& patch = photo["matches"]["patches"][explorer["last"].get<size_t>()];
      std::set<int> views;
      for (const Json& match : patch["best"]) views.insert(match["view"].get<int>());
      EXPECT_EQ(explorer["pointed"]["hits"], 5);
      EXPECT_EQ(explorer["pointed"]["enlarged"], 5);
      EXPECT_EQ(explorer["pointed"]["views"], Json(views));
      EXPECT_NEAR(explorer["pointed"]["left"].get<double>(), 100 * patch["patch"]["x"].get<double>() / photo["width"].get<double>(), 0.01);
      EXPECT_NE(explorer["stepped"], explorer["pointed"]) << "the arrow key chose no other patch";
      EXPECT_EQ(explorer["stepped"]["hits"], 5);
    }
  }
}

}  // namespace
}  // namespace looking3d
