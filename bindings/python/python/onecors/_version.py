"""The version of the package, the same number as in Cargo.toml."""

__version__ = "0.1.0"
