"""What a test tells the hooks in `tests.support.abusing`, which load Schemathesis and so are never imported by one."""

HOOKS = "tests.support.abusing"
COOKIE = "MADOGUCHI_ABUSE_COOKIE"
"""The variable that holds the cookie header of a member's session."""
