#!/usr/bin/env bash
# ./run as people meet it before anything is built: its options, and a machine where packages are missing.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0

fail() {
  printf 'FAILED: %s\n--- it printed:\n%s\n' "$1" "$(cat "$scratch/out")"
  exit 1
}

# expect TITLE STATUS TEXT COMMAND…: the command ends with the status and prints the text, on either stream.
expect() {
  local title=$1 status=$2 text=$3 got=0
  shift 3
  "$@" >"$scratch/out" 2>&1 </dev/null || got=$?
  [ "$got" -eq "$status" ] || fail "$title: status $got, not $status"
  grep -qF -- "$text" "$scratch/out" || fail "$title: no '$text'"
  passed=$((passed + 1))
}

expect 'help' 0 'Usage: ./run [options]' "$root/run" --help
expect 'help among other options' 0 'Usage: ./run [options]' "$root/run" --port 0 -h
expect 'unknown option' 2 "unknown option '--prot'" "$root/run" --prot 8080
expect 'unknown option names the help' 2 'See ./run --help.' "$root/run" --prot
expect 'stray word' 2 "unknown option 'demo'" "$root/run" demo
expect 'missing value at the end' 2 '--data needs a value' "$root/run" --data
expect 'missing value before an option' 2 '--redis needs a value' "$root/run" --redis --demo
expect 'port that is no number' 2 "not 'http'" "$root/run" --port http
expect 'port out of range' 2 "not '65536'" "$root/run" --port=65536
expect 'number of groups' 2 "not '-1'" "$root/run" --demo-groups -1
expect 'level' 2 "not 'loud'" "$root/run" --log-level loud
expect 'configuration that is not there' 2 'no readable file' "$root/run" --config "$scratch/none.toml"
expect './test help' 0 'Usage: ./test [part ...]' "$root/test" --help
expect './test with an unknown part' 2 "no part 'unti'" "$root/test" unti

# A machine without root and without sudo, on which one package is missing: PATH holds only what is linked here.
bin="$scratch/bin"
mkdir "$bin"
for tool in bash env dirname sed awk sort comm grep cat tr tail sleep mkdir; do ln -s "$(command -v "$tool")" "$bin/$tool"; done
fake() {
  printf '#!/bin/sh\n%s\n' "$2" >"$bin/$1"
  chmod +x "$bin/$1"
}
fake apt-get 'echo "apt-get must not be called: $*"; exit 1'
fake npm 'exit 0'
fake id 'echo 1000'
# shellcheck disable=SC2016  # the fake's own variables
fake dpkg-query 'for p in "$@"; do case $p in mold | -*) ;; *) echo "$p installed" ;; esac; done'
expect 'without root it says exactly what to do' 1 \
  'apt-get update && apt-get install -y --no-install-recommends mold' env PATH="$bin" "$root/run" --build-only
grep -q 'must not be called' "$scratch/out" && fail 'apt-get was called without root'

rm "$bin/apt-get"
expect 'on another system' 1 'this is no Debian' env PATH="$bin" "$root/run" --build-only

printf '%s checks passed\n' "$passed"
