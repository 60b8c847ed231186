"""Names in typed text: how many are masked, and what is masked that is no name: `python -m bench.names`.

The sentences lie in `bench/name_sentences`, names in 《》. The rules were written with the building half in view; the
held-out half was written at the same time, put aside by lot and not looked at before the rules were done. A name
counts as masked when nothing of it stays. `--mistakes` prints the building half only, with its mistakes. The last table
counts masks in the question sets of the repository, hardly any of which hold a name.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from csv import QUOTE_NONE, DictReader
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from time import process_time
from timeit import repeat

import yaml

from bot.channels.masking.mask import mask
from bot.channels.masking.names import SORT
from bot.evaluation.measures import Share

HALVES = {"build": "building half", "held_out": "held-out half"}
FOLDER = Path(__file__).parent / "name_sentences"
PLACEHOLDER = "［お名前］"
REPOSITORY = Path(__file__).parents[1]
QUESTION_FILES = ("tests/conversation/*.tsv", "tests/nlu/*.tsv", "bench/sets/*/*.tsv", "data/nlu/*.yml")
_MARKED = re.compile("《([^》]*)》")
_EXAMPLE = re.compile(r"^- (.+)$", re.MULTILINE)
_TYPED = ("text", "utterance", "question")


@dataclass(frozen=True)
class Row:
    """A sentence of the lists: its form, as it is typed, and where its names stand."""

    form: str
    text: str
    names: tuple[tuple[int, int], ...]

    @classmethod
    def read(cls, form: str, marked: str) -> Row:
        """Reads a sentence with its names in 《》."""
        spans = [(match.start(1), match.end(1)) for match in _MARKED.finditer(marked)]
        shift = [2 * place + 1 for place in range(len(spans))]
        places = tuple((start - by, end - by) for (start, end), by in zip(spans, shift, strict=True))
        return cls(form, _MARKED.sub(r"\1", marked), places)

    @property
    def masked(self) -> str:
        """What the text becomes."""
        return mask(self.text).text

    @property
    def hidden(self) -> int:
        """Of how many names nothing stays."""
        places = self._places
        return sum(places.issuperset(range(*name)) for name in self.names)

    @property
    def has_false_mask(self) -> bool:
        """Whether anything but names and the spaces in them is gone."""
        return bool(self._places - {place for name in self.names for place in range(*name)})

    @property
    def _places(self) -> set[int]:
        """Which characters of the text are gone: what stays are exact pieces of it, in order."""
        pieces = "(.+?)".join(map(re.escape, self.masked.split(PLACEHOLDER)))
        match = re.fullmatch(pieces, self.text, re.DOTALL)
        if match is None:
            raise ValueError(f"{self.masked} is not {self.text} with pieces replaced")
        return {place for group in range(1, len(match.regs)) for place in range(*match.span(group))}


def sentences(half: str, what: str) -> list[Row]:
    """One list: `build` or `held_out`, `named` or `plain`."""
    with (FOLDER / f"{half}_{what}.tsv").open(encoding="utf-8", newline="") as file:
        return [Row.read(row["form"], row["text"]) for row in DictReader(file, delimiter="\t", quoting=QUOTE_NONE)]


def recall(rows: list[Row]) -> Share:
    """The share of names of which nothing stays."""
    return Share(sum(row.hidden for row in rows), sum(len(row.names) for row in rows))


def false_masks(rows: list[Row]) -> Share:
    """The share of sentences of which something is gone that is no name."""
    return Share(sum(row.has_false_mask for row in rows), len(rows))


def questions() -> Iterator[tuple[str, str]]:
    """Every question of the repository's sets and every example of its classifier, with its file."""
    for pattern in QUESTION_FILES:
        for path in sorted(REPOSITORY.glob(pattern)):
            name = path.relative_to(REPOSITORY).as_posix()
            yield from ((name, text) for text in _texts(path))


def _texts(path: Path) -> Iterator[str]:
    if path.suffix == ".yml":
        for intent in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            yield from _EXAMPLE.findall(intent.get("examples", ""))
        return
    with path.open(encoding="utf-8", newline="") as file:
        for row in DictReader(file, delimiter="\t"):
            yield from (row[column] for column in _TYPED if row.get(column))


def main() -> None:
    """Prints the tables."""
    is_building = "--mistakes" in sys.argv
    for half, title in list(HALVES.items())[: 1 if is_building else None]:
        named, plain = sentences(half, "named"), sentences(half, "plain")
        _print_by_form(f"Names masked, {title}", named, recall)
        _print_by_form(f"Sentences without names that lose something, {title}", plain, false_masks)
        print(f"Sentences with names that lose more than them, {title}: {_shown(false_masks(named))}\n")
    if is_building:
        _print_mistakes()
    _print_questions()
    _print_time()


def _print_by_form(title: str, rows: list[Row], measure: Callable[[list[Row]], Share]) -> None:
    by_form: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_form[row.form].append(row)
    print(title)
    for form, its in [*sorted(by_form.items()), ("all", rows)]:
        print(f"  {form:12} {_shown(measure(its))}")
    print()


def _shown(measure: Share) -> str:
    low, high = measure.interval or (0.0, 0.0)
    return f"{measure.good:g} of {measure.of}: {measure.value or 0:.1%} ({low:.1%} to {high:.1%})"


def _print_mistakes() -> None:
    for row in [*sentences("build", "named"), *sentences("build", "plain")]:
        if row.hidden < len(row.names) or row.has_false_mask:
            print(f"  {row.form:12} {row.text}  →  {row.masked}")
    print()


def _print_questions() -> None:
    asked = list(questions())
    masked = [(name, text, mask(text).text) for name, text in asked if SORT in mask(text).sorts]
    print(f"Masks in the question sets of the repository: {_shown(Share(len(masked), len(asked)))}")
    for name, text, result in masked:
        print(f"  {name}: {text}  →  {result}")
    print()


def _print_time() -> None:
    texts = [text for _, text in questions()]
    best = min(repeat(lambda: [mask(text) for text in texts], number=1, repeat=3, timer=process_time)) / len(texts)
    print(f"A mask call takes {best * 1000:.2f} ms of a core for a message of {mean(map(len, texts)):.0f} characters")


if __name__ == "__main__":
    main()
