//! There and back through the whole model.

use serde::Serialize;
use thalweg_flow::{FlowError, Noise};

use super::{Case, Deviation, flat};
use crate::Subject;

/// Errors of both round trips.
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
