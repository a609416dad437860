"""The page's form: prompts, settings and the folds they are in."""

from playwright.sync_api import Locator, expect

from studio.page.setting_controls import ADVANCED, STRENGTHS
from tests.helpers.browser_page import FIELDS, PATIENCE, OpenPage

FRAMES = """n => new Promise(done => {
    const wait = () => n-- ? requestAnimationFrame(wait) : done();
    wait();
})"""
"""JavaScript: so many frames have been drawn."""


class Form(OpenPage):
    """Fill and read what a run is made with."""

    def prompt(self, part: str) -> Locator:
        """The field of a style, "object" or "background"."""
        return self.page.locator(FIELDS[part])

    def prompts(self, foreground: str, background: str) -> None:
        for part, text in zip(FIELDS, (foreground, background), strict=True):
            self.prompt(part).fill(text)

    def prompt_values(self) -> tuple[str, str]:
        return tuple(self.prompt(part).input_value() for part in FIELDS)

    def until_prompts(self, foreground: str, background: str) -> None:
        """The prompts are these, soon."""
        expect(self.prompt("object")).to_have_value(foreground, timeout=PATIENCE)
        expect(self.prompt("background")).to_have_value(background, timeout=PATIENCE)

    def open_fold(self, name: str) -> Locator:
        """A fold of the page, by its id, opened."""
        fold = self.page.locator(f"#{name}")
        head = fold.locator("> button").first
        if "open" not in (head.get_attribute("class") or "").split():
            head.click()
            # The page sets the controls once more, two frames after the fold has opened.
            self.page.evaluate(FRAMES, 6)
        return fold

    def choices(self, menu: str) -> list[str]:
        """The lines of a menu in its fold: "models", "method" or "mask-source"."""
        options = self._open_menu(menu)
        texts = options.all_inner_texts()
        self._close_menu(menu)
        return texts

    def choose(self, menu: str, line: str) -> None:
        """Choose from a menu in the fold the line that has this in it."""
        self._open_menu(menu).filter(has_text=line).first.click()
        self.until_true(f"document.querySelector('#{menu} input').value.includes({line!r})")
        self._close_menu(menu)

    def _open_menu(self, menu: str) -> Locator:
        self.open_fold("mask-fold" if menu == "mask-source" else "settings")
        self.page.locator(f"#{menu} input").click()
        options = self.page.locator(f"#{menu} [role=option]")
        options.first.wait_for()
        return options

    def _close_menu(self, menu: str) -> None:
        self.page.locator(f"#{menu} input").evaluate("input => input.blur()")
        self.page.locator(f"#{menu} [role=option]").first.wait_for(state="detached")

    def setting(self, name: str) -> Locator:
        """The field of a setting's control, by the name of the setting, its fold opened."""
        if name not in STRENGTHS:
            self.open_fold("settings")
        if name in ADVANCED:
            self.open_fold("advanced")
        return self.page.locator(f"#{name} input:not([type=range])")

    def settings(self, **values: float) -> None:
        """Type settings by their names."""
        for name, value in values.items():
            field = self.setting(name)
            field.fill(str(value))
            field.press("Tab")

    def until_values(self, expected: dict[str, float]) -> None:
        """The controls of settings say that, soon."""
        for fold in "settings", "advanced":
            self.open_fold(fold)
        self.until_true(
            """expected => Object.entries(expected).every(([name, value]) => {
                const field = document.querySelector(`#${name} input:not([type=range])`);
                return Math.abs(field.value - value) <= 1e-6 * Math.abs(value);
            })""",
            expected,
        )
