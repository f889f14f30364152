#!/usr/bin/env bash
# Installs what the tests need, builds, and runs every test: sudo ./test.sh
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin # su without a dash leaves them out
cd "$(dirname "$0")"

usage() {
  cat <<'USAGE'
usage: sudo ./test.sh [--long]
       ./test.sh --quick

Installs what the tests need (Debian packages), builds, and runs every test: unit tests, simulation and fuzz targets
under the sanitizers, a build of the program on Debian 13 (in a small tree under build/, which goes afterwards), the lab
between network namespaces, the installer in systemd containers. All traffic stays inside network namespaces that the
tests make. `cmake --workflow --preset check` runs what needs no root. Each step prints what it took, and the last lines
are a table of steps and times.

  --quick     only what needs no root and no sanitizer: format, rooms, documents, unit tests and simulation. Builds what
              has changed; installs nothing (sudo tools/install-packages test does)
  --long      also what takes longer: clang's static analyzer on all sources, long measurements in the lab, fuzzing for
              5 minutes a target, 100,000 schedules of failing queriers, a stream of 20 minutes with every default,
              an hour of a busy LAN, an hour of a hostile one under the sanitizers; builds as what is installed, with
              GCC and clang, on Debian 12, 13 and unstable, and for 32-bit ARM, with the unit tests there; packages for
              each release and architecture, with their tests, and whether two builds are alike. Some six and a half
              hours more
  -h, --help  print this text
USAGE
}

long='' quick=''
for argument in "$@"; do
  case $argument in
    --long) long=1 ;;
    --quick) quick=1 ;;
    -h | --help) usage && exit ;;
    *) echo "test.sh: '$argument' is not an option; see ./test.sh --help" >&2 && exit 2 ;;
  esac
done
if [[ -n $quick ]]; then
  cmake --preset dev
  cmake --build --preset dev --target unit_tests sim_tests
  exec ctest --preset dev
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

unsteady=()

# Runs pytest with its options for the first run, `--`, and what selects the tests. At most five that failed run once
# more, one after the other with nothing beside them: a test that measures times fails where others use the processors.
# A test that fails twice ends the run; one that passes then is named in the end.
run_pytest() {
  local -a options=() failed
  while [[ $1 != -- ]]; do options+=("$1") && shift; done
  shift
  local cache status=0
  cache=$(mktemp -d "$PWD/build/pytest.XXXXXX")
  /usr/bin/python3 -m pytest --rootdir "$PWD" -o cache_dir="$cache" "${options[@]}" "$@" || status=$?
  # Behind an @ is the group of pytest-xdist.
  mapfile -t failed < <(sed -nE 's/^  "(.*)": true,?$/\1/p' "$cache/v/cache/lastfailed" 2>/dev/null |
    sed -E 's/@[a-z_-]+$//')
  rm -rf "$cache"
  ((status)) || return 0
  ((status == 1 && ${#failed[@]} >= 1 && ${#failed[@]} <= 5)) || return "$status"
  printf '\n== once more, alone: %s\n' "${failed[*]}"
  /usr/bin/python3 -m pytest --rootdir "$PWD" -p no:cacheprovider "${failed[@]}"
  unsteady+=("${failed[@]}")
}

step "packages"
tools/install-packages test

# Debian 13 loads packages while others build, and is done before times are measured.
elsewhere=
tree=
finish() {
  if [[ -n $tree ]]; then
    kill "$tree" 2>/dev/null || true
  fi
  if [[ -n $elsewhere ]]; then
    kill "$elsewhere" 2>/dev/null || true
    wait "$elsewhere" || true
  fi
  tools/give-back
}
trap finish EXIT
mkdir -p build
tools/build-on trixie --program --preset dev >build/on-trixie.log 2>&1 &
elsewhere=$!

step "release build"
cmake --preset release -D CMAKE_COMPILE_WARNING_AS_ERROR=ON
cmake --build --preset release
cmake --build --preset release --target mcast-storm

# The tree that the installer is tested in, beside the builds. Where this fails, the tests try again and say why.
/usr/bin/python3 -B tests/install/tree.py build/release/igmp-querier >build/install-tree.log 2>&1 &
tree=$!

step "build with clang, its sanitizers and clang-tidy"
cmake --preset check
cmake --build --preset check

step "unit tests, simulation and fuzz targets, under the sanitizers"
ctest --preset check

step "coverage of the codecs and the protocol"
tools/coverage

step "Debian 13: what is left of it, beside the other builds so far"
wait "$elsewhere" || { tail -n 60 build/on-trixie.log && exit 1; }
elsewhere=
tail -n 1 build/on-trixie.log

# Most of these tests wait for timers: many at once keep two processors half busy. With loadgroup each test goes to the
# next process that is free.
step "lab: the daemon between network namespaces, switches and other queriers"
run_pytest -n 12 --dist loadgroup -- -m 'not heavy and not long' tests/lab --ignore tests/lab/applications

step "lab: applications, which mostly wait for a switch to forget"
run_pytest -n 26 --dist loadgroup -- tests/lab/applications

step "lab, what keeps processors busy"
run_pytest -n 2 --dist loadgroup -- -m heavy tests/lab

step "installer, in systemd containers"
run_pytest -n 3 --dist loadgroup -- tests/install

if [[ -n $long ]]; then
  step "clang's static analyzer on all sources"
  cmake --preset check -B build/analyzer -D CMAKE_CXX_CLANG_TIDY=clang-tidy -D IGMP_QUERIER_FUZZ=OFF \
    -D IGMP_QUERIER_TESTS=OFF
  cmake --build build/analyzer --target igmp-querier

  export LLVM_PROFILE_FILE=/dev/null # the unit tests are what coverage counts
  for target in packet capture querier config api client words; do
    step "fuzz target $target, for 5 minutes"
    mkdir -p "build/check/long/$target"
    "build/check/tests/fuzz/${target}_fuzz" -max_total_time=300 -print_funcs=0 -artifact_prefix="build/check/long/" \
      "build/check/long/$target" "tests/fuzz/corpus/$target"
  done

  step "100,000 schedules of queriers that fail"
  cmake --preset bench -D IGMP_QUERIER_TESTS=ON
  cmake --build --preset bench --target availability micro_bench null_receiver receive_path
  build/bench/tests/sim/availability --schedules 100000

  step "lab, what measures for long"
  run_pytest -n 4 --dist loadgroup -- -m long tests/lab

  step "an hour of a busy LAN"
  tests/lab/soak --minutes 60

  step "an hour of a hostile LAN, under the sanitizers"
  IGMP_QUERIER=build/check/igmp-querier tests/lab/soak --hostile --minutes 60

  step "packages for each release and architecture, with their tests"
  packaging/build-packages --all --output build/dist

  step "two builds of the packages have the same bytes"
  packaging/check-reproducible

  for where in "bookworm --compiler clang" "bookworm --arch armhf" trixie "trixie --compiler clang" sid \
    "sid --compiler clang"; do
    step "Debian $where"
    # shellcheck disable=SC2086 # a release and its options
    tools/build-on $where
  done
fi

end_step
printf '\n== all tests passed\n  wall  processor  step\n'
printf '%s\n' "${steps[@]}"
((${#unsteady[@]} == 0)) || printf 'failed first, and passed alone: %s\n' "${unsteady[@]}"
