//! The coupling layer: split × transformer × conditioner.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use crate::numerics::nothing;
use crate::reversible::through_coupling;
use crate::{Bijection, FlowError, LogDet, Network, Slope, Split, Transformer, WayBack, probe};

/// Keeps one part of the features and transforms the other, elementwise, with parameters computed
/// from the kept part: `z_k = x_k`, `z_t = τ(x_t; m(x_k))`.
///
/// The Jacobian is triangular, so `ln|det J|` is the transformer's sum, and the conditioner `m`
/// runs once in either direction and is never inverted.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Affine, Bijection, Coupling, MlpConfig, Noise, Split};
///
/// let device = Device::default();
/// let split = Split::half();
/// let (kept, transformed) = split.sizes(4);
/// let net = MlpConfig::new(kept, vec![16], 2 * transformed).init(&mut Noise::seeded(0), &device);
/// let coupling: Coupling<_, _> = Coupling::new(split, Affine::new(), net);
///
/// let x = Tensor::<2>::ones([3, 4], &device);
/// let (z, log_det) = coupling.forward(x.clone(), &());
/// let (back, _) = coupling.inverse(z, &());
/// assert_eq!(log_det.dims(), [3]);
/// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-6);
/// ```
///
/// # Shapes
///
/// `[batch, features, ..]` to the same; the split is along axis 1.
///
/// # Panics
///
/// When the conditioner returns another number of parameters than the transformer takes.
///
/// # References
///
/// Dinh, Krueger, Bengio: *NICE*, 2014, section 3.2; Dinh, Sohl-Dickstein, Bengio: *Density
/// estimation using Real NVP*, 2017, section 3.2.
#[derive(Module, Debug)]
pub struct Coupling<T: Module + ModuleDisplay, N: Module + ModuleDisplay, const D: usize = 2> {
    #[module(skip)]
    pub(crate) split: Split,
    pub(crate) transformer: T,
    pub(crate) conditioner: N,
}

impl<T: Transformer, N: Module + ModuleDisplay, const D: usize> Coupling<T, N, D> {
    /// A coupling of the three parts.
    pub fn new(split: Split, transformer: T, conditioner: N) -> Self {
        Self {
            split,
            transformer,
            conditioner,
        }
    }

    /// The transformer's parameters for an input of either direction: the kept part is the same on
    /// both sides.
    fn parameters<C>(&self, x: &Tensor<D>, context: &C) -> Tensor<D>
    where
        N: Network<C, D>,
    {
        let kept = self.split.keep(x.clone());
        let (mut transformed, kept_features) = (x.dims(), kept.dims()[1]);
        check_kept(
            "Coupling",
            self.conditioner.inputs(),
            kept_features,
            x.dims(),
        );
        if x.dims()[0] == 0 {
            transformed[1] -= kept_features;
            transformed[1] *= self.transformer.parameters_per_feature();
            return Tensor::empty(transformed, (&x.device(), x.dtype()));
        }
        let parameters = self.conditioner.apply(kept, context);
        probe::output("the conditioner of a Coupling", &parameters);
        transformed[1] -= kept_features;
        check_parameters(&self.transformer, &parameters, transformed);
        parameters
    }
}

impl<C, T: Transformer, N: Network<C, D>, const D: usize> Bijection<C> for Coupling<T, N, D> {
    type Data = Tensor<D>;
    type Latent = Tensor<D>;

    fn forward(&self, x: Tensor<D>, context: &C) -> (Tensor<D>, LogDet) {
        let parameters = self.parameters(&x, context);
        if let Some(nothing) = nothing(&x) {
            return nothing;
        }
        let step = self.transformer.forward_part(x, self.split, parameters);
        probe::layer("Coupling", step)
    }

    fn inverse(&self, z: Tensor<D>, context: &C) -> (Tensor<D>, LogDet) {
        let parameters = self.parameters(&z, context);
        if let Some(nothing) = nothing(&z) {
            return nothing;
        }
        let step = self.transformer.inverse_part(z, self.split, parameters);
        probe::layer("Coupling", step)
    }

    fn backward_on(&self, z: Slope<Tensor<D>>, context: &C, way: &mut WayBack) -> Slope<Tensor<D>> {
        if let Some(x) = way.kept() {
            return way.through(self, x, &z.gradient, |x| self.forward(x, context));
        }
        let (kept, transformed) = self.split.split(z.value);
        let gradient = self.split.split(z.gradient).into();
        through_coupling(
            way,
            self,
            &self.transformer,
            [kept, transformed],
            gradient,
            |kept| self.conditioner.apply(kept.clone(), context),
            |kept, transformed| self.split.merge(kept, transformed),
        )
    }

    fn initialize(mut self, x: Tensor<D>, context: &C) -> Result<(Self, Tensor<D>), FlowError> {
        let kept = self.split.keep(x.clone());
        self.conditioner = self.conditioner.initialize(kept, context)?;
        let (z, _) = self.valid().forward(x, context);
        Ok((self, z))
    }
}

/// # Panics
///
/// Unless the network takes what a coupling keeps of an input.
pub(crate) fn check_kept<const D: usize>(
    coupling: &str,
    inputs: Option<usize>,
    kept: usize,
    given: [usize; D],
) {
    if let Some(inputs) = inputs.filter(|inputs| *inputs != kept) {
        panic!(
            "the network of a {coupling} takes {inputs} features and got the {kept} that are kept of \
             {given:?}"
        );
    }
}

/// # Panics
///
/// Unless there are the parameters that the transformer takes for an input of this shape: fewer
/// samples or positions would be broadcast.
pub(crate) fn check_parameters<T: Transformer, const D: usize>(
    transformer: &T,
    parameters: &Tensor<D>,
    transformed: [usize; D],
) {
    let (found, each) = (parameters.dims(), transformer.parameters_per_feature());
    let mut expected = transformed;
    expected[1] *= each;
    assert!(
        found == expected,
        "the conditioner returned {} parameters, the transformer takes {each} for each of {} \
         transformed features: {expected:?}, not {found:?}",
        found[1],
        transformed[1]
    );
}
