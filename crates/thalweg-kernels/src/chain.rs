//! Reports of operations that are not fused.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::counts::count_chain;
use tracing::{Level, debug, enabled};

/// [`chain`] where the operations on the host's memory are not compiled in.
#[cfg(not(feature = "host"))]
pub(crate) fn without_host() {
    chain::<()>("thalweg-kernels is compiled without its features `flex` and `ndarray`");
}

/// Says at debug level that operations run as chains of tensor operations, once for each reason.
pub(crate) fn chain<T>(reason: &'static str) -> Option<T> {
    count_chain(reason);
    static SAID: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    if enabled!(Level::DEBUG) {
        let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
        if said.insert(reason) {
            debug!("operations run as chains of tensor operations: {reason}");
        }
    }
    None
}
