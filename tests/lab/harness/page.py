"""The page in a browser, before a real exporter whose daemon is a real one or a stand-in."""

import datetime

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
    return page.evaluate(f"[...document.querySelectorAll('.node.{kind}')].map((one) => one.getAttribute('aria-label'))")


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
