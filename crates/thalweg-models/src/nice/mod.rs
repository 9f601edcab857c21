//! NICE: non-linear independent components estimation.

mod bijection;
mod config;

pub use bijection::{NiceBijection, NicePrior};
pub use config::{NiceConfig, NiceStyle};

use thalweg_flow::Compile;
use thalweg_flow::compiled::{CompiledFlow, Layer, PerFeature};

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
/// use thalweg_models::NiceConfig;
///
/// let device = Device::default();
/// let nice = NiceConfig::paper(16, 256).with_hidden(32).init(&device);
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
    /// The compiled form, for single points of the unit cube.
    pub fn compile(&self) -> CompiledFlow {
        let mut layers = self.flow.bijection.compile();
        if self.config().style == NiceStyle::Blog {
            // As `rescale`: (L y − 1) / (L − 1).
            let (features, levels) = (self.config().features, f64::from(self.config().levels));
            let rescale = PerFeature::new(
                vec![levels.recip() as f32; features],
                &vec![(levels / (levels - 1.0)).ln(); features],
                vec![0.0; features],
            );
            layers.insert(0, Box::new(rescale) as Box<dyn Layer>);
        }
        CompiledFlow::new(layers, self.flow.base.compile())
    }
}
