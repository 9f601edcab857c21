//! Which images train, which choose the weights, and which calibrate.

use thalweg_data::{Images, RowSplit};

use crate::ImagesError;

/// Images that validate, and that calibrate, at most.
const MOST: [usize; 2] = [2000, 5000];
/// The fewest images, so that each part has two.
const LEAST: usize = 20;

/// 80, 10 and 10 percent of the images, or of their groups.
pub(super) fn split(images: &Images, seed: u64) -> Result<RowSplit, ImagesError> {
    let (count, groups) = (images.count(), images.groups());
    let share = |most: usize| (most as f64 / count.max(1) as f64).min(0.1);
    let [validation, test] = MOST.map(share);
    let fractions = [1.0 - validation - test, validation, test];
    let split = match groups {
        Some(groups) => RowSplit::by_group(groups, fractions, seed)?,
        None => RowSplit::random(count, fractions, seed)?,
    };
    let parts = [&split.train, &split.validation, &split.test];
    if count < LEAST || parts.iter().any(|part| part.len() < 2) {
        return Err(ImagesError::TooFew {
            found: count,
            needed: LEAST,
            grouped: groups.is_some(),
        });
    }
    Ok(split)
}
