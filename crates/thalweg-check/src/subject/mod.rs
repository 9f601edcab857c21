//! The models that can be checked.

mod discrete;
mod field;
mod plain;
mod vector;

pub use plain::Compiled;

use burn::tensor::Tensor;
use thalweg_flow::compiled::CompiledContext;
use thalweg_flow::{
    Base, Bijection, CompiledFlow, Condition, Flow, FlowError, Noise, Placement, Variable,
};

/// A model that can be checked: a flow on data of rank `D − 1`, with what stands in front of it.
///
/// Implemented for the densities of vectors, [`VectorFlow`](thalweg_models::VectorFlow) and
/// [`FieldFlow`](thalweg_models::continuous_flow::FieldFlow), for [`Nice`](thalweg_models::Nice) and
/// [`ImageFlow`](thalweg_models::ImageFlow) on levels, and for a [`Flow`] of your own.
///
/// ```
/// use burn::tensor::{DType, Device, Tensor};
/// use thalweg_check::Subject;
/// use thalweg_flow::{DiagonalScale, Flow, FlowError, Noise, base::StandardNormal};
/// use thalweg_models::CouplingFlowConfig;
///
/// fn round_trip<S: Subject<2, Context = ()>>(model: &S, rows: &Tensor<2>) -> Result<f32, FlowError> {
///     let x = model.points(rows.clone(), &mut Noise::seeded(1))?;
///     let back = model.decode(model.encode(x.clone(), &())?, &())?;
///     Ok((back - x).abs().max().into_scalar())
/// }
///
/// let device = Device::default();
/// let rows = Noise::seeded(0).normal::<2>([20, 2], &device, DType::F32);
/// let flow = Flow::new(DiagonalScale::<2>::new(2, &device), StandardNormal::new(2));
/// assert_eq!(round_trip(&flow, &rows)?, 0.0); // scales of one
/// assert!(round_trip(&CouplingFlowConfig::realnvp(2).init(&device), &rows)? < 1e-4);
/// # Ok::<(), FlowError>(())
/// ```
pub trait Subject<const D: usize>: Sized {
    /// The condition: `()` for none.
    type Context: Condition + CompiledContext;
    /// The latents.
    type Latent: Variable;
    /// From data to latents.
    type Bijection: Bijection<Self::Context, Data = Tensor<D>, Latent = Self::Latent>;
    /// The density of the latents.
    type Base: Base<Self::Context, Latent = Self::Latent>;

    /// The name of the model in the report.
    fn name(&self) -> String;

    /// The model without a tape.
    fn without_tape(&self) -> Self;

    /// The flow.
    fn flow(&self) -> &Flow<Self::Bijection, Self::Base>;

    /// Rows in the space of the density: levels are dequantized.
    ///
    /// # Errors
    ///
    /// A row that the model does not take.
    fn points(&self, rows: Tensor<D>, _noise: &mut Noise) -> Result<Tensor<D>, FlowError> {
        rows.check(None)?;
        Ok(rows)
    }

    /// Points in the range of the flow, and the log-determinant of that map.
    fn enter(&self, x: Tensor<D>) -> (Tensor<D>, f64) {
        (x, 0.0)
    }

    /// The latents of points.
    ///
    /// # Errors
    ///
    /// Those of the model.
    fn encode(&self, x: Tensor<D>, context: &Self::Context) -> Result<Self::Latent, FlowError> {
        Ok(self.flow().given(context).encode(self.enter(x).0))
    }

    /// The points of latents.
    ///
    /// # Errors
    ///
    /// Those of the model.
    fn decode(&self, z: Self::Latent, context: &Self::Context) -> Result<Tensor<D>, FlowError> {
        Ok(self.flow().given(context).decode(z))
    }

    /// The log-density of points in nats.
    ///
    /// # Errors
    ///
    /// Those of the model.
    fn log_prob(&self, x: Tensor<D>, context: &Self::Context) -> Result<Tensor<1>, FlowError> {
        let (x, log_det) = self.enter(x);
        let log_prob = self.flow().given(context).log_prob(x);
        Ok(log_prob.add_scalar(log_det))
    }

    /// `n` latents of the base density.
    fn latents(&self, n: usize, noise: &mut Noise, context: &Self::Context) -> Self::Latent {
        let placement = Placement::of(self.flow());
        self.flow().base.sample(n, 1.0, noise, &placement, context)
    }

    /// The least and the largest number of the data; `None` for the whole line.
    fn support(&self) -> Option<[f64; 2]> {
        None
    }

    /// The compiled form, for points of the same space.
    ///
    /// # Errors
    ///
    /// Why there is none.
    fn compiled(&self) -> Result<CompiledFlow<Self::Context>, String>;
}
