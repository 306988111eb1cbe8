"""Names of columns, folded to lower-case words, in the languages people export address books in.

English, German, French, Spanish, Italian, Dutch, Polish, Portuguese; what Google, Outlook, Odoo, HubSpot,
Salesforce, Zoho and Pipedrive write.
"""

from __future__ import annotations


def names(group: str) -> frozenset[str]:
    """Return the names, which are separated by commas."""
    return frozenset(name.strip() for name in group.split(",") if name.strip())


def _table(**fields: str) -> dict[str, str]:
    """Return a table from each of the names to its field."""
    return {name: field for field, group in fields.items() for name in names(group)}


SCALARS = _table(
    name="""name, full name, display name, complete name, contact name, contact, contact person, customer name, client name,
        ansprechpartner, ansprechpartnerin, kontakt, kontaktname, kontaktperson, vollstandiger name, anzeigename, kundenname,
        nom, nom complet, nom et prenom, prenom et nom, nom prenom, prenom nom, nom du contact, nom du client,
        nombre completo, nombre y apellidos, nombre y apellido, apellidos y nombre, nombre del contacto, nombre del cliente,
        nome completo, nome e cognome, cognome e nome, nominativo, referente, contatto, contacto,
        naam, volledige naam, contactpersoon, naam contactpersoon, klantnaam, contactnaam,
        imie i nazwisko, nazwisko i imie, osoba kontaktowa, pelne imie i nazwisko, nazwa, nazwa kontaktu, nome do contato""",
    given_name="""first name, given name, firstname, forename, first, vorname, rufname vorname,
        prenom, primer nombre, nombre de pila, nombres, voornaam, roepnaam, imie, primeiro nome, nome proprio""",
    middle_name="""middle name, middlename, additional name, middle, weitere vornamen, zweiter vorname, 2 vorname,
        deuxieme prenom, autres prenoms, segundo nombre, secondo nome, tussenvoegsel, tussenvoegsels, tweede naam,
        drugie imie, segundo nome""",
    family_name="""last name, lastname, family name, surname, last, nachname, familienname, zuname,
        nom de famille, apellido, apellidos, primer apellido, cognome, achternaam, familienaam, nazwisko,
        sobrenome, apelido, ultimo nome""",
    prefix="""name prefix, title of courtesy, courtesy title, courtesy, salutation, honorific prefix, prefix,
        anrede, namensprafix, akademischer titel, civilite, tratamiento, saludo, appellativo, trattamento, aanhef,
        zwrot grzecznosciowy, forma grzecznosciowa, tratamento""",
    suffix="suffix, name suffix, namenszusatz, namenssuffix, suffixe, sufijo, suffisso, achtervoegsel, przyrostek, sufixo",
    nickname="nickname, nick name, spitzname, rufname, surnom, pseudo, apodo, alias, soprannome, bijnaam, roepnaam, pseudonim",
    job_title="""job title, jobtitle, contact title, position, job position, function, organization title,
        organization 1 title, funktion, berufsbezeichnung, stelle, stellenbezeichnung, jobtitel,
        fonction, poste, intitule du poste, cargo, puesto, puesto de trabajo, ruolo, qualifica, mansione, posizione,
        posizione lavorativa, functie, functietitel, functieomschrijving, stanowisko, stanowisko sluzbowe, funcao""",
    department="""department, organization department, organization 1 department, abteilung,
        departement, departamento, reparto, dipartimento, afdeling, dzial, setor""",
    birthday="""birthday, birth date, birthdate, date of birth, dob, geburtstag, geburtsdatum, geb datum, geb, geburtstage,
        date de naissance, anniversaire, naissance, fecha de nacimiento, cumpleanos, data di nascita, compleanno,
        geboortedatum, verjaardag, data urodzenia, urodziny, data de nascimento, aniversario""",
    note="""notes, note, comment, comments, remarks, remark, internal notes, description, notiz, notizen, bemerkung,
        bemerkungen, kommentar, kommentare, anmerkung, anmerkungen, beschreibung,
        remarque, remarques, commentaire, commentaires, notas, nota, observaciones, comentario, comentarios,
        annotazioni, commenti, osservazioni, notitie, notities, opmerking, opmerkingen, notatki, notatka, uwagi, komentarz,
        observacoes""",
    tags="""tags, tag, labels, label, categories, category, kategorien, kategorie, group membership, schlagworte, schlagworter,
        etiquettes, etiquette, etiquetas, etiqueta, categorias, categoria, categorie, etichette, etichetta, trefwoorden,
        etykiety, etykieta, tagi, marcadores""",
    kind="kind, company type, is a company, is company",
    source="source, lead source, quelle, origine du lead, origen del lead, bron, zrodlo",
    organization="""company, company name, companyname, organization, organisation, organization name,
        organisation name, organization 1 name, associated company, primary associated company, related company,
        related company name, account name, employer, firma, firmenname, unternehmen, arbeitgeber, company account,
        person organization, societe, entreprise, raison sociale, nom de la societe, nom de l entreprise, employeur,
        empresa, compania, organizacion, razon social, nombre de la empresa, nombre de empresa,
        azienda, societa, organizzazione, ditta, ragione sociale, nome azienda, nome societa, impresa,
        bedrijf, bedrijfsnaam, organisatie, organisatienaam, werkgever, naam bedrijf,
        nazwa firmy, organizacja, przedsiebiorstwo, pracodawca, nome da empresa, organizacao""",
)
GIVEN_OR_WHOLE = names("nombre, nome")
"""A first name beside a column of family names, else the whole name."""
TITLES = names("title, titel, titre, titulo, titolo, tytul")

URLS = names(
    """website, web site, web page, webpage, web, www, url, homepage, home page, website url, website value, web url,
    company domain name, webseite, internet, internetseite, internetadresse, business homepage,
    site web, site internet, page web, sitio web, pagina web, sito, sito web, sito internet, webpagina,
    strona www, strona internetowa, witryna, adres www, pagina inicial"""
)
IGNORED = names(
    """email display name, email angezeigter name, email type, email typ, file as, photo, id, external id,
    phonetic first name, phonetic middle name, phonetic last name, yomi name, given name yomi, additional name yomi,
    family name yomi, organization 1 yomi name, organization 1 type"""
)

PLACES = _table(
    work="""business, work, office, company, geschaftlich, dienstlich, firma, arbeit, buro, beruflich, g,
        bureau, professionnel, professionnelle, travail, pro, trabajo, oficina, laboral, profesional, lavoro, ufficio,
        werk, zakelijk, kantoor, sluzbowy, sluzbowa, firmowy, praca, biuro, trabalho, comercial""",
    home="""home, private, personal, residential, privat, p, domicile, personnel, personnelle, prive, privee, maison,
        casa, particular, domicilio, abitazione, personale, privato, thuis, prive, domowy, dom, prywatny, pessoal""",
    other="""other, weitere, weiterer, weiteres, weiteren, andere, alternative, secondary, autre, autres, otro, otra,
        altro, altra, overig, overige, ander, inny, inna, outro, outra, secondaire, secundario, secondario""",
    billing="billing, invoice, rechnung, rechnungsadresse, facturation, facturacion, fatturazione, factuur, faktura",
    shipping="shipping, delivery, lieferung, lieferadresse, livraison, envio, spedizione, levering, dostawa",
    assistant="assistant, asst, assistent, assistenz, assistente, asystent",
)
FILLERS = names(
    """de, du, des, d, la, le, l, el, di, del, della, do, da, dos, van, von, the, of, nr, no, numero, numer, number, nummer,
    principal, principale, glowny, hoofd, mailing, correspondence"""
)
OWNERS = names(
    "person, people, contact, kontakt, lead, persona, contatto, contacto, contactpersoon, osoba, kunde, customer, account, "
    "organization, organisation"
)
"""Whose column it is, which Pipedrive puts first: `Person - Phone - Work`."""

PHONES = _table(
    phone="""phone, telephone, tel, phone number, phone value, telephone number, telefon, telefonnummer, rufnummer,
        festnetz, telefon nr, telefonnr, landline, telephone fixe, fixe, numero de telephone, telefono, telefono fijo,
        numero de telefono, telefono fisso, numero di telefono, telefoon, telefoonnummer, vaste telefoon, vast,
        numer telefonu, nr telefonu, telefon stacjonarny, telefone, numero de telefone""",
    mobile="""mobile, mobile phone, mobile phone number, mobile number, mobile telephone, cell, cell phone,
        cell phone number, cellphone, handy, mobil, mobiltelefon, mobilnummer, handynummer, mobilfunk, mobile no,
        portable, telephone portable, telephone mobile, tel mobile, tel portable, gsm, movil, celular, telefono movil,
        telefono celular, numero de movil, cellulare, telefono cellulare, numero di cellulare,
        mobiel, mobiele telefoon, mobiel nummer, telefoon mobiel, telefon komorkowy, komorka, tel komorkowy,
        numer komorkowy, telemovel, telefone celular,
        phone mobile, telefon mobil, telefon mobile, telefoon gsm""",
    fax="fax, fax number, telefax, faxnummer, fax phone, telecopie, telecopieur, numero de fax, faks, numer faksu, phone fax, telefon fax",
    pager="pager",
    main="phone main, main phone, primary phone, haupttelefon, zentrale, centralita, centralino",
    car="car phone, autotelefon",
)
EMAILS = names(
    """email, email address, email value, mail, emailadresse, email adresse, emailaddress, mail address, mailadresse,
    e mailadresse, emails, e mail, courriel, adresse email, adresse mail, adresse electronique, adresse de messagerie,
    adresse courriel, messagerie, correo electronico, correo, direccion de correo electronico, direccion de correo,
    direccion de email, email contacto, posta elettronica, indirizzo email, indirizzo mail, indirizzo di posta elettronica,
    indirizzo e mail, e mailadres, emailadres, mailadres, email adres, adres email, adres e mail, poczta, poczta elektroniczna,
    endereco de email, correio eletronico, pec"""
)
LABELS = {
    f"{kind} {what}": field
    for kind, field in (
        ("email", "emails"),
        ("phone", "phones"),
        ("address", "addresses"),
        ("website", "urls"),
    )
    for what in ("label", "type")
}
ADDRESSES = _table(
    street="""street, street address, address, address street, address line, strasse, adresse, anschrift,
        strasse und hausnummer, strasse hausnummer, strasse nr, address extended address, mailing street, postanschrift,
        adresszusatz, address extended, street road name, apartment suite no, organization address, postal address,
        rue, adresse postale, voie, complement d adresse, direccion, calle, calle y numero, domicilio, direccion postal,
        indirizzo, via, indirizzo postale, adres, straat, straatnaam, straat en huisnummer, postadres, ulica, ulica i numer,
        adres pocztowy, morada, endereco, rua""",
    po_box="po box, address po box, postfach, postoffice box, boite postale, apartado de correos, apartado, casella postale, "
    "postbus, skrytka pocztowa",
    house_number="house number, hausnummer, hausnr, haus nr, numero de rue, numero civico, civico, huisnummer, "
    "numer domu, nr domu",
    formatted="address formatted, full combined address, full address, adresse complete, direccion completa",
    city="""city, town, address city, locality, ort, stadt, wohnort, mailing city, city town village locality,
        ville, commune, localite, ciudad, poblacion, localidad, municipio, citta, comune, localita, plaats, woonplaats,
        stad, gemeente, miasto, miejscowosc, cidade""",
    region="""state, region, state region, state province, province, county, address region, address state, state county,
        bundesland, bundesland kanton, kanton, mailing state, mailing state province, provincia, comunidad autonoma, estado provincia, estado o provincia, stato provincia,
        regione, provincie, wojewodztwo""",
    postal_code="""postal code, zip, zip code, zipcode, postcode, zip postal code, address postal code, address zip,
        plz, postleitzahl, mailing postal code, mailing zip, mailing zip postal code, code postal, cp, codigo postal,
        cap, codice postale, kod pocztowy, cep""",
    country="""country, country region, country name, address country, land, land region, staat, mailing country,
        pays, pays region, pais, pais region, paese, nazione, kraj, panstwo""",
)
