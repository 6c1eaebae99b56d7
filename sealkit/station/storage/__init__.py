"""The ledger's database: what is written stays as it is.

database       SQLite or PostgreSQL: transactions, migrations; failures, in our words
schema         the tables; migrations make them, and refuse any change to what is in them
storing        writes what was examined and concluded, many at a time
dossiers       reads what is held about one seal; lives, of all of them at once
judgements     judges seals out of it, and reads what was concluded before
fleet          the fleet in lists and numbers
trusting       whom the ledger believes, and since when somebody is revoked
acknowledging  what the ledger holds, so that a journal may be pruned
"""
