"""Settings every feed has, whatever its connector. Unknown settings are refused."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

__all__ = ["FeedSettings", "Limits", "explain_settings"]


class Limits(BaseModel):
    """Bounds on what one file may cost. A file past a limit is held with that reason; nothing else suffers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_bytes_max: int = Field(
        default=200_000_000, gt=0, description="larger files are rejected unread"
    )
    inflated_bytes_max: int = Field(
        default=2_000_000_000, gt=0, description="what a zipped workbook may unpack to"
    )
    rows_max: int = Field(
        default=1_048_576, gt=0, description="rows of one sheet, Excel's own height"
    )
    columns_max: int = Field(
        default=1_024, gt=0, description="columns of one sheet; cells beyond are counted, not read"
    )
    sheets_max: int = Field(default=64, gt=0)
    cell_characters_max: int = Field(default=32_767, gt=0, description="Excel's own limit")
    reader_memory_bytes: int = Field(
        default=1_073_741_824, gt=0, description="address space of the reading child process"
    )
    reader_cpu_seconds: int = Field(
        default=120, gt=0, description="processor time of the reading child process"
    )


class FeedSettings(BaseModel):
    """One feed: a watched folder with one kind of file in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]{0,39}$",
        description="identifies the feed for ever: it is part of every event's identity",
    )
    kind: str = Field(description="connector, for example excel-ledger")
    folder: str = Field(description="watched folder, relative to the home folder or absolute")
    buyer: str = Field(min_length=1, description="code of the tier-1 the orders are from")
    decimal_mark: Literal["auto", ".", ","] = Field(
        default="auto",
        description="auto: decided per column over all its values, held when both fit",
    )
    date_order: Literal["auto", "dmy", "mdy", "ymd"] = Field(
        default="auto", description="auto: decided per column, held when two orders fit"
    )
    encodings: tuple[str, ...] = Field(
        default=("utf-8", "gb18030", "cp1252"),
        description="tried in order, strictly, for delimited files without a byte order mark",
    )
    currency: str | None = Field(
        default=None,
        pattern=r"^[A-Z]{3}$",
        description="for prices whose currency the sheet does not say",
    )
    unit: str = Field(
        default="H87",
        pattern=r"^[A-Z0-9]{2,3}$",
        description="Rec 20 unit for quantities whose unit the sheet does not say",
    )
    poll_seconds: float = Field(
        default=2.0,
        gt=0,
        description="how often the folder is looked at; a hint from the system makes it sooner",
    )
    settle_seconds: float = Field(
        default=1.0, ge=0, description="a file must be unchanged this long before it is taken"
    )
    limits: Limits = Limits()

    @field_validator("folder")
    @classmethod
    def _stays_below(cls, folder: str) -> str:
        if ".." in PurePosixPath(folder).parts:
            raise ValueError("a folder may not contain '..'")
        return folder


def explain_settings(error: ValidationError, settings: type[BaseModel]) -> str:
    """Say in one sentence per problem which setting is wrong, and which there are."""
    sentences = []
    for problem in error.errors(include_url=False):
        name = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            allowed = ", ".join(sorted(settings.model_fields))
            sentences.append(f"there is no setting {name!r}; allowed are {allowed}")
        else:
            sentences.append(f"setting {name!r}: {problem['msg']} (found {problem['input']!r})")
    return "; ".join(sentences)
