"""What a file's status says."""

import pytest

from partner import KnowledgeFile


@pytest.mark.parametrize(
    ("status", "ready", "failed"),
    [
        ("ready", True, False),
        ("failed", False, True),
        ("processing", False, False),
        ("READY", False, False),
        (None, False, False),
        (1, False, False),
    ],
)
def test_only_the_guides_words_count(status: object, ready: bool, failed: bool) -> None:  # noqa: FBT001 - pytest parameters
    file = KnowledgeFile.model_validate({"id": "file-1", "status": status})
    assert (file.ready, file.failed) == (ready, failed)


@pytest.mark.parametrize("size", [-1, "many", 2**53])
def test_an_odd_size_is_kept_apart(size: object) -> None:
    file = KnowledgeFile.model_validate({"id": "file-1", "sizeBytes": size})
    assert file.size_bytes is None
    assert file.odd == {"sizeBytes": size}
