"""Changing the secrets of an installation while it serves."""

from __future__ import annotations

import click
import orjson

from crmtenant.cli.progress import progress
from crmtenant.cli.root import Commands, Context, pass_installation
from crmtenant.db.secrets import secret_file
from crmtenant.platform import SIGNING_FILE
from crmtenant.security.tokens import LEEWAY_SECONDS
from crmtenant.services.fleet.role_passwords import Rotated
from crmtenant.services.fleet.role_secret import Renewed
from crmtenant.settings import GENERATE, Settings

SOME_FAILED = 3


@click.group(
    cls=Commands,
    epilog="""\b
    Examples:
      crmtenant secrets rotate --signing             access tokens are signed with a new key; old ones hold
      crmtenant secrets rotate --signing --retire    a quarter of an hour later: the old key is forgotten
      crmtenant secrets rotate --roles --all
      crmtenant secrets rotate --role-secret         what all roles' passwords are derived from
    """,
)
def secrets() -> None:
    """Change the secrets of an installation while it serves."""


@secrets.command(
    epilog="""\b
    Examples:
      crmtenant secrets rotate --signing
      crmtenant secrets rotate --signing --retire
      crmtenant secrets rotate --roles northwind
      crmtenant secrets rotate --roles --all
      crmtenant secrets rotate --role-secret
    \b
    Exit codes: 0 done, 1 it could not be done, 2 wrong usage, 3 some roles keep their password.
    """
)
@click.argument("name", metavar="[COMPANY]", required=False)
@click.option("--signing", is_flag=True, help="The key that access tokens are signed with.")
@click.option("--retire", is_flag=True, help="With --signing: forget the keys before the present one.")
@click.option(
    "--now", "is_now", is_flag=True, help="With --retire: even if access tokens signed with them live."
)
@click.option("--roles", is_flag=True, help="The passwords of the companies' roles in PostgreSQL.")
@click.option("--all", "is_all", is_flag=True, help="With --roles: of every company.")
@click.option("--role-secret", is_flag=True, help="What the passwords of all roles are derived from.")
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
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
    as_json: bool,
) -> None:
    """Give an installation new secrets; nobody who is at work notices."""
    if signing + roles + role_secret != 1:
        raise click.UsageError("Say which: --signing, --roles or --role-secret.")
    if role_secret and (name or is_all or retire or is_now):
        raise click.UsageError("--role-secret takes nothing else.")
    if roles and (retire or is_now or is_all == bool(name)):
        raise click.UsageError("Name a company after --roles, or take --all.")
    if signing and (name or is_all or (is_now and not retire)):
        raise click.UsageError("--signing takes --retire, and that takes --now; nothing else.")
    if role_secret:
        _renew_roles(installation, as_json=as_json)
    elif roles:
        _rotate_roles(installation, name, as_json=as_json)
    else:
        _rotate_signing(installation.settings(), retire=retire, is_now=is_now, as_json=as_json)


def _rotate_signing(settings: Settings, *, retire: bool, is_now: bool, as_json: bool) -> None:
    lifetime = settings.access_token_seconds + LEEWAY_SECONDS
    if settings.signing_secret != GENERATE:
        _tell({"changed": False, "steps": _steps(lifetime, retire=retire)}, as_json=as_json)
        return
    path = settings.data_dir / SIGNING_FILE
    if retire:
        forgotten = secret_file.retire(path, 0 if is_now else lifetime)
        text = f"{forgotten} old keys forgotten." if forgotten else "There is no old key."
        _tell({"changed": bool(forgotten), "steps": [text]}, as_json=as_json)
        return
    secret_file.rotate(path)
    steps = [
        "Access tokens are signed with a new key within a second; those signed before hold as long as they would.",
        f"After {lifetime} seconds or more, forget the old key: crmtenant secrets rotate --signing --retire",
    ]
    _tell({"changed": True, "steps": steps}, as_json=as_json)


def _steps(lifetime: int, *, retire: bool) -> list[str]:
    """What to do where the secret is not in a file of ours."""
    if retire:
        return [
            "crmtenant.signing_secret is set from outside, so this is yours to do, and nothing was changed:",
            f"Wait {lifetime} seconds after the last process was started with the new secret in front.",
            "Then take all but the first secret out, and restart every process.",
        ]
    return [
        "crmtenant.signing_secret is set from outside, so this is yours to do, and nothing was changed:",
        "1. Make a secret: openssl rand -hex 32",
        "2. Add it behind the present one, after a space, and restart every process: all of them know it then.",
        "3. Move it to the front, and restart every process: access tokens are signed with it.",
        f"4. After {lifetime} seconds or more, take the old one out, and restart every process.",
    ]


_ROLE_STEPS = [
    "crmtenant.role_secret is set from outside, so this is yours to do, and nothing was changed:",
    "1. Make a secret: openssl rand -hex 32",
    "2. Add it behind the present one, after a space, and restart every process: all of them know it then.",
    "3. Move it to the front, and restart every process.",
    "4. crmtenant secrets rotate --role-secret gives every role its password from the one in front.",
    "5. When that says that no role is left, take the old one out, and restart every process.",
]


def _renew_roles(installation: Context, *, as_json: bool) -> None:
    settings = installation.settings()
    if settings.role_secret != GENERATE and len(settings.role_secret.split()) == 1:
        _tell({"changed": False, "steps": _ROLE_STEPS}, as_json=as_json)
        return
    with installation.platform() as platform:
        role_secret_rotation = platform.operations.role_secret_rotation
        results: list[Renewed] = []
        with progress("New passwords", role_secret_rotation.count(), is_quiet=as_json) as advance:
            for result in role_secret_rotation.renew():
                results.append(result)
                advance(result.what)
    failed = [result for result in results if result.problem]
    steps = [f"{result.what} has the password from before: {result.problem}" for result in failed]
    steps += [
        f"{len(results) - len(failed)} roles have their password from the first secret, {len(failed)} do not."
    ]
    if failed:
        steps += ["Those go on with the secret before. Give the command again when the reason is gone."]
    elif settings.role_secret == GENERATE:
        steps += ["The secret before is forgotten."]
    else:
        steps += [
            "No role is left: take the other secrets out of crmtenant.role_secret, and restart every process."
        ]
    _tell({"changed": True, "steps": steps}, as_json=as_json)
    if failed:
        raise SystemExit(SOME_FAILED)


def _tell(answer: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
        return
    steps = answer["steps"]
    assert isinstance(steps, list)
    for step in steps:
        click.echo(step)


def _rotate_roles(installation: Context, name: str | None, *, as_json: bool) -> None:
    with installation.platform() as platform:
        role_password_rotation = platform.operations.role_password_rotation
        companies = role_password_rotation.companies(name)
        results: list[Rotated] = []
        with progress("New passwords", len(companies), is_quiet=as_json) as advance:
            for result in role_password_rotation.rotate(companies):
                results.append(result)
                advance(result.company.slug)
    failed = [result for result in results if result.problem]
    if as_json:
        rows = [{"company": result.company.slug, "problem": result.problem} for result in results]
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
    else:
        for result in failed:
            click.echo(f"{result.company.slug}  keeps its password: {result.problem}")
        click.echo(f"{len(results) - len(failed)} roles have a new password, {len(failed)} do not.")
    if failed:
        raise SystemExit(SOME_FAILED)
