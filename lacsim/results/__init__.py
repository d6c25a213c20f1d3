"""Results: what is computed from traces, and nothing that an engine counted."""
