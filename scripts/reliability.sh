#!/usr/bin/env bash
# scripts/reliability.sh [FILES]: each reader gets FILES (10000) mutated files; prints the table of docs/reliability.md. Needs a build with tests.
set -euo pipefail
cd "$(dirname "$0")/.."
files="${1:-10000}"
echo "| reader | mutated files | seconds | slowest, ms | peak memory, MiB |"
echo "|---|---|---|---|---|"
failed=0
for test in build/release/fuzz/fuzz_*_test; do
  name="$(basename "$test" _test)"
  if log="$(LOOKING3D_FUZZ_ROUNDS="$files" "$test" --gtest_filter=Fuzz.Mutations 2>&1)"; then
    echo "$log" | sed -n "s/^figures/| ${name#fuzz_}/p"
  else
    echo "| ${name#fuzz_} | FAILED | | | |"
    failed=1
  fi
done
exit $failed
