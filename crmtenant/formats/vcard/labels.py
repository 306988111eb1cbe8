"""Labels of telephone numbers and addresses in vCards: TYPE, and what programs make of it.

RFC 6350 section 5.6, RFC 2426 section 3.3.1, vCard 2.1. Whatever else stands there is a label somebody chose:
Nextcloud and cards of version 4.0 write it into TYPE.
"""

from __future__ import annotations

from collections.abc import Iterable

# What a type means as a label, the more telling first: TYPE=home,fax is a fax.
_STANDARD = {"fax": "fax", "cell": "mobile", "pager": "pager", "car": "car", "main": "main"} | {
    "home": "home",
    "work": "work",
}
_NAMES = """voice,pref,internet,x400,x.400,text,textphone,video,msg,bbs,modem,isdn,pcs,dom,intl,postal,parcel,
aol,applelink,attmail,cis,eworld,ibmmail,mcimail,powershare,prodigy,tlx,smtp,ex,
utf-8,utf8,b,base64,8bit,7bit,quoted-printable,uri,date,none,contact,individual,main-number"""
_MEANINGLESS = frozenset(name.strip() for name in _NAMES.split(","))
_HIDDEN = ("x-evolution", "x-kaddressbook", "x-internet")


def label_of_types(given: Iterable[str]) -> str | None:
    """Return the label: the one somebody chose, or else the most telling of the standard ones."""
    types = [word.strip() for value in given for word in value.split(",") if word.strip()]
    own = next((word for word in types if _is_own(word.lower())), None)
    if own:
        return own[2:] if own.lower().startswith("x-") and len(own) > 2 else own
    known = {word.lower() for word in types}
    return next((label for word, label in _STANDARD.items() if word in known), None)


def _is_own(word: str) -> bool:
    return word not in _STANDARD and word not in _MEANINGLESS and not word.startswith(_HIDDEN)
