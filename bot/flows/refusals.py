"""The errors a person may see: each says what is wrong and the next step."""

from bot.flows.find import NotFound
from bot.flows.importing.report import Refused
from bot.flows.ledger import LedgerError
from bot.flows.outcomes import OutcomeError
from bot.flows.staff import StaffError
from bot.flows.uncertain import SettleError
from bot.flows.words import BadWording
from bot.rules.policy_page import BadPolicy

REFUSALS: tuple[type[Exception], ...] = (LedgerError, SettleError, NotFound, BadPolicy, BadWording, Refused,
                                         StaffError, OutcomeError)  # fmt: skip
