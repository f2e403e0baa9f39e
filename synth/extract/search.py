"""Looks for the fragments that can be lifted: one at a time, each kept only if the skeleton still gives every answer."""

import ast
from typing import Any

from synth.extract import shapes
from synth.extract.copier import loaded, parameters
from synth.extract.drafts import Draft, Hidden, Plan, Site, Unliftable, attributes
from synth.extract.emit import Writer
from synth.extract.sites import Finder, is_trifle, overlaps, weight
from synth.extract.solution import Solution
from synth.extract.state import MAX_CALLS, MAX_TOOLS, MIN_CALLS, MIN_FITTING, WANTED_TOOLS, State
from synth.extract.trials import Played, Trials
from synth.extract.visible import Visible, derived, inputs
from synth.extract.words import Names

MAX_CHARS = 160
"""Length of a list, roughly as JSON, that a lifted fragment may take or give."""
MAX_LEAK = 0.34
"""Share of the inputs on which a tool's first result may happen to be the answer."""
MAX_TRIALS = 120
"""Requests for one problem."""


class Search:
    """One problem's search."""

    def __init__(self, writer: Writer, trials: Trials, solution: Solution, profile: dict[str, Any]) -> None:
        self.writer, self.trials, self.solution, self.profile = writer, trials, solution, profile
        self._begun = trials.count
        self._tried: dict[tuple[Any, ...], State | None] = {}
        self.failure = ""
        """Why the last attempt did not work."""

    async def attempt(self, plan: Plan) -> State | None:
        """Try a plan, unless too many have been tried; None if it does not hold."""
        if plan.key not in self._tried:
            if self.trials.count - self._begun > MAX_TRIALS:
                self.failure = "too many trials"
                return None
            self._tried[plan.key] = await self.confirm(plan)
        return self._tried[plan.key]

    async def confirm(self, plan: Plan) -> State | None:
        """Render a plan and let its skeleton solve the inputs; None if it does not hold."""
        try:
            state = await self._attempt(plan)
        except (Unliftable, SyntaxError, ValueError, RecursionError) as exc:
            self.failure = str(exc)
            return None
        self.failure = ""
        return state

    async def _attempt(self, plan: Plan) -> State:
        """Raises: Unliftable: it does not hold."""
        attributes(plan.hidden)
        self.writer.names = Names()
        played, drafts = await self._play(plan)
        raw = {one.attribute for one in plan.hidden if one.source == "input"}
        for tool, draft in drafts.items():  # what an input's own items look like is not the environment's fault
            own = draft.role == "access" and draft.key.rpartition(" ")[2] in raw
            if played.leaks.get(tool, 0.0) > MAX_LEAK and not own:
                raise Unliftable(f"{tool} gives the answer away")
        return State(plan, drafts, played)

    def written(self, state: State) -> str:
        """The source of the environment, with all that was seen in the trial before."""
        self.writer.names = Names()
        return self.writer.write(state.plan, state.played.tools, final=True)[0]

    async def _play(self, plan: Plan) -> tuple[Played, dict[str, Draft]]:
        """Played with JSON between skeleton and tools; where JSON changes values, these are converted on both sides.

        Raises:
            Unliftable: the skeleton does not get to the answers.
        """
        name = self.writer.class_name
        source, drafts = self.writer.write(plan, {})
        played = await self.trials.play(source, name, "untyped")
        seen = [shape for facts in played.tools.values() for shape in (*facts["arguments"].values(), facts["result"])]
        boxed = any(shapes.needs_box(facts["result"]) for facts in played.tools.values())
        if played.failure is None and not boxed:
            for facts in played.tools.values():
                facts["arguments"] = {key: shapes.plain(shape) for key, shape in facts["arguments"].items()}
                facts["result"] = shapes.plain(facts["result"])
            return played, drafts
        if not (boxed or any(map(shapes.changes, seen))):
            raise Unliftable(str(played.failure))
        first = await self.trials.play(source, name, "objects")
        seen = [shape for facts in first.tools.values() for shape in (*facts["arguments"].values(), facts["result"])]
        if first.failure or not all(map(shapes.is_json, seen)):
            raise Unliftable(first.failure or "a value that JSON cannot carry")
        source, drafts = self.writer.write(plan, first.tools)
        played = await self.trials.play(source, name, "json")
        if played.failure:
            raise Unliftable(played.failure)
        for tool, facts in played.tools.items():
            facts |= {key: first.tools[tool][key] for key in ("arguments", "result")}
        return played, drafts

    # -------------------------------------------------------------------------------------------------------- start
    async def begin(self) -> State | None:
        """Hide the inputs; the skeleton reads them where it needs them, or all at its start."""
        on_demand, upfront = ([*inputs(self.solution, self.trials.cases, upfront=way)] for way in (False, True))
        state = await self.attempt(Plan(hidden=on_demand))
        if state and min(state.played.calls) <= MAX_CALLS:
            return state
        other = await self.attempt(Plan(hidden=upfront))
        return other if other and (state is None or sum(other.played.calls) < sum(state.played.calls)) else state

    async def run(self) -> State | None:
        """The best plan found."""
        first = await self.begin()
        if first is None:
            return None
        first = await self.made_of_inputs(await self.objects(first))
        first = await self.objects(first)  # of what has been made of the inputs
        best: State | None = None
        for way in (self._by_functions, self._by_expressions, self._by_blocks):
            state = await self.trim(await way(first))
            best = state if best is None or state.rank > best.rank else best
            if best.good:
                break
        return best

    async def _by_functions(self, state: State) -> State:
        """Whole functions first: those that are documented may be all it takes."""
        state = await self.functions(state, documented=True)
        if state.enough and state.logic >= 2:
            return state
        return await self._by_expressions(await self.functions(state, documented=False))

    async def _by_expressions(self, state: State) -> State:
        """Fine fragments; coarser ones only where these do not suffice."""
        state = await self.expressions(state, looped=True, finest=2)
        if not state.good:
            state = await self.expressions(state, looped=True, finest=1)
        if not state.good:
            state = await self.containers(state)
        if not state.good:
            state = await self.blocks(state)
        if not state.enough:
            state = await self.expressions(state, looped=False, finest=2)
        return state

    async def _by_blocks(self, state: State) -> State:
        """Bodies of loops first."""
        state = await self.blocks(state)
        return state if state.good else await self._by_expressions(state)

    # ----------------------------------------------------------------------------------------------------- fragments
    async def objects(self, state: State) -> State:
        """An object that the entry point makes of its inputs lives in the state; its methods are tools."""
        for statement in self.solution.entry.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=cls)) as value):
                    if cls in self.solution.classes and name not in {one.name for one in state.plan.hidden}:
                        one = Hidden(self.solution.entry, name, f"other:{cls}", "object", value, class_name=cls)
                        made = await self.attempt(state.plan.with_(hidden=[one]))
                        if made and made.logic and max(made.played.calls) >= min(MIN_CALLS, max(state.played.calls)):
                            state = made
        return state

    async def made_of_inputs(self, state: State) -> State:
        """Values that only give inputs another form are made at the start, and hidden."""
        for one in derived(self.solution, self.writer.scopes, state.plan.hidden, self.profile):
            if _worth_hiding(one.shape) and (one.source == "derived" or self._made_of_hidden(one, state)):
                made = await self.attempt(state.plan.with_(hidden=[one]))
                if made and max(made.played.calls) <= 4 * max(max(state.played.calls), MIN_CALLS):
                    state = made
        return state

    def _made_of_hidden(self, one: Hidden, state: State) -> bool:
        """Whether a container that is changed later begins as something that is hidden anyway."""
        hidden = {other.name for other in state.plan.hidden if not other.shown}
        return one.init is not None and bool(loaded(one.init) & hidden)

    async def functions(self, state: State, *, documented: bool) -> State:
        """Functions of the module that can be tools as a whole."""
        visible = Visible(self.solution, self.writer.scopes, state.plan.hidden, state.plan.functions)
        for name, function in self.solution.functions.items():
            facts = self.profile.get(f"{name}:{function.lineno}")
            if function is self.solution.entry or name in state.plan.functions or name not in visible.uses.reached or not facts:
                continue
            described = bool(ast.get_docstring(function)) and function.returns is not None
            if described == documented and self._liftable(name, function, facts, visible):
                state = await self._better(state, state.plan.with_(functions=[name]))
        return state

    def _liftable(self, name: str, function: ast.FunctionDef, facts: dict[str, Any], visible: Visible) -> bool:
        """Whether a function is called more than once with what JSON can carry, and is not the whole algorithm."""
        if facts["calls"] < 2 or not shapes.is_json(facts["result"]):
            return False
        if self.solution.entry.name in {n for node in self.solution.needed(function) for n in loaded(node)}:
            return False
        elided = visible.elided(name) if name in visible.uses.calls else {}
        return all(shapes.is_json(facts["arguments"].get(p)) for p in parameters(function) if p not in elided)

    def _sites(self, state: State) -> Finder:
        finder = Finder(self.writer.scopes)
        visible = Visible(self.solution, self.writer.scopes, state.plan.hidden, state.plan.functions)
        objects = {one.class_name for one in state.plan.hidden if one.source == "object"}
        for node in self.solution.tree.body:
            if not isinstance(node, (ast.FunctionDef, ast.ClassDef)) or node.name in {*state.plan.functions, *objects}:
                continue
            if node is self.solution.entry or node.name in visible.uses.reached:
                finder.find(node)
        return finder

    async def expressions(self, state: State, *, looped: bool, finest: int) -> State:
        """Conditions and values, large ones before what they are made of."""
        for site in [site for site in self._sites(state).expressions if site.looped == looped]:
            if state.good and state.tools >= WANTED_TOOLS:
                return state
            state = await self._try(state, site, finest)
        return state

    async def _try(self, state: State, site: Site, finest: int) -> State:
        if weight(site.nodes[0]) < finest or overlaps(site, state.plan.sites):
            return state
        made = state if is_trifle(site.nodes[0]) else await self._better(state, state.plan.with_(sites=[site]))
        if made is state:
            for child in site.children:
                made = await self._try(made, child, finest)
        return made

    async def containers(self, state: State) -> State:
        """Containers that the solution works with move into the state."""
        for one in derived(self.solution, self.writer.scopes, state.plan.hidden, self.profile):
            if one.source == "working" and not state.good:
                made = await self.attempt(state.plan.with_(hidden=[one]))
                state = made if made and made.tools > state.tools and len(made.drafts) <= MAX_TOOLS else state
        return state if state.good else await self.expressions(state, looped=True, finest=1)

    async def blocks(self, state: State) -> State:
        """Statements that compute something, and bodies of loops."""
        finder = self._sites(state)
        late = [site for site in finder.statements if not site.looped]
        for site in [*finder.bodies, *(site for site in finder.statements if site.looped), *late]:
            if all(map(is_trifle, site.nodes)):
                continue
            if not state.good and not overlaps(site, state.plan.sites) and not (site in late and state.enough):
                state = await self._better(state, state.plan.with_(sites=[site]))
        return state

    async def _better(self, state: State, plan: Plan) -> State:
        """The plan's state if it holds and is worth it, else the one that there was."""
        made = await self.attempt(plan)
        if made is None or len(made.drafts) > MAX_TOOLS or made.tools < state.tools:
            return state
        if max(made.played.calls) < MIN_CALLS <= max(state.played.calls):
            return state  # too little is left to do
        keys = {draft.key for draft in made.drafts.values()}
        if any(draft.role == "logic" and draft.key not in keys for draft in state.drafts.values()):
            return state  # it has swallowed another tool
        for name in set(made.drafts) - set(state.drafts):
            facts = made.played.tools.get(name)
            if facts is None or facts["chars"] > MAX_CHARS or not facts["varied"]:
                return state
        return made

    # ---------------------------------------------------------------------------------------------------------- end
    async def trim(self, state: State) -> State:
        """Take back what makes too many calls, as long as enough is left."""
        while state.fitting < min(MIN_FITTING, len(state.played.calls)) and max(state.played.calls) > MAX_CALLS:
            best = state
            for part in [*state.plan.sites, *state.plan.functions]:
                made = await self.attempt(
                    Plan(
                        hidden=state.plan.hidden,
                        functions=[name for name in state.plan.functions if name != part],
                        sites=[site for site in state.plan.sites if site is not part],
                    )
                )
                if made and made.rank > best.rank:
                    best = made
            if best is state:
                return state
            state = best
        return state


def _worth_hiding(shape: Any) -> bool:
    if shape in ("int", "float", "bool"):
        return True
    return shapes.kind(shape) in ("list", "str", "dict", "tuple", "row", "set") and shapes.is_json(shape)
