//! What a network sees of very large numbers.

use super::block::Block;
use crate::NETWORK_LIMIT;
use crate::most::most_single;

/// Numbers beyond the limit as the limit. They are looked for first: hardly ever is there one, and
/// then the input need not be copied.
pub(super) fn limit(x: &mut Block<'_>) {
    if reaches(&x.values, NETWORK_LIMIT.to_bits() + 1) {
        let limited = |x: f32| match x.abs() > NETWORK_LIMIT {
            true => NETWORK_LIMIT.copysign(x),
            false => x,
        };
        x.values.to_mut().iter_mut().for_each(|x| *x = limited(*x));
    }
}

/// No gradient for what was beyond the limit, told from the input that was [`limit`]ed.
pub(super) fn stop_at_limit(gradient: &mut Block<'_>, input: &Block<'_>) {
    if !reaches(&input.values, NETWORK_LIMIT.to_bits()) {
        return;
    }
    let at = |x: &f32| x.abs() >= NETWORK_LIMIT;
    let (mut rows, inputs) = (gradient.values.to_mut().iter_mut(), input.numbers());
    for x in inputs {
        if let Some(g) = rows.next().filter(|_| at(&x)) {
            *g = 0.0;
        }
    }
}

/// Whether one of the numbers is as large as the one of these bits.
fn reaches(x: &[f32], bits: u32) -> bool {
    most_single(x) >= bits
}
