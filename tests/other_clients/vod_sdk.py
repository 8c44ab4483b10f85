"""Alibaba's newer SDK for Python on the sandbox's VOD: it signs by ACS3, and has a model of every answer."""

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

from alibabacloud_tea_openapi.client import Client as OpenApi
from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params
from alibabacloud_vod20170321 import models
from darabonba.runtime import RuntimeOptions

from sandbox.vod import VodSandbox

_KEYS = re.compile(r"result\['(\w+)'\] = (?:self\.(\w+)|\[\]\s+if self\.(\w+))")
_PLAIN: Mapping[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (float, int), "bool": (bool,)}


class NewerSdk:
    """Calls operations, and holds their answers against the SDK's models."""

    def __init__(self, vod: VodSandbox) -> None:
        config = Config(
            access_key_id=vod.access_key_id,
            access_key_secret=vod.access_key_secret,
            endpoint=vod.endpoint,
            protocol="http",
            region_id=vod.region,
        )
        self._client = OpenApi(config)

    def call(self, action: str, **query: str) -> dict[str, Any]:
        """The answer. Raises the SDK's own errors."""
        params = Params(
            action=action,
            version="2017-03-21",
            protocol="HTTP",
            pathname="/",
            method="POST",
            auth_type="AK",
            style="RPC",
            req_body_type="formData",
            body_type="json",
        )
        answer = self._client.call_api(params, OpenApiRequest(query=query), RuntimeOptions())
        body: dict[str, Any] = answer["body"]
        return body


def differences(action: str, answer: Mapping[str, Any]) -> set[str]:
    """Where an answer's names and types are not those of the SDK's model, `[]` for any member of a list."""
    model = getattr(models, f"{action}ResponseBody")
    return set(_of_object(answer, model, action))


def _of_object(value: Mapping[str, Any], model: Any, path: str) -> Iterator[str]:
    types = {name: str(each.annotation) for name, each in inspect.signature(model.__init__).parameters.items()}
    names = {key: one or other for key, one, other in _KEYS.findall(inspect.getsource(model.to_map))}
    for key, inner in value.items():
        if key not in names:
            yield f"{path}.{key} is unknown"
        else:
            yield from _of_value(inner, types[names[key]], f"{path}.{key}")


def _of_value(value: Any, annotation: str, path: str) -> Iterator[str]:
    if annotation.startswith("List["):
        if not isinstance(value, list):
            yield f"{path} is no list"
            return
        for each in value:
            yield from _of_value(each, annotation[5:-1], f"{path}[]")
    elif annotation.startswith("main_models."):
        if not isinstance(value, dict):
            yield f"{path} is no object"
            return
        yield from _of_object(value, getattr(models, annotation.removeprefix("main_models.")), path)
    elif type(value) not in _PLAIN.get(annotation, (type(value),)):
        yield f"{path} is {type(value).__name__}, not {annotation}"
