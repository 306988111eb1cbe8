"""PostgreSQL run by ourselves."""

from crmtenant.db.address import ServerAddress


def test_the_server_of_this_run_answers(server_address: ServerAddress) -> None:
    connection = server_address.admin().connect()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    connection.close()
