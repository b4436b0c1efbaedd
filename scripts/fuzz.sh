#!/usr/bin/env bash
# scripts/fuzz.sh [SECONDS_PER_TARGET] [TARGET...]: feeds every reader of the data factory with hostile bytes (libFuzzer, AddressSanitizer). Needs clang (Debian: clang).
# What it finds, and the corpus it grows, lie in build/fuzz/; a failing input is run again with build/fuzz/fuzz/fuzz_NAME FILE.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds="${1:-60}"
targets=("${@:2}")
if [ ${#targets[@]} -eq 0 ]; then
  for source in fuzz/fuzz_*.cpp; do targets+=("$(basename "$source" .cpp)"); done
fi
cmake --preset fuzz > /dev/null
cmake --build --preset fuzz --target "${targets[@]}"
failed=0
for target in "${targets[@]}"; do
  corpus="build/fuzz/corpus/$target"
  findings="build/fuzz/findings/$target"
  mkdir -p "$corpus" "$findings"
  LOOKING3D_FUZZ_SEEDS="$corpus" "build/fuzz/fuzz/$target"
  echo "== $target, $seconds s"
  # Leaks of libraries that end by an exception are no danger to a program that ends too.
  "build/fuzz/fuzz/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -max_len=8192 -detect_leaks=0 -print_final_stats=1 \
    -artifact_prefix="$findings/" "$corpus" > "$findings/log.txt" 2>&1 || failed=1
  grep -E "stat::number_of_executed_units|ERROR|SUMMARY|Test unit written" "$findings/log.txt" || true
done
exit $failed
