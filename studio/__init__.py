"""The product around the method: command line, page, runs, server, and what they save."""
