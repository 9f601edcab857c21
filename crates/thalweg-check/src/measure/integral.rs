//! The integral of the density over the line or the plane.

use serde::Serialize;
use thalweg_flow::{Condition, FlowError, Noise};
use thalweg_plot::Region;

use super::quadrature::integrate;
use super::{Case, flat, host};
use crate::{Measured, Subject};

/// Draws that the box comes from.
const DRAWS: usize = 2048;
/// The share of draws beyond either end of their middle.
const BEYOND: f64 = 0.005;
/// The box is wider than the middle of the draws by this many widths on each side.
const MARGIN: f64 = 2.0;
/// Draws around which cells are split in any case.
const FOLLOWED: usize = 512;
/// Points evaluated at once.
const BATCH: usize = 16_384;
/// Places of the picture, by dimension.
const PLACES: [usize; 2] = [400, 100];

/// `∫ p(x) dx`, which is 1 for a density.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_check::{Integral, Options, check};
/// use thalweg_flow::{DiagonalScale, Flow, Noise, base::StandardNormal};
///
/// let device = Device::default();
/// let flow = Flow::new(DiagonalScale::<2>::new(2, &device), StandardNormal::new(2));
/// let rows = Noise::seeded(0).normal::<2>([20, 2], &device, DType::F32);
/// let report = check(&flow, &rows, &Options { evaluations: 20_000, ..Options::default() })?;
/// let integral: &Integral = report.integral.done().expect("two dimensions");
/// assert!((integral.value - 1.0).abs() < integral.error + 1e-3);
/// assert!(integral.sides.iter().all(|[low, high]| *low < -5.0 && 5.0 < *high));
/// assert!(integral.evaluations <= 20_000);
/// # Ok::<(), thalweg_check::CheckError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Integral {
    /// The integral over the box.
    pub value: f64,
    /// How far cells of the grid and their halves or quarters differ, summed: an estimate of the error from above.
    pub error: f64,
    /// The box, one pair a dimension.
    pub sides: Vec<[f64; 2]>,
    /// Evaluations of the density.
    pub evaluations: usize,
}

/// The density in the middle of its box, for a picture.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Drawn {
    Line(Vec<(f64, f64)>),
    Plane {
        region: Region,
        columns: usize,
        density: Vec<f64>,
    },
}

pub(crate) fn integral<S: Subject<D>, const D: usize>(
    case: &Case<S, D>,
) -> (Measured<Integral>, Option<Drawn>) {
    let numbers = case.numbers();
    if !(1..=2).contains(&numbers) {
        let reason =
            format!("a grid over {numbers} dimensions has too many points; the bound is 2");
        return (Measured::Skipped(reason), None);
    }
    match found(case) {
        Ok((integral, drawn)) => (Measured::Done(integral), Some(drawn)),
        Err(error) => (Measured::Error(error.to_string()), None),
    }
}

fn found<S: Subject<D>, const D: usize>(case: &Case<S, D>) -> Result<(Integral, Drawn), FlowError> {
    let (numbers, model) = (case.numbers(), case.model);
    let context = case.context.part_of(0..1, case.rows());
    let mut noise = Noise::seeded(case.options.seed);
    let z = model.latents(DRAWS, &mut noise, &context);
    let draws = host(flat(&model.decode(z, &context)?));
    let draws: Vec<Vec<f64>> = draws.chunks(numbers).map(<[f64]>::to_vec).collect();
    let middles: Vec<[f64; 2]> = (0..numbers).map(|axis| middle(&draws, axis)).collect();
    let sides: Vec<[f64; 2]> = middles
        .iter()
        .map(|middle| model.support().unwrap_or_else(|| widened(*middle, MARGIN)))
        .collect();
    let mut density = |points: Vec<f64>| -> Result<Vec<f64>, FlowError> {
        let mut densities = Vec::with_capacity(points.len() / numbers);
        for part in points.chunks(BATCH * numbers) {
            let log_probs = host(model.log_prob(case.points(part.to_vec()), &context)?);
            densities.extend(log_probs.into_iter().map(f64::exp));
        }
        Ok(densities)
    };
    let quadrature = integrate(
        &sides,
        &draws[..FOLLOWED],
        case.options.evaluations,
        &mut density,
    )?;
    let shown: Vec<[f64; 2]> = middles
        .iter()
        .map(|middle| model.support().unwrap_or_else(|| widened(*middle, 0.25)))
        .collect();
    let drawn = match shown[..] {
        [x, y] => {
            let region = Region { x, y };
            let centres = region.centres(PLACES[1], PLACES[1]);
            Drawn::Plane {
                region,
                columns: PLACES[1],
                density: density(centres.concat())?,
            }
        }
        _ => {
            let [low, high] = shown[0];
            let step = (high - low) / PLACES[0] as f64;
            let places: Vec<f64> = (0..=PLACES[0])
                .map(|place| low + place as f64 * step)
                .collect();
            let heights = density(places.clone())?;
            Drawn::Line(places.into_iter().zip(heights).collect())
        }
    };
    let integral = Integral {
        value: quadrature.value,
        error: quadrature.error,
        sides,
        evaluations: quadrature.evaluations,
    };
    Ok((integral, drawn))
}

/// The middle of the finite draws along an axis; around 0 where there is no width.
fn middle(draws: &[Vec<f64>], axis: usize) -> [f64; 2] {
    let mut sorted: Vec<f64> = draws
        .iter()
        .map(|x| x[axis])
        .filter(|x| x.is_finite())
        .collect();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let last = sorted.len().saturating_sub(1) as f64;
        sorted
            .get((share * last).round() as usize)
            .copied()
            .unwrap_or(0.0)
    };
    match [at(BEYOND), at(1.0 - BEYOND)] {
        [low, high] if low < high => [low, high],
        [low, _] => [low - 1.0, low + 1.0],
    }
}

fn widened([low, high]: [f64; 2], widths: f64) -> [f64; 2] {
    let room = widths * (high - low);
    [low - room, high + room]
}
