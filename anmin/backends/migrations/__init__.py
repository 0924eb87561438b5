"""How the tables of the ledger came to be, one revision after the other; they only go forward."""
