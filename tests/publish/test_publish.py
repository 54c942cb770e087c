"""`relance publish`: everything in order, once, and repeatable wherever it ended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.commands import publish as command
from generator.commands.publish_outcome import Count, Fate, Phase, RunOutcome, Status
from generator.errors import OutsideError
from generator.lock import exclusive
from tests.publish.conftest import DAY, Scene, published
from tests.support.effort import SOAK
from tests.support.mailhost import Fault, Trouble
from tests.support.remote import cloned, git
from tests.support.sandbox import LOOPBACK

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from generator.commands.publish import Work
    from generator.commands.publish_outcome import PhaseOutcome
    from generator.commands.publish_run import Publishing

pytestmark = LOOPBACK
VERDIER, KITE = "compta@verdier.example", "accounts@kite.example"


def test_one_command_takes_a_ledger_to_a_live_site_and_sent_reminders(scene: Scene) -> None:
    assert scene.publish() == 0, scene.owner.complained
    assert scene.addressees() == [KITE, VERDIER]
    assert scene.active_links() == 2
    assert scene.journal().count('"outcome":"sent"') == 2
    assert (scene.web.folder / "index.html").is_file()
    told = [line.partition(" ")[0] for line in scene.owner.said.splitlines()]
    assert [word for word in told if word in set(Phase)] == list(Phase)


def test_a_second_run_does_nothing_but_verify_and_says_so(scene: Scene) -> None:
    scene.publish()
    before = scene.state()
    scene.web.asked.clear()
    assert scene.publish() == 0, scene.owner.complained
    assert "Nothing was to be done: everything is as the last run left it." in scene.owner.said
    assert scene.state() == before
    assert len(scene.mail.taken) == 2
    assert sum(re.fullmatch(r"/p/[a-z2-7]{26}/", place) is not None for place in scene.web.asked) == 2


def test_what_clients_can_see_was_pushed_before_and_who_is_written_to_can_open_their_page(scene: Scene) -> None:
    seen = []

    def looked(phase: Phase) -> Work:
        def work(run: Publishing) -> PhaseOutcome:
            keys = {path.name for path in (scene.owner.folder / "output" / "p").glob("*")}
            if phase is Phase.DEPLOY:
                assert not scene.web.folder.exists()
                assert keys
                assert all(key in scene.journal() for key in keys)
            if phase is Phase.SEND:
                assert all(scene.web.answer(f"/p/{key}/") for key in keys)
                assert scene.mail.taken == []
            seen.append(phase)
            return command.WORK[phase](run)

        return work

    assert published(scene, {phase: looked(phase) for phase in Phase}).exit_status == 0
    assert seen == list(Phase)
    assert scene.addressees() == [KITE, VERDIER]


def test_whichever_phase_fails_says_what_is_done_and_repeating_it_ends_as_if_nothing_had_happened(scene: Scene) -> None:
    def fails(_: Publishing) -> PhaseOutcome:
        raise OutsideError("the lightning struck")

    tried = set(Phase) if SOAK else {Phase.RECORD, Phase.DEPLOY, Phase.SEND}
    for number, phase in enumerate(Phase):
        if phase not in tried:
            continue
        outcome = published(scene, {**command.WORK, phase: fails})
        assert outcome.exit_status == 3
        assert outcome.failed is not None
        assert outcome.failed.phase is phase
        assert [one.phase for one in outcome.phases] == list(Phase)[: number + 1]
        assert "he same command" in outcome.repeat
        assert ("no message has left" in outcome.repeat) is (phase is not Phase.SEND)
        assert scene.mail.taken == []
        assert scene.web.folder.exists() is (phase in {Phase.VERIFY, Phase.SEND})
    assert scene.publish() == 0, scene.owner.complained
    assert scene.addressees() == [KITE, VERDIER]
    assert scene.active_links() == 2


def test_the_outcome_says_who_got_what(scene: Scene) -> None:
    outcome = published(scene)
    assert outcome.count(Count.PAGES_NEW) == 2
    assert outcome.count(Count.LINKS_CREATED) == 2
    assert outcome.count(Count.SENT) == 2
    assert outcome.by_step(Fate.SENT) == {"reminder-1": 2}
    assert {one.clients: one.amounts for one in outcome.messages} == {
        ("verdier",): (("EUR", "1200.00"),),
        ("kite",): (("EUR", "500.00"),),
    }
    assert outcome.names["kite"] == "Kite & Sons"
    assert outcome.failed is None


# What is not set up


def test_without_stripe_mail_git_and_a_place_for_the_site_each_phase_says_so_and_the_rest_goes_on(scene: Scene) -> None:
    scene.configure(stripe=False, smtp=None, deploy=None)
    (scene.owner.folder / ".git").rename(scene.owner.folder.parent / "elsewhere.git")
    scene.web.folder = scene.owner.folder / "output"
    assert scene.publish() == 0, scene.owner.complained
    for missing in (
        "has no [stripe]: payments",
        "has no [stripe]: pages",
        "in no git repository",
        "no [deploy]",
        "no [smtp]",
    ):
        assert missing in scene.owner.said
    outcome = published(scene)
    idle = {one.phase for one in outcome.phases if one.status is Status.LEFT_OUT}
    assert idle == {Phase.RECONCILE, Phase.LINKS, Phase.RECORD, Phase.DEPLOY, Phase.SEND}
    assert outcome.count(Count.BY_HAND) == 2
    assert len(list((scene.owner.folder / "outbox").glob("*.eml"))) == 2


def test_a_repository_without_a_remote_remembers_here_and_says_that_it_is_nowhere_else(scene: Scene) -> None:
    git(scene.owner.folder, "remote", "remove", "origin")
    assert scene.publish() == 0, scene.owner.complained
    assert "remembered on this machine only" in scene.owner.said
    assert git(scene.owner.folder, "status", "--porcelain") == ""
    assert scene.addressees() == [KITE, VERDIER]


def test_without_a_place_for_the_site_nobody_is_written_to_before_it_is_online(scene: Scene) -> None:
    scene.configure(stripe=False, deploy=None)
    assert scene.publish() == 3
    assert "Put output/ online first" in scene.owner.complained
    assert scene.mail.taken == []
    scene.web.folder = scene.owner.folder / "output"
    assert scene.publish("--from", "verify") == 0, scene.owner.complained
    assert scene.addressees() == [KITE, VERDIER]


def test_hours_a_test_mode_and_the_owners_word_keep_messages_back_and_the_site_is_published(scene: Scene) -> None:
    scene.configure(stripe=False, more='[reminders]\napprove = "none"\nsend_between = "08:00-09:00"\n')
    assert scene.publish() == 0, scene.owner.complained
    assert "Nothing leaves now" in scene.owner.said
    assert scene.mail.taken == []
    assert (scene.web.folder / "index.html").is_file()
    scene.configure(stripe=False, smtp='test_to = "nora@atelier-sable.example"')
    assert scene.publish() == 0, scene.owner.complained
    assert "test mode" in scene.owner.said
    assert scene.addressees() == ["nora@atelier-sable.example"] * 2
    assert '"event":"intent"' not in scene.journal()
    scene.configure(stripe=False, more='[reminders]\napprove = "all"\n')
    outcome = published(scene)
    assert outcome.exit_status == 0
    assert [one.clients for one in outcome.of(Fate.WAITING)] == [("verdier",), ("kite",)]
    assert scene.owner.run("send", "--approve", "verdier", "--push") == 0, scene.owner.complained
    assert scene.publish() == 0, scene.owner.complained
    assert scene.addressees() == [VERDIER, *["nora@atelier-sable.example"] * 2]
    assert "relance send --approve kite" in scene.owner.said


# Part of a run


def test_until_a_phase_and_from_verify_make_one_run_around_a_step_of_somebody_else(scene: Scene) -> None:
    assert scene.publish("--until", "record") == 0, scene.owner.complained
    assert "deploy" not in scene.owner.said
    policy = scene.owner.folder / "portal.toml"
    policy.write_text(
        re.sub(r'"folder"\npath = .*', '"github-pages"', policy.read_text(encoding="utf-8")), encoding="utf-8"
    )
    assert scene.publish() == 0, scene.owner.complained
    assert "relance publish --from verify" in scene.owner.said
    assert "verify     " not in scene.owner.said, "nobody has uploaded anything yet"
    assert scene.mail.taken == []
    scene.commit()
    assert not scene.web.folder.exists()
    (scene.owner.folder / "output").rename(scene.web.folder)  # as an upload does, on a machine that then forgets
    elsewhere = cloned(scene.remote, "elsewhere")
    scene.owner.folder = elsewhere
    assert scene.publish("--from", "verify") == 0, scene.owner.complained
    assert scene.addressees() == [KITE, VERDIER]
    assert '"outcome":"sent"' in scene.journal()
    assert "reconcile" not in scene.owner.said


def test_from_verify_waits_for_the_very_site_that_was_decided(scene: Scene) -> None:
    scene.publish("--until", "record")
    assert scene.publish("--from", "verify") == 3
    assert (
        "2 of 2 pages are not online as this build made them: it answers 404 instead of 200 (2)"
        in scene.owner.complained
    )
    with (scene.owner.folder / "ledger" / "clients.csv").open("a", encoding="utf-8") as file:
        file.write("noir;Noir;noir@noir.example;;;;fr\n")
    with (scene.owner.folder / "ledger" / "invoices.csv").open("a", encoding="utf-8") as file:
        file.write("F-2026-122;noir;01/10/2026;31/10/2026;Table;90,00\n")
    assert scene.publish("--from", "verify") == 1
    assert "[outbox-old]" in scene.owner.complained
    assert scene.mail.taken == []


def test_options_that_do_not_go_together_and_other_days_do_nothing(scene: Scene) -> None:
    before = scene.state()
    for options, words in (
        (["--from", "verify", "--until", "build"], "begins after"),
        (["--against", "."], "--against goes with --dry-run"),
        (["--from", "verify", "--dry-run"], "leave --from out"),
        (["--date", "2026-11-15"], "is for today"),
        (["--date", "2026-11-17"], "a day to come"),
    ):
        assert scene.publish(*options) == 2
        assert words in scene.owner.complained
    with exclusive(scene.owner.folder):
        assert scene.publish() == 3
    assert "another run of relance is at work" in scene.owner.complained
    assert scene.state() == before


# Two at once


def test_another_machine_that_was_first_ends_this_run_before_anything_is_public(scene: Scene) -> None:
    here, there = scene.owner.folder, cloned(scene.remote, "there")

    def after_the_other(run: Publishing) -> PhaseOutcome:
        scene.owner.folder = there
        assert scene.publish() == 0, scene.owner.complained
        scene.owner.folder = here
        return command.WORK[Phase.RECORD](run)

    outcome = published(scene, {**command.WORK, Phase.RECORD: after_the_other})
    assert outcome.exit_status == 3
    assert outcome.failed is not None
    assert outcome.failed.phase is Phase.RECORD
    assert "others had pushed" in outcome.failed.words
    assert scene.addressees() == [KITE, VERDIER]
    assert scene.publish() == 0, scene.owner.complained
    assert scene.addressees() == [KITE, VERDIER], "each message once, whoever sent it"
    assert scene.active_links() == 2


def test_a_newer_site_of_another_machine_is_not_replaced_by_an_older_one(scene: Scene) -> None:
    here = scene.owner.folder
    newer: list[object] = []

    def after_the_other(run: Publishing) -> PhaseOutcome:
        scene.owner.folder = there = cloned(scene.remote, "there")
        with (there / "ledger" / "payments.csv").open("a", encoding="utf-8") as file:
            file.write("15/11/2026;verdier;1200,00;F-2026-118\n")
        scene.commit()
        assert scene.publish() == 0, scene.owner.complained
        scene.owner.folder = here
        newer.append(scene.state()["site"])
        return command.WORK[Phase.DEPLOY](run)

    outcome = published(scene, {**command.WORK, Phase.DEPLOY: after_the_other})
    assert outcome.failed is not None
    assert outcome.failed.phase is Phase.DEPLOY
    assert "others pushed" in outcome.failed.words
    assert newer == [scene.state()["site"]]
    assert scene.addressees() == [KITE], "who paid is not written to"


def test_a_ledger_that_others_changed_meanwhile_ends_the_run_before_anything_is_done(scene: Scene) -> None:
    there = cloned(scene.remote, "there")
    with (there / "ledger" / "payments.csv").open("a", encoding="utf-8") as file:
        file.write("15/11/2026;verdier;1200,00;F-2026-118\n")
    git(there, "commit", "--quiet", "--all", "--message", "Payé")
    git(there, "push", "--quiet")
    assert scene.publish() == 3
    assert "others pushed ledger/payments.csv meanwhile" in scene.owner.complained
    assert "Nothing was written, pushed, put online or sent." in scene.owner.complained
    assert scene.active_links() == 0
    git(scene.owner.folder, "pull", "--quiet", "--rebase")
    assert scene.publish() == 0, scene.owner.complained
    assert scene.addressees() == [KITE]


def test_notes_that_others_pushed_meanwhile_stop_nothing(scene: Scene) -> None:
    there = cloned(scene.remote, "there")

    def after_the_other(run: Publishing) -> PhaseOutcome:
        (there / "LISEZMOI.md").write_text("Bonjour\n")
        git(there, "add", "--all")
        git(there, "commit", "--quiet", "--message", "Notes")
        git(there, "push", "--quiet")
        return command.WORK[Phase.RECORD](run)

    assert published(scene, {**command.WORK, Phase.RECORD: after_the_other}).exit_status == 0
    assert scene.addressees() == [KITE, VERDIER]
    assert (scene.owner.folder / "LISEZMOI.md").is_file()
    assert git(scene.owner.folder, "rev-parse", "HEAD") == git(scene.remote, "rev-parse", "main")


# What goes wrong outside


def test_what_surely_did_not_leave_goes_with_the_next_run_and_what_may_have_left_is_only_reported(scene: Scene) -> None:
    scene.mail.troubles += [Trouble(Fault.GREY, address=KITE), Trouble(Fault.LOST, address=VERDIER)]
    outcome = published(scene)
    assert outcome.exit_status == 3
    assert [one.clients for one in outcome.of(Fate.LATER)] == [("kite",)]
    assert outcome.phases[-1].status is Status.PARTLY
    scene.mail.troubles.clear()
    outcome = published(scene)
    assert outcome.exit_status == 0
    assert [one.clients for one in outcome.of(Fate.UNCERTAIN)] == [("verdier",)]
    assert scene.addressees() == [KITE, VERDIER]


def test_a_wrong_address_in_the_policy_is_told_and_nobody_is_led_there(scene: Scene) -> None:
    text = (scene.owner.folder / "portal.toml").read_text()
    scene.owner.write("portal.toml", text.replace(scene.web.url, f"{scene.web.url}/ailleurs"))
    assert scene.publish() == 3
    assert "Is [site] url in portal.toml the address" in scene.owner.complained
    assert not re.search(r"/p/[a-z2-7]{26}", scene.owner.said + scene.owner.complained), "a key is not written down"
    assert scene.mail.taken == []


def run_with_patience(scene: Scene, waits: list[float]) -> RunOutcome:
    """A run that does not really wait: how long it would have is noted."""
    return published(scene, sleep=waits.append)


def test_a_cache_that_still_shows_an_older_page_is_waited_for(scene: Scene) -> None:
    scene.configure(stripe=False)
    scene.publish("--until", "deploy")
    scene.configure(stripe=False, deploy="wait_seconds = 300", more='[reminders]\napprove = "all"\n')
    scene.owner.write("ledger/payments.csv", "date;client;montant;facture\n02/11/2026;kite;400,00;F-2026-120\n")
    scene.commit()
    scene.web.keep(times=2)
    waits: list[float] = []
    outcome = run_with_patience(scene, waits)
    assert outcome.exit_status == 0, outcome
    assert waits == [1.0]


def test_a_cache_that_never_gives_way_ends_the_run_in_bounded_time_and_nothing_is_sent(scene: Scene) -> None:
    scene.publish("--until", "deploy")
    scene.configure(deploy="wait_seconds = 300")
    scene.owner.write("ledger/payments.csv", "date;client;montant;facture\n02/11/2026;kite;400,00;F-2026-120\n")
    scene.commit()
    scene.web.keep(times=10_000)
    waits: list[float] = []
    outcome = run_with_patience(scene, waits)
    assert outcome.exit_status == 3
    assert outcome.failed is not None
    assert "older build" in outcome.failed.words
    assert waits == sorted(waits)
    assert 200 < sum(waits) <= 300
    assert scene.mail.taken == []


def test_what_git_refuses_ends_the_run_before_anything_is_public_and_is_told_with_what_is_done(scene: Scene) -> None:
    unfinished = scene.owner.folder / ".git" / "MERGE_HEAD"
    unfinished.write_text("0" * 40)
    assert scene.publish() == 3
    assert "relance: record failed: a merge is not finished" in scene.owner.complained
    assert "Done before that: reconcile, check, decide, links, build." in scene.owner.complained
    assert "Nothing new is online and no message has left." in scene.owner.complained
    unfinished.unlink()
    hook = scene.remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho Fermé pour inventaire >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    assert scene.publish() == 3
    assert "Fermé pour inventaire" in scene.owner.complained
    assert not scene.web.folder.exists()
    assert scene.mail.taken == []
    hook.unlink()
    assert scene.publish() == 0, scene.owner.complained
    assert scene.addressees() == [KITE, VERDIER]


def test_a_key_that_expires_in_mid_run_ends_it_and_the_next_one_finishes(scene: Scene) -> None:
    sandbox = scene.stripe.sandbox

    def expires(request: object) -> None:
        if getattr(request, "method", "") == "POST":
            sandbox.keys = {"sk_test_another": frozenset()}

    sandbox.faults = expires
    assert scene.publish() == 3
    assert "relance: links failed: Stripe does not know this key" in scene.owner.complained
    assert not scene.web.folder.exists()
    assert scene.mail.taken == []
    sandbox.faults = sandbox.keys = None
    assert scene.publish() == 0, scene.owner.complained
    assert scene.active_links() == 2


def test_a_deploy_that_fails_half_way_leaves_the_last_site_and_sends_nothing(scene: Scene) -> None:
    scene.publish("--until", "deploy")
    site = {path: path.read_bytes() for path in scene.web.folder.rglob("*") if path.is_file()}
    scene.owner.write("ledger/payments.csv", "date;client;montant;facture\n02/11/2026;kite;400,00;F-2026-120\n")
    scene.commit()
    text = (scene.owner.folder / "portal.toml").read_text()
    taken = scene.owner.folder.parent / "taken"
    taken.write_text("no folder")
    scene.owner.write("portal.toml", text.replace(str(scene.web.folder), str(taken / "web")))
    assert scene.publish() == 3
    assert "deploy failed" in scene.owner.complained
    assert {path: path.read_bytes() for path in site} == site
    assert scene.mail.taken == []


def test_a_place_in_the_way_of_the_ledger_is_refused_before_anything_is_written(scene: Scene) -> None:
    before = scene.state()
    text = (scene.owner.folder / "portal.toml").read_text()
    scene.owner.write("portal.toml", text.replace(str(scene.web.folder), "journal/site"))
    for options in ((), ("--dry-run",)):
        assert scene.publish(*options) == 1
        assert 'deploy.path cannot be "journal/site"' in scene.owner.complained
    scene.owner.write("portal.toml", text)
    assert scene.state() == before


# What is wrong in the ledger


def test_a_ledger_or_template_that_is_wrong_writes_pushes_puts_online_and_sends_nothing(scene: Scene) -> None:
    template = scene.owner.write("portal_templates/emails/fr/reminder-1.md", "Bonjour {{ nothing_of_that_name }}\n")
    before = scene.state()
    assert scene.publish() == 1
    assert "[template-error]" in scene.owner.complained
    assert scene.state() == before
    template.unlink()
    with (scene.owner.folder / "ledger" / "invoices.csv").open("a", encoding="utf-8") as file:
        file.write("F-2026-130;nobody;01/10/2026;31/10/2026;?;12,00\n")
    scene.commit()
    before, requests = scene.state(), len(scene.stripe.sandbox.log)
    assert scene.publish() == 1
    assert len(scene.stripe.sandbox.log) == requests
    assert "nobody" in scene.owner.complained
    assert "Nothing was written, pushed, put online or sent." in scene.owner.complained
    assert scene.state() == before
    assert scene.mail.attempts == 0


def test_a_repository_that_everybody_can_read_is_not_published_from(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "event.json").write_text('{"repository": {"private": false}}', encoding="utf-8")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(tmp_path / "event.json"))
    before = scene.state()
    for options in ((), ("--dry-run",)):
        assert scene.publish(*options) == 1
        assert "[repository-public]" in scene.owner.complained
    assert scene.state() == before
    scene.configure(stripe=False, deploy='wait_seconds = 0\npublic_repository = "allowed"')
    assert scene.publish() == 0, "nobody in this ledger is real"


def test_a_journal_with_a_conflict_in_it_stops_everything(scene: Scene) -> None:
    scene.configure(stripe=False)
    scene.publish("--until", "build")
    path = next(scene.owner.folder.glob("journal/*/*.jsonl"))
    path.write_text(f"<<<<<<< HEAD\n{path.read_text()}=======\n>>>>>>> theirs\n", encoding="utf-8")
    assert scene.publish(date="2026-11-17") == 1
    assert "[journal-unreadable]" in scene.owner.complained
    assert not scene.web.folder.exists()
    assert scene.mail.taken == []


def test_invoices_that_vanished_after_a_reminder_are_listed_and_the_run_refuses_to_go_on(scene: Scene) -> None:
    scene.configure(stripe=False)
    scene.publish()
    last = "2026-11-17"
    text = (scene.owner.folder / "ledger" / "invoices.csv").read_text(encoding="utf-8")
    scene.owner.write("ledger/invoices.csv", text.replace("F-2026-118", "2026/118"))
    assert scene.publish("--until", "check") == 0, "another number is the same invoice"
    kept = "".join(line for line in text.splitlines(keepends=True) if "F-2026-118" not in line)
    scene.owner.write("ledger/invoices.csv", kept)
    scene.commit()
    before = scene.state()
    assert scene.publish(date=last) == 1
    assert "verdier was reminded of F-2026-118: not in the ledger any more." in scene.owner.complained
    assert "--accept-gone" in scene.owner.complained
    assert scene.state() == before
    assert scene.publish("--accept-gone", "--until", "check", date=last) == 0, scene.owner.complained
    assert "you said that F-2026-118 left the ledger on purpose" in scene.owner.said
    assert scene.publish("--until", "check", date=last) == 0, "the owner's word is asked for once"


def test_where_the_export_holds_open_invoices_only_those_that_left_are_told_once(scene: Scene) -> None:
    scene.configure(stripe=False, more="[ledger]\nopen_only = true\n")
    scene.commit()
    scene.publish()
    text = (scene.owner.folder / "ledger" / "invoices.csv").read_text(encoding="utf-8")
    kept = "".join(line for line in text.splitlines(keepends=True) if "F-2026-118" not in line)
    scene.owner.write("ledger/invoices.csv", kept)
    scene.commit()
    assert scene.publish("--until", "check") == 0, scene.owner.complained
    assert "verdier was reminded of F-2026-118: not in the ledger any more, taken as settled." in scene.owner.complained
    assert scene.publish("--until", "check") == 0, scene.owner.complained
    assert "F-2026-118" not in scene.owner.complained, "it is told once"


def test_the_day_is_the_sellers_wherever_the_machine_stands(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.configure(stripe=False)
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    outcome = published(scene, hour=23)  # 00:00 of the next day in Paris
    assert outcome.day.isoformat() == "2026-11-17"
    assert outcome.exit_status == 0, outcome
    assert '"on":"2026-11-17"' in scene.journal()
    assert DAY not in [line for line in scene.journal().splitlines() if '"event":"intent"' in line]
