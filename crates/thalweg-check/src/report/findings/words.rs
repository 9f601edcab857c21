//! Numbers in words.

use crate::{Deviation, Layer};

pub(super) fn deviation(error: &Deviation) -> String {
    format!(
        "largest error {:.1e}, mean {:.1e}; relative {:.1e}",
        error.largest, error.mean, error.relative
    )
}

/// A ratio from 1 on.
pub(in crate::report) fn plain(ratio: f64) -> String {
    match ratio < 1e4 {
        true => format!("{ratio:.1}"),
        false => format!("{ratio:.1e}"),
    }
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// The layer with the largest number.
pub(super) fn worst<'c, T: Copy>(
    items: impl IntoIterator<Item = (&'c Layer, T)>,
    size: impl Fn(T) -> f64,
) -> Option<(&'c Layer, T)> {
    items
        .into_iter()
        .max_by(|a, b| size(a.1).total_cmp(&size(b.1)))
}

pub(in crate::report) fn count(number: usize, of: &str) -> String {
    match (number, of) {
        (1, _) => format!("1 {of}"),
        (_, "matrix") => format!("{number} matrices"),
        _ => format!("{number} {of}s"),
    }
}

impl Layer {
    /// The larger relative error of both round trips.
    pub(in crate::report) fn round_trip(&self) -> f64 {
        self.data.relative.max(self.latents.relative)
    }

    /// The path, with the type where it is not the path.
    pub(in crate::report) fn name(&self) -> String {
        match self.path == self.kind {
            true => self.kind.clone(),
            false => format!("{} ({})", self.path, self.kind),
        }
    }
}
