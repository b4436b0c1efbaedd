#!/usr/bin/env bash
# Builds looking3d and inspects the sample photos: a verdict table on the terminal and demo-out/report.html.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/build.sh -DLOOKING3D_TESTS=OFF -DLOOKING3D_BENCH=OFF
looking3d=build/release/src/cli/looking3d

"$looking3d" index --reference samples/chair.obj --out demo-out/chair.l3d
"$looking3d" inspect --reference demo-out/chair.l3d samples/photos/*.png --json demo-out/report.json --report demo-out
echo
echo "The pictures behind these verdicts: demo-out/report.html"
