use crate::PlotError;

/// Past it the width of a range, with room at its ends, overflows.
const LARGEST: f64 = f64::MAX / 8.0;

/// A tick's label: at most six digits that count, no trailing zeros.
pub(crate) fn label(value: f64) -> String {
    let size = value.abs();
    let text = if size < 1e-12 {
        "0".to_owned()
    } else if (1e-3..1e6).contains(&size) {
        let decimals = (5 - size.log10().floor() as i32).max(0) as usize;
        trim_zeros(&format!("{value:.decimals$}"))
    } else {
        let text = format!("{value:.5e}");
        match text.split_once('e') {
            Some((digits, power)) => format!("{}e{power}", trim_zeros(digits)),
            None => text,
        }
    };
    text.replace('-', "−")
}

fn trim_zeros(text: &str) -> String {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    }
}

/// The least and the greatest of the values, which are finite; `0..0` of none.
pub(crate) fn extent(
    what: &'static str,
    values: impl Iterator<Item = f64>,
) -> Result<(f64, f64), PlotError> {
    let ends = values.fold(None, |ends: Option<(f64, f64)>, value| match ends {
        None => Some((value, value)),
        Some((low, high)) => Some((low.min(value), high.max(value))),
    });
    let (low, high) = ends.unwrap_or_default();
    match low.abs().max(high.abs()) < LARGEST {
        true => Ok((low, high)),
        false => Err(PlotError::Range { what, low, high }),
    }
}

/// The range itself when an axis can be drawn over it.
pub(crate) fn checked(what: &'static str, low: f64, high: f64) -> Result<(f64, f64), PlotError> {
    let size = low.abs().max(high.abs());
    // Ticks closer than this cannot be told apart, and the search for their places may not end.
    match size < LARGEST && high - low > size * 1e-9 {
        true => Ok((low, high)),
        false => Err(PlotError::Range { what, low, high }),
    }
}

/// The range with room at both ends; never so narrow that ticks cannot be told apart.
pub(crate) fn padded(low: f64, high: f64, share: f64) -> (f64, f64) {
    let narrowest = if low.abs().max(high.abs()) == 0.0 {
        1.0
    } else {
        low.abs().max(high.abs()) * 1e-4
    };
    let width = high - low;
    let room = if width < narrowest {
        (narrowest - width).max(narrowest)
    } else {
        width * share
    };
    (low - room, high + room)
}

#[cfg(test)]
mod tests {
    use super::{label, padded};

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
    fn a_point_gets_a_range_around_it() {
        for value in [0.0, 1e9, -3.0, 1e-30] {
            let (low, high) = padded(value, value, 0.05);
            assert!(low < value && value < high, "{low} {value} {high}");
        }
    }
}
