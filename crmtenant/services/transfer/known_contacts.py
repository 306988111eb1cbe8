"""The contacts that a row of an import may be about."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from crmtenant.services.duplicates.identity import Identity, IdentityIndex, identity_of
from crmtenant.services.entities.change import Values
from crmtenant.services.transfer.contact_additions import says_nothing_new
from crmtenant.text.compared_names import compared

NAMESAKES_COMPARED = 200
"""So many contacts of one name are compared with a row that has neither address nor number."""


class KnownContact:
    """A contact that exists, or will exist when the chunk is written.

    `organization` is the one to link it to; `values` has the id of the one before,
    `before` what they were when the contact was found.
    """

    def __init__(
        self,
        values: Values,
        row_id: int | None = None,
        version: int = 1,
        organization_name: str | None = None,
    ) -> None:
        self.values = values
        self.id = row_id
        self.version = version
        self.organization: KnownContact | None = None
        self.is_changed = False
        self.before = values
        self.is_new = row_id is None
        self._organization_name = organization_name

    @property
    def organization_name(self) -> str | None:
        """The name of the contact's organisation."""
        return self.organization.values["name"] if self.organization else self._organization_name

    def change(self, values: Values) -> None:
        """Replace the contact's columns."""
        if not self.is_changed:
            self.before = self.values
        self.values, self.is_changed = values, True

    def row(self, *, is_found: bool) -> Values:
        """Return the columns as they are written, once the contact and its organisation have ids.

        One that is not to be found has no tokens: making and indexing them is most of what writing costs.
        """
        employer = {"organization_id": self.organization.id} if self.organization else {}
        return {**self.values, **employer, "id": self.id, "search": self._tokens() if is_found else []}

    def _tokens(self) -> list[str]:
        search = self.values["search"]
        tokens: list[str] = search() if callable(search) else search
        return tokens

    def works_for(self, organization: Values | None) -> bool:
        """Return whether the contact belongs to the organisation with these columns, or none is given."""
        name = self.organization_name
        if organization is None:
            return True
        return (
            name is not None and compared(name, is_organization=True).match_key == organization["match_key"]
        )


class KnownContacts:
    """The contacts that the rows of a chunk may be about. The oldest comes first."""

    def __init__(self, candidates: Iterable[KnownContact]) -> None:
        self.all: list[KnownContact] = []
        self._places: dict[int, int] = {}
        self._by_identity: IdentityIndex[KnownContact] = IdentityIndex()
        self._by_name: dict[tuple[str, str], dict[int, KnownContact]] = {}
        for known in candidates:
            self.add(known)

    def add(self, known: KnownContact) -> None:
        """Add a contact that later rows of the chunk may be about."""
        self._places[id(known)] = len(self.all)
        self.all.append(known)
        self.index(known)

    def index(self, known: KnownContact) -> None:
        """Index the contact by the identity it has now."""
        self._by_identity.add(identity_of(known.values), known)
        name = (known.values["kind"], known.values["match_key"])
        self._by_name.setdefault(name, {})[self._places[id(known)]] = known

    def organization(self, match_key: str) -> KnownContact | None:
        """Return the organisation of this name, or None."""
        return next(iter(self._by_name.get(("organization", match_key), {}).values()), None)

    def sharing(self, identity: Identity) -> tuple[str, str] | None:
        """Return an address or number of these, and the name of a contact that has it; None if none has."""
        found = self._by_identity.sharing(identity)
        return (found[0], found[1].values["name"]) if found else None

    def same(
        self, values: Values, identity: Identity, organization: Values | None
    ) -> tuple[KnownContact | None, bool]:
        """Return the contact that these values describe, or None, and whether that is because it could be several."""
        same = sorted(self._by_identity.same(identity), key=lambda known: self._places[id(known)])
        if same:
            return _meant(same, values, organization)
        if identity.kind == "organization":
            return self.organization(values["match_key"]), False
        return self._namesake_knowing_all(values, organization), False

    def _namesake_knowing_all(self, values: Values, organization: Values | None) -> KnownContact | None:
        """Return a contact of this name that has all there is in the row."""
        if not values["match_key"] or values["email_keys"] or values["phone_keys"]:
            return None
        namesakes = self._by_name.get((values["kind"], values["match_key"]), {}).values()
        return next(
            (
                known
                for known in islice(namesakes, NAMESAKES_COMPARED)
                if says_nothing_new(known.values, values) and known.works_for(organization)
            ),
            None,
        )


def _meant(
    same: list[KnownContact], values: Values, organization: Values | None
) -> tuple[KnownContact | None, bool]:
    """Return the one of several that is meant: with the very name, or that knows all of it, or the only one."""
    if values["match_key"]:
        same = [known for known in same if known.values["match_key"]] or same
    namesakes = [known for known in same if known.values["match_key"] == values["match_key"]]
    for known in namesakes or same:
        if says_nothing_new(known.values, values) and known.works_for(organization):
            return known, False
    if namesakes:
        return namesakes[0], False
    return (same[0], False) if len(same) == 1 else (None, True)
