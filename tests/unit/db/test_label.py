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


@pytest.mark.parametrize(
    ("label", "is_served"),
    [
        (_label(2), True),
        (_label(3), True),
        (_label(4), False),
        (_label(0, "filling"), True),
        (_label(4, "replaced"), False),
        # Replaced when the catalog named it at this epoch, so the catalog is older.
        (_label(3, "replaced"), False),
        # Given to its company again since, by a swap that was killed before it labelled it.
        (_label(2, "replaced"), True),
    ],
)
def test_a_catalog_at_the_third_epoch_serves_what_is_not_newer(label, is_served):
    assert label.is_served_at(3) is is_served
