"""The pages in a real Chromium, at desktop and phone width: from a supplier to the cell, by mouse and by keyboard."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
import uvicorn
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from conftest import free_port
from tierlink.api.app import create_app
from tierlink.api.settings import ApiSettings
from tierlink.projector.batch import write_batch
from tierlink.projector.rows import Record
from tierlink.schemas.kpis import LineState
from tierlink.schemas.topics import KPI_OTD
from tierlink.store.database import open_writer, rebuild, writing
from tierlink.store.progress import note_progress
from unit.store.seed import NOW, Seed, make_seed

pytestmark = pytest.mark.browser

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
DRIVER = shutil.which("chromedriver")
SIZES = {"desktop": (1280, 800), "phone": (375, 720)}
SWITCHES = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--lang=en",
)  # fmt: skip


@pytest.fixture(scope="module")
def seed() -> Seed:
    return make_seed()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, seed: Seed) -> Path:
    home = tmp_path_factory.mktemp("pages")
    engine = open_writer(f"sqlite:///{home}/read-model.db")
    rebuild(engine, NOW)
    write_batch(engine, "tierlink.", seed.records, NOW)
    with writing(engine) as session:
        note_progress(session, checked_at=NOW, lag_records=0, is_caught_up=True)
    engine.dispose()
    return home


@pytest.fixture(scope="module")
def site(home: Path) -> Iterator[str]:
    """The application on a real port."""
    port = free_port()
    settings = ApiSettings(home=home, api_port=port, api_refresh_seconds=1)
    app = create_app(settings, now=lambda: NOW + timedelta(seconds=5))
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        thread.join(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    if not CHROMIUM or not DRIVER:
        pytest.skip("no Chromium with chromedriver on this machine")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for switch in (*SWITCHES, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, Service(DRIVER))
    driver.set_page_load_timeout(60)
    yield driver
    driver.quit()


@pytest.fixture(params=SIZES)
def browser(
    request: pytest.FixtureRequest, chromium: webdriver.Chrome
) -> Iterator[webdriver.Chrome]:
    """At one width, in English; asserts at the end that the console stayed empty."""
    width, height = SIZES[request.param]
    chromium.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {
            "width": width,
            "height": height,
            "deviceScaleFactor": 1,
            "mobile": request.param == "phone",
        },
    )
    chromium.delete_all_cookies()
    chromium.get_log("browser")
    yield chromium
    assert [entry["message"] for entry in chromium.get_log("browser")] == []


def paths(seed: Seed) -> list[str]:
    line = next(one for one in seed.lines if one.state is LineState.LATE)
    return [
        "/",
        "/suppliers/100451",
        f"/lines/{quote(line.line_id, safe='')}",
        f"/events/{line.evidence[1]}",
        "/files",
    ]


def await_address(browser: webdriver.Chrome, part: str) -> None:
    WebDriverWait(browser, 20).until(lambda found: part in unquote(found.current_url))


def click(browser: webdriver.Chrome, element: WebElement) -> None:
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
    element.click()


def text_of(browser: webdriver.Chrome) -> str:
    return browser.find_element(By.TAG_NAME, "main").text


def test_from_a_supplier_to_the_cell(browser: webdriver.Chrome, site: str, seed: Seed) -> None:
    line = next(x for x in seed.lines if x.supplier.id == "100451" and x.state is LineState.LATE)
    browser.get(site)
    click(browser, browser.find_element(By.LINK_TEXT, "Northfield Castings Ltd"))
    await_address(browser, "/suppliers/100451")
    click(browser, browser.find_element(By.PARTIAL_LINK_TEXT, "missed"))
    await_address(browser, "state=late-ones")
    click(browser, browser.find_element(By.LINK_TEXT, f"{line.po_no} / {line.po_line}"))
    await_address(browser, line.line_id)
    assert f"Late by {line.late_by_days} day" in text_of(browser)
    stories = browser.find_elements(By.CSS_SELECTOR, ".story tbody tr")
    promise = next(row for row in stories if "Promised for" in row.text)
    click(browser, promise.find_element(By.TAG_NAME, "a"))
    await_address(browser, "/events/")
    cell = browser.find_element(By.CSS_SELECTOR, "a.cell")
    row = cell.find_element(By.XPATH, "./ancestor::tr")
    assert line.first_promised_on is not None
    assert cell.text == row.get_attribute("id")
    assert f"{line.first_promised_on:%d.%m.%Y}" in row.text
    click(browser, browser.find_element(By.PARTIAL_LINK_TEXT, "送货台账"))
    await_address(browser, "/files/")
    assert "2026-02-30 is no day of the calendar" in text_of(browser)


def test_no_page_scrolls_sideways(browser: webdriver.Chrome, site: str, seed: Seed) -> None:
    for path in paths(seed):
        for language in ("en", "zh", "de"):
            browser.get(f"{site}{path}?lang={language}")
            inside, outside = browser.execute_script(
                "const root = document.documentElement; return [root.scrollWidth, root.clientWidth]"
            )
            assert inside <= outside, (path, language)


def test_the_language_is_switched_and_kept(browser: webdriver.Chrome, site: str) -> None:
    browser.get(f"{site}/suppliers/100451")
    click(browser, browser.find_element(By.LINK_TEXT, "中文"))
    await_address(browser, "lang=zh")
    assert "准时交付率" in text_of(browser)
    browser.get(site)
    assert "供应商准时交付情况" in text_of(browser)
    root = browser.find_element(By.TAG_NAME, "html")
    assert root.get_attribute("lang") == "zh-Hans"


def test_everything_is_reached_by_keyboard(browser: webdriver.Chrome, site: str) -> None:
    browser.get(site)
    keyboard = browser.switch_to
    found: list[str] = []
    for _ in range(60):
        keyboard.active_element.send_keys(Keys.TAB)
        active = browser.execute_script(
            "const one = document.activeElement; const box = one.getBoundingClientRect();"
            "const style = getComputedStyle(one);"
            "return [one.tagName, one.textContent.trim(), box.width * box.height, style.outlineStyle]"
        )
        if active[0] == "BODY":
            break
        found.append(active[1])
        assert active[2] > 0, active
        assert active[3] != "none", active
    assert found[0] == "Skip to content"
    assert "Northfield Castings Ltd" in found
    assert "What does this number mean?" in found
    browser.get(site)
    keyboard.active_element.send_keys(Keys.TAB)
    keyboard.active_element.send_keys(Keys.ENTER)
    keyboard.active_element.send_keys(Keys.TAB)
    first = browser.execute_script("return document.activeElement.closest('main') !== null")
    assert first is True
    supplier = browser.find_element(By.LINK_TEXT, "Weber Präzisionsteile GmbH")
    supplier.send_keys(Keys.ENTER)
    await_address(browser, "/suppliers/100377")


def test_news_appear_by_themselves_and_what_was_opened_stays_open(
    browser: webdriver.Chrome, site: str, home: Path, seed: Seed
) -> None:
    browser.get(site)
    summary = browser.find_element(By.CSS_SELECTOR, "#meaning summary")
    click(browser, summary)
    summary.send_keys("")
    record = next(
        one for one in seed.records if one.topic is KPI_OTD and b"100999" in (one.key or b"")
    )
    engine = open_writer(f"sqlite:///{home}/read-model.db")
    try:
        totals = [one for one in seed.records if one.topic is KPI_OTD and one.key == b"100999||all"]
        write_batch(engine, "tierlink.", [Record(KPI_OTD, 0, 900, b"100999||all", None)], NOW)
        WebDriverWait(browser, 20).until(lambda found: "100999" not in text_of(found))
        assert browser.find_element(By.ID, "meaning").get_attribute("open") == "true"
        write_batch(engine, "tierlink.", totals, NOW)
        WebDriverWait(browser, 20).until(lambda found: "100999" in text_of(found))
    finally:
        engine.dispose()
    assert record.value is not None


def test_it_reads_the_same_without_javascript(
    browser: webdriver.Chrome, site: str, seed: Seed
) -> None:
    texts: dict[bool, list[Any]] = {}
    for disabled in (False, True):
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": disabled})
        texts[disabled] = []
        for path in paths(seed):
            browser.get(f"{site}{path}?lang=de")
            texts[disabled].append(text_of(browser))
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert texts[False] == texts[True]


def test_colours_are_readable_in_both_schemes(
    browser: webdriver.Chrome, site: str, seed: Seed
) -> None:
    """WCAG AA: text against what is behind it, 4.5 to 1 (3 to 1 from 24 px, or 18.7 px bold)."""
    for scheme in ("light", "dark"):
        browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
        )
        for path in paths(seed):
            browser.get(f"{site}{path}?lang=en")
            assert browser.execute_script(CONTRAST) == [], (scheme, path)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


CONTRAST = """
const numbers = (text) => (text.match(/[0-9.]+/g) || []).map(Number);
const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
  .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const behind = (one) => {
  for (let at = one; at; at = at.parentElement) {
    const colour = numbers(getComputedStyle(at).backgroundColor);
    if (colour.length === 3 || colour[3] === 1) return colour;
  }
  return [255, 255, 255];
};
const bad = [];
for (const one of document.querySelectorAll("body *:not(svg):not(svg *)")) {
  const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  if (!own || !one.getClientRects().length) continue;
  const style = getComputedStyle(one);
  const [a, b] = [light(numbers(style.color)), light(behind(one))].sort((x, y) => y - x);
  const size = parseFloat(style.fontSize);
  const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  const ratio = (a + 0.05) / (b + 0.05);
  if (ratio < (large ? 3 : 4.5)) bad.push([one.className, one.textContent.trim().slice(0, 30), ratio]);
}
return bad;
"""


def test_the_api_documentation_needs_nobody_else(browser: webdriver.Chrome, site: str) -> None:
    browser.get(f"{site}/docs")
    WebDriverWait(browser, 30).until(lambda found: "/api/v1/suppliers" in found.page_source)
    loaded = browser.execute_script(
        "return performance.getEntriesByType('resource').map((one) => one.name)"
    )
    assert loaded
    assert all(address.startswith((site, "data:", "blob:")) for address in loaded)
