"""Rotating the secrets of an installation while it serves."""

from __future__ import annotations

from pathlib import Path

import click

from crmtenant.cli.arguments import COMPANY
from crmtenant.cli.progress import progress
from crmtenant.cli.root import Commands, Context, pass_installation
from crmtenant.cli.tables import print_json
from crmtenant.db.secrets import secret_file
from crmtenant.platform import RECEIPT_FILE, SIGNING_FILE
from crmtenant.platform.backup_secret import BACKUP_FILE
from crmtenant.security.tokens import LEEWAY_SECONDS
from crmtenant.services.fleet.role_passwords import RolePasswordResult
from crmtenant.services.fleet.role_secret import RoleSecretResult
from crmtenant.settings import GENERATE, Settings

SOME_FAILED = 3


@click.group(
    cls=Commands,
    epilog="""\b
    Examples:
      crmtenant secrets rotate --signing             access tokens are signed with a new key; old ones stay valid
      crmtenant secrets rotate --signing --retire    a quarter of an hour later: remove the old key
      crmtenant secrets rotate --roles --all
      crmtenant secrets rotate --role-secret         what all roles' passwords are derived from
      crmtenant secrets rotate --backups             what backups are sealed with
      crmtenant secrets rotate --receipts            what deletion receipts are signed with
    """,
)
def secrets() -> None:
    """Rotate the secrets of an installation while it serves."""


@secrets.command(
    epilog="""\b
    Examples:
      crmtenant secrets rotate --signing
      crmtenant secrets rotate --signing --retire
      crmtenant secrets rotate --roles northwind
      crmtenant secrets rotate --roles --all
      crmtenant secrets rotate --role-secret
      crmtenant secrets rotate --backups
    \b
    Exit codes: 0 done, 1 could not be done, 2 wrong usage, 3 some roles keep their password.
    """
)
@click.argument("name", type=COMPANY, metavar="[COMPANY]", required=False)
@click.option("--signing", is_flag=True, help="The key that access tokens are signed with.")
@click.option("--retire", is_flag=True, help="With --signing: remove all but the current key.")
@click.option(
    "--now",
    "is_now",
    is_flag=True,
    help="With --retire: even while access tokens signed with them are valid.",
)
@click.option("--roles", is_flag=True, help="The passwords of the companies' roles in PostgreSQL.")
@click.option("--all", "is_all", is_flag=True, help="With --roles: every company.")
@click.option(
    "--role-secret", is_flag=True, help="The secret that the passwords of all roles are derived from."
)
@click.option("--backups", is_flag=True, help="The key that backups are sealed with.")
@click.option("--receipts", is_flag=True, help="The key that deletion receipts are signed with.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_installation
def rotate(
    installation: Context,
    name: str | None,
    signing: bool,
    retire: bool,
    is_now: bool,
    roles: bool,
    is_all: bool,
    role_secret: bool,
    backups: bool,
    receipts: bool,
    as_json: bool,
) -> None:
    """Rotate a secret without interrupting anybody's work."""
    if signing + roles + role_secret + backups + receipts != 1:
        raise click.UsageError("Use one of --signing, --roles, --role-secret, --backups and --receipts.")
    if (role_secret or backups or receipts) and (name or is_all or retire or is_now):
        raise click.UsageError("--role-secret, --backups and --receipts take no other options.")
    if roles and (retire or is_now or is_all == bool(name)):
        raise click.UsageError("Name a company after --roles, or use --all.")
    if signing and (name or is_all or (is_now and not retire)):
        raise click.UsageError("--signing takes only --retire, and that only --now.")
    if backups:
        settings = installation.journalled_settings()
        file = settings.data_dir / BACKUP_FILE
        _rotate_file(settings.backup_secret, file, _BACKUP_STEPS, _BACKUP_DONE, as_json=as_json)
    elif receipts:
        settings = installation.journalled_settings()
        file = settings.data_dir / RECEIPT_FILE
        _rotate_file(settings.receipt_secret, file, _RECEIPT_STEPS, _RECEIPT_DONE, as_json=as_json)
    elif role_secret:
        _rotate_role_secret(installation, as_json=as_json)
    elif roles:
        _rotate_roles(installation, name, as_json=as_json)
    else:
        _rotate_signing(installation.journalled_settings(), retire=retire, is_now=is_now, as_json=as_json)


def _rotate_signing(settings: Settings, *, retire: bool, is_now: bool, as_json: bool) -> None:
    lifetime = settings.access_token_seconds + LEEWAY_SECONDS
    if settings.signing_secret != GENERATE:
        _print({"changed": False, "steps": _steps(lifetime, retire=retire)}, as_json=as_json)
        return
    path = settings.data_dir / SIGNING_FILE
    if retire:
        removed = secret_file.retire(path, 0 if is_now else lifetime)
        text = f"Old keys removed: {removed}." if removed else "There is no old key."
        _print({"changed": bool(removed), "steps": [text]}, as_json=as_json)
        return
    secret_file.rotate(path)
    steps = [
        "Access tokens are signed with a new key within a second; those signed before stay valid until they expire.",
        f"After {lifetime} seconds or more, remove the old key: crmtenant secrets rotate --signing --retire",
    ]
    _print({"changed": True, "steps": steps}, as_json=as_json)


def _steps(lifetime: int, *, retire: bool) -> list[str]:
    """Return what to do where the secret is not in a file of ours."""
    if retire:
        return [
            "crmtenant.signing_secret is set from outside, so nothing was changed; rotate it manually:",
            f"Wait {lifetime} seconds after the last process was started with the new secret in front.",
            "Then remove all but the first secret, and restart every process.",
        ]
    return [
        "crmtenant.signing_secret is set from outside, so nothing was changed; rotate it manually:",
        "1. Generate a secret: openssl rand -hex 32",
        "2. Add it after the current one, separated by a space, and restart every process: all of them know it then.",
        "3. Move it to the front, and restart every process: access tokens are signed with it.",
        f"4. After {lifetime} seconds or more, remove the old one, and restart every process.",
    ]


_ROLE_STEPS = [
    "crmtenant.role_secret is set from outside, so nothing was changed; rotate it manually:",
    "1. Generate a secret: openssl rand -hex 32",
    "2. Add it after the current one, separated by a space, and restart every process: all of them know it then.",
    "3. Move it to the front, and restart every process.",
    "4. Run crmtenant secrets rotate --role-secret: every role gets its password from the first secret.",
    "5. When it reports that no role is left, remove the old one, and restart every process.",
]


def _rotate_role_secret(installation: Context, *, as_json: bool) -> None:
    settings = installation.settings()
    if settings.role_secret != GENERATE and len(settings.role_secret.split()) == 1:
        _print({"changed": False, "steps": _ROLE_STEPS}, as_json=as_json)
        return
    with installation.platform() as platform:
        role_secret_rotation = platform.operations.role_secret_rotation
        results: list[RoleSecretResult] = []
        with progress("New passwords", role_secret_rotation.count(), is_quiet=as_json) as advance:
            for result in role_secret_rotation.renew():
                results.append(result)
                advance(result.what)
    failed = [result for result in results if result.problem]
    steps = [f"{result.what} keeps its previous password: {result.problem}" for result in failed]
    steps += [
        f"{len(results) - len(failed)} roles have their password from the first secret, {len(failed)} do not."
    ]
    if failed:
        steps += ["Those keep using the previous secret. Run the command again when the reason is resolved."]
    elif settings.role_secret == GENERATE:
        steps += ["The previous secret was removed."]
    else:
        steps += [
            "No role is left: remove the other secrets from crmtenant.role_secret, and restart every process."
        ]
    _print({"changed": True, "steps": steps}, as_json=as_json)
    if failed:
        raise SystemExit(SOME_FAILED)


def _print(answer: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    steps = answer["steps"]
    assert isinstance(steps, list)
    for step in steps:
        click.echo(step)


_BACKUP_STEPS = [
    "crmtenant.backup_secret is set from outside, so nothing was changed; rotate it manually:",
    "1. Generate a secret: openssl rand -hex 32",
    "2. Put it in front of the current one, separated by a space, and restart the worker: backups are sealed with it.",
    "3. Keep the others as long as there are backups that were sealed with them.",
]


_BACKUP_DONE = "Backups are sealed with a new key within a second; those sealed before are still known."
_RECEIPT_STEPS = [
    "crmtenant.receipt_secret is set from outside, so nothing was changed; rotate it manually:",
    "1. Generate a secret: openssl rand -hex 32",
    "2. Put it in front of the current one, separated by a space: receipts are signed with it.",
    "3. Publish its key (crmtenant receipts key), and keep the others so that older receipts are known.",
]


_RECEIPT_DONE = "Receipts are signed with a new key; publish it: crmtenant receipts key"


def _rotate_file(secret: str, file: Path, steps: list[str], done: str, *, as_json: bool) -> None:
    """Rotate the secret in this file, or tell the steps if it is set from outside."""
    if secret != GENERATE:
        _print({"changed": False, "steps": steps}, as_json=as_json)
        return
    secret_file.rotate(file)
    _print({"changed": True, "steps": [done]}, as_json=as_json)


def _rotate_roles(installation: Context, name: str | None, *, as_json: bool) -> None:
    with installation.platform() as platform:
        role_password_rotation = platform.operations.role_password_rotation
        companies = role_password_rotation.companies(name)
        results: list[RolePasswordResult] = []
        with progress("New passwords", len(companies), is_quiet=as_json) as advance:
            for result in role_password_rotation.rotate(companies):
                results.append(result)
                advance(result.company.slug)
    failed = [result for result in results if result.problem]
    if as_json:
        rows = [
            {"id": result.company.id, "company": result.company.slug, "problem": result.problem}
            for result in results
        ]
        print_json(rows)
    else:
        for result in failed:
            click.echo(f"{result.company.slug}  keeps its password: {result.problem}")
        click.echo(f"{len(results) - len(failed)} roles have a new password, {len(failed)} do not.")
    if failed:
        raise SystemExit(SOME_FAILED)
