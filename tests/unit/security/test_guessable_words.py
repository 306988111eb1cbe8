"""Passwords that are words everybody tries are refused, in German, Russian and English, however they are dressed."""

from __future__ import annotations

import pytest

from crmtenant.security.passwords import check_strength

OWN = ["Anna Berg", "anna.berg@contoso.example", "Contoso Möbel GmbH"]
REFUSED = [
    "Sommer2024!!", "Sommer2026!!!", "Winter2025/26", "Herbst-2025!", "Frühling2026!", "Fruehling2026!", "fruhling 2026", "Summer2025!!!",
    "Spring2026!!", "Autumn2025!!", "Passwort123!", "Passwort1234", "P@ssw0rt2025!", "Willkommen1!", "Willkommen2025!", "Hallo12345678",
    "Geheim123456!", "Schatz1234567", "Dezember2025!", "November2026!", "Montag2026!!", "qwertz123456", "Qwertz2025!!!", "FCBayern2025!",
    "SommerSommer24!", "Winter2025Sommer2026!", "Contoso2024!Crm", "contoso123456", "Contoso-2026!", "AnnaBerg1985!", "annaberg2026!!",
    "Berg.Anna.2026", "Möbel2026!!!!", "crmtenant2026!", "Crmtenant123!", "Пароль123456", "Привет2026!!", "Лето2025!!!!!", "Зима2026!!!!!",
    "йцукен123456", "Солнышко2026!", "Gfhjkm123456", "Ghbdtn2026!!!", "privet123456", "Москва2025!!!", "Любовь2026!!!", "ялюблютебя1!",
]  # fmt: skip
TAKEN = [
    "seven green umbrellas", "korrekt pferd batterie heftklammer", "drei gelbe Schirme im Regen", "семь зелёных зонтов",
    "xK9#vTq2!mWz", "Sommer-Kranich-Ofen-71", "Fensterkreuz im Nebelhorn", "мокрый кирпич на балконе", "tpHq7vRz-kLw3",
]  # fmt: skip


@pytest.mark.parametrize("password", REFUSED)
def test_what_everybody_tries_is_refused(password: str) -> None:
    found = check_strength(password, OWN, 12)
    assert found is not None
    assert found.code == "common_password"


@pytest.mark.parametrize("password", TAKEN)
def test_what_nobody_tries_is_taken(password: str) -> None:
    assert check_strength(password, OWN, 12) is None
