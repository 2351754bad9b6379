"""A made-up supply chain, by seed: some hundred facts with everything that goes wrong in real ledgers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from tierlink.schemas.deliveries import (
    GoodsReceived,
    GoodsRejected,
    ShipmentDespatched,
    ShipmentStatus,
    ShipmentStatusChanged,
)
from tierlink.schemas.envelope import Event, FactData, fact_event
from tierlink.schemas.orders import LineCancelled, LineChanged, LinePlaced, LinePromised
from tierlink.schemas.records import RecordRetracted
from tierlink.schemas.stock import Direction, MovementReason, StockCounted, StockMoved
from tierlink.schemas.values import Actor, Item, Money, Party, Quantity

START = date(2026, 1, 5)
DAYS = 120
EPOCH = datetime(2026, 1, 5, 6, tzinfo=UTC)

ERP = "urn:tierlink:connector:erp_export/acme"
LEDGER = "urn:tierlink:connector:excel_ledger/"
CARRIER = "urn:tierlink:connector:carrier_status/fast"


@dataclass
class SupplyChain:
    """Draws events; every draw comes from ``random``, so a seed gives the same chain for ever."""

    random: Random
    events: list[Event[FactData]] = field(default_factory=list)

    def say(self, data: FactData, source: str, key: str, *, revision: int = 1, on: date) -> None:
        """State a fact on a day. Some facts of a day are recorded at the very same instant."""
        at = EPOCH + (on - START) + timedelta(hours=self.random.choice((0, 0, 3, 9)))
        self.events.append(
            fact_event(
                data,
                source=source,
                fact_key=f"{key}@{source[22:]}",
                revision=revision,
                recorded_at=at,
            )
        )

    def retract(self, target: Event[FactData], on: date) -> None:
        """Take a fact back under its own address."""
        self.events.append(
            fact_event(
                RecordRetracted(retracted_type=target.type, reason="cell was emptied"),
                source=target.source,
                fact_key=target.factkey,
                revision=target.revision + 1,
                recorded_at=EPOCH + (on - START) + timedelta(hours=1),
                subject=target.subject,
                partition_key=target.partitionkey,
            )
        )

    def day(self, near: date, spread: int) -> date:
        """A day around another."""
        return near + timedelta(days=self.random.randint(-spread, spread))

    def happens(self, chance: float) -> bool:
        """Toss a coin."""
        return self.random.random() < chance


@dataclass
class Line:
    """What the generator remembers of a line it placed."""

    common: dict[str, object]
    named: dict[str, object]
    quantity: int
    due: date
    key: str
    supplier: Party


def events(seed: int, orders: int = 40, items: int = 12) -> list[Event[FactData]]:
    """The chain's facts in the order they were recorded."""
    chain = SupplyChain(Random(seed))
    suppliers = [Party(id=f"S{number}", name=f"Supplier {number}") for number in range(1, 6)]
    for number in range(orders):
        order(chain, f"45{number:05d}", chain.random.choice(suppliers))
    for number in range(items):
        stock(chain, f"M{number}", chain.random.choice(suppliers))
    for target in chain.random.sample(chain.events, len(chain.events) // 25):
        chain.retract(target, START + timedelta(days=DAYS))
    return chain.events


def order(chain: SupplyChain, po_no: str, supplier: Party) -> None:
    """One purchase order with everything that happens to it."""
    random = chain.random
    numbered = chain.happens(0.8)
    for position in range(random.randint(1, 3)):
        item = Item(id=f"M{random.randint(0, 7)}", name=random.choice((None, "Bracket", "支架")))
        due = chain.day(START + timedelta(days=60), 50)
        scheds = [None] if chain.happens(0.7) else ["1", "2", "3"][: random.randint(1, 3)]
        for place, sched in enumerate(scheds):
            common: dict[str, object] = {"buyer": "AC|ME", "po_no": po_no}
            named = {"po_line": str(10 * (position + 1)) if numbered else None, "sched_line": sched}
            line = Line(
                common,
                named | {"item": item},
                random.choice((0, 40, 100, 100, 250)),
                due + timedelta(days=7 * place),
                f"{po_no}/{position}/{sched}",
                supplier,
            )
            place_line(chain, line)
            goods(chain, line)


def place_line(chain: SupplyChain, line: Line) -> None:
    """Terms, promises, changes and cancellations of a line, in both sides' books."""
    random = chain.random
    start = line.due - timedelta(days=random.randint(20, 45))
    due = None if chain.happens(0.05) else line.due
    for revision, quantity in enumerate((line.quantity, line.quantity + 10, line.quantity), 1):
        placed = LinePlaced(
            **line.common,
            **line.named,
            supplier=line.supplier,
            asserted_by=Actor.BUYER,
            quantity=Quantity(value=quantity),
            requested_on=due,
        )
        chain.say(placed, ERP, line.key, revision=revision, on=start + timedelta(days=revision))
        if chain.happens(0.9):
            break
    loose = line.named | {"po_line": None, "sched_line": None}
    source = LEDGER + line.supplier.id
    if chain.happens(0.5):
        own = LinePlaced(
            **line.common,
            **loose,
            supplier=line.supplier,
            asserted_by=Actor.SUPPLIER,
            quantity=Quantity(value=line.quantity + 5),
            requested_on=chain.day(line.due, 4),
        )
        chain.say(own, source, line.key, on=start + timedelta(days=1))
    promised = line.due
    for number in range(random.choice((0, 1, 1, 2, 3))):
        promised = chain.day(promised, 9)
        names = random.choice((line.named, loose, line.named | {"item": None}))
        promise = LinePromised(
            **line.common,
            **names,
            asserted_by=random.choice((Actor.SUPPLIER, Actor.BUYER)),
            promised_on=promised,
            stated_on=random.choice((None, chain.day(start, 3))),
        )
        chain.say(promise, source, f"{line.key}#{number}", on=start + timedelta(days=number * 4))
    adjust(chain, line, start)


def adjust(chain: SupplyChain, line: Line, start: date) -> None:
    """Changes and cancellations."""
    random = chain.random
    names = line.named | ({} if chain.happens(0.7) else {"sched_line": None})
    if chain.happens(0.25):
        change = LineChanged(
            **line.common,
            **names,
            asserted_by=random.choice((Actor.BUYER, Actor.BUYER, Actor.SUPPLIER)),
            quantity=random.choice((None, Quantity(value=60), Quantity(value="7.5", unit="KGM"))),
            requested_on=random.choice((None, chain.day(line.due, 15))),
            changed_on=random.choice((None, chain.day(line.due, 10))),
        )
        chain.say(change, ERP, f"{line.key}#1", on=chain.day(start + timedelta(days=8), 8))
    if chain.happens(0.12):
        for actor in random.choice(([Actor.BUYER], [Actor.SUPPLIER], list(Actor))):
            cancel = LineCancelled(
                **line.common,
                **names,
                asserted_by=actor,
                cancelled_on=random.choice((None, chain.day(line.due, 6))),
            )
            chain.say(cancel, ERP, f"{line.key}-{actor}", on=chain.day(line.due, 8))


def goods(chain: SupplyChain, line: Line) -> None:
    """Despatch advices, carrier statuses, receipts, reversals and rejections of a line."""
    random = chain.random
    if chain.happens(0.1):
        return
    parts = random.choice(([100], [100], [60, 40], [5, 5, 90], [130], [50]))
    books = random.choice(("buyer", "buyer", "carrier", "supplier", "all"))
    for number, percent in enumerate(parts):
        quantity = Quantity(value=Decimal(line.quantity * percent) / 100)
        left = chain.day(line.due - timedelta(days=5), 7)
        came = left + timedelta(days=random.randint(1, 6))
        parcel = f"{line.key}/{number}"
        names = random.choice((line.named, line.named | {"sched_line": None}))
        if chain.happens(0.1):
            names = {"item": Item(id="M99")}
        if books in ("carrier", "all"):
            ship(chain, line, names, parcel, quantity, left, came)
        if books != "carrier":
            receive(chain, line, names, parcel, quantity, came, books)
    if chain.happens(0.15):
        rejected = GoodsRejected(
            **line.common,
            **random.choice((line.named, line.named | {"sched_line": None})),
            asserted_by=random.choice((Actor.BUYER, Actor.SUPPLIER)),
            rejected_on=chain.day(line.due, 5),
            quantity=Quantity(value=random.choice((3, 20, 500, -2))),
        )
        chain.say(rejected, ERP, f"{line.key}/qm", on=line.due + timedelta(days=6))


def ship(
    chain: SupplyChain,
    line: Line,
    names: dict[str, object],
    parcel: str,
    quantity: Quantity,
    left: date,
    came: date,
) -> None:
    """A despatch advice and what the carrier tells of it, under one number or another, or none."""
    random = chain.random
    numbers = random.choice(
        (
            {"shipment_id": parcel},
            {"tracking_no": parcel},
            {},
            {"shipment_id": parcel, "tracking_no": f"T{parcel}"},
        )
    )
    advice = ShipmentDespatched(
        **line.common,
        **names,
        **numbers,
        asserted_by=random.choice((Actor.SUPPLIER, Actor.SUPPLIER, Actor.BUYER)),
        despatched_on=left,
        quantity=quantity,
    )
    chain.say(advice, LEDGER + line.supplier.id, parcel, on=left)
    told = random.choice(
        (numbers, numbers, {"tracking_no": f"T{parcel}"}, {"shipment_id": parcel}, {})
    )
    about = names if chain.happens(0.6) else {}
    for status, day in ((ShipmentStatus.PICKED_UP, left), (ShipmentStatus.DELIVERED, came)):
        milestone = ShipmentStatusChanged(
            **line.common,
            **about,
            **told,
            asserted_by=random.choice((Actor.CARRIER, Actor.CARRIER, Actor.SUPPLIER)),
            status=status,
            status_on=day,
            quantity=random.choice((None, None, None, quantity)),
        )
        chain.say(milestone, CARRIER, f"{parcel}/{status}", on=day)


def receive(
    chain: SupplyChain,
    line: Line,
    names: dict[str, object],
    parcel: str,
    quantity: Quantity,
    came: date,
    books: str,
) -> None:
    """A receipt, booked some days later, sometimes reversed."""
    random = chain.random
    actor = Actor.SUPPLIER if books == "supplier" else Actor.BUYER
    booked = came + timedelta(days=random.choice((0, 0, 1, 4)))
    for sign in (1, -1) if chain.happens(0.1) else (1,):
        receipt = GoodsReceived(
            **line.common,
            **names,
            asserted_by=actor,
            receipt_no=f"R{parcel}",
            shipment_id=random.choice((None, parcel)),
            received_on=booked,
            quantity=Quantity(
                value=quantity.value * sign, unit=random.choice(("H87",) * 19 + ("KGM",))
            ),
        )
        chain.say(receipt, ERP, f"{parcel}/{sign}", on=booked + timedelta(days=1))


def stock(chain: SupplyChain, item: str, holder: Party) -> None:
    """One item's stock ledger: movements, counts or both, with and without cost."""
    random = chain.random
    books = random.choice(("moves", "counts", "both", "both"))
    costs = random.choice((None, "CNY", "CNY", "mixed"))
    common: dict[str, object] = {
        "holder": holder,
        "site": random.choice(("main", "Werk 2")),
        "item": Item(id=item, name=random.choice((None, "Bolt"))),
        "asserted_by": Actor.SUPPLIER,
    }
    balance = Decimal(random.randint(0, 300))
    day = START + timedelta(days=random.randint(0, 40))
    source = LEDGER + holder.id
    for number in range(random.randint(3, 25)):
        cost = None
        if costs and (number == 0 or chain.happens(0.4)):
            currency = random.choice(("CNY", "EUR")) if costs == "mixed" else costs
            cost = Money(amount=Decimal(random.randint(100, 900)) / 100, currency=currency)
        unit = "KGM" if chain.happens(0.03) else "H87"
        quantity = Decimal(random.randint(0, 900)) / 10
        if books != "counts":
            move = StockMoved(
                **common,
                moved_on=day,
                direction=random.choice(list(Direction)),
                quantity=Quantity(value=-quantity if chain.happens(0.05) else quantity, unit=unit),
                reason=random.choice(list(MovementReason)),
                unit_cost=cost,
            )
            chain.say(move, source, f"{item}/m{number}", on=day)
        balance += random.randint(-40, 40)
        if books == "counts" or (books == "both" and chain.happens(0.3)):
            count = StockCounted(
                **common,
                counted_on=day,
                quantity=Quantity(value=balance, unit=unit),
                unit_cost=cost,
            )
            chain.say(count, source, f"{item}/c{number}", on=day)
        day += timedelta(days=random.choice((0, 0, 1, 2, 5, 20)))


def shuffled(log: list[bytes], random: Random) -> Iterator[bytes]:
    """The log in another order, with every third record once or twice more."""
    again = random.choices(log, k=len(log) // 3)
    records = log + again
    random.shuffle(records)
    return iter(records)
