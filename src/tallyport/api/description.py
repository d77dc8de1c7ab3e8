"""The description (接口说明): OpenAPI with every form of command, and a page without scripts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from tallyport.api.problems import WHAT_TO_DO, Problem
from tallyport.api.schema import ANSWERS, REF, Schema, Schemas
from tallyport.app.portal import Portal

PREFIX = "/api/v1/"
PROBLEM: Schema = {
    "type": "object",
    "description": "An error as RFC 9457 has it, with what to do.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "do": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail", "do"],
}
PROBLEM_ANSWER = {
    "description": "Something is wrong; see the page of problems.",
    "content": {"application/problem+json": {"schema": {"$ref": f"{REF}Problem"}}},
}


class DescribedAPI(NinjaAPI):
    """An API whose description knows the commands of the node that is served."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the description; commands come from the table of contracts."""
        schema = super().get_openapi_schema(
            path_prefix=path_prefix or PREFIX, path_params=path_params
        )
        components = schema["components"]["schemas"]
        components.update(ANSWERS.components)
        components.update(command_schemas())
        components["Problem"] = PROBLEM
        for operations in schema["paths"].values():
            for operation in operations.values():
                operation["responses"]["default"] = PROBLEM_ANSWER
        return schema


def command_schemas() -> dict[str, Schema]:
    """Return a schema for every form of command, and `Command`, which is any of them."""
    served: Portal = settings.PORTAL
    schemas = Schemas(is_answer=False)
    options, mapping = [], {}
    for form, kind in sorted(served.node.engine.machine.command_forms.items()):
        option = schemas.tagged(form, kind)
        options.append(option)
        mapping[form] = option["$ref"]
    union = {"oneOf": options, "discriminator": {"propertyName": "form", "mapping": mapping}}
    return schemas.components | {"Command": union}


def docs(request: HttpRequest, api: DescribedAPI) -> HttpResponse:
    """Show the description as a page."""
    schema = api.get_openapi_schema()
    operations = [
        {"path": path, "method": method.upper(), **operation}
        for path, found in schema["paths"].items()
        for method, operation in found.items()
    ]
    commands = [
        (form, one["description"], list(one["properties"])[1:])
        for form, one in sorted(schema["components"]["schemas"].items())
        if "form" in one.get("properties", {}) and ".v" in form
    ]
    problems = [(one.value, *WHAT_TO_DO[one]) for one in Problem]
    return render(
        request,
        "api/docs.html",
        {"info": schema["info"], "operations": operations, "commands": commands}
        | {"problems": problems},
    )
