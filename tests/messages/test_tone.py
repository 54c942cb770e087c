"""Wording that threatens, presses, shames, jokes, lies or plays the court is told with its place; all the rest is left alone."""

from __future__ import annotations

import re
import textwrap
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest

from generator.commands.build import spoken
from generator.domain.ledger import Channel, Severity
from generator.domain.policy import DEFAULT_LADDER, Step, Tone
from generator.message_trials import try_template
from generator.messages import MessageTemplates
from generator.resources import bundled
from generator.tone import Kind, WordList, findings, listed_languages, read_list, tone_problems, word_list
from generator.tone.words import EVERY_LANGUAGE
from tests.support.accounts import settings
from tests.support.trials import HOME, trials

if TYPE_CHECKING:
    from pathlib import Path

    from generator.config import Settings
    from generator.domain.ledger import Problem

FIRST = "portal_templates/emails/fr/reminder-1.md"
THIRD = "portal_templates/emails/fr/reminder-3.md"
LISTS = bundled("portal_templates").parent / "generator" / "tone"


@cache
def words(language: str) -> WordList:
    """What ships for a language."""
    found, problems = word_list(language)
    assert problems == []
    return found


def met(text: str, language: str = "fr", template: str = "reminder-1") -> list[str]:
    """The doubtful words of a text, as they are told."""
    return [finding.found for finding in findings(text, words(language), template)]


def kinds(text: str, language: str = "fr") -> set[Kind]:
    return {finding.wording.kind for finding in findings(text, words(language), "reminder-1")}


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def told(folder: Path, owner: Settings | None = None) -> list[Problem]:
    """What `check` says of the words in a folder's own files."""
    return tone_problems(owner or settings(folder))


def told_aloud(folder: Path, channel: Channel = Channel.EMAIL) -> list[Problem]:
    """What it says of them with the first reminder filled in, too."""
    owner = settings(folder)
    tried = try_template(owner, MessageTemplates(owner), channel, "fr", Step("reminder-1", 7))
    return tone_problems(owner, spoken(list(tried)))


# What is doubtful


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Ceci est notre dernier avertissement.", Kind.THREAT),
        ("Merci de régler sous peine de poursuites.", Kind.THREAT),
        ("Nous mandaterons un huissier.", Kind.THREAT),
        ("Votre dossier passe au contentieux.", Kind.THREAT),
        ("Nous n’hésiterons pas à saisir le tribunal compétent.", Kind.THREAT),
        ("Vous vous exposez à des pénalités.", Kind.THREAT),
        ("À défaut, une mise en demeure suivra.", Kind.THREAT),
        ("Nous exigeons le paiement.", Kind.PRESSURE),
        ("Réglez immédiatement.", Kind.PRESSURE),
        ("Merci de payer sans délai.", Kind.PRESSURE),
        ("Merci de régler cette facture sous 48 heures.", Kind.PRESSURE),
        ("Payez, merci !!!", Kind.PRESSURE),
        ("Payez, merci ! !", Kind.PRESSURE),
        ("FACTURE TOUJOURS IMPAYÉE", Kind.PRESSURE),
        ("Vous êtes un mauvais payeur.", Kind.SHAME),
        ("Ce retard est inadmissible.", Kind.SHAME),
        ("Nous sommes surpris de votre silence.", Kind.SHAME),
        ("Une fois de plus, rien.", Kind.SHAME),
        ("Notre patience a des limites.", Kind.SHAME),
        ("Nous préviendrons vos voisins.", Kind.SHAME),
        ("La facture s'ennuie, MDR", Kind.JOKE),
        ("Petit coucou de votre facture ;-)", Kind.JOKE),
        ("On pense à vous 😉", Kind.JOKE),
        ("Vous risquez un fichage à la Banque de France.", Kind.FALSE_CLAIM),
        ("Malgré nos nombreuses relances, rien.", Kind.FALSE_CLAIM),
        ("Nous avons tenté de vous joindre.", Kind.FALSE_CLAIM),
        ("Nous allons porter plainte pour escroquerie.", Kind.FALSE_CLAIM),
        ("Des frais de relance s’ajoutent.", Kind.FALSE_CLAIM),
        ("Sommation de payer", Kind.COURT_LOOK),
        ("Avant référé ; en référé ensuite.", Kind.COURT_LOOK),
        ("Commandement de payer avant exécution forcée", Kind.COURT_LOOK),
    ],
)
def test_french_wording_is_known_for_what_it_does(text: str, kind: Kind) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("This is our final warning.", Kind.THREAT),
        ("We will take legal action.", Kind.THREAT),
        ("Otherwise our solicitors will take you to court.", Kind.THREAT),
        ("You leave us no choice.", Kind.THREAT),
        ("We demand payment.", Kind.PRESSURE),
        ("Please pay immediately.", Kind.PRESSURE),
        ("URGENT: PAY YOUR INVOICE TODAY", Kind.PRESSURE),
        ("You are a bad payer.", Kind.SHAME),
        ("This is unacceptable.", Kind.SHAME),
        ("As you well know, it is late.", Kind.SHAME),
        ("You've ignored it. You have ignored our letters.", Kind.SHAME),
        ("Knock, knock! No: knock knock, it’s us again.", Kind.JOKE),
        ("Pay up :-)", Kind.JOKE),
        ("This will harm your credit score.", Kind.FALSE_CLAIM),
        ("This is theft.", Kind.FALSE_CLAIM),
        ("Despite our many reminders, nothing.", Kind.FALSE_CLAIM),
        ("You are hereby notified.", Kind.COURT_LOOK),
        ("Statutory demand", Kind.COURT_LOOK),
    ],
)
def test_english_wording_is_known_for_what_it_does(text: str, kind: Kind) -> None:
    assert kind in kinds(text, "en")


HIDDEN = [
    "sous peine de",
    "SOUS Peine de",
    "sous\npeine de",
    "sous  \n  peine de",
    "sous\u00a0peine\u202fde",
    "sous **peine** de",
    "s**ous peine** de",
    "*sous* _peine_ de",
    "sous « peine » de",
    "sous `peine` de",
    "sous [peine](https://x.example/a) de",
    '[sous peine de]({{ page }} "un titre"){: .button }',
    "> sous\n> peine de",
    "sous <strong>peine</strong> de",
    'so<span class="a > b">us</span> peine<br>de',
    "sous&nbsp;peine&#32;de",
    "s\u00f4us peine de",
    "so\u00adus pei\u200bne de",
    "sous {# doucement #}peine de",
    "so{# #}us peine de",
    "sous {% if one %}peine{% endif %} de",
    "{% if one %}merci{% else %}sous peine de{% endif %}",
    '{% set menace = "sous peine de" %}{{ menace }}',
    "{{ 'sous peine de' if one else 'merci' }}",
    '{{ "sous peine de" }}',
    '{% set texts = ["sous peine de", "merci"] %}',
    '{% set texts = {"end": "Réglez\\nsous peine de"} %}',
    '<img alt="sous peine de">',
]


@pytest.mark.parametrize("text", HIDDEN)
def test_nothing_that_only_shapes_a_text_hides_a_phrase(text: str) -> None:
    assert len(met(f"Merci de régler {text} pénaliser.")) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("l’huissier", "huissier"),
        ("l'huissier", "huissier"),
        ("nous n'hésiterons pas", "nous n'hésiterons pas"),
        ("nous n’hésiterons pas", "nous n’hésiterons pas"),
        ("vos d\u00e9biteurs", "d\u00e9biteurs"),
        ("vos de\u0301biteurs", "de\u0301biteurs"),
        ("un clin d\u2019\u0153il", "clin d\u2019\u0153il"),
        ("un clin d'oeil", "clin d'oeil"),
    ],
)
def test_accents_and_apostrophes_are_written_in_more_than_one_way(text: str, found: str) -> None:
    assert met(text) == [found]


@pytest.mark.parametrize(
    "text",
    [
        "{# sous peine de poursuites #}Merci",
        "<!-- huissier -->Merci",
        "{{ huissier }} {{ client.huissier | default(contentieux) }}",
        "{% if step == 'contentieux' %}Merci{% endif %}",
        "{% if step in ('contentieux', 'huissier') %}Merci{% endif %}",
        '{% include "_contentieux.md" %}',
        '{{ client["contentieux"] }}',
        '{% set texts = {"huissier": "Merci"} %}',
        "[Merci](https://huissier.example/contentieux)",
        '<a class="huissier" href="https://contentieux.example">Merci</a>',
        "{{ one.number }}: {{ one.open }}){{ page }}",
        "[Voir la facture :]({{ page }})",
    ],
)
def test_what_nobody_reads_is_no_wording(text: str) -> None:
    assert met(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Nous serions heureux de poursuivre notre collaboration.",
        "Vous pouvez payer en quatre fois, sans frais supplémentaires.",
        "La fiche de paie et la fiche client sont jointes.",
        "Je me réfère à notre échange.",
        "Votre police d’assurance et votre ordonnance sont jointes.",
        "Marianne Dupont, SAS Lumen, RCS Lyon 732 829 320, TVA FR40303265045.",
        "Nous vous répondons sous 24 heures, dans les plus brefs délais.",
        "Le dossier que vous nous avez confié est terminé.",
        "Sinon, nous vous proposons une autre date.",
        "Vous manque-t-il quelque chose ? Dites-le-nous !",
        "Votre virement SEPA à l’IBAN FR14 2004 1010 0505 0001 3M02 606.",
        "Une difficulté passagère ? Parlons-en.",
        "Vol Paris–Nice du 3 mai, chambre avec vue (petit déjeuner : compris).",
        "Encore une fois merci pour votre confiance.",
        "Si l’adresse est incorrecte, dites-le-nous.",
    ],
)
def test_ordinary_french_is_left_alone(text: str) -> None:
    assert met(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "We look forward to hearing from you.",
        "If you are missing something in order to pay, do tell us.",
        "Beware of fraud: our IBAN never changes.",
        "No further action is needed.",
        "You can pay in instalments at no extra charge.",
        "If you are unable to pay it all at once, tell us.",
        "Your account has been credited. Thank you once again.",
        "As you know, we have moved. We answer within 24 hours.",
        "Your interest in our work; the issue of the suede coat.",
    ],
)
def test_ordinary_english_is_left_alone(text: str) -> None:
    assert met(text, "en") == []


def test_of_two_wordings_in_the_same_words_the_fuller_one_is_told() -> None:
    assert met("Un cabinet d’avocats, une mise en demeure, un acte d’huissier.") == [
        "cabinet d’avocats",
        "mise en demeure",
        "acte d’huissier",
    ]


def test_what_is_shouted_is_told_as_well() -> None:
    assert met("DERNIER RAPPEL AVANT POURSUITES") == ["DERNIER RAPPEL", "DERNIER RAPPEL AVANT POURSUITES", "POURSUITES"]


def test_capitals_are_shouting_when_words_follow_each_other() -> None:
    assert met("PAYEZ VOTRE FACTURE, merci") == ["PAYEZ VOTRE FACTURE"]
    assert met("PAYEZ LA {{ one.number }} FACTURE") == []
    assert met("Objet : SARL LUMEN ET SEPA") == ["SARL LUMEN ET SEPA"]
    assert met("Le SIREN, l’IBAN et le BIC ; URSSAF") == []


# Words that are right in their place


def test_some_words_belong_in_a_formal_notice_only() -> None:
    text = "MISE EN DEMEURE de payer, faute de quoi le tribunal compétent ; pénalités de retard."
    assert met(text, template="formal-notice") == []
    assert len(met(text, template="reminder-2")) == 5


def test_others_not_even_there() -> None:
    assert met("Nous mandaterons un huissier.", template="formal-notice") == ["huissier"]


def test_a_formal_notice_is_announced_by_the_last_reminder_and_no_other(tmp_path: Path) -> None:
    announced = "Subject: x\n\nNous pourrons vous adresser une mise en demeure.\n"
    write(tmp_path, THIRD, announced)
    assert [found for found in told(tmp_path) if found.code == "tone-doubtful"] == []
    write(tmp_path, "portal_templates/emails/fr/reminder-2.md", announced)
    assert [str(found.where) for found in told(tmp_path)] == ["portal_templates/emails/fr/reminder-2.md:3"]


def test_the_last_reminder_is_the_one_before_the_notice_in_the_owners_own_ladder(tmp_path: Path) -> None:
    owner = settings(tmp_path)
    ladder = replace(owner.policy.reminders, steps=(Step("rappel", 10), Step("dernier-pas", 20), DEFAULT_LADDER[-1]))
    owner = replace(owner, policy=replace(owner.policy, reminders=ladder))
    for name in ("rappel", "dernier-pas"):
        write(tmp_path, f"portal_templates/emails/fr/{name}.md", "Subject: x\n\nUne mise en demeure pourra suivre.\n")
    assert [str(found.where) for found in told(tmp_path, owner)] == ["portal_templates/emails/fr/rappel.md:3"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{% if tone == "firm" %}Une mise en demeure{% endif %}', []),
        ("{%- if notice_follows and tone == 'firm' -%}Une {% if one %}mise{% endif %} en demeure{% endif %}", []),
        ('{% if one %}x{% elif tone == "firm" %}mise en demeure{% else %}y{% endif %}', []),
        ('{% if tone == "firm" %}x{% else %}mise en demeure{% endif %}', ["mise en demeure"]),
        ('{% if tone == "firm" %}x{% endif %}mise en demeure', ["mise en demeure"]),
        ('{% if tone == "firm" or one %}mise en demeure{% endif %}', ["mise en demeure"]),
        (
            '{% for x in y %}{% if tone == "firm" %}x{% endif %}{% else %}mise en demeure{% endfor %}',
            ["mise en demeure"],
        ),
        ('{% if tone == "firm" %}{% for x in y %}mise en demeure{% else %}z{% endfor %}pénalité{% endif %}', []),
        ('{% if tone == "firm" %}Un huissier{% endif %}', ["huissier"]),
        ("{% endif %}{% else %}mise en demeure{% endfor %}", ["mise en demeure"]),
    ],
)
def test_what_is_only_said_firmly_may_announce_it_too(text: str, found: list[str]) -> None:
    assert met(text, template="reminder") == found


def test_a_step_that_speaks_firmly_may_announce_it_wherever_its_words_are(tmp_path: Path) -> None:
    owner = settings(tmp_path)
    firm = (Step("rappel", 10), Step("ferme", 20, tone=Tone.FIRM, template="fermement"), Step("encore", 30))
    owner = replace(owner, policy=replace(owner.policy, reminders=replace(owner.policy.reminders, steps=firm)))
    for name in ("rappel", "fermement", "encore"):
        write(tmp_path, f"portal_templates/emails/fr/{name}.md", "Subject: x\n\nUne mise en demeure pourra suivre.\n")
    assert [found.where.file.rpartition("/")[2] for found in told(tmp_path, owner)] == ["encore.md", "rappel.md"]


# Where it is told


def test_the_place_the_phrase_the_reason_and_the_remedy_are_told(tmp_path: Path) -> None:
    write(tmp_path, FIRST, "Subject: Rappel\n\nBonjour,\n\nMerci de régler **sous\npeine** de poursuites.\n")
    first, second = told(tmp_path)
    assert (str(first.where), first.found) == (f"{FIRST}:5", "sous peine")
    assert (str(second.where), second.found) == (f"{FIRST}:6", "poursuites")
    assert first.severity is Severity.WARNING
    assert first.message.startswith('"sous peine" threatens. A threat in so many words')
    assert first.remedy.endswith("allow it in portal_templates/tone/fr.toml and say why.")


@pytest.mark.parametrize(
    "name",
    [
        FIRST,
        "portal_templates/emails/fr/_signature.md",
        "portal_templates/emails/fr/_phrases.jinja",
        "portal_templates/letters/fr/reminder.md",
        "portal_templates/pages/fr/opening.html",
        "portal_templates/links/fr/words.jinja",
        "theme/email/frame.html",
        "theme/templates/parts/own.html",
    ],
)
def test_all_that_a_client_reads_is_looked_at(tmp_path: Path, name: str) -> None:
    write(tmp_path, name, "Subject: x\n\nmauvais payeur\n")
    assert [str(found.where) for found in tone_problems(settings(tmp_path))] == [f"{name}:3"]


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("calls/fr/reminder.md", Channel.PHONE),
        ("letters/fr/_owner.md", Channel.LETTER),
        ("report/fr/words.jinja", Channel.EMAIL),
    ],
)
def test_what_only_the_owner_reads_is_not(tmp_path: Path, name: str, channel: Channel) -> None:
    write(tmp_path, f"portal_templates/{name}", "Subject: x\n\nmauvais payeur\n")
    assert told_aloud(tmp_path, channel) == []


def test_the_subject_and_the_preview_are_wording_too(tmp_path: Path) -> None:
    write(tmp_path, FIRST, "Subject: Dernier rappel\nPreview: Urgent\n\nBonjour\n")
    assert [(found.where.line, found.found) for found in told(tmp_path)] == [(1, "Dernier rappel"), (2, "Urgent")]


def test_what_only_comes_together_when_it_is_filled_in_is_told_of_the_template(tmp_path: Path) -> None:
    write(tmp_path, FIRST, 'Subject: x\n\nUn {{ ("bon", "mauvais") | last }} payeur\n')
    assert told(tmp_path) == []
    (found,) = told_aloud(tmp_path)
    assert (str(found.where), found.found) == (FIRST, "mauvais payeur")


def test_what_stands_in_the_file_is_told_once(tmp_path: Path) -> None:
    write(tmp_path, FIRST, "Subject: {{ client.name }}\n\nMauvais payeur {{ client.name }}\n")
    assert len(told(tmp_path)) == len(told_aloud(tmp_path)) == 1


def test_a_template_of_another_language_is_read_in_that_language(tmp_path: Path) -> None:
    write(tmp_path, "portal_templates/emails/en/reminder-1.md", "Subject: x\n\nPay immediately, mauvais payeur\n")
    assert [found.found for found in told(tmp_path)] == ["immediately"]


def test_a_file_that_cannot_be_read_is_told_elsewhere(tmp_path: Path) -> None:
    write(tmp_path, FIRST, "")
    (tmp_path / FIRST).write_bytes(b"Subject: x\n\n\xe9 huissier\n")
    assert told(tmp_path) == []


# The owner's own lists


OWN = 'kind = "joke"\nreason = "Ours."\ninstead = "Nothing."\n'


def test_an_owner_adds_words(tmp_path: Path) -> None:
    write(tmp_path, "portal_templates/tone/fr.toml", f'[[wording]]\nphrases = ["cher* ami*"]\n{OWN}')
    write(tmp_path, FIRST, "Subject: x\n\nChère amie, un huissier\n")
    assert [found.found for found in told(tmp_path)] == ["Chère amie", "huissier"]


def test_an_owner_allows_what_is_meant_and_says_why(tmp_path: Path) -> None:
    allow = '[[allow]]\nphrase = "notre service contentieux"\nreason = "Nous en avons un : 2 rue du Port, à Lyon."\n'
    write(tmp_path, FIRST, "Subject: x\n\nNotre **service** contentieux,\net le contentieux.\n")
    assert len(told(tmp_path)) == 2
    write(tmp_path, "portal_templates/tone/fr.toml", allow)
    (found,) = told(tmp_path)
    assert (found.found, found.where.line) == ("contentieux", 4)
    write(tmp_path, "portal_templates/tone/fr.toml", f'{allow}in = ["reminder-2"]\n')
    assert len(told(tmp_path)) == 2


def test_a_sign_may_be_allowed_too(tmp_path: Path) -> None:
    write(tmp_path, FIRST, "Subject: x\n\nMerci ;-)\n")
    assert len(told(tmp_path)) == 1
    write(tmp_path, "portal_templates/tone/any.toml", '[[allow]]\nphrase = ";-)"\nreason = "We are like that."\n')
    assert told(tmp_path) == []


def test_a_new_language_is_a_file(tmp_path: Path) -> None:
    write(tmp_path, "portal_templates/emails/de/reminder-1.md", "Subject: x\n\nDie letzte Mahnung!! Der Huissier\n")
    assert [found.found for found in told(tmp_path)] == ["!!"]
    write(tmp_path, "portal_templates/tone/de.toml", f'[[wording]]\nphrases = ["letzte* Mahnung*"]\n{OWN}')
    assert [found.found for found in told(tmp_path)] == ["letzte Mahnung", "!!"]


def test_a_country_adds_to_its_language(tmp_path: Path) -> None:
    write(tmp_path, "portal_templates/tone/fr-CA.toml", f'[[wording]]\nphrases = ["tabarnouche"]\n{OWN}')
    write(tmp_path, "portal_templates/emails/fr-CA/reminder-1.md", "Subject: x\n\nTabarnouche, un huissier\n")
    assert [found.found for found in told(tmp_path)] == ["Tabarnouche", "huissier"]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[[wording]\n", 1, "Expected"),
        (f"\n[[wording]]\n{OWN}", 2, "no phrases"),
        (f'[[wording]]\nphrases = "huissier"\n{OWN}', 1, "phrases is not a list"),
        (f'[[wording]]\nphrases = ["… huissier"]\n{OWN}', 1, "not a phrase"),
        (f'[[wording]]\nphrases = ["*"]\n{OWN}', 1, "found everywhere"),
        (f'[[wording]]\nphrases = ["!!"]\n{OWN}', 1, "not a phrase"),
        (f"[[wording]]\ncapitals = true\n{OWN}", 1, "capitals"),
        ('[[wording]]\nphrases = ["x"]\nreason = "R."\ninstead = "I."\nkind = "rude"\n', 1, "kind is none of threat"),
        ('[[wording]]\nphrases = ["x"]\nkind = "joke"\ninstead = "I."\n', 1, "no reason"),
        (f'[[wording]]\nphrases = ["x"]\nphrase = "y"\n{OWN}', 1, "phrase is none of the keys"),
        ('[[allow]]\nphrase = "huissier"\n', 1, "no reason"),
        ('[[allow]]\nphrase = "huissier"\nreason = " "\n', 1, "no reason"),
        ('[[allowed]]\nphrase = "huissier"\nreason = "R."\n', 1, "neither"),
        ('[allow]\nphrase = "huissier"\nreason = "R."\n', 0, "each under its own"),
        ("wording = 3\n", 0, "each under its own"),
    ],
)
def test_a_list_that_cannot_be_meant_is_told_with_its_line(text: str, line: int, said: str) -> None:
    found, problems = read_list(text, "portal_templates/tone/fr.toml")
    assert found == WordList()
    (problem,) = problems
    assert (problem.where.line, problem.code, problem.severity) == (line, "tone-list-wrong", Severity.WARNING)
    assert said in problem.message


def test_one_wrong_entry_leaves_the_others(tmp_path: Path) -> None:
    entries = (
        f'[[wording]]\nphrases = ["ami*"]\n{OWN}\n[[wording]]\n{OWN}\n[[allow]]\nphrase = "huissier"\nreason = "R."\n'
    )
    write(tmp_path, "portal_templates/tone/fr.toml", entries)
    write(tmp_path, FIRST, "Subject: x\n\nAmi huissier\n")
    assert sorted((found.code, found.where.line) for found in told(tmp_path)) == [
        ("tone-doubtful", 3),
        ("tone-list-wrong", 7),
    ]


def test_a_list_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "portal_templates" / "tone").mkdir(parents=True)
    (tmp_path / "portal_templates" / "tone" / "fr.toml").write_bytes(b"\xff\xfe\x00")
    assert [found.code for found in told(tmp_path)] == ["tone-list-wrong"]


def test_the_list_that_the_documentation_shows_is_one() -> None:
    page = (LISTS.parent.parent / "docs" / "how-to" / "words-and-look.md").read_text(encoding="utf-8")
    shown = textwrap.dedent("\n".join(re.findall(r"^ {4}.*$|^$", page[page.index("    [[allow]]") :], re.MULTILINE)))
    found, problems = read_list(shown.partition("### ")[0], "fr.toml")
    assert (problems, len(found.allowed), len(found.wordings)) == ([], 1, 1)
    assert [one.found for one in findings("Vos petits oublis, cher retardataire", found)] == [
        "Vos petits oublis",
        "cher retardataire",
    ]


# What ships


def test_our_own_words_are_what_we_ask_of_others() -> None:
    assert tone_problems(settings(HOME), spoken(trials()), shipped=True) == []


def test_every_language_that_ships_has_its_list() -> None:
    rooms = bundled("portal_templates")
    assert {path.name for path in (rooms / "emails").iterdir()} == set(listed_languages())


@pytest.mark.parametrize("name", [EVERY_LANGUAGE, *listed_languages()])
def test_every_entry_can_be_reviewed(name: str) -> None:
    found, problems = read_list((LISTS / f"{name}.toml").read_text(encoding="utf-8"), name)
    assert problems == []
    known = {"formal-notice", "last-reminder", "agreement", "claimed", *(step.name for step in DEFAULT_LADDER)}
    for wording in found.wordings:
        assert wording.reason.endswith("."), wording.reason
        assert wording.reason[0].isupper() or wording.reason.startswith("«"), wording.reason
        assert wording.instead[-1] in ".»”", wording.instead
        assert len(wording.reason) + len(wording.instead) < 400
        assert wording.allowed_in <= known


@pytest.mark.parametrize("language", listed_languages())
def test_every_phrase_of_a_list_can_be_met(language: str) -> None:
    import tomllib  # noqa: PLC0415  (the data itself, not what was made of it)

    for name in (EVERY_LANGUAGE, language):
        data = tomllib.loads((LISTS / f"{name}.toml").read_text(encoding="utf-8"))
        for entry in data["wording"]:
            for phrase in entry.get("phrases", []):
                assert met(f"Soit {phrase.replace('*', '').replace('…', 'xyz')} ;", language), phrase
            for sign in entry.get("signs", []):
                assert met(f"Soit {sign[0] if '…' in sign else sign} ", language), sign
