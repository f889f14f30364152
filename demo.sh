#!/bin/bash
# Shows on a LAN of network namespaces what igmp-querier is for: a stream dies without it and lives with it.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin # su without a dash leaves them out
export LC_ALL=C

source_dir=$(cd "$(dirname "$0")" && pwd)
programs=$source_dir/build/release
group=239.1.2.3
rate=40        # packets per second, and the width of the plot
aging=10       # seconds after which the switch forgets a member that nobody asked
patience=4     # seconds of silence that make a stream dead
lives=4        # aging times that it must live through with igmp-querier
prefix=iq-demo-$$
hosts=(sender receiver querier quiet)

usage() {
  cat <<'TEXT'
usage: sudo ./demo.sh

Installs what the build needs, builds igmp-querier, and shows its work in about
a minute: on a LAN made of network namespaces, with a Linux bridge as the
snooping switch, a multicast stream dies without a querier and lives with
igmp-querier. Nothing touches the interfaces of this machine, and nothing stays
behind but the packages and the directory build/.

  -h, --help  print this text

exit status:
  0  the stream died without igmp-querier and lived with it
  1  it did not, or the demo cannot run
  2  wrong usage
TEXT
}

fail() {
  echo "demo.sh: $1" >&2
  exit "${2:-1}"
}

heading() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }

# --- the stage ---------------------------------------------------------------------------------------

declare -A pids=()

cleanup() {
  trap '' INT TERM HUP
  local name
  for name in "${!pids[@]}"; do stop "$name"; done
  for name in "${hosts[@]}" former switch; do ip netns delete "$prefix-$name" 2>/dev/null || true; done
  rm -rf "$scratch"
}

# Starts a program on a host; it ends when this script does, however that comes about.
start() { # NAME HOST COMMAND...
  local name=$1 host=$2
  shift 2
  ip netns exec "$prefix-$host" setpriv --pdeathsig TERM "$@" >"$scratch/$name.out" 2>"$scratch/$name.log" &
  pids[$name]=$!
}

stop() { # NAME
  kill -- "${pids[$1]}" 2>/dev/null || true
  wait "${pids[$1]#-}" 2>/dev/null || true
  unset "pids[$1]"
}

namespace() {
  ip netns add "$prefix-$1" || fail "cannot make network namespaces; inside a container it must be a privileged one"
  # IPv6 would only add its own noise to the counters.
  # shellcheck disable=SC2016 # the shell in there expands it
  ip netns exec "$prefix-$1" sh -c 'for f in /proc/sys/net/ipv6/conf/*/disable_ipv6; do
    [ ! -e "$f" ] || echo 1 >"$f"; done'
}

# A host with eth0 in the port of the switch that bears its name.
plug_in() { # HOST ADDRESS
  namespace "$1"
  ip -n "$prefix-$1" link add eth0 type veth peer name "$1" netns "$prefix-switch"
  ip -n "$prefix-switch" link set "$1" master br0 up
  ip -n "$prefix-$1" address add "$2/24" dev eth0
  ip -n "$prefix-$1" link set eth0 up
}

# Times are in hundredths of a second.
make_switch() {
  namespace switch
  ip -n "$prefix-switch" link add br0 type bridge forward_delay 0 mcast_snooping 1 mcast_stats_enabled 1 \
    mcast_membership_interval $((aging * 100)) mcast_querier_interval 360000 ||
    fail "this kernel has no bridge with IGMP snooping"
  ip -n "$prefix-switch" link set br0 up
}

# A Linux bridge floods until it has received a query: it receives one, and then that querier is gone.
make_switch_filter() {
  plug_in former 192.0.2.9
  start former former "$programs/igmp-querier" -c /dev/null -i eth0 -q 3600 --igmp-version 3 --max-response 0.5 \
    --startup-count 1 -v
  local i
  for ((i = 0; i < 50; i++)); do
    if grep -q "sent IGMPv3" "$scratch/former.log"; then break; fi
    sleep 0.1
  done
  ((i < 50)) || fail "igmp-querier sent no query: $(tail -n 1 "$scratch/former.log")"
  sleep 0.6 # the bridge waits for the answers of that query before it filters
  stop former
  ip netns delete "$prefix-former"
}

# --- what is seen ------------------------------------------------------------------------------------

# One more second at the receiver: sets second and packets.
next_second() {
  read -r -t 10 second _ packets _ <&"$stream" || fail "the receiver ended: $(tail -n 1 "$scratch/receiver.log")"
  second=${second%.*}
}

# Whether the receiver has told more than was shown: a busy machine may lag behind.
more_to_show() { read -r -t 0 <&"$stream"; }

# In how many seconds the switch will forget the receiver; empty when it has.
memory() {
  bridge -n "$prefix-switch" -statistics mdb show |
    awk -v group="$group" '$0 ~ "port receiver grp " group " " { printf "%.0f", $NF }'
}

show_header() { printf '\n%7s %5s  %-*s  %s\n' time count $rate "packets at the receiver, # for each" "the switch"; }

asked_before=0
show_second() {
  local bar left colour=$green asked note
  printf -v bar '%*s' $((packets < rate ? packets : rate)) ''
  bar=${bar// /#}
  if ((packets == 0)); then
    bar="(nothing arrives)"
    colour=$red
  fi
  left=$(memory)
  note=${left:+forgets in $left s}
  asked=$(grep -c "sent IGMP" "$scratch/querier.log" 2>/dev/null) || true
  if ((asked > asked_before)); then note="asked; ${note:-no answer yet}"; fi
  asked_before=$asked
  printf '%5d s %5d  %s%-*s%s  %s\n' "$second" "$packets" "$colour" "$rate" "$bar" "$plain" "${note:-has forgotten}"
}

# A line per port: queries, and all IGMP messages, that the switch has sent to it.
igmp_counts() {
  local port
  for port in receiver querier quiet; do
    ip -n "$prefix-switch" link xstats type bridge_slave dev "$port" | awk -v port="$port" '
      /IGMP (queries|reports):/ { kind = $2 }
      /IGMP leaves:/ { all += $6; kind = "" }
      $1 == "TX:" && kind { all += $3 + $5 + $7; if (kind == "queries:") queries = $3 + $5 + $7 }
      END { print port, queries + 0, all + 0 }'
  done
}

# A line per port: frames that the switch has received from it, and sent to it.
frame_counts() {
  ip -n "$prefix-switch" -statistics link show | awk '
    /^[0-9]+:/ { split($2, name, "[@:]") }
    row == "RX:" { received = $2 }
    row == "TX:" { print name[1], received, $2 }
    { row = $1 }'
}

# What the ports have carried up to now: stream packets, and queries to the receiver.
declare -A seen
take_count() { # NAME
  local port received sent queries igmp counts frames try
  for ((try = 0; try < 50; try++)); do # until nothing came in between
    counts=$(igmp_counts)
    frames=$(frame_counts)
    if [[ $frames == "$(frame_counts)" && $counts == "$(igmp_counts)" ]]; then break; fi
  done
  while read -r port received sent; do
    if [[ $port == sender ]]; then seen[$1.sender]=$received; else seen[$1.$port]=$sent; fi
  done <<<"$frames"
  while read -r port queries igmp; do
    seen[$1.$port]=$((${seen[$1.$port]} - igmp))
    seen[$1.queries.$port]=$queries
  done <<<"$counts"
}

between() { echo $((${seen[$3.$1]} - ${seen[$2.$1]})); } # WHAT FROM TO

# --- the story ---------------------------------------------------------------------------------------

install_and_build() {
  "$source_dir/tools/install-packages" demo
  exec 9<"$source_dir"
  flock 9 # one build at a time
  local began=$SECONDS log=$scratch/build.log
  printf 'Building igmp-querier (about a minute at first) '
  set -m # a process group of its own, so that an interrupted build ends as a whole
  "$source_dir/tools/build-release" igmp-querier </dev/null >"$log" 2>&1 9<&- &
  pids[build]=-$!
  set +m
  local shown=0 steps
  while kill -0 "${pids[build]#-}" 2>/dev/null; do
    sleep 0.2
    steps=$(grep -c '^\[' "$log") || true
    for (( ; shown < steps; shown++)); do printf .; done
  done
  local status=0
  wait "${pids[build]#-}" || status=$?
  unset 'pids[build]'
  exec 9<&-
  if ((status != 0)); then
    printf '\n'
    tail -n 30 "$log" >&2
    fail "the build failed; its last words are above"
  fi
  printf ' done in %d s\n' $((SECONDS - began))
}

raise_the_curtain() {
  make_switch
  plug_in sender 192.0.2.10
  plug_in receiver 192.0.2.20
  plug_in quiet 192.0.2.30
  plug_in querier 192.0.2.1
  make_switch_filter
  mkfifo "$scratch/stream"
  cat <<TEXT

  sender   192.0.2.10 ---+                        +--- receiver 192.0.2.20
  sends $rate packets/s     |   +----------------+   |    joins $group
  to $group           +---|     switch     |---+
                             |  Linux bridge, |
                         +---| IGMP snooping  |---+
                         |   +----------------+   |
  querier  192.0.2.1  ---+                        +--- quiet    192.0.2.30
  runs igmp-querier, later                             joins nothing

The switch sends the stream only to ports where somebody joined it, and forgets
a member after $aging s (real switches: about 260 s) unless the member says again
that it is there. Members say so when a querier asks. Nobody asks here. (One
query was sent before the start, by a host that is gone: a Linux bridge begins
to filter with the first query, cheap switches do so with the first join.)

Look around while it runs:
  sudo ip netns exec $prefix-receiver tcpdump -n -i eth0
TEXT
}

without_querier() {
  heading "1. Without a querier: the receiver joins, once, and waits for its stream"
  show_header
  take_count joined
  start sender sender "$programs/igmp-querier" soak send -i eth0 -g "$group" --rate "$rate"
  start receiver receiver sh -c "exec '$programs/igmp-querier' soak receive -i eth0 -g $group --every 1 >'$scratch/stream'"
  exec {stream}<"$scratch/stream"
  while ((silent < patience && flowed + silent < 3 * aging)) || more_to_show; do
    next_second
    if ((packets > 0)); then flowed=$((flowed + 1)) silent=0 last=$second; else silent=$((silent + 1)); fi
    show_second
  done
  if ((flowed > 0 && silent >= patience)); then
    died=1
    cat <<TEXT

The stream died in second $last. The sender still sends, the receiver still
listens, no program got an error: the switch has forgotten the receiver.
TEXT
  fi
}

with_querier() {
  heading "2. With igmp-querier: nobody touches the sender, the receiver or the switch"
  take_count asked
  start querier querier "$programs/igmp-querier" -c /dev/null -i eth0 -q 3 --max-response 1 --startup-interval 1 -v
  printf '\n  igmp-querier -i eth0 -q 3 --max-response 1 --startup-interval 1\n'
  show_header
  while ((waited < 5 && lived + gaps < lives * aging)); do
    next_second
    if ((lived > 0)); then
      if ((packets > 0)); then lived=$((lived + 1)); else gaps=$((gaps + 1)); fi
    elif ((packets > 0)); then
      lived=1
      take_count back
    else
      waited=$((waited + 1))
    fi
    show_second
    kill -0 "${pids[querier]}" 2>/dev/null || fail "igmp-querier ended: $(tail -n 1 "$scratch/querier.log")"
  done
  take_count end
}

row() { printf '  %-42s %11s %14s\n' "$@"; }

sum_up() {
  local verdict=0 stray
  heading "Summary"
  row "" without with
  row "" "a querier" igmp-querier
  row "queries that reached the receiver" "$(between queries.receiver joined asked)" "$(between queries.receiver asked end)"
  row "packets sent" "$(between sender joined asked)" "$(between sender asked end)"
  row "packets that reached the receiver" "$(between receiver joined asked)" "$(between receiver asked end)"
  row "seconds in which none did" "$silent" $((waited + gaps))
  row "packets at the quiet port, that never joined" "$(between quiet joined asked)" "$(between quiet asked end)"
  row "packets at the querier's port (*)" "$(between querier joined asked)" "$(between querier asked end)"
  printf '\n(*) A switch sends every stream to the port where its querier is.\n\n'
  if ((died == 0)); then
    echo "FAILED: the stream did not die without a querier, so the rest proves nothing."
    verdict=1
  fi
  if ((lived == 0)); then
    echo "FAILED: with igmp-querier the stream did not come back within $waited s."
    verdict=1
  elif ((gaps > 0)); then
    echo "FAILED: with igmp-querier the stream stopped again: $gaps s without a packet."
    verdict=1
  fi
  stray=$(between quiet joined end)
  if ((stray > 0)); then
    echo "FAILED: the port that never joined got $stray packets: the switch did not filter."
    verdict=1
  fi
  if ((verdict == 0)); then
    echo "Without a querier the stream died in second $last. With igmp-querier it was back"
    echo "within $((waited + 1)) s and ran for $lived s, $lives times as long as the switch remembers."
    echo "Packets lost since it was back: $(($(between sender back end) - $(between receiver back end)))."
  fi
  return $verdict
}

case ${1-} in
  "") ;;
  -h | --help) usage && exit ;;
  *) fail "unknown argument '$1'; see ./demo.sh --help" 2 ;;
esac
((EUID == 0)) || fail "needs root for its network namespaces: run sudo ./demo.sh"

bold='' green='' red='' plain=''
if [[ -t 1 && -z ${NO_COLOR-} && ${TERM:-dumb} != dumb ]]; then
  bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
fi
scratch=$(mktemp -d)
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

second=0 packets=0 stream=0
flowed=0 silent=0 last=0 died=0 waited=0 lived=0 gaps=0
install_and_build
raise_the_curtain
without_querier
with_querier
sum_up
