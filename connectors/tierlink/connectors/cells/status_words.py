"""Words in status columns that mean an order line was cancelled."""

from __future__ import annotations

import re
from typing import Final

from tierlink.connectors.cells.texts import word_key

__all__ = ["says_cancelled"]

_CANCELLED: Final = re.compile(
    r"^(?:已|订单)?(?:取消|作废|撤销|撤单|删除)(?:订单)?$"
    r"|^cancell?(?:ed|ation)?(?:\b.*)?$|^voided?$|^deleted$|^annulled$"
    r"|^(?:ist |wurde )?(?:storniert|storno|annulliert|gelöscht|geloescht)(?:\b.*)?$"
)


def says_cancelled(text: str) -> bool:
    """Tell whether a status means cancelled; every other word (open, 已完成, in Arbeit) does not."""
    return _CANCELLED.match(word_key(text)) is not None
