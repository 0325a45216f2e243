//! A policy that is replaced while it is in use, by hand and by a file that changes.
#![allow(clippy::unwrap_used)]

mod events;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use onecors::{LivePolicy, LoadError, Policy, Request};
use tempfile::TempDir;
use tracing::Level;

/// More than any machine needs, for what ends at once when it comes.
const PATIENCE: Duration = Duration::from_secs(20);

fn document(origin: &str) -> String {
    format!(r#"{{ "allow_origins": ["https://{origin}.example"] }}"#)
}

fn allows(live: &LivePolicy, origin: &str) -> bool {
    let origin = format!("https://{origin}.example");
    let request = Request::default().origin(Some(origin.as_bytes()));
    live.current().decide(&request).reason().is_none()
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

fn wait_until_allowed(live: &LivePolicy, origin: &str) {
    wait_until(origin, || allows(live, origin));
}

/// Longer than the watcher needs to notice something.
fn let_the_watcher_look() {
    thread::sleep(Duration::from_secs(1));
}

#[test]
fn a_bad_document_leaves_the_old_one_in_force() {
    let live = LivePolicy::new(Policy::from_json(&document("first")).unwrap());
    let other_handle = live.clone();
    live.replace(document("second")).unwrap();
    assert!(allows(&other_handle, "second") && !allows(&other_handle, "first"));

    let problems = live.replace(r#"{ "allow_origins": ["https://a.example/"], "max_age": -1 }"#);
    assert_eq!(problems.unwrap_err().as_slice().len(), 2);
    assert_eq!(live.replace(b"\xff").unwrap_err().as_slice().len(), 1);
    assert!(allows(&live, "second"));

    live.replace_with(Arc::new(Policy::from_json(&document("third")).unwrap()));
    assert!(allows(&live, "third"));
}

#[test]
fn who_took_the_policy_keeps_it() {
    let live = LivePolicy::new(Policy::from_json(&document("first")).unwrap());
    let taken = live.current();
    live.replace(document("second")).unwrap();
    let request = Request::default().origin(Some(b"https://first.example"));
    assert!(taken.decide(&request).reason().is_none());
}

#[test]
fn at_the_start_the_file_must_be_right() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("cors.json");
    let error = LivePolicy::watch(&path).unwrap_err();
    assert!(matches!(&error, LoadError::Unreadable { path: named, .. } if *named == path));
    assert!(error.to_string().contains("cors.json"), "{error}");

    fs::write(&path, r#"{ "allow_origins": [], "max_age": -1 }"#).unwrap();
    let error = LivePolicy::watch(&path).unwrap_err();
    assert!(
        matches!(&error, LoadError::BadDocument { problems, .. } if problems.as_slice().len() == 2)
    );
    assert!(error.to_string().contains("cors.json") && error.to_string().contains("/max_age"));
}

#[test]
fn a_file_that_is_written_is_loaded() {
    events::record();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("written.json");
    fs::write(&path, document("first")).unwrap();
    let live = LivePolicy::watch(&path).unwrap();
    assert!(allows(&live, "first"));
    // The size stays.
    fs::write(&path, document("other")).unwrap();
    wait_until_allowed(&live, "other");
    wait_until("a line in the log", || {
        let logged = events::about("written.json");
        logged.len() == 1 && logged[0].level == Level::INFO && logged[0].target == "onecors"
    });
    let loaded = format!("onecors: loaded the changed policy {}", path.display());
    assert_eq!(events::about("written.json")[0].message(), loaded);
}

#[test]
fn what_is_put_in_force_by_other_means_stays_while_the_file_is_as_it_was() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("cors.json");
    fs::write(&path, document("first")).unwrap();
    let live = LivePolicy::watch(&path).unwrap();
    live.replace(document("other")).unwrap();
    let_the_watcher_look();
    assert!(allows(&live, "other"));
    // Another time, and the same words.
    fs::write(&path, document("first")).unwrap();
    let_the_watcher_look();
    assert!(allows(&live, "other"));
}

#[test]
fn a_file_that_is_renamed_over_is_loaded() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("cors.json");
    fs::write(&path, document("first")).unwrap();
    let live = LivePolicy::watch(&path).unwrap();
    for origin in ["second", "third"] {
        let new = folder.path().join("cors.json.new");
        fs::write(&new, document(origin)).unwrap();
        fs::rename(&new, &path).unwrap();
        wait_until_allowed(&live, origin);
    }
}

/// A `ConfigMap` is a file behind a link to a link to a folder, and that folder's link is replaced.
#[test]
fn a_link_to_another_folder_is_followed() {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    let publish = |version: &str| {
        fs::create_dir(root.join(version)).unwrap();
        fs::write(root.join(version).join("cors.json"), document(version)).unwrap();
        let link = root.join("..data_tmp");
        symlink(version, &link).unwrap();
        fs::rename(&link, root.join("..data")).unwrap();
    };
    publish("first");
    symlink(Path::new("..data/cors.json"), root.join("cors.json")).unwrap();
    let live = LivePolicy::watch(root.join("cors.json")).unwrap();
    publish("second");
    wait_until_allowed(&live, "second");
    fs::remove_dir_all(root.join("first")).unwrap();
    publish("third");
    wait_until_allowed(&live, "third");
}

#[test]
fn a_bad_or_missing_file_is_logged_once_and_changes_nothing() {
    events::record();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("damaged.json");
    fs::write(&path, document("first")).unwrap();
    let live = LivePolicy::watch(&path).unwrap();

    let bad = r#"{ "allow_origins": ["https://a.example/"], "max_age": -1 }"#;
    for _ in 0..2 {
        fs::write(&path, bad).unwrap();
        wait_until("an error in the log", || !events::about("damaged.json").is_empty());
        let_the_watcher_look();
    }
    let logged = events::about("damaged.json");
    assert_eq!(logged.len(), 1, "{logged:?}");
    assert_eq!((logged[0].level, &*logged[0].target), (Level::ERROR, "onecors"));
    let text = logged[0].message();
    let kept = format!("onecors: keeping the current policy: cannot reload {}: ", path.display());
    let problems = text.strip_prefix(&kept).unwrap_or_else(|| panic!("{text}"));
    assert!(problems.contains("/allow_origins/0") && problems.contains("/max_age"), "{text}");
    assert!(!problems.contains("damaged.json"), "the path is repeated: {text}");
    assert!(allows(&live, "first"));

    fs::remove_file(&path).unwrap();
    wait_until("a second error", || events::about("damaged.json").len() == 2);
    let_the_watcher_look();
    assert_eq!(events::about("damaged.json").len(), 2);
    assert!(allows(&live, "first"));

    fs::write(&path, document("second")).unwrap();
    wait_until_allowed(&live, "second");
}

#[test]
fn the_document_in_force_is_not_loaded_again() {
    events::record();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("touched.json");
    fs::write(&path, document("first")).unwrap();
    let live = LivePolicy::watch(&path).unwrap();
    let policy = live.current();
    fs::write(&path, document("first")).unwrap();
    let_the_watcher_look();
    assert!(Arc::ptr_eq(&policy, &live.current()));
    assert!(events::about("touched.json").is_empty());

    // What is in force already, by hand, is no news in the file.
    live.replace(document("other")).unwrap();
    let policy = live.current();
    fs::write(&path, document("other")).unwrap();
    let_the_watcher_look();
    assert!(Arc::ptr_eq(&policy, &live.current()));
}

#[test]
fn close_ends_the_watching_and_keeps_the_policy() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("cors.json");
    fs::write(&path, document("first")).unwrap();
    let live = LivePolicy::watch(&path).unwrap();
    live.close();
    live.close();
    fs::write(&path, document("second")).unwrap();
    let_the_watcher_look();
    assert!(allows(&live, "first"));
}

#[test]
fn the_thread_ends_with_the_last_handle() {
    let threads = || {
        let tasks = fs::read_dir("/proc/self/task").unwrap();
        tasks
            .filter(|task| {
                let name = fs::read_to_string(task.as_ref().unwrap().path().join("comm"));
                name.unwrap_or_default().trim() == "onecors-watch"
            })
            .count()
    };
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("cors.json");
    fs::write(&path, document("first")).unwrap();
    // Other tests have watchers, too, which come and go.
    let lives: Vec<_> = (0..50).map(|_| LivePolicy::watch(&path).unwrap()).collect();
    wait_until("threads", || threads() >= 50);
    let clones = lives.clone();
    drop(lives);
    assert!(threads() >= 50);
    drop(clones);
    wait_until("no threads", || threads() < 50);
}
