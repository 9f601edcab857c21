//! Contours of the density of points in the plane.

use crate::axis::Axis;

/// The cells along a side.
const CELLS: usize = 48;

pub(super) type Segment = [(f64, f64); 2];

/// A density at the centres of cells.
#[derive(Debug)]
pub(super) struct Grid {
    x: [f64; 2],
    y: [f64; 2],
    /// The lowest row first.
    heights: Vec<f64>,
}

impl Grid {
    /// The counts of the finite points, smoothed by a normal kernel with Scott's bandwidth n^(−1/6) σ along each axis (Scott,
    /// "Multivariate Density Estimation", 1992). Nothing if fewer than 3 points lie inside.
    pub(super) fn of(points: &[(f64, f64)], x: &Axis, y: &Axis) -> Option<Self> {
        let place =
            |value: f64, axis: &Axis| (value - axis.low) / (axis.high - axis.low) * CELLS as f64;
        let inside: Vec<(f64, f64)> = points
            .iter()
            .filter(|(a, b)| x.contains(*a) && y.contains(*b))
            .map(|(a, b)| (place(*a, x), place(*b, y)))
            .collect();
        if inside.len() < 3 {
            return None;
        }
        let mut heights = vec![0.0; CELLS * CELLS];
        for (a, b) in &inside {
            let cell = |place: f64| (place as usize).min(CELLS - 1);
            heights[cell(*b) * CELLS + cell(*a)] += 1.0;
        }
        let width = |values: &dyn Fn(&(f64, f64)) -> f64| {
            let n = inside.len() as f64;
            let mean = inside.iter().map(values).sum::<f64>() / n;
            let square = inside.iter().map(|point| (values(point) - mean).powi(2));
            // Less than a cell would show the cells.
            ((square.sum::<f64>() / n).sqrt() * n.powf(-1.0 / 6.0)).max(0.8)
        };
        let rows = smoothed(&heights, width(&|point| point.0));
        let columns = smoothed(&transposed(&rows), width(&|point| point.1));
        Some(Self {
            x: [x.low, x.high],
            y: [y.low, y.high],
            heights: transposed(&columns),
        })
    }

    /// The height above which the cells hold this share of all.
    pub(super) fn level(&self, share: f64) -> f64 {
        let mut heights = self.heights.clone();
        heights.sort_by(|a, b| b.total_cmp(a));
        let all: f64 = heights.iter().sum();
        let mut held = 0.0;
        let lowest = heights.iter().find(|height| {
            held += **height;
            held >= share * all
        });
        lowest.copied().unwrap_or(0.0)
    }

    /// The pieces of the line at this height: marching squares (Lorensen and Cline, "Marching cubes", 1987, in the plane).
    pub(super) fn contour(&self, level: f64) -> Vec<Segment> {
        // Around the cells the density is 0, so that lines are closed.
        let height = |column: usize, row: usize| match (1..=CELLS).contains(&column)
            && (1..=CELLS).contains(&row)
        {
            true => self.heights[(row - 1) * CELLS + column - 1],
            false => 0.0,
        };
        let scaled = |place: f64, [low, high]: [f64; 2]| {
            let share = ((place - 0.5) / CELLS as f64).clamp(0.0, 1.0);
            low + (high - low) * share
        };
        let mut segments = Vec::new();
        for row in 0..=CELLS {
            for column in 0..=CELLS {
                // Counter-clockwise.
                let corners = [(0, 0), (1, 0), (1, 1), (0, 1)].map(|(a, b)| (column + a, row + b));
                let heights = corners.map(|(column, row)| height(column, row));
                let crossing = |edge: usize| {
                    let (from, to) = (edge, (edge + 1) % 4);
                    let (a, b) = (heights[from], heights[to]);
                    ((a >= level) != (b >= level)).then(|| {
                        let part = (level - a) / (b - a);
                        let between = |a: usize, b: usize| a as f64 + (b as f64 - a as f64) * part;
                        let x = between(corners[from].0, corners[to].0);
                        let y = between(corners[from].1, corners[to].1);
                        (scaled(x, self.x), scaled(y, self.y))
                    })
                };
                let crossings: Vec<(f64, f64)> = (0..4).filter_map(crossing).collect();
                match crossings[..] {
                    [a, b] => segments.push([a, b]),
                    // A saddle: its middle decides which corners belong together.
                    [a, b, c, d] => {
                        let high = heights.iter().sum::<f64>() / 4.0 >= level;
                        match high == (heights[0] >= level) {
                            true => segments.extend([[a, b], [c, d]]),
                            false => segments.extend([[d, a], [b, c]]),
                        }
                    }
                    _ => {}
                }
            }
        }
        segments
    }
}

/// Smooths along rows.
fn smoothed(heights: &[f64], width: f64) -> Vec<f64> {
    let reach = (3.0 * width).ceil() as usize;
    let kernel: Vec<f64> = (0..=reach)
        .map(|step| (-0.5 * (step as f64 / width).powi(2)).exp())
        .collect();
    let row = |row: &[f64]| {
        let cell = |cell: usize| {
            let near = cell.saturating_sub(reach)..(cell + reach + 1).min(CELLS);
            near.map(|other| row[other] * kernel[cell.abs_diff(other)])
                .sum()
        };
        (0..CELLS).map(cell).collect::<Vec<f64>>()
    };
    heights.chunks(CELLS).flat_map(row).collect()
}

fn transposed(heights: &[f64]) -> Vec<f64> {
    let cells = (0..CELLS).flat_map(|column| (0..CELLS).map(move |row| row * CELLS + column));
    cells.map(|cell| heights[cell]).collect()
}

#[cfg(test)]
mod tests {
    use super::Grid;
    use crate::axis::Axis;

    /// Points of the standard normal distribution, at even quantiles of radius and angle.
    fn normal() -> Vec<(f64, f64)> {
        let point = |i: usize| {
            let radius = (-2.0 * (1.0 - (i as f64 + 0.5) / 8000.0).ln()).sqrt();
            let angle = i as f64 * 2.399_963_229_728_653;
            (radius * angle.cos(), radius * angle.sin())
        };
        (0..8000).map(point).collect()
    }

    #[test]
    fn contours_of_a_normal_distribution_are_circles() {
        let (x, y) = (Axis::numbers((-4.0, 4.0)), Axis::numbers((-5.0, 5.0)));
        let grid = Grid::of(&normal(), &x, &y).unwrap();
        for share in [0.5f64, 0.9] {
            // The kernel widens the distribution a little.
            let expected =
                (-2.0 * (1.0 - share).ln()).sqrt() * (1.0 + 8000f64.powf(-1.0 / 3.0)).sqrt();
            let line = grid.contour(grid.level(share));
            assert!(line.len() > 20, "{}", line.len());
            for (x, y) in line.iter().flatten() {
                let off = x.hypot(*y) / expected - 1.0;
                assert!(off.abs() < 0.1, "{share}: ({x}, {y}) is off by {off}");
            }
        }
    }

    #[test]
    fn contours_are_closed() {
        // Half of the points lie outside, so that the line runs along an edge.
        let (x, y) = (Axis::numbers((0.0, 4.0)), Axis::numbers((-4.0, 4.0)));
        let grid = Grid::of(&normal(), &x, &y).unwrap();
        let line = grid.contour(grid.level(0.9));
        let key = |(x, y): (f64, f64)| ((x * 1e6).round() as i64, (y * 1e6).round() as i64);
        let mut ends: Vec<(i64, i64)> = line.iter().flatten().map(|end| key(*end)).collect();
        ends.sort_unstable();
        assert!(ends.len() > 40);
        for same in ends.chunk_by(|a, b| a == b) {
            assert!(same.len() % 2 == 0, "{same:?} ends a line");
        }
    }

    #[test]
    fn too_few_points_have_no_contour() {
        let axis = Axis::numbers((0.0, 1.0));
        let points = [(0.5, 0.5), (0.6, 0.6), (9.0, 9.0), (f64::NAN, 0.5)];
        assert!(Grid::of(&points, &axis, &axis).is_none());
    }
}
