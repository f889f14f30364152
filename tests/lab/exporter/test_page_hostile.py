"""The page before a daemon that says hostile words, or very much."""

import json

import pytest

from harness import fake_api
from harness.lab import wait
from harness.page import (DETAILS, VERDICT, addresses, fits, group, host, many, nodes, now, rows, status_of,
                          with_fake_daemon)

pytestmark = [pytest.mark.heavy, pytest.mark.usefixtures("npm_modules")]
IMAGE = "<img src=x onerror=alert(1)>"
HOSTILE = {
    "markup": IMAGE,
    "quotes": "\"'><script>alert(1)</script>`${alert(1)}",
    "control": "\x1b]0;owned\x07\r\n\x00\x7f\x9b end",
    "direction": "\u202egnp.exe\u2066\u200b\ufeff",
    "address": "javascript:alert(1)//{{7*7}}",
    "names": "__proto__",
    "long": "W" * 20_000,
}
SIZES = [(1440, 900), (320, 640)]


def everywhere(words, value):
    """The value with these words in place of every text, but for those that the page tells things apart by."""
    kept = {"family", "protocol", "role", "oper-status", "filter-mode", "program", "time"}
    if isinstance(value, dict):
        return {name: one if name in kept else everywhere(words, one) for name, one in value.items()}
    if isinstance(value, list):
        return [everywhere(words, one) for one in value]
    return words if isinstance(value, str) else value


def shown(words, length=400):
    """How the page writes them: without what hides, breaks lines or turns the direction, and not without end."""
    unseen = [*range(32), *range(0x7f, 0xa0), 0x200b, 0x202e, 0x2066, 0xfeff]
    cut = words[:length] + "…" if len(words) > length else words
    return cut.translate({code: "\ufffd" for code in unseen})


def named(words):
    """How it writes them as a name or an address, whose end is shown as well."""
    return shown(words if len(words) <= 64 else words[:32] + "…" + words[-31:])


@pytest.mark.parametrize("kind", HOSTILE)
def test_words_from_the_network_are_text(lab, kind):
    words = HOSTILE[kind]
    member = host("192.0.2.20", missed=3)
    full = fake_api.interface(rival={"address": "", "mac-address": "", "version": 2, "last-query": 1.0, "queries": 3})
    full["statistics"]["dropped"]["reasons"] = {words: 7}
    full["statistics"]["noticed"] = {words + "?": 8}
    one = group("239.1.2.3", "192.0.2.20")
    one["source"] = [{"source-address": "", "forwarded": True, "expire": 3.0}]
    api, _, page = with_fake_daemon(
        lab, status=everywhere(words, fake_api.status(full)), groups={"groups": [everywhere(words, one)]},
        hosts={"hosts": [everywhere(words, member)]})
    api.events.append({"time": now(), "event": "noticed", "message": words, "priority": "warning", "reason": words,
                       "interface-name": "eth0", "family": "ipv4"})
    text = shown(words)
    page.wait("document.querySelectorAll('#events li').length === 1")
    raw = "document.querySelector({}).textContent".format
    assert page.evaluate(raw(json.dumps(VERDICT))) == text
    assert page.evaluate(raw("'#events .message'")) == text
    assert page.evaluate(addresses("groups")) == page.evaluate(addresses("hosts")) == [named(words)]
    page.click("#groups tbody button")
    page.click(f"{DETAILS} li button")
    assert page.evaluate(raw(f"'{DETAILS} h3'")) == named(words)
    page.click("#counters summary")
    page.fill("#groups input", words[:50].replace("\r\n", ""))
    for width, height in SIZES:
        page.look(width, height)
        wait(lambda: fits(page), 3, f"a layout of {width} pixels")
    foreign = "img:not([src='/icon.svg']), script:not([src]), iframe"
    assert page.evaluate(f'document.querySelectorAll("{foreign}").length') == 0
    assert page.problems() == []
    if kind in ("markup", "long"):
        page.screenshot(f"hostile-{kind}")


def test_a_browser_would_have_told_of_a_script(lab):
    """What the test above relies on: the driver notices dialogs, errors and requests to elsewhere."""
    _, _, page = with_fake_daemon(lab)
    for action, problem in (("setTimeout(() => alert(1))", "dialog: 1"),
                            ("setTimeout(() => { throw new Error('oh') })", "exception: Error: oh"),
                            ("document.body.append(Object.assign(new Image(), {src: 'http://192.0.2.98/x'}))",
                             "violates the following Content Security Policy"),
                            ("try { document.body.innerHTML = 'x' } catch { console.error('no') }", "console: no"),
                            ("window.location = 'http://192.0.2.99/'", "foreign: http://192.0.2.99/")):
        page.forgive()
        page.evaluate(action + "; null")
        wait(lambda: any(problem in seen for seen in page.problems()), 3, lambda: f"{problem} in {page.problems()}")


def test_what_has_not_changed_stays(lab):
    """The rows, their focus and the place that one has scrolled to."""
    groups, hosts = many(60, 40)
    api, _, page = with_fake_daemon(lab, status=status_of(60, 40), groups={"groups": groups}, hosts={"hosts": hosts})
    page.wait(f"{addresses('groups')}.length === 25")
    page.evaluate("window.before = [...document.querySelectorAll('#groups tbody tr, .node, .fact')];"
                  "document.querySelectorAll('#groups tbody button')[20].focus();"
                  "window.scrollTo(0, 600); window.at = document.activeElement; null")
    top = page.evaluate("window.scrollY")
    gone = page.evaluate(addresses("groups"))[0]
    api.answers["/v1/groups"] = {"groups": [one for one in groups if one["group-address"] != gone]}
    page.wait(f"{addresses('groups')}[0] !== {json.dumps(gone)}", 12)
    assert page.evaluate("document.activeElement === window.at && window.at.isConnected")
    assert page.evaluate("window.scrollY") == top > 0
    assert page.evaluate("window.before.filter((one) => !one.isConnected).length") <= 2, "one row, one node"


def test_silent_hosts_are_marked_and_told(lab):
    hosts = [host("192.0.2.20"), host("192.0.2.21", missed=2), host("192.0.2.22", missed=5, version=2),
             host("192.0.2.23", missed=5, version=2)]
    shared, own = group("239.1.2.3", "192.0.2.20", "192.0.2.21", "192.0.2.22"), group("239.1.2.4", "192.0.2.23")
    _, _, page = with_fake_daemon(lab, groups={"groups": [shared, own]}, hosts={"hosts": hosts})
    page.wait_text("#verdict-word", "Healthy, with a warning")
    assert "1 host that should answer has missed" in page.text("#verdict-note")
    table = rows(page, "hosts")
    assert [table[f"192.0.2.{number}"][0] for number in (20, 21, 22, 23)] \
        == ["", "silent", "silent; others report its groups", "silent"]
    assert page.evaluate(f"document.querySelector({json.dumps('#hosts tr.marked button')}).textContent") == "192.0.2.21"
    assert "host 192.0.2.21, listens to 1 group, silent" in nodes(page, "silent")
    assert not [name for name in nodes(page, "silent") if "192.0.2.20" in name]


def test_a_query_that_is_still_being_answered_changes_nothing(lab):
    """The last complete answer counts, and nobody has missed what he may still answer; and never do more than there are."""
    def status(**query):
        return fake_api.status(fake_api.interface(
            hosts_count=2, last_general_query={"ago": 4.0, "answered": 0, "complete": True, "answered-before": 3, **query}))
    hosts = [host("192.0.2.20", missed=1), host("192.0.2.21", missed=2)]
    api, _, page = with_fake_daemon(lab, status=status(complete=False), hosts={"hosts": hosts},
                                    groups={"groups": [group("239.128.0.251", "192.0.2.20"), group("239.1.2.3", "192.0.2.20")]})
    page.wait_text("#facts", "Answers2 hosts" + "to the query before last; 0 so far")
    assert [texts[-1] for texts in rows(page, "hosts").values()] == ["0", "1"]
    api.answers["/v1/status"] = status(answered=1)
    api.events.append({"time": now(), "event": "noticed", "message": "the time is over"})
    page.wait_text("#facts", "Answers1 host" + "to the query 0:0")
    assert [texts[-1] for texts in rows(page, "hosts").values()] == ["1", "2"]
    assert rows(page, "groups")["239.128.0.251"][0].endswith("! Ethernet address of 224.0.0.251")
    assert "!" not in rows(page, "groups")["239.1.2.3"][0]


def test_trouble_is_red_and_has_a_shape(lab):
    words = "eth0: no link: check cable and switch port"
    api, _, page = with_fake_daemon(lab)
    page.wait_text("#verdict-word", "Healthy")
    shapes = "[...document.querySelectorAll('.shape svg')].filter((one) => getComputedStyle(one).display !== 'none')" \
             ".map((one) => one.getAttribute('class')).join()"
    assert page.evaluate(shapes) == "good"
    ill = fake_api.interface(healthy=False, verdict=words, role="waiting", reason="waiting for link", querier=None,
                             next_query=None)
    api.answers["/v1/status"] = fake_api.status(ill, healthy=False, verdict=words)
    page.wait_text(VERDICT, words, 12)
    assert page.text("#verdict-word") == "Trouble" and page.evaluate(shapes) == "bad"
    wait(lambda: nodes(page, "querier") == ["this host 192.0.2.10, waiting for link"], 3, "the drawing")


def test_findings_that_the_verdict_does_not_tell_are_listed(lab):
    def finding(name, severity, subject):
        return {"id": name, "severity": severity, "subject": subject, "what": f"<b>{name}</b> is so", "fix": "change it"}
    risk, note = finding("mute-host", "risk", "192.0.2.20"), finding("no-members", "note", "IGMP")
    api, _, page = with_fake_daemon(lab, status=fake_api.status(fake_api.interface(findings=[risk, note])))
    texts = ["192.0.2.20 <b>mute-host</b> is so: change it", "<b>no-members</b> is so: change it"]
    page.wait(f"document.querySelectorAll('#findings li').length === {len(texts)}")
    assert page.texts("#findings li") == texts
    assert page.evaluate("[...document.querySelectorAll('#findings li')].map((one) => one.dataset.severity).join()") \
        == "risk,note"
    ill = fake_api.interface(healthy=False, verdict="eth0: trouble", findings=[finding("no-link", "problem", "IGMP"), risk])
    api.answers["/v1/status"] = fake_api.status(ill, healthy=False, verdict="eth0: trouble")
    page.wait_text(VERDICT, "eth0: trouble", 12)
    wait(lambda: page.texts("#findings li") == texts[:1], 3, "the finding beside the verdict")
    api.answers["/v1/status"] = fake_api.status(fake_api.interface())
    page.wait_text(VERDICT, "all is well", 12)
    wait(lambda: not page.texts("#findings li"), 3, "an empty list")


def test_each_family_has_a_tab(lab):
    six = fake_api.interface(family="ipv6", protocol="MLD", address="fe80::a", querier="fe80::a", verdict="six is well")
    _, _, page = with_fake_daemon(
        lab, status=fake_api.status(fake_api.interface(), six),
        groups={"groups": [group("239.1.2.3", "192.0.2.20"), group("ff15::1", "fe80::5", family="ipv6")]},
        hosts={"hosts": [host("192.0.2.20"), host("fe80::5", family="ipv6", version=2)]})
    page.wait(f"{addresses('groups')}.join() === '239.1.2.3'")
    assert page.texts("#tabs button") == ["eth0 IPv4, healthy", "eth0 IPv6, healthy"]
    page.click("#tabs button:last-child")
    page.wait(f"{addresses('groups')}.join() === 'ff15::1' && {addresses('hosts')}.join() === 'fe80::5'")
    page.press("ArrowLeft")
    page.wait(f"{addresses('groups')}.join() === '239.1.2.3'")
    assert page.evaluate("document.activeElement.getAttribute('aria-selected')") == "true"
    assert page.problems() == []
