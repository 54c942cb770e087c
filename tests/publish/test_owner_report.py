"""The owner's email at the end of a run: when it is wanted, what it says, and that it never costs a run."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator.commands.publish_outcome import Count, Fate, Phase, PhaseOutcome, Status
from generator.commands.publish_report import checklist_address, report_by_email
from generator.config import read_settings
from generator.config_publish import PublishSettings, Reported
from generator.owner_report import failed, owner_report
from generator.policy_file import PolicyFile
from tests.publish.test_summary import DONE, HOSTILE, KEY, QUIET, SENT, WAITS
from tests.support.mailhost import Fault, Trouble, mailhost
from tests.support.sandbox import LOOPBACK

if TYPE_CHECKING:
    from generator.commands.publish_outcome import RunOutcome
    from generator.config import Settings
    from tests.publish.conftest import Scene

pytestmark = LOOPBACK
OWNER = "nora@atelier-sable.example"
SEND = PhaseOutcome(Phase.SEND, Status.NOTHING, "no message is to leave")
NOTHING = replace(QUIET, phases=(SEND,))
BROKEN = replace(QUIET, phases=(PhaseOutcome(Phase.DEPLOY, Status.FAILED, "the host does not answer"),), exit_status=3)


def settings(report: Reported = Reported.NEWS, *, port: int = 9, to: str = OWNER, smtp: bool = True) -> Settings:
    file = PolicyFile(
        '[seller]\nname = "Atelier Sable"\nemail = "compta@atelier-sable.example"\n'
        '[site]\nurl = "https://payer.atelier-sable.example"\n'
        + (f'[smtp]\nhost = "127.0.0.1"\nsecurity = "none"\nport = {port}\nretry_after_seconds = 0\n' if smtp else "")
    )
    found = read_settings(Path(), file)
    assert not file.problems
    return replace(found, publish=PublishSettings(report, to))


def text_of(outcome: RunOutcome) -> str:
    found = owner_report(outcome, settings(Reported.ALWAYS))
    assert found is not None
    return found.text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("outcome", "wanted"),
    [
        (NOTHING, {Reported.ALWAYS}),
        (DONE, {Reported.ALWAYS, Reported.NEWS}),
        (replace(NOTHING, messages=(WAITS,)), {Reported.ALWAYS, Reported.NEWS}),
        (replace(NOTHING, phases=(replace(SEND, counts={Count.PAID: 1}),)), {Reported.ALWAYS, Reported.NEWS}),
        (BROKEN, {Reported.ALWAYS, Reported.NEWS, Reported.FAILURES}),
        (replace(NOTHING, messages=(replace(SENT, fate=Fate.UNCERTAIN),)), {*Reported} - {Reported.NEVER}),
        (replace(DONE, dry=True), set()),
        (replace(QUIET, phases=(PhaseOutcome(Phase.RECORD, Status.DONE, "pushed"),)), set()),
    ],
    ids=["nothing", "sent", "waits", "paid", "failed", "uncertain", "dry", "goes on elsewhere"],
)
def test_it_is_written_after_the_runs_that_the_owner_chose(outcome: RunOutcome, wanted: set[Reported]) -> None:
    assert {when for when in Reported if owner_report(outcome, settings(when)) is not None} == wanted


def test_it_says_what_left_what_came_what_waits_and_how_to_let_it_go() -> None:
    where = "https://github.com/o/r/issues?q=is%3Aopen+label%3Arelance"
    text = text_of(replace(DONE, checklist=where))
    assert "2 relances parties, 1 autre message parti, 2 règlements reçus" in text
    assert "- Atelier Roux, première relance, 1 200,00 €\n" in text
    assert "CE QUI ATTEND VOTRE ACCORD\n- Kite & Sons, deuxième relance, 1 200,00 €" in text
    assert "\n    relance send --approve kite\n" in text
    assert where in text
    assert text.index("CE QUI ATTEND") < text.index("REÇU") < text.index("PARTI")


def test_what_failed_comes_first() -> None:
    refused = replace(SENT, fate=Fate.REFUSED, words="550 no such user")
    text = text_of(replace(BROKEN, messages=(refused,), repeat="Run it again."))
    assert "CE QUI N’A PAS ABOUTI\n- mise en ligne : the host does not answer\n" in text
    assert "- Atelier Roux, première relance, 1 200,00 € : refusé (550 no such user)" in text
    assert "Run it again." in text
    found = owner_report(BROKEN, settings())
    assert found is not None
    assert found.subject.startswith("relance\u00a0: à voir, arrêt à l’étape") or "à voir" in found.subject


def test_the_subject_names_nobody_and_the_letter_gives_no_page_away() -> None:
    url = f"https://payer.atelier-sable.example/p/{KEY}/"
    outcome = replace(
        BROKEN, messages=(SENT, replace(SENT, fate=Fate.WITHHELD, words=f"{url} does not answer")), repeat=url
    )
    found = owner_report(outcome, settings())
    assert found is not None
    assert "Roux" not in found.subject
    assert KEY not in found.content.decode().replace("=\r\n", "")
    assert KEY not in found.text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_name_becomes_a_header_or_a_line(hostile: str) -> None:
    outcome = replace(DONE, names={"roux": f"x{hostile}\r\nBcc: evil@evil.example"}, messages=(SENT,))
    found = owner_report(outcome, settings())
    assert found is not None
    read = message_from_bytes(found.content, policy=policy.default)
    assert read["To"] == OWNER
    assert "Bcc" not in read
    assert read["From"].addresses[0].addr_spec == "compta@atelier-sable.example"
    assert read["Content-Language"] == "fr"
    assert "\nBcc" not in found.text
    assert max(map(len, found.content.split(b"\r\n"))) <= 78


def test_without_an_address_of_its_own_it_goes_to_the_seller() -> None:
    found = owner_report(DONE, settings(to=""))
    assert found is not None
    assert found.to == "compta@atelier-sable.example"


def test_it_leaves_once(tmp_path: Path) -> None:
    with mailhost(tmp_path / "box") as host:
        assert OWNER in report_by_email(DONE, settings(port=host.port))
        assert [mail.recipients for mail in host.taken] == [[OWNER]] or len(host.taken) == 1
        assert list(host.taken[0].recipients) == [OWNER]


def test_a_run_in_two_calls_is_told_as_one(tmp_path: Path) -> None:
    came = PhaseOutcome(Phase.RECONCILE, Status.DONE, "", {Count.PAID: 2})
    with mailhost(tmp_path / "box") as host:
        here = replace(settings(port=host.port), folder=tmp_path)
        assert report_by_email(replace(QUIET, phases=(came,)), here) == ""
        assert report_by_email(NOTHING, here)
        assert "2_r=C3=A8glements" in host.taken[0].content.decode().replace("=\r\n", "").replace(
            "?=\r\n =?utf-8?q?", ""
        )
        assert report_by_email(NOTHING, here) == "", "it is told once"
        partly = PhaseOutcome(Phase.LINKS, Status.PARTLY, "1 account refused by Stripe")
        assert report_by_email(replace(QUIET, phases=(partly,)), here) == ""
        assert report_by_email(NOTHING, here)
        assert "1 account refused by Stripe" in host.taken[1].content.decode()
        for torn in (
            "",
            "[]",
            '{"day": "2026-11-23", "counts": {"paid": "x"}}',
            '{"day": "2026-11-22", "counts": {"paid": 1}}',
            '{"day": "2026-11-23", "counts": {"paid": 1}, "partly": {"links": 1}}',
        ):
            (tmp_path / "report" / ".run.json").write_text(torn)
            assert report_by_email(NOTHING, here) == ""


def test_without_a_mail_server_too_the_first_call_leaves_word_that_it_came_that_far(tmp_path: Path) -> None:
    here = replace(settings(smtp=False), folder=tmp_path)
    assert report_by_email(replace(QUIET, dry=True), here) == ""
    assert not (tmp_path / "report").exists(), "a dry run leaves nothing"
    assert report_by_email(QUIET, here) == ""
    assert (tmp_path / "report" / ".run.json").is_file(), "the next job of a workflow looks there"
    assert report_by_email(BROKEN, here) == ""
    assert not (tmp_path / "report" / ".run.json").exists()


@pytest.mark.parametrize("fault", [Fault.GREY, Fault.GONE, Fault.LOST])
def test_that_it_cannot_leave_is_said_and_tried_once(tmp_path: Path, fault: Fault) -> None:
    with mailhost(tmp_path / "box") as host:
        host.troubles.append(Trouble(fault, address=OWNER))
        assert "leave" in report_by_email(DONE, settings(port=host.port)) or fault is Fault.LOST
        assert host.attempts == 1


def test_publish_ends_with_it(scene: Scene) -> None:
    text = scene.owner.folder / "portal.toml"
    scene.configure(stripe=False, more=f'[publish]\nreport_to = "{OWNER}"\n')
    text.write_text(text.read_text().replace('[publish]\nreport = "never"\n', "", 1))
    scene.commit()
    assert scene.publish() == 0, scene.owner.complained
    assert f"a report about this run went to {OWNER}" in scene.owner.said
    assert scene.addressees().count(OWNER) == 1
    assert scene.publish() == 0, scene.owner.complained
    assert scene.addressees().count(OWNER) == 1, "nothing is new"


def test_without_a_server_that_answers_the_run_is_none_the_worse() -> None:
    assert "did not leave" in report_by_email(DONE, settings(port=1))
    assert report_by_email(DONE, settings(smtp=False)) == ""
    assert "did not leave" in report_by_email(DONE, settings(to="no address"))


def test_the_list_to_tick_is_linked_from_a_job_of_github_only() -> None:
    job = {"GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "o/r"}
    assert checklist_address(job) == "https://github.com/o/r/issues?q=is%3Aopen+label%3Arelance"
    assert checklist_address({}) == ""
    assert checklist_address(job | {"GITHUB_SERVER_URL": "javascript:x"}) == ""
    assert ">" not in checklist_address(job | {"GITHUB_REPOSITORY": "o/r>)"})


def test_partly_done_is_something_to_look_at() -> None:
    assert failed(replace(QUIET, phases=(replace(SEND, status=Status.PARTLY),)))
    assert not failed(DONE)
