//! The distributions of the Kolmogorov–Smirnov distances of equal distributions.

use crate::special::kolmogorov_tail;

/// Up to this number of values the matrix power takes milliseconds.
const EXACT_VALUES: usize = 100;

/// Up to this number of pairs the count of paths takes milliseconds.
const EXACT_PAIRS: usize = 4_000_000;

/// P(D ≥ d) of one sample of `n` values.
pub(crate) fn one_sample_tail(d: f64, n: usize) -> f64 {
    match n <= EXACT_VALUES {
        true => (1.0 - matrix_power(d, n)).clamp(0.0, 1.0),
        false => corrected(d, n as f64),
    }
}

/// P(D ≥ d) of two samples of `n` and `m` values.
pub(crate) fn two_sample_tail(d: f64, n: usize, m: usize) -> f64 {
    match n.saturating_mul(m) <= EXACT_PAIRS {
        true => lattice_paths(d, n, m),
        false => corrected(d, n as f64 * m as f64 / (n as f64 + m as f64)),
    }
}

/// Kolmogorov's limit at Vrbik's argument x + 1 / (6 √n) + (x − 1) / (4 n), x = √n d.
fn corrected(d: f64, n: f64) -> f64 {
    let x = n.sqrt() * d;
    kolmogorov_tail(x + 1.0 / (6.0 * n.sqrt()) + (x - 1.0) / (4.0 * n))
}

/// P(D < d) by Durbin's matrix, in the form of Marsaglia, Tsang and Wang: with n d = k − h, n! / nⁿ times the middle
/// element of the n-th power of a matrix of 2 k − 1 rows.
fn matrix_power(d: f64, n: usize) -> f64 {
    let scaled = n as f64 * d;
    let k = scaled as usize + 1;
    let side = 2 * k - 1;
    let h = k as f64 - scaled;
    let mut base = vec![0.0; side * side];
    let factorials: Vec<f64> = (0..=side + 1)
        .scan(1.0, |product, i| {
            *product *= (i as f64).max(1.0);
            Some(*product)
        })
        .collect();
    for row in 0..side {
        for column in 0..side.min(row + 2) {
            let power = row + 1 - column;
            let mut value = 1.0;
            if column == 0 {
                value -= h.powi(power as i32);
            }
            if row == side - 1 {
                value -= h.powi(power as i32);
            }
            if column == 0 && row == side - 1 && 2.0 * h > 1.0 {
                value += (2.0 * h - 1.0).powi(power as i32);
            }
            base[row * side + column] = value / factorials[power];
        }
    }
    // Square and multiply; the factor i / n of n! / nⁿ goes in at once, so that nothing overflows: the vector of the
    // middle row suffices, which costs n products with the matrix.
    let mut row = vec![0.0; side];
    row[k - 1] = 1.0;
    for i in 1..=n {
        let mut next = vec![0.0; side];
        for (from, value) in row.iter().enumerate() {
            for (to, sum) in next.iter_mut().enumerate() {
                *sum += value * base[from * side + to];
            }
        }
        next.iter_mut()
            .for_each(|value| *value *= i as f64 / n as f64);
        row = next;
    }
    row[k - 1]
}

/// The share of the orders of n + m values at which the distance reaches `d`: paths from (0, 0) to (n, m) that leave the
/// strip |i / n − j / m| < d.
///
/// The walk carries the share of paths that *left*, so that small p-values keep their digits. At (i, j) the last step was
/// one of the first sample with probability i / (i + j).
fn lattice_paths(d: f64, n: usize, m: usize) -> f64 {
    let (size_n, size_m) = (n as f64, m as f64);
    // Distances are multiples of 1 / (n m); half of that as tolerance tells equal from smaller.
    let bound = d - 0.5 / (size_n * size_m);
    let mut left = vec![0.0; m + 1];
    for i in 0..=n {
        for j in 0..=m {
            let apart = (i as f64 / size_n - j as f64 / size_m).abs() >= bound;
            left[j] = match (apart, i, j) {
                (true, ..) => 1.0,
                (false, 0, 0) => 0.0,
                (false, 0, _) => left[j - 1],
                (false, _, 0) => left[0],
                _ => {
                    let share = i as f64 / (i + j) as f64;
                    share * left[j] + (1.0 - share) * left[j - 1]
                }
            };
        }
    }
    left[m]
}
