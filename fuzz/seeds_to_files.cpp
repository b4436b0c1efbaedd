// With LOOKING3D_FUZZ_SEEDS=FOLDER a fuzzer writes its seeds there and ends: the corpus that scripts/fuzz.sh starts from.
#include <cstdlib>

#include "target.h"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  using namespace looking3d;
  const char* folder = std::getenv("LOOKING3D_FUZZ_SEEDS");
  if (folder == nullptr) return 0;
  int number = 0;
  for (const std::string& seed : fuzz_seeds()) write_file_atomic(Path(folder) / ("seed" + std::to_string(number++)), seed);
  std::exit(0);
}
