"""The trash."""

from __future__ import annotations

from crmtenant.resources.base import Resource


class Trash(Resource):
    """Everything in the company's trash; an item is restored at its own address."""
