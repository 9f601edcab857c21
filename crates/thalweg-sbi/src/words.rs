//! Numbers in words.

/// `p = …`, of a tiny one its bound.
pub(crate) fn probability(p: f64) -> String {
    match p < 1e-4 {
        true => "p < 0.0001".to_owned(),
        false => format!("p = {p:.4}"),
    }
}
