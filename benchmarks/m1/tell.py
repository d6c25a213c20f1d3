"""One telling of M1 in a process of its own: `python -m benchmarks.m1.tell NAME --residents N`, the answer as JSON.

Names: idiomatic, lean, ciw, salabim (standard library and the simulator only), engine, twin. CPU seconds are those of
the replication: first draws and output included, attributes of residents excluded. Peak memory is that of the process.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import time
from typing import Any

from benchmarks.m1 import pathway as m1
from benchmarks.timing import peak_bytes

PEERS = {
    "idiomatic": "benchmarks.m1.simpy_idiomatic",
    "lean": "benchmarks.m1.simpy_lean",
    "ciw": "benchmarks.m1.ciw_model",
    "salabim": "benchmarks.m1.salabim_model",
}


def tell_peer(name: str, residents: int, seed: int, *, addressed: bool, share: float) -> dict[str, Any]:
    """One replication by a peer."""
    model = importlib.import_module(PEERS[name])
    people = m1.make_people(residents, seed, addressed=addressed)
    began = time.process_time()
    output = model.run(people, capacity_share=share)
    spent = time.process_time() - began
    counts = hashlib.sha256(json.dumps(output.counts).encode()).hexdigest()
    return {"transitions": output.transitions, "seconds": spent, "counts": counts}


def tell_fast(name: str, residents: int, seed: int, *, share: float) -> dict[str, Any]:
    """One replication by the engine or by its twin, after one to warm up."""
    from benchmarks.m1 import rules
    from benchmarks.m1.twin import find_twin
    from lacsim.model import compiled

    people = rules.people_of(residents, seed)
    if name == "engine":
        compiled.run(rules.world_of(rules.people_of(1_000, seed)), rules.RULES)
        world = rules.world_of(people, capacity_share=share)
        began = time.process_time()
        trace = compiled.run(world, rules.RULES)
    else:
        twin = find_twin()
        if twin is None:
            return {}
        twin.load(people, capacity_share=share)
        began = time.process_time()
        trace = twin.trace()
    return {"transitions": rules.transitions(trace), "rows": len(trace), "seconds": time.process_time() - began}


def main() -> None:
    """Read the arguments, tell, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=[*PEERS, "engine", "twin", "nothing"])
    parser.add_argument("--residents", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=1.0, help="capacity of the pools as a share of M1's")
    parser.add_argument("--stream", action="store_true", help="draw from one stream instead of addressed luck")
    args = parser.parse_args()
    told: dict[str, Any] = {}
    if args.name in PEERS:
        told = tell_peer(args.name, args.residents, args.seed, addressed=not args.stream, share=args.share)
    elif args.name != "nothing":
        told = tell_fast(args.name, args.residents, args.seed, share=args.share)
    told["peak_bytes"] = peak_bytes()
    print(json.dumps(told))


if __name__ == "__main__":
    main()
