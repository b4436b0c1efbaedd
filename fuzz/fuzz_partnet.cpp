// PartNet's tree of parts.
#include "shapes/partnet.h"
#include "target.h"

using namespace looking3d;

std::vector<std::string> looking3d::fuzz_seeds() {
  return {
      R"([{"id":0,"name":"chair","objs":["a"],"children":[{"id":1,"name":"chair_base","children":[{"id":2,"name":"leg","objs":["a","b"]},)"
      R"({"id":3,"name":"leg","objs":["b"]}]},{"id":4,"name":"chair_seat","objs":["a"]}]}])",
      R"([{"name":"chair","objs":["../a"]}])", R"([{"name":"chair","children":[]}])", "[]"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Path folder = scratch() / "partnet";
  static const bool pieces = [&] {
    for (const char* name : {"a", "b"})
      write_file_atomic(folder / "objs" / (std::string(name) + ".obj"),
                        "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 2 3 4\nf 1 4 3\n");
    return true;
  }();
  write_file_atomic(folder / "result_after_merging.json", text_of(data, size));
  return pieces ? read_or_refuse([&] { load_shape(folder); }) : 0;
}
