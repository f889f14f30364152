#!/bin/bash
# Removes everything that install.sh put on the system.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin # su without a dash leaves them out

source_dir=$(cd "$(dirname "$0")" && pwd)
units=/etc/systemd/system
services=(igmp-querier-exporter.service igmp-querier.service)
config_dir=/etc/igmp-querier
brought=/var/lib/igmp-querier/packages # written by install.sh
keep_config=

fail() {
  echo "uninstall.sh: $1" >&2
  exit "${2:-1}"
}

while (($#)); do
  case $1 in
    --keep-config) keep_config=1 ;;
    -h | --help)
      cat <<'TEXT'
usage: sudo ./uninstall.sh [--keep-config]

Stops the igmp-querier services and removes them, their packages, user and group, the program with its man pages and
completions, and the configuration. Packages that install.sh installed for the build stay; it names them.

  --keep-config  leave /etc/igmp-querier as it is
  -h, --help     print this text

exit status:
  0  all of it is gone
  1  something stays, for the reason that is printed; the rest is gone
  2  wrong usage
TEXT
      exit
      ;;
    *) fail "unknown argument '$1'; see ./uninstall.sh --help" 2 ;;
  esac
  shift
done
((EUID == 0)) || fail "needs root: run sudo ./uninstall.sh"

removed=
failed=
# What cannot be done is no reason to leave the rest.
attempt() { "$@" || { failed=1 && return 1; }; }

remove() {
  local path
  for path in "$@"; do
    [[ -e $path || -L $path ]] || continue
    attempt rm -rf "$path" || continue
    echo "Removed $path"
    removed=1
  done
}

# Numbers of the processes that run as the service user, each after a space.
users_processes() {
  local -a all=(/proc/[0-9]*/status) # some end meanwhile
  awk -v user="$(id -u igmp-querier)" '$1 == "Uid:" && ($2 == user || $3 == user || $4 == user) {
    split(FILENAME, path, "/"); printf " %s", path[3] }' "${all[@]}" 2>/dev/null || true
}

remove_account() { # KIND FILE
  grep -q '^igmp-querier:' "/etc/$2" || return 0
  attempt "$1del" igmp-querier || return 0
  echo "Removed the $1 igmp-querier"
  removed=1
}

# A user that a process runs as cannot be removed; the group goes with its user, unless people have joined it.
remove_accounts() {
  local processes=
  if grep -q '^igmp-querier:' /etc/passwd; then processes=$(users_processes); fi
  if [[ -n $processes ]]; then
    echo "uninstall.sh: the user igmp-querier stays: a daemon that was started by hand still runs as that user;" \
      "end it by 'sudo kill$processes' and run this again" >&2
    failed=1
    return
  fi
  remove_account user passwd
  remove_account group group
}

for package in igmp-querier-exporter igmp-querier; do
  case $(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null || true) in
    '' | not-installed) continue ;;
    config-files) [[ -z $keep_config ]] || continue ;; # removed before
  esac
  dpkg "--$([[ -n $keep_config ]] && echo remove || echo purge)" "$package" >/dev/null ||
    fail "dpkg could not remove the package $package, so all else stays; the reason is above"
  echo "Removed the package $package"
  removed=1
done

with_systemd=
if [[ -d /run/systemd/system ]]; then with_systemd=1; fi
for service in "${services[@]}"; do
  if [[ -n $with_systemd && -e $units/$service ]]; then
    if attempt systemctl stop "$service"; then echo "Stopped $service"; fi
    attempt systemctl --quiet disable "$service" || true
  fi
  # The folder holds what 'systemctl edit' and 'install.sh --exporter=' wrote; the link is what 'enable' made.
  remove "$units/$service" "$units/$service.d" "$units/multi-user.target.wants/$service"
done
while read -r _ place; do
  remove "$place" "$place.new"
done < <("$source_dir/tools/list-files" program file)
while read -r folder; do
  [[ ! -d $folder ]] || attempt rmdir --ignore-fail-on-non-empty "$folder" || true
done < <("$source_dir/tools/list-files" --folders)
remove_accounts
if [[ -z $keep_config ]]; then
  remove "$config_dir"
elif [[ -e $config_dir ]]; then
  echo "Kept $config_dir"
fi
if [[ -n $with_systemd ]]; then
  attempt systemctl daemon-reload || true
  systemctl reset-failed "${services[@]}" 2>/dev/null || true
fi
rm -f /run/igmp-querier-packages.lock # of tools/install-packages
if [[ -s $brought ]]; then
  mapfile -t packages < <(dpkg-query --show --showformat '${Package}\n' | sort | comm -12 - <(sort --unique "$brought"))
  echo "Packages that install.sh installed for the build stay; to remove them: sudo apt-get purge ${packages[*]}"
fi
rm -rf "${brought%/*}"
[[ -n $removed || -n $failed ]] || echo "Nothing to remove: igmp-querier is not installed."
[[ -z $failed ]]
