//! Work on two cores: what takes longest is done by halves.

use std::panic::resume_unwind;
use std::thread::scope;

/// Both at once: `beside` on a thread of its own.
pub(crate) fn both<A, B: Send>(here: impl FnOnce() -> A, beside: impl FnOnce() -> B + Send) -> (A, B) {
    scope(|scope| {
        let beside = scope.spawn(beside);
        (here(), beside.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// Every item mapped, in their order; the second half beside the first.
pub(crate) fn mapped<T: Send, R: Send>(mut items: Vec<T>, map: impl Fn(T) -> R + Sync) -> Vec<R> {
    let rest = items.split_off(items.len().div_ceil(2));
    let work = |items: Vec<T>| items.into_iter().map(&map).collect::<Vec<R>>();
    let (mut done, rest) = both(|| work(items), || work(rest));
    done.extend(rest);
    done
}
