"""Finds the Chromium that the browser tests drive, or installs one: `python tests/browser/find_chromium.py --install`.

A missing browser is never a reason to skip: the tests fail with the one command that helps.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "fonts-dejavu-core")
MISSING = "There is no Chromium on this computer; run `make browser`, or install the package chromium and try again."


def find_chromium() -> str | None:
    """The path of a Chromium: one on PATH, else the one that Playwright installed, else None."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def apt_commands() -> list[list[str]]:
    """The commands that install Chromium with apt; none where there is no apt or no right to use it."""
    if shutil.which("apt-get") is None:
        return []
    if os.geteuid() == 0:
        before: list[str] = []
    elif shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        before = ["sudo", "-n"]
    else:
        return []
    install = ["apt-get", "install", "-y", "--no-install-recommends", *PACKAGES]
    return [[*before, "apt-get", "update"], [*before, *install]]


def install() -> str | None:
    """Install Chromium: with apt if that is allowed, else Playwright's own; gives its path, or None."""
    own = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    for commands in (apt_commands(), own):
        if commands and all(_run(command) for command in commands) and (found := find_chromium()):
            return found
    return None


def _run(command: Sequence[str]) -> bool:
    print(" ".join(command), file=sys.stderr, flush=True)  # noqa: T201  (a command of the Makefile)
    try:
        return subprocess.run(command, stdout=sys.stderr).returncode == 0
    except OSError:
        return False


def main(arguments: Sequence[str]) -> int:
    """Print the path of a Chromium; exit code 1 with one command to run if there is none and none can be installed."""
    found = find_chromium()
    if found is None and "--install" in arguments:
        found = install()
    if found is None:
        packages = " ".join(PACKAGES)
        print(  # noqa: T201
            f"No Chromium could be installed. Run this, then try again: sudo apt-get install -y {packages}",
            file=sys.stderr,
        )
        return 1
    print(found)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
