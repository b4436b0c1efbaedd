#!/usr/bin/env bash
# Makes samples/: one procedural chair and photos of it, whole and damaged. Run again only when shapes or renderer change.
set -euo pipefail
cd "$(dirname "$0")/.."
looking3d=build/release/src/cli/looking3d
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
seed=${1:-4242} shape=${2:-000000}
$looking3d generate --out "$work/data" --shapes 8 --seed "$seed" --size 64 --samples 1 > "$work/log" || { cat "$work/log"; exit 1; }
mkdir -p samples
cp "$work/data/shapes/shape_$shape/shape.obj" samples/chair.obj
shoot() {  # name azimuth elevation seed [more flags]
  local name=$1 azimuth=$2 elevation=$3 seed=$4
  shift 4
  $looking3d render --reference samples/chair.obj --out "$work/$name.png" --azimuth "$azimuth" --elevation "$elevation" --seed "$seed" --samples 128 "$@"
  cp "$work/$name.png" samples/
}
shoot whole_1 32 24 1
shoot whole_2 205 30 2
shoot broken 48 28 3 --anomaly broken
shoot missing 310 25 4 --anomaly missing
shoot moved 141 27 5 --anomaly position
shoot swapped 25 30 6 --anomaly swapped
shoot turned 330 22 7 --anomaly rotation
