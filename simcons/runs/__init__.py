"""Studies as calls: `run` a scenario, `resume` a run that was interrupted, `replay` one from the replies it kept.

Nothing here prints, handles signals or needs a terminal. Callbacks tell how a run gets on, and are called from the caller's
thread; the command line is one of their users.
"""

from simcons.messages import Message
from simcons.runs.progress import RunProgress
from simcons.runs.start import replay, resume, run

__all__ = ["Message", "RunProgress", "replay", "resume", "run"]
