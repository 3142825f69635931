"""Cut GitHub's OpenAPI description down to what the local GitHub serves, as plain JSON Schema.

Fetch the description with `npm pack @octokit/openapi`, unpack it, and run
`python devkit/openapi/cut.py package/generated/api.github.com.json`.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WANTED = HERE / "operations.txt"
RESULT = HERE / "github.json.gz"
PREFIX = "#/components/schemas/"
REFERENCE = "urn:github#/schemas/"
METHODS = {"get", "put", "post", "patch", "delete"}
PROSE = {"description", "example", "examples", "title", "externalDocs", "deprecated", "x-github"}
KEYED = {"properties", "patternProperties"}
Json = dict[str, Any]


def translated(node: Any) -> Any:  # noqa: ANN401 - any JSON
    """Give an OpenAPI 3.0 schema as JSON Schema 2020-12, without its prose.

    `nullable` becomes a type; `oneOf` becomes `anyOf`, since GitHub's alternatives overlap; a
    `discriminator` says nothing that the alternatives do not say.
    """
    if isinstance(node, list):
        return [translated(one) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return {"$ref": REFERENCE + node["$ref"].removeprefix(PREFIX)}
    kept = {key: value for key, value in node.items() if key not in PROSE}
    kept.pop("discriminator", None)
    nullable = kept.pop("nullable", False)
    schema = {
        "anyOf" if key == "oneOf" else key: (
            {name: translated(one) for name, one in value.items()}
            if key in KEYED
            else translated(value)
        )
        for key, value in kept.items()
    }
    return with_null(schema) if nullable else schema


def with_null(schema: Json) -> Json:
    """Let a schema accept null too."""
    if set(schema) & {"anyOf", "allOf"}:
        return {"anyOf": [schema, {"type": "null"}]}
    if "type" in schema:
        schema["type"] = [schema["type"], "null"]
    if "enum" in schema and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    return schema


class Cutter:
    """One pass over GitHub's description that remembers which schemas were used."""

    def __init__(self, description: Json) -> None:
        self.description = description
        self.schemas: Json = {}

    def cut(self, wanted: list[str]) -> Json:
        """Give the wanted operations and webhooks with every schema that they reach."""
        operations = {name: one for name, one in self.operations() if name in wanted}
        names = [name.split()[1] for name in wanted if name.startswith("webhook ")]
        webhooks = {name: self.webhook(name) for name in names}
        allow_deleted_forks([self.schemas, webhooks])
        return {
            "source": "@octokit/openapi " + self.description["info"]["version"],
            "operations": dict(sorted(operations.items())),
            "webhooks": webhooks,
            "schemas": dict(sorted(self.schemas.items())),
        }

    def operations(self) -> Iterator[tuple[str, Json]]:
        """Give every operation by its id; only what is looked into counts as used."""
        wanted = set(WANTED.read_text().split("\n"))
        for path, methods in self.description["paths"].items():
            for method in METHODS & set(methods):
                operation = methods[method]
                if operation["operationId"] in wanted:
                    yield operation["operationId"], self.operation(method, path, operation)

    def operation(self, method: str, path: str, operation: Json) -> Json:
        """Give one operation: where it is, what it takes and what it answers."""
        return {
            "method": method.upper(),
            "path": path,
            "parameters": [
                self.parameter(self.resolved(one)) for one in operation.get("parameters", ())
            ],
            "body": self.body(operation.get("requestBody")),
            "body_required": operation.get("requestBody", {}).get("required", False),
            "responses": {
                status: self.body(self.resolved(response))
                for status, response in operation["responses"].items()
            },
        }

    def resolved(self, node: Json) -> Json:
        """Follow a reference to a shared parameter or response."""
        if "$ref" not in node:
            return node
        _, _, kind, name = node["$ref"].split("/")
        found: Json = self.description["components"][kind][name]
        return found

    def parameter(self, parameter: Json) -> Json:
        """Give the name, the place and the schema of a parameter."""
        return {
            "name": parameter["name"],
            "in": parameter["in"],
            "required": parameter.get("required", False),
            "schema": self.used(parameter["schema"]),
        }

    def body(self, node: Json | None) -> Json | None:
        """Give the schema of a JSON body; None where there is none."""
        for media, content in (node or {}).get("content", {}).items():
            if media.endswith("json") and "schema" in content:
                return self.used(content["schema"])
        return None

    def webhook(self, name: str) -> Json:
        """Give the schema of a webhook's payload, named `event.action`."""
        key = name.replace("_", "-").replace(".", "-")
        body = self.body(self.description["x-webhooks"][key]["post"]["requestBody"])
        return body or {}

    def used(self, schema: Json) -> Json:
        """Translate a schema, and with it every schema that it refers to."""
        result: Json = translated(schema)
        for name in references(result):
            if name not in self.schemas:
                self.schemas[name] = {}
                self.schemas[name] = self.used(self.description["components"]["schemas"][name])
        return result


def allow_deleted_forks(node: Any) -> None:  # noqa: ANN401 - any JSON
    """Let the repository of a pull request's head be null: GitHub does, its description denies."""
    if isinstance(node, dict):
        head = node.get("properties", {}).get("head", {}).get("properties", {})
        if "repo" in head:
            head["repo"] = {"anyOf": [head["repo"], {"type": "null"}]}
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            allow_deleted_forks(one)


def references(node: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Give the names of the schemas to which a translated schema refers."""
    if isinstance(node, list):
        for one in node:
            yield from references(one)
    elif isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].removeprefix(REFERENCE)
        for value in node.values():
            yield from references(value)


def main() -> None:
    """Read the description named on the command line and write the cut."""
    description = json.loads(Path(sys.argv[1]).read_text())
    wanted = WANTED.read_text().split("\n")
    cut = json.dumps(Cutter(description).cut(wanted), separators=(",", ":"))
    RESULT.write_bytes(gzip.compress(cut.encode(), mtime=0))
    print(f"{len(cut)} bytes of JSON, {RESULT.stat().st_size} as {RESULT.name}")


if __name__ == "__main__":
    main()
