//! Orders of values.

/// The places of the values from the smallest to the largest.
pub(crate) fn ascending(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    order
}

/// The values from the smallest to the largest.
pub(crate) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values
}

/// The value below which a share of sorted values lies, interpolated between neighbours.
///
/// ```
/// assert_eq!(thalweg_metrics::quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
/// ```
///
/// # Panics
/// For no values, and unless the share lies in 0 to 1.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    assert!(
        !sorted.is_empty() && (0.0..=1.0).contains(&share),
        "a quantile is of a share in 0 to 1 of one value or more, got the share {share} of [{}]",
        sorted.len()
    );
    let place = share * (sorted.len() - 1) as f64;
    let (low, high) = (
        sorted[place.floor() as usize],
        sorted[place.ceil() as usize],
    );
    low + place.fract() * (high - low)
}

/// The runs of equal values in this order, each as the places of its values. Zeros of both signs are equal.
pub(crate) fn ties<'a>(
    values: &'a [f64],
    order: &'a [usize],
) -> impl Iterator<Item = &'a [usize]> + 'a {
    order.chunk_by(|a, b| values[*a] == values[*b])
}

/// The rank of each value, from 1; equal values share the mean of their ranks.
pub(crate) fn mid_ranks(values: &[f64]) -> Vec<f64> {
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for tie in ties(values, &ascending(values)) {
        for place in tie {
            ranks[*place] = before as f64 + (tie.len() + 1) as f64 / 2.0;
        }
        before += tie.len();
    }
    ranks
}
