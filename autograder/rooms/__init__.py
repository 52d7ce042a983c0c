"""Rooms: closed, warm processes in which student code and graders run, never in the same one."""
