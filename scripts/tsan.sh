#!/usr/bin/env bash
# Lets threads share one inspector and its references under ThreadSanitizer; exit code 0: no race was seen.
#
# Each inspection runs on one thread here: oneTBB, OpenMP and OpenBLAS are not instrumented, so that what they hand from one thread to another would
# look like races. Nothing inside LibTorch, OpenCV and Embree is seen either; what is watched is our own code between inspections.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset tsan
cmake --build --preset tsan --target engine_test
OPENBLAS_NUM_THREADS=1 TSAN_OPTIONS="exitcode=66" \
  build/tsan/src/engine/engine_test --gtest_filter='*ThreadsThatShare*'
