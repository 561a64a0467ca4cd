"""Units, owners and contacts of the book beside the ledger's: what is new, what changed, what must be asked."""

from datetime import timedelta

from bot.flows.importing.book import Book
from bot.flows.importing.outcome import NewHold, Outcome, Terms
from bot.flows.importing.people import same_name
from bot.flows.importing.report import Question
from bot.flows.importing.rows import IDENTITY, Bound, Someone, UnitRow
from bot.flows.importing.sentences import sentence
from bot.flows.importing.standing import Holding, House, Human, Standing

HOLD_DAYS = 365
"""A hold from a remark is reviewed after a year: every hold ends."""


class People:
    """Compares the units and people of one book."""

    def __init__(self, book: Book, standing: Standing, terms: Terms, outcome: Outcome) -> None:
        self.book = book
        self.standing = standing
        self.terms = terms
        self.outcome = outcome
        self._owing = book.owing()
        self.mentioned: set[Human] = set()
        """Owners and co-owners the files speak of."""
        self.told: dict[Human, tuple[set[tuple[str, bytes]], set[str]]] = {}
        """Person → the SMS addresses the files tell and the units they tell them with."""

    def compare(self) -> None:
        """Every unit of the book in turn, then the telephones that are no longer told."""
        registered = bool(self.standing.houses) or any(u.registered for u in self.book.units.values())
        for row in self.book.units.values():
            house = self.standing.houses.get(row.key)
            if house is None and not row.registered and (registered or row.key not in self._owing):
                continue
            self._unit(row, house)
        self._replace_phones()

    def _unit(self, row: UnitRow, known: House | None) -> None:
        house = known or self._new_house(row)
        changed = known is not None and self._changed_house(house, row)
        new = known is None
        if house.holding is None:
            new = self._first_owner(house, row) or new
        elif row.owner is not None:
            changed = self._owner_again(house, row) or changed
        if house.holding is not None and row.key not in self.outcome.waiting:
            changed = self._others(house.holding, row) or changed
            changed = self._bank_collection(house.holding, row) or changed
        did = self.outcome.report.did
        if new:
            did.count("new", "unit")
        elif changed:
            did.count("changed", "unit")
        elif row.registered or (house.holding is not None and not house.holding.human.name):
            did.count("unchanged", "unit")

    def _new_house(self, row: UnitRow) -> House:
        house = House(
            0, row.key, row.code, row.building, row.stair, row.room, row.segment or "resident", row.area_cm2,
            row.remark or "",
        )  # fmt: skip
        self.standing.houses[row.key] = house
        self.outcome.houses.append(house)
        return house

    def _changed_house(self, house: House, row: UnitRow) -> bool:
        told = {name: getattr(row, name) for name in ("building", "stair", "room", "segment", "area_cm2")}
        changes = {name: value for name, value in told.items() if value and value != getattr(house, name)}
        if row.remark is not None and row.remark != house.remark:
            changes["remark"] = row.remark
        if changes:
            self.outcome.update("unit", house.id, **changes)
        return bool(changes)

    # Owners

    def _first_owner(self, house: House, row: UnitRow) -> bool:
        """A unit without an account gets one as soon as an owner, a charge or a hold is told for it."""
        owed = row.key in self._owing
        if row.owner is None and not owed:
            return False
        self._open(house, self._human(row.owner or Someone(""), row.key))
        if row.owner is None:
            self.book.seen("unnamed_owners")
        return True

    def _open(self, house: House, human: Human) -> None:
        holding = Holding(0, house, human)
        house.holding = holding
        human.accounts += 1
        self.outcome.holdings.append(holding)

    def _owner_again(self, house: House, row: UnitRow) -> bool:
        assert house.holding is not None
        assert row.owner is not None
        human = house.holding.human
        if not row.owner.name:
            return self._reach(human, row.owner, row.key)
        if not human.name and not (human.erased and row.key in self.terms.accepted):
            return self._name(human, row.owner, row.key)
        told = {same_name(row.owner.name)} | {same_name(p.name) for role, p in row.others if role == "co_owner"}
        if same_name(human.name) in told:
            mine = row.owner if same_name(row.owner.name) == same_name(human.name) else None
            return self._reach(human, mine, row.key) if mine else False
        if row.key in self.terms.accepted:
            self._sell(house, row.owner)
            return True
        self._ask(house, human, row.owner)
        return False

    def _ask(self, house: House, human: Human, told: Someone) -> None:
        self.outcome.waiting.add(house.key)
        waiting = sum(1 for c in self.book.charges if c.unit == house.key and not self.standing.alike.get(c.key))
        self.outcome.report.questions.append(Question(house.code, human.name, told.name, waiting))

    def _sell(self, house: House, told: Someone) -> None:
        """Old charges stay with the old owner: the account is closed and a new one opened."""
        assert house.holding is not None
        self.outcome.closed.append(house.holding.id)
        self.outcome.update("account", house.holding.id, closed_on=self.terms.today)
        house.former.insert(0, house.holding)
        self._open(house, self._human(told, house.key))

    def _name(self, human: Human, told: Someone, key: str) -> bool:
        """An owner without a name gets the register's; one erased while the flat is theirs is billed again so."""
        human.name = told.name
        if human.erased:
            self.outcome.update("person", human.id, erased_at=None)
        self.outcome.update("owner", human.owner_id, name=told.name)
        self.outcome.update("person", human.id, name=told.name)
        self._reach(human, told, key)
        return True

    def _human(self, told: Someone, key: str = "") -> Human:
        """The same name with the same address or the owner's own number is the same owner; nothing else is."""
        name, ref = same_name(told.name), self._ref(told)
        known = self.standing.by_ref.get(ref) if ref else None
        if known is not None and same_name(known.name) != name:
            self.book.warnings.append(sentence("two_names", name=told.name))
            known = None
        if known is None and name and not ref:
            found = (self.standing.by_contact.get((name, c, i)) for c, i in self._addresses(told))
            known = next((human for human in found if human is not None), None)
        if known is None:
            known = Human(0, 0, told.name, told.locale, ref)
            self.outcome.humans.append(known)
            if ref:
                self.standing.by_ref.setdefault(ref, known)
        self._reach(known, told, key)
        return known

    def _ref(self, told: Someone) -> str:
        """An identity number is kept only as a blind index."""
        if not told.ref.startswith(IDENTITY):
            return told.ref
        return IDENTITY + self.terms.vault.index("identity", told.ref[len(IDENTITY) :]).hex()

    # Contacts

    def _addresses(self, told: Someone) -> list[tuple[str, bytes]]:
        return [(b.channel, self.terms.vault.index(b.channel, b.address)) for b in told.contacts]

    def _reach(self, human: Human, told: Someone, key: str) -> bool:
        """Adds addresses the ledger does not hold; answers whether anything changed."""
        self.mentioned.add(human)
        changed = False
        for bound, address in zip(told.contacts, self._addresses(told), strict=True):
            changed = self._add(human, bound, address) or changed
        sms = {a for a in self._addresses(told) if a[0] == "sms"}
        if sms:
            addresses, keys = self.told.setdefault(human, (set(), set()))
            addresses |= sms
            keys.add(key)
        if told.locale and told.locale != human.locale:
            human.locale = told.locale
            if human.id:
                self.outcome.update("person", human.id, locale=told.locale)
                changed = True
        return changed

    def _add(self, human: Human, bound: Bound, address: tuple[str, bytes]) -> bool:
        known = human.contacts.get(address)
        if address not in human.contacts:
            human.contacts[address] = None
            self.standing.by_contact.setdefault((same_name(human.name), *address), human)
            self.outcome.contacts.append((human, bound, address[1]))
            return True
        if known is not None and known.dead_reason == "replaced":
            self.outcome.update("contact", known.id, dead_reason=None, dead_at=None)
            return True
        return False

    def _replace_phones(self) -> None:
        """A number from the ledger that the files no longer tell for all the person's units is theirs no more (I9)."""
        for human, (told, keys) in self.told.items():
            if len(keys) < human.accounts:
                continue
            for address, known in human.contacts.items():
                if known is not None and address[0] == "sms" and address not in told and _ledger_only(known):
                    self.outcome.update("contact", known.id, dead_reason="replaced", dead_at=self.terms.now)
                    self.book.seen("phones_replaced")

    # What else belongs to an account

    def _others(self, holding: Holding, row: UnitRow) -> bool:
        changed = False
        for role, told in row.others:
            human = self._human(told) if not self._is_party(holding, told) else None
            if (
                human is None
                or human is holding.human
                or (holding.id and (holding.id, human.id) in self.standing.parties)
            ):
                continue
            self.outcome.parties.append((holding, human, role))
            changed = True
        return changed

    def _is_party(self, holding: Holding, told: Someone) -> bool:
        """A co-owner already told for this account, by name: within one account a name is one person."""
        name = same_name(told.name)
        if same_name(holding.human.name) == name:
            return True
        known = [self.standing.humans[p] for a, p in self.standing.parties if holding.id and a == holding.id]
        mine = next((human for human in known if same_name(human.name) == name), None)
        if mine is not None:
            self._reach(mine, told, "")
        return mine is not None

    def _bank_collection(self, holding: Holding, row: UnitRow) -> bool:
        if row.bank_collection is None or row.bank_collection == holding.bank_collection:
            return False
        holding.bank_collection = row.bank_collection
        if holding.id:
            self.outcome.update("account", holding.id, bank_collection=row.bank_collection)
        return bool(holding.id)


def _ledger_only(known: object) -> bool:
    return getattr(known, "trust", "") == "ledger" and getattr(known, "dead_reason", None) is None


def compare_holds(book: Book, standing: Standing, terms: Terms, outcome: Outcome) -> None:
    """Remarks become holds with an end; a hold whose remark is gone from the list of units ends."""
    until = terms.today + timedelta(days=HOLD_DAYS)
    told: set[tuple[str, str]] = set()
    for row in book.holds:
        house = standing.houses.get(row.unit)
        if house is None or house.holding is None or (row.unit, row.code) in told:
            continue
        told.add((row.unit, row.code))
        if (house.holding.id, row.code) in standing.holds:
            outcome.report.did.count("unchanged", "hold")
            continue
        outcome.holds.append(NewHold(house.holding, row.code, row.reason, until))
        outcome.report.did.count("new", "hold")
    _end_holds(book, standing, terms, outcome, told)


def _end_holds(book: Book, standing: Standing, terms: Terms, outcome: Outcome, told: set[tuple[str, str]]) -> None:
    for (account_id, code), hold in standing.holds.items():
        house = standing.account_houses.get(account_id)
        if house is None or house.key not in book.held_told or (house.key, code) in told:
            continue
        outcome.update("hold", hold.id, ended_at=terms.now)
        outcome.touched.add(account_id)
        outcome.report.did.count("changed", "hold")
