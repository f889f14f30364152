# Completion of igmp-querier(8) for bash.

# compgen -W expands what it is given as the shell does: a name that could run a command is left out.
_igmp_querier_interfaces() {
  local path
  for path in /sys/class/net/*/; do
    path=${path%/}
    path=${path##*/}
    if [[ $path != lo && $path =~ ^[A-Za-z0-9_.:@+-]+$ ]]; then echo "$path"; fi
  done
}

_igmp_querier() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=run words
  # Bash takes --option=VALUE for three words.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if ((COMP_CWORD > 1)) && [[ ${COMP_WORDS[1]} != -* ]]; then command=${COMP_WORDS[1]}; fi

  local commands="run status groups hosts watch events doctor explain probe soak exporter check-config"
  case $command:$prev in
    help:help) words=$commands ;;
    *:-i | *:--interface | soak:--between) words=$(_igmp_querier_interfaces) ;;
    *:-c | *:--config | *:--api-socket | doctor:--bundle | soak:--report)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return
      ;;
    *:--family) words="ipv4 ipv6" ;;
    run:--igmp-version) words="1 2 3" ;;
    *:--color) words="auto always never" ;;
    groups:--sort) words="group name hosts mode ver last-reporter reporter-name uptime expires held interface ports" ;;
    hosts:--sort) words="host host-name mac-address vendor ver groups first-seen last-report interface" ;;
    events:--kind)
      words="role-changed querier-changed waiting address-changed burst-began topology-changed group-added group-removed source-removed
        host-joined host-left host-seen dropped noticed failed no-longer-served reloaded lost"
      ;;
    run:-[qt] | run:--query-interval | run:--timeout | run:--max-response | run:--robustness | run:--startup-* | \
      run:--jitter | groups:--host | groups:--name | hosts:--group | hosts:--vendor | watch:--interval | \
      events:--since | events:-n | events:--lines | doctor:--listen | doctor:--switch-memory | exporter:--listen | exporter:--host | probe:--group | probe:--repeat | \
      probe:--listen | probe:--max-response | soak:-[gp] | soak:--group | soak:--port | \
      soak:--rate | soak:--duration | soak:--every)
      return # whatever the user wants
      ;;
    *)
      local common="-h --help" client="-i --interface --json --api-socket" family="--family -4 -6"
      local table="-n --numeric --wide --color"
      case $command in
        run)
          words="$common -i --interface -q --query-interval --max-response --robustness --startup-count
            --startup-interval -t --timeout --jitter --igmp-version --mld --proxy -c --config --api-socket --wait
            -v --verbose"
          ;;
        status) words="$common $client $family --color" ;;
        groups) words="$common $client $family $table --host --name --sort -r --reverse --ports --long --sources" ;;
        hosts) words="$common $client $family $table --group --vendor --sort -r --reverse --long" ;;
        watch) words="$common $family -i --interface --once --interval -n --numeric --color --api-socket" ;;
        events) words="$common $client --since --kind -n --lines -f --follow --no-follow --color" ;;
        exporter) words="$common --listen --allow-remote --host --no-names --api-socket" ;;
        check-config | explain)
          words=$common
          [[ $command == explain ]] && words+=" --json"
          if [[ $cur != -* ]]; then
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -f -- "$cur")
            return
          fi
          ;;
        doctor) words="$common -i --interface --listen --switch-memory --active --json --bundle --full --api-socket" ;;
        probe)
          words="$common -i --interface --group --repeat --listen --max-response --api-socket --force --json"
          ;;
        soak)
          words="$common -i --interface --between -g --group -p --port --rate --duration --every --report --json
            --no-progress --without-querier --yes --api-socket"
          if [[ $cur != -* ]] && ((COMP_CWORD > 1)); then
            mapfile -t COMPREPLY < <(compgen -W "send receive" -- "$cur")
            return
          fi
          ;;
        open-socket) words=$common ;;
      esac
      if ((COMP_CWORD == 1)); then
        words+=" -V --version"
        if [[ $cur != -* ]]; then words="$commands help version"; fi
      elif [[ $cur != -* ]]; then
        return
      fi
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _igmp_querier igmp-querier
