"""The documentation tells the truth: what exists is documented, and what is documented exists and works.

The keys of `portal.toml`, the columns of the ledger, the error codes and the public JSON are held against their pages by
the tests of those subjects.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import shlex
import tomllib
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import jinja2
import pytest

from generator import errors, fee_lines, message_payments, message_people, message_recap, message_values, message_ways
from generator.arguments import make_parser
from generator.cli import INTERRUPTED
from generator.commands.init import scaffold
from generator.config import load_settings, read_settings
from generator.domain.ledger import Channel
from generator.domain.policy import Step
from generator.messages import MessageTemplates
from generator.policy_file import PolicyFile
from generator.problems import stops
from generator.readers import read_ledger
from generator.resources import bundled
from generator.specimens import specimens

if TYPE_CHECKING:
    from generator.config import Settings

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "portal_templates" / "scaffold").glob("*.md")])
LARGEST_IMAGE = 200_000


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def sections(text: str, level: str = "##") -> dict[str, str]:
    """Each heading of a level, without its code marks, and what stands below it."""
    parts = re.split(rf"^{level} (.+)$", text, flags=re.MULTILINE)
    return {title.replace("`", ""): body for title, body in zip(parts[1::2], parts[2::2], strict=True)}


def rows(text: str) -> dict[str, str]:
    """The first cell of every row of every table, without code marks, and the rest of the row."""
    found = re.findall(r"^\| (.+?) \|(.*)\|$", text, re.MULTILINE)
    return {first.replace("`", ""): rest for first, rest in found}


# Commands


class Documented(NamedTuple):
    """A command that a page shows: on a line of its own, to be copied, or in passing."""

    page: str
    words: tuple[str, ...]
    whole: bool


@cache
def verbs() -> dict[str, argparse.ArgumentParser]:
    (choices,) = (action for action in make_parser()._actions if isinstance(action, argparse._SubParsersAction))
    return dict(choices.choices)


def options(parser: argparse.ArgumentParser) -> set[str]:
    return {name for action in parser._actions for name in action.option_strings}


def shared_options() -> set[str]:
    return set.intersection(*(options(parser) for parser in verbs().values()))


def shown_commands() -> list[Documented]:
    """Every `relance …` of the documentation."""
    found = []
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT).as_posix()
        copied = re.findall(r"^ {4,}relance (.*)$", text, re.MULTILINE)
        passing = re.findall(r"`relance ([^`]+)`", text)
        found += [Documented(name, tuple(shlex.split(line, comments=True)), whole=True) for line in copied]
        found += [Documented(name, tuple(words.split()), whole=False) for words in passing]
    return found


def copied_commands() -> list[Documented]:
    """Those that a reader would copy as they stand; a synopsis with brackets is read by another test."""
    return [
        shown
        for shown in shown_commands()
        if shown.whole and "COMMAND" not in shown.words and not any(word.startswith("[") for word in shown.words)
    ]


def test_every_command_has_its_section() -> None:
    documented = {
        title.removeprefix("relance ")
        for title in sections(page("reference/commands.md"))
        if title.startswith("relance ")
    }
    assert documented == set(verbs())


def test_every_option_is_documented_and_no_other() -> None:
    text = page("reference/commands.md")
    everywhere = set(re.findall(r"^\| .*?\|", sections(text)["Two options of every command"], re.MULTILINE))
    assert {name for name in shared_options() if not any(f"`{name}" in cell for cell in everywhere)} == set()
    for verb, parser in verbs().items():
        section = sections(text)[f"relance {verb}"]
        named = {name.split()[0] for name in rows(section) if name != "option"}
        own = options(parser) - shared_options()
        operands = {str(action.metavar) for action in parser._get_positional_actions()}
        assert named == own | operands, verb


def test_each_synopsis_is_what_the_command_takes() -> None:
    for verb, parser in verbs().items():
        section = sections(page("reference/commands.md"))[f"relance {verb}"]
        synopsis = re.findall(r"^ {4}relance (.+)$", section, re.MULTILINE)
        assert synopsis, verb
        assert all(line.split()[0] == verb for line in synopsis)
        written = set(re.findall(r"--[a-z-]+", " ".join(synopsis)))
        assert written == options(parser) - shared_options(), verb


def test_every_exit_status_is_documented() -> None:
    kinds: tuple[type[errors.RelanceError], ...] = (errors.RelanceError, *errors.RelanceError.__subclasses__())
    statuses = {kind.exit_status for kind in kinds}
    documented = rows(sections(page("reference/commands.md"))["Exit status"])
    assert {int(status) for status in documented if status.isdigit()} == {0, *statuses, INTERRUPTED}


@pytest.mark.parametrize("shown", copied_commands(), ids=lambda shown: f"{shown.page}: {' '.join(shown.words)}")
def test_commands_to_copy_are_understood(shown: Documented) -> None:
    asks_only = {"--help", "--version"} & set(shown.words)
    with pytest.raises(SystemExit, match=r"^0$") if asks_only else contextlib.nullcontext():
        make_parser().parse_args(shown.words)


@pytest.mark.parametrize("shown", shown_commands(), ids=lambda shown: f"{shown.page}: {' '.join(shown.words)}")
def test_no_command_or_option_is_invented(shown: Documented) -> None:
    first, *rest = shown.words
    known = options(make_parser()) if first.startswith("-") or first == "COMMAND" else options(verbs()[first])
    written = {word.strip("[]").split("=")[0] for word in rest if word.strip("[]").startswith("-")}
    assert written <= known


def test_the_documentation_shows_every_command() -> None:
    outside = {shown.words[0] for shown in shown_commands() if shown.page != "docs/reference/commands.md"}
    assert set(verbs()) <= outside


def test_the_make_targets_named_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        target
        for path in PAGES
        for target in re.findall(r"(?:^ {4}|`)make ([a-z]+)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert {"demo", "test"} <= named <= targets


def test_both_readmes_show_the_same_commands() -> None:
    english, french = (
        re.findall(r"^ {4,}\S.*$", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
        for name in ("README.md", "LISEZMOI.md")
    )
    pick = re.compile(r"^ +(?:relance|make|cd|\. )")
    assert [line for line in english if pick.match(line)] == [line for line in french if pick.match(line)]


# Templates


def test_every_value_and_filter_of_a_message_is_documented(tmp_path: Path) -> None:
    settings = owner(tmp_path)
    accounts = next(specimens(Step("reminder-2", 14), Channel.LETTER, "fr"))
    due = accounts[0].reminders.due_today
    assert due is not None
    text = sections(page("reference/templates.md"), "###")
    names = {name for row in rows(text["Values"]) for name in row.split(", ")} - {"value"}
    assert names == {*message_values.facts(settings, accounts, due).values(), "language"}
    templates = MessageTemplates(settings)
    templates.room(Channel.EMAIL).get("fr", "reminder-1")
    environment = templates.room(Channel.EMAIL)._shelf("fr")._text
    ours = environment.filters.keys() - jinja2.Environment(autoescape=True).filters.keys()
    assert set(rows(text["Filters"])) - {"filter"} == ours


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("lines", message_payments.Line),
        ("sections", message_values.Section),
        ("discounts", message_ways.Discount),
        ("plans", message_ways.Plan),
        ("online", message_ways.Online),
        ("online", message_ways.OnlineWay),
        ("fees", fee_lines.FeesTold),
        ("fees", fee_lines.InvoiceFees),
        ("fees", fee_lines.FeeLine),
        ("fees", fee_lines.RateSource),
        ("recap", fee_lines.AgreedFees),
        ("instalment", message_payments.InstalmentFacts),
        ("instalment", message_payments.Part),
        ("recap", message_recap.RecapFacts),
        ("recap", message_recap.Owed),
        ("receipts", message_payments.Received),
        ("people", message_people.Person),
        ("past", message_people.Past),
    ],
)
def test_the_parts_of_a_value_are_documented(name: str, kind: type) -> None:
    told = set(re.findall(r"`([a-z_]+)`", rows(page("reference/templates.md"))[name]))
    assert told >= {known.name for known in fields(kind)}


def test_the_template_files_named_are_those_that_ship() -> None:
    table = rows(page("reference/templates.md"))
    for room, suffix in (("emails", "STEP.md"), ("letters", "STEP.md"), ("calls", "STEP.md"), ("pages", "PART.html")):
        folder = bundled("portal_templates") / room / "fr"
        ships = {path.stem for path in folder.glob(f"*{Path(suffix).suffix}") if not path.name.startswith("_")}
        told = table[f"portal_templates/{room}/LANGUAGE/{suffix}"]
        assert set(re.findall(r"`([a-z0-9-]+)`", told)) == ships, room


# Examples: each works in the folder that `relance init` makes


def owner(folder: Path) -> Settings:
    """An owner's folder as it comes, opened."""
    scaffold(folder / "maison")
    settings, problems = load_settings(folder / "maison")
    assert settings is not None
    assert not stops(problems)
    return settings


def blocks(path: Path) -> list[tuple[str, str, str]]:
    """Every block of code of a page, in order: its language, the file that it is said to be, its text."""
    text = path.read_text(encoding="utf-8")
    return re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@dataclass
class Example:
    """What a reader would have after following a page up to some point: a policy, and files of a ledger."""

    policy: str = ""
    files: dict[str, str] = field(default_factory=dict)


def examples(path: Path) -> list[Example]:
    """The ledgers that a page shows. A file that comes again begins another one; so do columns of one's own."""
    found = [Example()]
    for language, file, text in blocks(path):
        if language == "csv" and file in found[-1].files:
            found.append(Example())
        if language == "toml" and "[ledger.columns" in text:
            found.append(Example(policy=text))
        if language == "csv":
            found[-1].files[file] = text
    return [example for example in found if example.files]


RECIPES = [(path.relative_to(ROOT).as_posix(), example) for path in PAGES for example in examples(path)]
POLICIES = [
    (path.relative_to(ROOT).as_posix(), text) for path in PAGES for kind, _, text in blocks(path) if kind == "toml"
]


def test_the_recipes_have_examples() -> None:
    assert {file for _, example in RECIPES for file in example.files} == {
        "ledger/clients.csv",
        "ledger/invoices.csv",
        "ledger/payments.csv",
        "ledger/relance/agreements.csv",
        "ledger/relance/promises.csv",
        "ledger/relance/disputes.csv",
    }


@pytest.mark.parametrize(("name", "example"), RECIPES, ids=[name for name, _ in RECIPES])
def test_the_csv_of_a_page_is_read_without_a_word(name: str, example: Example, tmp_path: Path) -> None:
    folder = owner(tmp_path).folder
    if "ledger/invoices.csv" in example.files:
        (folder / "ledger" / "payments.csv").unlink()  # it is about the invoices of the scaffold
    for file, text in example.files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text, encoding="utf-8")
    policy = folder / "portal.toml"
    policy.write_text(f"{policy.read_text(encoding='utf-8')}\n{example.policy}", encoding="utf-8")
    settings, problems = load_settings(folder)
    assert settings is not None, name
    assert [*problems, *read_ledger(settings)[1]] == [], name


@pytest.mark.parametrize(("name", "text"), POLICIES, ids=[name for name, _ in POLICIES])
def test_the_toml_of_a_page_is_taken(name: str, text: str) -> None:
    given = tomllib.loads(text)
    seller = "" if "seller" in given else '[seller]\nname = "Atelier Lumen"\nemail = "a@lumen.example"\n'
    site = "" if "site" in given else '[site]\nurl = "https://payer.lumen.example"\n'
    file = PolicyFile(f"{text}\n{seller}{site}")
    read_settings(Path(), file)
    assert file.problems == [], name


# Links and images


def headings(text: str) -> set[str]:
    """The anchors that a page has where Markdown is shown."""
    titles = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_relative_link_is_broken(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            assert target.startswith("https://"), target
            continue
        file, _, anchor = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        assert found.is_file(), target
        assert found.is_relative_to(ROOT), target
        if anchor:
            assert anchor in headings(found.read_text(encoding="utf-8")), target


def test_every_page_of_the_documentation_is_in_its_index() -> None:
    linked = {
        (DOCS / target.partition("#")[0]).resolve() for target in re.findall(r"\]\(([^)\s]+)\)", page("index.md"))
    }
    assert {path for path in DOCS.rglob("*.md") if path.name != "index.md"} <= linked


def test_images_are_small_and_all_used() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in PAGES)
    images = sorted((DOCS / "images").iterdir())
    assert len(images) >= 4
    for image in images:
        assert image.read_bytes().startswith(b"\x89PNG\r\n\x1a\n"), image.name
        assert image.stat().st_size < LARGEST_IMAGE, image.name
        assert f"images/{image.name}" in text, image.name
