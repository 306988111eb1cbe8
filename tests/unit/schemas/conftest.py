"""Reading input and looking at what was wrong with it."""

from __future__ import annotations

import pytest

from crmtenant.errors import Invalid
from crmtenant.schemas.base import load


@pytest.fixture
def field_errors():
    """The faults of some input as a mapping of pointers to codes; empty when it is accepted."""

    def found(model, data, **context):
        try:
            load(model, data, context=context)
        except Invalid as error:
            return {field_error.pointer: field_error.code for field_error in error.field_errors}
        return {}

    return found
