"""Processes of the tests start at once, because everything was imported before."""

import sys

from tests.forks import forked


def _exit_with_what_is_imported() -> None:
    # An import that fails in the server that forks them is not told: each process would import everything for itself.
    raise SystemExit(0 if "tests.preloaded" in sys.modules else "tests.preloaded cannot be imported")


def test_a_forked_process_finds_everything_imported() -> None:
    process = forked(_exit_with_what_is_imported)
    process.join(60)
    assert process.exitcode == 0
