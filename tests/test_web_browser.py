"""Every page in a real browser, on its main path: nothing fetched from elsewhere, no error."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.web_server import ARTICLE, ASSAY, COMPARE, LAW, RATE, TRAIN, served

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None and os.environ.get("CHIPASSAY_BROWSER") == "required":
    pytest.fail("Chromium is missing; on Debian: apt install chromium", pytrace=False)
if CHROMIUM is None:
    pytest.skip("Chromium is missing; on Debian: apt install chromium", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe-core here")

PAGES = {"assay": ASSAY, "compare": COMPARE, "law": LAW, "train": f"{TRAIN}&search=true",
         "serve": RATE, "check": "/check?example=yes", "catalogue": "/catalogue",
         "chip": "/catalogue?chip=h20"}  # fmt: skip
MOST_MS = 20_000
ALIKE = [[".gantt svg"], ["#chips tbody tr:nth-child(n+9)"]]
each_page = pytest.mark.parametrize("url", PAGES.values(), ids=PAGES)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served() as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as play:
        launched = play.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield launched
        launched.close()


class Seen:
    """What a page did that it should not have."""

    def __init__(self) -> None:
        self.outside: list[str] = []
        self.errors: list[str] = []


def opened(browser: Any, address: str, seen: Seen, **how: Any) -> Any:
    context = browser.new_context(base_url=address, **how)
    context.set_default_timeout(MOST_MS)
    page = context.new_page()

    def watch(route: Any) -> None:
        if route.request.url.startswith((f"{address}/", "data:", "blob:")):
            route.continue_()
            return
        seen.outside.append(route.request.url)
        route.abort()

    context.route("**/*", watch)

    def said(message: Any) -> None:
        if message.type in ("error", "warning"):
            seen.errors.append(message.text)

    page.on("console", said)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    return page


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    seen = Seen()
    found = opened(browser, address, seen)
    yield found
    found.context.close()
    assert seen.outside == []
    assert seen.errors == []


def findings(page: Any, *rules: str) -> list[str]:
    """What axe-core calls serious or worse, by all its rules or by these.

    Of the picture of a step, whose thousand boxes take it minutes, only the frame is looked at; of
    the list of chips, the first rows.
    """
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": [*rules]}
    result = axe.Axe().run(page, context={"exclude": ALIKE}, options=options)
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:160]}"
        for each in result.response["violations"]
        if each["impact"] in ("serious", "critical")
    ]


def told(page: Any, words: str) -> None:
    playwright.expect(page.locator(".verdict h2")).to_contain_text(words, timeout=MOST_MS)


def settled(page: Any, url: str) -> None:
    """Open a page, and wait until nothing is worked on any more."""
    page.goto(url)
    page.wait_for_selector(".verdict:visible, .upload:visible")
    page.wait_for_selector(".waiting", state="detached")


@each_page
def test_a_page_opens_with_no_error_and_no_serious_finding(
    browser: Any, address: str, url: str
) -> None:
    seen = Seen()
    page = opened(browser, address, seen, bypass_csp=True)
    settled(page, url)
    found = findings(page)
    page.click("#theme")  # the same page in the dark, where only its colours differ
    found += findings(page, "color-contrast")
    page.context.close()
    assert found == []
    assert (seen.outside, seen.errors) == ([], [])


def test_the_checker_finds_what_is_wrong(browser: Any, address: str) -> None:
    page = opened(browser, address, Seen(), bypass_csp=True)
    page.goto("/check")
    page.evaluate("document.querySelector('main').innerHTML = '<input><img src=\"data:,\">'")
    found = findings(page)
    page.context.close()
    assert any(each.startswith("image-alt") for each in found)
    assert any(each.startswith("label") for each in found)


@each_page
def test_a_page_fits_a_narrow_screen(browser: Any, address: str, url: str) -> None:
    page = opened(browser, address, Seen(), viewport={"width": 390, "height": 800})
    settled(page, url)
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.context.close()
    assert wide <= 390


@each_page
def test_a_page_prints_and_works_without_a_script(browser: Any, address: str, url: str) -> None:
    page = opened(browser, address, Seen(), java_script_enabled=False)
    page.goto(f"{url}{'&' if '?' in url else '?'}wait=true")
    assert page.locator("main").inner_text().strip()
    page.emulate_media(media="print")
    assert not page.locator("header nav").is_visible()
    page.context.close()


def test_a_new_reader_finds_both_days_and_the_cut(page: Any) -> None:
    settled(page, "/")
    page.click("text=H20 to China, 1 June 2025")
    told(page, "on 2025-06-01: licence needed, by letter")
    assert "on=2025-06-01" in page.url
    assert page.locator(".tile.loss").count() == 3
    assert "BF16 matrix rate" in page.inner_text(".glance")
    page.click("text=the same on 15 August 2025")
    told(page, "on 2025-08-15: licence needed, by letter")
    assert "some licences were issued" in page.inner_text(".verdict")
    page.fill("[name=on]", "2025-03-01")
    page.click("text=Ask")
    told(page, "on 2025-03-01: no licence needed")
    page.go_back()
    told(page, "on 2025-08-15")


def test_why_opens_the_derivation_of_a_figure(page: Any) -> None:
    settled(page, ASSAY)
    page.click("a.why[href='#why-train.throughput_ratio']")
    dialog = page.locator("dialog#why")
    assert dialog.is_visible()
    assert "dense_bf16" in dialog.inner_text()
    page.keyboard.press("Escape")
    assert not dialog.is_visible()


def test_a_chart_can_be_explored_and_offers_no_upload(page: Any) -> None:
    settled(page, LAW)
    for _ in range(page.locator(".explore").count()):
        page.locator(".explore").first.click()
        page.wait_for_timeout(100)
    page.wait_for_selector(".js-plotly-plot .modebar", state="attached")
    titles = page.eval_on_selector_all(
        "[data-title]", "all => all.map(each => each.dataset.title.toLowerCase())"
    )
    assert not [each for each in titles if "share" in each or "cloud" in each or "edit" in each]


@pytest.mark.parametrize("url", [LAW, ASSAY], ids=["law", "assay"])
def test_the_slider_moves_the_verdict(page: Any, url: str) -> None:
    settled(page, url)
    assert "licence needed" in page.inner_text(".verdict h2")
    page.focus("#day")
    page.keyboard.press("Home")
    told(page, "on 2022-01-01")
    assert "no licence needed" in page.inner_text(".verdict h2")
    assert "on=2022-01-01" in page.url
    assert page.evaluate("document.activeElement.id") == "day"


def test_a_pasted_article_is_marked_and_its_cards_tell_the_verdicts(page: Any) -> None:
    page.goto("/check")
    page.fill("#text", ARTICLE)
    page.click("text=Check it")
    page.wait_for_selector(".claim")
    assert page.locator("mark").count() >= 3
    assert "right for another chip" in page.inner_text(".claims")
    assert "<script>alert(1)</script>" in page.inner_text(".reading .text")


def test_a_checked_text_is_handed_out_again_as_a_file(page: Any) -> None:
    page.goto("/check?example=yes")
    page.click("text=Check it")
    page.wait_for_selector(".claim")
    with page.expect_download() as waited:
        page.click("[data-again=json]")
    answer = json.loads(Path(waited.value.path()).read_text())
    assert len(answer["answer"]["claims"]) >= 4


def test_a_trace_is_handed_over_and_simulated(page: Any, tmp_path: Path) -> None:
    lines = [f"2023-11-16 18:17:{n:02d}.0000000,{500 + n},{20 + n}" for n in range(40)]
    file = tmp_path / "requests.csv"
    file.write_text("\n".join(["TIMESTAMP,ContextTokens,GeneratedTokens", *lines]))
    page.goto("/serve")
    for name, value in (("model", "llama3.1-70b"), ("chip", "h20"), ("chips", "8")):
        page.fill(f"[name={name}]", value)
    page.click("text=Hand over a trace")
    page.set_input_files("#file", str(file))
    page.click("text=Use the trace")
    page.wait_for_selector("text=Of 40 simulated requests")
    assert page.locator("svg[aria-label='Requests that run']").is_visible()


def test_a_dropped_article_is_read(page: Any, tmp_path: Path) -> None:
    file = tmp_path / "story.html"
    file.write_text(f"<html><body><p>{ARTICLE.partition('<')[0]}</p></body></html>")
    page.goto("/check")
    page.set_input_files("#file", str(file))
    page.click("text=Check it")
    page.wait_for_selector(".claim")
    assert "story.html" in page.inner_text(".verdict")


def test_a_search_can_be_cancelled_and_keeps_what_it_found(page: Any) -> None:
    page.goto("/train?model=deepseek-v3&chip=h20&chips=2048&search=true&batch=1024..16384")
    page.wait_for_selector(".waiting table.plans")
    assert page.locator("progress[max]").count() == 1
    assert page.locator(".waiting table.plans tbody tr").count() >= 1
    playwright.expect(page.locator(".seconds")).to_contain_text("plans", timeout=MOST_MS)
    page.click(".cancel")
    assert page.inner_text(".working strong") == "Cancelled"
    assert page.locator(".waiting table.plans tbody tr").count() >= 1


def test_a_search_ends_in_its_best_plans(page: Any) -> None:
    page.goto(f"{TRAIN}&search=true")
    assert page.wait_for_selector("text=The best plans") is not None


def test_the_catalogue_can_be_filtered_and_leads_to_sources(page: Any) -> None:
    page.goto("/catalogue")
    page.fill("input[type=search]", "h20 96")
    assert page.locator("#chips tbody tr:visible").count() == 1
    page.click("#chips tbody tr:visible a")
    page.wait_for_url("**/catalogue?chip=*", wait_until="load")
    page.click("#figure-memory_bandwidth a.cite >> nth=0")
    assert page.locator("#sources").get_attribute("open") is not None


def test_the_keyboard_reaches_the_answer_first(page: Any) -> None:
    settled(page, ASSAY)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the answer"
    page.click("#theme")
    assert page.evaluate("document.documentElement.dataset.theme") in ("light", "dark")
