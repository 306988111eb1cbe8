"""The places that span all nouns."""

from __future__ import annotations

from crmtenant.resources.base import Resource


class Search(Resource):
    """What some words find, of every noun."""


class Activity(Resource):
    """What happened last."""


class Tags(Resource):
    """The tags and labels in use."""
