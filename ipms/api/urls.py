from django.urls import path

from ipms.api import docs

urlpatterns = [
    path("schema", docs.schema, name="api-schema"),
    path("docs", docs.DocsView.as_view(), name="api-docs"),
]
