"""Secrets come from the environment or the folder's `.env`, go to Stripe only, and are never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.errors import UserError
from generator.problems import format_problem
from generator.secrets_file import (
    IMAP_PASSWORD,
    SMTP_PASSWORD,
    STRIPE_API,
    StripeAccess,
    mail_password,
    secret_problems,
    stripe_environment,
)

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, text: str) -> None:
    (folder / ".env").write_text(text, encoding="utf-8")


def test_nobody_said_anything(tmp_path: Path) -> None:
    assert stripe_environment(tmp_path, {}) == StripeAccess("", STRIPE_API)
    assert secret_problems(tmp_path, {}) == []


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    write(tmp_path, "STRIPE_API_KEY=rk_test_file\nSTRIPE_API_BASE=https://file.example\n")
    assert stripe_environment(tmp_path, {}) == StripeAccess("rk_test_file", "https://file.example")
    environ = {"STRIPE_API_KEY": " rk_test_env\n", "STRIPE_API_BASE": "https://env.example/"}
    assert stripe_environment(tmp_path, environ) == StripeAccess("rk_test_env", "https://env.example")


def test_the_passwords_of_the_mail_servers(tmp_path: Path) -> None:
    assert mail_password(tmp_path, {}, SMTP_PASSWORD) == ""
    write(tmp_path, "SMTP_PASSWORD='été #1'\nexport IMAP_PASSWORD=Hush  # of the mailbox\n")
    assert mail_password(tmp_path, {}, SMTP_PASSWORD) == "été #1"
    assert mail_password(tmp_path, {"SMTP_PASSWORD": ""}, SMTP_PASSWORD) == "été #1"
    assert mail_password(tmp_path, {"SMTP_PASSWORD": " with spaces \n"}, SMTP_PASSWORD) == " with spaces "
    assert mail_password(tmp_path, {"SMTP_PASSWORD": "other"}, IMAP_PASSWORD) == "Hush"


def test_what_is_empty_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, "STRIPE_API_KEY=rk_test_file\nSTRIPE_API_BASE=\n")
    found = stripe_environment(tmp_path, {"STRIPE_API_KEY": "", "STRIPE_API_BASE": " "})
    assert found == StripeAccess("rk_test_file", STRIPE_API)


@pytest.mark.parametrize(
    "line",
    [
        "STRIPE_API_KEY=rk_test_a1",
        "export STRIPE_API_KEY=rk_test_a1",
        "  STRIPE_API_KEY = rk_test_a1  # the shop's",
        'STRIPE_API_KEY="rk_test_a1"',
        "STRIPE_API_KEY='rk_test_a1' # x",
        "\ufeffSTRIPE_API_KEY=rk_test_a1\r",
        "# STRIPE_API_KEY=rk_test_old\n\nSTRIPE_API_KEY=rk_test_b\nOTHER=1\nSTRIPE_API_KEY=rk_test_a1",
    ],
)
def test_the_file_is_read_as_a_shell_would(tmp_path: Path, line: str) -> None:
    write(tmp_path, f"{line}\n")
    assert stripe_environment(tmp_path, {}).key == "rk_test_a1"


@pytest.mark.parametrize("line", ["STRIPE_API_KEY", "STRIPE_API_KEY: rk", "STRIPE_API_KEY='rk", "MY_STRIPE_API_KEY=rk"])
def test_a_line_that_is_none_says_nothing(tmp_path: Path, line: str) -> None:
    write(tmp_path, line)
    assert stripe_environment(tmp_path, {}).key == ""


@pytest.mark.parametrize(
    ("base", "fine"),
    [
        ("https://api.stripe.com", True),
        ("https://proxy.example:8443/stripe", True),
        ("http://127.0.0.1:12111", True),
        ("http://localhost:12111/", True),
        ("http://[::1]:12111", True),
        ("http://api.stripe.com", False),
        ("http://localhost.evil.example", False),
        ("http://127.0.0.1.evil.example", False),
        ("https://user:pw@api.stripe.com", False),
        ("https://api.stripe.com@evil.example", False),
        ("https://api.stripe.com?x=", False),
        ("https://api.stripe.com#", False),
        ("ftp://api.stripe.com", False),
        ("//api.stripe.com", False),
        ("api.stripe.com", False),
        ("https://", False),
        ("file:///etc/passwd", False),
    ],
)
def test_a_key_travels_over_https_or_stays_on_this_machine(tmp_path: Path, base: str, fine: bool) -> None:  # noqa: FBT001
    environ = {"STRIPE_API_KEY": "rk_test_Hush", "STRIPE_API_BASE": base}
    if fine:
        assert stripe_environment(tmp_path, environ).base == base.rstrip("/")
        return
    with pytest.raises(UserError) as refused:
        stripe_environment(tmp_path, environ)
    assert [problem.code for problem in refused.value.problems] == ["stripe-base-refused"]
    assert secret_problems(tmp_path, environ) == list(refused.value.problems)
    assert "Hush" not in str(refused.value)


def test_a_refused_address_is_told_with_its_line(tmp_path: Path) -> None:
    write(tmp_path, "# mine\nSTRIPE_API_BASE=http://evil.example\n")
    assert [str(problem.where) for problem in secret_problems(tmp_path, {})][:1] == [".env:2"]


def test_no_key_is_ever_shown(tmp_path: Path) -> None:
    write(tmp_path, "STRIPE_API_KEY=rk_test_Hush\n")
    access = stripe_environment(tmp_path, {})
    told = "".join(format_problem(problem) for problem in secret_problems(tmp_path, {}))
    assert "Hush" not in f"{access!r} {access} {told}"


@pytest.mark.parametrize(
    ("ignored", "codes"),
    [
        (None, ["secrets-not-ignored"]),
        ("/output/\n", ["secrets-not-ignored"]),
        ("# .env\n", ["secrets-not-ignored"]),
        (".env\n!.env\n", ["secrets-not-ignored"]),
        (".env.local\n", ["secrets-not-ignored"]),
        ("/output/\r\n.env\r\n", []),
        ("/.env", []),
        ("*.env \n", []),
    ],
)
def test_git_must_not_keep_the_file(tmp_path: Path, ignored: str | None, codes: list[str]) -> None:
    write(tmp_path, "A=1\n")
    if ignored is not None:
        (tmp_path / ".gitignore").write_text(ignored, encoding="utf-8")
    assert [problem.code for problem in secret_problems(tmp_path, {})] == codes


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    assert [problem.code for problem in secret_problems(tmp_path, {})] == ["secrets-unreadable", "secrets-not-ignored"]
    with pytest.raises(UserError):
        stripe_environment(tmp_path, {})
    with pytest.raises(UserError):
        mail_password(tmp_path, {"SMTP_PASSWORD": "x"}, SMTP_PASSWORD)
