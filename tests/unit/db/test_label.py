"""Which label may follow which: nothing grows younger, and what was replaced stays so."""

import pytest

from crmtenant.db.pool.label import Label


def _label(epoch, state="active", company="c_one"):
    return Label(company, epoch, state)


@pytest.mark.parametrize(
    ("older", "newer", "is_revived", "may"),
    [
        (_label(1), _label(1), False, True),
        (_label(1), _label(2, "suspended"), False, True),
        (_label(2), _label(1), False, False),
        (_label(2), _label(1), True, False),
        (_label(1), _label(9, company="c_other"), True, False),
        (_label(0, "filling"), _label(2), False, True),
        (_label(1), _label(1, "replaced"), False, True),
        (_label(1, "replaced"), _label(1, "replaced"), False, True),
        (_label(1, "replaced"), _label(2), False, False),
        (_label(1, "replaced"), _label(3), True, True),
    ],
)
def test_labels_follow_each_other(older, newer, is_revived, may):
    assert newer.may_follow(older, is_revived=is_revived) is may
