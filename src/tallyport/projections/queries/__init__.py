"""Questions that pages, API and command line ask of the views; one module a family of pages."""
