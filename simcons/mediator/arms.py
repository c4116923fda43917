"""The arms of a study and what they share: generators, and the keys of their draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simcons.scenario.mediators import GeneratorSettings, MediatorSettings


@dataclass(frozen=True, slots=True)
class Arms:
    """The arms of a study. What follows from their settings is worked out once, and not in every round.

    generators: by name, as `shared_generators` has them; generator_of: by arm, the name of its generator; seed_names: by
    generator, and choice_names: by arm, the arms after which their draws are keyed.
    """

    mediators: tuple[MediatorSettings, ...]
    generators: Mapping[str, GeneratorSettings]
    generator_of: Mapping[str, str]
    seed_names: Mapping[str, str]
    choice_names: Mapping[str, str]

    @classmethod
    def of(cls, mediators: Sequence[MediatorSettings]) -> Arms:
        generators = shared_generators(mediators)
        return cls(
            mediators=tuple(mediators),
            generators=generators,
            generator_of={mediator.arm: generator_name(mediator, mediators) for mediator in mediators},
            seed_names={name: _seed_name(name, mediators) for name in generators},
            choice_names={mediator.arm: _choice_name(mediator, mediators) for mediator in mediators},
        )

    def on(self, generator: str) -> list[MediatorSettings]:
        """The arms that choose among this generator's candidates."""
        return [mediator for mediator in self.mediators if self.generator_of[mediator.arm] == generator]


def shared_generators(mediators: Sequence[MediatorSettings]) -> dict[str, GeneratorSettings]:
    """The generators there are, named after the first arm that has each, with the most samples any arm wants."""
    shared: dict[str, GeneratorSettings] = {}
    for mediator in mediators:
        name = generator_name(mediator, mediators)
        if name not in shared or shared[name].samples < mediator.generator.samples:
            shared[name] = mediator.generator
    return shared


def generator_name(mediator: MediatorSettings, mediators: Sequence[MediatorSettings]) -> str:
    """The first arm whose generator is ``mediator``'s, but for the number of samples."""
    return next(other.arm for other in mediators if _alike(other.generator, mediator.generator))


def _seed_name(name: str, mediators: Sequence[MediatorSettings]) -> str:
    """The arm after which a generator's draws are keyed: the first that is like arm ``name`` but for what opinions it sees.

    Where there is no attack, such twins then make the same statements, and what differs between them is the attacks alone.
    """
    settings = next(mediator.generator for mediator in mediators if mediator.arm == name)
    return next(other.arm for other in mediators if _alike(other.generator.as_submitted, settings.as_submitted))


def _choice_name(mediator: MediatorSettings, mediators: Sequence[MediatorSettings]) -> str:
    """The arm after which the draws of a choice are keyed, by the same rule: its ties fall as its twin's do."""
    twins = [other for other in mediators if _alike(other.generator.as_submitted, mediator.generator.as_submitted)]
    same = {"arm": mediator.arm, "generator": mediator.generator}
    return next(other.arm for other in twins if other.model_copy(update=same) == mediator)


def _alike(left: GeneratorSettings, right: GeneratorSettings) -> bool:
    return left.model_copy(update={"samples": 1}) == right.model_copy(update={"samples": 1})
