#!/usr/bin/env bash
# Installs what the tests need, builds, and runs every test: sudo ./test.sh
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin # su without a dash leaves them out
cd "$(dirname "$0")"

if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  cat <<'USAGE'
usage: sudo ./test.sh

Installs what the tests need (Debian packages), builds, and runs every test: unit tests and simulation under the
sanitizers, fuzz targets, the lab between network namespaces, the installer in a systemd container. All traffic
stays inside network namespaces that the tests make. `cmake --workflow --preset check` runs what needs no root.
USAGE
  exit 0
fi
if (($# > 0)); then
  echo "test.sh: '$1' is not an option; there is only --help" >&2
  exit 2
fi
if ((EUID != 0)); then
  echo "test.sh: network namespaces need root: run sudo ./test.sh, or cmake --workflow --preset check" >&2
  exit 1
fi

step() { printf '\n== %s (%s)\n' "$1" "$(date +%T)"; }

tools/install-packages test

step "release build"
cmake --workflow --preset release
cmake --build --preset release --target mcast-stream mcast-storm

step "unit tests and simulation, under the sanitizers"
cmake --workflow --preset check

step "clang and clang-tidy"
cmake --preset clang
cmake --build --preset clang --target igmp-querier

step "fuzz targets"
cmake --preset fuzz
cmake --build --preset fuzz --target fuzz_targets
ctest --preset fuzz

step "coverage of the codecs and the protocol"
tools/coverage

step "lab: the daemon between network namespaces, switches and other queriers"
/usr/bin/python3 -m pytest -p no:cacheprovider -n 8 -m 'not heavy' tests/lab
/usr/bin/python3 -m pytest -p no:cacheprovider -n 2 -m heavy tests/lab

step "installer, in a systemd container"
/usr/bin/python3 -m pytest -p no:cacheprovider tests/install

step "all tests passed"
