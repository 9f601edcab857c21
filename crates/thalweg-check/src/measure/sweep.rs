//! Inputs of all magnitudes: shares of outputs that are not finite.

use std::fmt;

use burn::tensor::Tensor;
use serde::Serialize;
use thalweg_flow::{Condition, FlowError};

use super::{Case, flat, host};
use crate::Subject;

/// The largest power of ten: most of the range of f32.
const DECADES: i32 = 30;

/// An input of the sweep.
///
/// See [`SweepPoint`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Input {
    /// The rows times this.
    Rows(f64),
    /// One number of a sample is this, and the others are 0.
    Spike(f64),
    /// All numbers are this.
    Constant(f64),
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows(factor) => write!(f, "rows × {factor:e}"),
            Self::Spike(value) => write!(f, "spikes of {value:e}"),
            Self::Constant(value) => write!(f, "all {value:e}"),
        }
    }
}

impl Input {
    /// The factor of the rows, or the magnitude of a number.
    pub fn magnitude(&self) -> f64 {
        let (Self::Rows(number) | Self::Spike(number) | Self::Constant(number)) = self;
        number.abs()
    }
}

/// The outputs for one kind of input.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_check::{Input, Options, SweepPoint, check};
/// use thalweg_flow::{DiagonalScale, Flow, Noise, base::StandardNormal};
///
/// let device = Device::default();
/// let flow = Flow::new(DiagonalScale::<2>::new(2, &device), StandardNormal::new(2));
/// let rows = Noise::seeded(0).normal::<2>([20, 2], &device, DType::F32);
/// let report = check(&flow, &rows, &Options { evaluations: 20_000, ..Options::default() })?;
/// let at = |input: Input| report.sweep.iter().find(|point: &&SweepPoint| point.input == input);
/// let [near, far] = [1.0, 1e30].map(|factor| at(Input::Rows(factor)).expect("a power of ten"));
/// assert_eq!((near.log_prob, near.inside), (0.0, true));
/// // The latents are finite, but their squares are not.
/// assert_eq!((far.encode, far.log_prob, far.nan), (0.0, 1.0, 0.0));
/// assert_eq!((far.input.magnitude(), Input::Constant(-1e-30).magnitude()), (1e30, 1e-30));
/// # Ok::<(), thalweg_check::CheckError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SweepPoint {
    /// The input.
    pub input: Input,
    /// Samples.
    pub rows: usize,
    /// The share of samples with a latent that is not finite.
    pub encode: f64,
    /// The share of samples with a log-density that is not finite, `−∞` included.
    pub log_prob: f64,
    /// The share of samples with a NaN, or a log-density of `+∞`: no number at all.
    pub nan: f64,
    /// The share of samples for which the model returned an error.
    pub refused: f64,
    /// Whether all samples lie in the support of the model.
    pub inside: bool,
}

pub(crate) fn sweep<S: Subject<D>, const D: usize>(case: &Case<S, D>) -> Vec<SweepPoint> {
    let numbers = case.numbers();
    let rows = case.options.sweep_rows_of(case.rows(), numbers);
    let few = host(flat(&case.x.clone().narrow(0, 0, rows)));
    let decades = (0..=DECADES).map(|power| 10_f64.powi(power));
    let scaled = decades.clone().map(|factor| {
        let values = few.iter().map(|x| x * factor).collect();
        (Input::Rows(factor), values)
    });
    let spikes = decades.map(|value| {
        let places = numbers.min(rows);
        let mut values = vec![0.0; places * numbers];
        for place in 0..places {
            values[place * numbers + place * numbers / places] = value;
        }
        (Input::Spike(value), values)
    });
    let constants =
        [0.0, 1e-30, -1e-30].map(|value| (Input::Constant(value), vec![value; numbers]));
    let inputs = scaled.chain(spikes).chain(constants);
    inputs
        .map(|(input, values)| point(case, input, values))
        .collect()
}

/// The outputs for these numbers.
fn point<S: Subject<D>, const D: usize>(
    case: &Case<S, D>,
    input: Input,
    mut values: Vec<f64>,
) -> SweepPoint {
    let most = thalweg_flow::numerics::largest_of(case.placement.dtype);
    values.iter_mut().for_each(|x| *x = x.clamp(-most, most));
    let inside = case
        .model
        .support()
        .is_none_or(|[low, high]| values.iter().all(|x| (low..=high).contains(x)));
    let x = case.points(values);
    let rows = x.dims()[0];
    let context = |rows| case.context.part_of(rows, case.rows());
    let outputs = match outputs(case, x.clone(), &context(0..rows)) {
        Ok(found) => found.into_iter().map(Some).collect(),
        // One bad row makes an integration fail for all.
        Err(_) => (0..rows)
            .map(|index| {
                let row = x.clone().narrow(0, index, 1);
                let found = outputs(case, row, &context(index..index + 1));
                found.ok().map(|found| found[0])
            })
            .collect::<Vec<_>>(),
    };
    let share = |is: &dyn Fn(&Option<Output>) -> bool| {
        outputs.iter().filter(|output| is(output)).count() as f64 / rows.max(1) as f64
    };
    SweepPoint {
        input,
        rows,
        encode: share(&|output| output.is_some_and(|output| !output.finite)),
        log_prob: share(&|output| output.is_some_and(|output| !output.log_prob.is_finite())),
        nan: share(&|output| output.is_some_and(|output| output.is_no_number())),
        refused: share(&|output| output.is_none()),
        inside,
    }
}

#[derive(Clone, Copy)]
struct Output {
    /// Whether all latents are finite.
    finite: bool,
    /// Whether a latent is NaN.
    nan: bool,
    log_prob: f64,
}

impl Output {
    fn is_no_number(&self) -> bool {
        self.nan || self.log_prob.is_nan() || self.log_prob == f64::INFINITY
    }
}

fn outputs<S: Subject<D>, const D: usize>(
    case: &Case<S, D>,
    x: Tensor<D>,
    context: &S::Context,
) -> Result<Vec<Output>, FlowError> {
    let z = case.model.encode(x.clone(), context)?;
    let log_probs = host(case.model.log_prob(x, context)?);
    let z = flat(&z);
    let width = z.dims()[1];
    let z = host(z);
    let rows = z.chunks(width).zip(log_probs);
    Ok(rows
        .map(|(z, log_prob)| Output {
            finite: z.iter().all(|z| z.is_finite()),
            nan: z.iter().any(|z| z.is_nan()),
            log_prob,
        })
        .collect())
}
