//! A masked network that sees some of its features as angles.

use burn::tensor::Tensor;
use thalweg_kernels::network_input;

use super::{MaskedMlp, indices};
use crate::numerics::from_host;

impl MaskedMlp {
    /// The same network where some features `x` enter as `cos ωx` and `sin ωx`, by the `ω` of each feature: 0 for those that
    /// enter as they are. So its outputs are continuous across the ends of a circle of the length `2π/ω`.
    ///
    /// The degrees say so too: the inputs of the first layer are `[others | cosines | sines | context]`.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Activation, Degrees, MaskedMlp, Noise, WeightInit};
    ///
    /// let (device, noise) = (Device::default(), &mut Noise::seeded(0));
    /// let degrees = Degrees::new(vec![0, 1], 0, 1, vec![vec![1; 8]]).with_angles(&[0]);
    /// let inits = [WeightInit::FanIn; 2];
    /// let network = MaskedMlp::of_degrees(degrees, Activation::Tanh, inits, noise, &device)
    ///     .with_angles(vec![std::f64::consts::PI, 0.0]);
    /// let of = |x: f32| network.forward(Tensor::from_data([[x, 0.3]], &device));
    /// assert!((of(-1.0) - of(1.0)).abs().max().into_scalar::<f32>() < 1e-5);
    /// ```
    ///
    /// # Panics
    ///
    /// When the degrees have other inputs, and for an `ω` that is negative or no number.
    ///
    /// # References
    ///
    /// Rezende and others: *Normalizing flows on tori and spheres*, 2020, section 2.1.
    pub fn with_angles(self, factors: Vec<f64>) -> Self {
        let (features, inputs) = (self.degrees.features(), self.degrees.inputs());
        let network = Self {
            angles: factors,
            ..self
        };
        let factors = &network.angles;
        assert!(
            factors.len() == features
                && factors
                    .iter()
                    .all(|factor| (0.0..f64::MAX).contains(factor)),
            "a masked network of {features} features takes a factor of each, 0 or more, got {factors:?}"
        );
        let found = inputs - network.degrees.context();
        let expected = features + network.circles(true).len();
        assert!(
            found == expected,
            "a masked network with the factors {factors:?} has {expected} inputs, its degrees say {found}"
        );
        network
    }

    /// The features that enter as angles, or the others.
    fn circles(&self, are: bool) -> Vec<usize> {
        let factors = self.angles.iter().enumerate();
        let found = factors.filter(|(_, factor)| (**factor != 0.0) == are);
        found.map(|(feature, _)| feature).collect()
    }

    /// Numbers of a sample: its features and the context.
    pub(crate) fn inputs(&self) -> usize {
        self.degrees.inputs() - self.circles(true).len()
    }

    /// What the first layer takes of `[features | context]`.
    pub(super) fn entered(&self, x: Tensor<2>) -> Tensor<2> {
        let circles = self.circles(true);
        if circles.is_empty() {
            return x;
        }
        let (features, device) = (self.degrees.features(), x.device());
        let x = network_input(x);
        let of = |columns: &[usize]| x.clone().select(1, indices(columns, &device));
        let factors = circles.iter().map(|feature| self.angles[*feature]);
        let (count, dtype) = (circles.len(), x.dtype());
        let factors: Tensor<2> = from_host(factors.collect(), [1, count], &device, dtype);
        let angles = of(&circles) * factors;
        let rest = (features..x.dims()[1]).collect();
        let parts = [self.circles(false), rest]
            .map(|columns: Vec<usize>| (!columns.is_empty()).then(|| of(&columns)));
        let [others, context] = parts;
        let both = [angles.clone().cos(), angles.sin()];
        Tensor::cat(others.into_iter().chain(both).chain(context).collect(), 1)
    }

    /// What the first layer takes of one feature, `[rows, 1]`.
    pub(super) fn entered_alone(&self, feature: usize, x: Tensor<2>) -> Tensor<2> {
        match self.angles.get(feature) {
            Some(factor) if *factor != 0.0 => {
                let angle = network_input(x).mul_scalar(*factor);
                Tensor::cat(vec![angle.clone().cos(), angle.sin()], 1)
            }
            _ => x,
        }
    }
}
