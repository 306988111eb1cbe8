"""Which requests take long, and which take no time."""

from types import SimpleNamespace

import pytest

from crmtenant.serving.kinds_of_work import NAMES, is_long, is_quick
from tests.unit.api.looking import surface


def test_what_takes_or_gives_a_file_takes_long():
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
        ("/api/company/jobs/j_1/file", True),
        ("/api/contacts", False),
        ("/import", False),
        ("", False),
    ],
)
def test_long_work_is_told_by_the_path(path, expected):
    assert is_long(SimpleNamespace(requests=[SimpleNamespace(path=path)])) == expected


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        ("/api/health", {}, True),
        ("/api/health", {"AUTHORIZATION": "Bearer x"}, False),  # whose it is has to be looked up
        ("/api/healthy", {}, False),
        ("", {}, False),
    ],
)
def test_only_the_check_of_health_takes_no_time(path, headers, expected):
    request = SimpleNamespace(path=path, headers=headers)
    assert is_quick(SimpleNamespace(requests=[request])) == expected
