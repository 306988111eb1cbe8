"""How far the running import of contacts is, and calling it off."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from crmtenant.api.web.http import json_response, no_content
from crmtenant.permissions import Permission
from crmtenant.resources.contact import ContactCollection
from crmtenant.schemas.transfer.contact_files import RunningImportOut
from crmtenant.services.transfer import running_import


@view_defaults(context=ContactCollection, name="running-import", permission=Permission.CONTACT_IMPORT)
class RunningImportViews:
    """Views of the running import."""

    def __init__(self, context: ContactCollection, request: Any) -> None:  # noqa: ARG002 (how views are made)
        self.tenant = context.tenant

    @view_config(
        request_method="GET",
        out=RunningImportOut,
        operation="read_running_import",
        summary="Read how far the running import of contacts is",
    )
    def read(self) -> Response:
        """The row it has come to; the same for one that only tries."""
        return json_response({"row": running_import.row_of(self.tenant.reader)})

    @view_config(
        request_method="DELETE",
        status=204,
        operation="call_off_import",
        summary="Call off the running import of contacts",
    )
    def call_off(self) -> Response:
        """Answers when it has ended. Its own request is answered with 409 `import_called_off`, and nothing was written.

        One that is done, or none, is no error: the answer of the import itself says what became of it.
        """
        running_import.call_off(self.tenant.session)
        return no_content()
