"""Where a company is, and what is in its database."""

from tests.integration.saving import address_of


def rows_in(installation, tenant_id, query):
    connection = address_of(installation, tenant_id).connect()
    with connection, connection.cursor() as cursor:
        cursor.execute(query)
        found = cursor.fetchall()
    connection.close()
    return found


def server_of(installation, tenant_id):
    ((name,),) = installation.rows(
        "SELECT server.name FROM tenant JOIN server ON server.id = server_id WHERE tenant.id = :id",
        id=tenant_id,
    )
    return name
