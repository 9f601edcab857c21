//! Expectations of a bijection, and skipped laws.

use burn::tensor::DType;

use crate::Law;
use crate::sample::REAL_EDGES;

/// Expectations of a bijection, and skipped laws.
///
/// ```
/// use thalweg_laws::{Law, Options};
///
/// let options = Options::default()
///     .volume_preserving()
///     .skip(Law::EveryParameterHasGradient, "has no parameters");
/// assert_eq!(options.skipped(Law::EveryParameterHasGradient), Some("has no parameters"));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    pub(crate) tolerance_f64: f64,
    pub(crate) tolerance_f32: f64,
    pub(crate) amplitude: f64,
    pub(crate) edges: Vec<f64>,
    pub(crate) volume_preserving: bool,
    pub(crate) without_gradient: Vec<(String, String)>,
    skips: Vec<(Law, String)>,
}

impl Default for Options {
    /// Tolerances of `1e-9` in 64 bits and `1e-4` in fewer, scrambling by `0.3`, data on the real
    /// line, a volume that changes, no skips.
    fn default() -> Self {
        Self {
            tolerance_f64: 1e-9,
            tolerance_f32: 1e-4,
            amplitude: 0.3,
            edges: REAL_EDGES.into(),
            volume_preserving: false,
            without_gradient: Vec::new(),
            skips: Vec::new(),
        }
    }
}

impl Options {
    /// The log-determinant is zero for all inputs and parameters.
    pub fn volume_preserving(mut self) -> Self {
        self.volume_preserving = true;
        self
    }

    /// Tolerances in 64 bits, and in fewer.
    ///
    /// ```
    /// use burn::tensor::DType;
    /// use thalweg_laws::Options;
    ///
    /// let options = Options::default().with_tolerances(1e-10, 1e-3);
    /// assert_eq!((options.tolerance(DType::F64), options.tolerance(DType::F32)), (1e-10, 1e-3));
    /// ```
    pub fn with_tolerances(mut self, f64: f64, f32: f64) -> Self {
        (self.tolerance_f64, self.tolerance_f32) = (f64, f32);
        self
    }

    /// The amplitude of [`scramble`](crate::scramble).
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_flow::DiagonalScale;
    /// use thalweg_laws::{Law, Options, normal, run_law};
    ///
    /// let build = |device: &Device| DiagonalScale::<2>::new(3, device);
    /// // Not scrambled, its scales are one and keep the volume.
    /// let options = Options::default().volume_preserving().with_amplitude(0.0);
    /// run_law(Law::VolumeAsDeclared, &[Device::default()], build, normal([4, 3]), (), &options);
    /// ```
    pub fn with_amplitude(mut self, amplitude: f64) -> Self {
        self.amplitude = amplitude;
        self
    }

    /// The edges of the domain for [`check_all`](crate::check_all); tests of
    /// [`bijection_laws!`](crate::bijection_laws) use the edges of the recipe.
    ///
    /// ```
    /// use burn::tensor::{DType, Device};
    /// use thalweg_flow::{DiagonalScale, Logit};
    /// use thalweg_laws::{Law, Options, Sample, UNIT_EDGES, check_all, scramble, unit};
    ///
    /// let device = Device::default().autodiff();
    /// let layer = scramble((Logit::<2>::new(0.05), DiagonalScale::<2>::new(3, &device)), 0.3);
    /// # let layer = thalweg_flow::precision::cast(layer, DType::F64).unwrap();
    /// let x = unit([4, 3]).sample(&device, DType::F64, 0);
    /// check_all(&layer, &x, &(), &Options::default().with_edges(&UNIT_EDGES))?;
    ///
    /// // Outside the unit interval its log-determinant is −∞.
    /// let violation = check_all(&layer, &x, &(), &Options::default()).unwrap_err();
    /// assert_eq!(violation.law, Law::FiniteAtTheEdges);
    /// # Ok::<(), thalweg_laws::Violation>(())
    /// ```
    pub fn with_edges(mut self, edges: &[f64]) -> Self {
        self.edges = edges.into();
        self
    }

    /// The parameters at and below `path` need no gradient, for this reason.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_flow::{Affine, Autoregressive, MaskedMlp, MaskedMlpConfig, Noise};
    /// use thalweg_laws::{Law, Options, normal, run_law};
    ///
    /// // Nothing of one feature is seen: the map has constant parameters, the biases.
    /// let build = |device: &Device| {
    ///     let network = MaskedMlpConfig::new(1, vec![], 2).init(&mut Noise::seeded(0), device);
    ///     Autoregressive::<Affine, MaskedMlp>::new(Affine::new(), network)
    /// };
    /// let options = Options::default().without_gradient("network.layers.0.weight", "is masked");
    /// let law = Law::EveryParameterHasGradient;
    /// run_law(law, &[Device::default()], build, normal([4, 1]), (), &options);
    /// ```
    pub fn without_gradient(mut self, path: &str, reason: &str) -> Self {
        self.without_gradient.push((path.into(), reason.into()));
        self
    }

    /// Skips a law, for this reason.
    pub fn skip(mut self, law: Law, reason: &str) -> Self {
        self.skips.push((law, reason.into()));
        self
    }

    /// The reason for skipping a law, if it is skipped.
    pub fn skipped(&self, law: Law) -> Option<&str> {
        let skip = self.skips.iter().find(|(skipped, _)| *skipped == law);
        skip.map(|(_, reason)| reason.as_str())
    }

    /// The tolerance for inputs of this dtype.
    pub fn tolerance(&self, dtype: DType) -> f64 {
        match dtype {
            DType::F64 => self.tolerance_f64,
            _ => self.tolerance_f32,
        }
    }
}
