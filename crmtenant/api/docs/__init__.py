"""The OpenAPI document, generated from the registered views, and a page to read it."""
