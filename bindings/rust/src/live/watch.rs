//! A file that is kept in force: a thread that looks at it.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{error, fmt};

use onecors_core::{MAX_DOCUMENT_BYTES, Problems, printable};

use super::{InForce, State};

/// How often the thread looks.
const INTERVAL: Duration = Duration::from_millis(250);

/// A policy file could not be put in force.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The document in the file has problems.
    BadDocument {
        /// The file.
        path: PathBuf,
        /// Every problem of the document.
        problems: Problems,
    },
    /// There is no thread to be had for watching.
    NoThread(io::Error),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, error } => write!(f, "{}: {error}", name(path)),
            Self::BadDocument { path, problems } => write!(f, "{}: {problems}", name(path)),
            Self::NoThread(error) => write!(f, "no thread to watch the policy file: {error}"),
        }
    }
}

impl LoadError {
    /// What is wrong, without the path.
    fn detail(&self) -> String {
        match self {
            Self::Unreadable { error, .. } => error.to_string(),
            Self::BadDocument { problems, .. } => problems.to_string(),
            Self::NoThread(_) => self.to_string(),
        }
    }
}

impl error::Error for LoadError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Unreadable { error, .. } | Self::NoThread(error) => Some(error),
            Self::BadDocument { problems, .. } => Some(problems),
        }
    }
}

/// The name of a file, fit for a text.
fn name(path: &Path) -> Cow<'_, str> {
    printable(path.as_os_str().as_encoded_bytes())
}

/// The thread, as its owner knows it. It ends when this is dropped.
pub(super) struct Watcher {
    alive: Sender<()>,
    thread: JoinHandle<()>,
}

impl Watcher {
    /// Ends the thread, and waits for it, unless it is the one that asks.
    pub(super) fn stop(self) {
        drop(self.alive);
        if self.thread.thread().id() != thread::current().id() {
            // A thread that panicked has ended, too.
            let _ = self.thread.join();
        }
    }
}

/// A file, what was last seen of it, and what was last said of it.
pub(super) struct Watch {
    path: PathBuf,
    /// What the file was like at the last look.
    seen: Option<Stamp>,
    /// Whether the next look reads the file.
    due: bool,
    /// What was last put in force, or complained of; `None` when the file could not be read.
    read: Option<Arc<[u8]>>,
    complaint: Option<String>,
}

impl Watch {
    /// Reads the file for the first time.
    pub(super) fn load(path: PathBuf) -> Result<(Self, InForce), LoadError> {
        // Before reading, so that what changes meanwhile is seen to have changed.
        let seen = Stamp::of(&path);
        let document = read(&path)?;
        let in_force = compile(&path, Arc::clone(&document))?;
        Ok((Self { path, seen, due: true, read: Some(document), complaint: None }, in_force))
    }

    /// Starts the thread.
    pub(super) fn start(mut self, state: Weak<State>) -> io::Result<Watcher> {
        let (alive, stopped) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("onecors-watch".into())
            .spawn(move || self.run(&state, &stopped))?;
        Ok(Watcher { alive, thread })
    }

    /// Looks at the file until the other end of the channel is gone.
    fn run(&mut self, state: &Weak<State>, stopped: &Receiver<()>) {
        while stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
            let Some(state) = state.upgrade() else { return };
            self.look(&state);
        }
    }

    /// What is seen to have changed is read at the next look. By then a program that writes the file
    /// in several steps has finished, as a rule; and a second change within the clock's resolution,
    /// which leaves the same stamp, is read with the first.
    fn look(&mut self, state: &State) {
        let stamp = Stamp::of(&self.path);
        let changed = stamp != self.seen;
        self.seen = stamp;
        if self.due {
            self.reload(state, changed);
        }
        // What could not be read may be readable without any change of the file.
        self.due = changed || self.read.is_none();
    }

    fn reload(&mut self, state: &State, changed: bool) {
        let document = read(&self.path);
        let found = document.as_ref().ok().cloned();
        // As it was: what has been put in force by other means since then stays.
        if found.is_some() && found == self.read {
            return;
        }
        match document.and_then(|document| self.put_in_force(state, document)) {
            Ok(news) => {
                self.read = found;
                self.complaint = None;
                if news {
                    tracing::info!(
                        target: "onecors", path = &*self.path.to_string_lossy(),
                        "onecors: loaded the changed policy {}", name(&self.path)
                    );
                }
            }
            // It may be half written, or about to be put in its place; either way it will be seen to
            // have changed, and is read again.
            Err(_) if changed || Stamp::of(&self.path) != self.seen => {}
            Err(error) => {
                self.read = found;
                self.complain(error.detail());
            }
        }
    }

    fn complain(&mut self, complaint: String) {
        if self.complaint.as_ref() != Some(&complaint) {
            tracing::error!(
                target: "onecors", path = &*self.path.to_string_lossy(),
                "onecors: keeping the current policy: cannot reload {}: {complaint}", name(&self.path)
            );
            self.complaint = Some(complaint);
        }
    }

    /// Whether there was news: a document that is not the one in force.
    fn put_in_force(&self, state: &State, document: Arc<[u8]>) -> Result<bool, LoadError> {
        if state.in_force.load().document.as_ref() == Some(&document) {
            return Ok(false);
        }
        state.in_force.store(Arc::new(compile(&self.path, document)?));
        Ok(true)
    }
}

/// Reads at most one byte more than a document may have: enough for the engine to refuse it.
fn read(path: &Path) -> Result<Arc<[u8]>, LoadError> {
    let read = || {
        let mut document = Vec::new();
        File::open(path)?.take(MAX_DOCUMENT_BYTES as u64 + 1).read_to_end(&mut document)?;
        Ok(document.into())
    };
    read().map_err(|error| LoadError::Unreadable { path: path.to_owned(), error })
}

fn compile(path: &Path, document: Arc<[u8]>) -> Result<InForce, LoadError> {
    InForce::compile(document)
        .map_err(|problems| LoadError::BadDocument { path: path.to_owned(), problems })
}

/// What changes when a file does: its place, its size and its times.
#[derive(PartialEq, Eq)]
struct Stamp {
    #[cfg(unix)]
    place: (u64, u64),
    size: u64,
    #[cfg(unix)]
    times: (i64, i64, i64, i64),
    #[cfg(not(unix))]
    modified: Option<std::time::SystemTime>,
}

impl Stamp {
    /// Of the file at the end of all links; `None` when there is none.
    fn of(path: &Path) -> Option<Self> {
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt;
        let data = fs::metadata(path).ok()?;
        Some(Self {
            #[cfg(unix)]
            place: (data.dev(), data.ino()),
            size: data.len(),
            #[cfg(unix)]
            times: (data.mtime(), data.mtime_nsec(), data.ctime(), data.ctime_nsec()),
            #[cfg(not(unix))]
            modified: data.modified().ok(),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::LivePolicy;

    const GOOD: &str = r#"{ "allow_origins": ["https://app.example"] }"#;
    const OTHER: &str = r#"{ "allow_origins": ["https://other.example"] }"#;

    /// A program that writes a file in place empties it first.
    #[test]
    fn what_is_there_for_a_moment_is_not_complained_of() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("policy.json");
        fs::write(&path, GOOD).unwrap();
        let (mut watch, in_force) = Watch::load(path.clone()).unwrap();
        let live = LivePolicy::with(in_force);
        let state = &live.0;
        let write = |text: &str| fs::write(&path, text).unwrap();
        let remove = || fs::remove_file(&path).unwrap();

        let momentary: [&dyn Fn(); 3] = [&|| write(""), &|| write(&GOOD[..20]), &remove];
        for change in momentary {
            // A change right after another, which is when the file is read.
            write(&format!("{GOOD} "));
            watch.look(state);
            change();
            for _ in 0..3 {
                watch.look(state);
                assert_eq!(watch.complaint, None);
                write(GOOD);
            }
            assert_eq!(state.in_force.load().document.as_deref(), Some(GOOD.as_bytes()));
        }
        // Nor does it undo what has been put in force by other means.
        live.replace(OTHER).unwrap();
        for text in ["", "{", GOOD, GOOD] {
            write(text);
            watch.look(state);
        }
        watch.look(state);
        assert_eq!(state.in_force.load().document.as_deref(), Some(OTHER.as_bytes()));

        let lasting: [(&dyn Fn(), &str); 2] = [(&|| write("{"), "not JSON"), (&remove, "No such")];
        for (change, complaint) in lasting {
            change();
            for _ in 0..3 {
                watch.look(state);
            }
            assert!(watch.complaint.as_ref().unwrap().contains(complaint));
        }
    }
}
