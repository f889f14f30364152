"""The check tools accept a tree that keeps the rules, and name each violation that is planted."""

import json
import pathlib
import re
import subprocess
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).parents[2] / "tools"

REQUIREMENTS = "id\trfc\tlevel\trequirement\tstatus\ttests\treason\n"
COMPLIANCE = "name\tsection\trows\treason\n"
SECTIONS = "rfc\tsection\ttitle\n9776\t8.4\tGroup Membership Interval\n1112\tI\tIGMP\n"


class CheckTool(unittest.TestCase):
    tool = ""
    tree = {}

    def run_on(self, changes):
        """The exit status and the output of the tool on its tree with these files changed."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {**self.tree, **changes}.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            command = [TOOLS / self.tool, *self.arguments, "--root", folder]
            done = subprocess.run(command, text=True, capture_output=True)
            return done.returncode, done.stdout + done.stderr

    arguments = []

    def assert_accepted(self, changes):
        self.assertEqual(self.run_on(changes), (0, ""))

    def assert_refused(self, changes, message):
        status, output = self.run_on(changes)
        self.assertEqual(status, 1, output)
        self.assertIn(message, output)
        self.assertNotIn("Traceback", output)


class CheckCpp(CheckTool):
    tool = "check-cpp"
    FAULTY = "int f(const int* p) {\n  if (p == nullptr) return *p;{}\n  return 0;\n}\n"
    MARK = "  // cppcheck-suppress nullPointerRedundantCheck"
    tree = {"src/api/a.cpp": "int g(int a) { return a; }\n"}

    def test_accepts_what_is_sound_or_marked(self):
        self.assert_accepted({})
        self.assert_accepted({"src/os/a.cpp": self.FAULTY.replace("{}", self.MARK)})

    def test_refuses_a_fault(self):
        self.assert_refused({"src/os/a.cpp": self.FAULTY.replace("{}", "")}, "src/os/a.cpp:2")


class CheckLayers(CheckTool):
    tool = "check-layers"
    tree = {"src/base/time.hpp": "#include <chrono>\n"}

    def test_accepts_what_is_to_the_left(self):
        for name, include in {
            "src/wire/a.cpp": '"base/time.hpp"', "src/core/b.cpp": '"wire/message.hpp"',
            "src/core/c.cpp": "<vector>", "src/os/d.cpp": "<sys/socket.h>",
            "src/text/e.cpp": '"os/fd.hpp"', "src/cli/f.cpp": '"daemon/daemon.hpp"',
            "src/base/g.hpp": "<arpa/inet.h>", "src/config/h.cpp": '"wire/time_code.hpp"',
            "src/exporter/i.cpp": '"client/api_client.hpp"', "src/monitor/j.cpp": '"http/event_stream.hpp"',
        }.items():
            with self.subTest(name):
                self.assert_accepted({name: f"#include {include}\n"})

    def test_refuses_what_is_not(self):
        for name, include in {
            "src/base/a.hpp": '"wire/bytes.hpp"', "src/wire/b.cpp": '"core/querier.hpp"',
            "src/core/c.cpp": '"wire/igmp.hpp"', "src/core/d.cpp": '"os/clock.hpp"',
            "src/os/e.cpp": '"wire/message.hpp"', "src/api/f.cpp": '"cli/run.hpp"',
            "src/http/g.cpp": '"monitor/log.hpp"', "src/exporter/h.cpp": '"instance/instance.hpp"',
            "src/instance/i.cpp": '"api/health.hpp"', "src/config/j.cpp": '"wire/igmp.hpp"',
        }.items():
            with self.subTest(name):
                room = name.split("/")[1]
                self.assert_refused({name: f"// why\n#  include {include}\n"},
                                    f"{name}:2: {room}/ must not include {include}")

    def test_refuses_a_way_from_the_configuration_to_an_event_loop(self):
        steps = {"src/config/a.cpp": '#include "config/a.hpp"\n', "src/config/a.hpp": '#include "core/b.hpp"\n'}
        self.assert_accepted({**steps, "src/core/b.hpp": "#include <vector>\n"})
        self.assert_refused({**steps, "src/core/b.hpp": "#include <boost/asio/io_context.hpp>\n"},
                            "config/a.cpp -> config/a.hpp -> core/b.hpp -> boost/asio/io_context.hpp")
        loop = {"src/daemon/d.hpp": "#include <boost/asio/io_context.hpp>\n"}
        self.assert_accepted({**loop, "src/cli/run.cpp": '#include "daemon/d.hpp"\n'})
        self.assert_refused({**loop, "src/cli/check_config.cpp": '#include "daemon/d.hpp"\n'},
                            "src/cli/check_config.cpp: must not lead to boost/asio/io_context.hpp")

    def test_refuses_system_headers_in_pure_rooms(self):
        for header in ("sys/socket.h", "arpa/inet.h", "thread", "random", "iostream", "unistd.h", "boost/asio.hpp"):
            with self.subTest(header):
                self.assert_refused({"src/core/a.cpp": f"#include <{header}>\n"},
                                    f"src/core/a.cpp:1: core/ must not include <{header}>")

    def test_refuses_a_clock_in_the_core_and_nowhere_else(self):
        self.assert_refused({"src/wire/a.cpp": "auto t = Clock::now ();\n"}, "now is a parameter")
        self.assert_accepted({"src/os/a.cpp": "auto t = Clock::now();\n"})
        self.assert_accepted({"src/core/a.cpp": "// it has no now()\nstep(now);\n"})

    def test_refuses_an_unknown_room_and_a_path_without_one(self):
        self.assert_refused({"src/util/a.hpp": "\n"}, "'util' is not a room")
        self.assert_refused({"src/api/a.cpp": '#include "b.hpp"\n'}, '"b.hpp" names no room')

    def test_does_not_pass_on_an_empty_tree(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([TOOLS / self.tool, "--root", folder], capture_output=True)
            self.assertEqual(done.returncode, 2)


def row(id_="IGMP-F-01", rfc="RFC 9776 §8.4", level="MUST", requirement="what", status="tested",
        tests="unit:Suite.Works", reason=""):
    return "\t".join((id_, rfc, level, requirement, status, tests, reason)) + "\n"


def the_other_rows():
    """Rows that are right, for all numbers that must be there but the first of them."""
    numbers = {"IGMP-F": 26, "IGMP-R": 34, "IGMP-Q": 34, "IGMP-T": 14, "IGMP-M": 14, "IGMP-S": 27,
               "IGMP-X": 19, "IGMP-C": 15, "MLD-F": 17, "MLD-R": 21, "MLD-Q": 16, "MLD-S": 11,
               "MLD-C": 6, "SNP": 11, "MRD": 31, "SSM": 5, "VLAN": 10, "RA": 4, "LW": 3, "D": 9}
    ids = [f"{prefix}-{number:02}" for prefix, last in numbers.items() for number in range(1, last + 1)]
    return [row(id_) for id_ in ids[1:]]


class CheckRfc(CheckTool):
    tool = "check-rfc"
    arguments = ["--write"]
    tree = {
        "docs/conformance.md": "",
        "tests/rfc/requirements.tsv": REQUIREMENTS + row() + "".join(the_other_rows()),
        "tests/rfc/compliance.tsv": COMPLIANCE + "ANVL-IGMP-2.1\tRFC 2236 §7\tIGMP-F-02\t\n",
        "tests/rfc/sections.tsv": SECTIONS,
        "tests/unit/a_test.cpp": "TEST(Suite, Works) {}  // IGMP-F-01\n",
        "tests/sim/b_test.cpp": "TYPED_TEST(Suite, Runs) {}\n",
        "tests/lab/protocol/test_c.py": "def test_flows(lab):\n    pass\n",
        "tests/fuzz/packet_fuzz.cpp": "\n",
    }

    def with_rows(self, *rows):
        return {"tests/rfc/requirements.tsv": "".join((REQUIREMENTS, *rows, *the_other_rows()))}

    def test_accepts_every_kind_of_test_and_status(self):
        for change in (
            {"tests": "unit:Suite.Works, sim:Suite.Runs"}, {"tests": "lab:test_c.py::test_flows"},
            {"tests": "fuzz:packet"}, {"rfc": "-", "level": "policy"},
            {"status": "decided-against", "reason": "the default differs"},
        ):
            with self.subTest(change):
                self.assert_accepted(self.with_rows(row(**change)))

    def test_finds_properties_written_over_two_lines(self):
        self.assert_accepted({"tests/unit/a_test.cpp": "RC_GTEST_PROP(Suite, Works,\n (int)) {}\n"})

    def test_refuses_a_row_that_proves_nothing(self):
        for change, message in (
            ({"tests": ""}, "no test, but the status says that it is tested"),
            ({"tests": "unit:Suite.Other"}, "no such test: unit:Suite.Other"),
            ({"tests": "sim:Suite.Works"}, "no such test: sim:Suite.Works"),
            ({"tests": "lab:test_c.py::test_other"}, "no such test: lab:test_c.py::test_other"),
            ({"tests": "fuzz:other"}, "no such test: fuzz:other"),
            ({"status": "decided-against"}, "no reason for 'decided-against'"),
            ({"status": "someday"}, "'someday' is not a status"),
            ({"level": "OUGHT"}, "'OUGHT' is not a level"),
            ({"rfc": "somewhere"}, "'somewhere' is not an RFC"),
            ({"requirement": ""}, "no requirement"),
            ({"rfc": "RFC 9776 §8.99"}, "RFC 9776 has no section 8.99"),
        ):
            with self.subTest(message):
                self.assert_refused(self.with_rows(row(**change)),
                                    f"requirements.tsv:2: {message}" if "section" in message
                                    else f"requirements.tsv:2: IGMP-F-01: {message}")

    def test_writes_the_table_that_users_read(self):
        against = row(id_="IGMP-F-02", status="decided-against", tests="", reason="a | b")
        others = [r for r in the_other_rows() if not r.startswith("IGMP-F-02")]
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            rows = "".join((REQUIREMENTS, row(), against, *others))
            published = self.with_tests(*[(f"ANVL-IGMP-{number}", "RFC 2236", "none", "about a host")
                                          for number in ("1.1", "2.1", "2.2", "2.3", "2.5", "2.6", "3.7")],
                                        ("ANVL-IPV6-MLD-1.1", "RFC 2710", "IGMP-F-02", "by default"))
            for name, text in {**self.tree, "tests/rfc/requirements.tsv": rows, **published}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            check = [TOOLS / self.tool, "--root", folder]
            self.assertEqual(subprocess.run(check, capture_output=True).returncode, 1)
            self.assertEqual(subprocess.run([*check, "--write"], capture_output=True).returncode, 0)
            self.assertEqual(subprocess.run(check, capture_output=True).returncode, 0)
            text = (root / "docs/conformance.md").read_text()
        self.assertIn("1 were decided against", text)
        self.assertIn("| yes (unit) |", text)
        self.assertIn(r"| no: a \| b |", text)
        self.assertIn("Of 8 tests 1 ask about statements above, 1 of them with a remark; 7 do not:", text)
        self.assertIn("- 7: about a host", text)
        self.assertIn("| 1.1, 2.1 to 2.3, 2.5, 2.6, 3.7 | none | about a host |", text)
        self.assertIn("| 1.1 | IGMP-F-02 | by default |", text)

    @staticmethod
    def with_tests(*lines):
        return {"tests/rfc/compliance.tsv": COMPLIANCE + "".join("\t".join(line) + "\n" for line in lines)}

    def test_accepts_published_tests_in_their_order(self):
        self.assert_accepted(self.with_tests(
            ("ANVL-IGMP-2.9", "RFC 2236", "IGMP-F-01, IGMP-F-02", "by default"),
            ("ANVL-IGMP-2.10", "RFC 2236 §3, §7", "IGMP-F-01", ""),
            ("ANVL-IGMPV3-1.1", "RFC 2710 §3, RFC 2460 §4", "none", "about a host")))

    def test_refuses_published_tests_that_are_mapped_to_nothing(self):
        good = ("ANVL-IGMP-2.10", "RFC 2236 §3", "IGMP-F-01", "")
        for lines, message in (
            ([good, good], "3: ANVL-IGMP-2.10 is there twice, or does not come after ANVL-IGMP-2.10"),
            ([good, ("ANVL-IGMP-2.9", *good[1:])], "3: ANVL-IGMP-2.9 is there twice, or does not come after"),
            ([("ANVL-IGMPV3-1.1", *good[1:]), good], "3: ANVL-IGMP-2.10 is there twice, or does not come after"),
            ([("IGMP-2.10", *good[1:])], "2: 'IGMP-2.10' is not the name of a test"),
            ([(good[0], "section 3", *good[2:])], "2: ANVL-IGMP-2.10: 'section 3' is not an RFC and its sections"),
            ([(*good[:2], "none", "")], "2: ANVL-IGMP-2.10: no reason for 'none'"),
            ([(*good[:2], "", "")], "2: ANVL-IGMP-2.10: no such row: "),
            ([(*good[:2], "IGMP-F-01, IGMP-F-99", "")], "2: ANVL-IGMP-2.10: no such row: IGMP-F-99"),
            ([good[:3]], "2: not 4 columns"),
        ):
            with self.subTest(message):
                self.assert_refused(self.with_tests(*lines), f"compliance.tsv:{message}")

    def test_refuses_a_published_test_of_what_was_decided_against_without_a_word(self):
        against = row(status="decided-against", tests="", reason="the default differs")
        test = ("ANVL-IGMP-2.1", "RFC 2236 §7", "IGMP-F-01")
        self.assert_refused({**self.with_rows(against), **self.with_tests((*test, ""))},
                            "compliance.tsv:2: ANVL-IGMP-2.1: a row was decided against")
        self.assert_accepted({**self.with_rows(against), **self.with_tests((*test, "60 s by default"))})

    def test_refuses_a_table_that_says_something_else(self):
        self.arguments = []
        self.assert_refused({}, "docs/conformance.md does not say what tests/rfc says")

    def test_refuses_a_line_of_another_shape(self):
        self.assert_refused(self.with_rows(row(), "IGMP-F-27\tRFC 9776 §8.4\n"),
                            "requirements.tsv:3: not 7 columns")

    def test_refuses_gaps_and_doubles(self):
        self.assert_refused(self.with_rows(), "IGMP-F-01 is missing")
        self.assert_refused({"tests/rfc/requirements.tsv": REQUIREMENTS + row()},
                            "IGMP-T-14 is missing")
        self.assert_refused(self.with_rows(row(), row()), "IGMP-F-01 is there twice")

    def test_refuses_an_id_without_a_row(self):
        self.assert_refused({"src/core/a.cpp": "// SNP-12\n"}, "src/core/a.cpp: SNP-12 is no row")

    def test_refuses_citations_of_sections_that_do_not_exist(self):
        for text, message in (
            ("/// (RFC 9776 §8.5)", "RFC 9776 has no section 8.5"),
            ("/// (RFC 9776 §8.4, §8.99).", "RFC 9776 has no section 8.99"),
            ("/// by RFC 9776\n  /// §7.3.9", "RFC 9776 has no section 7.3.9"),
            ("// RFC 1112, appendix X", "RFC 1112 has no section X"),
            ("// RFC 1 §2", "RFC 1 has no section 2"),
        ):
            with self.subTest(text):
                self.assert_refused({"src/core/a.cpp": text + "\n"}, message)

    def test_accepts_citations_of_sections_that_do(self):
        self.assert_accepted({"src/core/a.cpp": "// RFC 9776\n// §8.4. RFC 1112, appendix I; RFC 8652\n"})


class CheckDocs(CheckTool):
    tool = "check-docs"
    README = "# A\n\n## Part `one`: x\n\n[b](docs/b.md) [here](#part-one-x) [far](https://a.example/b)\n"
    tree = {"README.md": README, "docs/b.md": "# B\n\n[back](../README.md#part-one-x)\n",
            "docs/decisions/0001-c.md": "# 1. C\n\n[b](../b.md#b)\n"}

    def test_accepts_links_that_resolve_and_what_is_code(self):
        self.assert_accepted({})
        self.assert_accepted({"docs/b.md": "# B\n\n`[x](no.md)`\n\n```sh\n# [x](no.md)\n```\n"})

    def test_refuses_a_link_to_no_file(self):
        self.assert_refused({"docs/b.md": "# B\n\n[c](c.md)\n"}, "docs/b.md:3: no file 'c.md'")
        self.assert_refused({"tests/lab/README.md": "[c](c.md)\n"}, "tests/lab/README.md:1: no file 'c.md'")

    def test_refuses_an_anchor_without_heading(self):
        self.assert_refused({"docs/b.md": "# B\n\n[c](#c)\n\n```sh\n# c\n```\n"}, "docs/b.md:3: no heading '#c' in b.md")
        self.assert_refused({"docs/decisions/0001-c.md": "[b](../b.md#c)\n"}, "0001-c.md:1: no heading '#c' in b.md")

    def test_refuses_a_page_that_the_readme_does_not_link(self):
        self.assert_refused({"docs/d.md": "# D\n"}, "README.md: no link to docs/d.md")

    def test_refuses_a_long_readme(self):
        self.assert_accepted({"README.md": self.README + "\n" * 215})
        self.assert_refused({"README.md": self.README + "\n" * 216}, "README.md: 221 lines, 220 are allowed")


class Format(CheckTool):
    tool = "format"
    arguments = ["--check"]
    tree = {".clang-format": "BasedOnStyle: Google\n", "src/a.cpp": "int main() { return 0; }\n"}

    def test_accepts_what_is_formatted(self):
        self.assert_accepted({"tests/b.hpp": "int b();\n"})

    def test_refuses_what_is_not(self):
        for name in ("src/b.cpp", "tests/b.hpp", "bench/b.cpp", "tools/b.cpp"):
            with self.subTest(name):
                self.assert_refused({name: "int  b( );\n"}, name)

    def test_rewrites_without_check(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "src/a.cpp")
            path.parent.mkdir()
            path.write_text("int  b( );\n")
            pathlib.Path(folder, ".clang-format").write_text("BasedOnStyle: Google\n")
            subprocess.run([TOOLS / self.tool, "--root", folder], check=True)
            self.assertEqual(path.read_text(), "int b();\n")


class Presets(unittest.TestCase):
    """Each states every option, so that what it builds does not depend on what its folder was configured for before."""

    def setUp(self):
        root = TOOLS.parent
        sources = [root / "CMakeLists.txt", *root.glob("cmake/*.cmake")]
        self.options = {"CMAKE_COMPILE_WARNING_AS_ERROR"}
        for source in sources:
            self.options |= set(re.findall(r"^option\((\w+)", source.read_text(), re.M))
        presets = json.loads((root / "CMakePresets.json").read_text())["configurePresets"]
        self.presets = {preset["name"]: preset for preset in presets}

    def stated_by(self, name):
        preset = self.presets[name]
        inherited = self.stated_by(preset["inherits"]) if "inherits" in preset else {}
        return inherited | preset.get("cacheVariables", {})

    def unstated(self):
        return {name: missing for name, preset in self.presets.items() if not preset.get("hidden")
                if (missing := self.options - self.stated_by(name).keys())}

    def test_each_states_every_option(self):
        self.assertIn("IGMP_QUERIER_PAGE", self.options)
        self.assertEqual(self.unstated(), {})

    def test_one_that_does_not_is_noticed(self):
        del self.presets["base"]["cacheVariables"]["IGMP_QUERIER_BENCH"]
        self.assertEqual(self.unstated()["release"], {"IGMP_QUERIER_BENCH"})

    def test_only_developers_builds_end_at_a_warning(self):
        strict = {name for name in self.presets if self.stated_by(name)["CMAKE_COMPILE_WARNING_AS_ERROR"] == "ON"}
        self.assertTrue({"dev", "check"} <= strict)
        self.assertNotIn("release", strict)

    def test_what_is_installed_has_the_page(self):
        self.assertEqual(self.stated_by("release")["IGMP_QUERIER_PAGE"], "ON")


if __name__ == "__main__":
    unittest.main()
