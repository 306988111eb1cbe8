"""What the house does: functions over a session or a reader and plain values.

Here we query, decide, write and flush. Nothing here sees a request, a resource or JSON, and nothing commits;
the registration saga is the one documented exception.
"""
