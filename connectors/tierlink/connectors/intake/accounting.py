"""Counts rows by outcome and gives a file its verdict. Pure; the counts of a file always balance."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tierlink.schemas.intake import RowCounts, Verdict

__all__ = ["Tally", "verdict_of"]


@dataclass
class Tally:
    """Rows of one file, by what became of them; rows with facts are told apart after the comparison."""

    stated: int = 0
    held: int = 0
    rejected: int = 0
    ignored: Counter[str] = field(default_factory=Counter)

    @property
    def seen(self) -> int:
        """All rows so far."""
        return self.stated + self.held + self.rejected + self.ignored.total()

    def close(self, *, published: int, unchanged: int) -> RowCounts:
        """Finish the account: rows with facts that are neither were superseded by later rows of the same file.

        Raises:
            ValueError: more rows were compared than stated facts.
        """
        superseded = self.stated - published - unchanged
        if superseded < 0:
            raise ValueError(f"rows do not balance: {published} + {unchanged} of {self.stated}")
        ignored = dict(self.ignored)
        if superseded:
            ignored["superseded"] = ignored.get("superseded", 0) + superseded
        return RowCounts(
            seen=self.seen,
            published=published,
            unchanged=unchanged,
            held=self.held,
            rejected=self.rejected,
            ignored=ignored,
        )


def verdict_of(rows: RowCounts) -> Verdict:
    """The verdict on a file of which at least one sheet was understood.

    Refused rows beside good ones make it partly published even if the good ones are known already: there is
    something to do. With no good row it is rejected, or held if every refused row only waits for an answer.
    """
    if rows.held + rows.rejected == 0:
        return Verdict.PUBLISHED if rows.published else Verdict.UNCHANGED
    if rows.published + rows.unchanged:
        return Verdict.PARTLY_PUBLISHED
    return Verdict.REJECTED if rows.rejected else Verdict.HELD
