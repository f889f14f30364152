"""How the page looks: from an empty LAN to a large one, in its first minute and after hours, and while nobody answers.

It writes build/screenshots for people to look at.
"""

import pytest

from harness.page import DETAILS, LINK, VERDICT, fits, history, many, now, row, status_of, with_fake_daemon

pytestmark = [pytest.mark.heavy, pytest.mark.usefixtures("npm_modules")]
HEIGHTS = {390: 844, 768: 1024, 1280: 800, 1920: 1080}  # by width
SOME = {390: ["dark"], 768: ["light"], 1280: ["light"], 1920: ["dark"]}
ALL = dict.fromkeys(HEIGHTS, ["light", "dark"])
SCENES = {"empty": (0, 0, 1), "first-minute": (3, 3, 4), "hours": (200, 60, 720), "large": (2000, 300, 720)}
TOPS = "[...document.querySelectorAll('.fact')].map((one) => one.getBoundingClientRect().top)"
TWO_FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"


def look_at(page, name, looks):
    """Nothing overflows, no fact is alone in the last row, and nobody is kept out."""
    for width, schemes in looks.items():
        for scheme in schemes:
            page.look(width, HEIGHTS[width], scheme=scheme, motion="reduce")
            page.wait(TWO_FRAMES)
            page.screenshot(f"{name}-{width}-{scheme}")
            assert fits(page), (name, width)
            tops = page.evaluate(TOPS)
            rows = [tops.count(top) for top in sorted(set(tops))]
            assert len(rows) < 2 or rows[-1] > 1, (name, width, rows)
            assert page.barriers() == [], (name, width, scheme)


def show(api, exporter, page, groups, hosts, samples):
    """Another LAN, whose exporter has taken so many samples."""
    made, there = many(groups, hosts)
    api.answers.update({
        "/v1/groups": {"groups": made}, "/v1/hosts": {"hosts": there},
        "/v1/status": status_of(groups, hosts, next_query=37.0, role_up_time=277000.0, last_general_query={
            "ago": 23.0, "answered": hosts, "complete": True, "answered-before": hosts} if samples > 1 else None)})
    page.do("answer", path="/v1/history", body=history(groups, hosts, samples))
    api.events.append({"time": now(), "event": "noticed", "message": "another LAN"})
    page.wait_text(VERDICT, f" {hosts} hosts keep {groups} groups alive")
    page.open(f"{exporter.url}/")
    page.wait_text(VERDICT, f" {hosts} hosts keep {groups} groups alive")


@pytest.mark.slow
@pytest.mark.parametrize("looks", [SOME, pytest.param(ALL, marks=pytest.mark.long)], ids=["some", "all"])
def test_it_looks_well(lab, looks):
    api, exporter, page = with_fake_daemon(lab, status=status_of(1, 1))
    for name, (groups, hosts, samples) in SCENES.items():
        show(api, exporter, page, groups, hosts, samples)
        if samples > 2:
            page.wait("document.querySelectorAll('#charts canvas').length === 2")
        if groups:
            page.click(f"{row('groups', '224.0.1.129')} button")
            page.wait_text(f"{DETAILS} h3", "224.0.1.129")
        look_at(page, name, looks)
    api.close()
    page.wait_text(LINK, "no answer since")
    look_at(page, "no-daemon", looks)
    exporter.stop()
    page.wait_text(VERDICT, "the exporter does not answer")
    look_at(page, "no-exporter", looks)
