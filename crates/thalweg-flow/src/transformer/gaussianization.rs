//! Gaussianization as a transformer.

use burn::module::Module;
use thalweg_kernels::{Gaussianization as Mixture, Map};

use super::pointwise::{ByMap, transformer_by_map};

/// `y = Φ⁻¹(ε/2 + (1 − ε)/K Σₖ Φ(e^(aₖ) x + bₖ))` of `K` components, with `ε = 10⁻⁶`: from a mixture of normal
/// distributions to one.
///
/// The conditioner gives `2 K` numbers a feature: the shifts `b`, then the log-scales `a`. At zero it is the identity, up
/// to `ε`. Images lie between `±4.89`; other latents count as the nearest image. The inverse is a root, found by Newton's
/// steps inside a bracket.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Gaussianization, Transformer};
///
/// let device = Device::default();
/// let x = Tensor::<2>::from_floats([[0.25], [-2.0]], &device);
/// let parameters = Tensor::random([2, 6], burn::tensor::Distribution::Default, &device);
/// let (y, _) = Gaussianization::new(3).forward(x.clone(), parameters.clone());
/// let (back, _) = Gaussianization::new(3).inverse(y, parameters);
/// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-4);
/// ```
///
/// # References
///
/// Chen, Gopinath: *Gaussianization*, 2000, section 3. Meng, Song, Song, Ermon: *Gaussianization flows*, 2020, equation 4.
#[derive(Module, Debug)]
pub struct Gaussianization {
    #[module(skip)]
    map: Mixture,
}

impl Gaussianization {
    /// Of this many components.
    ///
    /// # Panics
    ///
    /// When there is none, or more than 1000.
    pub fn new(components: usize) -> Self {
        assert_components(components);
        Self {
            map: Mixture::new(components),
        }
    }

    /// Of this many components with means `m`, deviations `s = ln(1 + eʳ) + least` and weights `softmax(l)`, and
    /// `ε = 10⁻¹⁴`: the conditioner gives `3 K` numbers a feature, the `m`, then the `r`, then the `l`.
    ///
    /// Behind an [`Autoregressive`](crate::Autoregressive) layer of it, standard normal latents are a mixture of normal
    /// densities of each feature, given those before it. Images lie between `±7.74`.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Gaussianization, Transformer};
    ///
    /// // One component of mean 1 and deviation ln 2 + 0.1: a number three deviations above has the latent 3.
    /// let device = Device::default();
    /// let parameters = Tensor::<2>::from_floats([[1.0, 0.0, 0.0]], &device);
    /// let x = Tensor::<2>::full([1, 1], 1.0 + 3.0 * (2.0_f32.ln() + 0.1), &device);
    /// let (y, _) = Gaussianization::weighted(1, 0.1).forward(x, parameters);
    /// assert!((y.into_scalar::<f32>() - 3.0).abs() < 1e-4);
    /// ```
    ///
    /// # Panics
    ///
    /// When there is no component, or more than 1000, and unless `least` is positive.
    pub fn weighted(components: usize, least: f64) -> Self {
        assert_components(components);
        assert!(
            least > 0.0 && least.is_finite(),
            "the least deviation of a component is above 0, got {least}"
        );
        Self {
            map: Mixture::weighted(components, least),
        }
    }
}

fn assert_components(components: usize) {
    assert!(
        (1..=1000).contains(&components),
        "a mixture has 1 to 1000 components, got {components}"
    );
}

impl ByMap for Gaussianization {
    fn map(&self) -> Map {
        Map::Gaussianization(self.map)
    }
}

transformer_by_map! { [] Gaussianization }
