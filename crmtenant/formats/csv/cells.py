"""What a cell says, without the habits of the spreadsheet that wrote it."""

from __future__ import annotations

import re

_DEFUSED = re.compile(r"'+[=+\-@\t\r\n]")
# Excel and others keep the zeros of 01067 so.
_TEXT = re.compile(r'=\s*(?:T\()?"((?:[^"]|"")*)"\)?')
_MARKED_AS_TEXT = re.compile(r"'[0-9]")


def restored(cell: str) -> str:
    """Return the cell without the apostrophe that `writer.harmless` put in front: `'=1+1` is `=1+1`."""
    return cell[1:] if _DEFUSED.match(cell) else cell


def plain(cell: str) -> str:
    """Return the text of a cell that another program wrote: `="01067"` and `'01067` are 01067."""
    text = restored(cell.strip()).strip()
    if _MARKED_AS_TEXT.match(text):
        return text[1:]
    found = _TEXT.fullmatch(text) if text[:1] == "=" else None
    return found[1].replace('""', '"').strip() if found else text
