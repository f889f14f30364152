#!/bin/bash
# Removes everything that install.sh put on the system.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin # su without a dash leaves them out

program=/usr/local/bin/igmp-querier
units=/etc/systemd/system
services=(igmp-querier-exporter.service igmp-querier.service)
config_dir=/etc/igmp-querier
sysusers=/usr/local/lib/sysusers.d/igmp-querier.conf
share=/usr/local/share
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

Stops the igmp-querier services and removes them, their user and group, the program with its man pages and
completions, and the configuration.

  --keep-config  leave /etc/igmp-querier as it is
  -h, --help     print this text
TEXT
      exit
      ;;
    *) fail "unknown argument '$1'; see ./uninstall.sh --help" 2 ;;
  esac
  shift
done
((EUID == 0)) || fail "needs root: run sudo ./uninstall.sh"

removed=
remove() {
  local path
  for path in "$@"; do
    [[ -e $path || -L $path ]] || continue
    rm -rf "$path"
    echo "Removed $path"
    removed=1
  done
}

remove_account() { # KIND FILE
  grep -q '^igmp-querier:' "/etc/$2" || return 0
  "$1del" igmp-querier
  echo "Removed the $1 igmp-querier"
  removed=1
}

with_systemd=
if [[ -d /run/systemd/system ]]; then with_systemd=1; fi
for service in "${services[@]}"; do
  if [[ -n $with_systemd && -e $units/$service ]]; then
    systemctl stop "$service"
    echo "Stopped $service"
    systemctl --quiet disable "$service"
  fi
  # The folder holds what 'systemctl edit' and 'install.sh --exporter=' wrote; the link is what 'enable' made.
  remove "$units/$service" "$units/$service.d" "$units/multi-user.target.wants/$service"
done
remove "$program" "$program.new" "$sysusers" "$share/man/man8/igmp-querier.8" "$share/man/man5/igmp-querier.toml.5" \
  "$share/bash-completion/completions/igmp-querier" "$share/zsh/site-functions/_igmp-querier"
for folder in "${sysusers%/*}" "$share"/{man/man8,man/man5,bash-completion/completions,bash-completion} \
  "$share"/{zsh/site-functions,zsh}; do
  [[ ! -d $folder ]] || rmdir --ignore-fail-on-non-empty "$folder"
done
remove_account user passwd
remove_account group group # goes with its user, unless people have joined it
if [[ -z $keep_config ]]; then
  remove "$config_dir"
elif [[ -e $config_dir ]]; then
  echo "Kept $config_dir"
fi
if [[ -n $with_systemd ]]; then
  systemctl daemon-reload
  systemctl reset-failed "${services[@]}" 2>/dev/null || true
fi
[[ -n $removed ]] || echo "Nothing to remove: igmp-querier is not installed."
