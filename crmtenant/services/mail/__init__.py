"""Mail: templates that turn plain values into messages, the outbox they wait in, and their delivery.

Other rooms fill a template and put the message into the outbox in their own catalog transaction. This room
knows none of them.
"""
