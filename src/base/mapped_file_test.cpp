#include "base/mapped_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"

namespace looking3d {
namespace {

class MappedFileTest : public testing::Test {
 protected:
  ~MappedFileTest() override { std::filesystem::remove(path); }
  const Path path = Path(testing::TempDir()) / ("l3d_mapped_file_test_" + std::to_string(::getpid()));
};

TEST_F(MappedFileTest, HoldsTheBytesAlsoWhenTheFileIsReplacedOrRemoved) {
  const std::string bytes(100000, 'a');
  write_file_atomic(path, bytes);
  const MappedFile mapped(path);
  EXPECT_EQ(mapped.bytes(), bytes);
  write_file_atomic(path, "other");
  EXPECT_EQ(mapped.bytes(), bytes);
  std::filesystem::remove(path);
  EXPECT_EQ(mapped.bytes(), bytes);
}

TEST_F(MappedFileTest, AnEmptyFileIsEmpty) {
  write_file_atomic(path, "");
  EXPECT_TRUE(MappedFile(path).bytes().empty());
}

TEST_F(MappedFileTest, WhatIsNoFileIsRefused) {
  EXPECT_THROW(MappedFile(path / "absent"), InputError);
  EXPECT_THROW(MappedFile{testing::TempDir()}, InputError);
  EXPECT_THROW(MappedFile("/dev/null"), InputError);
  write_file_atomic(path, "four");
  EXPECT_THROW(MappedFile(path, 3), InputError);
  EXPECT_EQ(MappedFile(path, 4).bytes(), "four");
}

}  // namespace
}  // namespace looking3d
