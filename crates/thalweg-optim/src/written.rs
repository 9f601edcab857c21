//! What optimizers say of the numbers that they write.

use std::cell::Cell;

/// Parameters that were looked at as they were written, and whether all of them were finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Written {
    pub(crate) parameters: usize,
    pub(crate) finite: bool,
}

const NOTHING: Written = Written {
    parameters: 0,
    finite: true,
};

thread_local! {
    static WRITTEN: Cell<Written> = const { Cell::new(NOTHING) };
}

/// Says of a parameter that an optimizer has just written whether its numbers are finite.
///
/// The optimizer can tell while they are in the processor's cache. Where it says so of every parameter
/// that has a gradient, [`Checks`](crate::finite::Checks) need not read the weights again; where it says
/// nothing, they are read.
pub fn wrote(finite: bool) {
    let before = WRITTEN.get();
    WRITTEN.set(Written {
        parameters: before.parameters + 1,
        finite: before.finite && finite,
    });
}

/// What was said on this thread since the last call.
pub(crate) fn take() -> Written {
    WRITTEN.replace(NOTHING)
}
