"""Names of hosts: from the resolver of the exporter's machine, in the background, and not at all with --no-names."""

import pathlib
import re

import pytest

from harness.exporter import DEFAULT, READY, Exporter
from harness.lab import IGMP_QUERIER, Process, wait
from harness.page import group, host as known

HOSTS = "127.0.0.1 localhost\n192.0.2.20 living-room.lan living-room\n192.0.2.21 {}\n".format("x" * 300)


@pytest.fixture
def started(lab, host, fake):
    """Starts an exporter that sees these lines as /etc/hosts."""
    file = lab.directory / "hosts"
    file.write_text(HOSTS)
    fake.answers["/v1/hosts"]["hosts"] = [known(f"192.0.2.{last}") for last in (20, 21, 22)]
    fake.answers["/v1/groups"]["groups"] = [group("239.1.2.3", "192.0.2.20")]

    def start(options=""):
        command = f"mount --bind {file} /etc/hosts && exec {IGMP_QUERIER} exporter --api-socket {fake.path} {options}"
        process = Process(host, ["unshare", "--mount", "sh", "-c", command])
        process.wait_log(READY)
        return Exporter(host, fake.path, DEFAULT, process=process)
    return start


def names(exporter):
    return {one["host-address"]: one["name"] for one in exporter.json("/v1/state")["hosts"]}


def test_hosts_have_the_names_that_the_resolver_knows(started):
    exporter = started()
    assert set(names(exporter)) == {"192.0.2.20", "192.0.2.21", "192.0.2.22"}
    wait(lambda: names(exporter)["192.0.2.20"], 15, "a name")
    assert names(exporter) == {"192.0.2.20": "living-room.lan", "192.0.2.21": "", "192.0.2.22": ""}
    tasks = list(pathlib.Path(f"/proc/{exporter.process.popen.pid}/task").iterdir())
    assert len(tasks) > 1, "the resolver has threads"
    for task in tasks:
        status = (task / "status").read_text()
        assert re.search(r"^Seccomp:\s+2$", status, re.M) and re.search(r"^CapPrm:\s+0+$", status, re.M), task
    assert exporter.stop() == 0


def test_no_name_is_looked_up_where_that_is_not_wanted(started):
    exporter = started("--no-names")
    wait(lambda: exporter.json("/v1/state")["id"] >= 3, 20, "some readings")  # the second would have the name
    assert set(names(exporter).values()) == {""}
    assert len(list(pathlib.Path(f"/proc/{exporter.process.popen.pid}/task").iterdir())) == 1
