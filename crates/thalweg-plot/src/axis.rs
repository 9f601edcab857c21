//! An axis of numbers or of named categories.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordf64;

use crate::tick;

/// A range with its ticks. Categories lie at 0, 1, 2, … in the middle of a band of width 1.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    pub(crate) low: f64,
    pub(crate) high: f64,
    names: Option<Vec<String>>,
}

impl Axis {
    pub(crate) fn numbers((low, high): (f64, f64)) -> Self {
        let names = None;
        Self { low, high, names }
    }

    pub(crate) fn categories(names: Vec<String>) -> Self {
        Self {
            low: -0.5,
            high: names.len() as f64 - 0.5,
            names: Some(names),
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
        match &self.names {
            None => self.coordinate().key_points(hint),
            Some(_) if hint.weight().allow_light_points() => Vec::new(),
            // Each category has its name, however many ticks an axis of numbers would have.
            Some(names) => (0..names.len()).map(|place| place as f64).collect(),
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
        match &self.names {
            None => tick::label(*value),
            Some(names) => names
                .get(value.round() as usize)
                .cloned()
                .unwrap_or_default(),
        }
    }
}
