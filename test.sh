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
Each step prints what it took, and the last lines are a table of steps and times.
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

steps=()
step_name=

# Ends the step at hand, if there is one: prints its wall time and the processor time of its processes.
end_step() {
  [[ -n $step_name ]] || return 0
  local line
  printf -v line '%4d s %6d s  %s' $((SECONDS - step_began)) $(($(processor_seconds) - step_used)) "$step_name"
  steps+=("$line")
  printf -- '-- %s\n' "$line"
  step_name=
}

step() {
  end_step
  step_name=$1 step_began=$SECONDS step_used=$(processor_seconds)
  printf '\n== %s (%s)\n' "$1" "$(date +%T)"
}

# Whole seconds of processor time that processes which have ended took.
processor_seconds() {
  local user system
  # Behind the name in parentheses of /proc/PID/stat: the 14th and 15th field are the times of children, in ticks.
  read -r _ _ _ _ _ _ _ _ _ _ _ _ _ user system _ < <(sed 's/.*) //' "/proc/$$/stat")
  echo $(((user + system) / $(getconf CLK_TCK)))
}

step "packages"
tools/install-packages test

step "release build"
cmake --workflow --preset release
cmake --build --preset release --target mcast-stream mcast-storm

step "build under the sanitizers"
cmake --preset asan
cmake --build --preset asan

step "unit tests and simulation, under the sanitizers"
ctest --preset asan

step "build of the fuzz targets with clang, clang-tidy"
cmake --preset fuzz
cmake --build --preset fuzz --target fuzz_targets igmp-querier

step "fuzz targets"
ctest --preset fuzz

step "coverage of the codecs and the protocol"
tools/coverage

step "lab: the daemon between network namespaces, switches and other queriers"
/usr/bin/python3 -m pytest -p no:cacheprovider -n 8 -m 'not heavy' tests/lab

step "lab, what keeps processors busy"
/usr/bin/python3 -m pytest -p no:cacheprovider -n 2 -m heavy tests/lab

step "installer, in a systemd container"
/usr/bin/python3 -m pytest -p no:cacheprovider tests/install

end_step
printf '\n== all tests passed\n  wall  processor  step\n'
printf '%s\n' "${steps[@]}"
