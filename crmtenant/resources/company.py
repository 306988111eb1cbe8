"""The company itself."""

from __future__ import annotations

from typing import ClassVar

from crmtenant.ids import is_id
from crmtenant.resources.base import OpaqueItem, Resource


class CompanyDeletion(Resource):
    """The request to delete the company."""


class OpaqueCollection(Resource):
    """All things of one kind that belong to the company and live at their opaque ids."""

    item: ClassVar[type[OpaqueItem]]

    def __getitem__(self, segment: str) -> Resource:
        if not is_id(self.item.id_prefix, segment):
            raise KeyError(segment)
        return self.item(self, segment)


class CompanyBackup(OpaqueItem):
    """One of the company's backups."""

    word, id_prefix = "backup", "b"


class CompanyBackupCollection(OpaqueCollection):
    """The company's backups."""

    item = CompanyBackup


class CompanyJobResource(OpaqueItem):
    """One of the jobs that the company's owners asked for."""

    word, id_prefix = "job", "j"


class CompanyJobCollection(OpaqueCollection):
    """The jobs that the company's owners asked for."""

    item = CompanyJobResource


class SupportGrantResource(OpaqueItem):
    """One of the grants of support access."""

    word, id_prefix = "grant", "g"


class SupportGrantCollection(OpaqueCollection):
    """The grants of support access, and who came under them."""

    item = SupportGrantResource


class CompanySandboxes(Resource):
    """The request to copy the company as a sandbox."""


class CompanyProfile(Resource):
    """The company and its settings."""

    children: ClassVar[dict[str, type[Resource]]] = {
        "deletion": CompanyDeletion,
        "backups": CompanyBackupCollection,
        "jobs": CompanyJobCollection,
        "sandboxes": CompanySandboxes,
        "support": SupportGrantCollection,
    }
