"""tools/release in a repository of its own: what it refuses, what it says it would do, and what it does. And
packaging/check-reproducible, with builds that are made up."""

import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).parents[2]
RELEASE = ROOT / "tools/release"
FILES = {
    "CMakeLists.txt": "project(igmp-querier VERSION 2.1.0 LANGUAGES CXX)\n",
    "CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n\n## [2.1.0] - 2027-01-31\n\n### Added\n\n- A thing.\n\n## [2.0.0] - 2026-11-30\n\n- All.\n",
    "debian/changelog": "igmp-querier (2.0.0) unstable; urgency=medium\n\n  * First package.\n\n"
                        " -- Authors <a@example.invalid>  Mon, 30 Nov 2026 12:00:00 +0000\n",
    "packaging/build-packages": "#!/bin/sh\necho \"built: $*\"\n",
    "sudo": "#!/bin/sh\nexec \"$@\"\n",
}
TOP = ("igmp-querier (2.1.0) unstable; urgency=medium\n\n  * New version; its changelog says what is new.\n\n"
       " -- Authors <a@example.invalid>  Sun, 31 Jan 2027 12:00:00 +0000\n\nigmp-querier (2.0.0)")


class Release(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.env = {**os.environ, "PATH": f"{self.root}:{os.environ['PATH']}", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
        for role in "AUTHOR", "COMMITTER":
            self.env |= {f"GIT_{role}_NAME": "Somebody", f"GIT_{role}_EMAIL": "s@example.invalid"}
        self.git("init", "--quiet")
        self.commit(FILES)

    def git(self, *arguments):
        return subprocess.run(["git", *arguments], cwd=self.root, env=self.env, check=True, capture_output=True, text=True).stdout

    def write(self, files):
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            path.chmod(0o755 if text.startswith("#!") else 0o644)

    def commit(self, files):
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Work")

    def release(self, *arguments):
        done = subprocess.run([RELEASE, "--root", self.root, *arguments], env=self.env, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def state(self):
        return self.git("rev-parse", "HEAD"), self.git("status", "--porcelain"), self.git("tag")

    def assert_refused(self, message, version="2.1.0"):
        before = self.state()
        self.assertEqual(self.release(version), (1, f"release: {message}\n"))
        self.assertEqual(self.state(), before)

    def test_refuses_what_is_no_version(self):
        self.assert_refused("'2.1' is no version such as 2.0.0", "2.1")

    def test_refuses_a_tree_with_changes(self):
        self.write({"notes": "mine\n"})
        self.assert_refused("notes is not committed: commit or remove it")

    def test_refuses_another_version_than_the_programs(self):
        self.assert_refused("CMakeLists.txt has version 2.1.0: set it to 2.2.0", "2.2.0")

    def test_refuses_a_version_without_changes(self):
        missing = "CHANGELOG.md has no section '## [2.1.0] - YYYY-MM-DD': give the unreleased changes this title"
        for text in FILES["CHANGELOG.md"].replace("## [2.1.0] - 2027-01-31\n", ""), "## [2.1.0] - 2027-01-31\n\n## [2.0.0] - 2026-11-30\n":
            self.commit({"CHANGELOG.md": text})
            self.assert_refused(missing)
        self.commit({"CHANGELOG.md": FILES["CHANGELOG.md"].replace("2027-01-31", "2027-01-32")})
        self.assert_refused("CHANGELOG.md dates 2.1.0 '2027-01-32', which is no date such as 2026-01-31")

    def test_refuses_a_version_that_is_released_or_passed(self):
        self.git("tag", "v2.1.0")
        self.assert_refused("there is a tag v2.1.0 already: take the next version")
        self.git("tag", "--delete", "v2.1.0")
        self.commit({"debian/changelog": FILES["debian/changelog"].replace("2.0.0", "2.10.0")})
        self.assert_refused("debian/changelog is at 2.10.0 already: take a later version than 2.1.0")

    def test_a_dry_run_changes_nothing(self):
        before = self.state()
        status, said = self.release("2.1.0", "--dry-run")
        self.assertEqual((status, said.splitlines()), (0, [
            "would write debian/changelog: igmp-querier (2.1.0) unstable; urgency=medium, 2027-01-31",
            "would git commit: Release 2.1.0", "would run packaging/build-packages --all", "would git tag v2.1.0"]))
        self.assertEqual(self.state(), before)

    def test_dates_commits_builds_and_tags(self):
        status, said = self.release("2.1.0")
        self.assertEqual(status, 0, said)
        self.assertTrue((self.root / "debian/changelog").read_text().startswith(TOP))
        self.assertEqual(self.git("log", "-1", "--format=%s"), "Release 2.1.0\n")
        self.assertEqual(self.git("rev-parse", "v2.1.0^{commit}"), self.git("rev-parse", "HEAD"))
        self.assertIn("### Added\n\n- A thing.\n", self.git("tag", "--list", "--format=%(contents)", "v2.1.0"))
        self.assertIn("built: --all", said)
        self.assertIn("git push origin HEAD v2.1.0", said)
        self.assertEqual(self.git("status", "--porcelain"), "")

    def test_a_changelog_that_has_the_version_gets_the_date(self):
        self.commit({"debian/changelog": FILES["debian/changelog"].replace("2.0.0", "2.1.0")})
        self.assertEqual(self.release("2.1.0")[0], 0)
        self.assertEqual((self.root / "debian/changelog").read_text(),
                         FILES["debian/changelog"].replace("2.0.0", "2.1.0").replace("Mon, 30 Nov 2026", "Sun, 31 Jan 2027"))

    def test_tags_nothing_that_was_not_built(self):
        self.commit({"packaging/build-packages": "#!/bin/sh\nexit 1\n"})
        status, said = self.release("2.1.0")
        self.assertEqual(status, 1)
        self.assertIn("the packages were not built, and nothing is tagged", said)
        self.assertEqual(self.git("tag"), "")
        self.write({"packaging/build-packages": FILES["packaging/build-packages"]})
        self.git("commit", "--quiet", "--all", "--message", "Correct the build")
        self.assertEqual(self.release("2.1.0")[0], 0)


class CheckReproducible(unittest.TestCase):
    def run_with(self, build):
        """The exit status and the output of the check, whose builds are this shell command."""
        with tempfile.TemporaryDirectory() as folder:
            command = pathlib.Path(folder, "dpkg-buildpackage")
            command.write_text(f"#!/bin/sh\n{build}\n")
            command.chmod(0o755)
            done = subprocess.run([ROOT / "packaging/check-reproducible"], capture_output=True, text=True,
                                  env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"})
            return done.returncode, done.stdout + done.stderr

    def test_accepts_the_same_bytes(self):
        status, said = self.run_with("test -f debian/rules && echo same >../a.deb")
        self.assertEqual((status, said.splitlines()[-1]), (0, "The packages of both builds have the same bytes."))

    def test_refuses_what_depends_on_where_or_how_it_was_built(self):
        for build in "pwd >../a.deb", "umask >../a.deb":
            status, said = self.run_with(build)
            self.assertEqual((status, said.splitlines()[-1]),
                             (1, "check-reproducible: the packages differ; diffoscope shows where"))

    def test_shows_why_a_build_failed(self):
        status, said = self.run_with("echo no compiler; exit 1")
        self.assertEqual((status, said), (1, "no compiler\ncheck-reproducible: the build failed; its last lines are above\n"))


if __name__ == "__main__":
    unittest.main()
