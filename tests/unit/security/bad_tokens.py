"""Tokens that must all be refused, by name: OWASP, RFC 8725, jwt_tool's playbook and our own ideas."""

from __future__ import annotations

import base64
import hashlib
import hmac
import string

from tests.unit.security.forge import (
    CLAIMS,
    HEADER,
    KEY,
    KID,
    LOGIN,
    NOW,
    TENANT,
    b64,
    dumped,
    raw_claims,
    replaced_claim,
    signed,
    with_claims,
    with_header,
    without,
)

_GOOD = signed()
_HEAD, _BODY, _SIGNATURE = _GOOD.split(".")
_REORDERED = b64(dumped(dict(reversed(HEADER.items()))))
_ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
_ODD = {"null": None, "a list": ["x"], "an object": {"a": 1}, "true": True, "a number": 7, "a fraction": 1.5}
_PEM = b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"


def _unsigned(alg: object) -> str:
    return f"{b64(dumped({**HEADER, 'alg': alg}))}.{_BODY}."


def _next_letter(letter: str) -> str:
    """The letter that differs in the bits which padding throws away."""
    return _ALPHABET[_ALPHABET.index(letter) ^ 1]


def _algorithms() -> dict[str, str]:
    found = {f"alg {alg!r} unsigned": _unsigned(alg) for alg in ("none", "None", "NONE", "nOnE", "none ")}
    found["alg none, signature kept"] = f"{b64(dumped({**HEADER, 'alg': 'none'}))}.{_BODY}.{_SIGNATURE}"
    names = ("hs256", "HS384", "HS512", "RS256", "ES256", "EdDSA", "PS256", "A128KW", "dir", "", "HS256 ")
    found |= {f"alg {name!r}": with_header(alg=name) for name in names}
    found |= {f"alg {name}": with_header(alg=value) for name, value in _ODD.items()}
    found["alg missing"] = without("header", "alg")
    found["HS512 with the same key"] = signed(header={**HEADER, "alg": "HS512"}, digest="sha512")
    found["HS256 said, HS512 done"] = signed(digest="sha512")
    return found


def _shapes() -> dict[str, str]:
    return {
        "empty": "",
        "a space": " ",
        "dots": "..",
        "one part": _HEAD,
        "two parts": f"{_HEAD}.{_BODY}",
        "empty signature": f"{_HEAD}.{_BODY}.",
        "four parts": f"{_GOOD}.{_SIGNATURE}",
        "five parts, as a JWE": f"{_HEAD}.{_BODY}.{_BODY}.{_BODY}.{_SIGNATURE}",
        "empty header": f".{_BODY}.{_SIGNATURE}",
        "empty payload": f"{_HEAD}..{_SIGNATURE}",
        "signed empty payload": signed(payload=b""),
        "leading space": f" {_GOOD}",
        "trailing space": f"{_GOOD} ",
        "trailing newline": f"{_GOOD}\n",
        "newline inside": _GOOD.replace(".", ".\n", 1),
        "NUL at the end": f"{_GOOD}\x00",
        "padded signature": f"{_GOOD}=",
        "padded header": f"{_HEAD}==.{_BODY}.{_SIGNATURE}",
        "plain base64 letters": _GOOD[:-2] + "+/",
        "full-width dot": _GOOD.replace(".", "．"),
        "full-width letter": "ｅ" + _GOOD[1:],
        "lone surrogate": "\ud800" + _GOOD,
        "JSON serialisation": dumped(
            {"payload": _BODY, "protected": _HEAD, "signature": _SIGNATURE}
        ).decode(),
        "twice": _GOOD + _GOOD,
        "twice with a comma": f"{_GOOD}, {_GOOD}",
        "Bearer in front": f"Bearer {_GOOD}",
        "too long": signed(payload={**CLAIMS, "jti": "d" * 3000}),
        "too long by spaces": signed(payload=b" " * 1000 + dumped(CLAIMS)),
        "megabyte": "a" * 1_000_000,
        "nested as payload": signed(payload=_GOOD.encode()),
        "nested, cty JWT": signed(header={**HEADER, "cty": "JWT"}, payload=_GOOD.encode()),
    }


def _signatures() -> dict[str, str]:
    flipped = "B" if _SIGNATURE[0] == "A" else "A"
    other = signed(payload={**CLAIMS, "tv": 4}).split(".")[2]
    tampered = b64(dumped({**CLAIMS, "tid": "c_" + "z" * 26}))
    return {
        "blank key": signed(key=b""),
        "key 'secret'": signed(key=b"secret"),
        "key of zeros": signed(key=bytes(32)),
        "key is a public PEM": signed(key=_PEM),
        "EdDSA said, PEM used": signed(header={**HEADER, "alg": "EdDSA"}, key=_PEM),
        "RS256 said, PEM used": signed(header={**HEADER, "alg": "RS256"}, key=_PEM),
        "key is the kid": signed(key=KID.encode()),
        "key cut by a byte": signed(key=KEY[:-1]),
        "one letter changed": f"{_HEAD}.{_BODY}.{flipped}{_SIGNATURE[1:]}",
        "signature cut": _GOOD[:-1],
        "signature half": f"{_HEAD}.{_BODY}.{_SIGNATURE[:20]}",
        "signature longer": f"{_GOOD}A",
        "last letter not canonical": _GOOD[:-1] + _next_letter(_GOOD[-1]),
        "signature of another token": f"{_HEAD}.{_BODY}.{other}",
        "signature of zeros": f"{_HEAD}.{_BODY}.{'A' * 43}",
        "company swapped": f"{_HEAD}.{tampered}.{_SIGNATURE}",
        "header reordered, signature kept": f"{_REORDERED}.{_BODY}.{_SIGNATURE}",
        "header and payload swapped": f"{_BODY}.{_HEAD}.{_SIGNATURE}",
        "payload not canonical": _uncanonical_payload(),
    }


def _uncanonical_payload() -> str:
    """Validly signed over a payload segment whose last letter carries bits that decoding throws away."""
    payload = dumped(CLAIMS)
    while len(payload) % 3 == 0:
        payload += b" "
    segment = b64(payload)
    body = f"{_HEAD}.{segment[:-1]}{_next_letter(segment[-1])}"
    return f"{body}.{b64(hmac.digest(KEY, body.encode(), hashlib.sha256))}"


def _headers() -> dict[str, str]:
    kids = ("../../dev/null", "' OR 1=1--", "/dev/null", "", "|whoami", KID.upper(), KID + "0", "a" * 1000)
    found = {f"kid {kid[:20]!r}": with_header(kid=kid) for kid in kids}
    found["kid traversal, blank key"] = signed(header={**HEADER, "kid": "../../dev/null"}, key=b"")
    found |= {f"kid {name}": with_header(kid=value) for name, value in _ODD.items()}
    found |= {f"typ {typ!r}": with_header(typ=typ) for typ in ("JWT", "rt+jwt", "reset+jwt", "AT+JWT", "")}
    found |= {f"typ {name}": with_header(typ=value) for name, value in _ODD.items()}
    found["typ missing"], found["kid missing"] = without("header", "typ"), without("header", "kid")
    extra = {
        "jku": "https://evil.test/jwks",
        "x5u": "https://evil.test/x5u",
        "x5c": ["MIIB"],
        "x5t": "abc",
        "zip": "DEF",
        "jwk": {"kty": "oct", "k": b64(KEY)},
        "cty": "JWT",
        "crit unknown": ["exotic"],
        "crit known": ["alg"],
        "crit empty": [],
        "b64": False,
        "iss": "crmtenant",
        "nonce": "1",
    }
    found |= {f"header with {name}": with_header(**{name.split()[0]: value}) for name, value in extra.items()}
    head = dumped(HEADER)
    found["header alg twice"] = signed(header=head[:-1] + b',"alg":"HS256"}')
    found["header kid twice"] = signed(header=b'{"kid":"x",' + head[1:])
    found["header with spaces"] = signed(header=head.replace(b":", b": "))
    found["header reordered"] = signed(header=dict(reversed(HEADER.items())))
    found["header escaped"] = signed(header=head.replace(b"HS256", b"\\u0048S256"))
    found |= {f"header is {name}": signed(header=value) for name, value in _ODD.items()}
    found["header is not JSON"] = signed(header=b"{")
    found["header is not UTF-8"] = signed(header=b"\xff\xfe")
    found["header nested deeply"] = signed(header=b"[" * 1000)
    found["header with BOM"] = signed(header=b"\xef\xbb\xbf" + head)
    return found


def _times() -> dict[str, str]:
    found = {}
    for name in ("iat", "nbf", "exp"):
        found |= {
            f"{name} {kind}": with_claims(**{name: value}) for kind, value in _ODD.items() if value != 7
        }
        literals = ("Infinity", "-Infinity", "NaN", "1e309", "1" + "0" * 400, f"{NOW}.0", "1.8e9", "-1", "0")
        found |= {f"{name} {text[:12]}": replaced_claim(name, text) for text in literals}
        found[f"{name} as text"] = with_claims(**{name: str(CLAIMS[name])})
        found[f"{name} with leading zero"] = replaced_claim(name, f"0{CLAIMS[name]}")
        found[f"{name} beyond 2^53"] = replaced_claim(name, str(2**53))
    return found | {
        "exp in the year 3000": with_claims(exp=32_503_680_000),
        "living 901 seconds": with_claims(exp=NOW + 901),
        "exp before iat, within leeway": with_claims(exp=NOW - 5),
        "exp equal to iat": with_claims(exp=NOW),
        "iat in the future": with_claims(iat=NOW + 11, exp=NOW + 800),
        "nbf in the future": with_claims(nbf=NOW + 11),
        "all in the future": with_claims(iat=NOW + 60, nbf=NOW + 60, exp=NOW + 900),
        "iat in milliseconds": with_claims(iat=NOW * 1000, exp=NOW * 1000 + 900),
    }


def _names() -> dict[str, str]:
    found = {f"{name} missing": without("claims", name) for name in CLAIMS}
    for name in ("iss", "aud", "sub", "tid", "jti"):
        found |= {f"{name} {kind}": with_claims(**{name: value}) for kind, value in _ODD.items()}
        found[f"{name} empty"] = with_claims(**{name: ""})
        found[f"{name} with NUL"] = with_claims(**{name: str(CLAIMS[name]) + "\x00"})
        found[f"{name} with newline"] = with_claims(**{name: str(CLAIMS[name]) + "\n"})
        found[f"{name} upper case"] = with_claims(**{name: str(CLAIMS[name]).upper()})
        found[f"{name} in a list"] = with_claims(**{name: [CLAIMS[name]]})
        found[f"{name} cut"] = with_claims(**{name: str(CLAIMS[name])[:-1]})
        found[f"{name} longer"] = with_claims(**{name: str(CLAIMS[name]) + "a"})
    return found | {
        "aud two, one ours": with_claims(aud=["crmtenant-api", "other"]),
        "aud empty list": with_claims(aud=[]),
        "iss other": with_claims(iss="https://evil.test"),
        "sub is a company": with_claims(sub=TENANT),
        "tid is a person": with_claims(tid=LOGIN),
        "tid is a database": with_claims(tid="t_" + "b" * 26),
        "tid is a path": with_claims(tid="../" + TENANT),
        "tid is SQL": with_claims(tid="c_' OR '1'='1"),
        "tid full-width": with_claims(tid="c_" + "ｂ" * 26),
        "jti of a refresh token": with_claims(jti="f_" + "c" * 26 + "." + "d" * 43),
        "tv zero": with_claims(tv=0),
        "tv negative": with_claims(tv=-1),
        "tv text": with_claims(tv="3"),
        "tv null": with_claims(tv=None),
        "tv true": with_claims(tv=True),
        "tv fraction": with_claims(tv=3.0),
        "tv list": with_claims(tv=[3]),
        "tv huge": replaced_claim("tv", "9" * 300),
    }


def _payloads() -> dict[str, str]:
    extra = ("admin", "role", "scope", "scp", "cnf", "azp", "database", "email", "__proto__", "")
    found = {f"claim {name!r} besides": with_claims(**{name: True}) for name in extra}
    found |= {f"payload is {name}": signed(payload=value) for name, value in _ODD.items()}
    found |= {f"{name} twice": raw_claims(f',"{name}":{dumped(CLAIMS[name]).decode()}') for name in CLAIMS}
    return found | {
        "tid twice, the other first": signed(payload=b'{"tid":"c_zz",' + dumped(CLAIMS)[1:]),
        "exp twice, the later last": raw_claims(f',"exp":{NOW + 90}'),
        "escaped duplicate": raw_claims(f',"\\u0074id":"{TENANT}"'),
        "not JSON": signed(payload=b"{"),
        "comma at the end": raw_claims(","),
        "two documents": signed(payload=dumped(CLAIMS) * 2),
        "not UTF-8": signed(payload=b'{"iss":"\xff"}'),
        "UTF-16": signed(payload=dumped(CLAIMS).decode().encode("utf-16")),
        "with BOM": signed(payload=b"\xef\xbb\xbf" + dumped(CLAIMS)),
        "nested deeply": signed(payload=b"[" * 1000),
        "nested objects": signed(payload=b'{"a":' * 200),
        "a refresh token": "f_" + "c" * 26 + "." + "d" * 43,
        "base64 of base64": signed(payload=base64.b64encode(dumped(CLAIMS))),
    }


BAD_TOKENS: dict[str, str] = {
    **_algorithms(),
    **_shapes(),
    **_signatures(),
    **_headers(),
    **_times(),
    **_names(),
    **_payloads(),
}
