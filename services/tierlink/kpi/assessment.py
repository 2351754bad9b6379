"""Judging a measured schedule line as of a day (domain 6.3 and 6.4).

The decision table; the first row that fits decides. ``hi`` is window_to, ``enough`` and ``too much`` come
from the ordered quantity and the policy, *complete* means the full quantity was accepted by as_of.

| line                                                        | state              | due        |
|-------------------------------------------------------------|--------------------|------------|
| nothing is ordered (quantity 0 or less)                     | CANCELLED_BUYER    | no         |
| buyer cancelled on or before hi, or the line has no hi      | CANCELLED_BUYER    | no         |
| supplier cancelled, not complete                            | CANCELLED_SUPPLIER | as_of > hi |
| no hi                                                       | UNDATED            | no         |
| as_of <= hi, not complete                                   | PENDING            | no         |
| enough in the window, and not too much by hi                | ON_TIME            | as_of > hi |
| enough in the window, but too much by hi                    | OVER               | as_of > hi |
| enough by hi, not enough of it in the window                | EARLY              | as_of > hi |
| complete after hi                                           | LATE               | yes        |
| buyer cancelled after hi, not complete: stays a miss        | CANCELLED_BUYER    | yes        |
| open, something accepted                                    | SHORT              | yes        |
| open, nothing accepted                                      | OVERDUE            | yes        |

The three verdicts are null until the line is due. Not late (OTD-L): enough by hi. In window (OTD-W): enough
from window_from to hi. In full (OTIF): in window, and not too much by hi.
"""

from __future__ import annotations

from datetime import date

from msgspec import Struct
from msgspec.structs import asdict

from tierlink.kpi.policy import OtdPolicy
from tierlink.kpi.results import LineAssessed, LineMeasured
from tierlink.schemas.kpis import LineState

__all__ = ["Verdict", "assess", "judge"]


class Verdict(Struct, frozen=True, gc=False):
    """The judgement of a line as of a day, without the line; fields as in ``LineAssessed``."""

    state: LineState
    is_due: bool
    is_not_late: bool | None = None
    is_in_window: bool | None = None
    is_in_full: bool | None = None
    late_by_days: int | None = None


def assess(measured: LineMeasured, as_of: date, policy: OtdPolicy) -> LineAssessed:
    """Judge a line; the line with its verdict."""
    verdict = judge(measured, as_of, policy)
    return LineAssessed(**asdict(measured), as_of=as_of, **asdict(verdict))


def judge(measured: LineMeasured, as_of: date, policy: OtdPolicy) -> Verdict:
    """Judge a line.

    Args:
        measured: under the same policy.
        as_of: the day after which nothing is known yet; a line is due when its window ended before it.
        policy: for the quantity tolerances.
    """
    state = _state(measured, as_of, policy)
    closes = measured.window_to
    is_excluded = state is LineState.CANCELLED_BUYER and _is_withdrawn(measured)
    if closes is None or as_of <= closes or is_excluded:
        return Verdict(state, is_due=False)
    enough = policy.enough(measured.quantity)
    is_in_window = measured.in_window_quantity >= enough
    not_too_much = measured.by_due_quantity <= policy.too_much(measured.quantity)
    return Verdict(
        state=state,
        is_due=True,
        is_not_late=measured.by_due_quantity >= enough,
        is_in_window=is_in_window,
        is_in_full=is_in_window and not_too_much,
        late_by_days=_late_by_days(measured, as_of, state),
    )


def _is_withdrawn(line: LineMeasured) -> bool:
    """The buyer asked for nothing (any more) in time: the supplier is not judged by this line."""
    if line.quantity <= 0:
        return True
    if line.cancelled_by != "buyer":
        return False
    return (
        line.window_to is None or line.cancelled_on is None or line.cancelled_on <= line.window_to
    )


def _is_complete(line: LineMeasured, as_of: date) -> bool:
    return line.completed_on is not None and line.completed_on <= as_of


def _state(  # noqa: PLR0911 the decision table, row by row
    line: LineMeasured, as_of: date, policy: OtdPolicy
) -> LineState:
    is_complete = _is_complete(line, as_of)
    if _is_withdrawn(line):
        return LineState.CANCELLED_BUYER
    if line.cancelled_by == "supplier" and not is_complete:
        return LineState.CANCELLED_SUPPLIER
    if line.window_to is None:
        return LineState.UNDATED
    enough = policy.enough(line.quantity)
    if line.in_window_quantity >= enough:
        is_over = line.by_due_quantity > policy.too_much(line.quantity)
        return LineState.OVER if is_over else LineState.ON_TIME
    if line.by_due_quantity >= enough:
        return LineState.EARLY
    if as_of <= line.window_to:
        return LineState.PENDING
    if is_complete:
        return LineState.LATE
    if line.cancelled_by == "buyer":
        return LineState.CANCELLED_BUYER
    return LineState.SHORT if line.received_quantity > 0 else LineState.OVERDUE


def _late_by_days(line: LineMeasured, as_of: date, state: LineState) -> int | None:
    """Days from the end of the window to completion (negative: before it), or to as_of while open."""
    assert line.window_to is not None
    if line.completed_on is not None and _is_complete(line, as_of):
        return (line.completed_on - line.window_to).days
    if state in (LineState.CANCELLED_BUYER, LineState.CANCELLED_SUPPLIER):
        return None
    return (as_of - line.window_to).days
