"""What an exporter is told on its command line and in requests: what it takes, and how it refuses the rest."""

import gzip
import socket
import subprocess

import pytest

from harness import api as judge
from harness import fake_api
from harness.exporter import DEFAULT, SECURITY_HEADERS, Exporter, request
from harness.lab import IGMP_QUERIER, Process


def start(host, *options):
    return Process(host, [IGMP_QUERIER, "exporter", *options])


def refused(host, status, *options):
    """It ends with that status, and says why in one line; returns that."""
    process = start(host, *options)
    assert process.finish() == status
    [line] = process.log()
    assert line.startswith("igmp-querier: ") and not process.output()
    return line


def test_other_machines_are_kept_out_unless_allowed(host):
    for address in "0.0.0.0", "192.0.2.1", "[::]", "[fe80::1]", "[2001:db8::1]", "126.255.255.255", "128.0.0.1":
        line = refused(host, 2, "--listen", f"{address}:9788")
        assert f"{address}:9788" in line and "--allow-remote" in line and "which hosts listen to what" in line


def test_every_loopback_address_is_allowed(host, fake):
    host.sysctl("net/ipv6/conf/lo/disable_ipv6", 0)
    for address in "127.0.0.1", "127.5.6.7", "[::1]":
        assert Exporter(host, fake.path, f"{address}:9788").stop() == 0


@pytest.mark.parametrize("given", [
    "", "9788", ":9788", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+80",
    "127.0.0.1:80x", "127.0.0.1: 80", "127.0.0.1:http", "127.0.0.1:99999999999999999999", "127.0.0.256:9788",
    "127.1:9788", "localhost:9788", "::1:9788", "::1", "[::1]", "[::1]9788", "[::1]:", "[::1]:0", "[::g]:9788",
    "[127.0.0.1]:9788",
    "[::1%lo]:9788", "127.0.0.1:9788:9788", "127.0.0.1:9788\n", "\x1b[2J:9788", "http://127.0.0.1:9788", "x" * 5000,
])
def test_what_is_no_address_and_port_is_refused(host, given):
    line = refused(host, 2, "--listen", given, "--allow-remote")
    assert "--listen" in line and "127.0.0.1:9788" in line and "[::1]:9788" in line
    assert "\x1b" not in line
    if given.isprintable() and len(given) < 100:
        assert f"'{given}'" in line


def test_every_port_is_allowed(host, fake):
    for port in 1, 65535:
        assert Exporter(host, fake.path, f"127.0.0.1:{port}").stop() == 0


def test_a_taken_port_is_told(host, fake):
    first = Exporter(host, fake.path)
    line = refused(host, 1, "--api-socket", str(fake.path))
    assert DEFAULT in line and "another program listens there: Address already in use" in line
    assert first.get().status == 200
    assert first.stop() == 0
    Exporter(host, fake.path)  # at once, although connections have just ended there


def test_an_address_that_this_machine_has_not(host):
    line = refused(host, 1, "--listen", "192.0.2.77:9788", "--allow-remote")
    assert "192.0.2.77:9788" in line and "Cannot assign requested address" in line


def test_wrong_usage(host):
    for options in (["--frob"], ["frob"], ["--listen"], ["--host"], ["--allow-remote", "x"]):
        assert "--help" in refused(host, 2, *options)


HOSTS = [
    ("127.0.0.1:9788", 200), ("127.0.0.1", 200), ("127.0.0.1:80", 200), ("192.0.2.7:9788", 200), ("[::1]:9788", 200),
    ("[2001:db8::7]", 200), ("localhost:9788", 200), ("LocalHost:9788", 200), ("localhost.", 200), ("radio:9788", 200),
    ("radio.local:9788", 200), ("RADIO.LOCAL", 200), ("radio.lan", 200), ("radio.home.arpa:9788", 200),
    ("radio.internal.", 200), ("shown.example:9788", 200), ("Shown.Example", 200),
    ("also.example", 200),
    ("evil.example", 421), ("evil.example:9788", 421), ("127.0.0.1.evil.example", 421), ("localhost.evil.example", 421),
    ("evil.example.local", 421), ("evil.lan", 421), ("xradio.lan", 421), ("radio.lan.evil.example", 421), ("radio.com", 421), ("radio.evil.example", 421), ("xradio", 421), ("sub.localhost", 421),
    ("localhost..", 421), (".", 421), ("127.0.0.1.", 421), ("127.1", 421), ("2130706433", 421), ("0x7f.1", 421),
    ("::1", 421), ("[::1", 421), ("[localhost]", 421), ("[127.0.0.1]", 421), ("localhost:x", 421),
    ("localhost:99999", 421), ("localhost:80:80", 421),
    ("evil.example@localhost", 421), ("localhost evil.example", 421), ("localhost/", 421), ("localhost\\", 421),
    ("localhost,evil.example", 421), ("localh\xf6st", 421), ("\xff", 421), ("", 400), (None, 400), (" ", 400),
]


def test_only_its_own_names_are_answered(lab, fake):
    """A page whose name was made to mean our address (DNS rebinding) gives itself away by the Host header."""
    host = lab.namespace("host")
    with host.entered():
        exporter = Exporter(host, fake.path, options="--host shown.example --host also.example")
    name = socket.gethostname()
    expected = [(given.replace("radio", name).replace("RADIO", name.upper()) if given else given, status)
                for given, status in HOSTS]

    def told(given, target="/metrics"):
        header = "" if given is None else f"Host: {given}\r\n"
        return judge.Answer(exporter.raw(f"GET {target} HTTP/1.1\r\n{header}\r\n".encode("latin-1")))
    assert [(given, told(given).status) for given, _ in expected] == expected
    for target in "/", "/v1/state", "/v1/history", "/v1/stream", "/none":
        answer = told("evil.example", target)
        assert "'evil.example'" in answer.error(421) and "--host" in answer.error(421)
        assert not {"igmp_querier", "reachable"} & set(answer.body.decode().split('"'))


def test_a_browser_is_shown_how_to_allow_a_name(host, fake):
    """As a page without scripts, which names the option; programs get JSON, and so do names that are none."""
    exporter = Exporter(host, fake.path)
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    page = exporter.ask("/", Host="radio.example.org:9788", Accept=browser)
    assert (page.status, page.headers["Content-Type"]) == (421, "text/html; charset=utf-8")
    assert b"--host radio.example.org" in page.body and b"<script" not in page.body and b"{" not in page.body
    for given, accepted in (("radio.example.org", "*/*"), ("radio.example.org", "application/json"),
                            ("<script>alert(1)</script>", browser), ("x" * 254, browser), ("--allow-remote", browser)):
        answer = exporter.ask("/", Host=given, Accept=accepted)
        assert "--host" in answer.error(421) and answer.headers["Content-Type"] == "application/json"


def test_two_hosts_are_none(host, fake):
    exporter = Exporter(host, fake.path)
    for second in "127.0.0.1:9788", "evil.example":
        both = request().replace(b"\r\n\r\n", f"\r\nHost: {second}\r\n\r\n".encode())
        assert judge.Answer(exporter.raw(both)).status == 400
    # What the target says does not count.
    assert exporter.ask("http://127.0.0.1:9788/metrics", Host="evil.example").status == 421
    assert exporter.ask("http://evil.example/metrics").status in (404, 421)


METHODS = ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "head", "CONNECT", "PROPFIND", "get", "FROB"]


@pytest.mark.parametrize("path", ["/metrics", "/", "/v1/state", "/v1/stream", "/v1/query", "/none"])
def test_only_get_and_head_are_allowed(host, fake, path):
    exporter = Exporter(host, fake.path)
    for method in METHODS:
        answer = exporter.ask(path, method)
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD"), method
        assert "GET" in answer.error(405)
    assert not [asked for asked in fake.asked if "query" in asked]


def test_head_is_answered_as_get_without_a_body(host, fake):
    exporter = Exporter(host, fake.path)
    for path in "/metrics", "/", "/app.js", "/v1/history", "/v1/groups?match=x", "/v1/groups", "/none":
        full, head = exporter.ask(path), exporter.raw(request(path, "HEAD"))
        assert head.endswith(b"\r\n\r\n") and head.startswith(f"HTTP/1.1 {full.status} ".encode()), path
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:-2])
        assert headers == full.headers, path
    assert b"text/event-stream" in exporter.raw(request("/v1/stream", "HEAD")), "and it ends"
    assert b" 405 " in exporter.raw(request("/v1/state", "DELETE")).split(b"\r\n")[0]


SEARCHES = [
    ("match=239.1.2", 200), ("match=x", 200), ("match=x&interface=eth0&family=ipv4", 200),
    ("match=x&interface=%3Cscript%3E", 200), ("match=" + "%20x" * 8, 200), ("match=%00%ff%1b", 200), ("match=" + "x" * 200, 200),
    ("", 400), ("match=", 400), ("match=%20", 400), ("match=" + "x" * 201, 400), ("match=" + "%20x" * 9, 400),
    ("match=x&match=y", 400), ("match=x&limit=99999", 400), ("match=x&family=ipv5", 400), ("match=%", 400), ("match=%zz", 400),
    ("match=x&%1b[2J=1", 400),
]


def test_a_search_has_bounds(host, fake):
    exporter = Exporter(host, fake.path)
    assert [(query, exporter.ask(f"/v1/groups?{query}").status) for query, _ in SEARCHES] == SEARCHES
    for query, status in SEARCHES:
        if status == 400:
            assert "\x1b" not in exporter.ask(f"/v1/groups?{query}").error(400)


def test_a_search_finds_groups_that_are_not_listed(host, fake):
    fake.answers["/v1/groups"]["groups"] = [fake_api.group(f"239.1.{number // 250}.{number % 250}") for number in range(2000)]
    exporter = Exporter(host, fake.path)
    assert len(exporter.json("/v1/state")["groups"]) == 1000
    found = exporter.json("/v1/groups?match=239.1.7.24&interface=eth0&family=ipv4")
    assert found["found"] == 11 and found["groups"][0]["name"] == "ka9q-radio or private"
    assert {one["group-address"] for one in found["groups"]} == {"239.1.7.24", *(f"239.1.7.{last}" for last in range(240, 250))}
    assert exporter.json("/v1/groups?match=239.1.7.24&family=ipv6") == {"found": 0, "groups": []}
    every = exporter.json("/v1/groups?match=192.0.2.20")
    assert every["found"] == 2000 and len(every["groups"]) == 1000


PATHS = [
    ("/metrics", 200), ("/metrics?x=1", 200), ("/metrics?", 200), ("/v1/state?a=/../b", 200), ("/v1/history", 200),
    ("//metrics", 404), ("/metrics/", 404), ("/Metrics", 404), ("/./metrics", 404), ("/v1/../metrics", 404),
    ("metrics", 404),
    ("/../etc/passwd", 404), ("/../../../../etc/passwd", 404), ("/%2e%2e/etc/passwd", 404), ("/..%2fetc%2fpasswd", 404),
    ("/etc/passwd", 404), ("//etc/passwd", 404), ("/metrics%00", 404), ("/%6detrics", 404), ("/metrics;x", 404),
    ("/metrics#x", 404), ("*", 404), ("/v1/status", 404), ("/v1/query", 404), ("/v1", 404), ("/favicon.ico", 404),
    ("/index.html", 404), ("/metrics\\", 404), ("/<script>alert(1)</script>", 404), ("/" + "x" * 7000, 404),
]


def test_nothing_else_is_served(host, fake):
    exporter = Exporter(host, fake.path)
    assert [(path, exporter.ask(path).status) for path, _ in PATHS] == PATHS
    answer = exporter.ask("/<script>alert(1)</script>")
    assert "/<script>" in answer.error(404)  # as JSON, which no browser takes for a page
    for byte in b"\0", b"\x01", b"\r", b"\n", b" ":
        data = request().replace(b"/metrics", b"/met" + byte + b"rics")
        assert judge.Answer(exporter.raw(data)).status == 400
    exporter.ask("/met\x7frics").error(400)


def test_security_headers_on_every_answer(host, fake):
    exporter = Exporter(host, fake.path)
    answers = {target: exporter.ask(target) for target in ("/metrics", "/", "/v1/state", "/v1/history", "/none")}
    answers |= {"method": exporter.ask("/", "POST"), "name": exporter.ask("/", Host="evil.example"),
                "no host": exporter.ask("/", Host=None), "long": exporter.ask("/", X="y" * 9000),
                "body": exporter.ask("/", Content_Length="100000"),
                "garbage": judge.Answer(exporter.raw(b"hello\r\n\r\n"))}
    crowd = [exporter.connect(request("/v1/stream")) for _ in range(32)]
    assert all(client.recv(12) == b"HTTP/1.1 200" for client in crowd)
    answers["crowd"] = exporter.ask("/v1/stream")
    assert [answers[name].status for name in ("method", "name", "no host", "long", "body", "garbage", "crowd")] == [
        405, 421, 400, 431, 413, 400, 503]
    for name, answer in answers.items():
        assert {header: answer.headers.get(header) for header in SECURITY_HEADERS} == SECURITY_HEADERS, name
        assert answer.headers["Connection"] == "close" and "Server" not in answer.headers, name
        assert "Access-Control-Allow-Origin" not in answer.headers and "Set-Cookie" not in answer.headers, name
    for client in crowd:
        client.close()


def test_every_answer_has_its_type(host, fake):
    exporter = Exporter(host, fake.path)
    assert exporter.get("/metrics").headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    for target in "/v1/state", "/v1/history":
        assert exporter.get(target).headers["Content-Type"] == "application/json"


def test_the_page_is_served_with_its_parts(host, fake):
    exporter = Exporter(host, fake.path)
    if exporter.ask("/").status == 404:
        assert "without the web page" in exporter.ask("/").error(404)
        pytest.skip("the program under test was built without the page (IGMP_QUERIER_PAGE)")
    types = {"/": "text/html", "/app.js": "text/javascript", "/app.css": "text/css", "/icon.svg": "image/svg+xml"}
    for path, kind in types.items():
        plain, packed = exporter.get(path), exporter.get(path, Accept_Encoding="gzip, deflate")
        assert plain.headers["Content-Type"].startswith(kind) and packed.headers["Content-Type"].startswith(kind)
        assert "Content-Encoding" not in plain.headers and packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.body) == plain.body and len(packed.body) < len(plain.body)
        for none in "deflate, br", "gzip;q=0", "xgzip", "":
            assert "Content-Encoding" not in exporter.get(path, Accept_Encoding=none).headers


def test_the_same_with_the_tools_that_people_have(host, fake):
    exporter = Exporter(host, fake.path)
    with host.entered():
        said = subprocess.run(["curl", "--silent", "--show-error", "--include", f"{exporter.url}/metrics"],
                              capture_output=True, timeout=10)
    assert said.stdout.startswith(b"HTTP/1.1 200 OK\r\n") and b"\nigmp_querier_up 1\n" in said.stdout, said
