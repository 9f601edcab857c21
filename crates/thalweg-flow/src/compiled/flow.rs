//! Compiled flows.

use burn::module::{Module, ModuleDisplay};

use super::{
    CompiledBase, CompiledBijection, CompiledContext, CompiledGiven, Lower, LowerBase, Lowering,
};
use crate::Flow;

/// A flow without tensors: packed weights, scales and matrices multiplied together, steps on slices. For
/// vectors it allocates nothing after the first call and uses no thread; a [`Continuous`](crate::Continuous)
/// layer does allocate, the states of its integrator.
///
/// For a point or a few it is many times faster than the tensors, whose operations cost microseconds each
/// before they compute anything; for thousands of points use those. Images come a batch at a time, and
/// their convolutions run on all threads (`docs/performance.md`).
///
/// The same bits come out at each call; for vectors, in a batch of any size. Calls share the flow and
/// nothing else, so any number of threads may call it at once, each with its
/// [`Scratch`](super::Scratch).
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{
///     Affine, Coupling, Flow, MlpConfig, Noise, Split, base::StandardNormal, compiled::Scratch,
/// };
///
/// let device = Device::default();
/// let net = MlpConfig::new(1, vec![16], 2).init(&mut Noise::seeded(0), &device);
/// let coupling: Coupling<_, _> = Coupling::new(Split::half(), Affine::new(), net);
/// let flow = Flow::new(coupling, StandardNormal::new(2));
///
/// let (compiled, mut scratch) = (flow.compile(), Scratch::default());
/// let found = compiled.log_prob(&[0.5, -1.0], &mut scratch);
/// let x = Tensor::<2>::from_floats([[0.5, -1.0]], &device);
/// assert!((found - flow.log_prob(x).into_scalar::<f32>()).abs() < 1e-5);
///
/// let mut sample = [0.0; 2];
/// compiled.sample(1.0, &mut Noise::seeded(1), &mut sample, &mut scratch);
/// ```
///
/// A flow under a condition is [`given`](Self::given) its context:
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use thalweg_flow::compiled::{CompiledGiven, Scratch};
/// use thalweg_flow::{
///     Affine, Coupling, Embedded, Flow, LabelEmbedding, MlpConfig, Noise, Split, WithContext,
///     base::StandardNormal,
/// };
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let net = MlpConfig::new(1 + 4, vec![16], 2).init(&mut noise, &device);
/// let coupling: Coupling<_, _> = Coupling::new(Split::half(), Affine::new(), WithContext::new(net));
/// let labels = LabelEmbedding::new(10, 4, &mut noise, &device);
/// let flow = Flow::new(Embedded::new(labels, coupling), StandardNormal::new(2));
///
/// let (compiled, mut scratch) = (flow.compile_given::<Tensor<1, Int>>(), Scratch::default());
/// let three: CompiledGiven<'_, _> = compiled.given(&[3]);
/// let found = three.log_prob(&[0.5, -1.0], &mut scratch);
/// let (label, x) = (Tensor::from_ints([3], &device), Tensor::from_floats([[0.5, -1.0]], &device));
/// let expected = flow.given(&label).log_prob(x).into_scalar::<f32>();
/// assert!((found - expected).abs() < 1e-5);
/// ```
///
/// Without one the program does not compile:
///
/// ```compile_fail,E0599
/// # use burn::tensor::Tensor;
/// # use thalweg_flow::compiled::{CompiledFlow, Scratch};
/// fn nats(compiled: &CompiledFlow<Tensor<2>>) -> f32 {
///     compiled.log_prob(&[0.5, -1.0], &mut Scratch::default())
/// }
/// ```
///
/// Images, at most four at a time:
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{ActNorm, Flow, MultiScale, Noise, base::MultiScaleNormal, compiled::Scratch};
/// # use thalweg_flow::{Identity, Level};
///
/// let device = Device::default();
/// let scales = MultiScale::new(vec![], ActNorm::<4>::identity(3, &device));
/// # let scales: MultiScale<Identity<4>, Identity<4>, _> = scales;
/// let flow = Flow::new(scales, MultiScaleNormal::new(vec![[3, 8, 8]]));
///
/// let (compiled, mut scratch) = (flow.compile_images([3, 8, 8], 4), Scratch::default());
/// let mut nats = [0.0; 10];
/// compiled.log_probs(&[0.5; 10 * 3 * 64], &mut nats, &mut scratch);
/// let x = Tensor::<4>::full([1, 3, 8, 8], 0.5, &device);
/// assert!((nats[9] - flow.log_prob(x).into_scalar::<f32>()).abs() < 1e-4);
///
/// // One temperature for each scale; 0 is the centre.
/// let mut images = [1.0; 2 * 3 * 64];
/// compiled.sample_scales(&[0.0], &mut Noise::seeded(0), &mut images, &mut scratch);
/// assert_eq!(images, [0.0; 2 * 3 * 64]);
/// ```
#[derive(Debug)]
pub struct CompiledFlow<C = ()> {
    /// The bijection, and behind it that of a base density which is a flow.
    pub(super) all: CompiledBijection<C>,
    /// The number of steps from data to latents.
    pub(super) steps: usize,
    pub(super) scales: usize,
    pub(super) density: Box<dyn CompiledBase>,
}

/// Vectors at a time, so that a layer's weights are read once for all of them.
const VECTORS: usize = 32;

impl<B: Module + ModuleDisplay, P: Module + ModuleDisplay> Flow<B, P> {
    /// The flow without tensors, for vectors.
    pub fn compile(&self) -> CompiledFlow
    where
        B: Lower,
        P: LowerBase,
    {
        self.compile_given()
    }

    /// The flow without tensors, for vectors and the context `C`.
    pub fn compile_given<C: CompiledContext>(&self) -> CompiledFlow<C>
    where
        B: Lower<C>,
        P: LowerBase<C>,
    {
        CompiledFlow::of_vectors(&self.bijection, &self.base)
    }

    /// The flow without tensors, for images `[channels, height, width]`, at most `batch` of them at a time:
    /// 1 for the least time of one image, the size of the calls for the least time of all.
    ///
    /// # Panics
    ///
    /// As [`CompiledFlow::new`].
    pub fn compile_images(&self, shape: [usize; 3], batch: usize) -> CompiledFlow
    where
        B: Lower,
        P: LowerBase,
    {
        CompiledFlow::new(&self.bijection, &self.base, shape, batch)
    }
}

impl<C: CompiledContext> CompiledFlow<C> {
    /// The flow of a bijection of vectors and a base density.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_flow::compiled::{CompiledFlow, Scratch};
    /// use thalweg_flow::{DiagonalScale, base::StandardNormal};
    ///
    /// let layer = DiagonalScale::<2>::new(2, &Device::default());
    /// let flow = CompiledFlow::<()>::of_vectors(&layer, &StandardNormal::new(2));
    /// assert_eq!((flow.numbers(), flow.scales()), (2, 1));
    /// let nats = flow.log_prob(&[0.0, 0.0], &mut Scratch::default());
    /// assert!((nats + (2.0 * std::f32::consts::PI).ln()).abs() < 1e-6);
    /// ```
    ///
    /// # Panics
    ///
    /// When the bijection takes vectors of another size.
    pub fn of_vectors(bijection: &impl Lower<C>, base: &impl LowerBase<C>) -> Self {
        let shape = [base.scales().iter().sum(), 1, 1];
        Self::new(bijection, base, shape, VECTORS)
    }

    /// The flow of a bijection and a base density, for samples `[channels, height, width]`, at most `batch` at
    /// a time; a vector is `[features, 1, 1]`.
    ///
    /// # Panics
    ///
    /// When `batch` is 0, or the flow takes samples of another shape.
    pub fn new(
        bijection: &impl Lower<C>,
        base: &impl LowerBase<C>,
        shape: [usize; 3],
        batch: usize,
    ) -> Self {
        let mut plan = Lowering::new(shape, batch);
        bijection.lower(&mut plan);
        let (expected, scales) = (base.scales(), plan.end_bijection());
        assert!(
            scales == expected,
            "a flow to latents of {expected:?} numbers a scale got samples {shape:?}, which give {scales:?}"
        );
        Self {
            steps: plan.steps.len(),
            scales: scales.len(),
            density: base.lower_base(&mut plan),
            all: CompiledBijection::of(plan, shape),
        }
    }

    /// Numbers of a sample.
    pub fn numbers(&self) -> usize {
        self.all.numbers()
    }

    /// The number of scales that latents have: 1 for vectors.
    pub fn scales(&self) -> usize {
        self.scales
    }

    /// The flow under a condition: one row of context for each sample, or one for all of them.
    pub fn given<'a>(&'a self, context: &'a C::Rows) -> CompiledGiven<'a, C> {
        let (flow, context) = (self, C::rows(context));
        CompiledGiven { flow, context }
    }
}
