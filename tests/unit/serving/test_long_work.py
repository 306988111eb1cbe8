"""Which requests are long work."""

from types import SimpleNamespace

import pytest

from crmtenant.serving.long_work import NAMES, is_long
from tests.unit.api.looking import surface


def test_it_is_what_takes_or_gives_a_file():
    with_files = {operation.path for operation in surface() if operation.options.get("media")}
    assert {path for path in with_files if path.rpartition("/")[2] in NAMES} == {
        path for path in with_files if path.startswith(("/api/contacts", "/api/company"))
    }


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/contacts/import", True),
        ("/api/contacts/preview", True),
        ("/api/company/export", True),
        ("/api/contacts", False),
        ("/import", False),
        ("", False),
    ],
)
def test_it_is_told_by_the_path(path, expected):
    assert is_long(SimpleNamespace(requests=[SimpleNamespace(path=path)])) == expected
