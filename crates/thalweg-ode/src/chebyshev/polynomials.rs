//! Chebyshev polynomials and their derivatives.

/// `Tⱼ(x)`, `Tⱼ'(x)` and `Tⱼ''(x)` for one `j`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Values {
    pub(super) value: f64,
    pub(super) first: f64,
    pub(super) second: f64,
}

/// Those of `j = 0..=degree`, by `Tⱼ = 2x Tⱼ₋₁ − Tⱼ₋₂` and its derivatives.
pub(super) fn chebyshev(degree: usize, x: f64) -> Vec<Values> {
    let values = |value, first, second| Values {
        value,
        first,
        second,
    };
    let mut all = vec![values(1.0, 0.0, 0.0), values(x, 1.0, 0.0)];
    for j in 2..=degree {
        let (last, before) = (all[j - 1], all[j - 2]);
        all.push(values(
            2.0 * x * last.value - before.value,
            2.0 * last.value + 2.0 * x * last.first - before.first,
            4.0 * last.first + 2.0 * x * last.second - before.second,
        ));
    }
    all
}
