"""Inputs for the targets that read text, and the words that the fuzzer makes further ones of."""

KEYS = """query-interval query-max-response-time robustness-variable startup-query-count startup-query-interval
other-querier-present-interval jitter version proxy require-router-alert require-same-subnet accept-unicast-query
trusted-queriers ignore-queriers on-rogue-querier last-member-query-interval explicit-tracking verify-source-subnet
accept-older-reports ssm-aware max-groups max-sources-per-group max-hosts-per-group hold enabled""".split()


def table(title, **settings):
    return f"[{title}]\n" + "".join(f"{key.replace('_', '-')} = {value}\n" for key, value in settings.items())


LISTS = {"trusted_queriers": '["192.0.2.1", "198.51.100.0/24"]', "ignore_queriers": '["10.0.0.0/8"]',
         "hold": '["239.1.2.3"]'}
LISTS6 = {"trusted_queriers": '["fe80::1",\n  "fe80::a:0:0:0/80"]', "ignore_queriers": '["fe80::/128"]',
          "hold": '["ff15::7", "ff3e::8000:1"]'}
INTERVALS = ("query_interval", "query_max_response_time", "startup_query_interval", "last_member_query_interval",
             "other_querier_present_interval")

CONFIGS = {
    "empty": "",
    "comment": "# nothing\n",
    "every-key": table(
        "defaults.igmp", query_interval=60, query_max_response_time=10, robustness_variable=2, startup_query_count=3,
        startup_query_interval=5, other_querier_present_interval=255, jitter=25, version=2, proxy="false",
        require_router_alert="false", require_same_subnet="true", accept_unicast_query="false",
        last_member_query_interval=1, explicit_tracking="true", verify_source_subnet="false",
        accept_older_reports="true", ssm_aware="false", max_groups=131072, max_sources_per_group=1024,
        max_hosts_per_group=1024, on_rogue_querier='"ignore"', enabled="true", **LISTS),
    "both-protocols": table("defaults.igmp", version=3) + table("defaults.mld", version=1, **LISTS6),
    "smallest": table("defaults.igmp", query_interval=1, query_max_response_time=0.1, robustness_variable=1,
                      startup_query_count=1, startup_query_interval=0.1, other_querier_present_interval=2, jitter=0),
    "largest": table("defaults.igmp", query_interval=31744, query_max_response_time=3174.4, robustness_variable=7,
                     startup_query_count=100, startup_query_interval=31744, other_querier_present_interval=604800,
                     jitter=90, version=3, max_groups=16777216, max_sources_per_group=65535, max_hosts_per_group=65535),
    "interfaces": table("defaults.igmp", query_interval=90) + '[interface.eth0]\n'
                  + table("interface.wlan0.igmp", version=1) + table('interface."eth0.20".mld', version=2),
    "globs": table('interface."lan*".igmp', jitter=0) + table('interface."[[:digit:]]?".mld', enabled="true")
             + table("interface.lan1.igmp", proxy="true"),
    "vlans": table("defaults.igmp", proxy="true") + '[interface.eth0]\nvlans = "1-19,30, 4094"\n'
             + table("interface.eth0.igmp", version=3) + table("interface.eth0.vlan.20", address='"192.168.20.2/24"')
             + table("interface.eth0.vlan.21", address='"192.168.21.2"', prefix=24) + table("interface.eth0.vlan.21.mld"),
    "vlans-alone": table("interface.eth1.vlan.20.igmp", proxy="true") + table("interface.eth1.vlan.30.mld", version=1)
                   + table("interface.eth1.vlan.30.igmp", enabled="false"),
    "vlan-twice": '[interface.eth0]\nvlans = "10-30"\n[interface.eth0.vlan.20]\n',
    "vlan-with-interface": '[interface.eth0.vlan.20]\n[interface."eth0.20"]\n',
    "vlan-without-address": "[interface.eth0.vlan.20]\n",
    "address-of-two-vlans": table("interface.eth0.vlan.20", address='"192.0.2.1/24"')
                            + table("interface.eth0.vlan.30", address='"192.0.2.1/24"'),
    "one-is-off": table("defaults.igmp", enabled="false") + table("defaults.mld", enabled="true"),
    "both-are-off": table("interface.eth0.igmp", enabled="false"),
    "off-and-in-contradiction": table("defaults.igmp", enabled="false", query_interval=5, query_max_response_time=10)
                                + table("defaults.mld"),
    "many-digits": table("defaults.igmp", **{name: "12345.678912345678" for name in INTERVALS[:1]}),
    "any-querier": table("defaults.igmp", trusted_queriers='"any"') + table("interface.eth0.igmp", **LISTS),
    "listed-twice": table("defaults.igmp", trusted_queriers='["10.0.0.1"]', ignore_queriers='["10.0.0.0/8"]'),
    "held-though-flooded": table("defaults.igmp", hold='["224.0.0.251"]') + table("defaults.mld", hold='["ff02::fb"]'),
    "bits-behind-the-prefix": table("defaults.igmp", ignore_queriers='["10.0.0.1/8"]'),
    "prefix-of-the-other-family": table("defaults.mld", ignore_queriers='["10.0.0.0/8"]'),
    "answer-takes-too-long": table("defaults.igmp", query_interval=10, query_max_response_time=10),
    "older-version-cannot-carry-it": table("defaults.igmp", query_max_response_time=26),
    "takes-turns": table("defaults.igmp", query_interval=60, other_querier_present_interval=60),
    "slow-burst": table("defaults.igmp", query_interval=10, startup_query_interval=11),
    "inline-tables": 'defaults = {igmp = {jitter = 5}, mld = {}}\ninterface = {eth0 = {igmp = {version = 3}}}\n',
    "dotted": "defaults.igmp.jitter = 5\ninterface.eth0.mld.version = 1\n",
    "numbers": table("defaults.igmp", query_interval="+6_0.0e0", jitter="0x10", max_groups="0b11"),
    "no-numbers": table("defaults.igmp", query_interval="nan") + table("defaults.mld", jitter="inf"),
    "other-types": table("defaults.igmp", jitter='"25"') + table("defaults.mld", version="2026-01-15T20:14:03Z"),
    "text-of-many-lines": 'defaults.igmp.jitter = """a\nb\n"""\n',
    "escapes": 'interface."\\u0007\\n".igmp.jitter = 5\n',
    "unknown-keys": table("defaults.igmp", jiter=5) + table("default") + table("interface.eth0", jitter=5),
    "given-twice": table("defaults.igmp", jitter=5) * 2,
    "not-toml": "[defaults.igmp\njitter =\n",
    "broken-off-word": "[defaults.igmp]\nenabled = f\n",
    "not-utf8": b"[interface.\"caf\xe9\"]\n",
    "nul": b"[defaults.igmp]\0\n",
    "bom-and-crlf": b"\xef\xbb\xbf[defaults.igmp]\r\njitter = 5\r\n",
    "deep": "a = " + "[" * 300 + "]" * 300,
    "many-dots": ".".join("a" * 300) + " = 1\n",
    "no-name": '[interface.""]\n',
    "long-name": "[interface.abcdefghijklmnop]\n",
}

# Whom api_fuzz asks, as whom and how: in pieces, or hanging up.
DAEMON, EXPORTER, ROOT, HANGS_UP, SLOWLY = 0, 1, 2, 4, 8


def request(target, *headers, method="GET", whom=DAEMON, version="HTTP/1.1", host="localhost:9788", body=""):
    lines = [f"{method} {target} {version}", *([f"Host: {host}"] if host is not None else []), *headers, "", body]
    return chr(whom) + "\r\n".join(lines)


REQUESTS = {
    "status": request("/v1/status"),
    "status-of-a-part": request("/v1/status?interface=eth0&family=ipv6"),
    "status-of-an-odd-name": request("/v1/status?interface=caf%e9"),
    "groups": request("/v1/groups?limit=10"),
    "group": request("/v1/groups?group=ff02%3A%3afb"),
    "no-group": request("/v1/groups?group=192.0.2.1"),
    "hosts-of-http-1.0": request("/v1/hosts", version="HTTP/1.0"),
    "events": request("/v1/events"),
    "events-since": request("/v1/events?since=1&details=false", "Last-Event-ID: 2"),
    "events-of-old": request("/v1/events", "Last-Event-ID: 0"),
    "no-event": request("/v1/events?since=-1"),
    "query": request("/v1/query", method="POST"),
    "query-by-root": request("/v1/query?interface=eth0", method="POST", whom=ROOT),
    "query-with-a-body": request("/v1/query", "Content-Length: 2", method="POST", whom=ROOT, body="{}"),
    "pause-by-root": request("/v1/pause?interface=eth0&seconds=60", method="POST", whom=ROOT),
    "query-by-get": request("/v1/query", whom=ROOT),
    "query-with-chunks": request("/v1/query", "Transfer-Encoding: chunked", method="POST", body="2\r\n{}\r\n0\r\n\r\n"),
    "post-to-status": request("/v1/status", method="POST"),
    "nothing-there": request("/v1/nothing"),
    "root-of-all": request("/"),
    "no-parameter": request("/v1/status?limit=1"),
    "parameter-twice": request("/v1/groups?limit=1&limit=2"),
    "limits": request("/v1/groups?limit=16777217"),
    "bad-percent": request("/v1/groups?interface=%4"),
    "control-characters": request("/v1/groups?interface=%0d%0aX:%20y%00"),
    "no-http": "\0hello\r\n\r\n",
    "tls": b"\0\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "long-head": request("/", "X: " + "x" * 9000),
    "long-body": request("/v1/query", "Content-Length: 2000", method="POST"),
    "long-target": request("/v1/" + "x" * 3000),
    "two-lengths": request("/v1/query", "Content-Length: 2", "Content-Length: 3", method="POST", body="{}"),
    "length-and-chunks": request("/", "Content-Length: 2", "Transfer-Encoding: chunked", body="0\r\n\r\n"),
    "no-length": request("/", "Content-Length: -1"),
    "upgrade": request("/", "Connection: Upgrade", "Upgrade: websocket"),
    "expects": request("/v1/query", "Expect: 100-continue", "Content-Length: 2", method="POST"),
    "two-requests": request("/v1/status") + request("/v1/hosts")[1:],
    "hangs-up": request("/v1/status", whom=HANGS_UP)[:30],
    "hangs-up-after-all": request("/v1/groups", whom=HANGS_UP),
    "byte-by-byte": request("/v1/status", whom=SLOWLY),
    "proxy": request("http://elsewhere/v1/status"),
    "connect": request("elsewhere:443", method="CONNECT"),
    "any-method": request("*", method="OPTIONS"),
    "odd-method": request("/v1/status", method="M-SEARCH"),
    "folded-header": request("/v1/status", "X: a\r\n b"),
    "metrics": request("/metrics", "Accept-Encoding: gzip;q=0.5", whom=EXPORTER),
    "state": request("/v1/state", whom=EXPORTER),
    "history": request("/v1/history", whom=EXPORTER, host="[::1]:9788"),
    "stream": request("/v1/stream", "Last-Event-ID: 1", whom=EXPORTER, host="127.0.0.1"),
    "stream-of-old": request("/v1/stream", "Last-Event-ID: 99999999999999999999", whom=EXPORTER),
    "page": request("/", whom=EXPORTER),
    "post-to-the-exporter": request("/metrics", method="POST", whom=EXPORTER),
    "foreign-host": request("/metrics", whom=EXPORTER, host="evil.example"),
    "no-host": request("/metrics", whom=EXPORTER, host=None),
    "two-hosts": request("/metrics", "Host: evil.example", whom=EXPORTER),
    "own-name": request("/metrics", whom=EXPORTER, host="QUERIER.lan.:80"),
    "odd-host": request("/metrics", whom=EXPORTER, host="[::1]evil.example"),
}

# How client_fuzz takes the rest.
OCTETS, BODY, STREAM, EVENTS, EXPORTED = (chr(n) for n in range(5))
READERS = 7
STATUS = '{"interfaces": [{"interface-name": "eth0", "family": "ipv4", "healthy": true, "verdict": "all is well"}]}'
GROUPS = """{"groups": [{"interface-name": "eth0", "family": "ipv4", "group-address": "239.1.2.3", "filter-mode":
"exclude", "version": 2, "up-time": 300, "expire": 140, "last-reporter": null, "source": [], "host": []}]}"""
EVENT = ('{"id":7,"time":"2026-01-15T23:14:03.118Z","event":"group-added","priority":"debug",'
         '"message":"eth0: 239.1.2.3 has a member","interface-name":"eth0"}')


def answer(body, status="200 OK", *headers):
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", body])


DAEMONS = {
    "answer": OCTETS + answer(STATUS, "200 OK", f"Content-Length: {len(STATUS)}"),
    "answer-without-length": OCTETS + answer(GROUPS),
    "answer-in-chunks": OCTETS + answer("5\r\n{\"a\":\r\n2\r\n1}\r\n0\r\n\r\n", "200 OK", "Transfer-Encoding: chunked"),
    "answer-that-breaks-off": OCTETS + answer(STATUS, "200 OK", "Content-Length: 1000"),
    "error": OCTETS + answer('{"error": "no such interface"}', "400 Bad Request"),
    "error-of-somebody-else": OCTETS + answer("<html>", "502 Bad Gateway"),
    "no-answer": OCTETS,
    "no-http": OCTETS + "220 mail ESMTP\r\n",
    "slow": chr(8) + answer(GROUPS),
    "no-json": BODY + "<html>",
    "deep-json": BODY + "[" * 100 + "]" * 100,
    "long-json": BODY + "[" + "1," * 2000 + "1]",
    "numbers": BODY + "[1e999, -0, 18446744073709551616, 1e-400]",
    "texts": b"\x01[\"\\ud800\", \"\\u0000\", \"caf\xe9\"]",
    "status": BODY + STATUS,
    "groups": chr(1 | 1 << 4) + GROUPS,
    "stream": STREAM + answer(f"id: 7\nevent: group-added\ndata: {EVENT}\n\n", "200 OK", "Content-Type: text/event-stream"),
    "events": EVENTS + f"id: 7\nevent: group-added\ndata: {EVENT}\n\n" * 3,
    "events-with-crlf": EVENTS + f"data: {EVENT}\r\n\r\n: comment\r\nretry: 5\r\n\r\ndata:1\ndata:2\n\n",
    "event-of-many-lines": EVENTS + "data: {\ndata: }\n\n",
    "more-events-than-wanted": EVENTS + "data:{}\n\n" * 60,
    "no-events": EVENTS + "data: <html>\n\n",
    "exporter": EXPORTED + "\1" * 3,
    "exporter-without-groups": EXPORTED + "\1\0\0",
    **{f"as-it-should-be-{n}": bytes([5 | n << 4]) for n in range(READERS)},
    **{f"changes-{n}": bytes([5 | n % READERS << 4]) + bytes((n * 7 + i * i * 31) % 256 for i in range(60))
       for n in range(2 * READERS)},
}

SHORT_TEXTS = {
    "address": "192.0.2.1", "address-and-port": "127.0.0.1:9788", "any-address": "0.0.0.0:65535", "no-port": "127.0.0.1:",
    "port-zero": "127.0.0.1:0", "large-port": "[::1]:65536", "address6": "fe80::1", "address6-and-port": "[::1]:9788",
    "mapped-address": "::ffff:192.0.2.1", "zone": "fe80::1%eth0", "host": "Localhost.:80", "brackets": "[localhost]:80",
    "user": "localhost:80@evil.example", "prefix": "192.0.2.0/24", "wide-prefix": "0.0.0.0/0", "prefix6": "fe80::/10",
    "bits-behind": "192.0.2.1/24", "long-prefix": "192.0.2.1/33", "signed-prefix": "192.0.2.0/+24", "group": "239.255.250.214",
    "sacn": "239.255.0.1", "group6": "ff18::83:0:1:2", "mdns6": "ff02::fb", "node-group": "ff02::1:ff00:1",
    "number": "60", "fraction": "2.5", "exponent": "1e1", "hexadecimal": "0x10", "negative": "-1", "nan": "nan",
    "infinity": "inf", "tiny": "1e-400", "huge": "1" * 400, "largest-watchdog": "18446744073709551614", "watchdog": "30000000",
    "interface": "eth0.20", "glob": "lan[[:digit:]]*", "escape": "\x1b[31mred\x07", "direction": "a\u202eb", "umlaut": "Gerät",
    "overlong": b"\xc0\xaf", "surrogate": b"\xed\xa0\x80", "too-far": b"\xf4\x90\x80\x80", "nul": "eth0\0.1", "astral": "\U0001f600",
    "spaces": "a  b   " * 20, "long": "word " * 30, "names": "igmp:mld", "same-names": "igmp:igmp", "mac": "00:22:72:00:00:01",
    "registry": 'Registry,Assignment,Name\r\nMA-L,002272,"Maker, ""of"" cards",Street\r\n', "registry-nul": "MA-L,002272,Ma\0ker\n",
    "registry-long": "MA-L,002272," + "x" * 5000 + "\nMA-L,002272,Late\n", "registry-open": 'MA-L,002272,"Maker',
    "registry-spaces": "MA-L,002272,    \n",
}

WORDS = {
    "api": ["GET ", "POST ", "HEAD ", "HTTP/1.0", "HTTP/1.1", "\r\n", "/v1/status", "/v1/groups", "/v1/hosts", "/v1/events",
            "/v1/query", "/metrics", "/v1/state", "/v1/history", "/v1/stream", "?interface=", "&family=ipv6", "&limit=",
            "&group=", "&since=", "&details=true", "%", "Host: ", "localhost", "Last-Event-ID: ", "Accept-Encoding: ",
            "Content-Length: ", "Transfer-Encoding: chunked", "Expect: 100-continue", "Upgrade: ", "Connection: "],
    "client": ["HTTP/1.1 200 OK\r\n", "HTTP/1.1 400 Bad Request\r\n", "\r\n\r\n", "Content-Length: ", "Content-Encoding: ",
               "Transfer-Encoding: chunked", "data: ", "event: ", "id: ", "\n\n", '{"error": "', '{"interfaces": [', '{"groups": [',
               '{"hosts": [', "null", "true", "1e308", "\\ud800", *(f'"{name}": ' for name in """interface-name family message
               time event priority group-address host-address host source version expire up-time""".split())],
    "words": ["192.0.2.", "/24", ":9788", "[::1]", "localhost", "Querier.lan", "ff02::", "fe80::", "239.255.", "MA-L,002272,",
              '"', "\n", "1e", ".5", "\u202e", "4294967296", "18446744073709551614", "00:22:72:"],
    "config": [*KEYS, "[defaults.igmp]", "[defaults.mld]", "[interface.eth0.igmp]", '[interface."lan*".mld]', "[interface.eth0.vlan.20]", 'vlans = "', 'address = "',
               "prefix = 24", "true", "false", '"any"', '"warn"', '"ignore"', '"192.0.2.0/24"', '"fe80::/64"', "0.1", "31744", "65535"],
}


def dictionary(words):
    def escaped(word):
        return "".join(chr(o) if 32 <= o < 127 and o not in b'"\\' else f"\\x{o:02x}" for o in word.encode())
    return "".join(f'"{escaped(word)}"\n' for word in words)
