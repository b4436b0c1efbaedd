#!/usr/bin/env bash
# scripts/launch.sh N COMMAND...: runs N processes of COMMAND on this machine that train together (docs/scaling.md). The cores are divided
# among them unless COMMAND says --threads. Ends with the status of the first that failed; Ctrl-C stops all of them at the same step.
set -euo pipefail
[ $# -ge 2 ] && [[ $1 =~ ^[1-9][0-9]*$ ]] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
count=$1
shift
if [[ " $* " != *" --threads"* ]]; then
  threads=$(($(nproc) / count))
  set -- "$@" --threads $((threads > 0 ? threads : 1))
fi
export WORLD_SIZE=$count MASTER_ADDR=127.0.0.1
export MASTER_PORT=${MASTER_PORT:-$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')}
children=()
for ((rank = 0; rank < count; ++rank)); do
  RANK=$rank LOCAL_RANK=$rank "$@" &
  children+=($!)
done
trap : INT  # the terminal tells the children too
trap 'kill -INT "${children[@]}" 2>/dev/null || true' TERM
status=0
for child in "${children[@]}"; do
  code=0
  wait "$child" || code=$?
  while kill -0 "$child" 2>/dev/null; do  # a signal ended the waiting, not the child
    code=0
    wait "$child" || code=$?
  done
  [ $status -ne 0 ] || status=$code
done
exit $status
