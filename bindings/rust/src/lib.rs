#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[cfg(feature = "actix")]
pub mod actix;
#[cfg(any(feature = "actix", feature = "tower"))]
mod judged;
#[cfg(feature = "live")]
mod live;
#[cfg(feature = "tower")]
pub mod tower;

#[cfg(all(test, any(feature = "actix", feature = "tower")))]
mod vectors;

#[cfg(feature = "live")]
pub use live::{InForce, LivePolicy, LoadError};
#[doc(inline)]
pub use onecors_core::*;
