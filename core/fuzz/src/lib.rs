//! What the fuzz targets share: a generator of documents, and a naive model of the engine.
//!
//! The model is written from docs/design.md alone. It is slow and plain, and shares no code with the
//! engine.

pub mod document;
pub mod model;
pub mod origins;
pub mod paths;
