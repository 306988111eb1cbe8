"""What people write into a cell to say that there is nothing: a dash, k.A., n/a, null; in many languages."""

from __future__ import annotations

import re
from functools import lru_cache

from crmtenant.formats.contact_paths import CUSTOM, TAGS
from crmtenant.text.person_names import NAME_PARTS
from crmtenant.text.tokens import fold


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(","))


_PROGRAMS_SAY = frozenset({"NULL", "null", "(null)", "N/A", "n/a", "#N/A", "\\N", "#NV", "#NULL!", "#REF!"})
_NO_MARK = re.compile(r"[\W_]+")
_LONGEST = 40
_LONGEST_CODE = 5
"""Characters. ND is a state, NO a country, and N. A. are initials."""

# Folded, signs as spaces.
_NOT_SAID = _words(
    "n a, na, nan, nil, k a, ka, k angabe, keine angabe, keine angaben, ohne angabe, o a, nicht angegeben, nicht bekannt,"
    "not available, not applicable, not specified, not provided, not set, no data, no value, no answer,"
    "non renseigne, non communique, non precise, non disponible, n c, n d, nd, nr, n r, s o,"
    "no disponible, no aplica, sin datos, sin especificar, sin informacion, no consta, s d,"
    "non specificato, non indicato, non pervenuto, non comunicato,"
    "n v t, nvt, niet bekend, niet opgegeven, niet beschikbaar, geen gegevens, onbekend,"
    "brak danych, nie dotyczy, nie podano, b d, bd, n d a,"
    "nao informado, nao disponivel, sem informacao, saknas, uppgift saknas, ikke oplyst, ikke angitt, ej angivet"
)
_UNKNOWN = _words(
    "none, null, unknown, undefined, nobody, unbekannt, keine, keiner, kein, keins, nicht vorhanden,"
    "aucun, aucune, inconnu, inconnue, neant, ninguno, ninguna, desconocido, desconocida,"
    "nessuno, nessuna, sconosciuto, sconosciuta, geen, nieznany, nieznana, nieznane, nie ma,"
    "nenhum, nenhuma, desconhecido, ingen, inget, okand, ukendt, ukjent"
)
# Words that are something elsewhere: Leer is a town, and No. a street.
_NOTHING = _words(
    "nothing, empty, blank, no, void, nein, nichts, ohne, leer, fehlt, unbek, entfallt, vide, sans, rien,"
    "vacio, sin, nada, vuoto, niente, leeg, nee, brak, puste, nie, vazio"
)
_FREE_TEXT = frozenset({"note", CUSTOM, TAGS, "kind", "source"})
_NAMES = frozenset({"name", "nickname", *NAME_PARTS})
_WITHOUT_WORDS = frozenset({"phones", "emails", "urls", "birthday"})


@lru_cache(maxsize=4096)
def is_blank(field: str, cell: str) -> bool:
    """Return whether this is only a way to say that the field is empty.

    Names are names as long as they can be: there are people called Null, and K. A. are initials. In free text,
    "none" may be an answer.
    """
    if cell in _PROGRAMS_SAY:
        return True
    if len(cell) > _LONGEST:
        return False
    words = " ".join(_NO_MARK.sub(" ", fold(cell)).split())
    if not words:
        return field not in {CUSTOM, "note"} or not any(mark in cell for mark in "*#+")
    if field in _WITHOUT_WORDS:
        return not words.strip("0 ") or words in _NOT_SAID or words in _UNKNOWN or words in _NOTHING
    if field in _NAMES:
        return words in _NOT_SAID and (len(words) > _LONGEST_CODE or "/" in cell or _is_abbreviated(cell))
    if words in _NOT_SAID:
        return len(words) > _LONGEST_CODE or not cell.isalpha()
    return field not in _FREE_TEXT and words in _UNKNOWN


def _is_abbreviated(cell: str) -> bool:
    """Return whether this is written as `k.A.` is, and no initials are."""
    return cell[0].islower() and not cell.isalpha()
