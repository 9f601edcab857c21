//! The largest number of a slice.

use crate::vectorized::vectorized;

/// Partial results of a loop, so that it runs in vectors.
const LANES: usize = 64;

macro_rules! most {
    ($name:ident, $float:ty, $bits:ty) => {
        /// The bits of the largest `|x|`. As integers they are ordered as the numbers are, infinity
        /// above all and NaN above infinity.
        ///
        /// ```
        /// use thalweg_kernels::{most_double, most_single};
        ///
        /// assert_eq!(f32::from_bits(most_single(&[1.0, -3.0, 2.0])), 3.0);
        /// assert_eq!(f64::from_bits(most_double(&[1.0, f64::NEG_INFINITY])), f64::INFINITY);
        /// assert!(f64::from_bits(most_double(&[f64::NAN, f64::INFINITY])).is_nan());
        /// ```
        pub fn $name(x: &[$float]) -> $bits {
            let bits = |x: &$float| x.to_bits() & (<$bits>::MAX >> 1);
            let mut lanes: [$bits; LANES] = [0; LANES];
            let (chunks, rest) = x.as_chunks::<LANES>();
            vectorized(
                #[inline(always)]
                || {
                    // In registers: through the reference, each chunk would wait for the last one's store.
                    let mut most = [0; LANES];
                    for chunk in chunks {
                        for lane in 0..LANES {
                            most[lane] = most[lane].max(bits(&chunk[lane]));
                        }
                    }
                    lanes = most;
                },
            );
            let all = lanes.into_iter().chain(rest.iter().map(bits));
            all.max().unwrap_or(0)
        }
    };
}
most!(most_single, f32, u32);
most!(most_double, f64, u64);
