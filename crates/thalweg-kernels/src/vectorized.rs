//! Loops compiled for several instruction sets, the best of which is chosen when they run.

use pulp::{Arch, NullaryFnOnce};

/// Runs a closure with the widest vectors that the processor has and the rounding of fused
/// multiplications and additions. For that to reach the loops, the closure is marked
/// `#[inline(always)]`, and so is what it calls.
#[inline(always)]
pub fn vectorized(work: impl FnMut()) {
    Arch::new().dispatch(Work(work));
}

/// Called as `FnMut`: as `FnOnce`, a closure is called through a function of the compiler's that is
/// not inlined, which leaves the loops without vectors.
struct Work<F>(F);

impl<F: FnMut()> NullaryFnOnce for Work<F> {
    type Output = ();

    #[inline(always)]
    fn call(mut self) {
        (self.0)();
    }
}
