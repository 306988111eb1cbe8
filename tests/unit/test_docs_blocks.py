"""Blocks of commands in the docs can be pasted: they are shell or SQL, notes are comments, our commands exist.

They are run, too: those that `RUN_BY` names, by what it says.
"""

from __future__ import annotations

import subprocess

import click
import pytest

from crmtenant.cli import main
from tests.docs_blocks import ROOT, Block, blocks

BLOCKS_TEST = "tests/functional/docs/test_blocks.py"
#: by file, heading and language: what runs the blocks
RUN_BY = {
    ("README.md", "Sixty seconds", "bash"): "Makefile",
    ("README.md", "From registration to the first task", "bash"): BLOCKS_TEST,
    ("README.md", "Looking inside", "bash"): "tests/functional/test_pshell.py",
    ("operating.md", "Production on Debian", "bash"): ".ci/debian",
    ("operating.md", "Large objects", "sql"): BLOCKS_TEST,
    ("operating.md", "Large objects", "bash"): ".ci/debian",
    ("operating.md", "PostgreSQL's settings that matter", "sql"): BLOCKS_TEST,
    ("operating.md", "Servers", "bash"): "tests/integration/fleet/test_servers.py",
    ("operating.md", "Companies", "bash"): BLOCKS_TEST,
    ("operating.md", "Figures and quotas", "bash"): BLOCKS_TEST,
    ("operating.md", "Journal", "bash"): BLOCKS_TEST,
    ("operating.md", "Receipts", "bash"): BLOCKS_TEST,
    (
        "operating.md",
        "Verifying a receipt without crmtenant",
        "bash",
    ): "tests/functional/cli/test_receipts.py",
    ("operating.md", "Backups", "bash"): BLOCKS_TEST,
    ("operating.md", "When the catalog is lost", "bash"): "tests/functional/docs/test_lost_catalog.py",
    ("operating.md", "Secrets", "bash"): BLOCKS_TEST,
    ("operating.md", "Doctor", "bash"): BLOCKS_TEST,
    ("settings.md", "On a PostgreSQL server of your own", "sql"): BLOCKS_TEST,
}
PASTED = [block for block in blocks() if block.language in {"bash", "sql"}]


def test_every_block_of_commands_is_run_by_something() -> None:
    found = {(block.file, block.heading, block.language) for block in PASTED}
    assert found == set(RUN_BY)
    assert [runner for runner in set(RUN_BY.values()) if not (ROOT / runner).exists()] == []


def test_other_blocks_look_like_no_commands() -> None:
    """So that a block of commands is not forgotten for want of a word after its fence."""
    others = [block for block in blocks() if block not in PASTED]
    starts = (
        "crmtenant ",
        "apt-get ",
        "psql ",
        "make ",
        "curl ",
        "systemctl ",
        "CREATE ",
        "ALTER ",
        "REVOKE ",
    )
    assert [
        str(block) for block in others for line in block.text.splitlines() if line.startswith(starts)
    ] == []


@pytest.mark.parametrize("block", [block for block in PASTED if block.language == "bash"], ids=str)
def test_a_shell_can_read_it(block: Block) -> None:
    done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
    assert done.stderr == ""


@pytest.mark.parametrize("block", [block for block in PASTED if block.commands()], ids=str)
def test_its_commands_and_options_exist(block: Block) -> None:
    for _, arguments in block.commands():
        _parsed(main, "crmtenant", arguments)


def _parsed(command: click.Command, name: str, arguments: list[str]) -> None:
    """Parse the arguments to their end, without doing anything; raises where they mean nothing."""
    context = command.make_context(name, list(arguments), resilient_parsing=False)
    if isinstance(command, click.Group):
        rest = [*context._protected_args, *context.args]
        found_name, found, others = command.resolve_command(context, rest)
        assert found is not None, arguments
        _parsed(found, str(found_name), others)
