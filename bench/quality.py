"""Measures every question set of the repository and writes docs/quality.md: `make eval`.

Of the test halves only measures are printed, never a row. The page with every row that `var/bench/eval.html` holds is
about the tuning halves and, where it lies beside the repository, the set of the first policy.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from unittest.mock import patch

import numpy as np

from bench.baselines import Baselines
from bench.document import Section, markdown_table, write_section
from bench.parts import PARTS, Part
from bot import settings
from bot.clock import system_clock
from bot.evaluation.html_report import html_report
from bot.evaluation.measures import Measure, Summary, finding, summarise
from bot.evaluation.offline import OfflineRunner
from bot.evaluation.policies import Policies
from bot.evaluation.question_sets import Row, read_question_set
from bot.evaluation.report import Run, pooled
from bot.policy.assistant import Assistant
from bot.policy.embedding import SentenceTransformerEmbedder, Vectors
from bot.settings import Settings

SETS = Path("bench/sets")
PAGE = Path("var/bench/eval.html")
FIRST = "dev.tsv"
OURS = "Madoguchi"
_ABOUT_SETS = """\
`dev.tsv` is the set of the first policy, asked with its cards and known gaps; it lies outside the repository. The
others are sets of invented policies (`bench/sets/README.md`), imported raw as `madoguchi policy import` does, without
cards. Tuning halves were looked at while the search was built; test halves are only measured. All are asked offline,
one question at a time. `madoguchi eval FILE.tsv --html PAGE` shows every row of one of them."""
_ABOUT_FINDING = """\
The same passages, the same rule: a hit covers nine tenths of the gold words (`dev.tsv`: stands in the gold section).
BM25 is over Sudachi's normal forms; plain dense is the cosine of question and passage, with the same model. Both get
the question before a follow-up in front of it."""
_ABOUT_PARTS = """\
One part switched off at a time. `bench/parts.py` says by which name of the code each part goes. With some dozens of
rows a difference below 0.05 is within chance. What stays in was decided on the tuning halves."""
_OF_A_SET = (
    ("hit@1", "hit@1"),
    ("hit@3", "hit@3"),
    ("MRR", "mrr"),
    ("key facts", "answers_with_every_key_fact"),
    ("citations right", "citation_precision"),
    ("near misses refused", "near_miss_recall"),
    ("refused wrongly", "not_in_policy_false_rate"),
    ("off-topic refused", "off_topic_recall"),
    ("asked back", "clarify_rate"),
    ("request kinds", "request_kind_accuracy"),
    ("AUROC", "answerability_auroc"),
)
_OF_A_PART = tuple(each for each in _OF_A_SET if each[1] not in ("clarify_rate", "request_kind_accuracy"))
_OF_FINDING = _OF_A_SET[:3]
Sets = Mapping[str, Sequence[Row]]


def main() -> None:
    """Measures, prints, and writes the sections of docs/quality.md."""
    loaded = settings.load()
    tune, test, first = sets_of("tune"), sets_of("test"), first_set(loaded)
    policies = Policies(loaded)
    runs = {name: run_set(name, rows, policies) for name, rows in (first | tune | test).items()}
    _show(Section.SETS, _section_of_sets(runs, tune, test))
    _show(Section.FINDING, _section_of_finding(Baselines(loaded, policies), runs, {"test halves": test, **_own(first)}))
    _show(Section.ABLATION, _section_of_parts(loaded, {"test halves": test, **_own(first)}))
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    readable = [runs[name] for name in (*first, *tune)]
    PAGE.write_text(html_report(readable, source=str(SETS), now=system_clock()), encoding="utf-8")
    print(f"\nEvery row of the tuning halves: {PAGE}")


def sets_of(half: str) -> dict[str, Sequence[Row]]:
    """One half, `tune` or `test`, of every set in the repository, by name."""
    return {f"{file.parent.name} {half}": read_question_set(file) for file in sorted(SETS.glob(f"*/{half}.tsv"))}


def first_set(loaded: Settings) -> dict[str, Sequence[Row]]:
    """The set of the first policy, which only the project's owner may hand on."""
    file = loaded.shared / "questions" / FIRST
    return {FIRST: read_question_set(file)} if file.is_file() else {}


def _own(first: Sets) -> dict[str, Sets]:
    return {FIRST: first} if first else {}


def run_set(name: str, rows: Sequence[Row], assistant_of: Callable[[Path | None], Assistant]) -> Run:
    """Asks the rows of a set, and says on standard error which set it is at."""
    print(f"measuring {name}", file=sys.stderr)
    return Run(Path(name), OfflineRunner(assistant_of, system_clock).run(rows))


def _show(section: Section, body: str) -> None:
    print(f"\n{section}\n\n{body}")
    write_section(section, body)


def _section_of_sets(runs: Mapping[str, Run], tune: Sets, test: Sets) -> str:
    halves = {f"all {half}": pooled([runs[name] for name in sets]) for half, sets in (("tune", tune), ("test", test))}
    summaries = {name: summarise(run.outcomes) for name, run in runs.items()} | {
        name: summarise(outcomes) for name, outcomes in halves.items() if outcomes
    }
    head = ["set", "rows", *(title for title, _ in _OF_A_SET), "p50 ms", "p95 ms"]
    lines = [
        [name, str(each.rows), *_figures(each, _OF_A_SET), f"{each.latency_p50:.0f}", f"{each.latency_p95:.0f}"]
        for name, each in summaries.items()
    ]
    return "\n\n".join(
        [
            _ABOUT_SETS,
            markdown_table(head, lines),
            "The test halves together:",
            _whole(summaries["all test"]),
        ]
    )


def _whole(summary: Summary) -> str:
    lines = [
        [name.replace("_", " "), measure.counted, _with_interval(measure)] for name, measure in summary.measures.items()
    ]
    return markdown_table(["measure", "counted", "figure"], lines)


def _section_of_finding(baselines: Baselines, runs: Mapping[str, Run], groups: Mapping[str, Sets]) -> str:
    pieces = [_ABOUT_FINDING]
    for group, sets in groups.items():
        ours = {OURS: summarise(pooled([runs[name] for name in sets])).measures}
        plain = {name: finding(ranks) for name, ranks in _plain_ranks(baselines, sets).items()}
        lines = [[name, *(_with_interval(its[key]) for _, key in _OF_FINDING)] for name, its in (ours | plain).items()]
        pieces.append(markdown_table([group, *(title for title, _ in _OF_FINDING)], lines))
    return "\n\n".join(pieces)


def _plain_ranks(baselines: Baselines, sets: Sets) -> dict[str, list[int]]:
    ranks: dict[str, list[int]] = {}
    for rows in sets.values():
        for name, found in baselines.ranks(rows).items():
            ranks.setdefault(name, []).extend(found)
    return ranks


def _section_of_parts(loaded: Settings, groups: Mapping[str, Sets]) -> str:
    pieces = [_ABOUT_PARTS]
    with _each_text_embedded_once():
        for group, sets in groups.items():
            parts = [None, *(part for part in PARTS if group == FIRST or not part.is_written)]
            lines = [[_name(part), *_figures(_without(part, loaded, sets), _OF_A_PART)] for part in parts]
            pieces.append(markdown_table([group, *(title for title, _ in _OF_A_PART)], lines))
    return "\n\n".join(pieces)


def _name(part: Part | None) -> str:
    return f"without {part.name}" if part else "everything"


def _without(part: Part | None, loaded: Settings, sets: Sets) -> Summary:
    with part.switched_off() if part else nullcontext():
        policies = Policies(loaded)
        if part and part.change:
            for file in {row.policy_file for rows in sets.values() for row in rows}:
                part.change(policies(file))
        return summarise(run_set(_name(part), [row for rows in sets.values() for row in rows], policies).outcomes)


@contextmanager
def _each_text_embedded_once() -> Iterator[None]:
    """Most texts are the same whatever part is off, and embedding is what takes time."""
    embed = SentenceTransformerEmbedder.questions
    known: dict[str, Vectors] = {}

    def remembering(embedder: SentenceTransformerEmbedder, texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known.update(zip(new, embed(embedder, new), strict=True))
        return np.stack([known[text] for text in texts])

    with patch.object(SentenceTransformerEmbedder, "questions", remembering):
        yield


def _figures(summary: Summary, shown: Iterable[tuple[str, str]]) -> list[str]:
    values = (summary.measures[key].value for _, key in shown)
    return ["–" if value is None else f"{value:.3f}" for value in values]


def _with_interval(measure: Measure) -> str:
    if measure.interval is None:
        return "–"
    low, high = measure.interval
    return f"{measure.value:.3f} [{low:.2f}, {high:.2f}]"


if __name__ == "__main__":
    main()
