# shellcheck shell=bash
# What ./run and ./test share: words for people, Debian packages, Node, and long tasks with their time.
# Sourced with `set -euo pipefail` in force and `root` set to the checkout.

: "${root:?}"
logs="$root/build/logs"
stamps="$root/build/stamps"

say() { printf '%s\n' "$*"; }
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# --- Debian packages ---------------------------------------------------------------------------

# The packages of the given lists that are not installed, one a line.
missing_packages() {
  local wanted
  wanted=$(sed 's/#.*//' "$@" | awk 'NF { print $1 }' | sort -u)
  # shellcheck disable=SC2086,SC2016  # one word a package; ${…} is dpkg's own
  comm -23 <(printf '%s\n' $wanted) \
    <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null | awk '$2 == "installed" { print $1 }' | sort -u)
}

# Installs what the given lists name and the machine lacks; asks apt nothing where nothing is missing.
install_packages() {
  local missing
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    die "this is no Debian: install the equivalents of ${*#"$root"/} by hand, then build with cmake --preset release."
  fi
  missing=$(missing_packages "$@")
  command -v npm >/dev/null || missing="$missing npm"
  # shellcheck disable=SC2086  # one word a package
  set -- $missing
  [ $# -gt 0 ] || return 0

  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      printf 'These packages are missing, and only root may install them. Run as root, then start again:\n\n' >&2
      printf '  apt-get update && apt-get install -y --no-install-recommends %s\n\n' "$*" >&2
      exit 1
    fi
    as_root=(sudo)
    sudo true || die "sudo was refused. As root: apt-get update && apt-get install -y --no-install-recommends $*"
  fi
  say "Installing from Debian: $*"
  start_task packages "Installing packages" apt_install "$@"
  finish_tasks packages || die "apt failed. By hand: apt-get update && apt-get install -y --no-install-recommends $*"
}

apt_install() {
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

# --- Tasks: a command with a title, a log in build/logs and its time -----------------------------

declare -A task_title=() task_pid=() task_since=() task_shown=()

# start_task NAME TITLE COMMAND…: runs it beside everything else, in a process group of its own.
start_task() {
  local name=$1
  task_title[$name]=$2
  task_since[$name]=$SECONDS
  task_shown[$name]=$SECONDS
  shift 2
  mkdir -p "$logs"
  [ -t 1 ] || say "$(task_title_of "$name") …"
  set -m
  (set -euo pipefail && "$@") >"$logs/$name.log" 2>&1 </dev/null &
  task_pid[$name]=$!
  set +m
}

# finish_tasks NAME…: waits for all of them, showing what they do; fails where one failed.
finish_tasks() {
  local name failed=0 pause=0.05
  while :; do
    local waiting=()
    for name in "$@"; do
      [ -n "${task_pid[$name]-}" ] || continue
      if kill -0 "${task_pid[$name]}" 2>/dev/null; then waiting+=("$name"); else reap_task "$name" || failed=1; fi
    done
    [ ${#waiting[@]} -gt 0 ] || break
    show_waiting "${waiting[@]}"
    sleep "$pause"
    pause=0.3
  done
  return "$failed"
}

reap_task() {
  local name=$1 status=0 took=$((SECONDS - task_since[$1]))
  wait "${task_pid[$name]}" || status=$?
  unset "task_pid[$name]"
  clear_line
  if [ "$status" -eq 0 ]; then
    say "$(task_title_of "$name"): done in $took s"
    return 0
  fi
  say "$(task_title_of "$name"): FAILED after $took s; the end of ${logs#"$root"/}/$name.log:"
  tail -n "${STUDIUM_LOG_LINES:-40}" "$logs/$name.log" | sed 's/^/    /'
  return "$status"
}

task_title_of() { printf '%s' "${task_title[$1]}"; }
clear_line() { [ ! -t 1 ] || printf '\r\033[K'; }

# On a terminal one line that lives; elsewhere a line a minute.
show_waiting() {
  local name line=''
  for name in "$@"; do
    local took=$((SECONDS - task_since[$name]))
    if [ -t 1 ]; then
      line+="${line:+ | }$(task_title_of "$name") … $took s $(last_line "$name")"
    elif [ $((SECONDS - task_shown[$name])) -ge 60 ]; then
      task_shown[$name]=$SECONDS
      say "$(task_title_of "$name") … $took s so far: $(last_line "$name")"
    fi
  done
  [ ! -t 1 ] || printf '\r\033[K%.*s' "$(($(tput cols 2>/dev/null || echo 80) - 1))" "$line"
}

last_line() { tail -n 1 "$logs/$1.log" 2>/dev/null | tr -dc '[:print:]' | cut -c 1-70; }

stop_tasks() {
  local name
  for name in "${!task_pid[@]}"; do kill -TERM -- "-${task_pid[$name]}" 2>/dev/null || true; done
  [ ${#task_pid[@]} -eq 0 ] || clear_line
}
trap stop_tasks EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
trap 'exit 141' PIPE # whoever read our words is gone: the tasks must go too

# --- Things made from files, made again only where those changed ---------------------------------

# One hash over names and contents of all files under the given paths, but for what is itself made or installed.
hash_of() {
  (cd "$root" && find "$@" \( -name node_modules -o -name dist -o -name generated \) -prune -o -type f -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-64)
}

is_fresh() { [ "$(cat "$stamps/$1" 2>/dev/null)" = "$2" ]; }
mark_fresh() {
  mkdir -p "$stamps"
  printf '%s\n' "$2" >"$stamps/$1"
}

# --- Node ---------------------------------------------------------------------------------------

# Vite 8 asks for Node ^20.19 or >=22.12.
node_is_new_enough() {
  local major minor
  command -v node >/dev/null && command -v npm >/dev/null || return 1
  IFS=. read -r major minor _ <<<"$(node --version | tr -d v)"
  { [ "$major" -eq 20 ] && [ "$minor" -ge 19 ]; } || { [ "$major" -eq 22 ] && [ "$minor" -ge 12 ]; } || [ "$major" -gt 22 ]
}

# Puts a Node that is new enough first in PATH: the machine's, else the pinned one, kept in .tools/node.
use_node() {
  ! node_is_new_enough || return 0
  local tools="$root/.tools/node" wanted
  wanted=$(hash_of scripts/node)
  if [ ! -x "$tools/bin/node" ] || ! is_fresh node "$wanted"; then
    echo "Fetching the pinned Node with npm"
    rm -rf "$tools"
    mkdir -p "$tools/bin"
    cp "$root"/scripts/node/{package.json,package-lock.json,.npmrc} "$tools"
    (cd "$tools" && npm ci --loglevel=error)
    # Debian's npm 9 makes no node_modules/.bin/node, since two packages of the lock file offer one.
    ln -s "$tools"/node_modules/node-linux-*/bin/node "$tools/bin/node"
    ln -s ../node_modules/npm/bin/npm-cli.js "$tools/bin/npm"
    ln -s ../node_modules/npm/bin/npx-cli.js "$tools/bin/npx"
    "$tools/bin/node" --version ||
      { echo "npm has no Node for this machine ($(uname -m)): install Node 22.12 or newer by hand."; return 1; }
    mark_fresh node "$wanted"
  fi
  export PATH="$tools/bin:$PATH"
}

# npm ci in a folder of the checkout, again only where its package files or Node's version changed.
npm_packages() {
  local folder=$1 wanted
  wanted="$(cat "$root/$folder"/package*.json "$root/$folder"/.npmrc 2>/dev/null | sha256sum) $(node --version)"
  if [ ! -d "$root/$folder/node_modules" ] || ! is_fresh "npm-${folder//\//-}" "$wanted"; then
    echo "Installing the npm packages of $folder"
    (cd "$root/$folder" && npm ci)
    mark_fresh "npm-${folder//\//-}" "$wanted"
  fi
}

# --- What both build ------------------------------------------------------------------------------

# configure PRESET [FLAG…]: once; ninja repeats it by itself where a CMake file changed.
configure() { [ -f "$root/build/$1/build.ninja" ] || (cd "$root" && cmake --preset "$@"); }

# Without the tests, so that a machine needs no test library to run the server.
build_server() {
  configure release -DSTUDIUM_TESTS=OFF
  cmake --build "$root/build/release" --target studium
}

build_web() {
  use_node
  npm_packages web-client
  local wanted
  wanted="$(hash_of web-client protocol/schema) $(node --version)"
  if [ ! -f "$root/web-client/dist/index.html" ] || ! is_fresh web "$wanted"; then
    (cd "$root/web-client" && npm run build)
    mark_fresh web "$wanted"
  fi
}
