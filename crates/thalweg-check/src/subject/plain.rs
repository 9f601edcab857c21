//! Flows made by hand.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_flow::compiled::LowerBase;
use thalweg_flow::{Base, Bijection, CompiledFlow, Flow, Lower, Variable};

use super::Subject;

impl<B, P, L, const D: usize> Subject<D> for Flow<B, P>
where
    L: Variable,
    B: Bijection<Data = Tensor<D>, Latent = L>,
    P: Base<Latent = L>,
{
    type Context = ();
    type Latent = L;
    type Bijection = B;
    type Base = P;

    fn name(&self) -> String {
        "flow".to_owned()
    }

    fn without_tape(&self) -> Self {
        Module::valid(self)
    }

    fn flow(&self) -> &Self {
        self
    }

    fn compiled(&self) -> Result<CompiledFlow, String> {
        Err("not compared: `Compiled` names the compiled form of a flow made by hand".to_owned())
    }
}

/// A [`Flow`] of vectors with its compiled form, to be compared.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_check::{Compiled, Options, Verdict, check};
/// use thalweg_flow::{DiagonalScale, Flow, Noise, base::StandardNormal};
///
/// let device = Device::default();
/// let flow = Flow::new(DiagonalScale::<2>::new(3, &device), StandardNormal::new(3));
/// let rows = Noise::seeded(0).normal::<2>([50, 3], &device, DType::F32);
/// let report = check(&Compiled(flow), &rows, &Options::default())?;
/// assert!(report.compiled.done().is_some());
/// # Ok::<(), thalweg_check::CheckError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Compiled<
    B: Module + burn::module::ModuleDisplay,
    P: Module + burn::module::ModuleDisplay,
>(
    /// The flow.
    pub Flow<B, P>,
);

impl<B, P> Subject<2> for Compiled<B, P>
where
    B: Bijection<Data = Tensor<2>, Latent = Tensor<2>> + Lower,
    P: Base<Latent = Tensor<2>> + LowerBase,
{
    type Context = ();
    type Latent = Tensor<2>;
    type Bijection = B;
    type Base = P;

    fn name(&self) -> String {
        "flow".to_owned()
    }

    fn without_tape(&self) -> Self {
        Self(Module::valid(&self.0))
    }

    fn flow(&self) -> &Flow<B, P> {
        &self.0
    }

    fn compiled(&self) -> Result<CompiledFlow, String> {
        Ok(self.0.compile())
    }
}
