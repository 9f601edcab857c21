//! Counts of values in bins, and quantiles.

use crate::tick;

/// Bins of equal width from `low` to `high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bins {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) count: usize,
}

impl Bins {
    /// Bins for these values: of whole width around whole numbers if all are whole, so that no bin holds more numbers than
    /// another, and else `count` from end to end.
    pub(crate) fn fitting(values: &[f64], (low, high): (f64, f64), count: usize) -> Self {
        if values.iter().all(|value| value.fract() == 0.0) && high - low < 1e9 {
            let (low, high) = (low.floor(), high.ceil());
            let width = ((high - low + 1.0) / count as f64).ceil().max(1.0);
            let bins = ((high - low + 1.0) / width).ceil();
            let low = low - 0.5;
            return Self {
                low,
                high: low + width * bins,
                count: bins as usize,
            };
        }
        let (low, high) = match low < high {
            true => (low, high),
            false => tick::padded(low, high, 0.0),
        };
        Self { low, high, count }
    }

    pub(crate) fn width(&self) -> f64 {
        (self.high - self.low) / self.count as f64
    }

    pub(crate) fn edge(&self, bin: usize) -> f64 {
        self.low + self.width() * bin as f64
    }

    /// The bin of a value, if it lies in the range; the upper end belongs to the last bin.
    pub(crate) fn place(&self, value: f64) -> Option<usize> {
        (self.low..=self.high)
            .contains(&value)
            .then(|| (((value - self.low) / self.width()) as usize).min(self.count - 1))
    }

    /// The share of the values in each bin, divided by the bin's width. Values outside count to the whole, so that the area
    /// is the share inside.
    pub(crate) fn densities(&self, values: &[f64]) -> Vec<f64> {
        let mut densities = vec![0.0; self.count];
        let part = 1.0 / (values.len() as f64 * self.width());
        for place in values.iter().filter_map(|value| self.place(*value)) {
            densities[place] += part;
        }
        densities
    }

    /// The corners of the outline of bars, from the lower left to the lower right.
    pub(crate) fn outline(&self, heights: &[f64]) -> Vec<(f64, f64)> {
        let tops = heights
            .iter()
            .enumerate()
            .flat_map(|(bin, height)| [(self.edge(bin), *height), (self.edge(bin + 1), *height)]);
        let ends = |x: f64| std::iter::once((x, 0.0));
        ends(self.low)
            .chain(tops)
            .chain(ends(self.edge(self.count)))
            .collect()
    }
}

/// The value below which this share of sorted values lies, interpolated; NaN of nothing.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    if sorted.is_empty() {
        return f64::NAN;
    }
    let place = share * (sorted.len() - 1) as f64;
    let (low, part) = (sorted[place as usize], place.fract());
    let high = sorted[(place as usize + 1).min(sorted.len() - 1)];
    low + (high - low) * part
}

/// The finite values from the smallest to the largest.
pub(crate) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    values
}

#[cfg(test)]
mod tests {
    use super::{Bins, quantile};

    #[test]
    fn whole_numbers_lie_in_the_middle_of_bins() {
        let values: Vec<f64> = (3..=9).map(f64::from).collect();
        let bins = Bins::fitting(&values, (3.0, 9.0), 30);
        assert_eq!((bins.low, bins.high, bins.count), (2.5, 9.5, 7));
        assert_eq!(bins.densities(&values), [1.0 / 7.0; 7]);
        // Ends that are quantiles lie between whole numbers.
        assert_eq!(Bins::fitting(&values, (3.2, 8.9), 30), bins);
        let constant = Bins::fitting(&[3.0], (3.0, 3.0), 30);
        assert_eq!((constant.low, constant.high, constant.count), (2.5, 3.5, 1));
        let wide = Bins::fitting(&values, (0.0, 99.0), 30);
        assert_eq!((wide.width(), wide.count), (4.0, 25));
    }

    #[test]
    fn bins_hold_their_lower_edge_and_the_last_both() {
        let bins = Bins {
            low: 0.0,
            high: 1.0,
            count: 4,
        };
        let places = [0.0, 0.25, 0.3, 1.0, 1.01, -0.01, f64::NAN].map(|v| bins.place(v));
        assert_eq!(
            places,
            [Some(0), Some(1), Some(1), Some(3), None, None, None]
        );
        // One of two values lies outside: the area is a half.
        let densities = bins.densities(&[0.1, 7.0]);
        assert_eq!(densities, [2.0, 0.0, 0.0, 0.0]);
        let outline = bins.outline(&densities);
        assert_eq!(
            outline[..4],
            [(0.0, 0.0), (0.0, 2.0), (0.25, 2.0), (0.25, 0.0)]
        );
        assert_eq!(outline.last(), Some(&(1.0, 0.0)));
    }

    #[test]
    fn quantiles_are_interpolated() {
        let values = [1.0, 2.0, 4.0];
        let got = [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| quantile(&values, share));
        assert_eq!(got, [1.0, 1.5, 2.0, 3.0, 4.0]);
    }
}
