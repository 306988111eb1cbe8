"""Business logic: functions and classes over a session, a reader and plain values.

Services query, decide, write and flush. None sees a request, a resource or JSON. A company's own records
(`entities`, `overview`, `crm`, `transfer`) never commit: the caller's transaction does. The catalog side (`identity`, `tenants`,
`fleet`, `backups`, `mail`, `jobs`) opens its own transactions on the catalog.
"""
