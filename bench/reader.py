"""Trains the reader: `python -m bench.reader` writes `bot/policy/data/reader.safetensors`.

Rows are the passages and questions under `bench/reading`, written for this alone; no question set that measures the
assistant is among them. `--held-out` trains without every tenth organisation first and prints how well the reader
tells their pairs apart.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from sklearn.metrics import roc_auc_score
from torch.nn.functional import binary_cross_entropy_with_logits

from bench.kana import in_kana
from bot.encoder.encoder import open_encoder
from bot.policy.reader.committee import Committee
from bot.policy.reader.network import AlignmentNetwork
from bot.policy.reader.reader import WEIGHTS
from bot.policy.reader.token_states import TokenEncoder

MATERIAL = Path("bench/reading")
EPOCHS = 5
MEMBERS = 2
BATCH = 64
RATE = 1e-3
WARM_UP = 100
# Questions that a passage answers are no business of its neighbours: so many of the nearest stand against each.
NEIGHBOURS = 2
AMONG = 4
# So large a share of the questions is learned from a second time, without its kanji: members write so, writers do not.
IN_KANA = 0.12
# Labels are a writer's judgement, made once: none is believed entirely.
BELIEVED = 0.96


@dataclass
class Passage:
    """A passage with what it answers and what it does not."""

    text: str
    answered: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)


@dataclass
class Organisation:
    """One policy's passages, and questions that none of them answers."""

    name: str
    passages: list[Passage] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)

    @property
    def questions(self) -> list[str]:
        """Every question of it."""
        return [*(q for each in self.passages for q in (*each.answered, *each.open)), *self.unanswered]


@dataclass(frozen=True)
class Pair:
    """One row to learn from."""

    question: str
    statement: str
    is_stated: bool
    organisation: str


@dataclass(frozen=True)
class States:
    """The token states of every text of the material."""

    questions: dict[str, torch.Tensor]
    statements: dict[str, torch.Tensor]

    @classmethod
    def of(cls, organisations: Sequence[Organisation], encoder: TokenEncoder) -> States:
        """Reads each text once."""
        questions = list(dict.fromkeys(question for each in organisations for question in each.questions))
        statements = list(dict.fromkeys(passage.text for each in organisations for passage in each.passages))
        return cls(
            dict(zip(questions, encoder.questions(questions), strict=True)),
            dict(zip(statements, encoder.statements(statements), strict=True)),
        )

    def nearest(self, question: str, passages: Sequence[Passage]) -> list[Passage]:
        """The passages that the bundled model alone finds nearest to a question."""
        whole = _mean(self.questions[question])
        return sorted(passages, key=lambda passage: -float(self._wholes[passage.text] @ whole))[:AMONG]

    @cached_property
    def _wholes(self) -> dict[str, torch.Tensor]:
        return {text: _mean(state) for text, state in self.statements.items()}


def main() -> None:
    """Trains the reader and writes its weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held-out", action="store_true", help="also measure on organisations that were left out")
    parser.add_argument("--to", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    organisations = [each for file in sorted(MATERIAL.glob("*.txt")) for each in read_material(file)]
    for each in organisations:
        add_kana(each, random.Random(each.name))  # noqa: S311 - a choice, no secret
    states = States.of(organisations, TokenEncoder(open_encoder()))
    pairs = [pair for each in organisations for pair in pairs_of(each, states, random.Random(0))]  # noqa: S311 - an order, no secret
    print(f"{len(states.statements)} passages, {len(states.questions)} questions, {len(pairs)} pairs", flush=True)
    if options.held_out:
        _hold_out(pairs, states)
    weights = Committee([train(pairs, states, seed=seed) for seed in range(MEMBERS)]).state_dict()
    save_file({name: value.half().contiguous() for name, value in weights.items()}, options.to)


def read_material(file: Path) -> list[Organisation]:
    """The policies of one file; its README tells what the first character of a line means.

    Raises:
        ValueError: a line is of no such form, or stands where it cannot.
    """
    organisations: list[Organisation] = []
    heading = ""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        mark, text = line[:1], line.lstrip("=#>+-?").strip()
        passages = organisations[-1].passages if organisations else []
        match mark:
            case "=":
                organisations.append(Organisation(f"{file.stem} {text}"))
            case "#":
                heading = text.replace(" > ", " ")
            case ">" if organisations:
                passages.append(Passage(f"{heading} {text}".strip()))
            case "+" | "-" if passages:
                (passages[-1].answered if mark == "+" else passages[-1].open).append(text)
            case "?" if passages:
                organisations[-1].unanswered.append(text)
            case _ if line.strip():
                raise ValueError(f"{file}:{number}: no organisation, heading, passage or question in its place")
    return organisations


def add_kana(organisation: Organisation, chance: random.Random) -> None:
    """Puts some of the questions beside themselves once more, in kana."""
    lists = [questions for each in organisation.passages for questions in (each.answered, each.open)]
    for questions in (*lists, organisation.unanswered):
        spelt = [(each, in_kana(each)) for each in questions if chance.random() < IN_KANA]
        questions += [kana for each, kana in spelt if kana != each]


def pairs_of(organisation: Organisation, states: States, chance: random.Random) -> Iterator[Pair]:
    """Each passage with its own questions; answered ones with passages beside it; the others with the nearest."""
    for passage in organisation.passages:
        for questions, is_stated in ((passage.answered, True), (passage.open, False)):
            yield from (Pair(each, passage.text, is_stated, organisation.name) for each in questions)
        beside = [other for other in organisation.passages if other.text != passage.text]
        for question in passage.answered:
            nearest = states.nearest(question, beside)
            for other in chance.sample(nearest, min(NEIGHBOURS, len(nearest))):
                yield Pair(question, other.text, is_stated=False, organisation=organisation.name)
    for question in organisation.unanswered:
        for passage in states.nearest(question, organisation.passages):
            yield Pair(question, passage.text, is_stated=False, organisation=organisation.name)


def train(pairs: Sequence[Pair], states: States, *, seed: int) -> AlignmentNetwork:
    """A network, trained anew; the same seed and rows give the same one."""
    torch.manual_seed(seed)
    chance = random.Random(seed)  # noqa: S311 - an order, no secret
    samples = list(states.statements.values())
    network = AlignmentNetwork(*samples[0].shape[::2])
    together = torch.cat([sample.transpose(0, 1) for sample in samples]).transpose(0, 1)
    network.center.copy_(together.mean(1, keepdim=True))
    network.scale.copy_(together.std(1, keepdim=True))
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE)
    steps = max(1, EPOCHS * len(pairs) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda at: min(1, at / WARM_UP) * max(0.02, 1 - at / steps))
    network.train()
    for epoch in range(EPOCHS):
        losses = []
        for batch in _batches(pairs, states, chance):
            truth = torch.tensor([float(pair.is_stated) for pair in batch]) * BELIEVED + (1 - BELIEVED) / 2
            loss = binary_cross_entropy_with_logits(_logits(network, batch, states), truth)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call] # torch leaves it untyped
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"  epoch {epoch}: loss {np.mean(losses):.3f}", flush=True)
    return network.eval()


def _hold_out(pairs: Sequence[Pair], states: States) -> None:
    organisations = sorted({pair.organisation for pair in pairs})
    held = set(organisations[::10])
    network = train([pair for pair in pairs if pair.organisation not in held], states, seed=0)
    rest = [pair for pair in pairs if pair.organisation in held]
    with torch.inference_mode():
        scores = np.concatenate([_logits(network, rest[at : at + BATCH], states) for at in range(0, len(rest), BATCH)])
    auroc = roc_auc_score([pair.is_stated for pair in rest], scores)
    print(f"{len(held)} organisations held out, {len(rest)} pairs: AUROC {auroc:.3f}")


def _batches(pairs: Sequence[Pair], states: States, chance: random.Random) -> Iterator[Sequence[Pair]]:
    """Batches of statements of about one length, in random order."""
    shuffled = chance.sample(pairs, len(pairs))
    pools = (shuffled[at : at + 20 * BATCH] for at in range(0, len(shuffled), 20 * BATCH))
    ordered = [sorted(pool, key=lambda pair: states.statements[pair.statement].shape[1]) for pool in pools]
    batches = [pool[at : at + BATCH] for pool in ordered for at in range(0, len(pool), BATCH)]
    chance.shuffle(batches)
    yield from batches


def _logits(network: AlignmentNetwork, pairs: Sequence[Pair], states: States) -> torch.Tensor:
    questions = network.project([states.questions[pair.question] for pair in pairs])
    statements = network.project([states.statements[pair.statement] for pair in pairs])
    logits: torch.Tensor = network(questions, statements)
    return logits


def _mean(state: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.normalize(state[-1].mean(0), dim=-1)


if __name__ == "__main__":
    main()
