//! What was logged, by any thread of the test program.

use std::fmt::Debug;
use std::sync::{Mutex, Once, PoisonError};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// One event: its fields, the text among them as `message`.
#[derive(Clone, Debug)]
pub(crate) struct Logged {
    pub(crate) level: Level,
    pub(crate) target: String,
    pub(crate) fields: Vec<(&'static str, String)>,
}

impl Logged {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|field| field.0 == name).map(|field| &*field.1)
    }

    pub(crate) fn message(&self) -> &str {
        self.field("message").unwrap_or_default()
    }
}

static LOG: Mutex<Vec<Logged>> = Mutex::new(Vec::new());

/// Begins to record; every test that reads the log calls it first.
pub(crate) fn record() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Recorder))
            .expect("nothing else subscribes");
    });
}

/// The events so far whose text contains some words. Tests run side by side: use words of your own.
pub(crate) fn about(words: &str) -> Vec<Logged> {
    let log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
    log.iter().filter(|logged| logged.message().contains(words)).cloned().collect()
}

struct Recorder;

impl<S: Subscriber> Layer<S> for Recorder {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut logged = Logged {
            level: *event.metadata().level(),
            target: event.metadata().target().to_owned(),
            fields: Vec::new(),
        };
        event.record(&mut logged);
        assert!(!logged.message().contains("panics-in-the-log"), "the subscriber panics, as told");
        LOG.lock().unwrap_or_else(PoisonError::into_inner).push(logged);
    }
}

impl Visit for Logged {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.push((field.name(), format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.push((field.name(), value.to_owned()));
    }
}
