// The TOML file of --config, and the options that a folder was begun with.
#include "dataset/build.h"
#include "target.h"

using namespace looking3d;

std::vector<std::string> looking3d::fuzz_seeds() {
  return {"[generate]\nshapes = 10\nsize = 64\nsplits = \"78/7/15\"\nall-test = false\nmin-visible = 0.004\nonly = [\"shape=1\"]\n",
          "[generate]\nseed = 99\n", "[generate]\n'a\xff' = 1\n", to_json(GenerateOptions()).dump()};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Path file = scratch() / "options.toml";
  write_file_atomic(file, text_of(data, size));
  read_or_refuse([&] {
    GenerateOptions options;
    read_toml(file, "generate", options);
    options.check();
  });
  return read_or_refuse([&] { from_json<GenerateOptions>(read_json(file)).check(); });
}
