"""The whole surface is written down in surface.txt, so that no change of it goes unseen.

To write it anew: `crmtenant views --plain > tests/unit/api/surface.txt`.
"""

from __future__ import annotations

from pathlib import Path

from crmtenant.api.docs.surface import ANY, PUBLIC, places
from crmtenant.api.web.http import SAFE_METHODS
from crmtenant.cli.views import plain_table
from crmtenant.permissions import NOBODY, ROLE_PERMISSIONS, Permission, Role
from crmtenant.resources.public import PublicPlace
from crmtenant.resources.root import Root
from tests.unit.api.looking import registry, surface

GOLDEN = Path(__file__).with_name("surface.txt")


def test_the_surface_is_as_written_down() -> None:
    written = set(GOLDEN.read_text(encoding="utf-8").splitlines())
    found = set(plain_table(surface()).splitlines())
    assert found - written == set(), "new or changed; see above how to write surface.txt anew"
    assert written - found == set(), "gone; see above how to write surface.txt anew"


def test_every_view_says_who_may() -> None:
    assert [operation.source for operation in surface() if operation.permission == NOBODY] == []


def test_every_permission_asked_for_exists() -> None:
    assert {operation.permission for operation in surface()} <= {PUBLIC, *Permission}


def test_only_public_places_ask_for_no_permission() -> None:
    without = {operation.place.kind for operation in surface() if operation.is_public} - {Root}
    assert [kind for kind in without if not issubclass(kind, PublicPlace)] == []


def test_a_viewer_may_change_nothing() -> None:
    allowed = ROLE_PERMISSIONS[Role.VIEWER]
    unsafe = [operation for operation in surface() if operation.method not in SAFE_METHODS]
    # What one is told, and wants to be told, is one's own: it changes nothing of the company's.
    found = [
        str(operation.path)
        for operation in unsafe
        if operation.permission in allowed - {Permission.NOTIFICATION_OWN}
    ]
    # Everybody may leave the company; the service refuses the removal of others, which test_roles asks in every role.
    assert found == ["/api/members/{member_id}"]


def test_only_the_public_root_answers_every_method() -> None:
    assert [operation.place.kind for operation in surface() if operation.method == ANY] == [Root]


def test_every_view_has_a_summary_and_a_docstring() -> None:
    mute = [operation.source for operation in surface() if not operation.function.__doc__]
    mute += [op.source for op in surface() if op.method != ANY and not op.options["summary"]]
    assert mute == []


def test_every_place_answers_something() -> None:
    answering = {operation.place.path for operation in surface()}
    assert [place.path for place in places(registry().entity_tree) if place.path not in answering] == []
