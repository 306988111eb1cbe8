"""A company, as one request may touch it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from pyramid.decorator import reify

from crmtenant.clock import LocalClock, zone_named
from crmtenant.db.pool.snapshot import Snapshot
from crmtenant.errors import StorageFull
from crmtenant.permissions import Permission
from crmtenant.resources.base import Resource
from crmtenant.resources.batch import BatchCollection
from crmtenant.resources.company import CompanyProfile
from crmtenant.resources.member import MemberCollection
from crmtenant.resources.notification import NotificationCollection
from crmtenant.resources.overview import Activity, Search, Tags
from crmtenant.resources.public import PUBLIC_CHILDREN
from crmtenant.resources.trash import Trash
from crmtenant.services.changes.telling import Teller, tells_by
from crmtenant.services.entities.change import Actor
from crmtenant.services.entities.room import UNLIMITED

if TYPE_CHECKING:
    from pyramid.request import Request

    from crmtenant.db.pool.address import DatabaseAddress
    from crmtenant.db.pool.reader import Reader
    from crmtenant.platform import Platform
    from crmtenant.platform.admission import Admission
    from crmtenant.resources.entity_tree import EntityTree
    from crmtenant.security.identity import Identity
    from crmtenant.services.entities.registry import EntityRegistry
    from crmtenant.services.entities.room import Room


_FIRST_ERROR_STATUS = 400


class Tenant(Resource):
    """The only road to a company's database: its session for what writes, its reader for what reads.

    Both are opened when first used. The collections of all nouns are beneath it, and the public places too, so
    that a client which sends its token everywhere can still sign out or refresh.
    """

    own_children: ClassVar[dict[str, type[Resource]]] = {
        "company": CompanyProfile,
        "members": MemberCollection,
        "notifications": NotificationCollection,
        "trash": Trash,
        "search": Search,
        "activity": Activity,
        "batches": BatchCollection,
        "tags": Tags,
    }
    children: ClassVar[dict[str, type[Resource]]] = {**own_children, **PUBLIC_CHILDREN}

    def __init__(
        self,
        request: Request,
        platform: Platform,
        identity: Identity,
        address: DatabaseAddress,
        admission: Admission | None = None,
    ) -> None:
        super().__init__(None, "")
        self.platform = platform
        self.identity = identity
        self._request = request
        self._address = address
        self._admission = admission
        self._only_deletes = False

    @property
    def tenant(self) -> Tenant:
        """Itself."""
        return self

    @property
    def entity_tree(self) -> EntityTree:
        """Where the nouns of the application are."""
        tree: EntityTree = self._request.registry.entity_tree
        return tree

    @property
    def entities(self) -> EntityRegistry:
        """The nouns of the application."""
        return self.entity_tree.entities

    def __getitem__(self, segment: str) -> Resource:
        collection = self.entity_tree.collections.get(segment)
        return collection(self, segment) if collection else super().__getitem__(segment)

    @reify
    def session(self) -> Any:
        """The session of this company's database, joined to the request's transaction.

        Raises: `StorageFull` while its server is full, unless this request only deletes.
        """
        if not self._only_deletes and self._has_full_server():
            raise StorageFull
        session = self.platform.databases.broker.session(self._address)
        tells_by(
            session,
            Teller(self._active_among, partial(self.platform.mail_calls.add, self.identity.company_id)),
        )
        return session

    def only_deletes(self) -> None:
        """Let this request write even if there is no room: it deletes, and nothing else."""
        self._only_deletes = True

    def _has_full_server(self) -> bool:
        admission = self._admission
        if admission is None:
            return False
        return admission.server_is_full or (admission.is_at_home and self.platform.storage.is_full())

    @reify
    def reader(self) -> Reader:
        """The read-only side of this company's database: one round trip a statement, no transaction."""
        reader = self.platform.databases.broker.reader(self._address)
        self._request.add_finished_callback(lambda _: reader.close())
        return reader

    def reading(self) -> AbstractContextManager[Reader]:
        """A reader for the length of a with block, for answers still being sent when the request has ended."""
        return self.platform.databases.broker.reading(self._address)

    def snapshot(self) -> Snapshot:
        """This company's database as it is at one moment; whoever asked for it closes it."""
        return Snapshot(self.platform.databases.broker, self._address)

    @reify
    def clock(self) -> LocalClock:
        """The company's clock: its days begin at midnight in its time zone, in UTC where it has none."""
        return LocalClock(zone_named(self.identity.time_zone), self.platform.clock)

    @reify
    def actor(self) -> Actor:
        """The person of the request, as the writer of rows."""
        may_manage_shared = Permission.VIEW_MANAGE in self.identity.permissions
        return Actor(
            self.identity.user_id,
            self._are_members,
            may_manage_shared,
            self.entities,
            self.clock,
            self.identity.language,
            self.room,
        )

    @reify
    def room(self) -> Room:
        """How much the request may add to the company; what it has added counts once it was committed."""
        if self._admission is None:
            return UNLIMITED
        room = self.platform.identity.quotas.room(self.identity.company_id, self._admission.holding)
        if room is None:
            return UNLIMITED
        self._request.add_response_callback(
            lambda _, response: room.settle(is_done=response.status_int < _FIRST_ERROR_STATUS)
        )
        return room

    def _active_among(self, ids: Sequence[str]) -> set[str]:
        return self.platform.identity.memberships.active_among(self.identity.company_id, ids)

    @reify
    def _known_members(self) -> set[str]:
        """Whom this request has asked the catalog about already."""
        return set() if self.identity.via == "support" else {self.identity.user_id}

    def _are_members(self, ids: Iterable[str]) -> bool:
        asked = set(ids) - self._known_members
        if not asked:
            return True
        found = self.platform.identity.memberships.are_members(self.identity.company_id, asked)
        if found:
            self._known_members.update(asked)
        return found
