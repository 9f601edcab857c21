//! A classifier with a bottleneck.

use burn::config::Config;
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::activation::{log_softmax, softmax};
use burn::tensor::{Device, Int, Tensor};
use thalweg_flow::points::{no_rows, one_row, zero_of};
use thalweg_flow::{Activation, Condition, FlowError, Mlp, MlpConfig, Noise, WeightInit, linear};

use super::{Bottleneck, Classification, Through, VibLoss};
use crate::config::perceptron;
use crate::door::{assert_count, assert_shape};
use crate::model::{ModelConfig, init, model};
use crate::{ConfigError, Passes, SamplingCost};

/// Sizes of a [`Vib`].
///
/// See [`Vib`] for an example.
#[derive(Config, Debug, PartialEq)]
pub struct VibConfig {
    /// The number of features.
    pub features: usize,
    /// Labels are `0 .. classes`.
    pub classes: usize,
    /// Widths of the hidden layers before the bottleneck.
    #[config(default = "vec![1024, 1024]")]
    pub hidden: Vec<usize>,
    /// The width of the bottleneck.
    #[config(default = 256)]
    pub width: usize,
    /// The initial log-variances: noise as wide as the prior leaves nothing to learn from.
    #[config(default = -5.0)]
    pub log_variance: f64,
    /// Determines the initial weights.
    #[config(default = 0)]
    pub seed: u64,
}

/// A classifier of vectors that sees its features through a [`Bottleneck`]: a multilayer perceptron
/// with ReLU, the bottleneck, a linear layer.
///
/// Every method checks its rows: a number that is not finite, which ReLU takes for 0 on some devices,
/// and a label that is no class are errors; another number of features, and another number of labels
/// than rows, panic.
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::vib::VibLoss;
/// use thalweg_models::{Vib, VibConfig};
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let vib: Vib = VibConfig::new(4, 3).with_hidden(vec![16]).with_width(2).init(&device);
/// let x = Tensor::<2>::ones([5, 4], &device);
/// let labels = Tensor::<1, Int>::from_ints([0, 1, 2, 0, 1], &device);
/// let loss = vib.loss(x.clone(), labels, &VibLoss::new(1e-3), &mut noise)?;
/// assert_eq!(loss.dims(), [1]);
/// assert_eq!(vib.probabilities(x, 12, &mut noise)?.dims(), [5, 3]);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # References
///
/// Alemi, Fischer, Dillon, Murphy: *Deep variational information bottleneck*, 2017, section 4.1.
#[derive(Module, Debug)]
pub struct Vib {
    /// Up to the bottleneck.
    pub encoder: Mlp,
    /// The layer with the noise.
    pub bottleneck: Bottleneck,
    /// From the sample to logits.
    pub decoder: Linear,
    #[module(skip)]
    config: VibConfig,
}

model! { [] Vib, of VibConfig }

init! {
    VibConfig => Vib,
    "A size of 0, no hidden layer, or log-variances that start outside −10 ..= 10."
}

impl ModelConfig for VibConfig {
    const KIND: &'static str = "vib";
    type Model = Vib;

    fn check(&self) -> Result<(), ConfigError> {
        let sizes = [
            ("features", self.features, 1),
            ("classes", self.classes, 2),
            ("width", self.width, 1),
            ("hidden layers", self.hidden.len(), 1),
        ];
        let widths = self.hidden.iter().map(|width| ("hidden", *width, 1));
        ConfigError::at_least(Self::KIND, sizes.into_iter().chain(widths))?;
        ConfigError::check_range(Self::KIND, "log_variance", self.log_variance, [-10.0, 10.0])
    }

    fn count(&self) -> u128 {
        let widths = [self.features].into_iter().chain(self.hidden.clone());
        let widths = widths.chain([2 * self.width]);
        perceptron(widths).saturating_add(perceptron([self.width, self.classes]))
    }

    fn build(&self, device: &Device) -> Vib {
        let (last, first) = self.hidden.split_last().expect("checked: a layer or more");
        let noise = &mut Noise::seeded(self.seed);
        let encoder = MlpConfig::new(self.features, first.to_vec(), *last)
            .with_init(WeightInit::He)
            .with_output_init(WeightInit::He)
            .with_output_activation(Some(Activation::Relu))
            .init(noise, device);
        let sizes = [self.width, self.classes];
        Vib {
            encoder,
            bottleneck: Bottleneck::new([*last, self.width], self.log_variance, noise, device),
            decoder: linear(sizes, WeightInit::Glorot, noise, device),
            config: self.clone(),
        }
    }

    fn sampling_cost(&self) -> SamplingCost {
        SamplingCost {
            density: Passes::None,
            sample: Passes::None,
        }
    }
}

impl Vib {
    /// The encoder's features of rows, after a check of them.
    fn features(&self, x: Tensor<2>) -> Result<Tensor<2>, FlowError> {
        assert_shape(VibConfig::KIND, "takes rows", &x, &[self.config.features]);
        x.check(None)?;
        Ok(self.encoder.forward(x))
    }

    /// Checks that there is one class for each row.
    fn check_labels(&self, labels: &Tensor<1, Int>, rows: usize) -> Result<(), FlowError> {
        assert_count(VibConfig::KIND, "the labels", labels.dims()[0], rows, false);
        labels.check(Some(self.config.classes))
    }

    /// Logits through the noise, `[batch, classes]`, and the sample behind them.
    ///
    /// # Errors
    ///
    /// A number that is not finite.
    ///
    /// # Panics
    ///
    /// For another number of features.
    pub fn forward(
        &self,
        x: Tensor<2>,
        noise: &mut Noise,
    ) -> Result<(Tensor<2>, Through), FlowError> {
        if x.dims()[0] == 0 {
            let (logits, through) = self.forward(one_row(x), &mut Noise::seeded(0))?;
            return Ok((no_rows(logits), through.of_no_rows()));
        }
        let through = self.bottleneck.forward(self.features(x)?, noise);
        Ok((self.decoder.forward(through.z.clone()), through))
    }

    /// Logits with the noise off.
    ///
    /// ```
    /// use burn::tensor::activation::softmax;
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::Noise;
    /// use thalweg_models::VibConfig;
    ///
    /// let device = Device::default();
    /// let vib = VibConfig::new(4, 3).with_hidden(vec![16]).with_width(2).init(&device);
    /// let x = Tensor::<2>::ones([5, 4], &device);
    /// let probabilities = vib.probabilities(x.clone(), 0, &mut Noise::seeded(0))?;
    /// let found = softmax(vib.mean_logits(x)?, 1);
    /// assert!((found - probabilities).abs().max().into_scalar::<f32>() < 1e-6);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`forward`](Self::forward).
    ///
    /// # Panics
    ///
    /// As [`forward`](Self::forward).
    pub fn mean_logits(&self, x: Tensor<2>) -> Result<Tensor<2>, FlowError> {
        if x.dims()[0] == 0 {
            return Ok(no_rows(self.mean_logits(one_row(x))?));
        }
        let z = self.bottleneck.mean(self.features(x)?);
        Ok(self.decoder.forward(z))
    }

    /// The training loss, `[1]`: cross-entropy through the noise, and the price of the information;
    /// 0 for an empty batch.
    ///
    /// # Errors
    ///
    /// A number that is not finite, or a label that is no class.
    ///
    /// # Panics
    ///
    /// For another number of features, or of labels than rows.
    pub fn loss(
        &self,
        x: Tensor<2>,
        labels: Tensor<1, Int>,
        price: &VibLoss,
        noise: &mut Noise,
    ) -> Result<Tensor<1>, FlowError> {
        self.check_labels(&labels, x.dims()[0])?;
        let empty = x.dims()[0] == 0;
        let (logits, through) = self.forward(x, noise)?;
        match empty {
            true => Ok(zero_of(self)),
            false => Ok(cross_entropy(logits, labels) + price.of(&through)),
        }
    }

    /// The loss of the same network without a bottleneck, `[1]`: no noise and no price.
    ///
    /// See [`classify`](Self::classify) for an example.
    ///
    /// # Errors
    ///
    /// As [`loss`](Self::loss).
    ///
    /// # Panics
    ///
    /// As [`loss`](Self::loss).
    pub fn plain_loss(&self, x: Tensor<2>, labels: Tensor<1, Int>) -> Result<Tensor<1>, FlowError> {
        self.check_labels(&labels, x.dims()[0])?;
        let empty = x.dims()[0] == 0;
        let logits = self.mean_logits(x)?;
        match empty {
            true => Ok(zero_of(self)),
            false => Ok(cross_entropy(logits, labels)),
        }
    }

    /// The mean divergence over a batch, `[1]`, in nats: a bound on the information that comes
    /// through.
    ///
    /// # Errors
    ///
    /// As [`forward`](Self::forward).
    ///
    /// # Panics
    ///
    /// As [`forward`](Self::forward).
    pub fn rate(&self, x: Tensor<2>) -> Result<Tensor<1>, FlowError> {
        if x.dims()[0] == 0 {
            self.mean_logits(x)?;
            return Ok(zero_of(self));
        }
        let density = self.bottleneck.density(self.features(x)?);
        Ok(thalweg_flow::numerics::sum_features(density.kl()).mean())
    }

    /// Probabilities of classes, averaged over `samples` draws of the noise; with 0 samples, the noise
    /// is off.
    ///
    /// # Errors
    ///
    /// As [`forward`](Self::forward).
    ///
    /// # Panics
    ///
    /// As [`forward`](Self::forward).
    pub fn probabilities(
        &self,
        x: Tensor<2>,
        samples: usize,
        noise: &mut Noise,
    ) -> Result<Tensor<2>, FlowError> {
        if x.dims()[0] == 0 {
            return self.mean_logits(x);
        }
        let features = self.features(x)?;
        if samples == 0 {
            let logits = self.decoder.forward(self.bottleneck.mean(features));
            return Ok(softmax(logits, 1));
        }
        let one = |_| {
            let through = self.bottleneck.forward(features.clone(), noise);
            softmax(self.decoder.forward(through.z), 1)
        };
        let sum = (0..samples).map(one).reduce(Tensor::add);
        let sum = sum.expect("a sample or more");
        Ok(sum.mul_scalar((samples as f64).recip()))
    }

    /// Adds a batch to a [`Classification`], see [`probabilities`](Self::probabilities).
    ///
    /// ```
    /// use burn::tensor::{Device, Int, Tensor};
    /// use thalweg_flow::Noise;
    /// use thalweg_models::VibConfig;
    /// use thalweg_models::vib::Classification;
    ///
    /// let device = Device::default();
    /// let vib = VibConfig::new(4, 3).with_hidden(vec![16]).with_width(2).init(&device);
    /// let x = Tensor::<2>::ones([3, 4], &device);
    /// let labels = Tensor::<1, Int>::from_ints([0, 1, 2], &device);
    /// let mut found = Classification::default();
    /// vib.classify(x.clone(), labels.clone(), 0, &mut Noise::seeded(0), &mut found)?;
    /// // With the noise off, the cross-entropy is the loss without a bottleneck.
    /// let loss = vib.plain_loss(x, labels)?.into_scalar::<f64>();
    /// assert!((found.cross_entropy() - loss).abs() < 1e-5);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`loss`](Self::loss), and when the device cannot hand over the numbers.
    ///
    /// # Panics
    ///
    /// As [`loss`](Self::loss).
    pub fn classify(
        &self,
        x: Tensor<2>,
        labels: Tensor<1, Int>,
        samples: usize,
        noise: &mut Noise,
        found: &mut Classification,
    ) -> Result<(), FlowError> {
        self.check_labels(&labels, x.dims()[0])?;
        let probabilities = self.probabilities(x, samples, noise)?;
        let classes = probabilities.dims()[1];
        let data = probabilities.try_into_data()?;
        let numbers: Vec<f64> = data.iter::<f64>().collect();
        let labels = labels.try_into_data()?;
        for (row, label) in numbers.chunks_exact(classes).zip(labels.iter::<i64>()) {
            found.add(row, usize::try_from(label).unwrap_or(usize::MAX));
        }
        Ok(())
    }
}

/// The mean of `−log p(label)`, `[1]`.
fn cross_entropy(logits: Tensor<2>, labels: Tensor<1, Int>) -> Tensor<1> {
    let labels: Tensor<2, Int> = labels.unsqueeze_dim(1);
    log_softmax(logits, 1).gather(1, labels).mean().neg()
}
