//! Networks that shorten data before a density sees them.

mod series;
mod set;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};
use thalweg_flow::{Activation, Mlp, MlpConfig, Noise, WeightInit};
use thalweg_models::ConfigError;

use series::{SeriesConfig, SeriesNet};
use set::{SetConfig, SetNet};

/// A network between the data and the density, trained with it: it learns the summaries of the data that tell about
/// the parameters.
///
/// ```
/// use rand::RngExt;
/// use rand::rngs::ChaCha8Rng;
/// use thalweg_sbi::{Embedding, Family, Npe, Simulate, Uniform};
///
/// // Twenty independent draws around the parameter: their order says nothing.
/// let draws = |theta: &[f64], rng: &mut ChaCha8Rng| -> Vec<f64> {
///     (0..20).map(|_| theta[0] + rng.random::<f64>() - 0.5).collect()
/// };
/// let simulate = Simulate::new(Uniform::new([[-1.0, 1.0]])?, draws);
/// let set = Embedding::Set { item: 1, hidden: vec![16], outputs: 4 };
/// let npe = Npe::new(simulate.prior()).embedding(set).members(1).steps(20);
/// # let npe = npe.family(Family::Spline { couplings: 2, hidden: vec![16] });
/// let posterior = npe.fit(&simulate.run(300)?)?;
/// assert_eq!(posterior.sample(&[0.1; 20], 50, 0)?.len(), 50);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Embedding {
    /// The data as they are.
    None,
    /// A multilayer perceptron, for up to some hundreds of numbers without an order.
    Mlp {
        /// Widths of the hidden layers.
        hidden: Vec<usize>,
        /// The number of summaries.
        outputs: usize,
    },
    /// Convolutions in one dimension, each with half of the steps of the one before, for series: the data are the values of
    /// the first channel at all times, then those of the second, and so on.
    Series {
        /// The series in the data, all of the same length.
        channels: usize,
        /// Channels of the convolutions.
        filters: Vec<usize>,
        /// The steps that a convolution sees, an odd number.
        kernel: usize,
        /// The number of summaries.
        outputs: usize,
    },
    /// A network of each item, the mean of its outputs over the items, and a network of that: for independent draws, whose
    /// order says nothing. The data are the numbers of the first item, then those of the second, and so on.
    ///
    /// M. Zaheer and others: *Deep sets*, 2017, theorem 2; with a mean in place of a sum.
    Set {
        /// The numbers of one item.
        item: usize,
        /// Widths of the hidden layers of both networks.
        hidden: Vec<usize>,
        /// The number of summaries.
        outputs: usize,
    },
}

/// The sizes of an embedding of some numbers.
enum Sizes {
    None,
    Mlp(MlpConfig),
    Series(SeriesConfig),
    Set(SetConfig),
}

impl Embedding {
    /// The numbers that the density sees of `inputs` numbers.
    pub(super) fn outputs(&self, inputs: usize) -> usize {
        match self {
            Self::None => inputs,
            Self::Mlp { outputs, .. }
            | Self::Series { outputs, .. }
            | Self::Set { outputs, .. } => *outputs,
        }
    }

    /// The number of neighbouring numbers of the data that mean different things; those at the same place of each period
    /// mean the same.
    pub(crate) fn period(&self, inputs: usize) -> usize {
        match self {
            Self::Set { item, .. } => *item,
            _ => inputs,
        }
    }

    /// Whether the numbers of the data mean different things, so that a regression on them does something.
    pub(crate) fn sees_places(&self) -> bool {
        !matches!(self, Self::Set { .. })
    }

    fn sizes(&self, inputs: usize) -> Sizes {
        match self.clone() {
            Self::None => Sizes::None,
            Self::Mlp { hidden, outputs } => Sizes::Mlp(mlp(inputs, hidden, outputs)),
            Self::Series {
                channels,
                filters,
                kernel,
                outputs,
            } => Sizes::Series(SeriesConfig {
                inputs,
                channels,
                filters,
                kernel,
                outputs,
            }),
            Self::Set {
                item,
                hidden,
                outputs,
            } => Sizes::Set(SetConfig {
                item,
                each: mlp(item, hidden.clone(), outputs),
                all: mlp(outputs, hidden, outputs),
            }),
        }
    }

    pub(super) fn check(&self, model: &'static str, inputs: usize) -> Result<(), ConfigError> {
        let at_least_1 = |sizes: &[usize]| {
            ConfigError::at_least(model, sizes.iter().map(|size| ("embedding", *size, 1)))
        };
        let whole = |of: usize, problem: String| match of > 0 && inputs.is_multiple_of(of) {
            true => Ok(()),
            false => Err(ConfigError::Setting {
                model,
                field: "embedding",
                problem,
            }),
        };
        match self {
            Self::None => Ok(()),
            Self::Mlp { hidden, outputs } => at_least_1(&[hidden, &[*outputs][..]].concat()),
            Self::Series {
                channels,
                filters,
                kernel,
                outputs,
            } => {
                at_least_1(&[filters, &[*channels, *outputs][..]].concat())?;
                whole(
                    *channels,
                    format!("{inputs} numbers are no {channels} series of one length"),
                )?;
                match kernel % 2 {
                    1 => Ok(()),
                    _ => Err(ConfigError::Setting {
                        model,
                        field: "embedding",
                        problem: format!(
                            "a kernel of {kernel} steps has no middle; use an odd number"
                        ),
                    }),
                }
            }
            Self::Set {
                item,
                hidden,
                outputs,
            } => {
                at_least_1(&[hidden, &[*item, *outputs][..]].concat())?;
                whole(
                    *item,
                    format!("{inputs} numbers are no whole items of {item}"),
                )
            }
        }
    }

    /// A lower bound on the number of values in all parameters.
    pub(super) fn count(&self, inputs: usize) -> u128 {
        match self.sizes(inputs) {
            Sizes::None => 0,
            Sizes::Mlp(config) => weights(&widths(&config)),
            Sizes::Series(config) => config.count(),
            Sizes::Set(config) => config.count(),
        }
    }

    /// `None` for the data as they are.
    pub(super) fn build(
        &self,
        inputs: usize,
        noise: &mut Noise,
        device: &Device,
    ) -> Option<EmbeddingNet> {
        Some(match self.sizes(inputs) {
            Sizes::None => return None,
            Sizes::Mlp(config) => EmbeddingNet::Mlp(config.init(noise, device)),
            Sizes::Series(config) => EmbeddingNet::Series(config.init(noise, device)),
            Sizes::Set(config) => EmbeddingNet::Set(config.init(noise, device)),
        })
    }
}

/// A smooth perceptron.
fn mlp(inputs: usize, hidden: Vec<usize>, outputs: usize) -> MlpConfig {
    MlpConfig::new(inputs, hidden, outputs)
        .with_activation(Activation::Silu)
        .with_init(WeightInit::Glorot)
}

fn widths(mlp: &MlpConfig) -> Vec<usize> {
    let hidden = mlp.hidden.iter().copied();
    [mlp.inputs]
        .into_iter()
        .chain(hidden)
        .chain([mlp.outputs])
        .collect()
}

/// The weights and biases of layers between these widths.
fn weights(widths: &[usize]) -> u128 {
    widths
        .windows(2)
        .map(|pair| (pair[0] as u128 + 1).saturating_mul(pair[1] as u128))
        .fold(0, u128::saturating_add)
}

/// The network of an [`Embedding`].
#[derive(Module, Debug)]
pub(super) enum EmbeddingNet {
    Mlp(Mlp),
    Series(SeriesNet),
    Set(SetNet),
}

impl EmbeddingNet {
    fn of(&self, x: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Mlp(net) => net.forward(x),
            Self::Series(net) => net.forward(x),
            Self::Set(net) => net.forward(x),
        }
    }
}

/// What the density sees of data.
pub(super) fn embed(net: Option<&EmbeddingNet>, x: Tensor<2>) -> Tensor<2> {
    match net {
        Some(net) => net.of(x),
        None => x,
    }
}
