"""Legal forms at the end of organisations' names, however they are written: Ltd. is Limited, G.m.b.H. is GmbH."""

from __future__ import annotations

from collections.abc import Sequence

_MOST_WORDS = 5

# Spellings without spaces and punctuation; the first of each line stands for all of them.
_SPELLINGS = """
gmbh gesmbh gesellschaftmitbeschrankterhaftung
ggmbh
ug ughaftungsbeschrankt unternehmergesellschaft unternehmergesellschafthaftungsbeschrankt
ag aktiengesellschaft
kg kommanditgesellschaft
gmbhcokg gmbhcokommanditgesellschaft gmbhcompanykg
ugcokg ughaftungsbeschranktcokg
agcokg
ltdcokg limitedcokg
secokg
cokg
kgaa
gmbhcokgaa
ohg offenehandelsgesellschaft
gbr gesellschaftburgerlichenrechts
ek ekfm ekfr eingetragenerkaufmann eingetragenekauffrau
ev eingetragenerverein
eg eingetragenegenossenschaft
partg partgmbb partnerschaftsgesellschaft
se
ltd limited
pvtltd privatelimited pvtlimited
pteltd
ptyltd ptylimited
coltd companylimited
inc incorporated
corp corporation
co company
llc
llp
lp
plc
sa societeanonyme
sarl
sas
sasu
eurl
srl
spa
sagl
sl sociedadlimitada
slu
sau
lda
ltda
bv
nv
vof
as
asa
ab aktiebolag
oy
oyj
aps
sro
spzoo spolkazoo
kft
zrt
doo
ooo
oao
zao
"""
_CANONICAL = {
    spelling: spellings.split()[0] for spellings in _SPELLINGS.split("\n") for spelling in spellings.split()
}


def split_legal_form(words: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Return the folded words of a name without its legal form, and that form; "" if it has none.

    A name that is nothing but a legal form keeps its words.
    """
    for count in range(min(_MOST_WORDS, len(words) - 1), 0, -1):
        form = _CANONICAL.get("".join(words[-count:]))
        if form:
            return tuple(words[:-count]), form
    return tuple(words), ""
