"""What operators see of the installation: use by company, the journal of commands, the survey of servers and companies.

It reads what others wrote, and counts; it changes no company and no server.
"""
