"""What the service sees of the machine, from inside its sandbox."""

import re

from test_install import INSTALL, clean, main_pid  # noqa: F401 (clean: after each test)


def test_of_run_it_sees_what_it_needs(machine):
    """Its API's socket, the journal and systemd; D-Bus, which is there, is out of its sight. Its memory has a bound."""
    machine.sh(INSTALL)
    pid = main_pid(machine)
    assert machine.sh("test -S /run/dbus/system_bus_socket").returncode == 0
    sockets = machine.sh(f"cd /proc/{pid}/root/run; find . -exec test -S {{}} \\; -print").stdout.split()
    assert {"./igmp-querier/api.sock", "./systemd/notify", "./systemd/journal/socket"} <= set(sockets)
    assert not [path for path in sockets if not re.match(r"\./(igmp-querier/|systemd/journal/|systemd/notify$)", path)]
    assert machine.sh("igmp-querier status").returncode == 0
    assert 1 << 26 < int(machine.sh("systemctl show --property=MemoryMax --value igmp-querier").stdout) < 1 << 60
