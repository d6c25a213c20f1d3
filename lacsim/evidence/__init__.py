"""The evidence as it was found: sources, documents, tables and areas.

Nothing here is adjusted for the model; figures the model reads live in `lacsim.parameters`, each pointing
back to a source listed here. pandas is imported only when a table or an area is asked for.
"""

from __future__ import annotations

from lacsim.evidence.areas import Area, Coverage, area, areas
from lacsim.evidence.sources import Source, document_text, quote_stands, sources
from lacsim.evidence.tables import TableInfo, table, tables

__all__ = [
    "Area",
    "Coverage",
    "Source",
    "TableInfo",
    "area",
    "areas",
    "document_text",
    "quote_stands",
    "sources",
    "table",
    "tables",
]
