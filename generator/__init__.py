"""relance: private payment pages and courteous reminders from an invoice ledger."""
