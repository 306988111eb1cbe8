"""Steps of JSON pointers (RFC 6901), in which `~` and `/` are escaped."""

from __future__ import annotations


def escaped(name: str) -> str:
    """Return the name as a step of a pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def unescaped(step: str) -> str:
    """Return the name that the step of a pointer means."""
    return step.replace("~1", "/").replace("~0", "~")
