"""The frame of the sandbox's pages: one small style sheet, no script, nothing from elsewhere."""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from generator.sandbox.wire import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

_STYLE = """
:root{color-scheme:light dark;--paper:#f7f4ee;--card:#fffdf9;--ink:#23201b;--soft:#655e53;--line:#e1dacd;--edge:#8a8172;
--accent:#1b5c4a;--on:#fffdf9;--warn:#fbe9c6;--warn-ink:#4a3303;--bad:#8f2f1c}
@media (prefers-color-scheme:dark){:root{--paper:#171614;--card:#201e1b;--ink:#f0ebe1;--soft:#b3aa9b;--line:#393530;--edge:#8c8375;
--accent:#8fd0b9;--on:#10241d;--warn:#3d2f10;--warn-ink:#f6dfab;--bad:#f0a994}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1.0625rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;
overflow-wrap:anywhere}
h1,h2,h3,p,ul,dl,dd{margin:0;padding:0}
ul{list-style:none}
h1{font-size:clamp(1.75rem,8vw,2.5rem);line-height:1.15;font-weight:650;font-variant-numeric:tabular-nums}
h2{font-size:1.25rem;margin:2.5rem 0 .75rem}
h3{font-size:1.0625rem}
a{color:var(--accent)}
.banner{background:var(--warn);color:var(--warn-ink);padding:.75rem 1.125rem;text-align:center}
main{max-width:34rem;margin:0 auto;padding:2rem 1.125rem 3rem}
.lead,.soft{color:var(--soft)}
.lead{margin-top:.5rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:.875rem;padding:1.125rem;margin-top:1rem}
.row{display:flex;flex-wrap:wrap;gap:.25rem 1rem;justify-content:space-between;align-items:baseline}
.row+.row{border-top:1px solid var(--line);margin-top:.75rem;padding-top:.75rem}
.sum{font-weight:600;font-variant-numeric:tabular-nums;white-space:nowrap}
.note{border-left:.25rem solid var(--bad);padding:.5rem .875rem;margin-top:1.25rem;background:var(--card)}
form{margin-top:1rem}
.acts{display:flex;flex-wrap:wrap;gap:.5rem;align-items:end;margin-top:.75rem}
.acts form{margin:0}
button,.button,input[type=text]{font:inherit;min-height:2.75rem;border-radius:.625rem;border:1px solid var(--edge);padding:.5rem 1rem;
color:var(--ink);background:var(--card)}
button,.button{cursor:pointer;font-weight:600;text-decoration:none;display:inline-block}
.wide{width:100%;min-height:3.25rem}
.main{background:var(--accent);border-color:var(--accent);color:var(--on)}
input[type=text]{width:8rem}
label{display:block;font-size:.9375rem}
.hint{display:block;font-size:.9375rem;color:var(--soft);margin:.375rem 0 0}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
footer{margin-top:2.5rem;font-size:.9375rem}
"""
_HASH = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+")


def page(
    words: Mapping[str, str], title: str, body: str, *, status: int = 200, leads_to: str | None = None
) -> Response:
    """A whole page; `body` is markup. `leads_to` is where its forms may end up besides here."""
    forms = "'self'"
    if leads_to is not None:
        parts = urlsplit(leads_to)
        origin = f"{parts.scheme}://{parts.netloc}"
        forms += f" {origin}" if _ORIGIN.fullmatch(origin) else ""
    markup = (
        f'<!doctype html><html lang="{words["language"]}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f'<p class="banner"><strong>{escape(words["banner"])}</strong> {escape(words["banner_more"])}</p>'
        f"<main>{body}</main></body></html>"
    )
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Language": words["language"],
        "Vary": "Accept-Language",
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action {forms}; "
        "base-uri 'none'; frame-ancestors 'none'",
    }
    return Response(status, headers, markup.encode())


def redirect(address: str) -> Response:
    """Off to another page, to be read with GET."""
    location = quote(address, safe="!#$%&'()*+,/:;=?@[]~")
    return Response(303, {"Location": location, "Cache-Control": "no-store", "Referrer-Policy": "same-origin"})


def message(words: Mapping[str, str], title: str, text: str = "", *, status: int = 200) -> Response:
    """A page with nothing to do on it."""
    more = f'<p class="lead">{escape(text)}</p>' if text else ""
    return page(words, title, f"<h1>{escape(title)}</h1>{more}{footer(words)}", status=status)


def footer(words: Mapping[str, str]) -> str:
    """The way to the board."""
    return f'<footer><a href="/sandbox">{escape(words["to_board"])}</a></footer>'


def button(words: Mapping[str, str], token: str, action: str, values: Mapping[str, str], style: str = "") -> str:
    """A form of one button, called as its first value is."""
    name = next(iter(values.values()))
    hidden = "".join(
        f'<input type="hidden" name="{escape(key)}" value="{escape(value)}">'
        for key, value in {**values, "token": token}.items()
    )
    explained = words.get(f"{name}_more")
    hint = f'<span class="hint">{escape(explained)}</span>' if explained else ""
    return (
        f'<form method="post" action="{escape(action)}">{hidden}'
        f'<button class="{escape(style)}">{escape(words[name])}</button>{hint}</form>'
    )
