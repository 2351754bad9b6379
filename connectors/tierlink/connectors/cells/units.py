"""Unit words in Chinese, English and German, and SAP's codes, to UN/ECE Recommendation 20 (packages: Rec 21, ``X``)."""

from __future__ import annotations

from typing import Final

from tierlink.connectors.cells.messages import ValueRefusedError
from tierlink.connectors.cells.texts import clean_text

__all__ = ["is_unit", "parse_unit"]

_WORDS: Final[dict[str, str]] = {
    "H87": "zea 個 隻 pcs pc pce piece pieces each ea unit units "
    " st stk stck stück stueck stücke stuck nos 个 件 只 台 支 根 枚 "
    "颗 粒 片 块 条 把 pcs. ea. stk. st. pz c62 h87",
    "SET": "set sets satz sätze saetze garnitur 套 组 副",
    "PR": "pair pairs paar prs paa 双 对",
    "DZN": "dozen dozens dz doz dtz dutzend 打",
    "MIL": "thousand tausend tsd 千个 千件 千只 mil kpcs 1000pcs",
    "CEN": "hundred hundert 百个 百件",
    "KGM": "kg kgs kilo kilos kilogram kilograms kilogramm kgm 公斤 千克",
    "GRM": "g gr gram grams gramm grm 克",
    "TNE": "t to ton tons tonne tonnes tonnen tne mt 吨 公吨",
    "MTR": "m meter meters metre metres mtr lfm 米 公尺",
    "CMT": "cm centimeter zentimeter cmt 厘米",
    "MMT": "mm millimeter mmt 毫米",
    "KMT": "km kilometer kmt 千米 公里",
    "MTK": "m2 m² qm sqm mtk 平方米 平米 平方",
    "MTQ": "m3 m³ cbm kbm mtq 立方米 立方 方",
    "LTR": "l ltr liter liters litre litres 升 公升",
    "MLT": "ml milliliter millilitre mlt 毫升",
    "HUR": "h hr hrs hour hours std stunde stunden hur 小时",
    "XBX": "box boxes bx schachtel xbx 盒",
    "XCT": "carton cartons ctn ctns ct karton kartons kar kt xct 箱 纸箱",
    "XBG": "bag bags beutel sack säcke saecke btl xbg 袋 包",
    "XPX": "pallet pallets palette paletten pal plt xpx 托 托盘 板",
    "XRO": "roll rolls rolle rollen rol xro 卷 盘",
    "XPK": "pack packs package packages pak pck pkg packung packungen xpk",
    "XBO": "bottle bottles flasche flaschen fla xbo 瓶",
    "XCA": "can cans dose dosen xca 罐",
    "XDR": "drum drums fass fässer faesser trommel xdr 桶",
    "ST": "sheet sheets blatt bogen 张",
}
_CODES: Final[dict[str, str]] = {
    clean_text(word).casefold(): code for code, words in _WORDS.items() for word in words.split()
}
EXAMPLES: Final = "PCS, 个, Stk, KG, M, SET"


def is_unit(text: str) -> bool:
    """Tell whether a word (in a heading, say) is a unit."""
    return _key(text) in _CODES


def parse_unit(text: str) -> str:
    """Give the Rec 20 code of a unit word. SAP's ``ST`` is a piece (Stück), not Rec 20's sheet.

    Raises:
        ValueRefusedError: the word is not in the list; nothing is guessed.
    """
    code = _CODES.get(_key(text))
    if code is None:
        raise ValueRefusedError("unit-unknown", text, expected=EXAMPLES)
    return code


def _key(text: str) -> str:
    return clean_text(text).casefold().strip(" ()[].")
