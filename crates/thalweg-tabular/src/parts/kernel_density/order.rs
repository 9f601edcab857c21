//! The order of centres.

use std::ops::Range;

use thalweg_kernels::BLOCK;

/// An order of points, `count × width`, in which those of a block lie near one another: of a point that is summed over, whole
/// blocks are then too far away to count.
///
/// Half of the points comes before the other half along the coordinate of the largest variance, and so on in each half, which
/// is the order of the leaves of a k-d tree.
///
/// J. L. Bentley: *Multidimensional binary search trees used for associative searching*, 1975.
pub(super) fn nearby(points: &[f32], width: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..points.len() / width).collect();
    divide(points, width, &mut order);
    order
}

fn divide(points: &[f32], width: usize, order: &mut [usize]) {
    if order.len() <= BLOCK {
        return;
    }
    let of = |point: usize, k: usize| points[point * width + k];
    let variance = |k: usize| {
        let n = order.len() as f64;
        let sum = |power: i32| -> f64 {
            let powers = order
                .iter()
                .map(|point| f64::from(of(*point, k)).powi(power));
            powers.sum()
        };
        sum(2) - sum(1) * sum(1) / n
    };
    let coordinates: Range<usize> = 0..width;
    let spread = coordinates.map(|k| (k, variance(k)));
    let Some((k, _)) = spread.max_by(|a, b| a.1.total_cmp(&b.1)) else {
        return;
    };
    // Whole blocks, so that none lies in both halves.
    let half = (order.len() / 2).next_multiple_of(BLOCK);
    let half = half.min(order.len() - 1);
    // Equal coordinates in the order of the points, so that the order is one.
    order.select_nth_unstable_by(half, |a, b| of(*a, k).total_cmp(&of(*b, k)).then(a.cmp(b)));
    let (low, high) = order.split_at_mut(half);
    divide(points, width, low);
    divide(points, width, high);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_point_comes_once_and_blocks_are_narrow() {
        let number = |k: usize| ((k * 7919 + 13) % 1009) as f32;
        for count in [1, 16, 17, 100, 1000] {
            let points: Vec<f32> = (0..2 * count).map(number).collect();
            let order = nearby(&points, 2);
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..count).collect::<Vec<_>>());
            let width = |order: &[usize]| -> f32 {
                let blocks = order.chunks(BLOCK).map(|block| {
                    let of = |k: usize| block.iter().map(move |point| number(2 * point + k));
                    let width = |k| of(k).fold(f32::MIN, f32::max) - of(k).fold(f32::MAX, f32::min);
                    width(0) + width(1)
                });
                blocks.sum()
            };
            let all: Vec<usize> = (0..count).collect();
            assert!(count < 1000 || width(&order) < 0.5 * width(&all), "{count}");
        }
    }
}
