"""What all tables of the configuration share: strictness, and the forms of names in them."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Strict(BaseModel):
    """A table that knows all its keys and never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


def _place(value: str) -> str:
    """Refuse a pattern that no path of a tree can match."""
    if {"", ".", ".."} & set(value.removesuffix("/").split("/")):
        raise ValueError("this is no path from the top of the tree")
    return value


Text = Annotated[str, Field(min_length=1, max_length=200)]
Team = Annotated[str, Field(pattern=r"^[\w.-]+(/[\w.-]+)?$")]
Login = Annotated[str, Field(pattern=r"^@?[A-Za-z0-9][A-Za-z0-9-]{0,38}$")]
Path = Annotated[Text, AfterValidator(_place)]
