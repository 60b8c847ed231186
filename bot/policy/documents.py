"""Reads a policy from the corpus: `<controller>/<policy>/<version>.txt` and `.md`.

The text is the policy as obtained and gives every quotation; the Markdown gives its structure only.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from bot.policy.alignment import align, find_omitted
from bot.policy.faults import EncodingIsWrongError, FrontMatterIsWrongError, PolicyIsUnknownError, SourceHasChangedError
from bot.policy.front_matter import FrontMatter, read_front_matter
from bot.policy.markdown import Document, read_markdown
from bot.policy.model import Block, Policy, Section
from bot.policy.outline import Part, labels_of, outline
from bot.policy.passages import passages_of

_ID = re.compile(r"([a-z0-9-]+)(?:/([a-z0-9-]+))?")
DEFAULT_NAME = "privacy"


def full_id(policy_id: str) -> str:
    """`controller/policy` from that or from `controller` alone.

    Raises:
        PolicyIsUnknownError: it is written in another way.
    """
    match = _ID.fullmatch(policy_id)
    if match is None:
        raise PolicyIsUnknownError(f"{policy_id!r} is no policy id: controller or controller/policy, of a-z, 0-9 and -")
    return f"{match[1]}/{match[2] or DEFAULT_NAME}"


def policy_folder(corpus: Path, policy_id: str) -> Path:
    """The folder of a policy.

    Raises:
        PolicyIsUnknownError: there is none.
    """
    folder = corpus / full_id(policy_id)
    if not folder.is_dir():
        raise PolicyIsUnknownError(f"{corpus} holds no policy {full_id(policy_id)}: there is no folder {folder}")
    return folder


def list_policies(corpus: Path) -> list[str]:
    """Ids of every policy, and of every document beside one, of which the corpus holds a version."""
    folders = {path.parent for path in corpus.glob("*/*/*.md")}
    return sorted(f"{folder.parent.name}/{folder.name}" for folder in folders)


def list_versions(corpus: Path, policy_id: str) -> list[str]:
    """Versions of a policy, oldest first: versions are dates, so their order is that of their names.

    Raises:
        PolicyIsUnknownError: there is no such policy, or its folder holds no version.
    """
    folder = policy_folder(corpus, policy_id)
    versions = sorted(path.stem for path in folder.glob("*.md"))
    if not versions:
        raise PolicyIsUnknownError(f"{folder} holds no version: there is no .md file")
    return versions


def read_head(corpus: Path, policy_id: str, version: str) -> FrontMatter:
    """The front matter of one version, without proving its text.

    Raises:
        BadInputError: there is no such version, or its head cannot be used.
    """
    return _read_version(corpus, policy_id, version)[1]


def load_policy(corpus: Path, policy_id: str, version: str | None = None) -> Policy:
    """One version of a policy (by default the newest), whole and proven against its source.

    Raises:
        BadInputError: the corpus does not hold it, or its files contradict each other; the message names file, line
            and what differs.
    """
    document, head, markdown = _read_version(corpus, policy_id, version)
    text = _read_source(markdown.with_suffix(".txt"), head.sha256)
    omitted = find_omitted(text, [(words.first, words.last) for words in head.omitted], markdown)
    placed = align(text, document.nodes, omitted, markdown)
    parts = outline(placed, text, head.title)
    labels = labels_of(parts, head.labels, markdown)
    sections = tuple(_section(part, label, text) for part, label in zip(parts, labels, strict=True))
    owner = {id(item): label for part, label in zip(parts, labels, strict=True) for item in part.nodes}
    return Policy(
        **head.model_dump(include={"controller", "title", "version", "effective_date", "source", "sha256"}),
        id=full_id(policy_id),
        text=text,
        sections=sections,
        blocks=tuple(
            Block(
                item.node.kind,
                item.start,
                item.end,
                item.node.level,
                item.node.group,
                owner.get(id(item), ""),
                item.node.column,
            )
            for item in placed
        ),
        omitted=omitted,
    )


def _read_version(corpus: Path, policy_id: str, version: str | None) -> tuple[Document, FrontMatter, Path]:
    markdown = policy_folder(corpus, policy_id) / f"{_known_version(corpus, policy_id, version)}.md"
    document = read_markdown(_decoded(markdown.read_bytes(), markdown).replace("\r\n", "\n"), markdown)
    head = read_front_matter(document.front_matter, markdown)
    _check_head(head, full_id(policy_id), markdown)
    return document, head, markdown


def _known_version(corpus: Path, policy_id: str, version: str | None) -> str:
    versions = list_versions(corpus, policy_id)
    if version is None:
        return versions[-1]
    if version not in versions:
        raise PolicyIsUnknownError(f"{full_id(policy_id)} has no version {version!r}; there are {', '.join(versions)}")
    return version


def _check_head(head: FrontMatter, policy_id: str, path: Path) -> None:
    if head.policy != policy_id:
        raise FrontMatterIsWrongError(path, f"it is {head.policy}, the folder says {policy_id}", field="policy")
    if head.version != path.stem:
        raise FrontMatterIsWrongError(path, f"it is {head.version}, the file's name says {path.stem}", field="version")


def _read_source(path: Path, sha256: str) -> str:
    """The source, its line ends untouched, since offsets count them.

    Raises:
        BadInputError: it is missing, not UTF-8, or not the text the Markdown was made from.
    """
    if not path.is_file():
        raise PolicyIsUnknownError(f"{path} is missing: every version has its source text beside the Markdown")
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise SourceHasChangedError(path, expected=sha256, found=found)
    return _decoded(content, path)


def _decoded(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise EncodingIsWrongError(path, error.start) from None


def _section(part: Part, label: str, text: str) -> Section:
    passages = passages_of(part.nodes, text, label=label, heading=part.name)
    return Section(label, part.name, part.level, part.nodes[0].start, part.nodes[-1].end, passages)
