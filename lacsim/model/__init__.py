"""The model: rules once, two engines, one trace.

`rules` holds every decision, `reference` tells a life aloud in SimPy, `compiled` lives the same lives fast. Both run
any rule set, which is how they are held against queueing theory.

A rule set is a module with five functions, compiled with `compiling.rule`, that read and change records:

``begin(person, ward, now, rates)``
    Makes the person ready for the first second; normally calls `think_again`.
``something_happens(person, ward, now, rates)``
    What was due first happens. Sets `cause`, `occasion` and `outcome` for the trace, `stage` and `wants`.
``place_granted(person, ward, kind, now, rates)``
    A place of a kind is the person's from now on.
``ward_changes(person, ward, now, rates)``
    The record of the person's ward has just been exchanged. If that can change when the next thing happens,
    it must set `next_time` anew (normally by calling `think_again`).
``think_again(person, ward, now, rates)``
    Sets `next_time` (whole seconds, never before `now`) and whatever the next event needs to know.

A sixth is for rules that let a date stand although it has moved further away:

``still_due(person, ward, now, rates)``
    Whether what was to happen first happens now; if not, it has set a later `next_time`, and nothing is written.

A rule depends on nothing but what it is given. That is a promise: where rows are not wanted in order, a person who has,
wants and waits for no place is lived ahead of their turn, up to the next change of their ward.

The engines read and write these fields of a person, whatever else the record holds: `next_time`, `ward`, `stage`,
`cause`, `occasion`, `reason`, `reason_occasion`, `outcome`, `holds`, and for each kind of pool `wants` (rules write),
`has` (engines write) and `urgency`. A place is asked for by setting `wants[kind]` and given back by clearing it.
`world.World` is what an engine is given; `tests/engines/queue_rules.py` is a whole rule set of an M/M/c queue.
"""
