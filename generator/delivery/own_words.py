"""What the author of an email wrote themselves, as plain text: without tags, quotations, and what cannot be seen."""

from __future__ import annotations

import re
import unicodedata
from html import unescape

LONGEST = 4_000  #: characters: what an owner needs to read of an answer before they open it
_LARGEST = 60_000  #: characters that are looked at: an answer stands at the top, and a hostile one shall cost little
_LARGEST_HEAD = 400_000
_LONGEST_LINE = 300
_LAST_LINES = 4  #: how far the lines of a quoted heading may be apart

_ATTRIBUTION = re.compile(
    r"(?:le|on|am|el|op)\b.{4,250}\b(?:a écrit|wrote|schrieb|escribió|schreef)\b.{0,80}:", re.IGNORECASE
)
_SEPARATOR = re.compile(
    r"-{2,}\s*(?:message d'origine|message transféré|original message|forwarded message|réponse à)\s*-{2,}|"
    r"(?:début du message (?:réexpédié|transféré)|begin forwarded message) ?:",
    re.IGNORECASE,
)
_FROM = re.compile(r"\*?(?:de|from) ?: ?\*? ?\S", re.IGNORECASE)
_SENT = re.compile(r"\*?(?:envoyé|sent|date) ?(?:le)? ?: ?\*? ?\S", re.IGNORECASE)
_RULE = re.compile(r"[_-]{10,}")

_BREAKS = frozenset("p div br tr li ul ol table h1 h2 h3 h4 h5 h6 hr pre section article header footer".split())  # noqa: SIM905 - a list of words
_UNSEEN = frozenset({"head", "style", "script", "title", "template"})
#: What the names of elements begin with in which mail programs put the message that is answered.
_QUOTING = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote", "zmail_extra")
#: An empty element with which Outlook begins it; all that follows is the other message.
_QUOTED_BELOW = re.compile(r"<div[^<>]{0,200}\bid=[\"']?(?:x_)*(?:divrplyfwdmsg|appendonsend)\b", re.IGNORECASE)
_PIECE = re.compile(
    r"<!--|<(?P<slash>/?)(?P<tag>[a-zA-Z][a-zA-Z0-9]*)(?P<attributes>[^<>]*)>|<[!?][^<>]*>|(?P<text>[^<]+|<)"
)


def own_words(text: str) -> str:
    """A plain text without the lines that quote another message; all of it when nothing else is there."""
    lines = [line.rstrip() for line in visible(text[:_LARGEST]).split("\n")]
    return (_joined(_unquoted(lines)) or _joined(lines))[:LONGEST].rstrip()


def text_of_html(html: str) -> str:
    """The text that a page of HTML shows, without what it quotes; all of it when nothing else is there."""
    body = (
        html[:_LARGEST_HEAD].lower().find("<body")
    )  # word processors write a head of styles that is longer than the letter
    html = html[max(body, 0) :][:_LARGEST]
    below = _QUOTED_BELOW.search(html)
    answer = html[: below.start()] if below else html
    return _shown(answer, quoted=False).strip() or _shown(html, quoted=True)


def all_of_html(html: str) -> str:
    """The text that a page of HTML shows, with what it quotes."""
    return _shown(html[max(html[:_LARGEST_HEAD].lower().find("<body"), 0) :][:_LARGEST], quoted=True)


def whole_words(*texts: str) -> str:
    """All that can be read in a message, in each of its forms one after the other."""
    return "\n\n".join(shown for text in texts if (shown := visible(text[:_LARGEST]).strip()))


def visible(text: str) -> str:
    """A text without controls, marks that turn the direction of writing, and halves of characters; lines and tabs stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character
        for character in text
        if character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )


def one_line(text: str, longest: int) -> str:
    """A text on one line, so cut that it can be shown in a list."""
    return " ".join(visible(text[: longest * 4]).split())[:longest]


def _joined(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _unquoted(lines: list[str]) -> list[str]:
    """The lines above another message, and between those of it that are marked with `>`."""
    kept: list[str] = []
    place = 0
    while place < len(lines):
        line = lines[place].strip()
        if line.startswith(">"):
            place += 1
            continue
        if _begins_original(lines, place):
            break
        length = _attribution(lines, place)
        if length:
            after = next((other.strip() for other in lines[place + length :] if other.strip()), "")
            if not after.startswith(">"):
                break  # all that follows is the other message
            place += length
            continue
        kept.append(lines[place])
        place += 1
    return kept


def _attribution(lines: list[str], place: int) -> int:
    """How many lines `Le 5 novembre à 9 h, Nora a écrit :` takes, which programs wrap; none when it is not there."""
    for count in (1, 2, 3):
        text = " ".join(line.strip()[:_LONGEST_LINE] for line in lines[place : place + count])
        if _ATTRIBUTION.fullmatch(text):
            return count
    return 0


def _begins_original(lines: list[str], place: int) -> bool:
    """Whether the heading of another message stands here, as programs write it that mark nothing."""
    line = lines[place].strip()[:_LONGEST_LINE]
    if _SEPARATOR.fullmatch(line):
        return True
    below = [other.strip()[:_LONGEST_LINE] for other in lines[place + 1 : place + 1 + _LAST_LINES]]
    if _RULE.fullmatch(line):
        return any(_FROM.match(other) for other in below[:2])
    return bool(_FROM.match(line)) and any(_SENT.match(other) for other in below)


def _shown(html: str, *, quoted: bool) -> str:
    reader = _Reader(quoted=quoted)
    reader.read(html)
    return "".join(reader.words)


class _Reader:
    """Collects what a page of HTML shows; `quoted`: also what another message said.

    The parser of the standard library takes a minute for some pages of this length that only an enemy would write.
    """

    def __init__(self, *, quoted: bool) -> None:
        self.words: list[str] = []
        self._quoted = quoted
        self._hidden = ""  # the element that is left out, until it ends
        self._depth = 0

    def read(self, html: str) -> None:
        """Every piece is looked at once."""
        place = 0
        while found := _PIECE.match(html, place):
            place = found.end()
            if found[0] == "<!--":
                end = html.find("-->", place)
                place = end + len("-->") if end >= 0 else len(html)
            elif found["tag"]:
                self._tag(found["tag"].lower(), found["attributes"].lower(), ends=bool(found["slash"]))
            elif found["text"] and not self._hidden:
                self.words.append(re.sub(r"\s+", " ", _unescaped(found["text"])))

    def _tag(self, tag: str, attributes: str, *, ends: bool) -> None:
        if self._hidden:
            if tag == self._hidden:
                self._depth += -1 if ends else 1
                self._hidden = self._hidden if self._depth else ""
        elif not ends and self._leaves_out(tag, attributes):
            self._hidden, self._depth = tag, 1
        elif tag in _BREAKS:
            self.words.append("\n")

    def _leaves_out(self, tag: str, attributes: str) -> bool:
        if tag in _UNSEEN:
            return True
        if self._quoted:
            return False
        return tag == "blockquote" or any(name in attributes for name in _QUOTING)


def _unescaped(text: str) -> str:
    try:
        return unescape(text)
    except ValueError:  # the number of a character in thousands of digits
        return text
