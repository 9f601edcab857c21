//! An axis of numbers, of powers of ten or of named categories.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordf64;

use crate::tick;

/// A range with its ticks. Categories lie at 0, 1, 2, … in the middle of a band of width 1.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    pub(crate) low: f64,
    pub(crate) high: f64,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Numbers,
    /// The exponents of powers of ten.
    Powers,
    Names(Vec<String>),
}

impl Axis {
    pub(crate) fn numbers((low, high): (f64, f64)) -> Self {
        let kind = Kind::Numbers;
        Self { low, high, kind }
    }

    /// A logarithmic axis of these exponents of ten.
    pub(crate) fn powers((low, high): (f64, f64)) -> Self {
        let kind = Kind::Powers;
        Self { low, high, kind }
    }

    pub(crate) fn categories(names: Vec<String>) -> Self {
        Self {
            low: -0.5,
            high: names.len() as f64 - 0.5,
            kind: Kind::Names(names),
        }
    }

    pub(crate) fn contains(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    fn coordinate(&self) -> RangedCoordf64 {
        (self.low..self.high).into()
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        self.coordinate().map(value, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        match &self.kind {
            Kind::Numbers => self.coordinate().key_points(hint),
            Kind::Powers => {
                let points = self.coordinate().key_points(hint);
                let whole = points.iter().copied().filter(|point| point.fract() == 0.0);
                let whole: Vec<f64> = whole.collect();
                // Between two powers of ten the ends of the axis say more than no tick.
                if whole.is_empty() { points } else { whole }
            }
            Kind::Names(_) if hint.weight().allow_light_points() => Vec::new(),
            // Each category has its name, however many ticks an axis of numbers would have.
            Kind::Names(names) => (0..names.len()).map(|place| place as f64).collect(),
        }
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format(value: &f64) -> String {
        tick::label(*value)
    }

    fn format_ext(&self, value: &f64) -> String {
        match &self.kind {
            Kind::Numbers => tick::label(*value),
            Kind::Powers => tick::power(*value),
            Kind::Names(names) => names
                .get(value.round() as usize)
                .cloned()
                .unwrap_or_default(),
        }
    }
}
