"""The one kind of error that a user may read."""


class UserError(ValueError):
    """Input that cannot be used, or a run that cannot go on.

    The message is one sentence that says what to do. The page and the command line show it as it
    is, so it names no path of the machine and carries no traceback.
    """
