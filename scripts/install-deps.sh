#!/usr/bin/env bash
# Installs the Debian packages that looking3d builds and tests with; only those that are missing.
set -euo pipefail

packages=(
  build-essential python3 cmake ninja-build ccache git ca-certificates
  libtorch-dev libopenblas0-pthread libgloo-dev
  libembree-dev libtbb-dev libeigen3-dev libassimp-dev
  libopencv-core-dev libopencv-imgproc-dev libopencv-imgcodecs-dev libopencv-calib3d-dev
  libcli11-dev libspdlog-dev nlohmann-json3-dev libtoml11-dev
  libgtest-dev libbenchmark-dev
)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && { echo "install-deps: all ${#packages[@]} packages are present"; exit 0; }

echo "install-deps: installing ${missing[*]}"
run=""
[ "$(id -u)" -eq 0 ] || run="sudo"
export DEBIAN_FRONTEND=noninteractive
$run apt-get update -qq
$run apt-get install -y -qq --no-install-recommends "${missing[@]}"
