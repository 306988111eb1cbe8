"""The operators' commands on a real installation: what they print, and their exit codes."""

import json
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from crmtenant.cli import main
from crmtenant.cli.root import Context
from crmtenant.security.passwords import Passwords
from crmtenant.services.identity.access import AccessDirectory
from crmtenant.services.identity.operator_accounts import OperatorAccounts
from crmtenant.services.identity.rate_limits import LimitPolicy, RateLimits
from crmtenant.services.mail.outbox import MailOutbox
from crmtenant.services.support.break_glass import BreakGlass
from crmtenant.services.support.support_grants import SupportGrants
from crmtenant.services.support.support_visits import SupportVisits
from tests.answers import assert_speaks_as_the_api
from tests.integration.installation import new_company
from tests.integration.saving import address_of

PASSWORD = "purple monkey dishwasher 9"


@pytest.fixture
def run(installation, tmp_path, monkeypatch):
    access = AccessDirectory(installation.catalog, 0)
    passwords = Passwords(min_length=12, parallel=1)
    limits = RateLimits(installation.catalog, lambda: [b"k" * 32])
    outbox = MailOutbox(is_open=True, public_url="https://crm.example.com")
    platform = SimpleNamespace(
        databases=SimpleNamespace(catalog=installation.catalog),
        identity=SimpleNamespace(
            passwords=passwords,
            support_grants=SupportGrants(installation.catalog, access),
            support_visits=SupportVisits(installation.catalog, access),
            break_glass=BreakGlass(installation.catalog, outbox),
            operator_accounts=OperatorAccounts(
                installation.catalog, passwords, limits, LimitPolicy(9, 9, 60)
            ),
        ),
        mail=outbox,
        tenants=SimpleNamespace(registrar=installation.registrar),
        operations=installation.operations(tmp_path / "backups"),
    )

    @contextmanager
    def opened(_):
        yield platform

    monkeypatch.setattr(Context, "platform", opened)

    def run(*arguments, typed=None, code=0):
        # The command line tells the log to be quiet where it opens the platform.
        with capture_logs():
            result = CliRunner().invoke(main, arguments, input=typed)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        if "--json" in arguments and result.stdout:
            assert_speaks_as_the_api(result.stdout)
        return result

    return run


@pytest.fixture
def northwind(installation):
    return installation.registrar.register(new_company())


def test_a_company_from_its_beginning_to_its_end(installation, run):
    made = run(
        *("company", "create", "North & West", "--owner", "Anna Berg", "--email", "anna@example.com"),
        *("--password-stdin", "--json"),
        typed=f"{PASSWORD}\n",
    )
    assert json.loads(made.stdout)["slug"] == "north-and-west"
    assert "suspended" in run("company", "suspend", "north-and-west").stdout
    assert "cannot be suspended" not in run("company", "suspend", "north-and-west").output
    run("company", "resume", "north-and-west")
    run("company", "rename", "north-and-west", "--slug", "nw", "--name", "NW")
    assert "Aborted" in run("company", "delete", "nw", code=1).output
    assert "purged after" in run("company", "delete", "nw", "--yes").stdout
    assert "can be brought back until" in run("company", "purge", "nw", "--yes", code=1).output
    run("company", "undelete", "nw")
    run("company", "delete", "nw", "--days", "0", "--yes")
    receipt = json.loads(run("company", "purge", "nw", "--yes", "--json").stdout)
    assert (receipt["slug"], receipt["people_removed"]) == ("nw", 1)
    assert len(receipt["last_backup_sha256"]) == 64
    assert "There is no company nw" in run("company", "show", "nw", code=1).output
    installation.assert_no_orphans()


def test_what_an_operator_gets_wrong_is_told_in_a_sentence(run, northwind):
    create = ("company", "create", "X", "--owner", "Anna", "--email")
    assert "at least 12" in run(*create, "a@example.com", "--password-stdin", typed="short\n", code=1).output
    assert "mail" in run(*create, "nonsense", "--password-stdin", typed=f"{PASSWORD}\n", code=2).output
    assert "'A B' is no slug" in run("company", "rename", "northwind", "--slug", "A B", code=2).output
    assert "is active" in run("company", "purge", "northwind", "--yes", code=1).output
    for wrong in [
        ("backup", "northwind", "--all"),
        ("restore", "x.json"),
        ("company", "rename", "northwind"),
    ]:
        run(*wrong, code=2)
    for wrong in ["14", "0d", "d", "1.5d", "-1d", "99999d"]:
        run("clone", "northwind", "--as", "X", "--expires", wrong, code=2)
    assert "There is no" in run("backup", "verify", "missing.json", code=1).output
    assert (
        "There is no user"
        in run("clone", "northwind", "--as", "X", "--owner", "no@example.com", code=1).output
    )


def test_nothing_printed_says_where_a_database_is(installation, run, northwind):
    shown = [
        run("company", "show", "northwind").output,
        run("company", "show", "northwind", "--json").output,
        run("company", "list", "--json").output,
        run("company", "list").output,
    ]
    assert all("northwind" in text for text in shown)
    assert all(address_of(installation, northwind.tenant_id).database not in text for text in shown)


@pytest.mark.parametrize("name", ["", "x" * 5000, "one\nline more", "\x00"])
@pytest.mark.parametrize(
    "command",
    [
        ("company", "rename", "northwind", "--name"),
        ("clone", "northwind", "--as"),
        ("restore", "any.json", "--as"),
        ("company", "create", "--owner", "Anna", "--email", "anna@northwind.example", "--password-stdin"),
    ],
)
def test_a_name_that_the_api_refuses_is_refused_here_too(installation, run, northwind, command, name):
    assert "Error: Invalid value for" in run(*command, name, code=2).output
    assert installation.rows("SELECT name FROM tenant") == [("Northwind",)]


def test_saving_and_bringing_back(installation, run, northwind):
    file = run("backup", "northwind").stdout.strip()
    assert "restored and identical" in run("backup", "verify", file).stdout
    (listed,) = json.loads(run("backup", "list", "northwind", "--json").stdout)
    assert listed["manifest_file"] == file
    assert listed["proven_at"] is not None
    assert "Aborted" in run("restore", file, "--into", "northwind", code=1).output
    assert "Restored northwind to" in run("restore", file, "--into", "northwind", "--yes").stdout
    assert (
        "Undid the last restore of northwind" in run("company", "undo-restore", "northwind", "--yes").stdout
    )
    assert run("restore", file, "--as", "Northwind").stdout == "Created northwind-2.\n"
    assert (
        json.loads(run("clone", "northwind", "--as", "Trial", "--expires", "2w", "--json").stdout)["slug"]
        == "trial"
    )
    assert json.loads(run("company", "show", "trial", "--json").stdout)["expires_at"]
    assert "another company" in run("restore", file, "--into", "trial", "--yes", code=1).output
    installation.assert_no_orphans()


def test_some_that_could_not_be_saved_have_an_exit_code_of_their_own(installation, run, northwind):
    broken = installation.registrar.register(new_company("Broken"))
    installation.do(
        "DROP TABLE alembic_version", database=address_of(installation, broken.tenant_id).database
    )
    result = run("backup", "--all", "--json", code=3)
    outcomes = {one["company"]: one for one in json.loads(result.stdout)}
    assert outcomes["northwind"]["problem"] is outcomes["_catalog"]["problem"] is None
    assert "alembic_version" in outcomes["broken"]["problem"]
    assert "broken  not saved: " in run("backup", "--all", code=3).stdout
    assert run("backup", "list", "broken").stdout == ""


def test_support_enters_with_a_grant_or_with_a_second_operator(installation, run, northwind, monkeypatch):
    enter = ("support", "enter", "northwind", "--ticket", "123")
    assert "has granted support access" in run(*enter, code=1).output
    assert "needs --reason" in run(*enter, "--break-glass", code=2).output
    monkeypatch.setenv("SUDO_USER", "mara")
    asked = json.loads(run(*enter, "--break-glass", "--reason", "Lost", "--json").stdout)
    assert "Another operator" in run("support", "confirm", asked["code"], code=1).output
    monkeypatch.setenv("SUDO_USER", "ben")
    confirmed = json.loads(run("support", "confirm", asked["code"], "--json").stdout)
    assert (confirmed["slug"], confirmed["mails"]) == ("northwind", 1)
    assert installation.rows("SELECT kind FROM mail") == [("break_glass",)]
    monkeypatch.setenv("SUDO_USER", "mara")
    link = json.loads(run(*enter, "--name", "Mara", "--json").stdout)["link"]
    assert link.startswith("https://crm.example.com/support#token=")
    assert "It opens once" in run(*enter).stdout
    assert "two operators" in run("support", "list", "northwind").stdout
    (grant,) = json.loads(run("support", "list", "northwind", "--json").stdout)
    assert (grant["role"], grant["is_open"], grant["visits"]) == ("viewer", True, [])
    assert "Ended 1 grants" in run("support", "end", "northwind").stdout
    assert "has granted support access" in run(*enter, code=1).output


def test_the_fleet_at_a_glance(run, northwind):
    text = run("fleet").stdout
    assert [line.split()[0] for line in text.splitlines() if line] == [
        "server",
        "main",
        "company",
        "northwind",
    ]
    assert run("fleet", "--once").stdout == text
    document = json.loads(run("fleet", "--json", "--sort", "drift").stdout)
    (company,), (server,) = document["companies"], document["servers"]
    assert (company["slug"], company["drift"], company["proven_at"]) == ("northwind", None, None)
    assert (server["has_room"], server["companies"], document["work"]) == (True, 1, [])


def test_accounts_of_operators_have_passwords_that_no_command_line_shows(installation, run):
    assert "Added mara" in run("fleet", "account", "add", "mara", typed=f"{PASSWORD}\n{PASSWORD}\n").stdout
    run("fleet", "account", "add", "tim", "--password-stdin", typed=f"{PASSWORD}\r\n")
    assert json.loads(run("fleet", "account", "list", "--json").stdout) == ["mara", "tim"]
    first = installation.rows("SELECT password_hash FROM operator_account WHERE name = 'tim'")
    run("fleet", "account", "password", "tim", "--password-stdin", typed=f"another {PASSWORD}\n")
    assert installation.rows("SELECT password_hash FROM operator_account WHERE name = 'tim'") != first
    assert "at least 12" in run("fleet", "account", "password", "tim", typed="short\nshort\n", code=1).output
    assert "already" in run("fleet", "account", "add", "mara", typed=f"{PASSWORD}\n" * 2, code=1).output
    assert "No such option" in run("fleet", "account", "add", "eve", "--password", PASSWORD, code=2).output
    assert "Aborted" in run("fleet", "account", "remove", "tim", code=1).output
    run("fleet", "account", "remove", "tim", "--yes")
    assert run("fleet", "account", "list").stdout == "mara\n"
    assert "no account tim" in run("fleet", "account", "remove", "tim", "--yes", code=1).output
