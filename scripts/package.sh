#!/usr/bin/env bash
# Builds the Debian package: build/release/looking3d_VERSION_ARCHITECTURE.deb.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/build.sh
(cd build/release && cpack -G DEB)
