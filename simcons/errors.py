"""The one exception tree.

SimconsError
├── InputError            what the user gave cannot be used: one line, exit code 2
│   ├── ScenarioError     a scenario, population or question bank
│   │   └── ScenarioProblems  several things wrong with one of these: a line each
│   ├── TrainingDataError too few examples, or a folder of them that is damaged
│   ├── RunFolderError    a run folder: unfinished, foreign, not empty
│   ├── CheckpointError   the folder of a checkpoint: unfinished, of something else, not empty
│   ├── RequestRefused    a request to `simcons serve` that cannot be understood
│   └── ArgumentError     an argument of `simcons.run` and its like; the command line names its option
├── EngineError           a language model could not answer
│   ├── ContextTooLong    a prompt and its reply do not fit the model's context
│   ├── NoAnswer          one request of a user's own pipeline has none
│   ├── NothingUsable     none of its answers could be used, and they cost money
│   ├── MissingPackage    a library is not installed; names the command that installs it
│   └── ModelNotFound     no such model folder, file or hub id
├── StorageError          a table or the store of calls could not be written (disk full, no permission)
│   └── CorruptStore      the store of calls is damaged (defined in engines.store)
├── ProcessesEnded        a process that simulates sessions was killed; the run can be resumed
├── TrainingStopped       training cannot go on: a loss that is no number, processes that ended
├── BudgetReached         the run may spend no more; it can be resumed (exit code 3)
└── Interrupted           the user or the system stopped the program (exit code 130; 143 for SIGTERM, 129 for SIGHUP)

Exceptions take positional arguments only: SimPy and multiprocessing rebuild them from ``.args``.
"""


class SimconsError(Exception):
    """Root of everything simcons raises on purpose."""


class InputError(SimconsError):
    """Input that cannot be used. The message is one line: file, key, value, what was expected."""


class ScenarioError(InputError):
    """A scenario, population, or question bank is wrong."""


class ScenarioProblems(ScenarioError):
    """Several things are wrong: a line that says how many, and a line for each."""

    def __init__(self, summary: str, problems: tuple[str, ...]) -> None:
        super().__init__(summary, problems)

    def __str__(self) -> str:
        return f"{self.args[0]}: {'; '.join(self.problems)}"

    @property
    def summary(self) -> str:
        return str(self.args[0])

    @property
    def problems(self) -> tuple[str, ...]:
        return tuple(self.args[1])


class TrainingDataError(InputError):
    """Records give too few examples, or a folder of training data is none, damaged, or not apart in its sides."""


class RunFolderError(InputError):
    """A run folder is unfinished, is no run folder, or would be overwritten."""


class CheckpointError(InputError):
    """The folder of a checkpoint is unfinished, of something else, or would be overwritten."""


class ArgumentError(InputError):
    """An argument that cannot be used: its name, its value as it is shown, and what was expected."""

    def __init__(self, name: str, value: str, problem: str) -> None:
        super().__init__(name, value, problem)

    def __str__(self) -> str:
        name, value, problem = self.args
        return f"{name} {value}: {problem}"


class RequestRefused(InputError):
    """A request to the people of `simcons serve` that is not answered: why, the parameter, a code, and the HTTP status."""

    def __init__(self, message: str, parameter: str | None, code: str, status: int = 400) -> None:
        super().__init__(message, parameter, code, status)

    def __str__(self) -> str:
        return str(self.args[0])


class EngineError(SimconsError):
    """An engine could not answer a request."""


class NothingUsable(EngineError):
    """None of the first answers of an act could be used, from an engine that costs money. The run can be resumed."""


class ContextTooLong(EngineError):
    """A prompt that cannot be asked: engine, tokens of the prompt, tokens of the reply, tokens of the context."""

    def __init__(self, engine: str, n_prompt: int, max_tokens: int, context: int) -> None:
        super().__init__(engine, n_prompt, max_tokens, context)

    def __str__(self) -> str:
        engine, n_prompt, max_tokens, context = self.args
        return (
            f"engine {engine!r}: a prompt of {n_prompt} tokens and max_tokens {max_tokens} "
            f"do not fit the model's context of {context} tokens"
        )


class BudgetReached(SimconsError):
    """A run has spent what it may. The message says what was reached and how to go on."""


class ProcessesEnded(SimconsError):
    """A process that a study's sessions were shared out to was killed, as for want of memory. The run can be resumed."""


class TrainingStopped(SimconsError):
    """A loss or gradient is no number: the message says at which step, and what is kept. Or processes that train have ended."""


class NoAnswer(EngineError):
    """One request of a user's own pipeline has no answer: why (filtered, too_long, refused), and what was shown."""

    def __init__(self, finish: str, seen: str) -> None:
        super().__init__(finish, seen)

    def __str__(self) -> str:
        finish, seen = self.args
        return f"no answer ({finish})" + (f": {seen}" if seen else "")


class MissingPackage(EngineError):
    """An optional package is not installed."""

    def __init__(self, package: str, command: str) -> None:
        super().__init__(package, command)

    def __str__(self) -> str:
        package, command = self.args
        return f"this needs the package {package!r}, which is not installed: {command}"


class ModelNotFound(EngineError):
    """The model named in the scenario is no readable folder, file or known id."""


class Interrupted(SimconsError):
    """Ctrl-C, or a signal that ends the program: what is left behind, and the exit code."""

    def __init__(self, message: str, exit_code: int = 130) -> None:
        super().__init__(message, exit_code)

    def __str__(self) -> str:
        return str(self.args[0])

    @property
    def exit_code(self) -> int:
        return int(self.args[1])


class StorageError(SimconsError):
    """Records could not be written."""
