"""Marks that processes share."""

from __future__ import annotations

import os

from crmtenant.shared_marks import SharedMarks


def test_a_mark_changes_with_any_of_its_names_and_with_no_other() -> None:
    marks = SharedMarks()
    before = marks.of("c_north", "u_anna")
    marks.change("c_south")
    assert marks.of("c_north", "u_anna") == before
    marks.change("u_anna")
    changed = marks.of("c_north", "u_anna")
    marks.change("c_north")
    assert len({before, changed, marks.of("c_north", "u_anna")}) == 3


def test_what_a_forked_process_changes_the_others_see() -> None:
    marks = SharedMarks()
    before = marks.of("u_anna")
    if not (child := os.fork()):
        marks.change("u_anna")
        os._exit(0)
    os.waitpid(child, 0)
    assert marks.of("u_anna") != before
