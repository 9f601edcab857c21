//! Loops over registers.

/// Repeats a block for each constant index below a constant of at most 16. A compiler for size leaves a short loop a
/// loop, and then the registers that it counts through lie in memory.
macro_rules! unrolled {
    ($index:ident in 0..$count:expr => $body:block) => {
        unrolled!(@ $index, $count, $body, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
    };
    (@ $index:ident, $count:expr, $body:block, $($constant:literal)*) => {
        $(
            if $constant < $count {
                let $index: usize = $constant;
                $body
            }
        )*
    };
}

pub(crate) use unrolled;
