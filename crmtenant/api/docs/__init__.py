"""The OpenAPI document, generated from the registered views, and its page."""
