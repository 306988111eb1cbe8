"""A company that is migrated by replaying SQL is what a new one is, whatever characters its revisions have."""

import shutil

import pytest

from crmtenant.db.admin.inspection import fingerprint
from crmtenant.db.schema import migrations, replay
from crmtenant.db.schema.migrations import head, upgrade
from tests.integration.installation import new_company

NEXT = "9999"
CACHED = (
    migrations.head,
    migrations.revisions,
    migrations.served_revisions,
    replay._known,
    replay.change_from,
)
REVISION = r'''
"""Odd characters, wherever SQL may have them."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"
branch_labels = None
depends_on = None

ODD = "5% 10%% %s %(x)s {{}} {{0}} it''s \"quoted\" back\\slash \\\\ $1 $$ ? & é ü 漢\ttab; -- not a comment /* nor */"


def upgrade() -> None:
    op.create_table(
        "odd",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("rate", sa.Text, server_default=sa.text("'5%'")),
        sa.Column("plain", sa.Text, server_default="100% of it's \\ {{x}} \t:y", comment="50% : {{}} it's \\ \t"),
        sa.Column("a%b", sa.Integer, server_default="7"),
        sa.CheckConstraint("id % 7 <> 0", name="no_sevens"),
        sa.CheckConstraint(r"rate ~ '^\d+\s*%$'", name="a_rate"),
    )
    op.create_index("ix_odd", "odd", [sa.text("(id % 10)")], postgresql_where=sa.text("rate LIKE '%5%'"))
    op.execute("INSERT INTO odd (id) VALUES (1)")
    op.execute("INSERT INTO odd (id, rate, plain) VALUES (2, '15%', '" + ODD.replace(":", "\\:") + "')")
    op.execute(r"INSERT INTO odd (id, plain) VALUES (3, E'a\tb\\c %' || '\:name' || '12\:30')")
    op.bulk_insert(
        sa.table("odd", sa.column("id", sa.Integer), sa.column("plain", sa.Text)),
        [{{"id": 4, "plain": "99% :x %(y)s it's \\ \t {{}}"}}],
    )
    op.execute(
        """CREATE FUNCTION odd_rest(n integer) RETURNS text LANGUAGE plpgsql AS $body$
        DECLARE found text;
        BEGIN
            found := format('%s of %I is 100%%; %L', n % 7, 'a%b', E'it''s\\t\\\\');
            RETURN found || $inner$ ${{}}$ 5% $inner$ || '	tab';
        END $body$"""
    )
    op.execute(sa.text("UPDATE odd SET plain = plain || :more WHERE id = 4").bindparams(more=" 1% :z"))
'''
BEHAVIOUR = (
    "SELECT * FROM odd ORDER BY id",
    "SELECT odd_rest(10)",
    "SELECT col_description('odd'::regclass, 3)",
    "SELECT prosrc FROM pg_proc WHERE proname = 'odd_rest'",
)


def _forget():
    for function in CACHED:
        function.cache_clear()


@pytest.fixture
def next_release(monkeypatch, tmp_path):
    """Makes this release the next one, which has one more revision."""

    def make():
        scripts = tmp_path / "migrations"
        shutil.copytree(migrations._SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
        (scripts / "tenant/versions/9999_odd.py").write_text(REVISION.format(head=head("tenant")))
        monkeypatch.setattr(migrations, "_SCRIPTS", scripts)
        _forget()

    yield make
    monkeypatch.undo()
    _forget()


def test_what_is_replayed_is_what_is_executed(installation, next_release):
    registered = installation.registrar.register(new_company("Older"))
    ((migrated,),) = installation.rows("SELECT database FROM tenant WHERE id = :id", id=registered.tenant_id)
    fresh = installation.registrar.register(new_company("Newer"))
    ((new,),) = installation.rows("SELECT database FROM tenant WHERE id = :id", id=fresh.tenant_id)
    start = head("tenant")
    next_release()
    names = installation.names
    upgrade(installation.server.admin(new), "tenant", owner=names.owner, writer=names.rw)
    assert installation.servers.home.changes.apply(migrated, start) == NEXT
    assert fingerprint(installation.server, migrated) == fingerprint(installation.server, new)
    for query in BEHAVIOUR:
        assert installation.admin(query, database=migrated) == installation.admin(query, database=new)
    assert installation.admin("SELECT rate FROM odd WHERE id = 1", database=migrated) == [("5%",)]
