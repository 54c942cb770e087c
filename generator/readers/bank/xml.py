"""XML of strangers, read safely and in bounded memory.

A document that declares entities, or has a document type at all, is refused before any of it is expanded: no bank writes one.
Nothing outside the document is ever opened.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Callable

_DEEPEST = 64
_BLOCK = 1 << 16

T = TypeVar("T")


class BrokenXmlError(Exception):
    """The text is no XML that may be read; the words say why, in a sentence's middle. `line` is where."""

    def __init__(self, reason: str, line: int = 0) -> None:
        """With the line of the text, when it is known."""
        super().__init__(reason)
        self.line = line


@dataclass(slots=True)
class Node(Generic[T]):
    """One element, by its name without namespace. `kept` is what was made of those below it that are many."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    below: list[Node[T]] = field(default_factory=list)
    kept: list[T] = field(default_factory=list)
    line: int = 0

    def all(self, name: str) -> list[Node[T]]:
        """The elements of that name right below this one."""
        return [node for node in self.below if node.name == name]

    def at(self, *path: str) -> Node[T] | None:
        """The first element at the end of a path of names."""
        node: Node[T] | None = self
        for name in path:
            node = next((one for one in node.below if one.name == name), None) if node is not None else None
        return node

    def text(self, *path: str) -> str:
        """The text of the first element at the end of a path, without spaces around it; empty when there is none."""
        node = self.at(*path)
        return " ".join("".join(node.words).split()) if node is not None else ""


class _Builder(Generic[T]):
    def __init__(self, many: str, make: Callable[[Node[T], Node[T], int], list[T]]) -> None:
        self.many = many
        self.make = make
        self.count = 0
        self.top: Node[T] = Node("")
        self.open: list[Node[T]] = [self.top]
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.begin
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.say
        self.parser.StartDoctypeDeclHandler = self.refuse

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.open) > _DEEPEST:
            raise BrokenXmlError("its elements are nested deeper than in any statement", self.parser.CurrentLineNumber)
        node: Node[T] = Node(name.rpartition("}")[2], attributes, line=self.parser.CurrentLineNumber)
        self.open.append(node)

    def end(self, _name: str) -> None:
        node = self.open.pop()
        above = self.open[-1]
        if node.name == self.many:
            self.count += 1
            above.kept += self.make(node, above, self.count)
        else:
            above.below.append(node)

    def say(self, words: str) -> None:
        self.open[-1].words.append(words)

    def refuse(self, *_declared: object) -> None:
        raise BrokenXmlError("it declares a document type, which could make it expand without end or open other files")


def parse(text: str, many: str, make: Callable[[Node[T], Node[T], int], list[T]]) -> Node[T]:
    """The document's elements below an element without a name.

    Those called `many` are not kept: as soon as one is whole, `make` is given it, the one above it and its number in the
    document, and what it returns is kept there. Raises BrokenXmlError.
    """
    builder = _Builder(many, make)
    try:
        for start in range(0, len(text), _BLOCK):
            builder.parser.Parse(text[start : start + _BLOCK], False)  # noqa: FBT003 - it takes no names
        builder.parser.Parse("", True)  # noqa: FBT003 - as above
    except expat.ExpatError as broken:
        reason = f"it is no whole XML document ({expat.ErrorString(broken.code)})"
        raise BrokenXmlError(reason, broken.lineno) from broken
    return builder.top
