"""A message template is Markdown with Jinja inside; this turns its source into the source of an HTML or a plain-text one.

Both happen once for a template, never for a message: the Jinja tags are hidden from Markdown, from the CSS inliner and
from the typography, and come back untouched. Pure text in, text out.

Inside HTML a statement (`{% … %}`) travels as a comment, because an HTML parser moves loose text out of tables; an
expression (`{{ … }}`) travels as two private characters around a number, which are at home in text and attributes.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from functools import cache, lru_cache

import markdown

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_OPEN, _CLOSE = "\ue000", "\ue001"
_HIDDEN = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_SHOWN = re.compile(f"(?:<!--j|{_OPEN})(\\d+)(?:-->|{_CLOSE})")
#: In plain text: starts a new line, whatever the wrapping does; ends a paragraph, unless it stands between two items of a
#: list; leaves no trace of its line.
_BREAK, _APART, _NOTHING = "\ue002", "\ue003\n", "\ue004\n"
_WIDTH = 76

_FRENCH_SPACES = (
    (re.compile(r"(?<=\S) (?=[:;?!»](?:[\s*_)]|$))", re.MULTILINE), "\u00a0"),
    (re.compile("« "), "«\u00a0"),
)


@dataclass(slots=True)
class Stash:
    """The Jinja tags that were taken out of a source, to be put back in their place."""

    tags: list[str] = field(default_factory=list)

    def hide(self, source: str) -> str:
        """The source with a number instead of every tag."""
        return _TAG.sub(self._keep, source)

    def show(self, text: str) -> str:
        """The text with every tag back, as it was written."""
        return _SHOWN.sub(lambda found: self.tags[int(found[1])], text)

    def is_statement(self, number: str) -> bool:
        """Whether a tag prints nothing by itself (`{% … %}`, a comment), so that it may stand between two blocks."""
        return not self.tags[int(number)].startswith("{{")

    def is_only_statements(self, line: str) -> bool:
        """Whether a line of a hidden source holds nothing that prints by itself."""
        found = _HIDDEN.findall(line)
        return bool(found) and not _HIDDEN.sub("", line).strip() and all(self.is_statement(number) for number in found)

    def opens(self, number: str, word: str) -> bool:
        """Whether a tag is the statement `word`."""
        return re.match(rf"\{{%[-+]?\s*{word}\b", self.tags[int(number)]) is not None

    def _keep(self, found: re.Match[str]) -> str:
        self.tags.append(found[0])
        return f"{_OPEN}{len(self.tags) - 1}{_CLOSE}"


def typography(hidden: str, language: str) -> str:
    """French no-break spaces where the owner typed ordinary ones: before `: ; ? ! »` and after `«`."""
    if language == "fr":
        for pattern, instead in _FRENCH_SPACES:
            hidden = pattern.sub(instead, hidden)
    return hidden


# ---------------------------------------------------------------- HTML


def to_html(source: str, language: str, stash: Stash) -> str:
    """Markdown with Jinja → an HTML fragment whose tags are hidden in `stash`."""
    hidden = _apart(typography(stash.hide(source), language), stash)
    body = _markdown().reset().convert(hidden)
    body = _bare_statements(body, stash)
    body = _loops_into_lists(body, stash)
    body = _statements_as_comments(body, stash)
    return _for_outlook(body)


@cache
def _markdown() -> markdown.Markdown:
    return markdown.Markdown(extensions=["tables", "attr_list", "sane_lists"], output_format="html")


def _apart(hidden: str, stash: Stash) -> str:
    """Statements alone on their line become blocks of their own, so that an `{% if %}` never leaves an empty paragraph.

    Between the rows of a table they stay where they are: a blank line would end the table.
    """
    lines = hidden.split("\n")
    result: list[str] = []
    for line, inside in zip(lines, _inside_tables(lines, stash), strict=True):
        result += ["", line, ""] if inside is False else [line]
    return "\n".join(result)


def _inside_tables(lines: list[str], stash: Stash) -> list[bool | None]:
    """For each line: None unless it holds statements only; else whether it stands between rows, or closes one that does."""
    content = [None if stash.is_only_statements(line) else line.lstrip().startswith("|") for line in lines]
    opened: list[bool] = []
    answers: list[bool | None] = []
    for index, line in enumerate(lines):
        if content[index] is not None:
            answers.append(None)
            continue
        before = next((row for row in reversed(content[:index]) if row is not None), False)
        after = next((row for row in content[index:] if row is not None), False)
        inside = before and after
        for number in _HIDDEN.findall(line):
            if stash.opens(number, "(for|if|with)"):
                opened.append(inside)
            elif stash.opens(number, "end(for|if|with)"):
                inside = opened.pop() if opened else False
            elif stash.opens(number, "(else|elif)"):
                inside = opened[-1] if opened else False
        answers.append(inside)
    return answers


_PARAGRAPH = re.compile(rf"<p>((?:\s*{_OPEN}\d+{_CLOSE})+\s*)</p>")
_ROW = re.compile(rf"<tr>\s*<t[dh][^>]*>((?:\s*{_OPEN}\d+{_CLOSE})+)\s*</t[dh]>(?:\s*<t[dh][^>]*></t[dh]>)*\s*</tr>")


def _bare_statements(body: str, stash: Stash) -> str:
    """Without the paragraph or the table row that Markdown made of a line of statements."""

    def unwrap(found: re.Match[str]) -> str:
        return found[1] if all(stash.is_statement(number) for number in _HIDDEN.findall(found[1])) else found[0]

    return _ROW.sub(unwrap, _PARAGRAPH.sub(unwrap, body))


_LIST = r"<(?:ul|ol)>(?:(?!</?[uo]l>).)*</(?:ul|ol)>"
_STATEMENT = f"{_OPEN}\\d+{_CLOSE}"
_LISTS = re.compile(rf"(?:(?:{_LIST}|{_STATEMENT})\s*)+", re.DOTALL)
_PIECE = re.compile(rf"{_LIST}|{_STATEMENT}", re.DOTALL)


def _loops_into_lists(body: str, stash: Stash) -> str:
    """Items that stand inside and around statements are one list, not a list for every turn of a loop."""
    return _LISTS.sub(lambda run: _one_list(_PIECE.findall(run[0]), stash) if "<" in run[0] else run[0], body)


def _one_list(pieces: list[str], stash: Stash) -> str:
    """The longest stretch of lists and whole statements becomes one list; what is around it stays."""
    spans = [(start, end) for start in range(len(pieces)) for end in range(len(pieces), start + 1, -1)]
    for start, end in sorted(spans, key=lambda span: span[0] - span[1]):
        stretch = pieces[start:end]
        lists = [piece for piece in stretch if piece.startswith("<")]
        if lists and len({piece[:4] for piece in lists}) == 1 and _balanced(stretch, stash):
            kind = lists[0][1:3]
            inside = "\n".join(piece[4:-5].strip() if piece.startswith("<") else piece for piece in stretch)
            return "\n".join([*pieces[:start], f"<{kind}>\n{inside}\n</{kind}>", *pieces[end:]]) + "\n"
    return "\n".join(pieces) + "\n"


def _balanced(pieces: list[str], stash: Stash) -> bool:
    """Whether every statement that opens among these pieces also ends there."""
    depth = 0
    for piece in pieces:
        if not (found := _HIDDEN.fullmatch(piece)):
            continue
        if stash.opens(found[1], "(for|if|with)"):
            depth += 1
        elif stash.opens(found[1], "end(for|if|with)"):
            depth -= 1
        elif not depth or not stash.is_statement(found[1]):
            return False
        if depth < 0:
            return False
    return depth == 0


def _statements_as_comments(markup: str, stash: Stash) -> str:
    """Statements outside of tags as comments; inside an attribute they stay as they are."""

    def comment(found: re.Match[str]) -> str:
        return f"<!--j{found[1]}-->" if stash.is_statement(found[1]) else found[0]

    pieces = re.split(r"(<[^>]*>)", markup)
    return "".join(piece if piece.startswith("<") else _HIDDEN.sub(comment, piece) for piece in pieces)


def frame_to_html(source: str, stash: Stash) -> str:
    """A frame is HTML with Jinja already: its tags are hidden the same way."""
    return _statements_as_comments(stash.hide(source), stash)


_BUTTON = re.compile(r'<p>\s*<a class="button"([^>]*)>(.*?)</a>\s*</p>', re.DOTALL)


def _for_outlook(body: str) -> str:
    """What Outlook for Windows needs to draw it right: a button is a table cell, a table says that it has no spacing."""
    body = body.replace("<table>", '<table class="items" cellpadding="0" cellspacing="0" border="0" width="100%">')
    body = re.sub(r'<a ([^>]*?)class="button"([^>]*)>', r'<a class="button" \1\2>', body)
    return _BUTTON.sub(
        r'<table role="presentation" class="action" cellpadding="0" cellspacing="0" border="0"><tr>'
        r'<td class="action-cell"><a class="button"\1>\2</a></td></tr></table>',
        body,
    )


# ---------------------------------------------------------------- plain text

_ATTRIBUTES = re.compile(r"\{:[^}]*\}")
_LONE_LINK = re.compile(r"^(\s*)\[([^\]]+)\]\(([^)\s]+)\)\s*$")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*])([*_])(?=[^\s*_])(.+?)(?<=[^\s*_])\1(?![\w*])")
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
_BULLET = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
_RULER = re.compile(r"^\|?\s*:?-{3,}:?\s*(?:\|\s*:?-{3,}:?\s*)*\|?$")
_NEW_LINE = re.compile(r"\s*<br\s*/?>\s*")
_ELEMENT = re.compile(r"</?[a-zA-Z][^>]*>")


def to_plain(source: str, language: str) -> str:
    """Markdown with Jinja → plain text with Jinja, line for line, so that an error's line is the line of the file."""
    stash = Stash()
    hidden = typography(stash.hide(source), language)
    lines = hidden.split("\n")
    ruled = [_is_ruler(line) for line in lines[1:]] + [False]
    plain = []
    for line, below, inside in zip(lines, ruled, _inside_tables(lines, stash), strict=True):
        if inside is None:
            plain.append(_plain_line(line, language, stash, bullet="" if below else "- "))
        else:
            plain.append((_NOTHING if inside else _APART)[0] + line.strip())
    return stash.show("\n".join(plain))


def _is_ruler(line: str) -> bool:
    return _RULER.match(line.strip()) is not None


def _plain_line(line: str, language: str, stash: Stash, bullet: str) -> str:
    line = _ATTRIBUTES.sub("", line)
    if _is_ruler(line):
        return _BREAK
    broken = _BREAK if line.endswith(("  ", "\\")) else ""
    line = line.rstrip().removesuffix("\\")
    if match := _LONE_LINK.match(line):
        colon = "\u00a0:" if language == "fr" else ":"
        shown = f"{match[2]}{colon}{_BREAK}{match[3]}"
        says_all = stash.show(match[2]) == stash.show(match[3]) or _needs_no_address(match[3], stash)
        return _BREAK + (match[2] if says_all else shown) + broken
    line = _LINK.sub(lambda link: link[1] if _needs_no_address(link[2], stash) else f"{link[1]} ({link[2]})", line)
    if line.lstrip().startswith("|"):
        cells = (cell.strip() for cell in _NEW_LINE.sub(", ", line).strip().strip("|").split("|"))
        line = _BREAK + bullet + " · ".join(cell for cell in cells if cell)
    elif _BULLET.match(line):
        line = _BREAK + _BULLET.sub(lambda bullet: bullet[0].strip().replace("*", "-") + " ", line)
    elif match := _HEADING.match(line):
        line = _BREAK + match[1] + _BREAK
    for emphasis in (_STRONG, _EMPHASIS):
        line = emphasis.sub(lambda found: found[2], line)
    return html.unescape(_ELEMENT.sub("", _NEW_LINE.sub(_BREAK, line))) + broken


def _needs_no_address(target: str, stash: Stash) -> bool:
    """Whether a link says all in its words: those that write or call."""
    return stash.show(target).startswith(("mailto:", "tel:"))


_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_SPACES = re.compile(r"[ \t\n\ue003\ue004]+")
_ITEM = "- "


def tidy(text: str) -> str:
    """Rendered plain text as people read it: one blank line between paragraphs, lines of 76 characters at most.

    No-break spaces stay and never end a line.
    """
    blocks: list[list[str]] = []
    for paragraph in _BLANK_LINE.split(text.replace(_NOTHING, "")):
        soft = False
        for piece in paragraph.split(_APART):
            lines = _lines(piece)
            if lines and soft and blocks and lines[0].startswith(_ITEM) and blocks[-1][-1].startswith(_ITEM):
                blocks[-1] = blocks[-1] + lines
            elif lines:
                blocks.append(lines)
            soft = True
    return "\n\n".join("\n".join(lines) for lines in blocks) + "\n"


@lru_cache(maxsize=2048)  # most paragraphs are the same in message after message
def _lines(piece: str) -> list[str]:
    broken = [[word for word in _SPACES.split(line) if word] for line in piece.split(_BREAK)]
    return [_wrapped(words) for words in broken if any(word.strip() for word in words)]


def _wrapped(words: list[str]) -> str:
    indent = "  " if words[0] == "-" else ""
    lines, line = [], words[0]
    for word in words[1:]:
        if len(line) + 1 + len(word) <= _WIDTH:
            line = f"{line} {word}"
        else:
            lines.append(line)
            line = indent + word
    return "\n".join([*lines, line])
