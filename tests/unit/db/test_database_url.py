"""The URL of an external server."""

import pytest

from crmtenant.db.embedded.open_server import address_from_url
from crmtenant.db.pool.address import ServerAddress
from crmtenant.errors import OperatorError


def test_a_url_gives_every_part_of_the_address() -> None:
    address = address_from_url("postgresql+psycopg2://crm:p%40ss@db.example:6000/postgres")
    assert address == ServerAddress("db.example", 6000, "crm", "p@ss")


def test_a_socket_directory_may_stand_for_the_host() -> None:
    assert address_from_url("postgresql+psycopg2://crm@%2Frun%2Fpg/postgres").host == "/run/pg"


def test_without_a_user_there_is_a_server_but_no_right_to_administer_it() -> None:
    address = address_from_url("postgresql+psycopg2://db.example:6000/postgres")
    assert (address.host, address.port) == ("db.example", 6000)
    with pytest.raises(OperatorError, match="may not create databases"):
        address.admin()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "postgresql://crm:x@db/postgres",
        "postgresql+psycopg2://crm@db:port/postgres",
        "postgresql+psycopg2://crm@db/other",
        "postgresql+psycopg2://crm@db/postgres?sslmode=require",
    ],
)
def test_an_unusable_url_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(OperatorError, match="The database URL") as caught:
        address_from_url(text)
    assert not text or text not in str(caught.value)
