"""What a killed child leaves behind: ended, and its end taken note of, even where nobody else would."""

import subprocess
import sys

LEAVE_SOMETHING_BEHIND = """
import os, signal, subprocess, sys
from meydan.site.processes import adopt_orphans, bury_group, bury_orphans

adopt_orphans()
child = subprocess.Popen(["sh", "-c", "sleep 60 & echo $!; read line"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         process_group=0)
left = int(child.stdout.readline())
child.kill()
child.wait()
os.kill(left, 0)
{bury}
try:
    os.kill(left, 0)  # the dead whose end nobody noted can be sent signals still
except ProcessLookupError:
    print("gone")
"""


def test_what_is_left_of_a_group_is_killed_and_buried() -> None:
    assert _said("bury_group(child.pid)") == "gone\n"


def test_the_dead_are_buried_but_for_those_that_somebody_waits_for() -> None:
    waited_for = """
ours = subprocess.Popen(["true"])
os.waitid(os.P_PID, ours.pid, os.WEXITED | os.WNOWAIT)
os.kill(left, signal.SIGKILL)
os.waitid(os.P_PID, left, os.WEXITED | os.WNOWAIT)
bury_orphans({ours.pid})
if ours.wait() == 0:
    bury_orphans(set())
"""
    assert _said(waited_for) == "gone\n"


def _said(bury: str) -> str:
    script = LEAVE_SOMETHING_BEHIND.format(bury=bury)
    return subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=50).stdout
