"""The receipts of deleted companies."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

import click
import orjson

from crmtenant.cli.arguments import COMPANY, FILE
from crmtenant.cli.company import as_json_option
from crmtenant.cli.root import Commands, Context, pass_installation
from crmtenant.cli.tables import print_json, print_table
from crmtenant.db.secrets.secret_source import SecretSource, secrets_of
from crmtenant.errors import OperatorError
from crmtenant.platform import RECEIPT_FILE
from crmtenant.security import receipt_keys
from crmtenant.services.backups.receipts import Receipts, verified
from crmtenant.settings import Settings

COLUMNS = ("purged", "company", "by", "logins", "last backup", "backups until", "name")


class _Receipts(Commands):
    """Allows `crmtenant receipts northwind` beside `crmtenant receipts verify FILE`: what is no command is a company."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments, inserting the command `list` where none is given."""
        is_command = bool(args) and (args[0] in self.commands or args[0] in context.help_option_names)
        return super().parse_args(context, args if is_command else ["list", *args])


@click.group(
    cls=_Receipts,
    epilog="""\b
    Examples:
      crmtenant receipts                                         of every company that was purged
      crmtenant receipts northwind --export receipt.json         signed, for the customer
      crmtenant receipts key > receipts.pem                      what the customer verifies it with
      crmtenant receipts verify receipt.json --key receipts.pem
    """,
)
def receipts() -> None:
    """Receipts of deleted companies: `crmtenant receipts [COMPANY]`; see also `receipts list --help`."""


@receipts.command(
    "list",
    epilog="""\b
    Examples:
      crmtenant receipts
      crmtenant receipts northwind --json
      crmtenant receipts northwind --export receipt.json
    """,
)
@click.argument("name", type=COMPANY, metavar="COMPANY", required=False)
@click.option(
    "--export",
    "target",
    type=FILE,
    metavar="FILE",
    help="Write the company's receipt, signed, to this file.",
)
@as_json_option
@pass_installation
def list_receipts(installation: Context, name: str | None, target: Path | None, as_json: bool) -> None:
    """List the receipts of all purged companies, or of one by slug or id, the newest first.

    What was purged, when, by whom; the last backup's name and SHA-256, and when all backups go. --json signs them.
    """
    if target is not None and name is None:
        raise click.UsageError("--export needs a company.")
    with installation.platform() as platform:
        settings = platform.settings
        known = Receipts(
            platform.databases.catalog, _secrets(settings), settings.backup_dir, settings.public_url
        )
        found = known.signed(name)
    if name is not None and not found:
        raise OperatorError(f"No company {name} was purged.")
    if target is not None:
        _export(found, target)
    elif as_json:
        print_json(found)
        return
    if as_json:
        print_json({"file": str(target)})
    elif found:
        print_table(COLUMNS, [_row(one["receipt"]) for one in found])
    else:
        click.echo("No company was purged yet.", err=True)


@receipts.command(epilog="\b\nExamples:\n  crmtenant receipts key > receipts.pem")
@as_json_option
@pass_installation
def key(installation: Context, as_json: bool) -> None:
    """Print the public key that receipts are signed with, and below it those of before. Needs no catalog."""
    keys = _keys(installation.settings())
    if as_json:
        rows = [{"public_key": b64encode(one).decode(), "pem": receipt_keys.pem_of(one)} for one in keys]
        print_json(rows)
    else:
        click.echo("".join(map(receipt_keys.pem_of, keys)), nl=False)


@receipts.command(
    epilog="""\b
    Examples:
      crmtenant receipts verify receipt.json                      made by this installation?
      crmtenant receipts verify receipt.json --key receipts.pem   needs no settings
    """
)
@click.argument("file", type=FILE)
@click.option(
    "--key",
    "pem",
    type=FILE,
    metavar="FILE",
    help="The public key. [default: those of this installation]",
)
@as_json_option
@pass_installation
def verify(installation: Context, file: Path, pem: Path | None, as_json: bool) -> None:
    """Verify a signed receipt, and print what it says. Needs no catalog."""
    receipt = verified(file, _keys(installation.settings()) if pem is None else [_key_in(pem)])
    if as_json:
        print_json({"is_valid": True, "receipt": receipt})
        return
    click.echo(f"The signature is valid. {receipt['service']} says:")
    for name, value in _lines(receipt):
        click.echo(f"{name:26} {value}")


def _export(found: list[dict[str, Any]], target: Path) -> None:
    if len(found) > 1:
        ids = ", ".join(one["receipt"]["company"]["id"] for one in found)
        raise OperatorError(f"Several companies of this name were purged; give the id of one: {ids}.")
    with target.open("xb") as file:
        file.write(orjson.dumps(found[0], option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _secrets(settings: Settings) -> SecretSource:
    return secrets_of(settings.receipt_secret, settings.data_dir / RECEIPT_FILE)


def _keys(settings: Settings) -> list[bytes]:
    return [receipt_keys.public_key(secret) for secret in _secrets(settings).secrets()]


def _key_in(pem: Path) -> bytes:
    try:
        return receipt_keys.key_of(pem.read_bytes())
    except ValueError:
        raise OperatorError(f"{pem} holds no Ed25519 public key.") from None


def _row(receipt: dict[str, Any]) -> tuple[str, ...]:
    company, backup = receipt["company"], receipt["last_backup"]
    return (
        _moment(receipt["purged_at"]),
        company["slug"],
        receipt["purged_by"],
        str(receipt["logins_deleted"]),
        backup["file"] if backup else "none was proven",
        (_moment(backup["all_backups_deleted_after"]) if backup else "-"),
        company["name"],
    )


def _lines(receipt: dict[str, Any]) -> list[tuple[str, str]]:
    flat = {**receipt, **{f"company {name}": value for name, value in receipt["company"].items()}}
    flat |= {f"last backup {name}": value for name, value in (receipt["last_backup"] or {}).items()}
    return [
        (name.replace("_", " "), "; ".join(value) if isinstance(value, list) else str(value))
        for name, value in flat.items()
        if not isinstance(value, dict) and value is not None
    ]


def _moment(text: str | None) -> str:
    return text[:16].replace("T", " ") if text else "-"
