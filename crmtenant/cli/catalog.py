"""Recovering the catalog."""

from __future__ import annotations

from pathlib import Path

import click

from crmtenant.cli.arguments import FILE, SERVER
from crmtenant.cli.backup import trust_foreign_option
from crmtenant.cli.company import as_json_option, yes_option
from crmtenant.cli.root import Commands, Context, pass_installation
from crmtenant.cli.tables import print_json
from crmtenant.errors import OperatorError
from crmtenant.services.jobs.catalog_recovery import CatalogRecovery, Recovered


@click.group(cls=Commands, epilog="\b\nExamples:\n  crmtenant catalog recover")
def catalog() -> None:
    """Recover the catalog: who the users are, and which companies they belong to."""


@catalog.command(
    epilog="""\b
    Examples:
      crmtenant catalog recover
      crmtenant catalog recover --restore-companies            on a new server, where no company's database is
      crmtenant catalog recover --restore-companies --gone berlin2
      crmtenant catalog recover /mnt/_catalog-20261126T031500Z-3f9a1c.json --yes
    """
)
@click.argument("file", required=False, type=FILE)
@click.option(
    "--restore-companies",
    is_flag=True,
    help="Restore the newest backup of each company whose database is gone.",
)
@trust_foreign_option
@click.option(
    "--gone",
    multiple=True,
    type=SERVER,
    metavar="SERVER",
    help="This server is lost: its companies belong on the others. May be given several times.",
)
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
    gone: tuple[str, ...],
    trust_foreign: bool,
    force: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Restore the newest backup of the catalog that can be restored, and bring it up to date with what the servers have.

    Nobody is served meanwhile. The catalog that there is, if any, is kept beside it, closed. Companies founded, moved or
    restored since the backup are found by what their databases say of themselves, and so are servers, and who joined or
    left. When it is interrupted, repeat it.
    """
    if (trust_foreign or force) and file is None:
        raise click.UsageError("With --trust-foreign or --force, name the file.")
    with installation.recovery() as recovery:
        if file is None:
            path, kept = _restore_newest(recovery, is_confirmed=yes)
        else:
            _confirm_fencing(file, is_confirmed=yes)
            path, kept = file, recovery.restore(file, is_foreign=trust_foreign, is_forced=force)
        found = []
        for one in recovery.reconcile(is_restoring=restore_companies, gone=gone):
            found.append(one)
            if not as_json:
                click.echo(_sentence(one))
        _confirm("Serve everybody from this catalog now?", is_confirmed=yes)
        recovery.open()
    if as_json:
        answer = {"backup": str(path), "kept": kept, "companies": found}
        print_json(answer)
        return
    _echo_without_password(found)
    if kept:
        click.echo(f"The catalog that there was is kept as the database {kept}.")
    click.echo(f"Recovered from {path.name}.")


def _restore_newest(recovery: CatalogRecovery, *, is_confirmed: bool) -> tuple[Path, str | None]:
    """Restore the newest backup, or the one before where that fails; return its file and the name of what is kept."""
    for path in recovery.backups():
        _confirm_fencing(path, is_confirmed=is_confirmed)
        try:
            return path, recovery.restore(path)
        except OperatorError as problem:
            click.echo(f"{path.name}: {problem}", err=True)
    raise OperatorError("None of the catalog's backups could be restored.")


def _confirm_fencing(path: Path, *, is_confirmed: bool) -> None:
    _confirm(f"Recover the catalog from {path.name}? Nobody is served meanwhile.", is_confirmed=is_confirmed)


def _echo_without_password(found: list[Recovered]) -> None:
    addresses = sorted({address for one in found for address in one.without_password})
    if addresses:
        click.echo('Who has no password any more, and signs in after "forgot password":')
        for address in addresses:
            click.echo(f"  {address}")


def _sentence(one: Recovered) -> str:
    return f"{one.about}  {one.outcome}" + (f": {one.hint}" if one.hint else "")


def _confirm(question: str, *, is_confirmed: bool) -> None:
    if not is_confirmed:
        click.confirm(question, abort=True, err=True)
