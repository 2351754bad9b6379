"""Reading a page as a test needs it: elements with their attributes and text, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "link", "img", "br", "hr", "input"}


@dataclass
class Element:
    """One element. ``text`` is all text inside."""

    tag: str
    attributes: dict[str, str | None]
    text: str = ""
    children: list[Element] = field(default_factory=list)


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        last = self.open.pop()
        assert last.tag == tag, f"</{tag}> closes <{last.tag}>"

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data


def parse(page: str) -> list[Element]:
    """All elements in document order; asserts that tags are balanced."""
    parser = _Parser()
    parser.feed(page)
    parser.close()
    assert parser.open == [], [element.tag for element in parser.open]
    return parser.elements


def of(page: str, tag: str) -> list[Element]:
    """Elements of one tag."""
    return [element for element in parse(page) if element.tag == tag]


def links(page: str) -> list[str]:
    """Where the page leads."""
    return [href for element in of(page, "a") if (href := element.attributes.get("href"))]


def words(text: str) -> str:
    """Text with single spaces."""
    return " ".join(text.split())
