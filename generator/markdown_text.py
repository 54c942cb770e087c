"""A message template as Markdown again, for whoever keeps call sheets as text: the same Jinja, without what is for paper.

What is not the template's own is quoted, so that no name becomes a heading, a link or an element. While the template is
rendered the signs that have a meaning travel as private characters: a text that passes through a macro is met twice.
"""

from __future__ import annotations

import re

from generator.markup import Stash, typography

_SIGNS = "\\`*[]<>|"
_HIDE = str.maketrans({sign: chr(0xE010 + place) for place, sign in enumerate(_SIGNS)} | {"\n": " ", "\r": " "})
_QUOTE = str.maketrans({chr(0xE010 + place): f"\\{sign}" for place, sign in enumerate(_SIGNS)})
#: Stands before a line that holds statements only: the line leaves no trace.
_NOTHING = "\ue004"
_ATTRIBUTES = re.compile(r"\{:[^}]*\}")
_NOTES = re.compile(r'<p class="notes">.*?</p>')
_BREAK = re.compile(r"\s*<br\s*/?>\s*")
_ELEMENT = re.compile(r"</?[a-zA-Z][^>]*>")


def to_markdown(source: str, language: str) -> str:
    """The source of a template → the source of a Markdown text with the same Jinja; lines to write on are rules."""
    stash = Stash()
    hidden = typography(stash.hide(source), language)
    hidden = _ATTRIBUTES.sub("", _NOTES.sub("\n___\n", hidden))
    hidden = _ELEMENT.sub("", _BREAK.sub(", ", hidden))
    lines = (_NOTHING + line.strip() if stash.is_only_statements(line) else line for line in hidden.split("\n"))
    return stash.show("\n".join(lines))


def quoted(value: object) -> object:
    """What a Jinja expression gives, with the signs of Markdown out of the way."""
    return value.translate(_HIDE) if isinstance(value, str) else value


def tidy_markdown(text: str) -> str:
    """Rendered Markdown as it is kept: quoted where needed, one blank line between blocks."""
    text = text.replace(f"{_NOTHING}\n", "").replace(_NOTHING, "").translate(_QUOTE)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
