"""Rows are compared between two databases of a company, whatever tables they have."""

from crmtenant.db.admin.row_changes import TableChanges, row_changes
from tests.integration.installation import new_company
from tests.integration.saving import address_of

SAME = """
    CREATE TABLE pair (a text, "b%" int, PRIMARY KEY (a, "b%"));
    INSERT INTO pair VALUES ('é', 1), ('z', 2), ('Z', 3)
"""
OTHER = "UPDATE company SET (id, name) = ('x', 'Other')"


def test_rows_are_compared_whatever_tables_there_are(installation):
    databases = [
        address_of(installation, installation.registrar.register(new_company(name)).tenant_id).database
        for name in ("Before", "After")
    ]
    before, after = databases
    for database, statements in (
        (
            before,
            f"{SAME}; DROP TABLE task_occurrence; CREATE TABLE gone (id int); INSERT INTO gone VALUES (1)",
        ),
        (after, f"{SAME}; DELETE FROM pair WHERE a = 'z'; INSERT INTO pair VALUES ('漢', 1); {OTHER}"),
    ):
        installation.do(f"SET ROLE {{}}; {statements}", installation.names.owner, database=database)
    addresses = [installation.server.admin(database) for database in databases]
    assert row_changes(*addresses) == [
        TableChanges("company", added=1, changed=0, deleted=1),
        TableChanges("gone", added=0, changed=0, deleted=1),
        TableChanges("pair", added=1, changed=0, deleted=1),
    ]
