//! The compiled form against tensors.

use std::borrow::Borrow;

use burn::tensor::{Tensor, TensorData};
use serde::Serialize;
use thalweg_flow::FlowError;
use thalweg_flow::compiled::{CompiledContext, Scratch};

use super::deviation::distance;
use super::{Case, Deviation, flat, host};
use crate::{Measured, Subject};

/// Differences of the compiled form and the tensors.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_check::{Compiled, CompiledErrors, Options, check};
/// use thalweg_flow::{DiagonalScale, Flow, Noise, base::StandardNormal};
///
/// let device = Device::default();
/// let flow = Flow::new(DiagonalScale::<2>::new(2, &device), StandardNormal::new(2));
/// let rows = Noise::seeded(0).normal::<2>([20, 2], &device, DType::F32);
/// let report = check(&Compiled(flow), &rows, &Options { evaluations: 20_000, ..Options::default() })?;
/// let errors: CompiledErrors = *report.compiled.done().expect("a compiled form");
/// assert_eq!((errors.encode.largest, errors.decode.largest), (0.0, 0.0)); // scales of one
/// assert!(errors.log_prob < 1e-5 && errors.log_prob_each <= errors.log_prob / 2.0);
/// # Ok::<(), thalweg_check::CheckError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CompiledErrors {
    /// The largest difference of log-densities, in nats.
    pub log_prob: f64,
    /// The largest difference over `max(D, │ln p│)` for `D` numbers of a sample.
    pub log_prob_each: f64,
    /// Of latents of the rows.
    pub encode: Deviation,
    /// Of data of these latents.
    pub decode: Deviation,
}

pub(crate) fn compiled<S: Subject<D>, const D: usize>(
    case: &Case<S, D>,
) -> Measured<CompiledErrors> {
    let compiled = match case.model.compiled() {
        Ok(compiled) => compiled,
        Err(reason) => return Measured::Skipped(reason),
    };
    let compare = || -> Result<CompiledErrors, FlowError> {
        let (model, rows, numbers) = (case.model, case.rows(), case.numbers());
        let z = model.encode(case.x.clone(), &case.context)?;
        let (z_rows, x_rows) = (flat(&z), flat(&case.x));
        let back = flat(&model.decode(z, &case.context)?);
        let log_probs = host(model.log_prob(case.x.clone(), &case.context)?);

        let context = case.context.to_host();
        let given = compiled.given(context.borrow());
        let scratch = &mut Scratch::default();
        let x = single(x_rows);
        let mut found = vec![0.0; rows];
        given.log_probs(&x, &mut found, scratch);
        let pairs = log_probs.iter().zip(&found);
        let differences = pairs.map(|(e, f)| (*e, distance(*e, f64::from(*f))));
        let mut latents = x;
        given.encode(&mut latents, scratch);
        let mut data = single(z_rows.clone());
        given.decode(&mut data, scratch);
        let tensor = |numbers: Vec<f32>, like: &Tensor<2>| {
            let data = TensorData::new(numbers, like.dims());
            Tensor::from_data(data, (&like.device(), like.dtype()))
        };
        Ok(CompiledErrors {
            log_prob: differences.clone().map(|d| d.1).fold(0.0, f64::max),
            log_prob_each: differences
                .map(|(expected, d)| d / expected.abs().max(numbers as f64))
                .map(|each| if each.is_nan() { f64::INFINITY } else { each })
                .fold(0.0, f64::max),
            encode: Deviation::of(z_rows.clone(), tensor(latents, &z_rows)),
            decode: Deviation::of(back.clone(), tensor(data, &back)),
        })
    };
    compare().into()
}

fn single(rows: Tensor<2>) -> Vec<f32> {
    rows.into_data().iter::<f32>().collect()
}
