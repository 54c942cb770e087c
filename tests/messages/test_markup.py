"""A template's Markdown, with Jinja inside, becomes HTML and plain text without Jinja noticing."""

from __future__ import annotations

import jinja2

from generator.markup import Stash, tidy, to_html, to_plain


def as_html(source: str, **values: object) -> str:
    """The HTML of a message, one line."""
    stash = Stash()
    template = stash.show(to_html(source, "en", stash))
    return " ".join(jinja2.Environment(autoescape=True).from_string(template).render(values).split())


def as_text(source: str, language: str = "en", **values: object) -> str:
    """The plain text of a message."""
    return tidy(jinja2.Environment(autoescape=False).from_string(to_plain(source, language)).render(values))  # noqa: S701


ROWS = """
| Invoice | Left |
|:--------|-----:|
{% for row in rows %}
| **{{ row }}** | 5 |
{% endfor %}
"""


def test_a_loop_in_a_table_stays_in_the_table() -> None:
    html = as_html(ROWS, rows=["A", "B"])

    assert html.count("<table") == 1
    assert html.count("<tr>") == 3
    assert '<tbody> <tr> <td style="text-align: left;"><strong>A</strong></td>' in html


def test_a_table_inside_a_loop_is_repeated_whole() -> None:
    html = as_html("{% for group in groups %}\n" + ROWS + "\n{% endfor %}", groups=[1, 2], rows=["A"])

    assert html.count("<table") == html.count("</table>") == 2


def test_a_table_reads_as_lines_of_text() -> None:
    assert as_text(ROWS, rows=["A", "B"]) == "Invoice · Left\n- A · 5\n- B · 5\n"


LIST = """
You can:

- pay;
{% for way in ways %}
- {{ way }};
{% endfor %}
{% if last %}
- or {{ last }}.
{% endif %}

Bye.
"""


def test_items_around_and_inside_statements_are_one_list() -> None:
    html = as_html(LIST, ways=["wait", "talk"], last="sing")

    assert (
        html == "<p>You can:</p> <ul> <li>pay;</li> <li>wait;</li> <li>talk;</li> <li>or sing.</li> </ul> <p>Bye.</p>"
    )
    assert as_text(LIST, ways=["wait"], last="") == "You can:\n\n- pay;\n- wait;\n\nBye.\n"


def test_what_a_condition_leaves_out_leaves_no_empty_paragraph() -> None:
    source = "One.\n{% if no %}\nTwo.\n{% endif %}\nThree{% if no %}, four{% endif %}."

    assert as_html(source, no=False) == "<p>One.</p> <p>Three.</p>"
    assert as_text(source, no=False) == "One.\n\nThree.\n"


def test_comparisons_in_tags_are_not_markdown() -> None:
    assert as_html("{% if a > 1 and b < 3 %}*yes* {{ a * b * 2 }}{% endif %}", a=2, b=2) == "<p><em>yes</em> 8</p>"


def test_values_are_never_read_as_markdown_or_html() -> None:
    hostile = "*x* [y](javascript:1) <b>z</b> | {{ 7*7 }}"

    assert as_html("Hello {{ name }}", name=hostile) == (
        "<p>Hello *x* [y](javascript:1) &lt;b&gt;z&lt;/b&gt; | {{ 7*7 }}</p>"
    )
    assert as_text("Hello **{{ name }}**", name=hostile) == f"Hello {hostile}\n"


def test_a_link_alone_gives_its_address_on_a_line_of_its_own() -> None:
    assert (
        as_text("[Open the page]({{ page }}){: .button }", page="https://x.example/")
        == "Open the page:\nhttps://x.example/\n"
    )
    assert as_text("[{{ page }}]({{ page }})", page="https://x.example/") == "https://x.example/\n"
    assert as_text("Write [to us](mailto:a@x.example).") == "Write to us.\n"


def test_a_button_is_a_table_cell_for_outlook() -> None:
    html = as_html("[Open]({{ page }}){: .button }", page="https://x.example/?a=1&b=2")

    assert '<td class="action-cell"><a class="button" href="https://x.example/?a=1&amp;b=2">Open</a></td>' in html


def test_french_gets_its_no_break_spaces_and_other_languages_do_not() -> None:
    assert as_text("Quoi ? « Rien » : {{ x }}", "fr", x="a : b") == "Quoi\u00a0? «\u00a0Rien\u00a0»\u00a0: a : b\n"
    assert as_text("Quoi ?", "en") == "Quoi ?\n"


def test_text_is_wrapped_at_76_but_an_address_is_never_cut() -> None:
    address = "https://x.example/" + "a" * 90
    text = as_text("word " * 40 + "{{ page }}", page=address)

    assert all(len(line) <= 76 for line in text.splitlines() if address not in line)
    assert address in text.splitlines()


def test_plain_text_keeps_the_lines_of_the_file() -> None:
    source = "# A\n\n| a | b |\n|---|---|\n{% for x in y %}\n| c | d |\n{% endfor %}\n\nend  \n{: .small }"

    assert to_plain(source, "fr").count("\n") >= source.count("\n")
    assert to_plain(source, "fr").split("\n")[4].endswith("{% for x in y %}")
