//! The adapter for tower.
