//! Adaptive integrals over a box of one or two dimensions.

/// Nodes and weights of Gauss and Legendre's rule with three points on `0..1`; exact for polynomials of degree 5.
const NODES: [(f64, f64); 3] = [
    (0.112_701_665_379_258_3, 5.0 / 18.0),
    (0.5, 8.0 / 18.0),
    (0.887_298_334_620_741_7, 5.0 / 18.0),
];

/// Cells along a side at the start, by dimension.
const CELLS: [usize; 2] = [64, 24];

/// Levels at which a cell with a sample of the density is split in any case, so that no narrow peak is missed.
const FORCED: usize = 2;

/// A cell with more than one of this many samples is split up to the level [`DEEPEST`], however well its parts agree.
const CROWD: usize = 64;
const DEEPEST: usize = 16;

/// The largest error of a cell that is not split: with tens of thousands of cells, 1e-3 in all.
const TOLERANCE: f64 = 1e-7;

/// An integral, and what it cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quadrature {
    pub(super) value: f64,
    /// The sum over all cells of the difference between one cell and its parts.
    pub(super) error: f64,
    pub(super) evaluations: usize,
}

/// A part of the box.
#[derive(Debug, Clone)]
struct Cell {
    low: Vec<f64>,
    size: Vec<f64>,
    /// The integral by one rule.
    value: f64,
    /// The error of the cell that it is a part of, divided among the parts.
    error: f64,
    samples: Vec<usize>,
}

/// `∫ f` over the box, with at most this many evaluations, but for those of the cells at the start. `f` takes points
/// one after the other, one number a dimension.
///
/// Each cell is compared with its `2^d` parts: where both agree the parts' sum stands, elsewhere the parts are
/// compared with theirs.
pub(super) fn integrate<E>(
    sides: &[[f64; 2]],
    samples: &[Vec<f64>],
    most: usize,
    mut f: impl FnMut(Vec<f64>) -> Result<Vec<f64>, E>,
) -> Result<Quadrature, E> {
    let dims = sides.len();
    let points = NODES.len().pow(dims as u32);
    let mut found = Quadrature {
        value: 0.0,
        error: 0.0,
        evaluations: 0,
    };
    let mut cells = split(&whole(sides, samples), samples, CELLS[dims - 1]);
    found.evaluations += evaluate(&mut cells, &mut f)?;
    // Before a comparison, a cell may be as wrong as it is large.
    cells
        .iter_mut()
        .for_each(|cell| cell.error = cell.value.abs());
    let mut level = 0;
    while !cells.is_empty() {
        // The worst cells come first where not all can be split.
        let left = most.saturating_sub(found.evaluations) / ((1 << dims) * points);
        cells.sort_by(|a, b| b.error.total_cmp(&a.error));
        for cell in cells.drain(left.min(cells.len())..) {
            found.value += cell.value;
            found.error += cell.error;
        }
        let mut parts: Vec<Cell> = cells
            .iter()
            .flat_map(|cell| split(cell, samples, 2))
            .collect();
        found.evaluations += evaluate(&mut parts, &mut f)?;
        let mut next = vec![];
        for (cell, parts) in cells.iter().zip(parts.chunks_mut(1 << dims)) {
            let sum: f64 = parts.iter().map(|part| part.value).sum();
            let error = (cell.value - sum).abs();
            let crowded = cell.samples.len() > (samples.len() / CROWD).max(1);
            let forced =
                (level < FORCED && !cell.samples.is_empty()) || (level < DEEPEST && crowded);
            if error <= TOLERANCE && !forced {
                found.value += sum;
                found.error += error;
            } else {
                parts
                    .iter_mut()
                    .for_each(|part| part.error = error / (1 << dims) as f64);
                next.extend_from_slice(parts);
            }
        }
        cells = next;
        level += 1;
    }
    Ok(found)
}

fn whole(sides: &[[f64; 2]], samples: &[Vec<f64>]) -> Cell {
    Cell {
        low: sides.iter().map(|side| side[0]).collect(),
        size: sides.iter().map(|side| side[1] - side[0]).collect(),
        value: 0.0,
        error: 0.0,
        samples: (0..samples.len()).collect(),
    }
}

/// The parts of a cell, this many along each side.
fn split(cell: &Cell, samples: &[Vec<f64>], along: usize) -> Vec<Cell> {
    let dims = cell.low.len();
    let size: Vec<f64> = cell.size.iter().map(|size| size / along as f64).collect();
    let mut parts: Vec<Cell> = (0..along.pow(dims as u32))
        .map(|index| {
            let place = |axis: usize| index / along.pow(axis as u32) % along;
            Cell {
                low: (0..dims)
                    .map(|axis| cell.low[axis] + place(axis) as f64 * size[axis])
                    .collect(),
                size: size.clone(),
                value: 0.0,
                error: 0.0,
                samples: vec![],
            }
        })
        .collect();
    for &sample in &cell.samples {
        let place = |axis: usize| {
            let share = (samples[sample][axis] - cell.low[axis]) / size[axis];
            (share >= 0.0 && share < along as f64).then_some(share as usize)
        };
        let places: Option<Vec<usize>> = (0..dims).map(place).collect();
        if let Some(places) = places {
            let index = places
                .iter()
                .rev()
                .fold(0, |index, place| index * along + place);
            parts[index].samples.push(sample);
        }
    }
    parts
}

/// Applies the rule to each cell; the number of evaluations.
fn evaluate<E>(
    cells: &mut [Cell],
    f: &mut impl FnMut(Vec<f64>) -> Result<Vec<f64>, E>,
) -> Result<usize, E> {
    let Some(dims) = cells.first().map(|cell| cell.low.len()) else {
        return Ok(0);
    };
    let points = NODES.len().pow(dims as u32);
    let node =
        |point: usize, axis: usize| NODES[point / NODES.len().pow(axis as u32) % NODES.len()];
    let places = cells.iter().flat_map(|cell| {
        (0..points).flat_map(move |point| {
            (0..dims).map(move |axis| cell.low[axis] + node(point, axis).0 * cell.size[axis])
        })
    });
    let values = f(places.collect())?;
    for (cell, values) in cells.iter_mut().zip(values.chunks(points)) {
        let volume: f64 = cell.size.iter().product();
        let weight = |point: usize| (0..dims).map(|axis| node(point, axis).1).product::<f64>();
        let sum: f64 = values
            .iter()
            .enumerate()
            .map(|(point, value)| weight(point) * value)
            .sum();
        cell.value = volume * sum;
    }
    Ok(values.len())
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::integrate;

    fn normal(x: &[f64], scale: f64) -> f64 {
        let square: f64 = x.iter().map(|x| (x / scale).powi(2)).sum();
        let constant = (2.0 * std::f64::consts::PI).sqrt() * scale;
        (-0.5 * square).exp() / constant.powi(x.len() as i32)
    }

    /// The integral, with 16 samples along each side between `−spread` and `spread`.
    fn of(sides: &[[f64; 2]], spread: f64, f: impl Fn(&[f64]) -> f64) -> super::Quadrature {
        let dims = sides.len();
        let place = |index: usize| spread * (index as f64 - 7.5) / 7.5;
        let sample = |index: usize| {
            (0..dims)
                .map(|axis| place(index / 16_usize.pow(axis as u32) % 16))
                .collect()
        };
        let samples: Vec<Vec<f64>> = (0..16_usize.pow(dims as u32)).map(sample).collect();
        let found = integrate(sides, &samples, 200_000, |points| {
            Ok::<_, Infallible>(points.chunks(dims).map(&f).collect())
        });
        match found {
            Ok(found) => found,
            Err(never) => match never {},
        }
    }

    #[test]
    fn a_density_adds_up_to_one() {
        for dims in [1, 2] {
            let found = of(&vec![[-8.0, 9.0]; dims], 2.0, |x| normal(x, 1.0));
            assert!((found.value - 1.0).abs() < 1e-6, "{found:?}");
            assert!(found.error < 1e-4, "{found:?}");
        }
    }

    #[test]
    fn a_peak_of_a_thousandth_of_the_box_is_found() {
        for dims in [1, 2] {
            let found = of(&vec![[-10.0, 10.0]; dims], 0.02, |x| normal(x, 0.01));
            assert!((found.value - 1.0).abs() < 1e-4, "{found:?}");
        }
    }

    #[test]
    fn an_edge_leaves_an_error_that_is_stated() {
        let disc =
            |x: &[f64]| f64::from(u8::from(x[0] * x[0] + x[1] * x[1] < 1.0)) / std::f64::consts::PI;
        let found = of(&[[-2.0, 2.0], [-2.0, 2.0]], 0.7, disc);
        assert!(
            (found.value - 1.0).abs() <= found.error && found.error < 0.05,
            "{found:?}"
        );
    }
}
