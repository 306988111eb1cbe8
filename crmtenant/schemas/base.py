"""How input is read: drafts from bodies, queries from parameters, patches over what is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeVar, get_args, get_origin

import orjson
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationError,
    create_model,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, PydanticCustomError

from crmtenant.errors import FieldError, Invalid, Malformed
from crmtenant.schemas.errors import field_errors_of, visible

Json = dict[str, Any]
D = TypeVar("D", bound="Draft")
Q = TypeVar("Q", bound=BaseModel)

ITEM_FIELDS = ("created_at", "updated_at", "created_by", "updated_by", "version")
"""What every item has beside its id and that only the server sets."""

_WRITING = orjson.OPT_UTC_Z


class Draft(BaseModel):
    """What a client may write of a thing, checked.

    A field that is null is the same as one left out, unless a draft says that null means something.
    """

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, frozen=True)

    READ_ONLY: ClassVar[frozenset[str]] = frozenset()
    NULL_IS_ABSENT: ClassVar[bool] = True

    @classmethod
    def context_for(
        cls,
        data: Json,  # noqa: ARG003 (for those who override it)
        context: Mapping[str, Any],
    ) -> dict[str, Any]:
        """What the fields may need to know of each other and of the company while they are checked."""
        return dict(context)

    @classmethod
    def patched(
        cls,
        current: Json,
        patch: Json,
        context: Mapping[str, Any],  # noqa: ARG003 (for those who override it)
    ) -> Json:
        """What is there after a merge patch; nouns whose fields follow each other have more to say."""
        merged: Json = merge_patch(current, patch)
        return merged

    def columns(self) -> dict[str, Any]:
        """The column values of the row it describes; nouns add the keys that are derived from them."""
        return {name: getattr(self, name) for name in type(self).model_fields}

    @classmethod
    def never_null(cls) -> frozenset[str]:
        """Choices between words: a patch cannot take one away, for null does not say which to take instead."""
        fields = cls.model_fields.items()
        return frozenset(name for name, field in fields if isinstance(field.default, str))

    @model_validator(mode="before")
    @classmethod
    def _leave_out_nulls(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        if None not in data.values() and data.keys() <= cls.model_fields.keys():
            return data
        absent = {k for k, v in data.items() if v is None and k in cls.model_fields and cls.NULL_IS_ABSENT}
        return {visible(k): v for k, v in data.items() if k not in absent}


class Changes(Draft):
    """What a client may change of a thing: what is left out stays, and nothing may be null.

    Each field's default is None, which says that it was left out.
    """

    NULL_IS_ABSENT: ClassVar[bool] = False

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_null(cls, value: Any) -> Any:
        if value is None:
            raise PydanticCustomError("required", "This always has a value.")
        return value

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> Json:
        document: Json = handler.resolve_ref_schema(handler(schema))
        document["properties"] = {name: without_null(field) for name, field in document["properties"].items()}
        return document


class NoBody(Draft):
    """An empty body."""


def load(model: type[D], data: Any, *, context: Mapping[str, Any] | None = None, prefix: str = "") -> D:
    """Return the draft that `data` (parsed JSON) describes.

    `context["region"]` is the country of telephone numbers that name none, `context["zone"]` the time zone that days
    are counted in (UTC without it).

    Raises: `Invalid` with every error, pointers below `prefix`.
    """
    if not isinstance(data, dict):
        raise Invalid(FieldError(prefix, "not_an_object", "This must be a JSON object."))
    try:
        return model.model_validate(data, context=model.context_for(data, context or {}))
    except ValidationError as error:
        raise Invalid(*field_errors_of(error, read_only=model.READ_ONLY, prefix=prefix)) from None


def load_patch(
    model: type[D],
    current: Json,
    patch: Any,
    *,
    context: Mapping[str, Any] | None = None,
    prefix: str = "",
) -> D:
    """Return the draft of an item after an RFC 7396 merge patch; `current` is its writable fields as JSON.

    The draft's fields find the patch itself in their context.

    Invalid as in `load`; a patch cannot smuggle in an unknown or read-only field by giving it null.
    """
    if not isinstance(patch, dict):
        raise Invalid(FieldError(prefix, "not_an_object", "This must be a JSON object."))
    emptied = sorted(name for name in model.never_null() & patch.keys() if patch[name] is None)
    if emptied:
        raise Invalid(
            *(FieldError(f"{prefix}/{name}", "required", "This always has a value.") for name in emptied)
        )
    unknown_nulls = {name: None for name, value in patch.items() if value is None and name not in current}
    merged = model.patched(current, patch, context or {})
    return load(model, merged | unknown_nulls, context={**(context or {}), "patch": patch}, prefix=prefix)


def merge_patch(current: Any, patch: Any) -> Any:
    """Return `current` with the patch applied, neither of them changed (RFC 7396, section 2).

    Not recursive: however deep a patch is nested, it is a client's to send.
    """
    if not isinstance(patch, dict):
        return patch
    result = dict(current) if isinstance(current, dict) else {}
    pending = [(result, patch)]
    while pending:
        target, changes = pending.pop()
        for name, value in changes.items():
            if value is None:
                target.pop(name, None)
            elif isinstance(value, dict):
                before = target.get(name)
                target[name] = dict(before) if isinstance(before, dict) else {}
                pending.append((target[name], value))
            else:
                target[name] = value
    return result


def patch_model(model: type[D]) -> type[BaseModel]:
    """Return the document of a merge patch over this draft: the same fields, none required, null where one may be
    taken away."""
    solid = model.never_null() | {name for name, field in model.model_fields.items() if field.is_required()}
    fields: dict[str, Any] = {
        name: (
            _kind(field) if name in solid else _kind(field) | None,
            Field(None, description=field.description),
        )
        for name, field in model.model_fields.items()
    }
    name = model.__name__.removesuffix("Draft")
    return create_model(
        f"{name}Patch",
        __config__=ConfigDict(strict=True, extra="forbid"),
        __doc__="A JSON merge patch (RFC 7396): what is left out stays, null takes a value away.",
        **fields,
    )


def _kind(field: FieldInfo) -> Any:
    kind = field.annotation
    if get_origin(kind) is dict:  # a patch takes single members away
        key, value = get_args(kind)
        kind = dict[key, value | None]  # type: ignore[valid-type]
    return Annotated[kind, *field.metadata] if field.metadata else kind


def left_out(description: str) -> Any:
    """Return the default of an answer's field that is left out, rather than null, where it does not apply."""
    return Field(default_factory=lambda: None, description=description)


def without_null(field: Json) -> Json:
    """Return the JSON schema of a field as one that cannot be null."""
    kinds = [kind for kind in field.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == len(field.get("anyOf", ())):
        return field
    rest = {name: value for name, value in field.items() if name != "anyOf"}
    return {**kinds[0], **rest} if len(kinds) == 1 else {"anyOf": kinds, **rest}


def load_query(
    model: type[Q], params: list[tuple[str, str]], *, context: Mapping[str, Any] | None = None
) -> Q:
    """Return the query of these parameters.

    Raises: `Malformed` with every error, its pointers being parameter names.
    """
    seen = Counter(name for name, _ in params)
    repeated = [
        FieldError(visible(name), "repeated_parameter", "This parameter is given more than once.")
        for name, times in seen.items()
        if times > 1 and name in model.model_fields
    ]
    unknown = [
        FieldError(visible(name), "unknown_parameter", "There is no such parameter.")
        for name in seen
        if name not in model.model_fields
    ]
    given = {name: value for name, value in params if seen[name] == 1 and name in model.model_fields}
    field_errors = [*unknown[:50], *repeated]
    try:
        query = model.model_validate(given, context=dict(context or {}))
    except ValidationError as error:
        ill_formed = field_errors_of(error, read_only=frozenset())
        field_errors += [
            FieldError(field_error.pointer[1:], field_error.code, field_error.detail)
            for field_error in ill_formed
        ]
    if field_errors:
        raise Malformed("The query has errors.", code="invalid_query", field_errors=tuple(field_errors))
    return query


def as_json(values: Mapping[str, Any]) -> Json:
    """Column values as the JSON a client would send: days and moments as strings."""
    plain: Json = orjson.loads(encode(dict(values)))
    return plain


def encode(value: Any) -> bytes:
    """JSON as we send it: UTF-8, moments in UTC with Z."""
    return orjson.dumps(value, option=_WRITING)
