//! Grids over a part of the plane.

/// The largest number of cells along a side.
pub(crate) const SIDE: usize = 512;

/// The middles of the cells of a grid over bounds (left, right, low, high), row by row from the top.
pub(crate) fn cells([left, right, low, high]: [f64; 4], side: usize) -> Vec<[f32; 2]> {
    let at = |index: usize| (index as f64 + 0.5) / side as f64;
    let place = |index: usize| {
        let (column, row) = (at(index % side), at(index / side));
        [left + (right - left) * column, high - (high - low) * row].map(|x| x as f32)
    };
    (0..side * side).map(place).collect()
}
