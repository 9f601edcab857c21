//! Ranges of axes and the labels of their ticks.

use crate::PlotError;

/// The limit of numbers on an axis: beyond it, the padded width of a range may overflow.
const LARGEST: f64 = f64::MAX / 8.0;

/// The label of a tick: at most six significant digits, no trailing zeros.
pub(crate) fn label(value: f64) -> String {
    let size = value.abs();
    let text = if size < 1e-12 {
        "0".to_owned()
    } else if (1e-3..1e6).contains(&size) {
        let decimals = (5 - size.log10().floor() as i32).max(0) as usize;
        trim_zeros(&format!("{value:.decimals$}")).to_owned()
    } else {
        let text = format!("{value:.5e}");
        match text.split_once('e') {
            Some((digits, power)) => format!("{}e{power}", trim_zeros(digits)),
            None => text,
        }
    };
    text.replace('-', "−")
}

/// The label of a tick at this exponent of ten.
pub(crate) fn power(exponent: f64) -> String {
    match exponent.fract() == 0.0 && !(-3.0..6.0).contains(&exponent) {
        true => format!("1e{exponent}").replace('-', "−"),
        false => label(10_f64.powf(exponent)),
    }
}

fn trim_zeros(text: &str) -> &str {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text,
    }
}

/// The smallest and the largest of finite values; `0..0` if there are none.
pub(crate) fn extent(
    what: &'static str,
    values: impl Iterator<Item = f64>,
) -> Result<(f64, f64), PlotError> {
    let ends = values.fold(None, |ends: Option<(f64, f64)>, value| {
        let (low, high) = ends.unwrap_or((value, value));
        Some((low.min(value), high.max(value)))
    });
    let (low, high) = ends.unwrap_or_default();
    match low.abs().max(high.abs()) < LARGEST {
        true => Ok((low, high)),
        false => Err(PlotError::Range { what, low, high }),
    }
}

/// The range itself, if an axis can show it.
pub(crate) fn checked(what: &'static str, low: f64, high: f64) -> Result<(f64, f64), PlotError> {
    let size = low.abs().max(high.abs());
    // In a narrower range the labels of ticks coincide, and the search for ticks may not end.
    match size < LARGEST && high - low > size * 1e-9 {
        true => Ok((low, high)),
        false => Err(PlotError::Range { what, low, high }),
    }
}

/// The range with this share of its width added at both ends, and wide enough for ticks.
pub(crate) fn padded(low: f64, high: f64, share: f64) -> (f64, f64) {
    let size = low.abs().max(high.abs());
    let narrowest = if size == 0.0 { 1.0 } else { size * 1e-4 };
    let width = high - low;
    let room = match width < narrowest {
        true => (narrowest - width).max(narrowest),
        false => width * share,
    };
    (low - room, high + room)
}

#[cfg(test)]
mod tests {
    use super::{label, padded, power};

    #[test]
    fn labels_are_short() {
        let cases = [
            (0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (-2.5, "−2.5"),
            (20_000.0, "20000"),
            (2e6, "2e6"),
            (1.5e-4, "1.5e−4"),
            (100.0, "100"),
        ];
        for (value, text) in cases {
            assert_eq!(label(value), text);
        }
    }

    #[test]
    fn powers_of_ten_are_read_from_their_exponents() {
        for (exponent, text) in [(-14.0, "1e−14"), (0.0, "1"), (-2.0, "0.01"), (30.0, "1e30")] {
            assert_eq!(power(exponent), text);
        }
    }

    #[test]
    fn a_point_gets_a_range_around_it() {
        for value in [0.0, 1e9, -3.0, 1e-30] {
            let (low, high) = padded(value, value, 0.05);
            assert!(low < value && value < high, "{low} {value} {high}");
        }
    }
}
