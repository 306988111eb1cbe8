"""What the tests of provisioning share."""

import psycopg2


def address_of(installation, database):
    return installation.provisioner.tenant_address(database, 1)


def can_connect(address):
    try:
        address.connect().close()
    except psycopg2.OperationalError:
        return False
    return True
