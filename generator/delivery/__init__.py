"""Where reminders leave the machine and answers come in: mail servers, the pages as clients see them, the pushed repository."""
