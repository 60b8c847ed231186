"""Fits the weights of the two gates: `python -m bench.answerability` prints both files of `bot/policy/data`.

Rows are the tuning sets in `bench/sets` and the questions written for the first policy's tests; test halves are never
read. Beside the weights stands how well those of the other sets tell the rows of each set.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bot.evaluation.question_sets import read_question_set
from bot.policy.answerability import Evidence
from bot.policy.assistant import Assistant, open_assistant
from bot.policy.importing import import_for_reading
from bot.policy.statedness import Signs
from bot.settings import Settings, load

SETS = Path("bench/sets")
OWN = Path("tests/unit/policy/own_questions.yml")


@dataclass(frozen=True)
class Example:
    """One row of a set: what speaks for a yes, and whether it is one."""

    set_name: str
    evidence: Evidence | Signs
    is_yes: bool


def main() -> None:
    """Prints the checks and the weights."""
    settings = load()
    matters, stated = [], []
    for name, assistant, question, is_matter, is_stated in [*_of_sets(settings), *_of_first_policy(settings)]:
        case = assistant.case(question)
        evidence = Evidence.of(case.query, case.hits, assistant.searcher, case.topic)
        matters.append(Example(name, evidence, is_matter))
        # The first policy's near misses are its gaps: known, and no measure of a policy without any.
        if is_matter and name != "first":
            signs = assistant.facts.look(question, case.query, case.hits).signs(case.wanted)
            stated.append(Example(name, signs, is_stated))
    _report("answerability.yml: a matter of the policy", matters)
    _report("statedness.yml: stated by the policy", stated)


def _of_sets(settings: Settings) -> Iterator[tuple[str, Assistant, str, bool, bool]]:
    corpus = settings.data_dir / "imported"
    for file in sorted(SETS.glob("*/tune.tsv")):
        rows = [row for row in read_question_set(file) if row.kind != "followup"]
        policy_file = next(row.policy_file for row in rows if row.policy_file)
        assistant = open_assistant(settings, import_for_reading(policy_file, corpus), corpus=corpus)
        for row in rows:
            yield file.parent.name, assistant, row.utterance, row.kind != "oos", row.answerable is True


def _of_first_policy(settings: Settings) -> Iterator[tuple[str, Assistant, str, bool, bool]]:
    assistant = open_assistant(settings)
    own = yaml.safe_load(OWN.read_text(encoding="utf-8"))
    for question, _ in own["answerable"]:
        yield "first", assistant, question, True, True
    for question in own["near_miss"]:
        yield "first", assistant, question, True, False
    for question in own["off_topic"]:
        yield "first", assistant, question, False, False


def _report(title: str, examples: Sequence[Example]) -> None:
    names = sorted({example.set_name for example in examples})
    scores = np.concatenate([_held_out(examples, name) for name in names])
    truth = np.array([e.is_yes for name in names for e in examples if e.set_name == name])
    lost = np.quantile(scores[truth], [0.02, 0.05, 0.1])
    print(f"# {title}, {len(examples)} rows; each set by the others: AUROC {roc_auc_score(truth, scores):.3f}")
    for share, threshold in zip((2, 5, 10), lost, strict=True):
        print(f"#   at {threshold:.3f}: {share} % of yes lost, {np.mean(scores[~truth] < threshold):.2f} of no refused")
    print(yaml.safe_dump(_weights(_fit(examples), list(asdict(examples[0].evidence))), sort_keys=False))


def _table(examples: Sequence[Example]) -> npt.NDArray[np.float64]:
    return np.array([list(asdict(example.evidence).values()) for example in examples])


def _fit(examples: Sequence[Example]) -> object:
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, class_weight="balanced", max_iter=1000))
    return model.fit(_table(examples), [example.is_yes for example in examples])


def _held_out(examples: Sequence[Example], name: str) -> npt.NDArray[np.float64]:
    model = _fit([example for example in examples if example.set_name != name])
    held = [example for example in examples if example.set_name == name]
    return model.predict_proba(_table(held))[:, 1]  # type: ignore[attr-defined,no-any-return] # untyped library


def _weights(model: object, names: Sequence[str]) -> dict[str, float]:
    """Weights for the figures as they are, the scaler folded in."""
    scaler, logistic = (step for _, step in model.steps)  # type: ignore[attr-defined] # untyped library
    slopes = logistic.coef_[0] / scaler.scale_
    bias = float(logistic.intercept_[0] - slopes @ scaler.mean_)
    return {"bias": round(bias, 2)} | {name: round(float(w), 3) for name, w in zip(names, slopes, strict=True)}


if __name__ == "__main__":
    main()
