//! Panics of other crates' parsers, as errors.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use super::ParquetError;

thread_local! {
    /// Whether a panic of this thread becomes an error, which says all that there is to say.
    static CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Makes panics silent that become errors, and leaves all others to the hook that was there.
fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            if !CAUGHT.get() {
                before(info);
            }
        }));
    });
}

/// What reading gives. The parsers of other crates panic on some damaged files; that is an error of the file too. It needs no
/// message of a panic beside, unless a program replaces the hook later.
pub(super) fn caught<T>(read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    quiet();
    CAUGHT.set(true);
    // What was read in part is not used again.
    let done = catch_unwind(AssertUnwindSafe(read));
    CAUGHT.set(false);
    done.unwrap_or_else(|payload| Err(panicked(payload.as_ref())))
}

fn panicked(payload: &(dyn Any + Send)) -> ParquetError {
    let said = payload.downcast_ref::<String>().cloned();
    let said = said.or_else(|| {
        let text = payload.downcast_ref::<&str>();
        text.map(|text| (*text).to_owned())
    });
    ParquetError::Damaged(said.unwrap_or_else(|| "its parser panicked".to_owned()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn panics_that_are_errors_are_silent() {
        let said = Arc::new(AtomicUsize::new(0));
        let (heard, before) = (said.clone(), take_hook());
        let here = std::thread::current().id();
        // Other tests may panic at the same time, as they should where they expect one.
        set_hook(Box::new(move |info| {
            match std::thread::current().id() == here {
                true => drop(heard.fetch_add(1, Ordering::SeqCst)),
                false => before(info),
            }
        }));
        let found = caught::<()>(|| panic!("level {}", 7));
        assert!(matches!(found, Err(ParquetError::Damaged(said)) if said == "level 7"));
        assert_eq!(said.load(Ordering::SeqCst), 0);
        assert!(catch_unwind(|| panic!("another")).is_err());
        assert_eq!(said.load(Ordering::SeqCst), 1);
    }
}
