//! What a network sees of very large numbers.

use super::block::Block;
use crate::NETWORK_LIMIT;
use crate::vectorized::vectorized;

/// Numbers beyond the limit as the limit. They are looked for first: hardly ever is there one, and
/// then the input need not be copied.
pub(super) fn limit(x: &mut Block<'_>) {
    if exceeds(&x.values) {
        let limited = |x: f32| match x.abs() > NETWORK_LIMIT {
            true => NETWORK_LIMIT.copysign(x),
            false => x,
        };
        x.values.to_mut().iter_mut().for_each(|x| *x = limited(*x));
    }
}

/// No gradient for what was beyond the limit, told from the input that was [`limit`]ed.
pub(super) fn stop_at_limit(gradient: &mut Block<'_>, input: &Block<'_>) {
    let at = |x: &f32| x.abs() >= NETWORK_LIMIT;
    if !input.values.iter().any(at) {
        return;
    }
    let (mut rows, inputs) = (gradient.values.to_mut().iter_mut(), input.numbers());
    for x in inputs {
        if let Some(g) = rows.next().filter(|_| at(&x)) {
            *g = 0.0;
        }
    }
}

fn exceeds(x: &[f32]) -> bool {
    let mut largest = [0.0f32; 16];
    let (chunks, rest) = x.as_chunks::<16>();
    vectorized(
        #[inline(always)]
        || {
            for x in chunks {
                for (largest, x) in largest.iter_mut().zip(x) {
                    let magnitude = x.abs();
                    *largest = if magnitude > *largest {
                        magnitude
                    } else {
                        *largest
                    };
                }
            }
        },
    );
    let beyond = |x: &f32| x.abs() > NETWORK_LIMIT;
    largest.iter().any(beyond) || rest.iter().any(beyond)
}
