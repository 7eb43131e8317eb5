"""Discord's Markdown, as it is set on the page."""

from __future__ import annotations

import html
import re

import pytest
from playwright.async_api import expect

from tests.page.scripted_bot import Open

pytestmark = pytest.mark.asyncio(loop_scope="session")

P = "<p>{}</p>"
CASES = {
    "plain text": ("a fox", "<p>a fox</p>"),
    "two lines": ("a\nb", "<p>a<br>b</p>"),
    "html is text": ("<b>x</b> &amp; <img src=x onerror=alert(1)>", None),
    "bold": ("**a**", "<p><strong>a</strong></p>"),
    "italic by stars": ("*a*", "<p><em>a</em></p>"),
    "italic by lines": ("_a_", "<p><em>a</em></p>"),
    "no italic within a word": ("snake_case_name", "<p>snake_case_name</p>"),
    "no italic beside blanks": ("2 * 3 * 4", "<p>2 * 3 * 4</p>"),
    "bold and italic": ("***a***", "<p><strong><em>a</em></strong></p>"),
    "italic in bold": ("**a *b* c**", "<p><strong>a <em>b</em> c</strong></p>"),
    "underlined": ("__a__", "<p><u>a</u></p>"),
    "struck": ("~~a~~", "<p><s>a</s></p>"),
    "styles within styles": ("__**~~a~~**__", "<p><u><strong><s>a</s></strong></u></p>"),
    "an open style is text": ("**a", "<p>**a</p>"),
    "escaped": (r"\*a\* \_b\_ \\", r"<p>*a* _b_ \</p>"),
    "no link behind an escaped colon": (
        r"**https\://example.org/a\_b?c=d**",
        "<p><strong>https://example.org/a_b?c=d</strong></p>",
    ),
    "escaped within a style": (r"**a \*\* b**", "<p><strong>a ** b</strong></p>"),
    "code": ("`a *b*`", "<p><code>a *b*</code></p>"),
    "code with a backtick": ("``a ` b``", "<p><code>a ` b</code></p>"),
    "a block of code": ("```\na *b*\n```", "<pre><code>a *b*</code></pre>"),
    "a block of code with its language": ("```py\nx = 1\n```", '<pre data-language="py"><code>x = 1</code></pre>'),
    "a block of code on one line": ("see ```x```", "<p>see </p><pre><code>x</code></pre>"),
    "headings": ("# a\n## b\n### c", "<h1>a</h1><h2>b</h2><h3>c</h3>"),
    "no heading without a blank": ("#a", "<p>#a</p>"),
    "no fourth heading": ("#### a", "<p>#### a</p>"),
    "small print": ("-# a **b**", '<p class="subtext">a <strong>b</strong></p>'),
    "a quote": ("> a\n> b\nc", "<blockquote><p>a<br>b</p></blockquote><p>c</p>"),
    "a quote to the end": (">>> a\nb", "<blockquote><p>a<br>b</p></blockquote>"),
    "no quote without a blank": (">a", "<p>&gt;a</p>"),
    "a list": ("- a\n* b", "<ul><li>a</li><li>b</li></ul>"),
    "a list in a list": ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
    "a numbered list": ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
    "one list after another": ("- a\n1. b", '<ul><li>a</li></ul><ol start="1"><li>b</li></ol>'),
    "a mention": ("<@1100000000000000103>", '<p><span class="mention" data-user="1100000000000000103">@Ada</span></p>'),
    "an unknown person": ("<@1>", '<p><span class="mention" data-user="1">@unknown-user</span></p>'),
    "a role": ("<@&1100000000100000010>", '<p><span class="mention">@Moderators</span></p>'),
    "a channel": ("<#1100000000100000020>", '<p><button class="mention" type="button"># studio</button></p>'),
    "a command": ("</imagine:1>", '<p><span class="mention">/imagine</span></p>'),
    "everyone": ("@everyone", '<p><span class="mention">@everyone</span></p>'),
    "an emoji of a server": ("<a:fox:12>", '<p><span class="custom-emoji" title=":fox:">:fox:</span></p>'),
    "emoji": ("🦊 ❤️", "<p>🦊 ❤️</p>"),
    "no script by a link": ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>"),
    "right to left": ("**قارب** ورقي", "<p><strong>قارب</strong> ورقي</p>"),
}


async def render(open_page: Open, texts: list[str]) -> list[str]:
    page = await open_page()
    script = "(all) => import('/js/markdown.js').then(({ markdown }) => all.map((one) => markdown(one).innerHTML))"
    rendered: list[str] = await page.evaluate(script, texts)
    return rendered


async def test_every_mark_renders_as_on_discord(open_page: Open) -> None:
    rendered = await render(open_page, [text for text, _ in CASES.values()])
    found = dict(zip(CASES, rendered, strict=True))
    expected = {name: wanted or P.format(html.escape(text, quote=False)) for name, (text, wanted) in CASES.items()}
    assert found == expected


@pytest.mark.parametrize(
    ("text", "address", "shown"),
    [
        ("https://example.org/a_b_c", "https://example.org/a_b_c", "https://example.org/a_b_c"),
        ("see https://example.org/x.", "https://example.org/x", "https://example.org/x"),
        ("<https://example.org/a?b=c>", "https://example.org/a?b=c", "https://example.org/a?b=c"),
        ("[**bold** link](https://example.org/)", "https://example.org/", "bold link"),
        ("[a](<https://example.org/(x)>)", "https://example.org/(x)", "a"),
    ],
)
async def test_links_open_outside_without_a_referrer(open_page: Open, text: str, address: str, shown: str) -> None:
    (rendered,) = await render(open_page, [text])
    match = re.search(r'<a href="([^"]*)" target="_blank" rel="noopener noreferrer"[^>]*>(.*)</a>', rendered)
    assert match, rendered
    assert html.unescape(match[1]) == address
    assert html.unescape(re.sub("<[^>]*>", "", match[2])) == shown


async def test_a_spoiler_opens_by_click_and_by_key(open_page: Open) -> None:
    page = await open_page()
    await page.fill("#text", "||first|| and ||second||")
    await page.keyboard.press("Enter")
    covers = page.locator(".content .spoiler")
    await expect(covers.first.locator(".spoiler-text")).to_be_hidden()
    await covers.first.click()
    await expect(covers.first.locator(".spoiler-text")).to_be_visible()
    await covers.last.focus()
    await page.keyboard.press("Enter")
    await expect(covers.last.locator(".spoiler-text")).to_be_visible()


async def test_relative_times_tick(open_page: Open) -> None:
    page = await open_page()
    await page.clock.install(time=1_790_000_000)
    await page.reload()
    await page.fill("#text", "<t:1790000000:R> <t:1790000090:R> <t:1790000000:D>")
    await page.keyboard.press("Enter")
    times = page.locator(".content time")
    await expect(times.last).to_have_text("21 September 2026")
    assert "second" in (await times.first.inner_text())
    await page.clock.fast_forward(180_000)
    await expect(times.first).to_have_text("3 minutes ago")
    await expect(times.nth(1)).to_have_text("2 minutes ago")


async def test_any_text_renders_quickly(open_page: Open) -> None:
    page = await open_page()
    nasty = [
        "*" * 4000,
        "_" * 4000,
        "||" * 2000,
        "`" * 3999,
        "[" * 4000,
        "> " * 2000,
        "<@" * 2000,
        "- a\n" * 900,
        "**a *b* " * 500,
    ]
    script = """
    (all) => import("/js/markdown.js").then(({ markdown }) => all.map((one) => {
      const began = performance.now();
      markdown(one);
      return performance.now() - began;
    }))"""
    took: list[float] = await page.evaluate(script, nasty)
    assert max(took) < 1000, took


async def test_spaces_and_digits_are_as_wide_as_in_a_font_for_text(open_page: Open) -> None:
    page = await open_page()
    measured = """character => {
        const font = `100px ${getComputedStyle(document.body).fontFamily}`;
        return Object.assign(document.createElement("canvas").getContext("2d"), { font }).measureText(character).width;
    }"""
    # An emoji font has both, more than a hundred pixels wide.
    assert await page.evaluate(measured, " ") < 50
    assert await page.evaluate(measured, "0") < 80
