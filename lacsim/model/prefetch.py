"""Ask the processor to fetch a record before it is needed; no effect on any value.

Residents are met in the order of their dates, so their records lie all over memory and each would be waited for. The
record of one who comes up a few places later can be asked for in time.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from lacsim.model.compiling import step

_LINE = 64  # bytes of a line of cache


@intrinsic
def _prefetch(typing_context: Any, array: Any, index: Any) -> Any:
    """Fetch the line of cache that holds one byte offset of an array."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        held = context.make_array(signature.args[0])(context, builder, args[0])
        pointer = builder.gep(builder.bitcast(held.data, ir.IntType(8).as_pointer()), [args[1]])
        int32 = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [pointer.type, int32, int32, int32])
        fetch: Any = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")  # type: ignore[no-untyped-call]
        builder.call(fetch, [pointer, int32(0), int32(3), int32(1)])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


@step
def fetch(records: Any, i: int) -> None:
    """Fetch all lines of record `i` of a contiguous array of records."""
    offset = i * records.itemsize
    for line in range(0, records.itemsize, _LINE):
        _prefetch(records, offset + line)  # type: ignore[call-arg]
