"""The providers' fakes: they speak the real wire format on loopback and keep a ledger of all they accepted."""
