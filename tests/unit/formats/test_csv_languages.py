"""Column names of many languages, and of Salesforce, Zoho and Pipedrive."""

from __future__ import annotations

import pytest

from tests.unit.formats.test_csv_headers import imported_row

LANGUAGES = {
    "french": "Prénom;Nom;Société;Fonction;Adresse e-mail;Téléphone;Téléphone portable;Rue;Code postal;Ville;Pays;"
    "Date de naissance;Remarques",
    "spanish": "Nombre;Apellidos;Empresa;Cargo;Correo electrónico;Teléfono;Móvil;Dirección;Código postal;Ciudad;País;"
    "Fecha de nacimiento;Observaciones",
    "italian": "Nome;Cognome;Azienda;Ruolo;Indirizzo e-mail;Telefono;Cellulare;Via;CAP;Città;Paese;Data di nascita;Note",
    "dutch": "Voornaam;Achternaam;Bedrijf;Functie;E-mailadres;Telefoonnummer;Mobiel;Straat;Postcode;Plaats;Land;"
    "Geboortedatum;Opmerkingen",
    "polish": "Imię;Nazwisko;Firma;Stanowisko;Adres e-mail;Numer telefonu;Telefon komórkowy;Ulica;Kod pocztowy;"
    "Miejscowość;Kraj;Data urodzenia;Uwagi",
    "portuguese": "Primeiro nome;Sobrenome;Empresa;Cargo;E-mail;Telefone;Telemóvel;Rua;Código postal;Cidade;País;"
    "Data de nascimento;Observações",
}
VALUES = [
    "Anna",
    "Berg",
    "Acme",
    "Boss",
    "anna@acme.example",
    "0431 12345",
    "0170 12345",
    "Dorfstr. 5",
    "24103",
    "Kiel",
    "DE",
    "1980-03-22",
    "nett",
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_plain_columns_of_a_language(language: str) -> None:
    contact, organization = imported_row(dict(zip(LANGUAGES[language].split(";"), VALUES, strict=True)))
    assert organization == "Acme"
    assert contact == {
        "kind": "person", "given_name": "Anna", "family_name": "Berg", "job_title": "Boss",
        "emails": [{"value": "anna@acme.example"}],
        "phones": [{"value": "0431 12345"}, {"label": "mobile", "value": "0170 12345"}],
        "addresses": [{"street": "Dorfstr. 5", "postal_code": "24103", "city": "Kiel", "country": "DE"}],
        "birthday": "1980-03-22", "note": "nett",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("header", "path", "label"),
    [
        ("Téléphone professionnel", "phones", "work"), ("Teléfono de trabajo", "phones", "work"),
        ("Telefono casa", "phones", "home"), ("Telefoon werk", "phones", "work"), ("Telefon służbowy", "phones", "work"),
        ("Numéro de téléphone", "phones", None), ("Rue (bureau)", "addresses", "work"), ("E-mail prywatny", "emails", "home"),
        ("Billing Street", "addresses", "billing"), ("Shipping City", "addresses", "shipping"),
        ("Asst. Phone", "phones", "assistant"), ("Other Phone", "phones", "other"),
    ],
)  # fmt: skip
def test_places_in_many_languages_are_labels(header: str, path: str, label: str | None) -> None:
    contact, _ = imported_row({"Name": "Anna", header: "12345"})
    assert contact[path][0].get("label") == label
    assert "custom" not in contact


@pytest.mark.parametrize("header", ["Nombre", "Nome", "Nom", "Naam", "Imię i nazwisko", "Nombre y apellidos"])
def test_a_name_alone_is_the_whole_name(header: str) -> None:
    assert imported_row({header: "Anna Berg", "E-mail": "a@x.example"})[0]["name"] == "Anna Berg"


def test_salesforce() -> None:
    contact, organization = imported_row(
        {
            "Salutation": "Ms.", "First Name": "Anna", "Last Name": "Berg", "Title": "CEO", "Account Name": "Acme",
            "Mailing Street": "Dorfstr. 5", "Mailing City": "Kiel", "Mailing State/Province": "SH",
            "Mailing Zip/Postal Code": "24103", "Mailing Country": "Germany", "Phone": "0431 1", "Fax": "0431 2",
            "Mobile": "0170 3", "Email": "anna@acme.example", "Lead Source": "Web", "Birthdate": "3/22/1980",
            "Description": "nice", "Account Owner": "Bob",
        }
    )  # fmt: skip
    assert organization == "Acme"
    assert (contact["prefix"], contact["job_title"], contact["source"], contact["note"]) == (
        "Ms.",
        "CEO",
        "Web",
        "nice",
    )
    assert contact["addresses"] == [
        {"street": "Dorfstr. 5", "city": "Kiel", "region": "SH", "postal_code": "24103", "country": "DE"}
    ]
    assert [entry.get("label") for entry in contact["phones"]] == [None, "fax", "mobile"]
    assert (contact["birthday"], contact["custom"]) == ("1980-03-22", {"Account Owner": "Bob"})


def test_salesforce_by_the_names_of_its_interface() -> None:
    contact, _ = imported_row(
        {"LastName": "Berg", "FirstName": "Anna", "MailingStreet": "Dorfstr. 5", "MailingPostalCode": "24103",
         "MobilePhone": "0170 3", "HomePhone": "0431 4", "OtherCity": "Bonn", "LeadSource": "Web"}
    )  # fmt: skip
    assert contact["addresses"] == [
        {"street": "Dorfstr. 5", "postal_code": "24103"},
        {"label": "other", "city": "Bonn"},
    ]
    assert [entry["label"] for entry in contact["phones"]] == ["mobile", "home"]
    assert "custom" not in contact


def test_zoho() -> None:
    contact, organization = imported_row(
        {
            "Record Id": "z_1", "First Name": "Anna", "Last Name": "Berg", "Account Name": "Acme", "Email": "a@x.example",
            "Secondary Email": "b@x.example", "Title": "CEO", "Home Phone": "0431 1", "Asst Phone": "0431 2",
            "Date of Birth": "1980-03-22", "Mailing Zip": "24103", "Other Zip": "53111", "Description": "nice",
        }
    )  # fmt: skip
    assert organization == "Acme"
    assert [(entry.get("label"), entry["value"]) for entry in contact["emails"]] == [
        (None, "a@x.example"),
        ("other", "b@x.example"),
    ]
    assert [entry["label"] for entry in contact["phones"]] == ["home", "assistant"]
    assert contact["addresses"] == [{"postal_code": "24103"}, {"label": "other", "postal_code": "53111"}]
    assert contact["custom"] == {"Record Id": "z_1"}


def test_pipedrive() -> None:
    contact, organization = imported_row(
        {
            "Person - Name": "Anna Berg", "Person - Organization": "Acme", "Person - Label": "Hot",
            "Person - Phone - Work": "0431 1", "Person - Phone - Mobile": "0170 2", "Person - Email - Work": "a@x.example",
            "Person - Email - Other": "b@x.example", "Organization - City/town/village/locality of Address": "Kiel",
            "Organization - ZIP/Postal code of Address": "24103", "Person - Owner": "Bob",
        }
    )  # fmt: skip
    assert (organization, contact["name"], contact["tags"]) == ("Acme", "Anna Berg", ["Hot"])
    assert [(entry["label"], entry["value"]) for entry in contact["phones"]] == [
        ("work", "0431 1"),
        ("mobile", "0170 2"),
    ]
    assert [entry["label"] for entry in contact["emails"]] == ["work", "other"]
    assert contact["addresses"] == [{"city": "Kiel", "postal_code": "24103"}]
    assert contact["custom"] == {"Person - Owner": "Bob"}


def test_google_as_it_was() -> None:
    contact, _ = imported_row(
        {
            "Name": "Mia Muster", "Given Name": "Mia", "Family Name": "Muster", "Group Membership": "* My Contacts",
            "E-mail 1 - Type": "* Work", "E-mail 1 - Value": "a@x.example", "E-mail 2 - Type": "Verein",
            "E-mail 2 - Value": "b@x.example", "Phone 1 - Type": "Mobile", "Phone 1 - Value": "0170 1234567",
            "Website 1 - Type": "Blog", "Website 1 - Value": "https://x.example", "Address 1 - Type": "Home",
            "Address 1 - City": "Kiel", "Organization 1 - Type": "", "Organization 1 - Yomi Name": "",
        }
    )  # fmt: skip
    assert [entry["label"] for entry in contact["emails"]] == ["work", "Verein"]
    assert (contact["phones"][0]["label"], contact["urls"][0]["label"]) == ("mobile", "Blog")
    assert contact["addresses"] == [{"label": "home", "city": "Kiel"}]
    assert "custom" not in contact
