"""The guides for suppliers and ERP admins say what is so: headings, examples and settings are tried."""

import re
from pathlib import Path

import pytest
import yaml

from cases.case_folder import run_file
from tierlink.connectors.cells.headings import match_columns
from tierlink.connectors.erp_export.mapping import GOODS_RECEIPTS, PURCHASE_ORDERS
from tierlink.connectors.excel_ledger.mapping import ORDER_LEDGER, STOCK_LEDGER
from tierlink.connectors.registry import SETTINGS, load_feeds
from tierlink.connectors.settings import Limits

DOCS = Path(__file__).parents[2] / "docs"
SUPPLIER = (DOCS / "supplier-guide.md").read_text(encoding="utf-8")
ADMIN = (DOCS / "erp-admin-guide.md").read_text(encoding="utf-8")
OWN_SETTINGS = {
    name: kind for name, kind in SETTINGS.items() if kind.__module__.startswith("tierlink.")
}
"""Without the connectors that other tests register."""
MEANINGS = {
    "PO number": {"po_no"},
    "line": {"po_line"},
    "part number": {"item"},
    "ordered quantity": {"quantity"},
    "requested day": {"requested_on"},
    "promised day": {"promised_on"},
    "ship date": {"despatched_on"},
    "shipped quantity": {"despatched_quantity"},
    "delivery note": {"shipment_id"},
    "balance": {"balance"},
    "in / out": {"in_quantity", "out_quantity"},
}


def table(text, first):
    """Rows of the table whose heading begins with ``first``."""
    (found,) = re.findall(rf"^\| {first} \|.*\n\|[ -|]+\|\n((?:\|.*\n)+)", text, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|\n ").split("|")] for line in found.splitlines()]


def heading_examples():
    for meaning, *languages in table(SUPPLIER, "Meaning"):
        for heading in ",".join(languages).replace("/", ",").split(","):
            yield meaning, heading.strip()


@pytest.mark.parametrize(("meaning", "heading"), list(heading_examples()))
def test_headings_in_the_suppliers_guide_are_understood(meaning, heading):
    kind = STOCK_LEDGER if meaning in {"balance", "in / out"} else ORDER_LEDGER

    assert set(match_columns({1: (heading,)}, kind).columns) <= MEANINGS[meaning]
    assert match_columns({1: (heading,)}, kind).columns


@pytest.mark.parametrize(
    ("first", "kind"), [("Purchase orders", PURCHASE_ORDERS), ("Goods receipts", GOODS_RECEIPTS)]
)
def test_names_in_the_admins_guide_are_understood(first, kind):
    names = [
        name for row in table(ADMIN, first) for name in re.findall(r"\b[A-Z][A-Z0-9]{4}\b", row[1])
    ]

    assert len(names) >= 15
    for name in names:
        assert match_columns({1: (name,)}, kind).columns, name


@pytest.mark.parametrize(
    ("name", "types"),
    [("purchase_orders", ["placed", "changed", "cancelled"]), ("goods_receipts", ["received"])],
)
def test_the_example_exports_are_taken_whole(tmp_path, name, types):
    (example,) = re.findall(rf"^```csv {name}\n(.*?)^```", ADMIN, re.MULTILINE | re.DOTALL)
    file = tmp_path / f"{name}.csv"
    file.write_text(example, encoding="utf-8")

    result = run_file(file, kind="erp-export", name=file.name, settings={})

    assert result.rejected == []
    assert result.unknown_columns == []
    said = {fact["type"].split(".")[-2] for fact in result.facts if "type" in fact}
    assert said == set(types)


def test_the_example_configuration_is_valid_and_every_setting_is_explained():
    (example,) = re.findall(r"^```yaml\n(.*?)^```", ADMIN, re.MULTILINE | re.DOTALL)
    content = yaml.safe_load(example)

    feeds = load_feeds([{"buyer": content["buyer"], **feed} for feed in content["feeds"]])

    assert {feed.kind for feed in feeds} == OWN_SETTINGS.keys()
    explained = {name for row in table(ADMIN, "Setting") for name in re.findall(r"`(\w+)`", row[0])}
    assert explained == {name for kind in OWN_SETTINGS.values() for name in kind.model_fields}
    assert all(f"`{name}`" in ADMIN for name in Limits.model_fields)


@pytest.mark.parametrize("text", [SUPPLIER, ADMIN], ids=["supplier", "admin"])
def test_links_lead_somewhere(text):
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (DOCS / target).is_file(), target
