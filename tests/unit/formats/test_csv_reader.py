"""CSV files as other programs write them become contacts; invalid ones are reported by their row."""

from __future__ import annotations

import io
from typing import Any

import pytest

from crmtenant.errors import Invalid, TooLarge
from crmtenant.formats.csv.reader import read_csv
from crmtenant.formats.parsed_contact import ParsedContact


def cards(text: str, *, encoding: str = "utf-8", **options: Any) -> list[ParsedContact]:
    options.setdefault("max_rows", 1000)
    return list(read_csv(io.BytesIO(text.encode(encoding)), **options))


def contact(text: str, **options: Any) -> dict[str, Any]:
    (card,) = cards(text, **options)
    assert not card.field_errors
    return card.contact


def codes(found: list[ParsedContact]) -> list[tuple[int, str]]:
    return [(card.row, field_error.code) for card in found for field_error in card.field_errors]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(delimiter: str) -> None:
    text = f"Name{delimiter}E-mail{delimiter}City\nAnna Berg{delimiter}anna@berg.example{delimiter}Kiel\n"
    assert contact(text) == {
        "kind": "person",
        "name": "Anna Berg",
        "emails": [{"value": "anna@berg.example"}],
        "addresses": [{"city": "Kiel"}],
    }


def test_commas_in_values_do_not_make_a_comma_the_delimiter() -> None:
    assert contact("Name;Notes\nAnna;a, b, c, d\n")["note"] == "a, b, c, d"


def test_what_stands_before_the_header_is_passed_over_and_rows_count_as_in_a_spreadsheet() -> None:
    text = '"Date: 2026-01-01"\n"Export of\n3 lines\nof text"\n\nName,Phone\nAnna,12345\n\nBob,67890\n'
    assert [(card.row, card.contact["name"]) for card in cards(text)] == [(5, "Anna"), (7, "Bob")]


def test_a_separator_declaration_of_excel_is_passed_over() -> None:
    assert contact("sep=;\nName;Ort\nAnna;Kiel\n")["addresses"] == [{"city": "Kiel"}]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "Anna Berg,anna@berg.example,Kiel\nBob Ray,bob@ray.example,Bonn\n",
        "Folder,Title,Tags\nWork,Write the report,urgent\n",
    ],
)
def test_a_file_without_a_header_that_names_contacts_is_refused_with_what_was_found(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        cards(text)
    assert refusal.value.reason == "header_missing"
    assert "mapping" in refusal.value.detail
    assert text.partition(",")[0].strip() in refusal.value.detail


def test_a_file_without_header_can_be_mapped_by_column_numbers() -> None:
    found = cards(
        "Anna Berg;anna@berg.example\nBob;bob@ray.example\n", mapping={"1": "name", "2": "emails/0/value"}
    )
    assert [(card.row, card.contact["name"]) for card in found] == [(1, "Anna Berg"), (2, "Bob")]
    assert found[1].contact["emails"] == [{"value": "bob@ray.example"}]


def test_a_mapping_wins_over_what_names_mean_and_can_ignore_columns() -> None:
    text = "Wer,Mail,Phone,Name\nAnna,anna@berg.example,secret,Acme\n"
    (card,) = cards(
        text, mapping={"Wer": "name", "Mail": "emails/0/value", "Phone": None, "Name": "organization"}
    )
    assert card.organization == "Acme"
    assert card.contact == {"kind": "person", "name": "Anna", "emails": [{"value": "anna@berg.example"}]}


@pytest.mark.parametrize(
    ("mapping", "code", "pointer"),
    [
        ({"Absent/x": "name"}, "unknown_column", "/mapping/Absent~1x"),
        ({"Name": "emails/0/nonsense"}, "unknown_field", "/mapping/Name"),
        ({"Name": "id"}, "unknown_field", "/mapping/Name"),
        ({"7": "name"}, "unknown_column", "/mapping/7"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(mapping: dict[str, str], code: str, pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        cards("Name,Mail\nAnna,anna@berg.example\n", mapping=mapping)
    assert [(field_error.code, field_error.pointer) for field_error in refusal.value.field_errors] == [
        (code, pointer)
    ]


def test_quoted_cells_hold_delimiters_quotes_and_line_breaks() -> None:
    text = 'Name,Notes\r\n"Berg, ""Anna""","first\r\nsecond, with comma"\r\nBob,x\r\n'
    first, second = cards(text)
    assert first.contact["name"] == 'Berg, "Anna"'
    assert first.contact["note"] == "first\r\nsecond, with comma"
    assert (second.row, second.contact["name"]) == (3, "Bob")


def test_short_rows_are_filled_up_and_empty_surplus_is_cut() -> None:
    assert [card.contact["name"] for card in cards("Name,Phone,City\nAnna\nBob,12345,Kiel,,,\n")] == [
        "Anna",
        "Bob",
    ]


SUPPLIERS = "id,companyName,contactName,address,city,region,postalCode,country,phone\n"


@pytest.mark.parametrize(
    ("row", "company", "street"),
    [
        (
            "7,Kiwi, Ltd.,Ian Dee,74 Tulip St.,Melbourne,Victoria,3058,Australia,(03) 555-0143",
            "Kiwi, Ltd.",
            "74 Tulip St.",
        ),
        (
            "8,Ma Maison,Luc Roy,24, rue du Lac,Lille,NULL,59000,France,20.55.01.43",
            "Ma Maison",
            "24, rue du Lac",
        ),
        ("9,A, B, Ltd.,Ian Dee,Way 1,Rome,NULL,00100,Italy,(03) 555-0143", "A, B, Ltd.", "Way 1"),
    ],
)
def test_a_row_without_quotes_is_repaired_where_there_is_one_reading(
    row: str, company: str, street: str
) -> None:
    (card,) = cards(SUPPLIERS + row + "\n")
    assert card.organization == company
    assert card.contact["addresses"][0]["street"] == street
    assert card.contact["phones"] == [{"value": row.rpartition(",")[2]}]


def test_a_number_cut_in_two_is_repaired_when_nothing_else_fits() -> None:
    (card,) = cards("E-mail,Phone,Country\nanna@berg.example,+49 30,123456,DE\n")
    assert card.contact["phones"] == [{"value": "+49 30,123456"}]


def test_a_number_cut_in_two_is_a_fault_when_its_end_could_be_the_next_column() -> None:
    found = cards("E-mail,Phone,City\nanna@berg.example,+49 30,123456,Kiel\n")
    assert codes(found) == [(2, "too_many_cells")]


@pytest.mark.parametrize(
    "row",
    [
        "7,Kiwi,Ltd.,Ian Dee,74 Tulip St.,Melbourne,Victoria,3058,Australia,(03) 555-0143",  # no space tells where
        "7,Kiwi, Ltd.,Ian Dee,74 Tulip St.,Melbourne,Victoria,3058,Australia,not a number",
        "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r",
    ],
)
def test_a_row_that_can_be_read_in_several_ways_is_a_fault_of_that_row(row: str) -> None:
    assert codes(cards(f"{SUPPLIERS}{row}\n1,Acme,Anna,A 1,Kiel,,24103,Germany,0431 12345\n")) == [
        (2, "too_many_cells")
    ]


def test_a_nul_is_a_fault_of_its_row() -> None:
    assert codes(cards("Name,Phone\nAn\0na,12345\nBob,12345\n")) == [(2, "nul_character")]


def test_a_cell_too_long_is_a_fault_of_its_row() -> None:
    found = cards(f"Name,Notes\nAnna,{'x' * 140_000}\nBob,y\n")
    assert codes(found) == [(2, "cell_too_long")]
    assert found[-1].contact["name"] == "Bob"


def test_a_quote_never_closed_is_told_and_ends_the_reading() -> None:
    found = cards('Name,Notes\nAnna,fine\nBob,"begins\nCarl,lost\n')
    assert codes(found) == [(3, "unclosed_quote")]
    assert len(found) == 2


def test_a_quote_never_closed_in_a_large_file_is_not_read_to_its_end() -> None:
    found = cards('Name,Notes\nAnna,"begins\n' + "Carl,lost\n" * 500_000)
    assert codes(found) == [(2, "cell_too_long"), (2, "unclosed_quote")]


def test_more_rows_than_allowed_are_too_large() -> None:
    with pytest.raises(TooLarge, match="this one has 11"):
        read_csv(io.BytesIO(b"Date\n\nName\n" + b"Anna\n" * 11), max_rows=10)  # before a row is taken
    assert len(cards("Name\n" + "Anna\n\n" * 10, max_rows=10)) == 10


@pytest.mark.parametrize("nothing", ["NULL", "null", "N/A", "n/a", "#N/A", "(null)", "\\N", "", "  "])
def test_words_for_nothing_are_nothing(nothing: str) -> None:
    assert contact(f"Name,Phone\nAnna,{nothing}\n") == {"kind": "person", "name": "Anna"}


def test_a_person_called_null_keeps_the_name() -> None:
    assert contact("First Name,Last Name\nJenny,Null\n")["family_name"] == "Null"


def test_two_columns_of_one_name_give_two_values_and_lose_none() -> None:
    found = contact("Name,E-mail,E-mail,Job Title,Job Title\nAnna,a@x.example,b@x.example,Boss,Chief\n")
    assert [entry["value"] for entry in found["emails"]] == ["a@x.example", "b@x.example"]
    assert found["job_title"] == "Boss"
    assert found["custom"] == {"Job Title": "Chief"}


def test_columns_nobody_knows_become_custom_fields_unless_empty_or_binary() -> None:
    text = f"Name,Shoe size,Photo data,Empty,\nAnna,42,0x{'151C2F00' * 20},,stray\n"
    assert contact(text)["custom"] == {"Shoe size": "42"}


def test_hundreds_of_unknown_columns_stay_within_what_a_contact_holds() -> None:
    names, values = (",".join(f"{word}{n}" for n in range(400)) for word in ("Column", "ab " * 160))
    custom = contact(f"Name,{names}\nAnna,{values}\n")["custom"]
    assert 0 < len(custom) <= 50
    assert sum(map(len, custom.values())) <= 20_000


def test_formulas_made_harmless_elsewhere_are_restored_and_a_formula_in_the_header_is_only_a_name() -> None:
    found = contact('Name,Phone,"=HYPERLINK(""x"")"\nAnna,\'+49 30 123456,1\n')
    assert found["phones"] == [{"value": "+49 30 123456"}]
    assert found["custom"] == {'=HYPERLINK("x")': "1"}


@pytest.mark.parametrize(
    ("text", "kind", "name", "organization"),
    [
        ("Company,Name\nAcme,Anna\n", "person", "Anna", "Acme"),
        ("Company,Name\nAcme,\n", "organization", "Acme", None),
        ("Company,Name\nAcme,ACME\n", "organization", "ACME", None),
        ("Company,E-mail\nAcme,info@acme.example\n", "organization", "Acme", None),
        ("Name,Is a Company\nAcme,TRUE\n", "organization", "Acme", None),
        ('Name,Is a Company,Related Company\n"Acme, Anna",FALSE,Acme\n', "person", "Anna", "Acme"),
        ("Name,Company Type\nAcme,Company\n", "organization", "Acme", None),
        ("E-mail\nanna@berg.example\n", "person", "anna@berg.example", None),
        ("Phone\n+49 30 12345\n", "person", "+49 30 12345", None),
    ],
)
def test_who_is_a_person_and_who_an_organisation(
    text: str, kind: str, name: str, organization: str | None
) -> None:
    (card,) = cards(text)
    assert (card.contact["kind"], card.contact["name"], card.organization) == (kind, name, organization)


@pytest.mark.parametrize(
    ("written", "region", "day"),
    [
        ("1980-03-22", None, "1980-03-22"),
        ("1980-03-22 00:00:00.000", None, "1980-03-22"),
        ("19800322", None, "1980-03-22"),
        ("22.03.1980", None, "1980-03-22"),
        ("22.3.80", None, "1980-03-22"),
        ("3/22/1980", None, "1980-03-22"),
        ("4/3/1980", "US", "1980-04-03"),
        ("4/3/1980", "DE", "1980-03-04"),
        ("22 March 1980", None, "1980-03-22"),
        ("March 22, 1980", None, "1980-03-22"),
        ("22. März 1980", None, "1980-03-22"),
        ("0/0/00", None, None),
        ("0000-00-00", None, None),
        ("31.02.1980", None, "31.02.1980"),
    ],
)
def test_birthdays_in_common_forms(written: str, region: str | None, day: str | None) -> None:
    assert contact(f'Name,Birthday\nAnna,"{written}"\n', region=region).get("birthday") == day


def test_a_birthday_without_year_is_kept_aside() -> None:
    assert contact("Name,Birthday\nAnna,--03-22\n")["custom"] == {"birthday": "--03-22"}


def test_a_country_nobody_knows_is_kept_aside() -> None:
    found = contact("Name,City,Country\nAnna,Split,Yugoslavia\n")
    assert found["addresses"] == [{"city": "Split"}]
    assert found["custom"] == {"country": "Yugoslavia"}


@pytest.mark.parametrize(
    ("cell", "link"),
    [
        ("https://acme.example/#about", "https://acme.example/#about"),
        ("Acme (on the web)#http://acme.example/x.htm#", "http://acme.example/x.htm"),
        ("#ACME.HTM#", None),
    ],
)
def test_links_of_access_are_read_and_files_on_disks_are_not_links(cell: str, link: str | None) -> None:
    urls = contact(f"Name,homePage\nAnna,{cell}\n").get("urls", [{"value": None}])
    assert urls == [{"value": link}]
