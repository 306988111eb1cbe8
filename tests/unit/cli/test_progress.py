"""What a command says about its progress where nobody watches a terminal."""

import pytest

from crmtenant.cli.progress import progress, steps


@pytest.mark.parametrize("total", [10, 1000, 12345])
def test_a_long_command_prints_a_line_for_each_tenth(capsys, total):
    with progress("Saving", total) as advance:
        for number in range(total):
            advance(f"company-{number}")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 10
    assert lines[-1].startswith(f"Saving: {total} of {total}, ")


def test_a_short_command_prints_a_line_for_each_item(capsys):
    with progress("Saving", 3) as advance:
        for number in range(3):
            advance(f"company-{number}")
    assert len(capsys.readouterr().err.splitlines()) == 3


def test_how_long_the_rest_takes_goes_by_weight(capsys, monkeypatch):
    seconds = iter([0.0, 90.0, 95.0, 100.0])
    monkeypatch.setattr("crmtenant.cli.progress.time.monotonic", lambda: next(seconds))
    with progress("Moving", 3, weight=100) as advance:
        for name, weight in (("large", 90), ("small", 5), ("tiny", 5)):
            advance(name, weight)
    assert capsys.readouterr().err.splitlines() == [
        "Moving: 1 of 3, 0.0 a second, 10 s left (large)",
        "Moving: 2 of 3, 0.0 a second, 5 s left (small)",
        "Moving: 3 of 3, 0.0 a second, 0 s left (tiny)",
    ]


def test_steps_of_a_kind_are_told_once(capsys):
    tell = steps("northwind")
    for step in ("copied 1 of 3 tables", "copied 2 of 3 tables", "catching up", "copied 3 of 3 tables"):
        tell(step)
    assert capsys.readouterr().err == "northwind: copied 1 of 3 tables\nnorthwind: catching up\n"
