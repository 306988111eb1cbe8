"""Which requests take long, and which take no time: files of contacts and of companies, and the check of health."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmtenant.api.web.guard import HEALTH
from crmtenant.resources.links import API

if TYPE_CHECKING:
    from crmtenant.serving.strict_http import StrictChannel

#: The names of the views of long work. A test compares them with every view that takes or gives a file.
NAMES = frozenset({"export", "file", "import", "preview"})


def is_long(channel: StrictChannel) -> bool:
    """Return whether the first request of this connection is long work."""
    path: str = getattr(channel.requests[0], "path", "")  # one that cannot be read has none
    return path.startswith(API) and path.rpartition("/")[2] in NAMES


def is_quick(channel: StrictChannel) -> bool:
    """Return whether the first request of this connection is answered without waiting for anything."""
    request = channel.requests[0]
    return getattr(request, "path", "") == HEALTH and "AUTHORIZATION" not in request.headers
