//! A policy that can be replaced while it is in use.

mod denials;
mod rendered;
mod watch;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use onecors_core::{Policy, Problems, Request, Verdict};

use self::denials::DenialLog;
use self::rendered::RenderedList;
pub use self::watch::LoadError;
use self::watch::{Watch, Watcher};

/// The policy in force: a [`Policy`] that can be replaced while it is in use.
///
/// A `LivePolicy` is a handle. Its clones share one policy, and may be used from any number of threads
/// at once; reading takes no lock. Whoever takes [`current`](Self::current) once for a request decides
/// the whole request by that policy, whatever is put in force meanwhile.
///
/// ```
/// use onecors::{LivePolicy, Policy};
///
/// let live = LivePolicy::new(Policy::from_json(r#"{ "allow_origins": ["https://a.example"] }"#)?);
/// live.replace(r#"{ "allow_origins": ["https://b.example"] }"#)?;
///
/// let problems = live.replace(r#"{ "allow_origins": [] }"#).unwrap_err();
/// assert_eq!(problems.as_slice().len(), 1); // and b.example is still allowed
/// # Ok::<(), onecors::Problems>(())
/// ```
#[derive(Clone)]
pub struct LivePolicy(Arc<State>);

struct State {
    in_force: ArcSwap<InForce>,
    watcher: Mutex<Option<Watcher>>,
}

/// A policy in force, and the denials of it that have been logged: what an adapter takes once for
/// a request, and keeps for its response.
pub struct InForce {
    policy: Arc<Policy>,
    /// The document that it was compiled from, where there is one.
    document: Option<Arc<[u8]>>,
    denials: DenialLog,
    rendered: RenderedList,
}

impl InForce {
    fn new(policy: Arc<Policy>, document: Option<Arc<[u8]>>) -> Self {
        Self { policy, document, denials: DenialLog::default(), rendered: RenderedList::default() }
    }

    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Logs a denial as a warning of `tracing`: what was denied and why, in a line. An origin that a
    /// pattern covers or nearly covers is logged once for each verdict, pattern and difference; any other
    /// once for each verdict and origin, and no more than 1,000 of these until the policy is replaced.
    ///
    /// `verdict` is what the policy decided on this request, and `host` the value of `Host`: a page of
    /// the server's own origin is not denied anything, so that nothing is logged of it.
    pub fn log_denial<'h>(
        &self,
        verdict: Verdict,
        request: &Request<'_>,
        host: impl FnOnce() -> Option<&'h [u8]>,
    ) {
        self.denials.record(&self.policy, verdict, request, host);
    }

    /// What an adapter makes of the policy once, such as its plans as the framework's own header
    /// fields: one value of each type `T`, made by the first call.
    ///
    /// Reading takes no lock. A call that comes while the value is made waits for it.
    pub fn rendered<T: Send + Sync + 'static>(&self, make: impl FnOnce(&Policy) -> T) -> &T {
        self.rendered.get_or_make(|| make(&self.policy))
    }

    fn compile(document: Arc<[u8]>) -> Result<Self, Problems> {
        let policy = Arc::new(Policy::from_slice(&document)?);
        Ok(Self::new(policy, Some(document)))
    }
}

impl LivePolicy {
    /// Puts a policy in force.
    pub fn new(policy: impl Into<Arc<Policy>>) -> Self {
        Self::with(InForce::new(policy.into(), None))
    }

    /// Loads a file, and keeps the policy the same as the file until [`close`](Self::close), or until
    /// the last handle is gone.
    ///
    /// A thread looks at the file every quarter of a second, and through symbolic links, so that a
    /// change is in force within a second, whether the file is written, replaced by a rename, or
    /// reached through another link, as in a `ConfigMap` of Kubernetes. It asks for the file's status
    /// and does not wait for events, which mounts over a network do not deliver. A file that is gone
    /// or has problems is logged once, as an error of `tracing` with every problem, and the policy in
    /// force stays; a file that is loaded is logged as information. What is there for a moment only, as
    /// a file that is being written, is not logged.
    ///
    /// Call it after a fork, not before: threads do not survive one.
    ///
    /// # Errors
    ///
    /// At the start the file must be there and be right: [`LoadError`] says what is not.
    pub fn watch(path: impl Into<PathBuf>) -> Result<Self, LoadError> {
        let (watch, in_force) = Watch::load(path.into())?;
        let live = Self::with(in_force);
        let watcher = watch.start(Arc::downgrade(&live.0)).map_err(LoadError::NoThread)?;
        *live.0.watcher() = Some(watcher);
        Ok(live)
    }

    /// The policy in force.
    pub fn current(&self) -> Arc<Policy> {
        Arc::clone(&self.0.in_force.load().policy)
    }

    /// Compiles a document and puts it in force, at once for every handle.
    ///
    /// # Errors
    ///
    /// Every problem of the document; the policy in force then stays.
    pub fn replace(&self, document: impl AsRef<[u8]>) -> Result<(), Problems> {
        let in_force = InForce::compile(document.as_ref().into())?;
        self.0.in_force.store(Arc::new(in_force));
        Ok(())
    }

    /// Puts a policy in force, at once for every handle.
    pub fn replace_with(&self, policy: impl Into<Arc<Policy>>) {
        self.0.in_force.store(Arc::new(InForce::new(policy.into(), None)));
    }

    /// Stops watching the file, and waits for the thread to end. The policy in force stays. Does
    /// nothing when no file is watched.
    pub fn close(&self) {
        // Apart, so that the lock is free while the thread ends.
        let watcher = self.0.watcher().take();
        if let Some(watcher) = watcher {
            watcher.stop();
        }
    }

    /// The policy in force, with the log of its denials, for adapters.
    pub fn in_force(&self) -> Arc<InForce> {
        self.0.in_force.load_full()
    }

    fn with(in_force: InForce) -> Self {
        let in_force = ArcSwap::from_pointee(in_force);
        Self(Arc::new(State { in_force, watcher: Mutex::new(None) }))
    }
}

impl State {
    fn watcher(&self) -> MutexGuard<'_, Option<Watcher>> {
        // What the lock guards is whole at every moment.
        self.watcher.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<Policy> for LivePolicy {
    fn from(policy: Policy) -> Self {
        Self::new(policy)
    }
}

impl From<Arc<Policy>> for LivePolicy {
    fn from(policy: Arc<Policy>) -> Self {
        Self::new(policy)
    }
}

impl fmt::Debug for InForce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InForce").field(&self.policy).finish()
    }
}

impl fmt::Debug for LivePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LivePolicy").field(&self.0.in_force.load().policy).finish()
    }
}
