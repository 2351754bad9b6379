"""Exact arithmetic of rates: one rounding, at the end, to six places, halves away from zero."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

__all__ = ["EXACT", "rate", "rounded", "wilson"]

EXACT = Context(prec=100, rounding=ROUND_HALF_UP)
"""Wide enough that no sum or product of amounts is rounded, and that a quotient's last digits do not matter."""

PLACES = Decimal("0.000001")
Z_95 = Decimal("1.959963984540054")
"""Standard normal quantile of 0.975."""


def rounded(value: Decimal) -> Decimal:
    """Round to six places."""
    return value.quantize(PLACES, context=EXACT)


def rate(part: int, whole: int) -> Decimal | None:
    """``part / whole``, or None when there is nothing to divide by."""
    return rounded(EXACT.divide(Decimal(part), Decimal(whole))) if whole else None


def wilson(part: int, whole: int) -> tuple[Decimal, Decimal] | None:
    """Wilson 95 % score interval of ``part / whole``: honest where n is small (domain 6.6).

    Wilson (1927), JASA 22(158), with p = part / whole and z = 1.96:
    ``(p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)``, multiplied out by n.
    """
    if not whole:
        return None
    hits, count = Decimal(part), Decimal(whole)
    square = EXACT.multiply(Z_95, Z_95)
    variance = EXACT.add(
        EXACT.divide(EXACT.multiply(hits, count - hits), count), EXACT.divide(square, Decimal(4))
    )
    half = EXACT.multiply(Z_95, EXACT.sqrt(variance))
    centre = EXACT.add(hits, EXACT.divide(square, Decimal(2)))
    scale = EXACT.add(count, square)
    low = EXACT.divide(EXACT.subtract(centre, half), scale)
    high = EXACT.divide(EXACT.add(centre, half), scale)
    return rounded(max(Decimal(0), low)), rounded(min(Decimal(1), high))
