"""`portal.toml`: every key, every default, and every slip told at once with its line."""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.config import ReportSettings, Seller, Settings, StripeSettings, load_settings, read_settings
from generator.config_delivery import ImapSettings, Security, SmtpSettings
from generator.config_deploy import DeploySettings, DeployTarget, PublicRepository
from generator.config_fec import FecSettings
from generator.config_publish import PublishSettings, Reported
from generator.config_sql import SqlSettings
from generator.domain.discount_vat import Computation
from generator.domain.fee_rules import FRANCE, Basis, DayCount, FeePolicy, Rate
from generator.domain.ledger import Channel
from generator.domain.policy import (
    DEFAULT_LADDER,
    AgreementPolicy,
    Amounts,
    Anchor,
    Approval,
    DiscountPolicy,
    FeeMode,
    FirstOffer,
    GradeRules,
    Interval,
    LinkPolicy,
    OfferPolicy,
    OfferStart,
    PlanPolicy,
    Policy,
    ReminderPolicy,
    StandingPolicy,
    Step,
    Tone,
)
from generator.domain.standing import Grade
from generator.policy_file import PolicyFile, key_lines
from generator.problems import CATALOGUE, format_problem
from tests.support.effort import examples

SMALLEST = """\
[seller]
name = "Atelier Lumen"
email = "compta@atelier-lumen.example"

[site]
url = "https://payer.atelier-lumen.example"
"""
FULL = """\
[seller]
name = "Atelier Lumen"
email = "compta@atelier-lumen.example"
contact = "Claire Lumen"
phone = "04 00 00 00 00"
address = \"\"\"1 rue des Ateliers
69000 Lyon\"\"\"
siren = "303 265 045"
vat_number = "FR 40 303265045"
iban = "FR76 3000 6000 0112 3456 7890 189"
bic = "AGRIFRPP"
country = "FR"
region = "alsace-moselle"
language = "en"
currency = "CHF"
timezone = "Pacific/Kiritimati"
terms = "30 fin de mois"

[site]
url = "https://atelier-lumen.example/payer/"
form_endpoint = "https://forms.example/f/k3xq"

[ledger]
format = "csv"
path = "compta/export"
payments_up_to = "2026-11-20"
stale_days = 5
unreadable = "hold"
open_only = true
documents = "compta/factures/"
preset = "odoo"
file = "compta/export/factures.xlsx"
sheets = ["2026", "2025"]

[ledger.columns.invoices]
total = "Montant à payer"

[ledger.sql]
url = "postgresql://reader@db.atelier-lumen.example/compta?sslmode=verify-full"
clients = "select id, name, email from clients;"
invoices = \"\"\"
select number, client, issued, total -- all of them
from invoices\"\"\"
payments = "with p as (select * from paid) select * from p"
contacts = "select * from people"
timeout_seconds = 90

[ledger.fec]
accounts = ["411", "4117"]
doubtful = []

[agreements]
grace_days = 5
notice_days = 15

[standing]
months = 12
minimum_invoices = 5
on_time_percent = [95, 80, 50]
days_late = [3, 15, 30]
broken = [0, 0, 1]

[offers]
answer_days = 5
first = "discount"
public_bodies = true

[offers.discount]
percent = "5"
days = 8
minimum = "100.00"
from = "issued"
repeat = true
lowest_grade = "A"
on = "next-invoice"
voucher_days = 180

[offers.plans]
counts = [4, 2]
from = "due"
days = 15
interval = "fortnight"
first_after_days = 3
down_payment_percent = "12.5"
minimum_debt = "300.00"
minimum_instalment = "50.00"
horizon_days = 400
discount_percent = "2"
lowest_grade = "C"
after_broken = true
percentages = [["50", "50"], ["40", "30", "30"]]
days_of_month = [20, 5]

[offers.grades.D]
discount = true
plans = true
from_step = "call"
counts = [3, 2]
first_after_days = 0
down_payment_percent = "40"
minimum_debt = "500.00"
discount_percent = "2"
discount_days = 5

[offers.grades.new]
plans = false

[late_fees]
mode = "off"
claim_from = "reminder-1"
payments = "interest"
rate = "12.00"
indemnity = "30.00"
day_count = "actual"

[[late_fees.rates]]
from = "2027-01-01"
ecb = "2.40"
legal = "2.75"

[reminders]
approve = "notices"
minimum_gap_days = 6
review_after_days = 90
grace_days = 2
business_days = false
minimum_amount = "1.00"
most_per_month = 3
recaps = false
thanks = false
receipts = true
onboarding = true
send_between = "08:00-18:30"

[reminders.instalments]
before_days = 5
after_days = [2]

[[reminders.steps]]
name = "presentation"
days = 0
from = "issued"
offers = ["discount"]

[[reminders.steps]]
name = "reminder-1"
days = 7
template = "first-word"
tone = "warm"
confirm = false
call_first = true
copy = true

[[reminders.steps]]
name = "call"
days = 5
from = "previous"
channel = "phone"
offers = ["plan", "discount"]

[[reminders.ladders.loyal.steps]]
name = "word"
days = 20
tone = "warm"

[[reminders.ladders.loyal.steps]]
name = "talk"
days = 40
channel = "phone"
confirm = true

[currencies.GBP]
discount_minimum = "90.00"
plan_minimum_debt = "250.00"
plan_minimum_instalment = "40.00"
minimum_amount = "4.00"
discount_amount = "9.00"

[stripe]
ledger = "atelier-lumen-2"
methods = ["sepa_debit", "card"]
deactivate_at_most_percent = 20
live_secret_key = true
pay_host = "Pay.Atelier-Lumen.example"

[letters]
pdf = true

[report]
money_costs_percent = "7.5"
discount_vat = "mixed"

[publish]
report = "always"
report_to = "Nora@Atelier-Lumen.example"

[smtp]
host = "Smtp.Atelier-Lumen.example"
port = 2525
security = "tls"
user = "compta"
per_minute = 20
batch = 5
timeout_seconds = 10
retry_after_seconds = 60
test_to = "moi@Atelier-Lumen.example"

[imap]
host = "imap.évènement.example"
port = 1993
security = "starttls"
user = "compta"
folder = "Réponses"
days = 7

[deploy]
target = "rsync"
path = "/var/www/payer/"
host = "payer@www.atelier-lumen.example"
port = 2222
keep = 5
wait_seconds = 60
public_repository = "allowed"
"""


def load(folder: Path, text: str | bytes) -> tuple[Settings | None, list[str]]:
    (folder / "portal.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    found, problems = load_settings(folder)
    return found, [f"{problem.code} {problem.where.line}" for problem in problems]


def sound(folder: Path, text: str) -> Settings:
    found, problems = load(folder, text)
    assert problems == []
    assert found is not None
    return found


def test_the_smallest_policy_has_every_default(tmp_path: Path) -> None:
    found = sound(tmp_path, SMALLEST)
    assert found.seller == Seller("Atelier Lumen", "compta@atelier-lumen.example")
    assert found.policy == Policy()
    assert (found.stripe, found.smtp, found.imap, found.letters_as_pdf) == (None, None, None, False)
    assert (found.ledger.format, found.ledger.path, found.ledger.columns) == ("csv", "ledger", {})
    assert found.folder == tmp_path


def test_every_key_is_read(tmp_path: Path) -> None:
    found = sound(tmp_path, FULL)
    assert found.seller == Seller(
        name="Atelier Lumen",
        email="compta@atelier-lumen.example",
        contact="Claire Lumen",
        phone="04 00 00 00 00",
        address="1 rue des Ateliers\n69000 Lyon",
        siren="303265045",
        vat_number="FR40303265045",
        iban="FR7630006000011234567890189",
        bic="AGRIFRPP",
        region="alsace-moselle",
        language="en",
        currency="CHF",
        timezone="Pacific/Kiritimati",
        terms="30 fin de mois",
    )
    assert found.site_url == "https://atelier-lumen.example/payer"
    assert found.form_endpoint == "https://forms.example/f/k3xq"
    assert (found.ledger.path, found.ledger.columns) == ("compta/export", {"invoices": {"total": "Montant à payer"}})
    assert found.ledger.documents == "compta/factures"
    assert found.ledger.preset == "odoo"
    assert (found.ledger.file, found.ledger.sheets) == ("compta/export/factures.xlsx", ("2026", "2025"))
    assert found.ledger.fec == FecSettings(("411", "4117"), ())
    assert found.ledger.sql == SqlSettings(
        url="postgresql://reader@db.atelier-lumen.example/compta?sslmode=verify-full",
        clients="select id, name, email from clients;",
        invoices="select number, client, issued, total -- all of them\nfrom invoices",
        payments="with p as (select * from paid) select * from p",
        contacts="select * from people",
        timeout_seconds=90,
    )
    assert found.deploy == DeploySettings(
        target=DeployTarget.RSYNC,
        path="/var/www/payer",
        host="payer@www.atelier-lumen.example",
        port=2222,
        keep=5,
        wait_seconds=60,
        public_repository=PublicRepository.ALLOWED,
    )
    assert found.policy == Policy(
        currency="CHF",
        discount=DiscountPolicy(
            Decimal(5), 8, Decimal("100.00"), OfferStart.ISSUED, repeat=True, lowest_grade=Grade.A, voucher_days=180
        ),
        plans=PlanPolicy(
            (2, 4),
            OfferStart.DUE,
            15,
            Interval.FORTNIGHT,
            3,
            Decimal("12.5"),
            Decimal("300.00"),
            Decimal("50.00"),
            400,
            Grade.C,
            after_broken=True,
            percentages=((Decimal(50), Decimal(50)), (Decimal(40), Decimal(30), Decimal(30))),
            days_of_month=(5, 20),
            discount_percent=Decimal(2),
        ),
        offers=OfferPolicy(
            FirstOffer.DISCOUNT,
            public_bodies=True,
            grades={
                "D": GradeRules(
                    discount=True,
                    plans=True,
                    from_step="call",
                    counts=(2, 3),
                    first_after_days=0,
                    down_payment_percent=Decimal(40),
                    minimum_debt=Decimal("500.00"),
                    discount_percent=Decimal(2),
                    discount_days=5,
                ),
                "new": GradeRules(plans=False),
            },
        ),
        reminders=ReminderPolicy(
            steps=(
                Step("presentation", 0, Anchor.ISSUED, offers=("discount",)),
                Step("reminder-1", 7, template="first-word", tone=Tone.WARM, confirm=False, call_first=True, copy=True),
                Step("call", 5, Anchor.PREVIOUS, Channel.PHONE, ("plan", "discount")),
            ),
            minimum_gap_days=6,
            review_after_days=90,
            grace_days=2,
            business_days=False,
            minimum_amount=Decimal("1.00"),
            approve=Approval.NOTICES,
            most_per_month=3,
            ladders={
                "loyal": (Step("word", 20, tone=Tone.WARM), Step("talk", 40, channel=Channel.PHONE, confirm=True)),
            },
            instalment_before_days=5,
            instalment_after_days=(2,),
            recaps=False,
            thanks=False,
            receipts=True,
            onboarding=True,
            send_between=(time(8), time(18, 30)),
        ),
        late_fees=FeeMode.OFF,
        claim_from="reminder-1",
        interest_first=True,
        fees=FeePolicy(FRANCE, Rate(Basis.FIXED, Decimal("12.00")), Decimal("30.00"), DayCount.ACTUAL),
        payments_up_to=date(2026, 11, 20),
        stale_days=5,
        answer_days=5,
        standing=StandingPolicy(12, 5, (95, 80, 50), (3, 15, 30), (0, 0, 1)),
        agreements=AgreementPolicy(5, 15),
        currencies={
            "GBP": Amounts(Decimal("90.00"), Decimal("250.00"), Decimal("40.00"), Decimal("4.00"), Decimal("9.00"))
        },
        links=LinkPolicy(
            "atelier-lumen-2",
            "https://atelier-lumen.example/payer",
            "Claire Lumen, compta@atelier-lumen.example",
            ("sepa_debit", "card"),
        ),
    )
    assert found.stripe == StripeSettings(
        "atelier-lumen-2",
        ("sepa_debit", "card"),
        deactivate_at_most_percent=20,
        live_secret_key=True,
        pay_host="pay.atelier-lumen.example",
    )
    assert found.letters_as_pdf is True
    assert found.report == ReportSettings(Decimal("7.5"), Computation.MIXED)
    assert found.publish == PublishSettings(Reported.ALWAYS, "Nora@atelier-lumen.example")
    assert found.smtp == SmtpSettings(
        "smtp.atelier-lumen.example",
        2525,
        Security.TLS,
        "compta",
        per_minute=20,
        batch=5,
        timeout_seconds=10,
        retry_after_seconds=60,
        test_to="moi@atelier-lumen.example",
    )
    assert found.imap == ImapSettings(
        "imap.xn--vnement-2xah.example", 1993, Security.STARTTLS, "compta", folder="Réponses", days=7
    )


@pytest.mark.parametrize(
    "folder", ["/srv/factures", "../factures", "~/factures", ".", "output/p", "Outbox", "C:\\f", "c:f"]
)
def test_invoices_are_looked_for_inside_the_folder_and_not_in_what_was_made(tmp_path: Path, folder: str) -> None:
    assert load(tmp_path, f"{SMALLEST}\n[ledger]\ndocuments = '{folder}'\n")[1] == ["policy-wrong-value 9"]


def test_a_ledger_of_e_invoices_names_their_folder(tmp_path: Path) -> None:
    assert load(tmp_path, f'{SMALLEST}\n[ledger]\nformat = "documents"\n')[1] == ["policy-missing-key 8"]


SQL = f"""{SMALLEST}
[ledger]
format = "sql"

[ledger.sql]
clients = "select 1"
invoices = "select 2"
"""


def test_a_database_needs_two_queries_only(tmp_path: Path) -> None:
    assert sound(tmp_path, SQL).ledger.sql == SqlSettings("sqlite:///ledger.db", "select 1", "select 2")
    text = SQL.replace('clients = "select 1"', "").replace("select 2", "")
    assert load(tmp_path, text)[1] == ["policy-missing-key 11", "policy-missing-key 11"]


@pytest.mark.parametrize(
    "line",
    [
        'url = "postgresql://reader:Hush@host/db"',
        'url = "postgresql://:Hush@host/db"',
        'url = "postgresql://reader:Hu/sh@host/db"',
        'url = "postgresql://reader@host/db?password=Hush"',
        'url = "mysql://host/db?passwd=Hush"',
        'password = "Hush"',
        'Mot_de_passe = "Hush"',
        'RELANCE_SQL_PASSWORD = "Hush"',
    ],
)
def test_the_password_of_a_database_is_told_and_never_shown(tmp_path: Path, line: str) -> None:
    (tmp_path / "portal.toml").write_text(f"{SQL}{line}\n", encoding="utf-8")
    found, problems = load_settings(tmp_path)
    assert found is None
    assert [f"{problem.code} {problem.where.line}" for problem in problems] == ["database-password-in-policy 14"]
    assert "Hush" not in repr(problems)


@pytest.mark.parametrize("url", ["reader:Hush@host/db", "Hush.db", "://Hush/db"])
def test_an_address_of_a_database_that_is_none_is_not_shown_either(tmp_path: Path, url: str) -> None:
    (tmp_path / "portal.toml").write_text(f'{SQL}url = "{url}"\n', encoding="utf-8")
    problems = load_settings(tmp_path)[1]
    assert [problem.code for problem in problems] == ["database-url-wrong"]
    assert "Hush" not in repr(problems)


def test_a_query_that_does_more_than_ask_is_told(tmp_path: Path) -> None:
    assert load(tmp_path, SQL + 'payments = "drop table clients"\n')[1] == ["database-query-refused 14"]


def test_payment_links_need_a_name_only(tmp_path: Path) -> None:
    found = sound(tmp_path, SMALLEST + '[stripe]\nledger = "lumen"\n')
    assert found.stripe == StripeSettings("lumen", ("card",), 50, live_secret_key=False, pay_host="")
    assert found.policy.links is not None
    assert found.policy.links.contact == "Atelier Lumen, compta@atelier-lumen.example"


@pytest.mark.parametrize(
    ("lines", "port"),
    [("", 587), ('security = "starttls"', 587), ('security = "tls"', 465), ('security = "tls"\nport = 587', 587)],
)
def test_a_mail_server_needs_a_name_only(tmp_path: Path, lines: str, port: int) -> None:
    found = sound(tmp_path, f'{SMALLEST}[smtp]\nhost = "smtp.example.com"\n{lines}\n').smtp
    assert found is not None
    assert found.port == port
    assert (found.user, found.per_minute, found.batch, found.timeout_seconds, found.test_to) == ("", 60, 10, 30, "")


def test_a_mailbox_needs_a_name_and_a_user(tmp_path: Path) -> None:
    text = SMALLEST + '[imap]\nhost = "imap.example.com"\nuser = "a"\n'
    assert sound(tmp_path, text).imap == ImapSettings("imap.example.com", 993, Security.TLS, "a", "INBOX", 30)
    unencrypted = sound(tmp_path, text.replace("imap.example.com", "::1") + 'security = "none"\n').imap
    assert unencrypted == ImapSettings("::1", 143, Security.NONE, "a", "INBOX", 30)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_only_this_machine_may_be_spoken_to_without_encryption(tmp_path: Path, host: str) -> None:
    text = f'{SMALLEST}[smtp]\nhost = "{host}"\nsecurity = "none"\n'
    found = sound(tmp_path, text).smtp
    assert found == SmtpSettings(host, 25, Security.NONE)
    for elsewhere in ("smtp.example.com", "127.0.0.1.example.com", "192.168.1.4", "::2"):
        found_not, problems = load(tmp_path, text.replace(host, elsewhere))
        assert found_not is None
        assert problems == ["policy-wrong-value 9"]


@pytest.mark.parametrize(
    ("table", "key"),
    [("smtp", "password"), ("imap", "password"), ("smtp", "Pass"), ("imap", "secret"), ("smtp", "smtp_password")],
)
def test_a_password_is_told_and_never_shown(tmp_path: Path, table: str, key: str) -> None:
    text = f'{SMALLEST}[{table}]\nhost = "mail.example.com"\nuser = "a"\n{key} = "Hush"\n'
    (tmp_path / "portal.toml").write_text(text, encoding="utf-8")
    found, problems = load_settings(tmp_path)
    assert found is None
    assert [(problem.code, problem.where.line) for problem in problems] == [("password-in-policy", 10)]
    told = format_problem(problems[0])
    assert f"{table.upper()}_PASSWORD" in told
    assert "Hush" not in told


def test_a_password_within_the_name_of_a_server_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "portal.toml").write_text(
        f'{SMALLEST}[smtp]\nhost = "compta:Hush@mail.example.com"\n', encoding="utf-8"
    )
    found, problems = load_settings(tmp_path)
    assert found is None
    assert "Hush" not in "".join(map(format_problem, problems))


@pytest.mark.parametrize(
    "line",
    [
        '[stripe]\napi_key = "x"\nledger = "a"',
        '[stripe]\nledger = "a"\nsecret_key = 3',
        '[stripe]\nledger = "a"\nmethods = ["card", "rk_live_Hush"]',
        '[stripe]\nledger = "a"\npay_host = " sk_live_Hush"',
        '[stripe]\nledger = "a"\nextra = {more = "sk_test_Hush"}',
        '[smtp]\npassword = "sk_test_Hush"',
        '[[reminders.steps]]\nname = "whsec_Hush"\ndays = 3',
    ],
)
def test_a_secret_is_told_and_never_shown(tmp_path: Path, line: str) -> None:
    (tmp_path / "portal.toml").write_text(f"{SMALLEST}{line}\n", encoding="utf-8")
    found, problems = load_settings(tmp_path)
    assert found is None
    assert "secret-in-policy" in [problem.code for problem in problems]
    told = "".join(format_problem(problem) for problem in problems)
    assert "STRIPE_API_KEY" in told
    assert "Hush" not in told


def test_a_table_of_offers_left_empty_is_not_one_left_out(tmp_path: Path) -> None:
    assert sound(tmp_path, SMALLEST).policy.plans is None
    assert sound(tmp_path, SMALLEST + "[offers.plans]\n").policy.plans == PlanPolicy()
    assert sound(tmp_path, SMALLEST + "[reminders]\n").policy.reminders.steps == DEFAULT_LADDER


def test_the_usual_ladder_may_list_offers_that_are_not_made(tmp_path: Path) -> None:
    assert load(tmp_path, SMALLEST + "[reminders]\ngrace_days = 1\n")[1] == []
    step = '[[reminders.steps]]\nname = "x"\ndays = 1\noffers = ["plan"]\n'
    assert load(tmp_path, SMALLEST + step)[1] == ["step-without-offer 10"]
    assert load(tmp_path, SMALLEST + step + "[offers.plans]\n")[1] == []


def test_percentages_that_are_not_a_hundred_are_told_with_their_sum(tmp_path: Path) -> None:
    text = f'{SMALLEST}[offers.plans]\npercentages = [["40", "30", "20.5"]]\n'
    (tmp_path / "portal.toml").write_text(text, encoding="utf-8")
    (told,) = map(format_problem, load_settings(tmp_path)[1])
    assert "90.5" in told


def test_the_plans_of_a_grade_that_end_too_late_are_told_where_they_are_written(tmp_path: Path) -> None:
    text = (
        f"{SMALLEST}[offers.plans]\ncounts = [2]\n[offers.grades.A]\ncounts = [26]\n[offers.grades.B]\nplans = false\n"
    )
    (tmp_path / "portal.toml").write_text(text, encoding="utf-8")
    (told,) = map(format_problem, load_settings(tmp_path)[1])
    assert told.startswith("portal.toml:10: ")
    assert "offers.grades.A.counts" in told


def test_plans_may_all_be_by_percentages(tmp_path: Path) -> None:
    plans = sound(
        tmp_path, f'{SMALLEST}[offers.plans]\ncounts = []\npercentages = [["33.3333", "66.6667"]]\n'
    ).policy.plans
    assert plans is not None
    assert plans.lengths == (2,)


@pytest.mark.parametrize(
    ("first", "steps", "told"),
    [
        ("plan", (("plan", "discount"),), ["offer-without-turn 9"]),
        ("discount", (("plan", "discount"),), ["offer-without-turn 11"]),
        ("together", (("plan", "discount"),), []),
        ("plan", (("plan", "discount"), ("discount",)), []),
        ("plan", (("plan",), ("plan", "discount")), []),
        ("plan", (("plan", "discount"), ("plan",)), ["offer-without-turn 9"]),
    ],
)
def test_an_offer_that_waits_for_another_has_a_step_after_it(
    tmp_path: Path, first: str, steps: tuple[tuple[str, ...], ...], told: list[str]
) -> None:
    text = f'{SMALLEST}[offers]\nfirst = "{first}"\n[offers.discount]\npercent = "5"\n[offers.plans]\n'
    for number, offers in enumerate(steps, 1):
        text += f'[[reminders.steps]]\nname = "s{number}"\ndays = {7 * number}\noffers = {list(offers)}\n'
    assert load(tmp_path, text)[1] == told


def test_a_step_written_by_the_owner_calls_first_and_copies_only_when_it_says_so(tmp_path: Path) -> None:
    text = "".join(f'[[reminders.steps]]\nname = "{step.name}"\ndays = {step.days}\n' for step in DEFAULT_LADDER[:4])
    steps = sound(tmp_path, SMALLEST + text).policy.reminders.steps
    assert [(step.name, step.call_first, step.copy, step.confirm) for step in steps[2:]] == [
        ("reminder-2", False, False, None),
        ("reminder-3", False, False, None),
    ]


def test_a_ladder_of_its_own_names_steps_that_others_have_too(tmp_path: Path) -> None:
    ladder = '[[reminders.ladders.loyal.steps]]\nname = "reminder-1"\ndays = 20\n'
    found = sound(tmp_path, SMALLEST + ladder).policy.reminders
    assert found.steps == DEFAULT_LADDER
    assert found.ladders == {"loyal": (Step("reminder-1", 20),)}


def test_an_offer_listed_by_any_ladder_is_made(tmp_path: Path) -> None:
    discount = SMALLEST + '[offers.discount]\npercent = "5"\n'
    ladder = '[[reminders.ladders.loyal.steps]]\nname = "word"\ndays = 20\noffers = ["discount"]\n'
    assert load(tmp_path, discount + ladder)[1] == []


def test_late_fees_are_claimed_where_the_law_is_known_and_a_message_says_so(tmp_path: Path) -> None:
    claim = '[late_fees]\nmode = "claim"\n'
    belgian, swiss = (SMALLEST.replace("[site]", f'country = "{country}"\n[site]') for country in ("BE", "CH"))
    assert load(tmp_path, SMALLEST + claim)[1] == []
    assert load(tmp_path, belgian + claim)[1] == ["claim-without-law 9"], "a directive binds no client"
    assert load(tmp_path, belgian + claim.replace("claim", "mention"))[1] == []
    assert load(tmp_path, swiss + claim)[1] == ["claim-without-law 9"]
    call = '[[reminders.steps]]\nname = "call"\ndays = 9\nchannel = "phone"\n'
    assert load(tmp_path, f'{SMALLEST}{claim}claim_from = "call"\n{call}')[1] == ["policy-wrong-value 9"]


def test_a_ladder_whose_clients_are_never_claimed_from_is_told(tmp_path: Path) -> None:
    claim = '[late_fees]\nmode = "claim"\n'
    ladder = '[[reminders.ladders.loyal.steps]]\nname = "word"\ndays = 20\n'
    assert load(tmp_path, SMALLEST + claim + ladder)[1] == ["claim-step-spared 7"]
    assert load(tmp_path, SMALLEST + ladder)[1] == []


def test_an_offer_that_waits_for_a_step_is_listed_by_one(tmp_path: Path) -> None:
    discount = SMALLEST + '[offers.discount]\npercent = "5"\n'
    assert load(tmp_path, discount)[1] == ["offer-without-step 7"]
    assert load(tmp_path, discount + 'from = "issued"\n')[1] == []
    assert load(tmp_path, discount + '[[reminders.steps]]\nname = "x"\ndays = 1\noffers = ["discount"]\n')[1] == []


def test_every_slip_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    text = (
        SMALLEST.replace("name =", "nom =")
        + '[offers.discount]\npercent = 5\ndays = "ten"\n\n[late_fees]\nmode = "charge"\n'
    )
    found, problems = load(tmp_path, text)
    assert found is None
    assert problems == [
        "policy-missing-key 1",
        "policy-unknown-key 2",
        "policy-wrong-type 8",
        "policy-wrong-type 9",
        "policy-wrong-value 12",
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("[offers.discount]\npercent = 5.0", "policy-wrong-type 8"),
        ('[offers.discount]\npercent = "5%"', "policy-wrong-value 8"),
        ('[offers.discount]\npercent = "0"', "policy-wrong-value 8"),
        ('[offers.discount]\npercent = "100"', "policy-wrong-value 8"),
        ('[offers.discount]\npercent = "nan"', "policy-wrong-value 8"),
        ('[offers.discount]\npercent = "5"\nfrom = "due"', "policy-wrong-value 9"),
        ('[offers.discount]\npercent = "5"\nminimum = "1.234"', "policy-wrong-value 9"),
        ('[offers.discount]\npercent = "5"\nminimum = "-1"', "policy-wrong-value 9"),
        ('[offers.discount]\npercent = "5"\ndays = true', "policy-wrong-type 9"),
        ('[offers.discount]\npercent = "5"\ndays = -1', "policy-wrong-value 9"),
        ("[offers.discount]\ndays = 1", "policy-missing-key 7"),
        ('[offers.discount]\npercent = "5"\namount = "50.00"', "policy-wrong-value 9"),
        ('[offers.discount]\namount = "0.00"', "policy-wrong-value 8"),
        ('[offers.discount]\namount = "50.00"\nminimum = "50.00"', "policy-wrong-value 8"),
        ('[offers.discount]\namount = "50.00"', "policy-wrong-value 8"),
        ('[currencies.GBP]\ndiscount_amount = "9.00"\ndiscount_minimum = "9.00"', "policy-wrong-value 8"),
        ('[currencies.GBP]\ndiscount_amount = "9.00"', "policy-wrong-value 8"),
        ("[offers.discount]\namount = 50", "policy-wrong-type 8"),
        ('[offers.plans]\ndiscount_percent = "100"', "policy-wrong-value 8"),
        ("[offers.plans]\ncounts = []", "policy-wrong-value 8"),
        ("[offers.plans]\ncounts = [1]", "policy-wrong-value 8"),
        ("[offers.plans]\ncounts = [2, 2]", "policy-wrong-value 8"),
        ("[offers.plans]\ncounts = [2, 26]", "policy-wrong-value 8"),
        ("[offers.plans]\nhorizon_days = 0", "policy-wrong-value 8"),
        ("[offers.plans]\nhorizon_days = 60", "policy-wrong-value 8"),
        ('[offers.plans]\ncounts = ["2"]', "policy-wrong-value 8"),
        ("[offers.plans]\ncounts = [true]", "policy-wrong-value 8"),
        ('[offers.plans]\ndown_payment_percent = "100"', "policy-wrong-value 8"),
        ('[offers]\nfirst = "plans"', "policy-wrong-value 8"),
        ('[offers.plans]\nlowest_grade = "E"', "policy-wrong-value 8"),
        ('[offers.discount]\npercent = "5"\non = "later"', "policy-wrong-value 9"),
        ('[offers.discount]\npercent = "5"\nvoucher_days = 90', "policy-wrong-value 9"),
        ('[offers.discount]\npercent = "5"\non = "next-invoice"\nvoucher_days = 0', "policy-wrong-value 10"),
        ('[offers.plans]\nafter_broken = "no"', "policy-wrong-type 8"),
        ("[offers.plans]\ncounts = []\npercentages = []", "policy-wrong-value 8"),
        ('[offers.plans]\npercentages = ["50", "50"]', "policy-wrong-value 8"),
        ("[offers.plans]\npercentages = [[50, 50]]", "policy-wrong-value 8"),
        ('[offers.plans]\npercentages = [["100"]]', "policy-wrong-value 8"),
        ('[offers.plans]\npercentages = [["100", "0"]]', "policy-wrong-value 8"),
        ('[offers.plans]\npercentages = [["40", "30", "29.9999"]]', "policy-wrong-value 8"),
        ('[offers.plans]\npercentages = [["50", "50"], ["50", "50.0"]]', "policy-wrong-value 8"),
        ('[offers.plans]\ndown_payment_percent = "60"\npercentages = [["50", "50"]]', "policy-wrong-value 9"),
        ('[offers.plans]\nhorizon_days = 40\ncounts = []\npercentages = [["40", "30", "30"]]', "policy-wrong-value 8"),
        ("[offers.plans]\ndays_of_month = [0]", "policy-wrong-value 8"),
        ("[offers.plans]\ndays_of_month = [32]", "policy-wrong-value 8"),
        ("[offers.plans]\ndays_of_month = [5, 5]", "policy-wrong-value 8"),
        ("[offers.grades.E]\nplans = false", "policy-unknown-key 7"),
        ("[offers.grades.A]\nplan = false", "policy-unknown-key 8"),
        ("[offers.grades]\nA = 3", "policy-wrong-type 8"),
        ("[offers.grades.A]\ncounts = [2]", "policy-wrong-value 8"),
        ("[offers.grades.A]\ndiscount = true", "policy-wrong-value 8"),
        ('[offers.grades.A]\nfrom_step = "reminder-9"', "policy-wrong-value 8"),
        ("[offers.plans]\n[offers.grades.A]\ncounts = []", "policy-wrong-value 9"),
        ("[offers.plans]\n[offers.grades.A]\ncounts = [36]", "policy-wrong-value 9"),
        ("[offers.plans]\nhorizon_days = 100\n[offers.grades.A]\nfirst_after_days = 60", "policy-wrong-value 10"),
        ('[offers.plans]\n[offers.grades.A]\ndown_payment_percent = "100"', "policy-wrong-value 9"),
        ("[offers.plans]\n[offers.grades.A]\nfirst_after_days = -1", "policy-wrong-value 9"),
        (
            '[offers.plans]\ncounts = []\npercentages = [["40", "60"]]\n[offers.grades.D]\ndown_payment_percent = "50"',
            "policy-wrong-value 11",
        ),
        (
            '[offers.discount]\npercent = "5"\nfrom = "issued"\n[offers.grades.A]\ndiscount_percent = "0"',
            "policy-wrong-value 11",
        ),
        ('[ledger]\npayments_up_to = "20/11/2026"', "policy-wrong-value 8"),
        ("[ledger]\npayments_up_to = 20261120", "policy-wrong-type 8"),
        ("[ledger]\npayments_up_to = 2026-11-20T10:00:00", "policy-wrong-value 8"),
        ("[ledger.columns.invoices]\ntotal = 3", "policy-wrong-type 8"),
        ('[ledger]\nformat = "fec"', "policy-missing-key 7"),
        ("[ledger.fec]\naccounts = []", "policy-wrong-value 8"),
        ('[ledger.fec]\naccounts = ["41"]', "policy-wrong-value 8"),
        ('[ledger.fec]\naccounts = ["411*"]', "policy-wrong-value 8"),
        ('[ledger.fec]\naccounts = ["411", "416"]', "policy-wrong-value 7"),
        ("[reminders]\nsteps = 3", "policy-wrong-type 8"),
        ('[[reminders.steps]]\nname = "a"', "policy-missing-key 7"),
        ('[[reminders.steps]]\nname = "../a"\ndays = 1', "policy-wrong-value 8"),
        ('[[reminders.steps]]\nname = "a"\ndays = 1\nfrom = "previous"', "policy-wrong-value 10"),
        (
            '[[reminders.steps]]\nname = "a"\ndays = 1\n[[reminders.steps]]\nname = "a"\ndays = 2',
            "policy-wrong-value 11",
        ),
        (
            '[[reminders.steps]]\nname = "a"\ndays = 3\n[[reminders.steps]]\nname = "b"\ndays = 2',
            "policy-wrong-value 12",
        ),
        ('[[reminders.steps]]\nname = "receipt"\ndays = 1', "policy-wrong-value 8"),
        ('[[reminders.steps]]\nname = "recap"\ndays = 1', "policy-wrong-value 8"),
        ('[[reminders.steps]]\nname = "instalment-late"\ndays = 1', "policy-wrong-value 8"),
        ('[[reminders.steps]]\nname = "a"\ndays = 1\ntemplate = "../a"', "policy-wrong-value 10"),
        ('[[reminders.steps]]\nname = "a"\ndays = 1\ntone = "angry"', "policy-wrong-value 10"),
        ('[[reminders.steps]]\nname = "a"\ndays = 1\nconfirm = "yes"', "policy-wrong-type 10"),
        ('[[reminders.steps]]\nname = "a"\ndays = 1\ncopy = 1', "policy-wrong-type 10"),
        ('[[reminders.steps]]\nname = "a"\ndays = 1\nchannel = "letter"\ncall_first = true', "policy-wrong-value 11"),
        ('[[reminders.steps]]\nname = "a"\ndays = 1\nchannel = "phone"\ncall_first = true', "policy-wrong-value 11"),
        ("[reminders]\nmost_per_month = 0", "policy-wrong-value 8"),
        ("[reminders]\nmost_per_month = 32", "policy-wrong-value 8"),
        ('[reminders]\nsend_between = "8-18"', "policy-wrong-value 8"),
        ('[reminders]\nsend_between = "08:00-24:30"', "policy-wrong-value 8"),
        ('[reminders]\nsend_between = "18:00-08:00"', "policy-wrong-value 8"),
        ('[reminders]\nsend_between = "08:00-08:00"', "policy-wrong-value 8"),
        ('[reminders]\nsend_between = ["08:00"]', "policy-wrong-type 8"),
        ("[reminders.instalments]\nbefore_days = 0", "policy-wrong-value 8"),
        ("[reminders.instalments]\nbefore_days = 29", "policy-wrong-value 8"),
        ("[reminders.instalments]\nafter_days = [10, 3]", "policy-wrong-value 8"),
        ("[reminders.instalments]\nafter_days = [3, 3]", "policy-wrong-value 8"),
        ("[reminders.instalments]\nafter_days = [0]", "policy-wrong-value 8"),
        ("[reminders.instalments]\nafter_days = [29]", "policy-wrong-value 8"),
        ("[reminders.instalments]\nafter_days = [3, 14]", "policy-wrong-value 8"),
        ("[agreements]\nnotice_days = 6", "policy-wrong-value 8"),
        ("[agreements]\ngrace_days = 367", "policy-wrong-value 8"),
        ("[reminders.instalments]\nafter_days = [1, 2, 3]", "policy-wrong-value 8"),
        ("[reminders.instalments]\nbefore = 3", "policy-unknown-key 8"),
        ("[reminders.ladders.loyal]", "policy-missing-key 7"),
        ("[reminders.ladders.loyal]\nsteps = []", "policy-missing-key 7"),
        (
            "[reminders.ladders.loyal]\nstep = 1\n[[reminders.ladders.loyal.steps]]\nname = 'a'\ndays = 1",
            "policy-unknown-key 8",
        ),
        ('[[reminders.ladders.none.steps]]\nname = "a"\ndays = 1', "policy-wrong-value 7"),
        ('[[reminders.ladders.Loyal.steps]]\nname = "a"\ndays = 1', "policy-wrong-value 7"),
        ('[[reminders.ladders.loyal.steps]]\nname = "formal-notice"\ndays = 60', "policy-wrong-value 8"),
        (
            '[[reminders.ladders.loyal.steps]]\nname = "a"\ndays = 9\n[[reminders.ladders.loyal.steps]]\nname = "b"\ndays = 9',
            "policy-wrong-value 12",
        ),
        ('[[reminders.ladders.loyal.steps]]\nname = "a"\ndays = 1\noffers = ["plan"]', "step-without-offer 10"),
        ("[reminders]\nladders = 3", "policy-wrong-type 8"),
        ('[currencies.gbp]\nminimum_amount = "1"', "policy-wrong-value 7"),
        ('[currencies.EUR]\nminimum_amount = "1"', "policy-wrong-value 7"),
        ('[currencies.JPY]\nminimum_amount = "1.5"', "policy-wrong-value 8"),
        ("[deploy]", "policy-missing-key 7"),
        ('[deploy]\nhost = "x"', "policy-missing-key 7"),
        ('[deploy]\ntarget = "ftp"', "policy-wrong-value 8"),
        ('[deploy]\ntarget = "folder"', "policy-missing-key 7"),
        ('[deploy]\ntarget = "folder"\npath = "/"', "policy-wrong-value 9"),
        ('[deploy]\ntarget = "folder"\npath = "~/www"', "policy-wrong-value 9"),
        ('[deploy]\ntarget = "folder"\npath = "../.."', "policy-wrong-value 9"),
        ('[deploy]\ntarget = "folder"\npath = "www"\nhost = "a.example"', "policy-wrong-value 10"),
        ('[deploy]\ntarget = "rsync"\npath = "www"', "policy-missing-key 7"),
        ('[deploy]\ntarget = "rsync"\npath = "www;rm -rf ."\nhost = "a.example"', "policy-wrong-value 9"),
        ('[deploy]\ntarget = "rsync"\npath = "/srv/../etc"\nhost = "a.example"', "policy-wrong-value 9"),
        ('[deploy]\ntarget = "rsync"\npath = "-www"\nhost = "a.example"', "policy-wrong-value 9"),
        ('[deploy]\ntarget = "rsync"\npath = "www"\nhost = "-oProxyCommand=x"', "policy-wrong-value 10"),
        ('[deploy]\ntarget = "rsync"\npath = "www"\nhost = "a@b@c.example"', "policy-wrong-value 10"),
        ('[deploy]\ntarget = "rsync"\npath = "www"\nhost = "a.example:/www"', "policy-wrong-value 10"),
        ('[deploy]\ntarget = "rsync"\npath = "www"\nhost = "a.example"\nport = 0', "policy-wrong-value 11"),
        ('[deploy]\ntarget = "folder"\npath = "www"\nkeep = 51', "policy-wrong-value 10"),
        ('[deploy]\ntarget = "github-pages"\npath = "www"', "policy-wrong-value 9"),
        ('[deploy]\ntarget = "github-pages"\npublic_repository = "maybe"', "policy-wrong-value 9"),
        ("[smtp]", "policy-missing-key 7"),
        ('[smtp]\nhost = ""', "policy-missing-key 7"),
        ('[smtp]\nhost = "mail"', "policy-wrong-value 8"),
        ('[smtp]\nhost = "smtp.example.com:587"', "policy-wrong-value 8"),
        ('[smtp]\nhost = "smtp://smtp.example.com"', "policy-wrong-value 8"),
        ('[smtp]\nhost = "a.example"\nport = 0', "policy-wrong-value 9"),
        ('[smtp]\nhost = "a.example"\nport = "25"', "policy-wrong-type 9"),
        ('[smtp]\nhost = "a.example"\nsecurity = "ssl"', "policy-wrong-value 9"),
        ('[smtp]\nhost = "a.example"\nper_minute = 0', "policy-wrong-value 9"),
        ('[smtp]\nhost = "a.example"\nbatch = 0', "policy-wrong-value 9"),
        ('[smtp]\nhost = "a.example"\ntimeout_seconds = 0', "policy-wrong-value 9"),
        ('[smtp]\nhost = "a.example"\ntest_to = "me"', "email-wrong 9"),
        ('[smtp]\nhost = "a.example"\ntestto = "me"', "policy-unknown-key 9"),
        ('[imap]\nhost = "a.example"', "policy-missing-key 7"),
        ('[imap]\nhost = "a.example"\nuser = ""', "policy-missing-key 7"),
        ('[imap]\nuser = "a"', "policy-missing-key 7"),
        ('[imap]\nhost = "a.example"\nuser = "a"\ndays = 0', "policy-wrong-value 10"),
        ('[imap]\nhost = "a.example"\nuser = "a"\nsecurity = "none"', "policy-wrong-value 10"),
        ("[stripe]", "policy-missing-key 7"),
        ('[stripe]\nledger = ""', "policy-wrong-value 8"),
        ('[stripe]\nledger = "Atelier Lumen"', "policy-wrong-value 8"),
        (f'[stripe]\nledger = "{"a" * 41}"', "policy-wrong-value 8"),
        ('[stripe]\nledger = "a"\nmethods = []', "policy-wrong-value 9"),
        ('[stripe]\nledger = "a"\nmethods = ["card", "card"]', "policy-wrong-value 9"),
        ('[stripe]\nledger = "a"\nmethods = ["cash"]', "policy-wrong-value 9"),
        ('[stripe]\nledger = "a"\nmethods = "card"', "policy-wrong-type 9"),
        ('[stripe]\nledger = "a"\ndeactivate_at_most_percent = 101', "policy-wrong-value 9"),
        ('[stripe]\nledger = "a"\ndeactivate_at_most_percent = "50"', "policy-wrong-type 9"),
        ('[stripe]\nledger = "a"\nlive_secret_key = "yes"', "policy-wrong-type 9"),
        ('[stripe]\nledger = "a"\npay_host = "https://pay.example.com"', "policy-wrong-value 9"),
        ('[stripe]\nledger = "a"\npay_host = "localhost"', "policy-wrong-value 9"),
        ('[stripe]\nledger = "a"\npay_host = "pay.example.com:443"', "policy-wrong-value 9"),
        ('[stripe]\nledger = "a"\nmethod = ["card"]', "policy-unknown-key 9"),
        ('[late_fees]\nmode = "bill"', "policy-wrong-value 8"),
        ('[late_fees]\nmode = "claim"\nclaim_from = "reminder-9"', "policy-wrong-value 9"),
        ('[late_fees]\nclaim_from = "courtesy"', "policy-wrong-value 8"),
        ("[late_fees]\nclaim_from = 45", "policy-wrong-type 8"),
        ('[late_fees]\npayments = "fees"', "policy-wrong-value 8"),
        ("[late_fees]\npayments = true", "policy-wrong-type 8"),
        ('[late_fees]\nmode = "claim"\n[[reminders.steps]]\nname = "word"\ndays = 9', "policy-wrong-value 7"),
        ('[late_fees]\nmode = "claim"\nrate = "8.24"', "rate-below-floor 9"),
        ('[late_fees]\nrate = "1,5"', "policy-wrong-value 8"),
        ('[late_fees]\nrate = "legal x 0"', "policy-wrong-value 8"),
        ("[late_fees]\nrate = 12", "policy-wrong-type 8"),
        ('[late_fees]\nrate = "8.24"', "rate-below-floor 8"),
        ('[late_fees]\nrate = "legal x 2"', "rate-below-floor 8"),
        ('[late_fees]\nrate = "25.01"', "rate-unusual 8"),
        ('[late_fees]\nindemnity = "40.01"', "policy-wrong-value 8"),
        ("[late_fees]\nindemnity = 40", "policy-wrong-type 8"),
        ("[late_fees]\nday_count = 360", "policy-wrong-value 8"),
        ('[late_fees]\nday_count = "365"', "policy-wrong-value 8"),
        ("[late_fees]\nday_count = true", "policy-wrong-type 8"),
        ('[[late_fees.rates]]\necb = "2.40"\nlegal = "2.75"', "policy-missing-key 7"),
        ('[[late_fees.rates]]\nfrom = "2027-01-01"\nlegal = "2.75"', "policy-missing-key 7"),
        ('[[late_fees.rates]]\nfrom = "2027-01-02"\necb = "2.40"\nlegal = "2.75"', "rates-half-year 8"),
        ('[[late_fees.rates]]\nfrom = "2027-01-01"\necb = "-2.40"\nlegal = "2.75"', "policy-wrong-value 9"),
        ('[[late_fees.rates]]\nfrom = "2027-01-01"\necb = "2.40"\nlegal = "275"', "policy-wrong-value 10"),
        ('[[late_fees.rates]]\nfrom = "2027-01-01"\necb = "2.40"\nlegal = "30.01"', "policy-wrong-value 10"),
        ('[[late_fees.rates]]\nfrom = "2027-07-01"\necb = "2.40"\nlegal = "2.75"', "rates-gap 8"),
        ('[[late_fees.rates]]\nfrom = "2018-01-01"\necb = "0.00"\nlegal = "0.89"', "rates-gap 8"),
        ('[[late_fees.rates]]\nfrom = "2026-07-01"\necb = "2.40"\nlegal = "2.76"', "rates-differ 8"),
    ],
)
def test_a_value_that_cannot_be(tmp_path: Path, line: str, problem: str) -> None:
    assert load(tmp_path, f"{SMALLEST}{line}\n")[1] == [problem]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('iban = "FR76 3000 6000 0112 3456 7890 180"', "iban-wrong"),
        ('iban = "FR7530006000011234567890190"', "iban-wrong"),
        ('bic = "FOO"', "iban-wrong"),
        ('siren = "303265046"', "siren-wrong"),
        ('vat_number = "FR41303265045"', "vat-number-wrong"),
        ('country = "fr"', "policy-wrong-value"),
        ('language = "french"', "policy-wrong-value"),
        ('currency = "EURO"', "currency-unknown"),
        ('timezone = "Mars/Olympus"', "policy-wrong-value"),
        ('timezone = "../../etc/passwd"', "policy-wrong-value"),
        ('terms = "bientôt"', "terms-unreadable"),
        ('contact = "a\\r\\nBcc: x@evil.example"', "header-unsafe"),
        ('contact = "=?utf-8?q?x?="', "header-unsafe"),
        ('contact = "a\\u0000b"', "header-unsafe"),
        ('address = "a\\u0000b"', "control-character"),
        ('phone = "04\\u202e00"', "character-invisible"),
        ('fone = "04"', "policy-unknown-key"),
    ],
)
def test_the_sellers_data_is_checked(tmp_path: Path, line: str, problem: str) -> None:
    assert load(tmp_path, SMALLEST.replace("[site]", f"{line}\n[site]"))[1] == [f"{problem} 5"]


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("https://payer.atelier-lumen.example", True),
        ("https://payer.atelier-lumen.example:8443/a/b/", True),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", True),
        ("http://[::1]:8000", True),
        ("http://payer.atelier-lumen.example", False),
        ("http://localhost.evil.example", False),
        ("https://user:pass@payer.atelier-lumen.example", False),
        ("https://payer.atelier-lumen.example/?a=1", False),
        ("https://payer.atelier-lumen.example/?", False),
        ("https://payer.atelier-lumen.example/#", False),
        ("https://payer.atelier-lumen.example:99999", False),
        ("https://192.168.0.1", False),
        ("https://", False),
        ("//payer.atelier-lumen.example", False),
        ("javascript:alert(1)", False),
        ("ftp://payer.atelier-lumen.example", False),
        ("https://payer.atelier-lumen.example\\\\@evil.example", False),
        ("https://a b.example", False),
    ],
)
def test_the_sites_address_is_one_that_private_pages_can_live_at(tmp_path: Path, url: str, fine: bool) -> None:  # noqa: FBT001
    found, problems = load(tmp_path, SMALLEST.replace("https://payer.atelier-lumen.example", url))
    assert problems == ([] if fine else ["url-refused 6"])
    assert found is None or found.site_url == url.rstrip("/")


@pytest.mark.parametrize(
    ("address", "fine"),
    [
        ("https://forms.example/f/k3xq", True),
        ("https://a.forms.example:443/f?to=compta", True),
        ("https://formulaires.éclat.example/f", False),
        ("http://forms.example/f", False),
        ("http://localhost:8000/f", False),
        ("https://user@forms.example/f", False),
        ("https://forms.example@evil.example/f", False),
        ("https://forms.example:8443/f", False),
        ("https://forms.example/f#a", False),
        ("https://forms.example/f;script-src", False),
        ("https://forms.example/'f'", False),
        ("https://192.168.0.1/f", False),
        ("https://[::1]/f", False),
        ("https://intranet/f", False),
        ("https://", False),
        ("//forms.example/f", False),
        ("javascript:alert(1)", False),
        ("mailto:compta@atelier-lumen.example", False),
        ("https://forms .example/f", False),
    ],
)
def test_answers_are_sent_to_an_address_that_leads_where_it_says(tmp_path: Path, address: str, fine: bool) -> None:  # noqa: FBT001
    found, problems = load(tmp_path, SMALLEST.replace("[site]\n", f'[site]\nform_endpoint = "{address}"\n'))
    assert problems == ([] if fine else ["form-endpoint-refused 6"])
    assert found is None or found.form_endpoint == address


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[seller\n", "policy-syntax 1"),
        ('[seller]\nname = "a"\nname = "b"\n', "policy-syntax 3"),
        ('[seller]\nname = "a', "policy-syntax 2"),
        ("a = " + "[" * 5000, "policy-syntax 0"),
        ("a = " + "9" * 5000, "policy-syntax 0"),
        ("[seller]\nname = 'é'\n".encode("latin-1"), "policy-unreadable 2"),
        (b"\0", "policy-syntax 1"),
        (b"# " + b"x" * 1_100_000, "policy-unreadable 0"),
    ],
)
def test_what_is_no_toml_is_one_problem(tmp_path: Path, text: str | bytes, problem: str) -> None:
    assert load(tmp_path, text) == (None, [problem])


def test_a_folder_without_a_policy_is_told(tmp_path: Path) -> None:
    found, problems = load_settings(tmp_path)
    assert found is None
    assert [problem.code for problem in problems] == ["policy-missing"]


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    found, problems = load(tmp_path, b"\xef\xbb\xbf" + SMALLEST.replace("\n", "\r\n").encode())
    assert problems == []
    assert found == sound(tmp_path, SMALLEST)


def test_lines_of_keys() -> None:
    text = '# x\n[a]\nb = 1\nc.d = 2\n[[a.e]]\nf = """\ng = 1\n"""\nh = 3\n[[ a.e ]] # more\n"f" = 4\n'
    assert key_lines(text) == {
        "a": 2,
        "a.b": 3,
        "a.c.d": 4,
        "a.e": 5,
        "a.e.0": 5,
        "a.e.0.f": 6,
        "a.e.0.h": 9,
        "a.e.1": 10,
        "a.e.1.f": 11,
    }


values = st.recursive(
    st.one_of(
        st.booleans().map(lambda value: str(value).lower()),
        st.integers().map(str),
        st.just("1.5"),
        st.just("2026-11-20"),
        st.sampled_from(['""', '"5"', '"x"', '"a\\u0000"', "'EUR'"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        inner.map(lambda item: f"{{percent = {item}}}"),
    ),
    max_leaves=4,
)


@settings(max_examples=examples(150), deadline=None)
@given(st.data())
def test_any_value_of_any_key_is_told_never_a_traceback(data: st.DataObject) -> None:
    lines = FULL.splitlines()
    keys = [number for number, line in enumerate(lines) if re.match(r"[a-z_]+ = [^\"]|[a-z_]+ = \"[^\"]", line)]
    for number in data.draw(st.lists(st.sampled_from(keys), max_size=4)):
        lines[number] = lines[number].partition(" = ")[0] + " = " + data.draw(values)
    file = PolicyFile("\n".join(lines))
    read_settings(Path(), file)
    assert all(problem.code in CATALOGUE and format_problem(problem).isprintable() for problem in file.problems)


@settings(max_examples=examples(100), deadline=None)
@given(st.text(alphabet="[]={}\"'\n.#, ab1-", max_size=60))
def test_any_text_is_told_never_a_traceback(text: str) -> None:
    read_settings(Path(), PolicyFile(text))


@pytest.mark.parametrize("form", ["sheet", "fec"])
def test_a_ledger_in_one_file_says_which(tmp_path: Path, form: str) -> None:
    text = (
        f'[seller]\nname = "A"\nemail = "a@b.example"\n[site]\nurl = "https://p.example"\n[ledger]\nformat = "{form}"\n'
    )
    (tmp_path / "portal.toml").write_text(text, encoding="utf-8")
    settings, problems = load_settings(tmp_path)
    assert settings is None
    assert [(problem.code, problem.found) for problem in problems] == [("policy-missing-key", "ledger.file")]
