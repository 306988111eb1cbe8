import base64

import pytest

from crmtenant.db.secrets.role_names import RoleNames, derived_password, scram_verifier


def test_the_names_of_an_installation_begin_with_its_catalog():
    names = RoleNames("acme")
    assert [names.owner, names.rw, names.tenants, names.app, names.template("0007")] == [
        "acme_owner",
        "acme_rw",
        "acme_tenants",
        "acme_app",
        "acme_template_0007",
    ]


def test_a_derived_password_depends_on_secret_role_and_version_and_on_nothing_else():
    password = derived_password("secret", "t_a", 1)
    assert derived_password("secret", "t_a", 1) == password
    assert len(base64.b64decode(password)) == 32
    others = {
        derived_password("other", "t_a", 1),
        derived_password("secret", "t_b", 1),
        derived_password("secret", "t_a", 2),
    }
    assert len({password, *others}) == 4


def test_a_derived_password_is_what_it_has_always_been():
    # Changing this locks every company out of its database.
    expected = "SdJ9G7i6iMhpw3eGasiQl2TIColeaY4De1Bo+i9OxbU="
    assert derived_password("x" * 32, "t_abc", 1) == expected


def test_a_verifier_is_salted_and_does_not_show_the_password():
    one, other = scram_verifier("pencil"), scram_verifier("pencil")
    assert one != other
    assert "pencil" not in one
    assert scram_verifier("pencil", iterations=4096).startswith("SCRAM-SHA-256$4096:")


def test_a_password_that_would_need_preparing_is_refused():
    with pytest.raises(UnicodeEncodeError):
        scram_verifier("pässword")
