//! The native half of the Java binding: the native methods of `io.onecors.Native`, which documents
//! what each takes and returns.
//!
//! Only primitives and byte arrays cross the boundary, so that no Java class is looked up by name but
//! the exceptions thrown here. The library keeps no state of its own: copies of it, one for each class
//! loader, do not know of each other. The methods are found by their exported names; registered ones
//! would dangle when a class loader goes.
#![allow(non_snake_case, reason = "the names of exported native methods are mangled Java names")]

mod failure;
mod packed;

use std::mem::MaybeUninit;
use std::num::NonZeroU64;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use jni::objects::{JByteArray, JClass, JLongArray};
use jni::sys::{jboolean, jbyteArray, jclass, jint, jlong};
use jni::{Env, EnvUnowned};
use onecors_core::{Explanation, MAX_DOCUMENT_BYTES, Policy, Request};

use crate::failure::{Failure, ThrowIllegalState};

/// Requests up to this many bytes are copied to the stack, longer ones to the heap.
const STACK_BYTES: usize = 1024;

/// No verdict has these bits. A question mark may stand for what is no ASCII, so nothing is decided on
/// it before the request comes again in UTF-8.
const INEXACT: jint = -1;

/// `byte[] version()`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_onecors_Native_version<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> JByteArray<'local> {
    env.with_env(|env| {
        Ok::<_, Failure>(env.byte_array_from_slice(onecors_core::VERSION.as_bytes())?)
    })
    .resolve::<ThrowIllegalState>()
}

/// `byte[] compile(byte[] document, long[] policy)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_onecors_Native_compile<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    document: JByteArray<'local>,
    policy: JLongArray<'local>,
) -> JByteArray<'local> {
    env.with_env(|env| {
        let document = read_document(env, &document)?;
        probe(&document);
        match Policy::from_slice(&document) {
            Ok(compiled) => {
                let compiled = Box::into_raw(Box::new(compiled));
                let stored = policy.set_region(env, 0, &[compiled.expose_provenance() as jlong]);
                if stored.is_err() {
                    // SAFETY: it comes from `Box::into_raw` above and nobody else has seen it.
                    drop(unsafe { Box::from_raw(compiled) });
                }
                stored?;
                Ok(JByteArray::null())
            }
            Err(problems) => Ok(env.byte_array_from_slice(&packed::problems(&problems)?)?),
        }
    })
    .resolve::<ThrowIllegalState>()
}

/// `byte[] plans(long policy)`
///
/// # Safety
///
/// To be called with an address that `compile` stored and `free` has not had.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn Java_io_onecors_Native_plans<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    policy: jlong,
) -> JByteArray<'local> {
    env.with_env(|env| {
        // SAFETY: the caller's part.
        let policy = unsafe { borrow(policy) };
        Ok::<_, Failure>(env.byte_array_from_slice(&packed::plans(policy.plans())?)?)
    })
    .resolve::<ThrowIllegalState>()
}

/// `byte[] uniform(long policy, int most)`
///
/// # Safety
///
/// To be called with an address that `compile` stored and `free` has not had.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn Java_io_onecors_Native_uniform<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    policy: jlong,
    most: jint,
) -> JByteArray<'local> {
    env.with_env(|env| {
        // SAFETY: the caller's part.
        let policy = unsafe { borrow(policy) };
        let Some(uniform) = policy.uniform() else {
            return Ok(JByteArray::null());
        };
        let most = usize::try_from(most).unwrap_or(0);
        Ok::<_, Failure>(env.byte_array_from_slice(&packed::uniform(&uniform, most)?)?)
    })
    .resolve::<ThrowIllegalState>()
}

/// `int decide(long policy, byte[] request, boolean exact, int method, int path, int origin, int acrm,
/// int acrh)`
///
/// This is the one call that every request pays for, so it goes without the `jni` crate.
///
/// # Safety
///
/// To be called by the JVM, with an address that `compile` stored and `free` has not had, and an array
/// of at least as many bytes as the lengths add up to.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn Java_io_onecors_Native_decide(
    env: *mut jni::sys::JNIEnv,
    _class: jclass,
    policy: jlong,
    request: jbyteArray,
    exact: jboolean,
    method: jint,
    path: jint,
    origin: jint,
    access_control_request_method: jint,
    access_control_request_headers: jint,
) -> jint {
    let lengths =
        [method, path, origin, access_control_request_method, access_control_request_headers];
    let decided = catch_unwind(AssertUnwindSafe(|| {
        let total = packed::total(lengths);
        let mut stack = [MaybeUninit::<u8>::uninit(); STACK_BYTES];
        let mut heap = Vec::new();
        let start: *mut u8 = if total <= STACK_BYTES {
            stack.as_mut_ptr().cast()
        } else {
            heap.try_reserve_exact(total).map_err(|_| Failure::OutOfMemory(total))?;
            heap.as_mut_ptr()
        };
        // SAFETY: `env` is the JVM's for this thread; the array has at least `total` bytes, and
        // `start` has room for as many, all of which are written before they are read.
        let (policy, bytes) = unsafe {
            ((**env).v1_1.GetByteArrayRegion)(env, request, 0, total as jint, start.cast());
            (borrow(policy), std::slice::from_raw_parts(start, total))
        };
        if !exact && bytes.contains(&b'?') {
            return Ok(INEXACT);
        }
        let request = packed::request(bytes, lengths);
        probe(request.method.unwrap_or_default());
        Ok(policy.decide(&request).bits().cast_signed())
    }));
    let failure = match decided {
        Ok(Ok(verdict)) => return verdict,
        Ok(Err(failure)) => failure,
        Err(payload) => Failure::from_panic(payload),
    };
    // SAFETY: as above. What is returned beside a pending exception is never looked at.
    unsafe { EnvUnowned::from_raw(env) }
        .with_env(|_| Err::<jint, Failure>(failure))
        .resolve::<ThrowIllegalState>()
}

/// `byte[] explain(long policy, byte[] request, int method, int path, int origin, int acrm, int acrh)`
///
/// # Safety
///
/// To be called with an address that `compile` stored and `free` has not had.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn Java_io_onecors_Native_explain<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    policy: jlong,
    request: JByteArray<'local>,
    method: jint,
    path: jint,
    origin: jint,
    access_control_request_method: jint,
    access_control_request_headers: jint,
) -> JByteArray<'local> {
    let lengths =
        [method, path, origin, access_control_request_method, access_control_request_headers];
    // SAFETY: the caller's part.
    let policy = unsafe { borrow(policy) };
    tell(env, policy, &request, lengths, |story| story.to_json())
}

/// `byte[] summarize(long policy, byte[] request, int method, int path, int origin, int acrm, int acrh)`
///
/// # Safety
///
/// To be called with an address that `compile` stored and `free` has not had.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn Java_io_onecors_Native_summarize<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    policy: jlong,
    request: JByteArray<'local>,
    method: jint,
    path: jint,
    origin: jint,
    access_control_request_method: jint,
    access_control_request_headers: jint,
) -> JByteArray<'local> {
    let lengths =
        [method, path, origin, access_control_request_method, access_control_request_headers];
    // SAFETY: the caller's part.
    let policy = unsafe { borrow(policy) };
    tell(env, policy, &request, lengths, |story| story.summary)
}

/// Explains a request, and gives the text that is made of the explanation.
fn tell<'local>(
    mut env: EnvUnowned<'local>,
    policy: &Policy,
    request: &JByteArray<'local>,
    lengths: [jint; 5],
    text: fn(Explanation) -> String,
) -> JByteArray<'local> {
    env.with_env(|env| {
        let bytes = read(env, request, packed::total(lengths))?;
        let request = packed::request(&bytes, lengths);
        probe(request.method.unwrap_or_default());
        let text = text(policy.explain(&request));
        Ok::<_, Failure>(env.byte_array_from_slice(text.as_bytes())?)
    })
    .resolve::<ThrowIllegalState>()
}

/// `byte[] printable(byte[] text)`
#[unsafe(no_mangle)]
pub extern "system" fn Java_io_onecors_Native_printable<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    text: JByteArray<'local>,
) -> JByteArray<'local> {
    env.with_env(|env| {
        let text = read(env, &text, text.len(env)?)?;
        Ok::<_, Failure>(env.byte_array_from_slice(onecors_core::printable(&text).as_bytes())?)
    })
    .resolve::<ThrowIllegalState>()
}

/// `boolean checkOrigin(long policy, byte[] path, byte[] origin, byte[] host)`
///
/// # Safety
///
/// To be called with an address that `compile` stored and `free` has not had.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn Java_io_onecors_Native_checkOrigin<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    policy: jlong,
    path: JByteArray<'local>,
    origin: JByteArray<'local>,
    host: JByteArray<'local>,
) -> jboolean {
    env.with_env(|env| {
        let path = read_if_present(env, &path)?;
        let origin = read_if_present(env, &origin)?;
        let host = read_if_present(env, &host)?;
        let request = Request::default().path(path.as_deref()).origin(origin.as_deref());
        probe(request.path.unwrap_or_default());
        // SAFETY: the caller's part.
        let policy = unsafe { borrow(policy) };
        Ok::<_, Failure>(policy.check_origin(&request, host.as_deref()))
    })
    .resolve::<ThrowIllegalState>()
}

/// `long nearestPattern(long policy, byte[] path, byte[] origin)`
///
/// # Safety
///
/// To be called with an address that `compile` stored and `free` has not had.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn Java_io_onecors_Native_nearestPattern<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    policy: jlong,
    path: JByteArray<'local>,
    origin: JByteArray<'local>,
) -> jlong {
    env.with_env(|env| {
        let path = read_if_present(env, &path)?;
        let origin = read_if_present(env, &origin)?;
        let request = Request::default().path(path.as_deref()).origin(origin.as_deref());
        probe(request.path.unwrap_or_default());
        // SAFETY: the caller's part.
        let policy = unsafe { borrow(policy) };
        // It is below 2^53.
        Ok::<_, Failure>(policy.nearest_pattern(&request).map_or(0, NonZeroU64::get) as jlong)
    })
    .resolve::<ThrowIllegalState>()
}

/// `void free(long policy)`
///
/// # Safety
///
/// To be called once for each address that `compile` stored, when no other call is using it.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn Java_io_onecors_Native_free<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    policy: jlong,
) {
    env.with_env(|_| {
        // SAFETY: the caller's part: the address came from `Box::into_raw`, and this is its last use.
        drop(unsafe { Box::from_raw(ptr::with_exposed_provenance_mut::<Policy>(policy as usize)) });
        Ok::<_, Failure>(())
    })
    .resolve::<ThrowIllegalState>();
}

/// The policy at an address.
///
/// # Safety
///
/// `compile` stored the address, and `free` has not been called with it while the borrow lasts.
unsafe fn borrow<'a>(policy: jlong) -> &'a Policy {
    // SAFETY: the caller's part; `compile` exposed the provenance of the address.
    unsafe { &*ptr::with_exposed_provenance::<Policy>(policy as usize) }
}

/// The document, or so much of it that the engine can tell that it is too large.
fn read_document(env: &Env<'_>, document: &JByteArray<'_>) -> Result<Vec<u8>, Failure> {
    read(env, document, document.len(env)?.min(MAX_DOCUMENT_BYTES + 1))
}

/// All bytes of an array, unless it is null.
fn read_if_present(env: &Env<'_>, array: &JByteArray<'_>) -> Result<Option<Vec<u8>>, Failure> {
    if array.is_null() { Ok(None) } else { read(env, array, array.len(env)?).map(Some) }
}

/// The first `length` bytes of an array.
fn read(env: &Env<'_>, array: &JByteArray<'_>, length: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length).map_err(|_| Failure::OutOfMemory(length))?;
    bytes.resize(length, 0_i8);
    array.get_region(env, 0, &mut bytes)?;
    Ok(bytes.into_iter().map(i8::cast_unsigned).collect())
}

/// Panics when it is given the magic value, in builds for the tests.
fn probe(bytes: &[u8]) {
    if cfg!(feature = "panic-probe") && bytes == b"onecors_panic_probe" {
        panic!("the panic probe was called");
    }
}
