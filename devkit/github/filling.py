"""Completes a JSON value with the least neutral value for whatever its schema requires besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Json = Any
Schema = Mapping[str, Any]
PREFIX = "urn:github#/schemas/"
MOMENT = "2020-01-01T00:00:00Z"
NEUTRAL: Mapping[str, Callable[[], Json]] = {
    "null": lambda: None,
    "array": list,
    "boolean": bool,
    "integer": int,
    "number": int,
    "string": str,
}


class _Missing:
    """Stands for a value that was not given, which None cannot."""


MISSING = _Missing()


class Filler:
    """Fills values in; `fits` tells whether a value is good for a schema already."""

    def __init__(self, schemas: Mapping[str, Schema], fits: Callable[[Schema, Json], bool]) -> None:
        self._schemas = schemas
        self._fits = fits

    def fill(self, schema: Schema, value: Json = MISSING) -> Json:
        """Give the value with every required and absent field added, at any depth."""
        if "$ref" in schema:
            return self.fill(self._schemas[schema["$ref"].removeprefix(PREFIX)], value)
        for part in schema.get("allOf", ()):
            value = self.fill(part, value)
        if "anyOf" in schema:
            value = self._alternative(schema, value)
        if value is MISSING:
            value = _neutral(schema)
        if isinstance(value, dict):
            return self._object(schema, value)
        if isinstance(value, list) and "items" in schema:
            return [self.fill(schema["items"], one) for one in value]
        return value

    def _object(self, schema: Schema, value: Json) -> Json:
        properties = schema.get("properties", {})
        given = {
            key: self.fill(properties[key], one) if key in properties else one
            for key, one in value.items()
        }
        absent = {
            key: self.fill(properties.get(key, {}))
            for key in schema.get("required", ())
            if key not in value
        }
        return {**given, **absent}

    def _alternative(self, schema: Schema, value: Json) -> Json:
        """Keep a value that fits as it is; else fill it as the first alternative that then fits."""
        alternatives = schema["anyOf"]
        if value is MISSING:
            nullable = {"type": "null"} in alternatives
            return None if nullable else self.fill(alternatives[0])
        if self._fits(schema, value):
            return value
        filled = (self.fill(one, value) for one in alternatives)
        return next((one for one in filled if self._fits(schema, one)), value)


def _neutral(schema: Schema) -> Json:
    """Give the emptiest value of a schema that is not made of alternatives."""
    kinds = schema.get("type", "object" if "properties" in schema else "null")
    if kinds == "object":
        return {}
    if "null" in kinds:
        return None
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") == "date-time":
        return MOMENT
    return NEUTRAL[kinds if isinstance(kinds, str) else kinds[0]]()
