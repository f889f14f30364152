"""Reports that say something new every time: pairs of a host and its message."""

from harness.packets import IS_EX, IS_IN, address, ethernet, ipv4, record, report_v3


def groups():
    """Joins to 2^20 groups."""
    first = 0xEF000000
    for start in range(0, 1 << 20, 180):
        yield "192.0.2.99", report_v3(*[record(IS_EX, address(first + n)) for n in range(start, start + 180)])


def sources():
    """A million and a half sources, for 4096 groups."""
    for n in range(1 << 12):
        group = address(0xEF000000 + n)
        yield "192.0.2.99", report_v3(record(IS_IN, group, [address(0x0A000000 + 360 * n + i) for i in range(360)]))


def passing_sources():
    """A packet for each of 4096 groups: 360 sources, all of which it takes back."""
    for n in range(1 << 12):
        group = address(0xEF000000 + n)
        asked = record(IS_IN, group, [address(0x0A000000 + i) for i in range(354)])
        yield "192.0.2.99", report_v3(asked, record(IS_EX, group))


def hosts():
    """As many hosts as packets, on each of 180 groups."""
    for n in range(1 << 12):
        yield address(0x0A000000 + n), report_v3(*[record(IS_EX, address(0xEF000000 + g)) for g in range(180)])


FLOODS = [groups, sources, passing_sources, hosts]


def frames(flood):
    return [ethernet(ipv4(source, message)) for source, message in flood()]
