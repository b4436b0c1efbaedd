#!/usr/bin/env bash
# The whole job on the samples: sets up what is missing, builds, judges photos of one chair against its mesh, and leaves
# demo-out/report.html.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/build.sh looking3d
looking3d=build/release/src/cli/looking3d
mkdir -p demo-out
$looking3d index --reference samples/chair.obj --out demo-out/chair.l3d
$looking3d inspect --reference demo-out/chair.l3d samples/*.png --report demo-out --json demo-out/verdicts.json
echo "look at demo-out/report.html"
