"""The columns of each file of the ledger: their names, the names that French and English exports give them, and which are required.

Names are compared as bare words: `N° facture`, `n_facture` and `N FACTURE` are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Columns whose text may run over several lines.
SEVERAL_LINES = frozenset({"address", "notes", "note", "reason", "dispute_reason", "subject", "value"})


@dataclass(frozen=True, slots=True)
class FileColumns:
    """One file: its columns in the order of the documentation, each with its aliases.

    `own_name_first`: a column that is called as we call it wins over one that has an alias; else both are told, and none chosen.
    """

    name: str
    required: tuple[str, ...]
    aliases: dict[str, tuple[str, ...]]
    optional_file: bool = True
    own_name_first: bool = True

    @property
    def file(self) -> str:
        """The file's path inside the ledger folder."""
        return (
            f"relance/{self.name.removeprefix('relance-')}.csv"
            if self.name.startswith("relance-")
            else f"{self.name}.csv"
        )


def _columns(text: str) -> dict[str, tuple[str, ...]]:
    rows = (line.split() for line in text.strip().splitlines())
    return {name: tuple(aliases) for name, *aliases in rows}


CLIENTS = FileColumns(
    "clients",
    required=("id", "name", "email"),
    optional_file=False,
    aliases=_columns("""
        id client code code_client client_id customer_id identifiant id_client numero_client n_client no_client \
            num_client ref_client reference_client compte_client
        name nom raison_sociale denomination nom_client nom_du_client client_name customer_name company societe \
            entreprise
        email e_mail mail courriel adresse_email adresse_e_mail adresse_mail adresse_electronique email_address
        contact interlocuteur nom_contact nom_du_contact contact_name
        salutation formule_d_appel appel
        phone telephone tel mobile portable phone_number
        language langue
        kind type type_client type_de_client nature
        group groupe
        channel canal
        siren siret
        vat_number numero_tva n_tva no_tva num_tva tva_intracommunautaire numero_de_tva tva_intracom \
            n_tva_intracommunautaire vat_id
        address adresse adresse_postale adresse_de_facturation billing_address
        terms conditions conditions_de_reglement conditions_reglement delai_de_paiement delai_paiement payment_terms \
            echeance_client
        payment_days jours_de_paiement jours_de_reglement
        pays_on paie_le regle_le jours_de_virement
        grace_days jours_de_grace delai_de_grace
        hold_until suspendu_jusqu_au ne_pas_relancer_avant
        insolvent_since procedure_collective_depuis en_procedure_depuis
        opt_out ne_pas_relancer sans_relance
        ladder echelle echelle_de_relance paliers paliers_de_relance
        skip_steps sans_paliers sans_etapes paliers_exclus
        late_fees penalites penalites_de_retard frais_de_retard
        account compte compte_auxiliaire compte_comptable code_comptable compauxnum
        notes remarques commentaire commentaires
    """),
)
CONTACTS = FileColumns(
    "contacts",
    required=("client", "name", "role"),
    aliases=_columns("""
        client code_client id_client client_id customer_id numero_client
        name nom contact nom_du_contact contact_name
        role fonction
        email e_mail mail courriel adresse_email adresse_e_mail
        phone telephone tel mobile portable
        channel canal
        language langue
    """),
)
INVOICES = FileColumns(
    "invoices",
    required=("number", "client", "issued", "total"),
    optional_file=False,
    aliases=_columns("""
        number numero facture n_facture no_facture num_facture numero_facture numero_de_facture n_de_facture invoice \
            invoice_number invoice_no piece numero_de_piece numero_piece reference_facture
        client code_client id_client client_id customer customer_id numero_client n_client ref_client compte_client
        issued date date_emission date_d_emission date_facture date_de_facture date_de_facturation date_facturation \
            emise_le issue_date invoice_date issued_on
        total montant_ttc total_ttc ttc montant montant_total amount net_a_payer total_a_payer total_amount \
            amount_incl_vat
        due echeance date_echeance date_d_echeance due_date due_on a_regler_avant_le date_limite_de_paiement
        terms conditions conditions_de_reglement conditions_reglement delai_de_paiement delai_paiement payment_terms
        currency devise monnaie
        subject objet libelle designation description intitule
        value valeur benefice apport
        order commande bon_de_commande n_commande numero_commande numero_de_commande no_commande purchase_order \
            po_number
        vat taux_tva taux_de_tva detail_tva vat_rate
        document lien lien_facture pdf fichier url
        part situation tranche
        received_on recue_le date_de_reception recu_le
        status statut etat
        paid_on payee_le paye_le reglee_le regle_le date_de_paiement date_paiement date_de_reglement date_reglement \
            payment_date date_paid
        paid_amount
        promised_on promis_pour_le promis_le date_promise
        discount_percent escompte taux_escompte taux_d_escompte escompte_pourcent
        discount_days jours_escompte jours_d_escompte delai_escompte
        disputed_on contestee_le conteste_le date_contestation litige_le
        dispute_reason motif_contestation motif_de_contestation motif_litige
        dispute_closed_on contestation_close_le litige_clos_le
        credit_of avoir_de avoir_sur facture_d_origine facture_origine facture_creditee
    """),
)
_PAYMENT_ALIASES = _columns("""
    date date_de_paiement date_paiement date_de_reglement date_reglement payment_date paid_on date_operation \
        date_d_operation regle_le paye_le
    client code_client id_client client_id customer customer_id numero_client n_client ref_client compte_client
    amount montant montant_regle montant_paye montant_recu montant_ttc total credit
    invoice facture factures invoices n_facture no_facture numero_facture numero_de_facture invoice_number piece
    currency devise monnaie
    method mode moyen mode_de_paiement mode_paiement mode_de_reglement mode_reglement moyen_de_paiement payment_method
    reference ref libelle reference_paiement communication
    note notes remarque commentaire
""")
PAYMENTS = FileColumns("payments", required=("date", "client", "amount"), aliases=_PAYMENT_ALIASES)
_TAKING_ALIASES = _columns("""
    status statut etat
    stripe stripe_id id_stripe identifiant_stripe identifiants_stripe
    undoes annule rembourse
    link lien lien_de_paiement payment_link
    fee frais commission
    bank marque_banque repere repere_bancaire
""")
LEARNT_PAYMENTS = FileColumns(
    "relance-payments", required=("date", "client", "amount"), aliases=_PAYMENT_ALIASES | _TAKING_ALIASES
)
AGREEMENTS = FileColumns(
    "relance-agreements",
    required=("agreement", "client", "invoices", "signed_on", "due", "amount"),
    aliases=_columns("""
        agreement accord convention
        client code_client id_client client_id
        invoices factures facture invoice
        signed_on signe_le convenu_le date_accord
        due echeance date_echeance
        amount montant
        currency devise
        status statut
        supersedes remplace
        note notes remarque commentaire
        discount remise
    """),
)
PROMISES = FileColumns(
    "relance-promises",
    required=("client", "made_on", "on"),
    aliases=_columns("""
        client code_client id_client client_id
        made_on faite_le date_promesse
        on promis_pour_le pour_le promised_on
        invoices factures facture invoice
        amount montant
        currency devise
    """),
)
DISPUTES = FileColumns(
    "relance-disputes",
    required=("invoice", "opened_on"),
    aliases=_columns("""
        invoice facture numero_facture number numero
        opened_on contestee_le ouverte_le disputed_on
        closed_on close_le dispute_closed_on
        reason motif dispute_reason
    """),
)
BANK_STATEMENTS = FileColumns(
    "relance-bank-statements",
    required=("begins", "ends"),
    aliases=_columns("""
        begins du debut commence_le
        ends au fin finit_le
        account compte iban
        waits_from attend_depuis en_attente_depuis
        opening solde_initial solde_ouverture
        closing solde_final solde_cloture
        currency devise
        file fichier releve
        read_on lu_le
    """),
)
SET_ASIDE = FileColumns(
    "relance-bank-set-aside",
    required=("bank",),
    aliases=_columns("""
        bank marque_banque repere repere_bancaire
        date date_operation
        amount montant
        currency devise
        payer payeur
        text libelle
        set_aside_on ecarte_le
    """),
)
PROPOSALS = FileColumns(
    "relance-proposals",
    required=("proposal", "client", "on"),
    aliases=_columns("""
        proposal proposition
        client code_client id_client client_id
        on le date
        kind type nature
        due echeance date_echeance
        amount montant
        currency devise
        status statut
        note motif remarque
        message message_id id_message
        sender expediteur
    """),
)
VOUCHERS = FileColumns(
    "relance-vouchers",
    required=("voucher", "client", "amount", "earned_on"),
    aliases=_columns("""
        voucher avoir bon
        client code_client id_client client_id
        amount montant
        currency devise
        earned_on acquis_le donne_le
        valid_until valable_jusqu_au
        status statut
        invoices factures facture invoice
        note motif remarque
    """),
)
FEE_WAIVERS = FileColumns(
    "relance-fee_waivers",
    required=("date", "client", "invoice"),
    aliases=_columns("""
        date le remis_le
        client code_client id_client client_id
        invoice facture invoices factures number numero
        amount montant
        currency devise
        reason motif remarque
    """),
)

#: Every file of the ledger, in the order in which they are read and their problems listed.
FILES = (
    CLIENTS,
    CONTACTS,
    INVOICES,
    PAYMENTS,
    LEARNT_PAYMENTS,
    AGREEMENTS,
    PROMISES,
    DISPUTES,
    BANK_STATEMENTS,
    SET_ASIDE,
    PROPOSALS,
    VOUCHERS,
    FEE_WAIVERS,
)
