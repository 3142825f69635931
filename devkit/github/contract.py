"""GitHub's own description of its API, and what a request or an answer has against it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from devkit.github.filling import Filler

Json = Any
Schema = Mapping[str, Any]
CUT = Path(__file__).parent.parent / "openapi" / "github.json.gz"
MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Described:
    """One operation as GitHub describes it; `path` is a template."""

    id: str
    method: str
    path: str
    parameters: tuple[Mapping[str, Any], ...]
    body: Schema | None
    body_required: bool
    responses: Mapping[str, Schema | None]

    @property
    def name(self) -> str:
        """Give `METHOD template`."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came in; query values are all strings, `body` is None without one."""

    path: Mapping[str, str]
    query: tuple[tuple[str, str], ...]
    body: Json


class Contract:
    """Checks requests and answers, and fills answers in."""

    def __init__(self, cut: Json) -> None:
        self.operations = {
            name: Described(id=name, **{**one, "parameters": tuple(one["parameters"])})
            for name, one in cut["operations"].items()
        }
        self._schemas: Mapping[str, Schema] = cut["schemas"]
        self._webhooks: Mapping[str, Schema] = cut["webhooks"]
        self._registry = jsonschema_rs.Registry([("urn:github", {"schemas": cut["schemas"]})])
        self._validators: dict[tuple[int, bool], jsonschema_rs.Draft202012Validator] = {}
        self._filler = Filler(self._schemas, self._fits)

    def typed(self, operation: Described, asked: Asked) -> tuple[dict[str, Json], list[str]]:
        """Give path and query parameters in their types, and what is wrong with them."""
        given = dict(asked.query)
        values: dict[str, Json] = {}
        wrong = [f"{name} is no parameter" for name in given.keys() - _names(operation, "query")]
        if len(given) < len(asked.query):
            wrong.append("a parameter is given twice")
        for parameter in operation.parameters:
            name, schema = parameter["name"], parameter["schema"]
            source = asked.path if parameter["in"] == "path" else given
            if name in source:
                values[name] = _typed(schema, source[name])
                wrong += self.against(schema, values[name], f"{name}: ", formats=True)
            elif parameter["required"]:
                wrong.append(f"{name} is missing")
        return values, wrong

    def of_body(self, operation: Described, body: Json) -> list[str]:
        """Give what is wrong with the body of a request."""
        if operation.body is None:
            return ["a body is sent where none is taken"] if body else []
        if body is None:
            return ["the body is missing"] if operation.body_required else []
        return self.against(operation.body, body, "body: ", formats=True)

    def unknown_keys(self, operation: Described, body: Json) -> list[str]:
        """Give the keys of a body that GitHub would silently ignore."""
        schema = operation.body or {}
        if not isinstance(body, dict) or "properties" not in schema:
            return []
        known = schema["properties"]
        return [f"body: {key} is no field" for key in body if key not in known]

    def answer(self, operation: Described, status: int, body: Json) -> Json:
        """Complete the body of an answer with all that GitHub's has."""
        schema = operation.responses.get(str(status))
        return body if schema is None or body is None else self._filler.fill(schema, body)

    def of_answer(self, operation: Described, status: int, body: Json) -> list[str]:
        """Give what is wrong with an answer; statuses that are not described are not checked."""
        schema = operation.responses.get(str(status))
        if schema is None:
            return []
        return self.against(schema, body, f"answer {status}: ", formats=False)

    def filled(self, name: str, value: Json) -> Json:
        """Complete a value that shall be one of GitHub's named schemas."""
        return self._filler.fill(self._schemas[name], value)

    def payload(self, name: str, value: Json) -> Json:
        """Complete the payload of a webhook, `event.action`; raise ValueError if it is wrong."""
        schema = self._webhooks[name]
        payload = self._filler.fill(schema, value)
        wrong = self.against(schema, payload, f"webhook {name}: ", formats=False)
        if wrong:
            raise ValueError("; ".join(wrong))
        return payload

    def against(self, schema: Schema, value: Json, prefix: str, *, formats: bool) -> list[str]:
        """Give what a value has against a schema, each with the place where."""
        errors = self._validator(schema, formats=formats).iter_errors(value)
        found = [f"{prefix}{_place(error)}{error.message[:300]}" for error in errors]
        return found[:MOST_SHOWN]

    def _fits(self, schema: Schema, value: Json) -> bool:
        return self._validator(schema, formats=False).is_valid(value)

    def _validator(self, schema: Schema, *, formats: bool) -> jsonschema_rs.Draft202012Validator:
        key = (id(schema), formats)  # schemas live as long as the contract
        if key not in self._validators:
            self._validators[key] = jsonschema_rs.Draft202012Validator(
                dict(schema), registry=self._registry, validate_formats=formats
            )
        return self._validators[key]


@cache
def contract() -> Contract:
    """Give the one contract of this process; reading it takes a few milliseconds."""
    return Contract(json.loads(gzip.decompress(CUT.read_bytes())))


def _names(operation: Described, place: str) -> set[str]:
    return {one["name"] for one in operation.parameters if one["in"] == place}


def _typed(schema: Schema, text: str) -> Json:
    kind = schema.get("type")
    if kind == "integer" and text.removeprefix("-").isdecimal():
        return int(text)
    if kind == "boolean" and text in {"true", "false"}:
        return text == "true"
    return text


def _place(error: jsonschema_rs.ValidationError) -> str:
    return "".join(f"{part}: " for part in error.instance_path)
