"""Where the API stands (接口地址): version 1; a change that breaks callers becomes version 2."""

from __future__ import annotations

from django.urls import path

from tallyport.api import (
    business,
    commands,
    documents,
    evidence,
    papers,
    problems,
    proving,
    transparency,
)
from tallyport.api.description import DescribedAPI, docs
from tallyport.api.identity import Bearer, Session

api = DescribedAPI(
    title="tallyport",
    version="1",
    description="Trade evidence in, credit out. Reads are as of one entry; commands are recorded.",
    docs_url=None,
    auth=[Bearer(), Session()],
    urls_namespace="api",
)
problems.handle(api)
for part in (commands, business, proving, transparency, evidence, documents, papers):
    part.add_to(api)

urlpatterns = [
    path("docs", docs, {"api": api}),
    *api.urls[0],
    path("<path:rest>", proving.unknown),
]
