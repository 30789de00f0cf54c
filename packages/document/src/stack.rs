//! Work that goes as deep as documents do, on a stack that is deep enough wherever it is called from.

use std::panic::resume_unwind;
use std::thread::{Builder, scope};

/// In bytes; the system gives what is touched.
const STACK: usize = 256 * 1024 * 1024;

/// Does the work on a large stack, or here if there is none to be had.
pub fn deep<T: Send>(work: impl Fn() -> T + Sync) -> T {
    scope(|scope| match Builder::new().stack_size(STACK).spawn_scoped(scope, &work) {
        Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
        Err(_) => work(),
    })
}
