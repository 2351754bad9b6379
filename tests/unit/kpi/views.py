"""A result has two views: the model of the contract and the struct of the hot path. From one to the other."""

from __future__ import annotations

from typing import Any

import msgspec

from tierlink.kpi import results
from tierlink.kpi.statements import decode_hook
from tierlink.schemas import kpis
from tierlink.schemas.envelope import Data

STRUCTS: dict[type[Data], type[results.Result]] = {
    kpis.LineMeasured: results.LineMeasured,
    kpis.LineAssessed: results.LineAssessed,
    kpis.OnTimeDeliveryPublished: results.OnTimeDelivery,
    kpis.InventoryTurnoverPublished: results.InventoryTurnover,
}
MODELS = {struct: model for model, struct in STRUCTS.items()}


def struct_of(model: Data) -> Any:
    raw = model.model_dump_json(exclude_none=True)
    return msgspec.json.decode(raw, type=STRUCTS[type(model)], dec_hook=decode_hook)


def model_of(struct: results.Result) -> Any:
    return MODELS[type(struct)].model_validate_json(results.encode(struct))
