#!/usr/bin/env bash
# clang-tidy over our sources, two seconds to half a minute each: so a file whose text, headers of ours, checks and
# tools are those of an earlier good run is not looked at again. Results are kept in ~/.cache/studium/tidy.
#
# Usage: scripts/tidy.sh BUILD_DIR   (its compile_commands.json says how each file is compiled)
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
build=$(cd -- "$1" && pwd)
kept="${XDG_CACHE_HOME:-${HOME:-$build}/.cache}/studium/tidy"
mkdir -p "$kept"
cd "$root"

# Files that include Beast or Asio's sources are left to the compiler's warnings and the sanitizers: a minute each.
sources() {
  sed -n 's/^  "file": "\(.*\)",\{0,1\}$/\1/p' "$build/compile_commands.json" | sort -u |
    while read -r file; do
      [[ $file != "$build"/* ]] || continue
      grep -qE '^#include <boost/(beast|asio/impl/src)' "$file" || printf '%s\n' "${file#"$root/"}"
    done
}

# FILE KEY, the key being a hash over the file and every header of ours that it reaches.
keys() {
  local tools
  tools="$(clang-tidy-19 --version) $(cat .clang-tidy tests/.clang-tidy) $(grep -o ' -[DOfW][^ ]*' "$build/compile_commands.json" | sort -u)
    $(dpkg-query -W -f '${Package} ${Version}\n' 'lib*-dev' 'nlohmann-json3-dev' 2>/dev/null)"
  tools=$(sha256sum <<<"${tools//"$root"/}" | cut -c 1-64)
  git ls-files -z --cached --others --exclude-standard -- '*.cpp' '*.hpp' | xargs -0 sha256sum >"$build/tidy.sums"
  git grep -n --untracked -E '^ *# *include +"' -- '*.cpp' '*.hpp' |
    sed -E 's/^([^:]+):[0-9]+:[^"]*"([^"]+)".*/\1 \2/' >"$build/tidy.includes"
  sources | awk -v tools="$tools" '
    FILENAME == ARGV[1] { sum[$2] = $1; next }
    FILENAME == ARGV[2] { includes[$1] = includes[$1] " " $2; next }
    {
      split("", seen); split("", queue); queue[1] = $1; seen[$1] = 1; n = 1; all = ""
      for (i = 1; i <= n; i++) {
        all = all " " queue[i] "=" sum[queue[i]]
        m = split(includes[queue[i]], next_files, " ")
        for (j = 1; j <= m; j++) if (!(next_files[j] in seen)) { seen[next_files[j]] = 1; queue[++n] = next_files[j] }
      }
      print $1, tools all
    }' "$build/tidy.sums" "$build/tidy.includes" - |
    while read -r file text; do printf '%s %s\n' "$file" "$(sha256sum <<<"$text" | cut -c 1-64)"; done
}

check_one() {
  local file=$1 key=$2 log
  [ ! -e "$kept/$key" ] || return 0
  log=$(clang-tidy-19 -p "$build" --quiet "$file" 2>/dev/null) || { printf '%s\n' "$log"; return 1; }
  printf '%s: clean\n' "$file"
  : >"$kept/$key"
}
export -f check_one
export build kept

find "$kept" -type f -mtime +30 -delete
keys >"$build/tidy.keys"
printf '%s files\n' "$(wc -l <"$build/tidy.keys")"
xargs -P "$(nproc)" -n 2 bash -c 'check_one "$@"' check_one <"$build/tidy.keys"
