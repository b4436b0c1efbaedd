#!/usr/bin/env bash
# scripts/build.sh [TARGET...]: installs what is missing and builds the release preset, all of it or the targets named. Called by demo.sh and test.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install-deps.sh
cmake --preset release -DLOOKING3D_TESTS=ON > build-configure.log 2>&1 || { cat build-configure.log; rm -f build-configure.log; exit 1; }
rm -f build-configure.log
cmake --build --preset release --target "${@:-all}"
