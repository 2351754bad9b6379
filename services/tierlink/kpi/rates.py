"""Exact arithmetic of rates: one rounding, at the end, to six places, halves away from zero."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, getcontext, setcontext
from functools import lru_cache

from tierlink.schemas.values import canonical_decimal

__all__ = ["EXACT", "exactly", "plain", "rate", "rounded", "wilson"]

EXACT = Context(prec=100, rounding=ROUND_HALF_UP)
"""Wide enough that no sum or product of amounts is rounded, and that a quotient's last digits do not matter."""

PLACES = Decimal("0.000001")
Z_95 = Decimal("1.959963984540054")
"""Standard normal quantile of 0.975."""
_SQUARE = EXACT.multiply(Z_95, Z_95)


class exactly:  # noqa: N801 reads like localcontext, which copies the context each time
    """``with exactly():`` sums and products of amounts are not rounded."""

    def __enter__(self) -> None:
        self._before = getcontext()
        setcontext(EXACT)

    def __exit__(self, *_: object) -> None:
        setcontext(self._before)


def rounded(value: Decimal) -> Decimal:
    """Round to six places."""
    return plain(value.quantize(PLACES, context=EXACT))


def plain(value: Decimal) -> Decimal:
    """The same number without trailing zeros, so that it is written the one way tierlink writes it."""
    return _plain(str(value))


@lru_cache(maxsize=16_384)
def _plain(text: str) -> Decimal:
    return Decimal(canonical_decimal(Decimal(text)))


@lru_cache(maxsize=16_384)
def rate(part: int, whole: int) -> Decimal | None:
    """``part / whole``, or None when there is nothing to divide by."""
    return rounded(EXACT.divide(Decimal(part), Decimal(whole))) if whole else None


@lru_cache(maxsize=16_384)
def wilson(part: int, whole: int) -> tuple[Decimal, Decimal] | None:
    """Wilson 95 % score interval of ``part / whole``: honest where n is small (domain 6.6).

    Wilson (1927), JASA 22(158), with p = part / whole and z = 1.96:
    ``(p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)``, multiplied out by n.
    """
    if not whole:
        return None
    hits, count = Decimal(part), Decimal(whole)
    variance = EXACT.add(
        EXACT.divide(EXACT.multiply(hits, count - hits), count), EXACT.divide(_SQUARE, Decimal(4))
    )
    half = EXACT.multiply(Z_95, EXACT.sqrt(variance))
    centre = EXACT.add(hits, EXACT.divide(_SQUARE, Decimal(2)))
    scale = EXACT.add(count, _SQUARE)
    low = EXACT.divide(EXACT.subtract(centre, half), scale)
    high = EXACT.divide(EXACT.add(centre, half), scale)
    return rounded(max(Decimal(0), low)), rounded(min(Decimal(1), high))
