"""What comes before anything else in the report: sends that may have left, answers to read, addresses that refuse mail.

And what the owner does about each message: approve, send, call, post.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from generator.config_delivery import SmtpSettings
from generator.domain.delivery import SendIntended
from generator.domain.ledger import Kind
from generator.domain.policy import Approval
from generator.report_attention import SHOWN_PAYERS
from generator.report_parts import first_words
from tests.report.morning import TODAY, morning
from tests.report.test_report_page import read
from tests.support.world import GENEROUS, world

SMTP = SmtpSettings("mail.atelier-lumen.example")
LATE = "invoice F-1 2026-09-30 due 2026-10-30 1200.00"


def section(ledger: str, name: str, language: str = "fr") -> str:
    """What a section says on the morning of a ledger."""
    return read(morning(ledger, language=language).page()).text(name)


# Before anything else


def test_without_any_of_it_there_is_no_such_section() -> None:
    page = read(morning(LATE).page())
    assert "first" not in page.sections
    assert "Avant tout" not in page.text("")


def test_a_send_that_may_have_left_says_who_what_when_and_the_two_commands() -> None:
    story = world(f"{LATE}\nattempt a1 2026-11-20 reminder-1 F-1 to=a@client.example,b@client.example")
    (intent,) = (event for event in story.events if isinstance(event, SendIntended))
    told = replace(intent, subject="Facture F-1", message_id="abc@seller.example")
    page = read(morning(LATE, events=[told]).page())
    first = page.text("first")
    assert "Brun première relance, le 20 novembre à 10 h 00" in first  # 09:00 in UTC, read in Paris
    assert "À a@client.example, b@client.example Objet Facture F-1 Identifiant abc@seller.example" in first
    assert "Il est parti relance sent brun Il n’est pas parti relance resend brun" in first
    assert "Envoi incertain 1 client" in page.text("held")


def test_it_is_said_in_english_too() -> None:
    first = section(f"{LATE}\nattempt a1 2026-11-20 reminder-1 F-1", "first", "en")
    assert "Perhaps sent 1" in first
    assert "Brun first reminder, on 20 November at 10:00" in first
    assert "It left relance sent brun It did not relance resend brun" in first


def test_once_it_is_known_to_have_left_nothing_is_asked() -> None:
    found = morning(f"{LATE}\nattempt a1 2026-11-20 reminder-1 F-1\nresult a1 2026-11-20 sent")
    assert "first" not in read(found.page()).sections


ANSWER = 'answer m1 2026-11-20 how={} sender=roy@client.example "subject=Re: F-1" "text={}"'


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("message", "en réponse à notre message"),
        ("reference", "reconnue à la référence citée"),
        ("sender", "reconnue à son expéditeur"),
        ("noted", "notée par vous"),
    ],
)
def test_an_answer_says_who_when_about_what_and_its_first_words(how: str, words: str) -> None:
    first = section(f"{LATE}\n{ANSWER.format(how, 'Nous payons lundi.')}", "first")
    assert f"Brun le 20 novembre, {words} roy@client.example · Re: F-1 Nous payons lundi." in first
    assert "Une fois lue relance answered brun" in first
    assert "Lire toute la réponse" not in first


def test_a_long_answer_shows_its_first_words_and_keeps_the_rest_a_click_away() -> None:
    text = "Le virement part lundi matin. " * 30
    first = section(f"{LATE}\n{ANSWER.format('message', text)}", "first")
    begun, rest = first.split("… Lire toute la réponse")
    assert begun.endswith("Le virement part lundi matin. Le")
    assert text.strip() in rest


def test_an_answer_of_somebody_who_owes_nothing_is_to_be_read_too() -> None:
    page = read(morning().page())
    assert "Merci pour votre message, tout est en ordre." in page.text("first")
    assert "Dumont" not in page.text("held")


def test_an_answer_is_shown_as_text_whatever_it_holds() -> None:
    page = morning(f"{LATE}\n{ANSWER.format('message', '<script>alert(1)</script><img src=x>')}").page()
    assert not {"script", "img"} & {tag for tag, _ in read(page).tags}
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_client_whose_address_refuses_mail_is_named_with_it() -> None:
    page = read(morning(f"{LATE}\nattempt a1 2026-11-06 reminder-1 F-1 outcome=refused").page())
    assert "Brun brun@client.example relance resend brun" in page.text("first")
    assert "Adresse qui ne reçoit pas 1 client" in page.text("held")
    assert "1 adresse à corriger" in page.text("")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("un  deux\n", "un deux"),
        ("un deux trois", "un deux…"),
        ("un, deux, trois", "un, deux…"),
        ("anticonstitution", "anticonsti…"),
    ],
)
def test_first_words_are_cut_between_two_words(text: str, shown: str) -> None:
    assert first_words(text, 10) == shown


# What the owner does about each message


def test_with_a_mail_server_messages_wait_for_the_owners_word() -> None:
    page = read(morning(smtp=SMTP).page())
    send = page.text("send")
    assert "5 messages à approuver, 1 client à appeler, 1 lettre à poster" in page.text("")
    assert "D’accord ? relance send --approve lumiere" in send
    assert "D’accord pour tous ? relance send --approve all" in send
    assert "relance sent brun" in send  # a letter is posted by hand, whatever the mail server
    assert "relance sent --all" not in send
    assert "relance sent lumiere" not in send


def test_what_waits_for_nobody_is_ready_and_leaves_with_one_command() -> None:
    free = replace(GENEROUS.reminders, approve=Approval.NONE)
    page = read(morning(smtp=SMTP, reminders=free).page())
    send = page.text("send")
    assert "1 client à appeler, 1 lettre à poster, 5 messages prêts à partir" in page.text("")
    assert "Les envoyer relance send " in send
    assert "Celui-là seul relance send --only lumiere" in send
    assert "--approve" not in send


def test_what_was_approved_is_ready_and_what_waits_comes_before_it() -> None:
    ledger = f"client brun\n{LATE}\nclient roy\ninvoice F-2 2026-09-30 due 2026-10-30 90.00 client=roy"
    story = world(ledger, GENEROUS)
    story.policy = replace(GENEROUS, payments_up_to=TODAY.replace(day=20))
    story.approve(TODAY)
    found = morning(ledger, smtp=SMTP, events=story.events)
    send = read(found.page()).text("send")
    assert send.index("relance send --approve roy") < send.index("relance send --only brun")
    assert "relance send --approve all" not in send  # one alone has its own command


def test_while_sending_is_being_tried_the_report_says_where_everything_goes() -> None:
    page = read(morning(smtp=replace(SMTP, test_to="moi@atelier-lumen.example")).page())
    assert "Essai : test_to, dans portal.toml, envoie tout à moi@atelier-lumen.example." in page.text("")


def test_a_call_says_whom_to_call_in_what_order_and_what_to_note() -> None:
    ledger = """
        client pont channel=phone phone=0261911001
        contact "Comptabilité" role=pays phone=0261911002
        contact "Ada Roy" role=orders phone=0261911003
        invoice F-121 2026-10-12 due 2026-11-11 2210.00
    """
    send = section(ledger, "send")
    assert "À appeler 1 appel · 2 210,00 €" in send
    assert "Comptabilité (paie) 0261911002 Pont 0261911001 Ada Roy (commande) 0261911003" in send
    assert 'Une fois raccroché relance log pont --call "…"' in send
    assert "Un appel d’abord" not in send


def test_a_step_that_begins_with_a_call_says_that_an_email_follows() -> None:
    called = replace(
        GENEROUS.reminders, steps=tuple(replace(step, call_first=True) for step in GENEROUS.reminders.steps)
    )
    send = read(morning(f"client brun phone=0261911001\n{LATE}", reminders=called).page()).text("send")
    assert "Un appel d’abord : sans appel noté, l’e-mail prend la suite le prochain jour ouvré." in send
    assert "0261911001" in send


def test_who_reads_along_is_named() -> None:
    copied = replace(GENEROUS.reminders, steps=tuple(replace(step, copy=True) for step in GENEROUS.reminders.steps))
    ledger = f'client brun\n{LATE}\ncontact "Ada Roy" role=approves email=ada@client.example'
    send = read(morning(ledger, reminders=copied).page()).text("send")
    assert "copie à Ada Roy, ada@client.example" in send
    assert "Copie ada@client.example" in send


def test_a_word_about_an_instalment_says_which_one_and_no_invoice_is_mentioned_in_passing() -> None:
    send = read(morning().page()).text("send")
    assert "Quai e-mail 600,00 € échéance 2 sur 2 de EC-1 : 600,00 € attendus le 25 novembre" in send
    assert "F-080, " not in send


def test_a_confirmation_says_what_came_in() -> None:
    thanks = replace(GENEROUS.reminders, receipts=True)
    ledger = f"{LATE}\npayment 2026-11-19 1200.00 F-1"
    found = morning(ledger, reminders=thanks)
    assert "confirmation de règlement" not in read(found.page()).text("send")  # it came before relance was first run
    story = world(LATE, GENEROUS)
    story.build("2026-11-02")
    send = read(morning(ledger, reminders=thanks, events=story.events).page()).text("send")
    assert "Brun e-mail 1 200,00 € 1 200,00 € reçus le 19 novembre, F-1" in send
    assert "À envoyer vous-même 1 message Rien ne part" in send  # nothing is asked for: there is no sum to add up


def test_a_question_to_a_new_client_says_why_it_is_asked() -> None:
    asking = replace(GENEROUS.reminders, onboarding=True)
    send = read(morning("invoice F-1 2026-11-20 due 2026-12-20 90.00", reminders=asking).page()).text("send")
    assert "question : qui paie ?" in send
    assert "on demande qui, quand et avec quel numéro de commande" in send


def test_one_message_for_a_group_is_shown_once_with_all_that_it_asks_for() -> None:
    ledger = f"client brun\n{LATE}\nclient roy\ninvoice F-2 2026-09-30 due 2026-10-30 90.00 client=roy"
    found = morning(ledger)
    one = [replace(found.drafts[0], clients=("brun", "roy"))]
    send = read(replace(found, drafts=one).page()).text("send")
    assert "Brun e-mail 1 290,00 €" in send
    assert "Un seul message, aussi pour Roy" in send
    assert "relance sent brun roy" in send


# What was noted, beside what is held and what leaves


def test_the_last_two_calls_and_notes_stand_beside_what_is_held_and_what_leaves() -> None:
    noted = """
        note 2026-11-02 "Nouvelle comptable depuis octobre"
        call 2026-11-10 "Rappeler lundi"
        call 2026-11-12 "Messagerie" reached=no
    """
    wanted = "12 novembre, appel sans réponse : « Messagerie » 10 novembre, appel : « Rappeler lundi »"
    assert wanted in section(f"client brun hold=2026-11-30\n{LATE}\n{noted}", "held")
    assert wanted in section(f"client brun\n{LATE}\n{noted}", "send")
    assert "Nouvelle comptable" not in section(f"client brun\n{LATE}\n{noted}", "send")


def test_they_are_said_in_english_too() -> None:
    ledger = f'client brun hold=2026-11-30\n{LATE}\nnote 2026-11-02 "New bookkeeper"'
    assert '2 November, note: "New bookkeeper"' in section(ledger, "held", "en")


# Who pays


def test_organisations_that_owe_and_of_whom_nobody_knows_who_pays_are_listed() -> None:
    ledger = """
        client brun
        invoice F-1 2026-11-03 due 2026-12-03 90.00 client=brun
        client mairie kind=public
        invoice F-2 2026-11-03 due 2026-12-03 90.00 client=mairie
        client odile kind=consumer
        invoice F-3 2026-11-03 due 2026-12-03 90.00 client=odile
        client pont
        invoice F-4 2026-11-03 due 2026-12-03 90.00 client=pont
        contact "Comptabilité" role=pays email=compta@pont.example client=pont
        client dumont
        invoice F-5 2026-07-01 due 2026-07-31 90.00 client=dumont
        payment 2026-07-20 90.00 F-5 client=dumont
    """
    page = read(morning(ledger).page())
    payers = page.text("payers")
    assert "Brun on écrit à brun@client.example Mairie on écrit à mairie@client.example" in payers
    assert not [name for name in ("Odile", "Pont", "Dumont") if name in payers]
    assert ("details", {}) not in [tag for tag in page.tags if tag[0] == "details"]


def test_many_of_them_are_folded_and_counted() -> None:
    count = SHOWN_PAYERS + 3
    lines = [f"client c{n}\ninvoice F-{n} 2026-11-03 due 2026-12-03 90.00 client=c{n}" for n in range(count)]
    page = read(morning("\n".join(lines)).page())
    assert ("details", {}) in page.tags
    assert f"{count} clients" in page.text("payers")
    assert page.text("payers").endswith("… et 3 autres")


def test_where_everybodys_payer_is_known_nothing_is_said() -> None:
    found = morning(LATE, client=lambda client: replace(client, kind=Kind.CONSUMER))
    assert "payers" not in read(found.page()).sections
