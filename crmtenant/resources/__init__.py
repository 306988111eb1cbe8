"""The tree a URL walks down.

A resource finds its children and holds the session and the reader of its company. It does not look at the
method or the body, does not write and does not render. A request reaches a company's data only through that
company's `Tenant`, which `root.root_factory` makes from the token; there is no other way in.
"""
