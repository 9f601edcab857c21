//! There and back through the whole model.

use serde::Serialize;
use thalweg_flow::{FlowError, Noise};

use super::{Case, Deviation, flat};
use crate::Subject;

/// Errors of both round trips.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_check::{Deviation, Options, RoundTrip, check};
/// use thalweg_flow::{DiagonalScale, Flow, Noise, base::StandardNormal};
///
/// let device = Device::default();
/// let flow = Flow::new(DiagonalScale::<2>::new(2, &device), StandardNormal::new(2));
/// let rows = Noise::seeded(0).normal::<2>([20, 2], &device, DType::F32);
/// let report = check(&flow, &rows, &Options { evaluations: 20_000, ..Options::default() })?;
/// let RoundTrip { data, latents } = report.round_trip.done().expect("a sound flow");
/// assert_eq!([data, latents], [&Deviation::default(); 2]); // scales of one make no error
/// # Ok::<(), thalweg_check::CheckError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RoundTrip {
    /// `|f⁻¹(f(x)) − x|` of the rows, in the units of the data.
    pub data: Deviation,
    /// `|f(f⁻¹(z)) − z|` of as many draws of the base density.
    pub latents: Deviation,
}

pub(crate) fn round_trip<S: Subject<D>, const D: usize>(
    case: &Case<S, D>,
) -> Result<RoundTrip, FlowError> {
    let (model, context) = (case.model, &case.context);
    let z = model.encode(case.x.clone(), context)?;
    let data = Deviation::of(flat(&case.x), flat(&model.decode(z, context)?));
    let mut noise = Noise::seeded(case.options.seed);
    let z = model.latents(case.rows(), &mut noise, context);
    let again = model.encode(model.decode(z.clone(), context)?, context)?;
    let latents = Deviation::of(flat(&z), flat(&again));
    Ok(RoundTrip { data, latents })
}
