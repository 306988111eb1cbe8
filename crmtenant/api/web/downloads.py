"""Files that are sent while they are read."""

from __future__ import annotations

import os
from typing import IO

from pyramid.response import FileIter, Response

from crmtenant.api.web.http import PRIVATE

ZIP = "application/zip"
_BLOCK = 1 << 16


def zip_response(file: IO[bytes], stem: str) -> Response:
    """Return a response that sends this zip file as `stem`.zip; it is closed when it was sent."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    headers = [
        ("Content-Type", ZIP),
        ("Content-Length", str(size)),
        ("Content-Disposition", f'attachment; filename="{stem}.zip"'),
    ]
    return Response(app_iter=FileIter(file, _BLOCK), headerlist=[*headers, *PRIVATE])
