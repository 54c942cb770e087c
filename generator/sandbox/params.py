"""Parameters: what an endpoint takes, and Stripe's refusals for everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from generator.sandbox.wire import Json, StripeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


_KEYS, _KEY_LENGTH, _VALUE_LENGTH = 50, 40, 500
_PAGE = 100


def text(most: int = 5000) -> Callable[[Any, str], str]:
    """A string of at most `most` characters, not empty."""

    def read(value: Any, path: str) -> str:  # noqa: ANN401 - decoded from a form
        if not isinstance(value, str):
            raise StripeError(f"Invalid string: {value}", param=path)
        if not value:
            raise StripeError(
                f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a parameter; "
                f"however '{path}' cannot be unset. You should remove '{path}' from your request or supply a non-empty value.",
                code="parameter_invalid_empty",
                param=path,
            )
        if len(value) > most:
            raise StripeError(
                f"Invalid string: {value[:10]}…{value[-4:]}; must be at most {most} characters", param=path
            )
        return value

    return read


def integer(least: int = 0, most: int | None = None) -> Callable[[Any, str], int]:
    """A whole number within bounds."""

    def read(value: Any, path: str) -> int:  # noqa: ANN401 - decoded from a form
        digits = value.removeprefix("-") if isinstance(value, str) else ""
        if not (digits.isascii() and digits.isdigit()):
            raise StripeError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=path)
        number = int(value)
        if number < least:
            bound = f"greater than or equal to {least}"
        elif most is not None and number > most:
            bound = f"less than or equal to {most}"
        else:
            return number
        raise StripeError(
            f"This value must be {bound} (it currently is '{number}').", code="parameter_invalid_integer", param=path
        )

    return read


def boolean(value: Any, path: str) -> bool:  # noqa: ANN401 - decoded from a form
    """`true` or `false`."""
    if value not in ("true", "false"):
        raise StripeError(f"Invalid boolean: {value}", param=path)
    return bool(value == "true")


def choice(*words: str) -> Callable[[Any, str], str]:
    """One of a few words."""

    def read(value: Any, path: str) -> str:  # noqa: ANN401 - decoded from a form
        if value not in words:
            listed = " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
            raise StripeError(f"Invalid {path}: must be one of {listed}", param=path)
        return str(value)

    return read


def web_address(value: Any, path: str) -> str:  # noqa: ANN401 - decoded from a form
    """An absolute http or https address."""
    address = text()(value, path)
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or any(letter.isspace() for letter in address):
        raise StripeError("Not a valid URL", code="url_invalid", param=path)
    return address


def metadata(value: Any, path: str) -> dict[str, str]:  # noqa: ANN401 - decoded from a form
    """Key-value pairs within Stripe's limits; an empty value means "unset this key"."""
    if isinstance(value, list):  # keys that are all numbers are still keys
        value = {str(index): part for index, part in enumerate(value)}
    if not isinstance(value, dict):
        raise StripeError("Invalid object", param=path)
    for key, part in value.items():
        if not isinstance(part, str):
            raise StripeError(f"Metadata values must be strings, but for key '{key}' you passed in a hash.", param=path)
        if len(key) > _KEY_LENGTH:
            raise StripeError(
                f"Metadata keys must be 40 characters or less. The key '{key}' has {len(key)} characters.", param=path
            )
        if len(part) > _VALUE_LENGTH:
            raise StripeError(
                f"Metadata values can have up to 500 characters, but you passed in a value that is {len(part)} "
                f"characters. Invalid value: {part}",
                param=f"{path}[{key}]",
            )
    return value


def metadata_or_none(value: Any, path: str) -> dict[str, str]:  # noqa: ANN401 - decoded from a form
    """As `metadata`, where an empty value unsets all keys at once (the document allows that in a few places only)."""
    return {} if value == "" else metadata(value, path)


def merged(old: Mapping[str, str], new: Mapping[str, str] | None, path: str = "metadata") -> dict[str, str]:
    """Metadata after an update: keys stay unless they are set anew or unset; an empty set unsets all."""
    if new is None:
        return dict(old)
    if not new:
        return {}
    result = {key: value for key, value in {**old, **new}.items() if value != ""}
    if len(result) > _KEYS:
        raise StripeError(f"You can have up to {_KEYS} metadata keys, but you passed in {len(result)}.", param=path)
    return result


def array(item: Callable[[Any, str], Any], most: int = 100) -> Callable[[Any, str], list[Any]]:
    """A list with at most `most` members."""

    def read(value: Any, path: str) -> list[Any]:  # noqa: ANN401 - decoded from a form
        if not isinstance(value, list):
            raise StripeError("Invalid array", param=path)
        if len(value) > most:
            raise StripeError(f"Array {path} exceeded maximum {most} allowed elements.", param=path)
        return [item(part, f"{path}[{index}]") for index, part in enumerate(value)]

    return read


def group(
    fields: Mapping[str, Callable[[Any, str], Any]], required: tuple[str, ...] = ()
) -> Callable[[Any, str], Json]:
    """An object with named parameters, and no other."""

    def read(value: Any, path: str) -> Json:  # noqa: ANN401 - decoded from a form
        if not isinstance(value, dict):
            raise StripeError("Invalid object", param=path)
        for name in value:
            if name not in fields:
                where = f"{path}[{name}]" if path else name
                raise StripeError(f"Received unknown parameter: {where}", code="parameter_unknown", param=where)
        for name in required:
            if name not in value:
                where = f"{path}[{name}]" if path else name
                raise StripeError(f"Missing required param: {where}.", code="parameter_missing", param=where)
        return {name: fields[name](part, f"{path}[{name}]" if path else name) for name, part in value.items()}

    return read


def or_unset(read: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    """A parameter of an update that an empty value takes away: None then."""
    return lambda value, path: None if value == "" else read(value, path)


def span(value: Any, path: str) -> Json:  # noqa: ANN401 - decoded from a form
    """A time as an exact second or as bounds (`gt`, `gte`, `lt`, `lte`)."""
    if isinstance(value, dict):
        return group(dict.fromkeys(("gt", "gte", "lt", "lte"), integer()))(value, path)
    second = integer()(value, path)
    return {"gte": second, "lte": second}


EXPAND = {"expand": array(text(), 20)}
PAGE = {"limit": integer(1, _PAGE), "starting_after": text(), "ending_before": text(), **EXPAND}
