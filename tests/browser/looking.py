"""What a reader would see or miss on a page: text that is cut off, covered or faint, and what no key reaches."""

from __future__ import annotations

from simcons.report.palette import ON_STRONG

WIDER = """() => [...document.querySelectorAll('body *')]
    .filter((each) => each.scrollWidth > 1 + each.clientWidth && getComputedStyle(each).overflowX !== "visible")
    .filter((each) => !each.matches(".scroll") && !each.closest("select")).map((each) => each.outerHTML.slice(0, 200))"""

# Labels that stand aslant have corners that overlap; letters of theirs do not.
COVERED = """() => [...document.querySelectorAll('figure svg')].flatMap((svg) => {
    const aslant = (text) => /rotate\\(-?[1-9]/.test(text.getAttribute('transform'));
    const texts = [...svg.querySelectorAll('text')].filter((text) => text.textContent.trim() && !aslant(text));
    const boxes = texts.map((text) => [text.textContent, text.getBoundingClientRect()]).filter(([, box]) => box.width);
    const whole = svg.getBoundingClientRect();
    const out = (box) => box.left < whole.left - 1 || box.right > whole.right + 1 || box.bottom > whole.bottom + 1;
    const across = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = (a, b) => Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    const over = boxes.flatMap(([text, a], place) => boxes.slice(0, place)
        .filter(([, b]) => across(a, b) > 2 && down(a, b) > 3).map(([other]) => `${text} on ${other}`));
    return [...boxes.filter(([text, box]) => out(box) || text.includes("…")).map(([text]) => `${text} is cut`), ...over];
})"""

# Contrast as in WCAG 2.2, 1.4.3. Light numbers on the dark cells of a grid have these behind them, which the page cannot tell.
FAINT = f"""() => {{
    const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const linear = (channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);
    const luminance = (colour) => parts(colour).slice(0, 3)
        .reduce((sum, channel, k) => sum + linear(channel / 255) * [0.2126, 0.7152, 0.0722][k], 0);
    const behind = (each) => {{
        for (; each; each = each.parentElement) {{
            const colour = getComputedStyle(each).backgroundColor;
            if ((parts(colour)[3] ?? 1) > 0) return colour;
        }}
        return "rgb(255, 255, 255)";
    }};
    const contrast = (each) => {{
        const style = getComputedStyle(each);
        const both = [each.closest('svg') ? style.fill : style.color, behind(each)];
        const [low, high] = both.map(luminance).sort((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
    }};
    const says = (each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    return [...document.querySelectorAll('body *')]
        .filter((each) => says(each) && each.getClientRects().length)
        .filter((each) => !each.closest('script, style, option, [fill="{ON_STRONG}"]'))
        .map((each) => [contrast(each), each.textContent.trim().slice(0, 60)])
        .filter(([ratio]) => ratio < 4.5).map(([ratio, text]) => `${{ratio.toFixed(1)}}: ${{text}}`);
}}"""

_FOCUSED = """() => {
    const each = document.activeElement;
    each.dataset.reached = "yes";
    const shut = each.matches("details:not([open]) > summary");
    return { shut, ring: getComputedStyle(each).outlineStyle, end: each === document.body };
}"""
_UNREACHED = """() => [...document.querySelectorAll('a[href], summary, select, input, button, [tabindex="0"]')]
    .filter((each) => each.checkVisibility({ contentVisibilityAuto: true }) && each.getClientRects().length)
    .filter((each) => !each.disabled && !each.dataset.reached).map((each) => each.outerHTML.slice(0, 120))"""
_MADE = "document.activeElement.parentElement.open && document.activeElement.parentElement.childElementCount > 1"
_MOST = 600  # keys: more than any page of a test needs


def open_all(page):
    """Open what can be opened, also within what was opened before."""
    page.evaluate("""async () => {
        for (let shut; (shut = [...document.querySelectorAll("details:not([open])")]).length; ) {
            for (const each of shut) each.open = true;
            await new Promise((done) => setTimeout(done, 20));
        }
    }""")


def walk(page):
    """Go through the page by Tab alone, and open what is shut by Enter.

    Returns what was not reached, and what was reached without a ring around it.
    """
    unseen = []
    for _ in range(_MOST):
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        if focused["end"]:
            break
        if focused["ring"] == "none":
            unseen.append(page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
        if focused["shut"]:
            page.keyboard.press("Enter")
            page.wait_for_function(_MADE)  # what a page makes when it is opened comes a moment later
    return [*unseen, *page.evaluate(_UNREACHED)]
