"""Fits the weights of `bot/policy/data/answerability.yml`: `python -m bench.answerability` prints them.

Rows are the tuning halves of every set in `bench/sets` and the questions written for the first policy's tests; test
halves are never read. Beside the weights stands how well those of the other sets tell the rows of each set.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bot.evaluation.question_sets import read_question_set
from bot.policy.answerability import Evidence
from bot.policy.assistant import open_assistant
from bot.policy.importing import import_for_reading
from bot.settings import Settings, load

SETS = Path("bench/sets")
OWN = Path("tests/unit/policy/own_questions.yml")
NAMES = [field.name for field in fields(Evidence)]


@dataclass(frozen=True)
class Example:
    """One question, what a search found for it, and whether it is a matter of the policy."""

    set_name: str
    evidence: Evidence
    is_matter: bool


def main() -> None:
    """Prints the check and the weights."""
    settings = load()
    examples = [*_of_sets(settings), *_of_first_policy(settings)]
    for name in sorted({example.set_name for example in examples}):
        print(f"{name:<12}AUROC by the other sets {_held_out(examples, name):.3f}")
    model = _fit(examples)
    print(yaml.safe_dump(_weights(model), sort_keys=False))


def _of_sets(settings: Settings) -> Iterator[Example]:
    corpus = settings.data_dir / "bench" / "corpus"
    for file in sorted(SETS.glob("*/tune.tsv")):
        rows = [row for row in read_question_set(file) if row.kind != "followup"]
        policy_file = next(row.policy_file for row in rows if row.policy_file)
        assistant = open_assistant(settings, import_for_reading(policy_file, corpus), corpus=corpus)
        for row in rows:
            yield Example(file.parent.name, assistant.evidence(row.utterance), row.kind != "oos")


def _of_first_policy(settings: Settings) -> Iterator[Example]:
    assistant = open_assistant(settings)
    own = yaml.safe_load(OWN.read_text(encoding="utf-8"))
    asked = [question for question, _ in own["answerable"]] + own["near_miss"]
    for question in asked:
        yield Example("first", assistant.evidence(question), is_matter=True)
    for question in own["off_topic"]:
        yield Example("first", assistant.evidence(question), is_matter=False)


def _fit(examples: list[Example]) -> LogisticRegression:
    rows = np.array([list(asdict(example.evidence).values()) for example in examples])
    return LogisticRegression(C=10, class_weight="balanced", max_iter=1000).fit(
        rows, [example.is_matter for example in examples]
    )


def _held_out(examples: list[Example], name: str) -> float:
    model = _fit([example for example in examples if example.set_name != name])
    held = [example for example in examples if example.set_name == name]
    rows = np.array([list(asdict(example.evidence).values()) for example in held])
    return float(roc_auc_score([example.is_matter for example in held], model.predict_proba(rows)[:, 1]))


def _weights(model: LogisticRegression) -> dict[str, float]:
    named = dict(zip(NAMES, model.coef_[0], strict=True))
    return {"bias": round(float(model.intercept_[0]), 2)} | {name: round(float(w), 2) for name, w in named.items()}


if __name__ == "__main__":
    main()
