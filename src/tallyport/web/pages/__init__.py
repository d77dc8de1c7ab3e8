"""The pages, one module a family; each reads views and shows a template."""
