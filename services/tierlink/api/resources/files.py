"""Files and what became of their rows."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from tierlink.api.models import (
    FileAnswer,
    ListAnswer,
    RejectionAnswer,
    file_answer,
    rejection_answer,
)
from tierlink.api.paging import decode_cursor, encode_cursor
from tierlink.api.problems import not_found
from tierlink.api.reading import Cursor, Limit, Reader
from tierlink.schemas.intake import Verdict
from tierlink.store.files import (
    FILE_ORDER,
    REJECTION_ORDER,
    find_file,
    list_files,
    list_rejections,
)

__all__ = ["router"]

router = APIRouter(prefix="/files", tags=["files"])

FileId = Annotated[str, Path(description="`file_id` of a file or an event")]


@router.get("")
def files(
    access: Reader,
    feed: Annotated[str | None, Query(description="only files of this feed")] = None,
    verdict: Annotated[Verdict | None, Query(description="only files with this outcome")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ListAnswer[FileAnswer]:
    """The latest outcome of each file, newest first. The counts of its rows balance."""
    after = decode_cursor("files", FILE_ORDER, cursor)
    with access.read() as session:
        page = list_files(
            session, feed=feed, verdict=verdict.value if verdict else None, limit=limit, after=after
        )
    return ListAnswer(
        items=[file_answer(row) for row in page.rows],
        next_cursor=encode_cursor("files", page.next_after),
    )


@router.get("/{file_id:segment}")
def file(access: Reader, file_id: FileId) -> FileAnswer:
    """One file: its outcome, how its sheets were understood, what became of its rows."""
    with access.read() as session:
        found = find_file(session, file_id)
    if found is None:
        raise not_found("file", file_id)
    return file_answer(found)


@router.get("/{file_id:segment}/rejections")
def file_rejections(
    access: Reader,
    file_id: FileId,
    code: Annotated[str | None, Query(description="only this reason")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ListAnswer[RejectionAnswer]:
    """Rows of its latest version that were held or rejected, by place: what was found, expected, and what to do."""
    after = decode_cursor("rejections", REJECTION_ORDER, cursor)
    with access.read() as session:
        if find_file(session, file_id) is None:
            raise not_found("file", file_id)
        page = list_rejections(session, file_id=file_id, code=code, limit=limit, after=after)
    return ListAnswer(
        items=[rejection_answer(row) for row in page.rows],
        next_cursor=encode_cursor("rejections", page.next_after),
    )
