"""Opens the policies that question sets are about: those of a corpus as they are, raw files through the importer."""

from __future__ import annotations

from pathlib import Path

from bot.errors import BadInputError
from bot.policy.assistant import Assistant, open_assistant
from bot.settings import Settings

_FRONT_MATTER = "---\n"


class Policies:
    """The assistant for each policy file of a run."""

    def __init__(self, settings: Settings, *, policy_id: str | None = None, corpus: Path | None = None) -> None:
        """Takes which policy rows without a file are about; by default that of the settings."""
        self._settings = settings
        self._policy_id = policy_id
        self._corpus = corpus
        self._opened: dict[Path | None, Assistant] = {}

    def __call__(self, file: Path | None) -> Assistant:
        """The assistant for a file, or for the policy of the run.

        Raises:
            BadInputError: it cannot be opened, or not be imported.
        """
        if file not in self._opened:
            corpus, policy_id, version = self._place_of(file)
            self._opened[file] = open_assistant(self._settings, policy_id, corpus=corpus, version=version)
        return self._opened[file]

    def _place_of(self, file: Path | None) -> tuple[Path | None, str | None, str | None]:
        """Corpus, id and version of a file's policy; a raw file is imported into a corpus under the data folder."""
        if file is None:
            return self._corpus, self._policy_id, None
        if not file.is_file():
            raise BadInputError(f"{file}: there is no such policy file")
        if _is_version_of_a_corpus(file):
            folder = file.resolve().parent
            return folder.parent.parent, f"{folder.parent.name}/{folder.name}", file.stem
        # The importer reads HTML and PDF, which a run over a corpus need not load.
        from bot.policy.importing import import_for_reading  # noqa: PLC0415 - see above

        corpus = self._settings.data_dir / "imported"
        return corpus, import_for_reading(file, corpus), None


def _is_version_of_a_corpus(file: Path) -> bool:
    """Whether the file is one of the two that a version in a corpus consists of."""
    markdown, text = file.with_suffix(".md"), file.with_suffix(".txt")
    if file.suffix not in (".md", ".txt") or not (markdown.is_file() and text.is_file()):
        return False
    with markdown.open(encoding="utf-8", errors="replace") as lines:
        return lines.readline() == _FRONT_MATTER
