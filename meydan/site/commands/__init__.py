"""One verb per file: `add_arguments(parser)` and `run(options) -> int`, the exit code."""
