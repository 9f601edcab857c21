//! Values as inputs of networks.

/// One input for each level but the first: 1 for the level of the row.
pub(crate) fn one_hot(code: usize, levels: usize, inputs: &mut Vec<f32>) {
    let hot = |level| if level == code { 1.0 } else { 0.0 };
    inputs.extend((1..levels).map(hot));
}

/// Cosine and sine of an angle; zeros of a missing one.
pub(crate) fn circle(radians: f64, inputs: &mut Vec<f32>) {
    let (sin, cos) = match radians.is_nan() {
        true => (0.0, 0.0),
        false => radians.sin_cos(),
    };
    inputs.extend([cos as f32, sin as f32]);
}
