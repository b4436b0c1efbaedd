// inspect_one MESH PHOTO: the verdict on one photo, and the part that is most suspect.
#include <looking3d/looking3d.h>

#include <iostream>
#include <opencv2/imgcodecs.hpp>

int main(int argc, char** argv) try {
  if (argc != 3) throw std::runtime_error("usage: inspect_one MESH PHOTO");
  const auto inspector = looking3d::Inspector::open(WEIGHTS);
  const auto reference = looking3d::Reference::prepare(argv[1]);
  const auto found = inspector.inspect(reference, cv::imread(argv[2]));
  std::cout << looking3d::name_of(found.verdict) << ", probability " << found.probability << '\n';
  if (found.verdict == looking3d::Verdict::kDeviates && !found.parts.empty()) {
    std::cout << found.kind << ": " << found.parts.front().name << '\n';
  }
} catch (const std::exception& error) {
  std::cerr << "inspect_one: " << error.what() << '\n';
  return 2;
}
