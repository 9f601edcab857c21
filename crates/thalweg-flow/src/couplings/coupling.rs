//! The coupling layer: split × transformer × conditioner.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use crate::invertible_backprop::{BackwardPass, WithGradient, through_coupling};
use crate::shape::guarded;
use crate::walk::{self, Visitor};
use crate::{Bijection, FlowError, LogDet, Network, Split, Transformer, probe};

/// Keeps one part of the features and transforms the other, elementwise, with parameters computed
/// from the kept part: `z_k = x_k`, `z_t = τ(x_t; m(x_k))`.
///
/// The Jacobian is triangular, so `ln|det J|` is that of the transformer. The conditioner `m` is
/// evaluated once in either direction and needs no inverse.
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

    /// The transformer's parameters for `x` or `z`, which share the kept part.
    fn parameters<C>(&self, x: &Tensor<D>, context: &C) -> Tensor<D>
    where
        N: Network<C, D>,
    {
        let kept = self.split.keep(x.clone());
        let (mut transformed, kept_features) = (x.dims(), kept.dims()[1]);
        let inputs = self.conditioner.inputs();
        check_kept("Coupling", inputs, kept_features, transformed);
        transformed[1] -= kept_features;
        if transformed[0] == 0 {
            transformed[1] *= self.transformer.parameters_per_feature();
            return Tensor::empty(transformed, (&x.device(), x.dtype()));
        }
        let parameters = self.conditioner.apply(kept, context);
        probe::output("the conditioner of a Coupling", &parameters);
        check_parameters(&self.transformer, &parameters, transformed);
        parameters
    }
}

impl<C, T: Transformer, N: Network<C, D>, const D: usize> Bijection<C> for Coupling<T, N, D> {
    type Data = Tensor<D>;
    type Latent = Tensor<D>;

    fn forward(&self, x: Tensor<D>, context: &C) -> (Tensor<D>, LogDet) {
        let parameters = self.parameters(&x, context);
        guarded("Coupling", None, x, |x| {
            self.transformer.forward_part(x, self.split, parameters)
        })
    }

    fn inverse(&self, z: Tensor<D>, context: &C) -> (Tensor<D>, LogDet) {
        let parameters = self.parameters(&z, context);
        guarded("Coupling", None, z, |z| {
            self.transformer.inverse_part(z, self.split, parameters)
        })
    }

    fn backward(
        &self,
        z: WithGradient<Tensor<D>>,
        context: &C,
        pass: &mut BackwardPass,
    ) -> WithGradient<Tensor<D>> {
        if let Some(x) = pass.kept() {
            return pass.through(self, x, &z.gradient, |x| self.forward(x, context));
        }
        through_coupling(
            pass,
            self,
            &self.transformer,
            self.split.split(z.value).into(),
            self.split.split(z.gradient).into(),
            |kept| self.conditioner.apply(kept.clone(), context),
            |kept, transformed| self.split.merge(kept, transformed),
        )
    }

    fn walk<V: Visitor>(&self, x: Tensor<D>, context: &C, visitor: &mut V) -> Tensor<D> {
        let parameters = self.parameters(&x, context);
        let (_, transformed) = self.split.split(x.clone());
        let usage = self.transformer.usage(transformed, parameters);
        visitor.layer(self, x, context, walk::usage(usage))
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
/// Unless the network takes as many features as the coupling keeps.
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
/// Unless the parameters have the shape that the transformer takes for `transformed`: fewer samples or
/// positions would be broadcast.
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
