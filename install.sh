#!/bin/bash
# Installs igmp-querier as a systemd service for one interface, and starts it.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin # su without a dash leaves them out

source_dir=$(cd "$(dirname "$0")" && pwd)
units=/etc/systemd/system
exporter_unit=$units/igmp-querier-exporter.service
listen_config=$exporter_unit.d/listen.conf
listen_default=127.0.0.1:9788
config=/etc/igmp-querier/igmp-querier.toml
brought=/var/lib/igmp-querier/packages # those that the build needed; uninstall.sh reads it
packages=(igmp-querier-exporter igmp-querier)
services=(igmp-querier-exporter.service igmp-querier.service)
program=/usr/local/bin/igmp-querier # unless it is of a package
binary=                             # the one to install
debs=()                             # the packages to install
with_dpkg=
# What a failure brings back: existing files, all that may change, services that run, and the user.
saved=() paths=() running=() had_user=
changing=

usage() {
  cat <<'TEXT'
usage: sudo ./install.sh [--yes] [--exporter[=ADDRESS:PORT]] [--binary FILE]

Installs the Debian package of igmp-querier: the newest one in dist/ or beside this script that fits this system, else
one that it builds. The service then runs on the LAN interface:
the one that IGMP_INTERFACE names, else the one of a configuration that is already there,
else the only one with an IPv4 address, else the one you choose when asked.
Tunnels and container bridges are used only when IGMP_INTERFACE names them.
A running installation is replaced; a configuration that is already there stays. After a failure the machine is as
it was, apart from packages that the build needs.

  --yes          do not ask: take the interface of the default route, and add nobody to the group that may ask
                 the daemon without sudo
  --exporter[=ADDRESS:PORT]
                 also serve metrics and a web page, by a service of its own: at 127.0.0.1:9788, for this
                 host alone, unless another address is given; once installed it stays, where it is,
                 until you disable the service igmp-querier-exporter
  --binary FILE  install this program into /usr/local, without a package; so does a system without dpkg, which
                 builds the program
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
    sed "s/^#\[interface\.\"eth0\"\]/[interface.\"$interface\"]/" "$source_dir/packaging/igmp-querier.toml" && return
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

# Runs apt-get; its output goes to a file.
apt() {
  DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get --no-install-recommends "$@" >"$scratch/apt" 2>&1
}

# Prints the line of that output which gives the reason of a failure.
apt_error() {
  grep --max-count=1 --only-matching 'No space left on device' "$scratch/apt" ||
    sed -nE 's/^(E: |dpkg: error:? )//p' "$scratch/apt" | head -n 1
}

# Prints what apt-get would do: "3 packages, 1.2 MB to download, 4 MB on disk". Refuses what the disk has no room for.
plan() { # PACKAGE...
  local disk room
  apt --print-uris install "$@" || true
  disk=$(sed -nE 's/^After this operation, ([0-9.,]+) ([kMG]?)B of additional.*/\1\2/p' "$scratch/apt" | tr -d , | tr k K)
  disk=$(numfmt --from=si --to-unit=M --round=up "${disk:-0}")
  room=$(($(df --output=avail --block-size=1MB /usr | tail -n 1)))
  ((room > disk)) || fail "the packages take $disk MB of the disk of /usr, and $room MB of it are free"
  awk -v disk="$disk" '/ newly installed, / { count = $3 } /^Need to get / { sub("/.*", "", $5); load = $4 " " $5 }
    END { print count + 0 " package" (count == 1 ? ", " : "s, ") (load ? load : "0 B") " to download, " disk " MB on disk" }' "$scratch/apt"
}

installed() { # PACKAGE
  [[ $(dpkg-query --show --showformat '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

all_packages() {
  dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort --unique
}

system_name() {
  sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release
}

# Sets `debs` to the packages of the newest version, in dist/ or beside this script, that apt-get can install here.
find_debs() {
  local file version best=0~ architecture found=
  local -a pair
  architecture=$(dpkg --print-architecture)
  while read -r file; do
    found=1
    version=$(dpkg-deb --field "$file" Version) || continue
    pair=("$file")
    [[ -z $exporter ]] || pair+=("${file%/*}/igmp-querier-exporter_${version}_all.deb")
    if [[ $(dpkg-deb --field "$file" Architecture) == "$architecture" && -e ${pair[-1]} ]] &&
      dpkg --compare-versions "$version" gt "$best" && apt --simulate install "${pair[@]}"; then
      best=$version debs=("${pair[@]}")
    fi
  done < <(find "$source_dir" "$source_dir/dist" -maxdepth 1 -name 'igmp-querier_*.deb' 2>/dev/null)
  if [[ -n $found && $best == 0~ ]]; then
    echo "No package in dist/ or beside install.sh is for this system${exporter:+ and has the exporter}:" \
      "$architecture, $(system_name)."
  fi
}

has_page() { # PROGRAM
  grep --quiet --text '<title>igmp-querier</title>' "$1"
}

# Sets `binary` to the program of the package that is installed next.
unpack_program() {
  rm -rf "$scratch/unpacked"
  dpkg-deb --extract "${debs[0]}" "$scratch/unpacked"
  binary=$scratch/unpacked/usr/bin/igmp-querier
}

# Prints what the build downloads and how long it takes; installs the packages that it needs, and builds.
build_program() { # GROUP: the packages that it needs
  local minutes needs
  local -a groups=("$1" ${exporter:+page}) missing=()
  minutes=$("$source_dir/tools/build-release" --minutes) || exit 1
  if [[ -n $with_dpkg ]]; then
    apt update || true # an archive of somebody else need not matter
    all_packages >"$scratch/packages"
    mapfile -t missing < <("$source_dir/tools/install-packages" --list "${groups[@]}" | sort | comm -23 - "$scratch/packages")
  fi
  if ((${#missing[@]})); then
    apt --simulate install "${missing[@]}" ||
      fail "$(system_name) cannot build it ($(apt_error)): take Debian 12 or newer, or put a package into dist/"
    needs=$(plan "${missing[@]}") || exit 1
    echo "The build needs $needs. It takes about $minutes min."
  else
    echo "A full build takes about $minutes min."
  fi
  "$source_dir/tools/install-packages" "${groups[@]}"
  if ((${#missing[@]})); then
    mkdir -p "${brought%/*}"
    all_packages | comm -13 "$scratch/packages" - >>"$brought"
  fi
  echo "Building igmp-querier."
  IGMP_QUERIER_PAGE=${exporter:+ON} "$source_dir/tools/build-release" igmp-querier
}

# Sets `debs` to packages of the program that was built.
build_debs() {
  local sources=$scratch/made/igmp-querier
  mkdir -p "$sources"
  cp -r "$source_dir/debian" "$source_dir/CHANGELOG.md" "$sources"
  ln -s "$source_dir/build/release" "$scratch/build" # debian/rules takes no path with a blank
  (cd "$sources" && IGMP_QUERIER_BUILD=$scratch/build dpkg-buildpackage --build=binary --no-sign --no-check-builddeps) \
    >"$scratch/log" 2>&1 || { tail -n 20 "$scratch/log" >&2 && fail "could not make a package; the reason is above"; }
  "$source_dir/tools/give-back"
  debs=("$scratch"/made/igmp-querier_*.deb)
  [[ -z $exporter ]] || debs+=("$scratch"/made/igmp-querier-exporter_*.deb)
}

# Makes the .deb of an installed package from its files, so that it can be installed again.
repack() { # PACKAGE
  local root=$scratch/$1 file
  mkdir -p "$root/DEBIAN"
  dpkg-query --listfiles "$1" | while read -r file; do [[ -d $file ]] || echo ".$file"; done |
    tar --create --directory=/ --ignore-failed-read --files-from=- | tar --extract --directory="$root"
  for file in /var/lib/dpkg/info/"$1".*; do
    [[ $file == *.list ]] || cp -a "$file" "$root/DEBIAN/${file##*.}"
  done
  dpkg-query --status "$1" | awk '/^[^ ]/ { field = $1 } field != "Status:" && field != "Conffiles:"' >"$root/DEBIAN/control"
  dpkg-deb -Znone --build "$root" "$root.deb" >/dev/null
}

# Saves what a failure has to bring back.
save() {
  local name
  mapfile -t paths < <("$source_dir/tools/list-files" program unit exporter file | cut -d " " -f 2)
  paths+=("${config%/*}" "$exporter_unit.d")
  for name in "${services[@]}"; do
    paths+=("$units/multi-user.target.wants/$name" "$units/$name.replaced")
    if systemctl --quiet is-active "$name"; then running+=("$name"); fi
  done
  for name in "${paths[@]}"; do
    if [[ -e $name || -L $name ]]; then saved+=("${name#/}"); fi
  done
  tar --create --file="$scratch/saved.tar" --directory=/ --files-from=/dev/null "${saved[@]}"
  if grep -q '^igmp-querier:' /etc/passwd; then had_user=1; fi
  if [[ -n $with_dpkg ]]; then
    for name in "${packages[@]}"; do
      if installed "$name"; then repack "$name"; fi
    done
  fi
  changing=1
}

# Brings back what was saved. Fails when that cannot be done.
undo() {
  local name action=purge restored=
  [[ -z $had_user ]] || action=remove # whoever is in its group stays there
  systemctl stop "${services[@]}"
  if [[ -n $with_dpkg ]]; then
    for name in "${packages[@]}"; do
      [[ -e $scratch/$name.deb ]] || dpkg --force-remove-reinstreq "--$action" "$name"
    done
  fi
  for name in "${paths[@]}"; do
    rm -f "$name.new"
    [[ " ${saved[*]} " == *" ${name#/} "* ]] || rm -rf "$name"
  done
  ! compgen -G "$scratch/*.deb" || dpkg --install "$scratch"/*.deb
  tar --extract --file="$scratch/saved.tar" --directory=/ && restored=1
  while read -r name; do rmdir "$name"; done < <("$source_dir/tools/list-files" --folders)
  if [[ -z $had_user ]]; then userdel igmp-querier; groupdel igmp-querier; fi
  systemctl daemon-reload
  systemctl reset-failed "${services[@]}"
  [[ -n $restored ]] && { ((!${#running[@]})) || systemctl restart "${running[@]}"; }
}

finish() {
  local status=$?
  trap '' INT TERM HUP
  set +e
  if ((status)) && [[ -n $changing ]]; then
    if ! undo &>"$scratch/undo"; then
      echo "install.sh: could not bring back what was there before: it is in $scratch, and the reason in $scratch/undo" >&2
      return
    fi
    echo "install.sh: nothing was installed; the machine is as it was before" >&2
  fi
  rm -rf "$scratch"
}

# Has the service run the program that is installed now.
start() { # UNIT
  local process
  systemctl --quiet enable "$1"
  process=$(systemctl show --property=MainPID --value "$1")
  [[ $(readlink "/proc/$process/exe") == "$program" ]] || systemctl restart "$1" 2>/dev/null || true
  systemctl --quiet is-active "$1" || {
    journalctl --unit="$1" --lines=10 --no-pager --output=cat >&2 || true
    fail "$1 does not run; its last words are above"
  }
}

# Who ran sudo, unless that is root.
caller() {
  if [[ ${SUDO_USER:-root} != root ]] && id "$SUDO_USER" &>/dev/null; then echo "$SUDO_USER"; fi
}

in_group() { # USER
  id --groups --name "$1" | tr ' ' '\n' | grep --quiet --line-regexp igmp-querier
}

# Offers to let USER ask the daemon without sudo. Only a person at a terminal says yes.
offer_group() { # USER
  local answer
  if [[ -n $assume_yes || ! -t 0 ]] || in_group "$1"; then return; fi
  read -r -p "Add $1 to the group igmp-querier, so that igmp-querier status needs no sudo? [Y/n] " answer || return 0
  if [[ ${answer:-y} == [Yy]* ]]; then usermod --append --groups igmp-querier "$1"; fi
}

assume_yes=
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
command -v ip >/dev/null || fail "needs the command 'ip': apt-get install iproute2"
# One that is there stays, unless it was disabled.
if systemctl --quiet is-enabled "${exporter_unit##*/}" 2>/dev/null; then exporter=1; fi

if [[ -n $binary ]]; then
  [[ -f $binary && -x $binary ]] || fail "--binary needs a program, and '$binary' is none"
  ! installed igmp-querier ||
    fail "the package igmp-querier is installed; to use --binary, first run sudo apt-get remove igmp-querier"
elif command -v dpkg >/dev/null && command -v apt-get >/dev/null; then
  with_dpkg=1
  program=/usr/bin/igmp-querier
fi

# What can be refused is refused before anything is downloaded.
interface=${IGMP_INTERFACE-}
unset IGMP_INTERFACE
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

scratch=$(mktemp -d)
trap finish EXIT
trap 'exit 130' INT TERM HUP

if [[ -n $with_dpkg ]]; then
  apt check || fail "apt-get can install nothing now: $(apt_error)"
  compgen -G '/var/lib/apt/lists/*Packages*' >/dev/null || apt update || true
  find_debs
  if ((${#debs[@]})); then
    unpack_program
    if [[ -n $exporter ]] && ! has_page "$binary"; then
      echo "${debs[0]##*/} has no web page; a program with the page is built instead."
      debs=()
    else
      needs=$(plan "${debs[@]}") || exit 1
      echo "Installing ${debs[0]##*/}: $needs."
    fi
  fi
  if ((!${#debs[@]})); then
    build_program package
    build_debs
    unpack_program
  fi
  # The program has to run before the package is installed.
  depends=$(dpkg-deb --field "${debs[0]}" Depends)
  apt --yes satisfy "$depends" || { apt update && apt --yes satisfy "$depends"; } ||
    fail "apt-get could not install the libraries: $(apt_error)"
elif [[ -z $binary ]]; then
  build_program build
  binary=$source_dir/build/release/igmp-querier
fi

version=$("$binary" --version 2>&1) || fail "$binary does not run on this system: ${version%%$'\n'*}"
[[ $version == "igmp-querier "* ]] || fail "$binary is not igmp-querier: its --version prints '${version%%$'\n'*}'"
[[ -z $exporter ]] || "$binary" exporter --help &>/dev/null ||
  fail "$binary is too old for --exporter: it has no such command"
[[ -z $exporter ]] || has_page "$binary" ||
  echo "$binary has no web page: the exporter serves metrics alone. Without --binary, install.sh builds a program with it."
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

save
if [[ -e $config && $new_config != "$config" ]]; then
  cp -a --backup=numbered "$config" "$config.before"
  install -m 644 "$new_config" "$config"
fi
[[ -z $listen ]] || set_listen "$listen"
# A user that systemd made for the running service would pass for the lasting one.
grep -q '^igmp-querier:' /etc/passwd || systemctl stop igmp-querier.service 2>/dev/null || true
if [[ -n $with_dpkg ]]; then
  # The package makes the configuration, for that interface.
  [[ -e $config ]] || export IGMP_INTERFACE=$interface
  apt --yes --reinstall --allow-downgrades install "${debs[@]}" || fail "apt-get could not install the package: $(apt_error)"
  grep '^igmp-querier' "$scratch/apt" | grep --invert-match usermod || true # said below
else
  # A program that runs keeps its file: the new one takes over the name, not the file.
  install -D -m 755 "$binary" "$program.new"
  mv -f "$program.new" "$program"
  while read -r source place; do
    install -D -m 644 "$source_dir/$source" "$place"
  done < <("$source_dir/tools/list-files" unit file ${exporter:+exporter})
  [[ -e $config ]] || install -D -m 644 "$new_config" "$config"
  systemctl daemon-reload
  systemd-sysusers /usr/local/lib/sysusers.d/igmp-querier.conf ||
    fail "could not make the user igmp-querier; the reason is above"
fi
start igmp-querier.service
[[ -z $exporter ]] || start "${exporter_unit##*/}"
changing=

where=$(listed "${configured[@]}")
person=$(caller)
sudo=
group_note="sudo usermod -aG igmp-querier ${person:-\$USER}, then log in again"
if [[ -n $person ]]; then
  # Its groups are those of its login.
  sudo="sudo "
  offer_group "$person"
  if in_group "$person"; then group_note="$person may, from the next login on"; fi
fi
cat <<TEXT
$version is installed, runs on ${where:-the interface of the default route}, and starts with the system.
  program        $program
  service        $(systemctl show --property=FragmentPath --value igmp-querier.service)
  configuration  $config ($config_note)
Ask how it is:   ${sudo}igmp-querier status
Watch it:        ${sudo}igmp-querier watch
Read its log:    journalctl -fu igmp-querier
Without root:    $group_note
Remove it:       sudo $(printf %q "$source_dir/uninstall.sh")
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
