"""The contract suite on every connector there is."""

from contract.connectors import samples as given
from contract.connectors.suite import ConnectorSuite
from tierlink.connectors.registry import CONNECTORS
from unit.intake import toy


class TestToyList(ConnectorSuite):
    settings = given.TOY_SETTINGS
    samples = given.TOY
    program = toy.PROGRAM


class TestErpExport(ConnectorSuite):
    settings = given.ERP_SETTINGS
    samples = given.ERP


class TestExcelLedger(ConnectorSuite):
    settings = given.LEDGER_SETTINGS
    samples = given.LEDGER


class TestCarrierStatus(ConnectorSuite):
    settings = given.CARRIER_SETTINGS
    samples = given.CARRIER


def test_every_registered_connector_goes_through_the_suite():
    tested = {suite.settings.kind for suite in ConnectorSuite.__subclasses__()}

    assert tested >= set(CONNECTORS)
