"""What happens to a company, or to time, between a backup and its restore."""

from sqlalchemy import text

from tests.integration.saving import address_of


def destroy(installation, company):
    with installation.broker.begin(address_of(installation, company)) as session:
        session.execute(text("DELETE FROM task"))
        session.execute(text("UPDATE contact SET name = 'spoilt'"))


def set_back(installation, table, column):
    with installation.catalog.begin() as session:
        session.execute(text(f"UPDATE {table} SET {column} = now() - interval '1 minute'"))
