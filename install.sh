#!/bin/bash
# Builds igmp-querier, installs it as a systemd service for one interface, and starts it.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin # su without a dash leaves them out

program=/usr/local/bin/igmp-querier
unit=/etc/systemd/system/igmp-querier.service
exporter_unit=/etc/systemd/system/igmp-querier-exporter.service
listen_config=$exporter_unit.d/listen.conf
listen_default=127.0.0.1:9788
config=/etc/igmp-querier/igmp-querier.toml
sysusers=/usr/local/lib/sysusers.d/igmp-querier.conf
source_dir=$(cd "$(dirname "$0")" && pwd)
packaging=$source_dir/packaging

usage() {
  cat <<'TEXT'
usage: sudo ./install.sh [--yes] [--exporter[=ADDRESS:PORT]] [--binary FILE]

Builds igmp-querier, installs it as a systemd service, and starts it on the LAN interface:
the one that IGMP_INTERFACE names, else the one of a configuration that is already there,
else the only one with an IPv4 address, else the one you choose when asked.
Tunnels and container bridges are used only when IGMP_INTERFACE names them.
A running installation is replaced; a configuration that is already there stays.

  --yes          do not ask: take the interface of the default route
  --exporter[=ADDRESS:PORT]
                 also serve metrics and a web page, by a service of its own: at 127.0.0.1:9788, for this
                 host alone, unless another address is given; once installed it stays, where it is,
                 until you disable the service igmp-querier-exporter
  --binary FILE  install this program instead of building one
  -h, --help     print this text

examples: sudo IGMP_INTERFACE=eth0 ./install.sh
          sudo ./install.sh --exporter=192.168.1.10:9788
TEXT
}

fail() {
  echo "install.sh: $1" >&2
  exit "${2:-1}"
}

listed() { # a b c -> a, b, c
  local text
  printf -v text '%s, ' "$@"
  echo "${text%, }"
}

# Every interface but the loopback, with its IPv4 address if it has one.
interfaces() {
  local -a all
  mapfile -t all < <(ip -brief address show | awk '{ sub(/@.*/, "", $1) }
    $1 != "lo" { print $1 ($3 ~ /\./ ? " (" $3 ")" : "") }')
  listed "${all[@]}"
}

# A tunnel is no Ethernet, or is a tap; what containers and virtual machines use shows by its name.
leads_to_a_lan() {
  local name=$1 link
  local virtual='^(docker|veth|virbr|vmnet|lxcbr|lxdbr|incusbr|podman|cni|flannel|cali|cilium|weave)|^br-[0-9a-f]{12}$'
  link=$(ip -details -oneline link show dev "$name")
  [[ $link == *" link/ether "* && $link != *" tun type "* && ! $name =~ $virtual ]]
}

# Interfaces that may be chosen, one a line: name and first IPv4 address.
candidates() {
  local name address seen=" "
  while read -r _ name _ address _; do
    if [[ $seen != *" $name "* ]] && leads_to_a_lan "$name"; then echo "$name $address"; fi
    seen+="$name "
  done < <(ip -4 -oneline address show)
}

# The candidate that has the best default route; nothing when none has one.
default_route_of() {
  local name
  while read -r name; do
    if [[ " $* " == *" $name "* ]]; then echo "$name" && return; fi
  done < <(ip -4 route show default | awk '{
    device = ""; metric = 0
    for (i = 1; i < NF; i++) { if ($i == "dev") device = $(i + 1); if ($i == "metric") metric = $(i + 1) }
    print metric, device }' | sort -n | cut -d " " -f 2)
}

# Asks on the terminal; the answer is a number of the list or a name.
ask() {
  local preferred=$1 answer i
  shift
  local -a lines=("$@") names=("${@%% *}")
  {
    echo "Several interfaces have an IPv4 address. Which one leads to the LAN with the multicast streams?"
    for i in "${!lines[@]}"; do
      printf '  %d) %-15s %s\n' $((i + 1)) "${names[i]}" "${lines[i]#* }"
    done
  } >&2
  while read -r -p "Number or name${preferred:+ [$preferred]}: " answer; do
    answer=${answer:-$preferred}
    for i in "${!names[@]}"; do
      if [[ $answer == "${names[i]}" || $answer == $((i + 1)) ]]; then echo "${names[i]}" && return; fi
    done
    echo "'$answer' is none of them." >&2
  done
  fail "no interface was chosen, so nothing was installed"
}

choose_interface() {
  local -a lines names
  local preferred name_one="name the one to use: sudo IGMP_INTERFACE=NAME ./install.sh"
  mapfile -t lines < <(candidates)
  names=("${lines[@]%% *}")
  case ${#lines[@]} in
    0) fail "no LAN interface has an IPv4 address; $name_one" ;;
    1) echo "${names[0]}" && return ;;
  esac
  preferred=$(default_route_of "${names[@]}")
  if [[ -n $assume_yes ]]; then
    [[ -n $preferred ]] ||
      fail "none of $(listed "${names[@]}") has the default route; $name_one"
    echo "$preferred"
  elif [[ -t 0 ]]; then
    ask "$preferred" "${lines[@]}"
  else
    fail "several interfaces ($(listed "${names[@]}")); $name_one, or --yes for the default route's"
  fi
}

# Names and patterns of the interfaces that a configuration has tables for.
configured_interfaces() {
  "$binary" check-config "$1" | sed -nE 's/^\[interface\."(.*)"\.igmp\]$/\1/p'
}

fits_any() { # NAME PATTERN...
  local name=$1 pattern
  shift
  for pattern in "$@"; do
    # shellcheck disable=SC2053 # it is meant as a pattern
    if [[ $name == $pattern ]]; then return 0; fi
  done
  return 1
}

# Prints the configuration to install. What the user wrote stays; only the interface may be another.
wanted_config() {
  local -a configured
  local old
  if [[ ! -e $config ]]; then
    sed "s/^#\[interface\.\"eth0\"\]/[interface.\"$interface\"]/" "$packaging/igmp-querier.toml" && return
  fi
  mapfile -t configured < <(configured_interfaces "$config")
  if [[ -z $interface ]] || fits_any "$interface" "${configured[@]}"; then
    cat "$config"
  elif ((${#configured[@]} == 0)); then
    cat "$config" && printf '\n[interface."%s"]\n' "$interface"
  elif ((${#configured[@]} == 1)); then
    old=$(sed 's/[][\.*^$+?(){}|/]/\\&/g' <<<"${configured[0]}")
    sed -E "s/^([[:blank:]]*\[[[:blank:]]*interface[[:blank:]]*\.[[:blank:]]*)[\"']?${old}[\"']?([].[:blank:]])/\
\1\"$interface\"\2/" "$config"
  else
    fail "$config names $(listed "${configured[@]}"); put $interface there yourself, without IGMP_INTERFACE"
  fi
}

# Refuses what does not look like ADDRESS:PORT; an IPv6 address is in brackets.
check_listen() {
  local address=${1%:*} port=${1##*:} octet='(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
  if [[ ! $address =~ ^($octet\.){3}$octet$|^\[[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*\]$ ||
    $1 != *:* || ! $port =~ ^[1-9][0-9]{0,4}$ ]] || ((port > 65535)); then
    fail "--exporter takes ADDRESS:PORT, such as $listen_default or [::1]:9788, and '$1' is none" 2
  fi
  ((port >= 1024)) || fail "the exporter has no privilege to use the port of '$1': take one from 1024 on" 2
}

# Whether there is something to listen at: every address, the loopback, or one of this host, as 'ip' writes it.
# A link-local one would need the name of its interface as well.
is_own_address() {
  case $1 in
    0.0.0.0 | 127.* | "[::]" | "[::1]") return 0 ;;
    "[fe80:"*) return 1 ;;
  esac
  ip -oneline address show | awk -v wanted="${1//[][]/}" '{ sub("/.*", "", $4) } $4 == wanted { found = 1 }
    END { exit !found }'
}

is_loopback() {
  [[ $1 == 127.* || $1 == "[::1]:"* ]]
}

# Has the exporter listen elsewhere, or at the usual place again.
set_listen() {
  rm -f "$listen_config"
  if [[ $1 == "$listen_default" ]]; then
    [[ ! -d $exporter_unit.d ]] || rmdir --ignore-fail-on-non-empty "$exporter_unit.d"
    return
  fi
  local command="$program exporter --listen $1" more=
  is_loopback "$1" || command+=" --allow-remote" more="IPAddressAllow=any"
  printf '%s\n' "# Made by install.sh --exporter=$1" "[Service]" "ExecStart=" "ExecStart=$command" $more |
    install -D -m 644 /dev/stdin "$listen_config"
}

start() { # UNIT
  systemctl --quiet enable "$1"
  if ! systemctl restart "$1" || ! systemctl --quiet is-active "$1"; then
    journalctl --unit="$1" --lines=10 --no-pager --output=cat >&2 || true
    fail "installed, but $1 does not run; its last words are above"
  fi
}

assume_yes=
binary=
exporter=
listen=
while (($#)); do
  case $1 in
    -y | --yes) assume_yes=1 ;;
    --binary)
      (($# > 1)) || fail "--binary needs a FILE; see ./install.sh --help" 2
      binary=$2
      shift
      ;;
    --binary=*) binary=${1#*=} ;;
    --exporter) exporter=1 ;;
    --exporter=*)
      exporter=1
      listen=${1#*=}
      check_listen "$listen"
      ;;
    -h | --help) usage && exit ;;
    *) fail "unknown argument '$1'; see ./install.sh --help" 2 ;;
  esac
  shift
done

((EUID == 0)) || fail "needs root: run sudo ./install.sh"
[[ -d /run/systemd/system ]] || fail "systemd does not run here; start 'igmp-querier -i NAME' by your own means"
# One that is there stays, unless it was disabled.
if systemctl --quiet is-enabled "${exporter_unit##*/}" 2>/dev/null; then exporter=1; fi
if [[ -z $binary ]]; then
  "$source_dir/tools/install-packages" build ${exporter:+page}
elif [[ ! -f $binary || ! -x $binary ]]; then
  fail "--binary needs a program, and '$binary' is none"
fi
command -v ip >/dev/null || fail "needs the command 'ip': apt-get install iproute2"

# Everything that can be refused is refused before anything changes.
interface=${IGMP_INTERFACE-}
if [[ -n $interface ]]; then
  link=$(ip -oneline link show dev "$interface" 2>/dev/null || true) # an alternative name will not do
  [[ $interface =~ ^[A-Za-z0-9_.+-]+$ && $link == *": $interface"[@:]* ]] ||
    fail "there is no interface '$interface'; there are: $(interfaces)"
  [[ $interface != lo ]] || fail "the loopback interface leads to no LAN; there are: $(interfaces)"
elif [[ ! -e $config ]]; then
  interface=$(choose_interface)
fi
[[ -z $listen ]] || is_own_address "${listen%:*}" ||
  fail "this host has no address ${listen%:*} to listen at; 'ip -brief address' lists those it has"

if [[ -z $binary ]]; then
  echo "Building igmp-querier."
  IGMP_QUERIER_PAGE=${exporter:+ON} "$source_dir/tools/build-release" igmp-querier
  binary=$source_dir/build/release/igmp-querier
fi

version=$("$binary" --version) || fail "$binary does not run on this system"
[[ -z $exporter ]] || "$binary" exporter --help &>/dev/null ||
  fail "$binary is too old for --exporter: it has no such command"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if [[ -e $config ]]; then
  "$binary" check-config "$config" >"$scratch/settings" ||
    fail "the configuration is wrong, so nothing was installed; correct $config and run this again"
fi
new_config=$scratch/igmp-querier.toml
wanted_config >"$new_config"
if [[ ! -e $config ]]; then
  config_note="new"
elif cmp -s "$new_config" "$config"; then
  config_note="kept as it was"
  new_config=$config
else
  config_note="now for $interface; the one before is $config.before"
fi
mapfile -t configured < <(configured_interfaces "$new_config")
if [[ -n $interface ]] && ! fits_any "$interface" "${configured[@]}"; then
  fail "does not know how to put $interface into $config; do it yourself, without IGMP_INTERFACE"
fi

# A program that runs keeps its file: the new one takes over the name, not the file.
install -d -m 755 "${program%/*}" "${config%/*}"
install -m 755 "$binary" "$program.new"
mv -f "$program.new" "$program"
while read -r source place; do
  install -D -m 644 "$source_dir/$source" "$place"
done < <("$source_dir/tools/list-files" unit file ${exporter:+exporter})
if [[ $new_config != "$config" ]]; then
  [[ ! -e $config ]] || cp -a --backup=numbered "$config" "$config.before"
  install -m 644 "$new_config" "$config"
fi

[[ -z $listen ]] || set_listen "$listen"

systemctl daemon-reload
# A user that systemd made for the running service would pass for the lasting one.
grep -q '^igmp-querier:' /etc/passwd || systemctl stop igmp-querier.service
systemd-sysusers "$sysusers" || fail "could not make the user igmp-querier; the reason is above"
start "${unit##*/}"
[[ -z $exporter ]] || start "${exporter_unit##*/}"

where=$(listed "${configured[@]}")
cat <<TEXT
$version is installed, runs on ${where:-the interface of the default route}, and starts with the system.
  program        $program
  service        $unit
  configuration  $config ($config_note)
Ask how it is:   igmp-querier status
Watch it:        igmp-querier watch
Read its log:    journalctl -fu igmp-querier
Without root:    sudo usermod -aG igmp-querier \$USER, then log in again
Remove it:       sudo $source_dir/uninstall.sh
TEXT
[[ -n $exporter ]] || exit 0

# What it really is, whoever has set it.
listen=$(systemctl show --property=ExecStart --value "${exporter_unit##*/}" | sed -nE 's/.* --listen[= ](\S+).*/\1/p')
case ${listen:=$listen_default} in
  0.0.0.0:* | "[::]:"*) where=$(uname -n):${listen##*:} ;;
  *) where=$listen ;;
esac
echo "Its web page:    http://$where/"
echo "Its metrics:     http://$where/metrics (for Prometheus)"
is_loopback "$listen" || cat <<TEXT
NOTE: whoever can reach $where can read who listens to what, with all addresses: there is no password.
TEXT
