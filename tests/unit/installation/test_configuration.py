"""tierlink.yaml: a first one that works, and refusals that say what is allowed."""

import pytest

from tierlink.installation.configuration import read_configuration, write_first_configuration
from tierlink.installation.errors import ConfigurationError


@pytest.fixture
def file(tmp_path):
    return tmp_path / "home" / "tierlink.yaml"


def test_the_first_configuration_is_valid_and_has_the_three_feeds(file):
    assert write_first_configuration(file, "ACME", "Europe/Berlin")
    configuration = read_configuration(file)
    assert configuration.buyer == "ACME"
    assert configuration.zone == "Europe/Berlin"
    assert [(feed.name, feed.kind, feed.folder) for feed in configuration.feeds] == [
        ("ledgers", "excel-ledger", "inbox/suppliers"),
        ("erp", "erp-export", "inbox/erp"),
        ("carrier", "carrier-status", "inbox/carrier"),
    ]
    assert {feed.buyer for feed in configuration.feeds} == {"ACME"}


def test_one_that_is_there_is_left_alone(file):
    file.parent.mkdir()
    file.write_text("mine")
    assert not write_first_configuration(file, "ACME", "UTC")
    assert file.read_text() == "mine"


FEED = "{name: erp, kind: erp-export, folder: in}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "expected settings such as"),
        ("[1, 2]", "expected settings such as"),
        ("buyer: [", "tierlink.yaml"),
        (f"feeds: [{FEED}]", "buyer"),
        ("buyer: ACME", "'feeds' is missing"),
        ("buyer: ACME\nfeeds: []", "feeds"),
        ("buyer: ACME\nfeeds: [7]", "reading feed 1"),
        (
            "buyer: ACME\nfeeds: [{name: erp, kind: sap, folder: in}]",
            "allowed are carrier-status, erp-export, excel-ledger",
        ),
        (f"buyer: ACME\nzone: Mars/Base\nfeeds: [{FEED}]", "no such time zone"),
        (f"buyer: ACME\nzone: ../../etc/passwd\nfeeds: [{FEED}]", "no such time zone"),
        (f"buyer: ACME\nfeeds: [{FEED}, {FEED}]", "declared twice"),
        (f"buyer: ACME\ncolour: red\nfeeds: [{FEED}]", "there is no setting 'colour'"),
        (
            "buyer: ACME\nfeeds: [{name: erp, kind: erp-export, folder: in, colour: red}]",
            "there is no setting 'colour'",
        ),
        ("buyer: ACME\nfeeds: [{name: erp, kind: erp-export, folder: ../up}]", "'..'"),
        ("buyer: !!python/object/apply:os.system ['true']", "could not determine a constructor"),
    ],
)
def test_what_is_wrong_is_named(file, text, says):
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(ConfigurationError) as refusal:
        read_configuration(file)
    assert says in str(refusal.value)
    assert str(file) in str(refusal.value)


def test_a_missing_file_says_who_writes_one(file):
    with pytest.raises(ConfigurationError, match="tierlink up"):
        read_configuration(file)


def test_a_feed_that_is_not_there_names_those_that_are(file):
    write_first_configuration(file, "ACME", "UTC")
    with pytest.raises(ConfigurationError, match="ledgers, erp, carrier"):
        read_configuration(file).feed("edi")
