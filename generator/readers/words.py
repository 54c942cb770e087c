"""The few words that some columns take, in English and French, as bare words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.domain.ledger import Channel, InvoiceStatus, Kind, Progress
from generator.domain.policy import FeeMode
from generator.domain.proposals import ProposalKind, ProposalStatus
from generator.domain.vouchers import VoucherStatus

if TYPE_CHECKING:
    from collections.abc import Mapping


def _all(words: str) -> tuple[str, ...]:
    return tuple(words.split())


KINDS = (
    dict.fromkeys(
        _all("business entreprise professionnel professionnelle pro societe association b2b company"), Kind.BUSINESS
    )
    | dict.fromkeys(_all("consumer particulier particuliere consommateur b2c individual"), Kind.CONSUMER)
    | dict.fromkeys(_all("public administration collectivite organisme_public personne_publique b2g"), Kind.PUBLIC)
)
CHANNELS: Mapping[str, Channel | None] = (
    dict.fromkeys(_all("email e_mail mail courriel"), Channel.EMAIL)
    | dict.fromkeys(_all("phone telephone tel appel"), Channel.PHONE)
    | dict.fromkeys(_all("letter courrier lettre poste"), Channel.LETTER)
)
FEE_MODES: Mapping[str, FeeMode | None] = (
    dict.fromkeys(_all("off non no aucune aucun none jamais"), FeeMode.OFF)
    | dict.fromkeys(_all("mention mentionner mentionnees"), FeeMode.MENTION)
    | dict.fromkeys(_all("claim reclamer reclamees facturer facturees appliquer"), FeeMode.CLAIM)
)
STATUSES = (
    dict.fromkeys(_all("draft brouillon proforma pro_forma"), InvoiceStatus.DRAFT)
    | dict.fromkeys(
        _all(
            "open ouverte ouvert emise emis envoyee envoye validee en_cours a_payer a_regler impayee impaye non_payee en_attente"
            " en_attente_de_paiement en_retard echue due overdue sent unpaid partially_paid partiellement_payee"
        ),
        InvoiceStatus.OPEN,
    )
    | dict.fromkeys(_all("paid paye payee reglee regle soldee solde acquittee encaissee"), InvoiceStatus.PAID)
    | dict.fromkeys(_all("void annulee annule cancelled canceled voided"), InvoiceStatus.VOID)
    | dict.fromkeys(
        _all("written_off perte passee_en_perte en_perte irrecouvrable abandonnee"), InvoiceStatus.WRITTEN_OFF
    )
    | dict.fromkeys(_all("litigation litige en_litige contentieux en_contentieux"), InvoiceStatus.LITIGATION)
    | dict.fromkeys(_all("factored affacturee cedee affacturage"), InvoiceStatus.FACTORED)
)
ROLES = (
    dict.fromkeys(_all("orders commande acheteur achats acheteuse commanditaire"), "orders")
    | dict.fromkeys(_all("approves valide approuve validation validateur direction"), "approves")
    | dict.fromkeys(_all("pays paie paye regle comptabilite compta paiement tresorerie accounting"), "pays")
)
LANGUAGES = dict.fromkeys(_all("fr french francais francaise fra fr_fr fre"), "fr") | dict.fromkeys(
    _all("en english anglais anglaise eng en_gb en_us"), "en"
)
AGREEMENT_STATUSES = (
    dict.fromkeys(_all("active actif en_cours en_vigueur"), "active")
    | dict.fromkeys(_all("completed termine tenu solde"), "completed")
    | dict.fromkeys(_all("broken rompu caduc"), "broken")
    | dict.fromkeys(_all("cancelled canceled annule"), "cancelled")
    | dict.fromkeys(_all("superseded remplace"), "superseded")
)
PROGRESS = (
    dict.fromkeys(_all("in_flight en_cours en_route processing pending"), Progress.IN_FLIGHT)
    | dict.fromkeys(_all("paid paye payee regle reglee encaisse encaissee"), Progress.PAID)
    | dict.fromkeys(_all("failed echoue echouee rejete rejetee"), Progress.FAILED)
    | dict.fromkeys(_all("cancelled canceled annule annulee"), Progress.CANCELLED)
)
PROPOSAL_KINDS = (
    dict.fromkeys(_all("plan echeancier"), ProposalKind.PLAN)
    | dict.fromkeys(_all("date jour"), ProposalKind.DATE)
    | dict.fromkeys(_all("paid paye payee regle reglee"), ProposalKind.PAID)
)
PROPOSAL_STATUSES = (
    dict.fromkeys(_all("waiting en_attente"), ProposalStatus.WAITING)
    | dict.fromkeys(_all("accepted accepte acceptee"), ProposalStatus.ACCEPTED)
    | dict.fromkeys(_all("refused refuse refusee"), ProposalStatus.REFUSED)
    | dict.fromkeys(_all("countered contre_proposition"), ProposalStatus.COUNTERED)
)
VOUCHER_STATUSES = (
    dict.fromkeys(_all("open ouvert a_deduire"), VoucherStatus.OPEN)
    | dict.fromkeys(_all("used utilise deduit"), VoucherStatus.USED)
    | dict.fromkeys(_all("cancelled canceled annule"), VoucherStatus.CANCELLED)
)
