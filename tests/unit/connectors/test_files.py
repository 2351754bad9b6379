import zipfile

import pytest

from tierlink.connectors.cells.delimited import decide_delimiter, decide_encoding
from tierlink.connectors.cells.reading import read_table_file
from tierlink.connectors.contract import Row, SheetStart
from tierlink.connectors.errors import UnreadableFileError
from tierlink.connectors.settings import FeedSettings

LADDER = ("utf-8", "gb18030", "cp1252")
SETTINGS = FeedSettings(name="f", kind="excel-ledger", folder="in", buyer="ACME")
GERMAN = "Bestellnummer;Menge;Bemerkung\n4500;1;für Müller, grün und süß\n" * 3
CHINESE = "订单号,数量,备注\n4500,1,请尽快发货\n" * 3


def written(tmp_path, content):
    file = tmp_path / "a.csv"
    file.write_bytes(content)
    return file


def rows(tmp_path, content):
    found = list(read_table_file(written(tmp_path, content), SETTINGS))
    assert found[0] == SheetStart(None)
    return [[cell.text for cell in row.cells] for row in found if isinstance(row, Row)]


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "gb18030", "gb18030"),
        (CHINESE, "utf-8-sig", "utf-8-sig"),
        (CHINESE, "utf-16", "utf-16"),
        (GERMAN, "utf-16-le", "utf-16-le"),
        (GERMAN, "utf-16-be", "utf-16-be"),
        (GERMAN, "cp1252", "cp1252"),
        (GERMAN, "utf-8", "utf-8"),
        ("a,b\n" * 9, "ascii", "utf-8"),
    ],
)
def test_encodings_are_told_apart(tmp_path, text, encoding, expected):
    assert decide_encoding(written(tmp_path, text.encode(encoding)), LADDER) == expected


@pytest.mark.parametrize(
    ("lines", "delimiter"),
    [
        (["a;b;c\n", "1,5;2,5;3,5\n"], ";"),
        (["a,b,c\n", "x;y,2,3\n"], ","),
        (["a\tb\tc\n", "1,5\t2\t3\n"], "\t"),
        (["|a|b|c|\n", "|1|2|3|\n"], "|"),
        (["only one column\n"], ","),
    ],
)
def test_delimiters_are_told_apart(lines, delimiter):
    assert decide_delimiter(lines) == delimiter


def test_row_numbers_are_those_of_a_spreadsheet_program(tmp_path):
    file = written(tmp_path, b'sep=;\na;b\n\n"x\ny";2\n;;\n3;4')
    numbers = [row.number for row in read_table_file(file, SETTINGS) if isinstance(row, Row)]

    assert numbers == [1, 3, 5]
    assert rows(tmp_path, b"\xef\xbb\xbfa,b\r\n1,2") == [["a", "b"], ["1", "2"]]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "file-legacy-xls"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "file-password-protected",
        ),
        (b"\x09\x08\x10\x00\x00\x06", "file-legacy-xls"),
        (b"%PDF-1.7", "file-other-format"),
        (b"  <html><table>", "file-other-format"),
        (b"\xff\xfe" + "<html>".encode("utf-16-le"), "file-other-format"),
        (b"\0" * 5000, "file-damaged"),
        (b"a,b\n\x01\x02\x03\x04\x05\x06", "file-damaged"),
        (b'a,"b\n1,2\n', "file-quotes-broken"),
        (b"PK\x03\x04 and nothing more", "file-damaged"),
        (b"\x81\x8d,\x8f\n" * 50, "file-encoding-unknown"),
    ],
)
def test_what_is_no_table_is_named_for_what_it_is(tmp_path, content, code):
    with pytest.raises(UnreadableFileError) as refused:
        list(read_table_file(written(tmp_path, content), SETTINGS))

    assert refused.value.reason.code == code


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"xl/workbook.bin": ""}, "xlsb"),
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}, "ods"),
        ({"word/document.xml": ""}, "Word"),
        ({"ppt/presentation.xml": ""}, "PowerPoint"),
        ({"a.txt": ""}, "zip archive"),
    ],
)
def test_other_zips_are_named_for_what_they_are(tmp_path, members, found):
    with zipfile.ZipFile(tmp_path / "a.csv", "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)

    with pytest.raises(UnreadableFileError) as refused:
        list(read_table_file(tmp_path / "a.csv", SETTINGS))

    assert refused.value.reason.code == "file-other-format"
    assert found in (refused.value.reason.found or "")


@pytest.mark.parametrize(
    "members",
    [
        [("xl/a.xml", ""), ("XL/A.xml", "")],
        [("../a", "")],
        [("/etc/passwd", "")],
        [("[Content_Types].xml", '<!DOCTYPE x [<!ENTITY a "b">]><Types/>')],
    ],
)
def test_an_archive_excel_would_not_write_is_refused(tmp_path, members):
    with zipfile.ZipFile(tmp_path / "a.csv", "w") as archive:
        archive.writestr(
            "[content_types].xml" if members[0][0] != "[Content_Types].xml" else "b", ""
        )
        for name, text in members:
            archive.writestr(name, text)

    with pytest.raises(UnreadableFileError) as refused:
        list(read_table_file(tmp_path / "a.csv", SETTINGS))

    assert refused.value.reason.code == "file-unsafe-archive"


@pytest.mark.parametrize(
    ("limits", "content"),
    [({"rows_max": 2}, b"a,b\n1,2\n3,4\n"), ({"file_bytes_max": 5}, b"a,b\n1,2\n")],
)
def test_limits_are_told(tmp_path, limits, content):
    settings = FeedSettings.model_validate({**SETTINGS.model_dump(), "limits": limits})

    with pytest.raises(UnreadableFileError) as refused:
        list(read_table_file(written(tmp_path, content), settings))

    assert refused.value.reason.code == "file-past-limit"
