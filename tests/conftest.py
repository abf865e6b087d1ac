"""Fixtures shared by all tests; the cache of built tables lives in a folder of the test run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mapper import Atlas

TOY = Path(__file__).parent / "data" / "toy"
GEODATA = Path(__file__).parent.parent / "geodata"

settings.register_profile("mapper", deadline=None)  # times are for tests/bench; a busy machine fails nothing
settings.load_profile("mapper")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before = os.environ.get("MAPPER_CACHE")
    os.environ["MAPPER_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["MAPPER_CACHE"]
    else:
        os.environ["MAPPER_CACHE"] = before


@pytest.fixture(scope="session")
def toy_atlas(_own_cache: None) -> Atlas:
    """The atlas of tests/data/toy: one-degree boxes whose areas can be done in the head."""
    import mapper

    return mapper.load(TOY)


@pytest.fixture(scope="session")
def atlas(_own_cache: None) -> Atlas:
    """The atlas of the packaged data."""
    import mapper

    return mapper.load(GEODATA)


@pytest.fixture
def toy_folder(tmp_path: Path) -> Path:
    """A copy of the toy data that a test may break."""
    return Path(shutil.copytree(TOY, tmp_path / "toy"))
