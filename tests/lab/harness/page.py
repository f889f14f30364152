"""The page in a browser, before a real exporter whose daemon is a real one or a stand-in."""

import datetime
import random
import time

from harness import browser, fake_api
from harness.exporter import Exporter
from harness.fake_api import FakeApi

VERDICT, LINK, FACTS, DETAILS = "#verdict-sentence", "#link-text", "#facts", "#details"
PHONE, DESK = (390, 844), (1440, 900)


def row(table, address):
    """The selector of a row of a table, by its address."""
    return f"#{table} tbody tr:has(button:text-is('{address}'))"


def rows(page, table):
    """What the cells of a table say, by address; the first one has what is under the address."""
    cells = page.evaluate(
        f"[...document.querySelectorAll('#{table} tbody tr')].map((row) => [row.querySelector('button').textContent,"
        " ...[...row.children].map((cell) => [...cell.children].filter((part) => part.tagName !== 'BUTTON')"
        ".map((part) => part.textContent).join(' ').trim())])")
    return {address: texts for address, *texts in cells}


def addresses(table):
    """An expression: the addresses that a table shows, in its order."""
    return f"[...document.querySelectorAll('#{table} tbody button')].map((one) => one.textContent)"


def nodes(page, kind):
    """What the drawing says of its nodes of a kind to those who cannot see it."""
    return page.evaluate(f"[...document.querySelectorAll('.node.{kind}')]"
                         ".map((one) => one.querySelector('title').textContent)")


def fits(page):
    """Whether nothing makes the page wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def seconds(text):
    """A duration as the page writes it below two days."""
    total = 0
    for part in text.split(":"):
        total = total * 60 + int(part)
    return total


def opened(lab, namespace, exporter, wait=True):
    page = browser.Browser(namespace).open(f"{exporter.url}/")
    if wait:
        page.wait("!document.getElementById('known').hidden")
    return page


def with_fake_daemon(lab, **answers):
    """A page whose daemon says what the test wants: (api, exporter, page)."""
    namespace = lab.namespace("desk")
    api = FakeApi(lab.directory / "api.sock")
    api.answers.update({f"/v1/{name}": answer for name, answer in answers.items()})
    api.open()
    lab.cleanup.callback(api.close)
    exporter = Exporter(namespace, api.path)
    return api, exporter, opened(lab, namespace, exporter)


def host(address, missed=0, version=3, mac="02:00:00:00:00:20", last_report=3.0, **place):
    return {"interface-name": "eth0", "family": "ipv4", **place, "host-address": address, "mac-address": mac,
            "version": version, "up-time": 300.0, "last-report": last_report, "answered-queries": 7,
            "missed-queries": missed, "awaited": True, "silent": missed >= 2 and version >= 3}


def group(address, *members, **changes):
    made = fake_api.group(address, last_reporter=members[-1] if members else None)
    made["host"] = [{"host-address": member, "version": 3, "last-report": 3.0} for member in members]
    return {**made, "version": 3, **{name.replace("_", "-"): value for name, value in changes.items()}}


def now(minus=0):
    moment = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=minus)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def many(groups, hosts):
    """A LAN of that size, the same every time."""
    chance = random.Random(5)
    there = [host(f"10.0.{number // 250}.{number % 250 + 1}", missed=3 if number % 40 == 7 else number % 2,
                  mac=f"02:00:00:00:{number // 256:02x}:{number % 256:02x}") for number in range(hosts)]
    named = ["239.255.255.250", "224.0.1.129", "239.69.83.1"]
    made = []
    for number in range(groups):
        size = min(hosts, max(1, int(chance.expovariate(1 / 4)))) if number else min(hosts, 300)
        address = named[number] if number < len(named) else f"239.1.{number // 250}.{number % 250}"
        members = [one["host-address"] for one in chance.sample(there, size)]
        made.append(group(address, *members, expire=60 + number % 80))
    return made, there


def status_of(groups, hosts, **changes):
    verdict = f"eth0: we are the querier; {hosts} hosts keep {groups} groups alive; all is well"
    silent = len([one for one in range(hosts) if one % 40 == 7])
    return fake_api.status(fake_api.interface(verdict=verdict, groups_count=groups, hosts_count=hosts,
                                              silent_hosts_count=silent, **changes), verdict=verdict)


def history(groups, hosts, samples=720, interval=30):
    """What an exporter tells that has taken so many samples until now."""
    chance, start = random.Random(4), int(time.time()) - (samples - 1) * interval
    unknown = range(300, 316)
    long = samples > 520

    def curve(value):
        return [None if at in unknown else value(at) for at in range(samples)]

    def event(number, sample, kind, message, **more):
        moment = datetime.datetime.fromtimestamp(start + sample * interval, datetime.timezone.utc)
        return {"id": number, "time": moment.strftime("%Y-%m-%dT%H:%M:%S.118Z"), "event": kind,
                "message": f"eth0: {message}", "priority": "info", "interface-name": "eth0", "family": "ipv4", **more}

    events = [
        event(1, 40, "role-changed", "[Election] LOST to lower IP 192.0.2.2. Backing off.", role="non-querier"),
        event(2, 190, "role-changed", "[Election] 192.0.2.2 has been silent. Taking over.", role="querier"),
        event(3, 340, "noticed", "192.0.2.40 speaks IGMPv2 although we ask in version 3", priority="warning"),
        event(4, 520, "failed", "cannot send: Network is unreachable", priority="error")]
    return {"interval": interval, "events": events if long else [], "series": [{
        "interface-name": "eth0", "family": "ipv4", "time": [start + at * interval for at in range(samples)],
        "reports": [None] + curve(lambda at: int(hosts * (0.2 if at % 2 else 1.1) * chance.uniform(0.8, 1.2)))[1:],
        "queries": [None] + curve(lambda at: at % 2)[1:], "groups": curve(lambda at: groups - abs(360 - at) // 120 if long else groups),
        "hosts": curve(lambda at: hosts - abs(500 - at) // 90 if long else hosts)}]}
