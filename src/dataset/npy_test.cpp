#include "dataset/npy.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/random.h"
#include "dataset/pickle.h"

namespace looking3d {
namespace {

NumpyDict small_dict() {
  return {{"pxy", {"<i8", {3, 2}, {1, 2, -3, 400, 70000, -1}}},
          {"is_visible", {"|b1", {3}, {1, 0, 1}}},
          {"xyz", {"<f4", {1, 2, 3}, {0.5, -1, 2.25, -1, -1, -1}}}};
}

TEST(Numpy, DictComesBackAsWritten) {
  const NumpyDict written = small_dict();
  const NumpyDict read = parse_numpy_dict(numpy_dict_bytes(written), "memory");
  ASSERT_EQ(read.size(), 3u);
  for (const auto& [name, array] : written) {
    EXPECT_EQ(read.at(name).dtype, array.dtype) << name;
    EXPECT_EQ(read.at(name).shape, array.shape) << name;
    EXPECT_EQ(read.at(name).values, array.values) << name;
  }
}

/// "<<header>>" + a pickle of a plain dict.
std::string file_with_pickle(const std::string& pickle) {
  const std::string whole = numpy_dict_bytes({});
  return whole.substr(0, 128) + pickle;
}

TEST(Numpy, RefusesEveryOtherGlobal) {
  // What `pickle.dumps` makes of an object whose __reduce__ is (os.system, ("true",)).
  const std::string attack = file_with_pickle(
      "\x80\x03"
      "cposix\nsystem\nX\x04" +
      std::string(3, '\0') + "true\x85R.");
  try {
    parse_numpy_dict(attack, "attack.npy");
    FAIL() << "was read";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("posix system"), std::string::npos) << error.what();
  }
}

TEST(Numpy, RefusesUnknownOpcodesAndTypes) {
  EXPECT_THROW(parse_numpy_dict(file_with_pickle("\x80\x03P1\n."), "x"), InputError);                // persistent id
  EXPECT_THROW(parse_numpy_dict(file_with_pickle("\x80\x03I1\n."), "x"), InputError);                // text integer
  EXPECT_THROW(parse_numpy_dict(file_with_pickle("\x80\x03}."), "x").at("xyz"), std::out_of_range);  // an empty dict is a dict
  EXPECT_THROW(parse_numpy_dict(file_with_pickle("\x80\x03K\x01."), "x"), InputError);               // a number is not
  EXPECT_THROW(parse_numpy_dict("not numpy at all", "x"), InputError);
  EXPECT_THROW(parse_numpy_dict("", "x"), InputError);
}

TEST(Numpy, SurvivesAListThatHoldsItself) {
  EXPECT_THROW(parse_numpy_dict(file_with_pickle("\x80\x03]q" + std::string(1, '\0') + "h" + std::string(1, '\0') + "a."), "x"),
               InputError);
}

TEST(Numpy, ReadsFortranOrder) {
  // A 2 x 3 array of bytes stored column by column; the flag before the data says so.
  std::string bytes = numpy_dict_bytes({{"a", {"|u1", {2, 3}, {1, 4, 2, 5, 3, 6}}}});
  const size_t flag =
      bytes.rfind(std::string("tb\x89"
                              "B"));
  ASSERT_NE(flag, std::string::npos);
  bytes[flag + 2] = '\x88';
  EXPECT_EQ(parse_numpy_dict(bytes, "x").at("a").values, (std::vector<double>{1, 2, 3, 4, 5, 6}));
}

TEST(Numpy, EveryTruncationIsRefused) {
  const std::string whole = numpy_dict_bytes(small_dict());
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THROW(parse_numpy_dict(whole.substr(0, length), "cut"), InputError) << length;
  }
}

TEST(Numpy, MutationsAreReadOrRefusedButNeverCrash) {
  const std::string whole = numpy_dict_bytes(small_dict());
  Rng rng(7);
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = whole;
    for (int i = rng.uniform_int(1, 4); i > 0; --i) bytes[rng.index(bytes.size())] = static_cast<char>(rng.uniform_int(0, 255));
    if (rng.bernoulli(0.2)) bytes.insert(rng.index(bytes.size()), bytes.substr(rng.index(bytes.size()), 20));
    try {
      parse_numpy_dict(bytes, "mutated");
    } catch (const InputError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 5000);
}

}  // namespace
}  // namespace looking3d
