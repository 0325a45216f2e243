//! Events of `tracing`, written to Envoy's log under the id `dynamic_modules`.

use std::fmt::{self, Write};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::abi;

/// Sends every event of this library to Envoy's log. Other libraries in the process are not affected: they
/// have a `tracing` of their own.
pub(crate) fn init() {
    // It fails if a subscriber is set already.
    let _ = tracing::subscriber::set_global_default(EnvoyLog);
}

/// Writes one or more lines to Envoy's log.
pub(crate) fn write(level: abi::Level, message: &str) {
    // SAFETY: the message outlives the call, and Envoy's log takes lines from any thread.
    unsafe {
        abi::envoy_dynamic_module_callback_log(level, abi::ModuleBuffer::new(message.as_bytes()))
    };
}

struct EnvoyLog;

impl Subscriber for EnvoyLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // SAFETY: any thread may call it.
        metadata.is_event()
            && unsafe { abi::envoy_dynamic_module_callback_log_enabled(level(metadata)) }
    }

    fn event(&self, event: &Event<'_>) {
        let mut message = Message(String::new());
        event.record(&mut message);
        write(level(event.metadata()), &message.0);
    }

    // Spans are never enabled.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn level(metadata: &Metadata<'_>) -> abi::Level {
    match *metadata.level() {
        Level::ERROR => abi::Level::Error,
        Level::WARN => abi::Level::Warn,
        Level::INFO => abi::Level::Info,
        Level::DEBUG => abi::Level::Debug,
        Level::TRACE => abi::Level::Trace,
    }
}

/// An event's message, which contains what its other fields say.
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            let _ = write!(self.0, "{value:?}");
        }
    }
}
