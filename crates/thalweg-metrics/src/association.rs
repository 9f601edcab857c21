//! How strongly two columns of a table depend on each other.

use crate::MetricError;
use crate::check::{at_least, finite, numbers, same_length};
use crate::rank::mid_ranks;

const PAIR: [&str; 2] = ["the first column", "the second column"];

/// Pearson's correlation of two columns of numbers, the strength of a linear dependence in −1 to 1,
///
/// r = Σ (xᵢ − x̄)(yᵢ − ȳ) / √(Σ (xᵢ − x̄)² Σ (yᵢ − ȳ)²).
///
/// `x` and `y` have the shape `[n]`.
///
/// # Errors
/// [`MetricError`] if there are fewer than 2 rows, a value is not finite, or a column is constant.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// assert_eq!(thalweg_metrics::pearson(&[1.0, 2.0, 3.0], &[6.0, 4.0, 2.0])?, -1.0);
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
pub fn pearson(x: &[f64], y: &[f64]) -> Result<f64, MetricError> {
    same_length((PAIR[0], x.len()), (PAIR[1], y.len()));
    let x = unit(PAIR[0], x)?;
    let y = unit(PAIR[1], y)?;
    let product: f64 = x.iter().zip(&y).map(|(x, y)| x * y).sum();
    Ok(product.clamp(-1.0, 1.0))
}

/// Spearman's correlation of two columns, Pearson's of their ranks: the strength of a monotone dependence in −1 to 1.
///
/// Equal values share the mean of their ranks. `x` and `y` have the shape `[n]`. Values may be infinite.
///
/// # Errors
/// [`MetricError`] if there are fewer than 2 rows, a value is not a number, or a column is constant.
///
/// # Panics
/// If the lengths differ.
///
/// Source: Spearman, "The proof and measurement of association between two things", 1904.
///
/// ```
/// let rho = thalweg_metrics::spearman(&[1.0, 2.0, 3.0], &[1.0, 10.0, 1e9])?;
/// assert!((rho - 1.0).abs() < 1e-12);
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
pub fn spearman(x: &[f64], y: &[f64]) -> Result<f64, MetricError> {
    numbers(PAIR[0], x)?;
    numbers(PAIR[1], y)?;
    pearson(&mid_ranks(x), &mid_ranks(y))
}

/// The column less its mean, at length 1.
fn unit(what: &'static str, values: &[f64]) -> Result<Vec<f64>, MetricError> {
    at_least(what, values.len(), 2)?;
    finite(what, values)?;
    if values.iter().all(|value| *value == values[0]) {
        return Err(MetricError::Constant { what });
    }
    // Shares of the largest value first, so that squares neither overflow nor vanish.
    let n = values.len() as f64;
    let size = values.iter().fold(0.0, |size: f64, v| size.max(v.abs()));
    let mean = values.iter().map(|v| v / size / n).sum::<f64>();
    let mut apart: Vec<f64> = values.iter().map(|v| v / size - mean).collect();
    let reach = apart.iter().fold(0.0, |reach: f64, v| reach.max(v.abs()));
    apart.iter_mut().for_each(|v| *v /= reach);
    let length = apart.iter().map(|v| v * v).sum::<f64>().sqrt();
    apart.iter_mut().for_each(|v| *v /= length);
    Ok(apart)
}

/// Cramér's V of two columns of categories, the strength of their dependence in 0 to 1,
///
/// V = √(χ² / (n (min(r, c) − 1))),
///
/// with r and c the numbers of categories that occur. `x` and `y` have the shape `[n]` and hold codes from 0 on. There is no
/// correction for small n, for which V lies above 0 also without dependence.
///
/// # Errors
/// [`MetricError`] if there are fewer than 2 rows, or a column is constant.
///
/// # Panics
/// If the lengths differ.
///
/// Source: Cramér, "Mathematical Methods of Statistics", 1946.
///
/// ```
/// assert_eq!(thalweg_metrics::cramers_v(&[0, 1, 0, 1], &[1, 0, 1, 0])?, 1.0);
/// assert_eq!(thalweg_metrics::cramers_v(&[0, 1, 0, 1], &[0, 0, 1, 1])?, 0.0);
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
pub fn cramers_v(x: &[usize], y: &[usize]) -> Result<f64, MetricError> {
    same_length((PAIR[0], x.len()), (PAIR[1], y.len()));
    at_least(PAIR[0], x.len(), 2)?;
    let (x, rows) = occurring(PAIR[0], x)?;
    let (y, columns) = occurring(PAIR[1], y)?;
    let mut counts = vec![0.0; rows * columns];
    let (mut of_x, mut of_y) = (vec![0.0; rows], vec![0.0; columns]);
    for (x, y) in x.iter().zip(&y) {
        counts[x * columns + y] += 1.0;
        of_x[*x] += 1.0;
        of_y[*y] += 1.0;
    }
    // χ² / n = Σ (nᵢⱼ² / (nᵢ nⱼ)) − 1.
    let parts = counts
        .iter()
        .enumerate()
        .map(|(place, count)| count * count / (of_x[place / columns] * of_y[place % columns]));
    let share = (parts.sum::<f64>() - 1.0).max(0.0);
    Ok((share / (rows.min(columns) - 1) as f64).sqrt().min(1.0))
}

/// Codes without gaps, and how many there are: at least 2.
fn occurring(what: &'static str, codes: &[usize]) -> Result<(Vec<usize>, usize), MetricError> {
    let mut names = codes.to_vec();
    names.sort_unstable();
    names.dedup();
    if names.len() < 2 {
        return Err(MetricError::Constant { what });
    }
    let code = |code: &usize| names.partition_point(|name| name < code);
    Ok((codes.iter().map(code).collect(), names.len()))
}

/// The correlation ratio of a column of numbers on a column of categories, the root of the share of the variance that
/// lies between categories, in 0 to 1,
///
/// η = √(Σₖ nₖ (ȳₖ − ȳ)² / Σᵢ (yᵢ − ȳ)²).
///
/// `categories` and `values` have the shape `[n]`; categories are codes from 0 on.
///
/// # Errors
/// [`MetricError`] if there are fewer than 2 rows, a value is not finite, or all values are equal.
///
/// # Panics
/// If the lengths differ.
///
/// Source: Fisher, "Statistical Methods for Research Workers", 1925.
///
/// ```
/// let eta = thalweg_metrics::correlation_ratio(&[0, 0, 1, 1], &[1.0, 3.0, 3.0, 5.0])?;
/// assert!((eta - 0.5f64.sqrt()).abs() < 1e-12);
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
pub fn correlation_ratio(categories: &[usize], values: &[f64]) -> Result<f64, MetricError> {
    same_length(
        ("the categories", categories.len()),
        ("the values", values.len()),
    );
    // At length 1 and mean 0 the sum of squares is 1.
    let values = unit("the values", values)?;
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by_key(|row| categories[*row]);
    let groups = order.chunk_by(|a, b| categories[*a] == categories[*b]);
    let between = groups.map(|group| {
        let sum: f64 = group.iter().map(|row| values[*row]).sum();
        sum * sum / group.len() as f64
    });
    Ok(between.sum::<f64>().sqrt().min(1.0))
}
