"""What stops the set-up, told to a person in two languages: what, where, and what to do."""

from __future__ import annotations

CONFIGURATION = 3  # exit code: something here must be changed
DEPENDENCY = 4  # exit code: something outside did not answer


class Trouble(Exception):
    """`en` and `zh` are (what and where, what to do)."""

    def __init__(self, en: tuple[str, str], zh: tuple[str, str], code: int = CONFIGURATION) -> None:
        super().__init__(en[0])
        self.en = en
        self.zh = zh
        self.code = code

    def __str__(self) -> str:
        return f"anmin: {self.en[0]}\n  What to do: {self.en[1]}\nanmin：{self.zh[0]}\n  怎么办：{self.zh[1]}"
