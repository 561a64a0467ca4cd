"""Import: workbooks and CSV files of units, owners, contacts, charges and payments go into the ledger."""
