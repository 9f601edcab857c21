//! NICE: non-linear independent components estimation.

mod bijection;
mod config;

pub use bijection::{NiceBijection, NicePrior};
pub use config::{NiceConfig, NiceStyle};

use thalweg_flow::compiled::{ChannelMap, CompiledFlow, Lower, Lowering};

use crate::DiscreteFlow;

/// NICE on discrete data: additive couplings, a diagonal scale and a factorial prior, with the
/// data's dequantization in front.
///
/// Data are levels `0 ..= levels − 1` as floats, `[batch, features]`; see [`DiscreteFlow`]. The flow
/// itself takes the unit cube, or in the blog's style the range `[0, 1]` of its scaled pixels. The
/// loss has the noise of the preset. The blog's noise is 2.5 bins wide, so its loss is not comparable
/// with [`log_prob`](DiscreteFlow::log_prob), a bound for either preset.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::{Nice, NiceConfig};
///
/// let device = Device::default();
/// let nice: Nice = NiceConfig::paper(16, 256).with_hidden(32).init(&device);
/// let pixels = Tensor::<2>::ones([4, 16], &device) * 128.0;
/// let nats = nice.log_prob(pixels, &mut Noise::seeded(0))?;
/// let bits = nice.units().of_each(nats);
/// assert_eq!(bits.dims(), [4]);
/// let images = nice.sample(9, 0.75, &mut Noise::seeded(1));
/// assert_eq!(images.dims(), [9, 16]);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # References
///
/// Dinh, Krueger, Bengio: *NICE: Non-linear Independent Components Estimation*, 2014. Su Jianlin:
/// *Flow 1: NICE*, kexue.fm/archives/5776, 2018.
pub type Nice = DiscreteFlow<NiceBijection, NicePrior, NiceConfig, 2>;

impl Nice {
    /// The model without tensors, for points of the unit cube.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_flow::compiled::Scratch;
    /// use thalweg_models::NiceConfig;
    ///
    /// let nice = NiceConfig::paper(16, 256).with_hidden(32).init(&Device::default());
    /// let (compiled, mut scratch) = (nice.compile(), Scratch::default());
    /// assert!(compiled.log_prob(&[0.5; 16], &mut scratch).is_finite());
    /// ```
    pub fn compile(&self) -> CompiledFlow {
        let shape = [self.config().features, 1, 1];
        CompiledFlow::new(&Rescaled(self), &self.flow.base, shape, 1)
    }
}

/// The bijection of a NICE, behind the blog's map of the unit cube, `(L y − 1) / (L − 1)` for `L` levels.
struct Rescaled<'a>(&'a Nice);

impl Lower for Rescaled<'_> {
    fn lower(&self, plan: &mut Lowering) {
        let config = self.0.config();
        if config.style == NiceStyle::Blog {
            let levels = f64::from(config.levels);
            let log_scale = (levels / (levels - 1.0)).ln();
            let centre = vec![levels.recip() as f32; config.features];
            plan.map(ChannelMap::scales(
                centre,
                &vec![log_scale; config.features],
            ));
        }
        Lower::<()>::lower(&self.0.flow.bijection, plan);
    }
}
