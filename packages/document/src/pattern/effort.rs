//! How much work the texts of one value may be: who writes the patterns may mean harm.

use std::cell::Cell;

/// So many letters are written and looked at for one value; what a match costs besides is counted in letters too.
const MOST: usize = 4_000_000;

thread_local! {
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Does something within the effort that one value is worth; what it begins with in another such one counts there.
pub fn limited<T>(work: impl FnOnce() -> T) -> T {
    /// Takes the limit away again, however the work ends.
    struct Whole;
    impl Drop for Whole {
        fn drop(&mut self) {
            LEFT.set(None);
        }
    }
    let _whole = LEFT.get().is_none().then(|| {
        LEFT.set(Some(MOST));
        Whole
    });
    work()
}

/// Whether that much more may be done.
pub fn spend(letters: usize) -> bool {
    let Some(left) = LEFT.get() else { return true };
    let rest = left.checked_sub(letters);
    LEFT.set(Some(rest.unwrap_or(0)));
    rest.is_some()
}
