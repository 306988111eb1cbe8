"""Recovering the catalog."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from crmtenant.cli.backup import trust_foreign_option
from crmtenant.cli.company import as_json_option, yes_option
from crmtenant.cli.root import Commands, Context, pass_installation
from crmtenant.services.jobs.catalog_recovery import Recovered


@click.group(cls=Commands, epilog="\b\nExamples:\n  crmtenant catalog recover")
def catalog() -> None:
    """Recover the catalog: who the users are, and which companies they belong to."""


@catalog.command(
    epilog="""\b
    Examples:
      crmtenant catalog recover
      crmtenant catalog recover --restore-companies            on a new server, where no company's database is
      crmtenant catalog recover /mnt/_catalog-20261126T031500Z-3f9a1c.json --yes
    """
)
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--restore-companies",
    is_flag=True,
    help="Restore the newest backup of each company whose database is gone.",
)
@trust_foreign_option
@click.option(
    "--force",
    is_flag=True,
    help="Even a backup from which less, or something else, was restored than was saved: people and companies may be missing.",
)
@yes_option
@as_json_option
@pass_installation
def recover(
    installation: Context,
    file: Path | None,
    restore_companies: bool,
    trust_foreign: bool,
    force: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Restore the newest backup of the catalog, and bring it up to date with what the servers have.

    Nobody is served meanwhile. The catalog that there is, if any, is kept beside it, closed. Companies founded, moved or
    restored since the backup are found by what their databases say of themselves. When it is interrupted, repeat it.
    """
    if (trust_foreign or force) and file is None:
        raise click.UsageError("With --trust-foreign or --force, name the file.")
    with installation.recovery() as recovery:
        path = file or recovery.newest_backup()
        _confirm(f"Recover the catalog from {path.name}? Nobody is served meanwhile.", is_confirmed=yes)
        kept = recovery.restore(path, is_foreign=trust_foreign, is_forced=force)
        found = []
        for one in recovery.reconcile(is_restoring=restore_companies):
            found.append(one)
            if not as_json:
                click.echo(_sentence(one))
        _confirm("Serve everybody from this catalog now?", is_confirmed=yes)
        recovery.open()
    if as_json:
        answer = {"backup": str(path), "kept": kept, "companies": found}
        click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
        return
    if kept:
        click.echo(f"The catalog that there was is kept as the database {kept}.")
    click.echo(f"Recovered from {path.name}.")


def _sentence(one: Recovered) -> str:
    return f"{one.about}  {one.outcome}" + (f": {one.hint}" if one.hint else "")


def _confirm(question: str, *, is_confirmed: bool) -> None:
    if not is_confirmed:
        click.confirm(question, abort=True, err=True)
