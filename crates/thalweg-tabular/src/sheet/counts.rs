//! How often categories occur.

/// The number of rows of each level.
pub(crate) fn counts(codes: &[usize], levels: usize) -> Vec<usize> {
    let mut counts = vec![0; levels];
    codes.iter().for_each(|code| counts[*code] += 1);
    counts
}

/// The levels, the most frequent first; of equally frequent ones the earlier.
pub(crate) fn by_frequency(codes: &[usize], levels: usize) -> Vec<usize> {
    let counts = counts(codes, levels);
    let mut order: Vec<usize> = (0..levels).collect();
    order.sort_by_key(|code| std::cmp::Reverse(counts[*code]));
    order
}
