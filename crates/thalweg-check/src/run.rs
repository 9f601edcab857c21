//! A report on a model.

use burn::tensor::Tensor;
use thalweg_flow::points::Points;
use thalweg_flow::{Condition, Noise, Placement};

use crate::measure::{self, Case};
use crate::report::findings;
use crate::{Bounds, Check, CheckError, Measured, Options, Subject, Verdict};

/// Measures a model without a condition on rows of its data: a tensor, or rows in the host's memory. Levels of images
/// are rows too.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_check::{Options, check};
/// use thalweg_flow::Noise;
/// use thalweg_models::CouplingFlowConfig;
///
/// let device = Device::default();
/// let rows = Noise::seeded(0).normal::<2>([100, 3], &device, DType::F32);
/// let flow = CouplingFlowConfig::realnvp(3).init(&device).initialize(&rows)?;
/// let report = check(&flow, &rows, &Options::default())?;
/// assert!(report.round_trip.done().is_some_and(|trip| trip.data.largest < 1e-4));
/// println!("{report}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// No rows, a row that the model does not take, and a linear map without an inverse.
///
/// # Panics
///
/// For rows of another shape than the model's.
pub fn check<S: Subject<D, Context = ()>, const D: usize>(
    model: &S,
    rows: &(impl Points<D> + ?Sized),
    options: &Options,
) -> Result<Check, CheckError> {
    check_given(model, rows, &(), options)
}

/// Measures a model under a condition: one row for each row of data, or one for all; see [`check`].
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_check::{Measure, Options, Verdict, check_given};
/// use thalweg_flow::Noise;
/// use thalweg_models::CouplingFlowConfig;
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let rows = noise.normal::<2>([50, 3], &device, DType::F32);
/// let each = noise.normal::<2>([50, 2], &device, DType::F32);
/// let flow = CouplingFlowConfig::realnvp(3).with_context(2).init(&device).initialize(&rows)?;
/// for condition in [each.clone(), each.narrow(0, 0, 1)] {
///     let report = check_given(&flow, &rows, &condition, &Options::default())?;
///     assert_eq!(report.of(Measure::RoundTripOfData), Verdict::Ok);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`check`], and a condition that is not finite.
///
/// # Panics
///
/// As [`check`], and for a condition of another number of rows.
pub fn check_given<S: Subject<D>, const D: usize>(
    model: &S,
    rows: &(impl Points<D> + ?Sized),
    context: &S::Context,
    options: &Options,
) -> Result<Check, CheckError> {
    let count = rows.count();
    if count == 0 {
        return Err(CheckError::NoRows);
    }
    context.check(None)?;
    let model = &model.without_tape();
    let placement = Placement::of(model.flow());
    let first: Tensor<D> = rows.rows(0..1, &placement)?;
    let numbers = first.dims()[1..].iter().product();
    let used = options.rows_of(count, numbers);
    let x = rows.rows(0..used, &placement)?;
    let case = Case {
        model,
        x: model.points(x, &mut Noise::seeded(options.seed))?,
        context: context.part_of(0..used, count),
        placement,
        options,
    };
    if let Some((layer, features)) = measure::singular(&case) {
        return Err(CheckError::Singular { layer, features });
    }
    Ok(measured(&case))
}

fn measured<S: Subject<D>, const D: usize>(case: &Case<S, D>) -> Check {
    let round_trip = Measured::from(measure::round_trip(case));
    // Where the model fails at the rows, a layer would panic.
    let runs = round_trip.done().is_some();
    let failed = || "the model fails at the rows".to_owned();
    let log_det = match runs {
        true => measure::log_det(case),
        false => Measured::Skipped(failed()),
    };
    let layers = if runs { measure::layers(case) } else { vec![] };
    let compiled = match runs {
        true => measure::compiled(case),
        false => Measured::Skipped(failed()),
    };
    let (integral, drawn) = measure::integral(case);
    let mut check = Check {
        model: case.model.name(),
        rows: case.rows(),
        numbers: case.numbers(),
        dtype: format!("{:?}", case.placement.dtype),
        bounds: Bounds::of(case.placement.dtype),
        verdict: Verdict::Ok,
        findings: vec![],
        round_trip,
        log_det,
        layers,
        sweep: measure::sweep(case),
        integral,
        compiled,
        drawn,
    };
    check.findings = findings(&check);
    let verdicts = check.findings.iter().map(|finding| finding.verdict);
    check.verdict = verdicts.max().unwrap_or(Verdict::Skipped);
    check
}
