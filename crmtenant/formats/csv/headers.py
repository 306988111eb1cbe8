"""Column names of other programs and the fields they mean: Google, Outlook, Odoo, HubSpot, plain English and German.

Names are folded to lower-case words first, so `E-mail 2 Address`, `emailAddress2` and `E-Mail-Adresse 2`
are the same. A name that is not in the table of whole names is split into words that say where (business,
privat, mobile), a number, and the rest.
"""

from __future__ import annotations

import re

from crmtenant.formats.contact_paths import CUSTOM, MOST_CUSTOM_NAME, ORGANIZATION, TAGS, Target, target_of
from crmtenant.text.tokens import fold

TITLE = Target("title")
"""A `Title` column: a job title, unless another column is one; then Mr or Dr. `columns.py` decides."""
IGNORED = Target("")
COURTESY = "prefix"


def _names(group: str) -> frozenset[str]:
    return frozenset(name.strip() for name in group.split(","))


def _table(**names: str) -> dict[str, str]:
    """Return a table from each of the names, separated by commas, to its field."""
    return {name.strip(): field for field, group in names.items() for name in group.split(",")}


_SCALARS = _table(
    name="""name, full name, display name, complete name, contact name, contact, contact person,
        ansprechpartner, ansprechpartnerin, kontakt, kontaktname, vollstandiger name, anzeigename""",
    given_name="first name, given name, firstname, forename, first, vorname",
    middle_name="middle name, middlename, additional name, middle, weitere vornamen, zweiter vorname, 2 vorname",
    family_name="last name, lastname, family name, surname, last, nachname, familienname, zuname",
    prefix="""name prefix, title of courtesy, courtesy title, courtesy, salutation, honorific prefix, prefix,
        anrede, namensprafix, akademischer titel""",
    suffix="suffix, name suffix, namenszusatz, namenssuffix",
    nickname="nickname, nick name, spitzname, rufname",
    job_title="""job title, jobtitle, contact title, position, job position, function, organization title,
        organization 1 title, funktion, berufsbezeichnung, stelle, stellenbezeichnung""",
    department="department, organization department, organization 1 department, abteilung",
    birthday="birthday, birth date, birthdate, date of birth, dob, geburtstag, geburtsdatum, geb datum",
    note="notes, note, comment, comments, remarks, remark, internal notes, notiz, notizen, bemerkung, bemerkungen, "
    "kommentar, kommentare, anmerkung, anmerkungen",
    tags="tags, tag, labels, categories, category, kategorien, kategorie, group membership, schlagworte, schlagworter",
    kind="kind, company type, is a company, is company",
    source="source, lead source, quelle",
    organization="""company, company name, companyname, organization, organisation, organization name,
        organisation name, organization 1 name, associated company, primary associated company, related company,
        related company name, account name, employer, firma, firmenname, unternehmen, arbeitgeber, company account""",
)

_URLS = _names(
    "website,web site,web page,webpage,web,www,url,homepage,home page,website url,website value,web url,"
    "company domain name,webseite,internet,internetseite,internetadresse,business homepage"
)
_IGNORED = _names(
    "email display name,email angezeigter name,email type,email typ,file as,photo,id,external id,"
    "phonetic first name,phonetic middle name,phonetic last name"
)

_PLACES = _table(
    work="business, work, office, company, geschaftlich, dienstlich, firma, arbeit, buro, beruflich, g",
    home="home, private, personal, residential, privat, p",
    other="other, weitere, weiterer, weiteres, weiteren, andere, alternative, secondary",
)
_PHONES = _table(
    phone="phone, telephone, tel, phone number, phone value, telephone number, telefon, telefonnummer, rufnummer, "
    "festnetz, telefon nr",
    mobile="""mobile, mobile phone, mobile phone number, mobile number, mobile telephone, cell, cell phone,
        cell phone number, cellphone, handy, mobil, mobiltelefon, mobilnummer, handynummer, mobilfunk""",
    fax="fax, fax number, telefax, faxnummer, fax phone",
    pager="pager",
    main="main phone, primary phone, haupttelefon, zentrale",
    car="car phone, autotelefon",
)
_EMAILS = _names(
    "email,email address,email value,mail,emailadresse,email adresse,emailaddress,mail address,mailadresse"
)
_LABELS = {
    "email label": "emails",
    "phone label": "phones",
    "phone type": "phones",
    "address label": "addresses",
} | {
    "address type": "addresses",
    "website label": "urls",
    "website type": "urls",
}
_ADDRESSES = _table(
    street="""street, street address, address, address street, address line, strasse, adresse, anschrift,
        strasse und hausnummer, strasse hausnummer, strasse nr, address extended address, mailing street,
        adresszusatz, address extended""",
    po_box="po box, address po box, postfach, postoffice box",
    house_number="house number, hausnummer, hausnr, haus nr",
    formatted="address formatted",
    city="city, town, address city, locality, ort, stadt, wohnort, mailing city",
    region="""state, region, state region, state province, province, county, address region, address state,
        bundesland, bundesland kanton, kanton, mailing state""",
    postal_code="""postal code, zip, zip code, zipcode, postcode, zip postal code, address postal code, address zip,
        plz, postleitzahl, mailing postal code""",
    country="country, country region, country name, address country, land, land region, staat, mailing country",
)

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BESIDE_NUMBER = re.compile(r"(?<=[^\W\d_])(?=[0-9])|(?<=[0-9])(?=[^\W\d_])")
_NO_WORD = re.compile(r"[\W_]+")


def words_of(header: str) -> str:
    """Return the header as lower-case words without accents: `homePhone2` and `Home Phone 2` are `home phone 2`."""
    spaced = _BESIDE_NUMBER.sub(" ", _CAMEL.sub(" ", header.strip()))
    folded = " ".join(_NO_WORD.sub(" ", fold(spaced)).split())
    return re.sub(r"\be mail\b", "email", folded)


def meaning_of(header: str) -> Target | None:
    """Return the target of a column of this name, `IGNORED` if it has none, or None if the name is unknown."""
    literal = target_of(header.strip())
    if literal:
        return literal
    words = words_of(header)
    if words in _IGNORED:
        return IGNORED
    if words in {"title", "titel"}:
        return TITLE
    if words in _SCALARS:
        return _scalar(_SCALARS[words])
    return _entry(words)


def custom_column(header: str) -> Target:
    """Return the target of an unknown column: a custom field of its name."""
    return Target(CUSTOM, part=header.strip()[:MOST_CUSTOM_NAME])


def _scalar(field: str) -> Target:
    return Target({"organization": ORGANIZATION, "tags": TAGS}.get(field, field))


def _entry(words: str) -> Target | None:
    """Return the target of an e-mail address, telephone number, postal address or web page: `business phone 2`."""
    whole = _typed(words, None, "")
    if whole:
        return whole
    number = re.search(r"\b[0-9]{1,2}\b", words)
    label, rest = _placed(re.sub(r"\b[0-9]{1,2}\b", " ", words).split())
    is_second_line = number is not None and number.end() == len(words)
    if (
        rest in _ADDRESSES and is_second_line
    ):  # `Street 2` is a line of the same address, `Address 2 City` is not
        return Target("addresses", slot=label or "", part=_ADDRESSES[rest], label=label)
    return _typed(rest, label, number[0] if number else "")


def _placed(words: list[str]) -> tuple[str | None, str]:
    """Return the label that words of place give, and the other words. German adds single letters: weiteres/r."""
    label = next((_PLACES[word] for word in words if word in _PLACES), None)
    rest = [word for word in words if word not in _PLACES and (label != "other" or len(word) > 1)]
    return label, " ".join(rest)


def _typed(words: str, label: str | None, number: str) -> Target | None:
    slot = f"{label or ''}{number}"
    if words in _PHONES:
        kind = _PHONES[words]
        return Target("phones", f"{slot}{kind}", "value", label if kind == "phone" else kind)
    if words in _EMAILS:
        return Target("emails", slot, "value", label)
    if words in _URLS:
        return Target("urls", slot, "value", label)
    if words in _ADDRESSES:
        return Target("addresses", slot, _ADDRESSES[words], label)
    if words in _LABELS:
        field = _LABELS[words]
        return Target(field, f"{slot}phone" if field == "phones" else slot, "label")
    return None
