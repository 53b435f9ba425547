"""`python -m meydan.messaging.tests.serving`: the gateway as a city runs it, but with passwords that cost little."""

import argparse
import sys

from django.contrib.auth.hashers import Argon2PasswordHasher

from meydan.site.commands import gateway

if __name__ == "__main__":
    Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 8, 1
    sys.exit(gateway.run(argparse.Namespace()))
