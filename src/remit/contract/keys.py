"""Which keys may stand at a place of a remit, read from the schema itself."""

from collections.abc import Mapping
from typing import Annotated, Any, get_args, get_origin

from pydantic import Tag
from pydantic.fields import FieldInfo

from remit.contract.part import Part


def is_tag(part: str | int) -> bool:
    """True for the name of one form of a key, which stands in no file."""
    return isinstance(part, str) and part.startswith("<") and part.endswith(">")


def key_of(name: str, info: FieldInfo) -> str:
    """The field's key as it is written in the file."""
    return info.alias or name


def fields_by_key(part: type[Part]) -> Mapping[str, FieldInfo]:
    """The fields of one part, by the key that the file uses."""
    return {key_of(name, info): info for name, info in part.model_fields.items()}


def members(annotation: Any) -> tuple[Any, ...]:
    """The forms that a value may have: the members of a union, without None and annotations."""
    bare = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    if get_origin(bare) in (None, dict, tuple) or str(get_origin(bare)) == "typing.Literal":
        return () if bare is type(None) else (bare,)
    return tuple(form for member in get_args(bare) for form in members(member))


def _tagged(annotation: Any, tag: str) -> Any:
    bare = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    for member in get_args(bare):
        if any(isinstance(mark, Tag) and mark.tag == tag for mark in get_args(member)):
            return member
        inner = _tagged(member, tag) if get_args(member) else None
        if inner is not None:
            return inner
    return None


def _step(annotation: Any, part: str | int) -> Any:
    if isinstance(part, str) and is_tag(part):
        return _tagged(annotation, part)
    for form in members(annotation):
        if isinstance(form, type) and issubclass(form, Part):
            info = fields_by_key(form).get(str(part))
            if info is not None:
                return info.annotation
        elif get_origin(form) is dict:
            return get_args(form)[1]
        elif get_origin(form) is tuple:
            return get_args(form)[0]
    return None


def keys_at(root: type[Part], location: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys that may stand at this place; none where it is no mapping of keys."""
    annotation: Any = root
    for part in location:
        annotation = _step(annotation, part)
    return tuple(
        key
        for form in members(annotation)
        if isinstance(form, type) and issubclass(form, Part)
        for key in fields_by_key(form)
    )
