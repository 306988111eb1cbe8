"""Which requests are long work: files of contacts and of companies, taken and given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmtenant.resources.links import API

if TYPE_CHECKING:
    from crmtenant.serving.strict_http import StrictChannel

#: The names of their views. A test compares them with every view that takes or gives a file.
NAMES = frozenset({"export", "import", "preview"})


def is_long(channel: StrictChannel) -> bool:
    """Return whether the first request of this connection is long work."""
    path: str = getattr(channel.requests[0], "path", "")  # one that cannot be read has none
    return path.startswith(API) and path.rpartition("/")[2] in NAMES
