"""What ``python3 -m lacsim`` does: set up once if need be, then hand over to the command line.

It uses the standard library only and parses on Python 3.6, so that an old Python gets a sentence to act on.
"""

import signal
import sys

OLDEST_PYTHON = (3, 11)
SETUP_PROBLEM = 3
STOPPED = 130


def main() -> int:
    """Run the command line in a complete environment and return its exit code.

    ``--version`` is answered by whatever Python asks, before anything is set up.

    Returns
    -------
        0 done, 3 the set-up failed, 130 stopped while setting up, else what the command line returns.
    """
    if sys.version_info < OLDEST_PYTHON:
        found = ".".join(str(part) for part in sys.version_info[:3])
        print(
            f"lacsim needs Python 3.11 or newer; this is {found}. "
            "Run the same command with a newer one, for example: python3.12 -m lacsim",
            file=sys.stderr,
        )
        return SETUP_PROBLEM
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from lacsim import __version__

        print(f"lacsim {__version__}")
        return 0

    from lacsim import _bootstrap
    from lacsim.errors import SetupError

    try:
        _bootstrap.enter(arguments)
    except SetupError as error:
        print(f"lacsim: {error}", file=sys.stderr)
        return SETUP_PROBLEM
    except KeyboardInterrupt:
        print("\nlacsim: stopped while setting up. Run the same command to start it again.", file=sys.stderr)
        return STOPPED

    from lacsim.cli import main as command_line

    code = command_line()
    if code == STOPPED:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # once more would break into the end, with a traceback
    return code


if __name__ == "__main__":
    sys.exit(main())
