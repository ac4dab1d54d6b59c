"""Times this library and its peers in one interleaved run."""
