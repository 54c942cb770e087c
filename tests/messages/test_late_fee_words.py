"""Late fees as clients read them in emails and letters: every figure explained, nothing claimed that is not, nothing to a consumer."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from generator.domain.account import Status
from generator.domain.courses import Course
from generator.domain.fee_rules import Basis, FeePolicy, Rate
from generator.domain.ledger import Channel, Kind
from generator.domain.money import Money
from generator.domain.policy import AGREEMENT, DEFAULT_LADDER, RECAP, RECEIPT, FeeMode, Step
from generator.domain.rates import RateTable
from generator.message_checks import FEES, incomplete_messages
from generator.message_trials import try_template, try_templates
from generator.messages import MessageTemplates, compose, compose_group
from generator.rates import shipped_rates
from generator.specimens import group_specimens, specimens
from generator.tone import findings, word_list
from tests.messages.reading import Office, flat, seen, sums
from tests.support.accounts import accounts, client, discount, item, plans, settings
from tests.support.trials import HOME, trials

if TYPE_CHECKING:
    from pathlib import Path

    from generator.config import Settings
    from generator.domain.account import Account

STEPS = {step.name: step for step in DEFAULT_LADDER}
RATES = shipped_rates()
#: What only the law between professionals knows, and what a consumer may never be charged.
LAW = re.compile(
    r"40,00\s€|40\s€|€40|BCE|\bECB\b|pénalit|indemnit|intérêts? de retard|late fee|penalt|L441|D441|frais de recouvrement|recovery cost",
    re.IGNORECASE,
)


def mentioning(owner: Settings, **changes: object) -> Settings:
    fees = replace(FeePolicy(rates=RATES), **changes)  # type: ignore[arg-type]
    return replace(owner, policy=replace(owner.policy, late_fees=FeeMode.MENTION, fees=fees))


@pytest.fixture(scope="module")
def office() -> Office:
    return Office(mentioning(settings(HOME)))


def late(step: str = "formal-notice", **who: object) -> tuple[Account, ...]:
    """1,200 € due on 30 October, all of it open since: 23 days late on 22 November."""
    channel = Channel.EMAIL if step != "formal-notice" else Channel.LETTER
    listed = item()
    found = accounts(step, listed, who=client(**who), channel=channel)
    return tuple(replace(account, courses={listed.id: Course(listed.total.minor)}) for account in found)


def by_email(due: tuple[Account, ...]) -> tuple[Account, ...]:
    account = due[0]
    today = account.reminders.due_today
    assert today is not None
    return (
        replace(account, reminders=replace(account.reminders, due_today=replace(today, channel=Channel.EMAIL))),
        *due[1:],
    )


def read(office: Office, due: tuple[Account, ...], owner: Settings | None = None) -> str:
    found = compose(owner or office.settings, due, office.templates)
    assert found is not None
    text, page = flat(found.text), seen(found.html)
    assert sums(text) == sums(page)
    return text


def claimed(step: str, channel: Channel = Channel.EMAIL, language: str = "fr", number: int = 0) -> tuple[Account, ...]:
    """An invented client from whom late fees are claimed."""
    known = STEPS.get(step) or Step(step, 0)
    found = [accounts for accounts in specimens(known, channel, language) if accounts[0].claims]
    return found[number]


# --- What the law gives, in a formal notice


def test_the_formal_notice_explains_what_the_law_gives_and_does_not_ask_for_it(office: Office) -> None:
    text = read(office, late())
    assert "en demeure de payer la somme de 1 200,00 € en principal" in text
    assert "Ces montants ne sont pas compris dans la somme demandée ci-dessus" in text
    assert "nous ne vous les réclamons pas par cette lettre" in text
    assert "du 31 octobre au 22 novembre 2026, 23 jours · 1 200,00 € × 12,40 % × 23/365 · 9,38 €" in text
    assert "Indemnité forfaitaire · une fois par facture · 40,00 €" in text
    assert "Total, non réclamé · 49,38 €" in text
    assert "12,40 % par an (taux de la BCE au 1er juillet 2026, 2,40 %, majoré de 10 points)" in text
    assert "article L441-10, II, du code de commerce pour les intérêts" in text


def test_the_email_form_of_it_says_the_same(office: Office) -> None:
    text = read(office, by_email(late()))
    assert "9,38 € d’intérêts et 40,00 € d’indemnité forfaitaire, soit 49,38 €. Cela n’est pas compris" in text
    assert (
        "facture F-2026-118, du 31 octobre au 22 novembre 2026 (23 jours) : 1 200,00 € × 12,40 % × 23/365 = 9,38 €"
        in text
    )
    assert "en demeure de payer 1 200,00 € en principal" in text


def test_in_english_too(office: Office) -> None:
    text = read(office, late(language="en"))
    assert "31 October to 22 November 2026, 23 days · €1,200.00 × 12.40% × 23/365 · €9.38" in text
    assert "we do not claim them by this letter, and do not waive them either" in text
    assert "article L441-10, II, of the French commercial code for the interest" in text


def test_a_public_body_reads_of_its_own_law(office: Office) -> None:
    text = read(office, late(kind=Kind.PUBLIC))
    assert "10,40 % par an (taux de la BCE au 1er juillet 2026, 2,40 %, majoré de 8 points)" in text
    assert "code de la commande publique" in text
    assert "L441-10" not in text


def test_a_contractual_rate_is_said_to_be_one(office: Office) -> None:
    owner = mentioning(office.settings, rate=Rate(Basis.FIXED, RATES.rows[-1].ecb.percent * 6))
    assert "14,40 % par an, le taux de nos conditions de vente" in read(office, late(), owner)


def test_a_table_of_rates_that_ends_earlier_is_said(office: Office) -> None:
    short = RateTable(tuple(row for row in RATES.rows if row.begins.isoformat() < "2026-07-01"))
    old = item("F-2026-050", due=RATES.rows[-1].begins)
    found = accounts("formal-notice", replace(old, invoice=replace(old.invoice, due=short.rows[-1].begins)))
    due = tuple(replace(account, courses={old.id: Course(old.total.minor)}) for account in found)
    text = read(office, due, mentioning(office.settings, rates=short))
    assert "Les intérêts sont comptés jusqu’au 30 juin 2026" in text


@pytest.mark.parametrize("kind", [Kind.CONSUMER, Kind.UNKNOWN])
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("step", [step.name for step in DEFAULT_LADDER])
def test_a_consumer_and_a_client_of_unknown_kind_read_nothing_of_it(
    office: Office, kind: Kind, language: str, step: str
) -> None:
    assert not LAW.search(read(office, late(step, kind=kind, language=language)))


def test_who_has_them_off_reads_nothing_of_them_either(office: Office) -> None:
    assert not LAW.search(read(office, late(late_fees=FeeMode.OFF)))


@pytest.mark.parametrize("step", [step.name for step in DEFAULT_LADDER if not step.formal])
def test_before_the_notice_no_figure_is_said_and_no_judge_named(office: Office, step: str) -> None:
    text = read(office, late(step))
    assert not re.search(r"tribunal|juge compétent|12,40|9,38|L441|BCE", text)


def test_no_invented_consumer_reads_of_the_law_between_professionals_anywhere() -> None:
    """Every shipped template, on every invented client who is no professional."""
    read = [
        (trial.where, trial.message.text)
        for trial in trials()
        if trial.message is not None and trial.accounts[0].client.kind not in {Kind.BUSINESS, Kind.PUBLIC}
        if trial.message.channel is not Channel.PHONE
    ]
    words = re.compile(LAW.pattern.partition("€40|")[2], re.IGNORECASE)  # an invented invoice may be of 40 € itself
    assert len(read) > 50
    assert [where for where, text in read if words.search(text)] == []


# --- What was claimed


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.LETTER])
def test_a_formal_notice_asks_for_principal_interest_and_indemnity_apart_and_together(
    office: Office, channel: Channel
) -> None:
    due = claimed("formal-notice", channel)
    (claim,) = due[0].claims
    text = read(office, due)
    assert "de payer" in text
    assert "1 247,22 €" in text
    assert "principal et pénalités de retard" in text
    assert ("12,22 € d’intérêts" if channel is Channel.EMAIL else "Intérêts de retard · 12,22 €") in text
    assert str(claim.open) == "47.22"
    assert "ne vous les réclamons pas" not in text


def test_the_letter_adds_up(office: Office) -> None:
    text = read(office, claimed("formal-notice", Channel.LETTER, number=1))
    table = text.partition("À régler · Montant")[2].partition("Par la présente")[0]
    figures = [
        int(re.sub(r"\D", "", found)) * (-1 if "−" in found else 1) for found in re.findall(r"−?[\d ]+,\d\d", table)
    ]
    assert sum(figures[:-1]) == figures[-1]
    assert figures[-1] == 168645


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("step", ["reminder-1", "reminder-2", "reminder-3", "formal-notice"])
def test_every_later_message_names_what_was_claimed_and_asks_for_it(office: Office, step: str, language: str) -> None:
    due = claimed(step, language=language)
    text = read(office, due)
    said = "47,22 €" if language == "fr" else "€47.22"
    assert said in text
    assert ("1 247,22 €" if language == "fr" else "€1,247.22") in text
    assert "stade" not in text


def test_a_fee_is_a_quiet_line_of_its_own_after_its_invoice(office: Office) -> None:
    text = read(office, claimed("reminder-3", number=1))
    assert re.search(r"F-1, refonte du site .* 1 200,00 € - pénalités de retard · 47,22 € - F-2", text)
    assert "Total · 1 686,45 €" in text
    assert "F-1/fees" not in text


def test_a_discount_that_leaves_fees_out_says_what_it_is_for(office: Office) -> None:
    (account,) = claimed("reminder-2")
    found = (replace(account, offers=(discount([account.items[0]]),)),)
    said = "régler 1 140,00 € au lieu de 1 200,00 € (facture F-1), sans compter 47,22 € de pénalités de retard"
    assert f"{said} qui restent à régler, au plus tard" in read(office, found)


@pytest.mark.parametrize(
    ("step", "channel"), [("reminder-3", Channel.EMAIL), ("reminder", Channel.EMAIL), ("reminder", Channel.LETTER)]
)
def test_so_does_every_other_message(office: Office, step: str, channel: Channel) -> None:
    (account,) = claimed(step, channel)
    found = (replace(account, offers=(discount([account.items[0]]),)),)
    assert "sans compter 47,22 € de pénalités de retard qui restent à régler" in read(office, found)
    (account,) = claimed(step, channel, "en")
    found = (replace(account, offers=(discount([account.items[0]]),)),)
    assert "not counting €47.22 of late fees that remain to be paid" in read(office, found)


def apart(step: str, channel: Channel = Channel.EMAIL, language: str = "fr") -> tuple[Account, ...]:
    """An agreement that was offered before the fees of its invoice were claimed: it does not comprise them."""
    (account,) = claimed(step, channel, language)
    due = account.reminders.due_today
    assert due is not None
    assert due.recap is not None
    assert due.recap.agreement is not None
    agreement, fee = due.recap.agreement, account.claims[0].item
    held = replace(
        agreement,
        invoices=tuple(one for one in agreement.invoices if one != fee),
        owed=agreement.owed[:-1],
        instalments=agreement.instalments[:-1],
    )
    items = tuple(replace(one, status=Status.OVERDUE) if one.id == fee else one for one in account.items)
    listed = tuple(one for one in due.items if one.id != fee)
    due = replace(due, items=listed, recap=replace(due.recap, agreement=held, invoices=held.invoices))
    return (replace(account, items=items, reminders=replace(account.reminders, due_today=due)),)


def test_an_agreement_that_does_not_comprise_them_says_that_they_stand_beside_it(office: Office) -> None:
    text = read(office, apart(RECAP))
    assert (
        "Les pénalités de retard déjà réclamées, 47,22 €, n’en font pas partie : elles restent à régler à part." in text
    )
    assert (
        "nous ne vous demandons rien d’autre pour cette facture, hormis ces pénalités, et nous ne vous relançons pas"
        in text
    )
    assert "The late fees already claimed, €47.22, are no part of it" in read(office, apart(RECAP, language="en"))
    paper = read(office, apart(AGREEMENT, Channel.LETTER))
    assert "hormis 47,22 € de pénalités de retard déjà réclamées, qui n’en font pas partie," in paper


def test_companies_of_a_group_read_of_each_ones_fees(office: Office) -> None:
    companies = next(found for found in group_specimens("fr") if found[0][0].claims)
    message = compose_group(office.settings, companies, office.templates)
    text = flat(message.text)
    assert sums(text) == sums(seen(message.html))
    assert "Total · 1 247,22 €" in text
    assert "Ce total comprend 47,22 € de pénalités de retard" in text
    assert message.amounts[0].minor == 124722 + 40000


def test_an_email_with_many_claims_stays_small(office: Office) -> None:
    lines = [item(f"F-{number}", "1000.00") for number in range(400)]
    found = accounts("formal-notice", *lines)
    due = tuple(replace(account, courses={line.id: Course(line.total.minor) for line in lines}) for account in found)
    message = compose(office.settings, by_email(due), office.templates)
    assert message is not None
    assert len(message.html) < 102_000
    assert "facture par facture, vous est envoyé sur simple demande" in flat(message.text)


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.LETTER])
def test_a_reminder_of_another_invoice_says_that_the_page_asks_for_more(office: Office, channel: Channel) -> None:
    """The fees of a paid invoice are in the sum of the page: who compares the two finds out why."""
    step = "reminder-1" if channel is Channel.EMAIL else "reminder"
    (account,) = claimed(step, channel, number=1)
    due = account.reminders.due_today
    assert due is not None
    first, fee = account.items[0], account.claims[0].item
    paid = replace(first, status=Status.PAID, open=Money(0, "EUR"), paid=first.total)
    listed = replace(
        due,
        items=tuple(one for one in due.items if one.id != first.id),
        fees=tuple(one for one in due.fees if one.id != fee),
    )
    items = (paid, *account.items[1:])
    text = read(office, (replace(account, items=items, reminders=replace(account.reminders, due_today=listed)),))
    said = "Restent aussi, hors de cette somme, 47,22 € de pénalités de retard réclamées le 22 novembre 2026 sur la facture F-1, réglée"
    assert said in text


# --- What was waived for good


def waived(step: str, *numbers: str, channel: Channel = Channel.EMAIL, language: str = "fr") -> tuple[Account, ...]:
    """Two late invoices, the owner having let go of all late fees of some."""
    listed = [item(), item("F-2026-130", "500.00")]
    found = accounts(step, *listed, who=client(language=language), channel=channel)
    courses = {one.id: Course(one.total.minor) for one in listed}
    return tuple(replace(account, courses=courses, spared=numbers) for account in found)


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.LETTER])
@pytest.mark.parametrize("mode", [FeeMode.MENTION, FeeMode.CLAIM])
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("step", ["reminder-3", "formal-notice"])
def test_of_what_was_waived_for_good_nothing_is_said_to_be_owed(
    office: Office, channel: Channel, mode: FeeMode, language: str, step: str
) -> None:
    owner = replace(office.settings, policy=replace(office.settings.policy, late_fees=mode))
    due = waived(step, "F-2026-118", "F-2026-130", channel=channel, language=language)
    assert not LAW.search(read(office, due, owner))


def test_of_several_invoices_those_whose_fees_were_waived_are_named(office: Office) -> None:
    owner = replace(office.settings, policy=replace(office.settings.policy, late_fees=FeeMode.CLAIM))
    for step, channel in (
        ("reminder-3", Channel.EMAIL),
        ("formal-notice", Channel.EMAIL),
        ("formal-notice", Channel.LETTER),
    ):
        text = read(office, waived(step, "F-2026-118", channel=channel), owner)
        assert "Nous avons renoncé à celles de la facture F-2026-118." in text
        english = read(office, waived(step, "F-2026-118", channel=channel, language="en"), owner)
        assert channel is Channel.LETTER or "We have waived those on invoice F-2026-118." in english


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.LETTER])
def test_fees_that_were_claimed_and_paid_are_not_said_to_be_due_beside(office: Office, channel: Channel) -> None:
    owner = replace(office.settings, policy=replace(office.settings.policy, late_fees=FeeMode.CLAIM))
    (account,) = claimed("formal-notice", channel)
    nothing, due = Money(0, "EUR"), account.reminders.due_today
    assert due is not None
    paid = replace(
        account,
        items=tuple(replace(one, open=nothing, status=Status.PAID) if one.fee_of else one for one in account.items),
        claims=tuple(replace(claim, paid=claim.total, open=nothing) for claim in account.claims),
        reminders=replace(account.reminders, due_today=replace(due, fees=())),
    )
    text = read(office, (paid,), owner)
    assert "en principal" in text
    assert not LAW.search(text)


def test_the_law_is_counted_for_the_others_alone(office: Office) -> None:
    text = read(office, waived("formal-notice", "F-2026-118", channel=Channel.LETTER))
    assert re.search(r"F-2026-130 · du \d+ \w+ au 22 novembre 2026", text)
    assert not re.search(r"F-2026-118 · du \d+ \w+ au 22 novembre 2026", text)


def test_what_the_owner_remembers_of_a_message_are_its_invoices_alone(office: Office) -> None:
    message = compose(office.settings, claimed("formal-notice"), office.templates)
    assert message is not None
    assert [name for name, _ in message.items] == ["F-1"]


@pytest.mark.parametrize("step", ["reminder-2", "reminder-3", "reminder", RECAP, AGREEMENT])
def test_what_comprises_fees_is_not_said_to_be_free_of_them(office: Office, step: str) -> None:
    due = claimed(step, Channel.LETTER if step == AGREEMENT else Channel.EMAIL)
    if step not in {RECAP, AGREEMENT}:
        (account,) = due
        due = (replace(account, offers=tuple(plans(account.items))),)
    text = read(office, due)
    assert "sans frais supplémentaires" in text
    assert not re.search(r"sans (aucun )?frais(?! supplémentaires)", text, re.IGNORECASE)


def test_only_what_a_message_has_claimed_is_said_to_be_claimed(office: Office) -> None:
    """The notice claims by itself: nothing was claimed on the day on which it fell due, whenever it is printed."""
    for channel in (Channel.EMAIL, Channel.LETTER):
        text = read(office, claimed("formal-notice", channel))
        assert "arrêtées au 22 novembre 2026" in text
        assert "réclamées" not in text


@pytest.mark.parametrize(
    ("told", "language", "said"),
    [
        ((22,), "fr", "pénalités de retard, réclamées et arrêtées le 22 novembre 2026 : "),
        ((24,), "fr", "pénalités de retard, réclamées le 24 novembre 2026, arrêtées au 22 novembre 2026 : "),
        ((12, 22), "fr", "pénalités de retard, réclamées les 12 et 22 novembre 2026, arrêtées au 22 novembre 2026 : "),
        ((22,), "en", "€47.22 come on top, claimed on 22 November 2026 and counted up to that day: "),
        ((24,), "en", "€47.22 come on top, claimed on 24 November 2026, counted up to 22 November 2026: "),
    ],
)
def test_the_days_on_which_they_were_claimed_are_said_once(
    office: Office, told: tuple[int, ...], language: str, said: str
) -> None:
    (account,) = claimed("reminder-3", language=language)
    days = tuple(date(2026, 11, day) for day in told)
    claims = tuple(replace(claim, told=days, told_on=days[-1]) for claim in account.claims)
    assert said in read(office, (replace(account, claims=claims),))


def test_a_receipt_thanks_and_says_what_is_left_of_the_fees(office: Office) -> None:
    text = read(office, claimed(RECEIPT))
    assert "La facture F-1 est entièrement réglée." in text
    assert re.search(r"Il ne reste que \d+,\d\d € de pénalités de retard, réclamées le 22 novembre 2026", text)
    assert "Une question, une objection ? Écrivez-nous" in text


def test_a_recap_says_what_of_the_sum_is_fees(office: Office) -> None:
    text = read(office, claimed(RECAP))
    assert "Cette somme comprend 47,22 € de pénalités de retard, arrêtées au 22 novembre 2026" in text
    assert "7,22 € d’intérêts et 40,00 € d’indemnité forfaitaire" in text


def test_the_agreement_to_sign_has_principal_interest_and_indemnity_apart(office: Office) -> None:
    text = read(office, claimed(AGREEMENT, Channel.LETTER))
    assert "Principal, toutes taxes comprises : 1 200,00 €." in text
    assert "Intérêts de retard compris dans cet accord, arrêtés au 22 novembre 2026 : 7,22 €." in text
    assert "Indemnité forfaitaire de recouvrement comprise : 40,00 €." in text
    assert "la somme de 1 247,22 €" in text
    assert "les pénalités de retard n’en portent pas" in text
    assert "47,22 € · 20 %" not in text


# --- Owners' own templates


def own(folder: Path, text: str, mode: FeeMode) -> list[str]:
    """What is told of an owner's own second reminder, where late fees are claimed or not."""
    path = folder / "portal_templates" / "emails" / "fr" / "reminder-2.md"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    owner = settings(folder, fees=mode)
    tried = list(try_template(owner, MessageTemplates(owner), Channel.EMAIL, "fr", STEPS["reminder-2"]))
    return [problem.message for problem in incomplete_messages(tried)]


SILENT = """Subject: Rappel

{% for line in lines %}{{ line.number }}, {{ line.due | date }} ; {% endfor %}{{ sums | map("money") | listing }}

[Votre page]({{ page }}) {{ seller.contact or seller.name }}
"""


def test_an_own_template_that_is_silent_of_claimed_fees_is_told(tmp_path: Path) -> None:
    (told,) = own(tmp_path, SILENT, FeeMode.CLAIM)
    assert told.endswith(f"does not say {FEES}.")


def test_it_is_not_where_nothing_is_claimed_or_where_they_are_included(tmp_path: Path) -> None:
    assert own(tmp_path / "mention", SILENT, FeeMode.MENTION) == []
    assert own(tmp_path / "told", SILENT + '\n{% include "_fees.md" %}\n', FeeMode.CLAIM) == []


def test_they_are_tried_on_clients_who_owe_fees_where_one_client_alone_is_claimed_from(tmp_path: Path) -> None:
    path = tmp_path / "portal_templates" / "calls" / "fr" / "reminder.md"
    path.parent.mkdir(parents=True)
    path.write_text(
        "Subject: x\n\n{% for told in fees %}{{ told.nothing_of_the_kind.at_all }}{% endfor %}\n", encoding="utf-8"
    )
    owner = mentioning(settings(tmp_path))
    for clients, codes in (([client()], set()), ([client(), client(late_fees=FeeMode.CLAIM)], {"template-error"})):
        assert {problem.code for trial in try_templates(owner, clients) for problem in trial.problems} == codes


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        ("{% if fees %}Les pénalités de retard{% endif %}", False),
        ("{% for told in fees_left %}Les pénalités de retard{% endfor %}", False),
        ('{{ "pénalités de retard" if line.fee }}', False),
        ("{% if not fees %}Les pénalités de retard{% endif %}", True),
        ("{% if fees or one %}Les pénalités de retard{% endif %}", True),
        ("{% if fees %}x{% else %}Les pénalités de retard{% endif %}", True),
        ("{% if late_fees %}Les pénalités de retard{% endif %}", True),
        ("Les pénalités de retard", True),
        ("{% if fees %}Un huissier{% endif %}", True),
    ],
)
def test_the_words_of_late_fees_are_no_threat_where_they_were_claimed(text: str, *, doubtful: bool) -> None:
    words, problems = word_list("fr")
    assert problems == []
    assert bool(findings(text, words, "reminder-1")) is doubtful
