//! What a state dict does not tell.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::Deserialize;
use thalweg_flow::Activation;
use thalweg_models::composed::{EndsConfig, LeastConfig, ScaleConfig};

use crate::ConvertError;

/// The library of a checkpoint.
///
/// ```
/// use thalweg_convert::Source;
///
/// assert_eq!("nflows".parse::<Source>(), Ok(Source::Nflows));
/// assert_eq!(Source::GlowPytorch.name(), "glow-pytorch");
/// assert!(Source::ALL.into_iter().all(|source| source.name().parse() == Ok(source)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// nflows.
    Nflows,
    /// normflows.
    Normflows,
    /// zuko.
    Zuko,
    /// github.com/rosinality/glow-pytorch.
    GlowPytorch,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Nflows, Self::Normflows, Self::Zuko, Self::GlowPytorch];

    /// The name of the library.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nflows => "nflows",
            Self::Normflows => "normflows",
            Self::Zuko => "zuko",
            Self::GlowPytorch => "glow-pytorch",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Source {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let mut all = Self::ALL.into_iter();
        let found = all.find(|source| source.name() == name);
        found.ok_or_else(|| {
            format!("\"{name}\" is no library; say `nflows`, `normflows`, `zuko` or `glow-pytorch`")
        })
    }
}

/// What a state dict does not tell. A field that is not given is the library's default.
///
/// ```
/// use thalweg_convert::{Options, Tensorless, Uniform, Univariate, WithoutTensors};
/// use thalweg_flow::Activation;
///
/// let options: Options = "tail_bound = 3.0\nactivation = { LeakySlope = 0.01 }".parse()?;
/// assert_eq!(options.activation, Some(Activation::LeakySlope(0.01)));
///
/// let options: Options = r#"
/// uniform = { low = [0.0], high = [1.0] }
/// univariate = { SumOfSquares = { polynomials = 3 } }
/// without_tensors = "tanh"
/// "#
/// .parse()?;
/// assert_eq!(options.uniform, Some(Uniform { low: vec![0.0], high: vec![1.0] }));
/// assert_eq!(options.univariate, Some(Univariate::SumOfSquares { polynomials: 3 }));
/// assert_eq!(options.without_tensors, Some(WithoutTensors::All(Tensorless::Tanh)));
/// # Ok::<(), thalweg_convert::ConvertError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Of all networks; ReLU by default.
    pub activation: Option<Activation>,
    /// Of the embedding network of nflows, where it is another one.
    pub embedding_activation: Option<Activation>,
    /// Of the integrands of zuko's `UNAF`; ELU by default, as there.
    pub integrand_activation: Option<Activation>,
    /// Of the scales of affine transforms. In normflows it is the scale of samples: `Exp`, `Sigmoid` for its
    /// `sigmoid_inv`, `InverseSigmoid` for its `sigmoid`.
    pub scale: Option<ScaleConfig>,
    /// Where the tails of splines begin: 1 in nflows, 3 in normflows, 5 in zuko by default.
    pub tail_bound: Option<f64>,
    /// What joins the ends of splines: zuko's `NCSF`, which is told by its base density, is `Turned`.
    pub ends: Option<EndsConfig>,
    /// The features of normflows' circular splines that lie on circles, from 0; those that networks see as angles, by
    /// default.
    pub circular: Option<Vec<usize>>,
    /// The base density of flows that save none: nflows' `BoxUniform`, normflows' `Uniform`.
    pub uniform: Option<Uniform>,
    /// Splines of nflows and transforms of zuko that the shapes do not tell apart.
    pub univariate: Option<Univariate>,
    /// Whether splines have linear tails, as by default, or are those of the unit box, `tails=None`.
    pub tails: Option<bool>,
    /// zuko's `slope`, 1e-3 by default.
    pub least_slope: Option<f64>,
    /// `min_bin_width`, `min_bin_height` and `min_derivative` of nflows and normflows, 1e-3 by default.
    pub least: Option<LeastConfig>,
    /// The tolerance of the integration of zuko's `CNF`, 1e-5 by default: its `rtol`.
    pub tolerance: Option<f64>,
    /// The number of transforms, where the last ones have no tensors.
    pub transforms: Option<usize>,
    /// The `cut_point` of nflows' `LogTanh`, 1 by default.
    pub cut_point: Option<f64>,
    /// The `negative_slope` of nflows' `LeakyReLU`, 0.01 by default.
    pub negative_slope: Option<f64>,
    /// The `lipschitz_const` of normflows' `LipschitzMLP`, 0.97 by default.
    pub lipschitz_const: Option<f64>,
    /// The `reverse` of normflows' `Residual`, true by default.
    pub reverse: Option<bool>,
    /// The `bound` of normflows' `PeriodicWrap` and `PeriodicShift`, 1 by default.
    pub bound: Option<f64>,
    /// What transforms without tensors are.
    pub without_tensors: Option<WithoutTensors>,
    /// Height and width of images: of glow-pytorch 64 and 64 by default, of normflows those of the base densities.
    pub image: Option<[usize; 2]>,
    /// Levels of a pixel: of glow-pytorch 32 by default, those of `n_bits` 5, of normflows 256.
    pub levels: Option<u32>,
    /// What normflows' `Shift` adds to images, and its `PeriodicShift` to features on circles: 0 by default.
    pub shift: Option<f64>,
    /// The class that a model of images of normflows is given, where its base densities have classes.
    pub class: Option<usize>,
}

/// Uniform numbers of a box: bounds of each feature, or one of all.
///
/// See [`Options`] for an example.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uniform {
    /// The least numbers.
    pub low: Vec<f64>,
    /// The largest ones.
    pub high: Vec<f64>,
}

/// What transforms without tensors are: all of them, or each by its name in the checkpoint.
///
/// See [`Options`] for an example.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum WithoutTensors {
    /// All.
    All(Tensorless),
    /// By name.
    Each(BTreeMap<String, Tensorless>),
}

/// A transform without tensors.
///
/// See [`Options`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tensorless {
    /// `z = x`.
    Identity,
    /// normflows' `Permute(mode="swap")`.
    Swap,
    /// normflows' `PeriodicWrap` of the features in the option `circular`, onto circles from `-bound` to `bound`.
    PeriodicWrap,
    /// normflows' `PeriodicShift` of the same circles, by the option `shift`.
    PeriodicShift,
    /// nflows' `Sigmoid()`.
    Sigmoid,
    /// nflows' `Logit()`.
    Logit,
    /// zuko's `SoftclipTransform(bound=11)`.
    Softclip,
    /// nflows' `Tanh()`.
    Tanh,
    /// nflows' `LogTanh`; the option `cut_point` is its cut.
    LogTanh,
    /// nflows' `LeakyReLU`; the option `negative_slope` is its slope.
    LeakyRelu,
    /// nflows' `CauchyCDF()`.
    CauchyCdf,
    /// nflows' `InverseTransform(Tanh())`.
    InverseTanh,
    /// nflows' `InverseTransform` of a `LogTanh`.
    InverseLogTanh,
    /// nflows' `InverseTransform` of a `LeakyReLU`.
    InverseLeakyRelu,
    /// nflows' `CauchyCDFInverse()`.
    InverseCauchyCdf,
}

/// What splines of nflows and univariate transforms of zuko are, where their number of parameters does not tell.
///
/// See [`Options`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Univariate {
    /// nflows' piecewise linear ones.
    Linear,
    /// nflows' piecewise quadratic ones.
    Quadratic,
    /// nflows' piecewise cubic ones.
    Cubic,
    /// zuko's `BPF`.
    Bernstein,
    /// zuko's `SOSPF`.
    SumOfSquares {
        /// Its `polynomials`.
        polynomials: usize,
    },
}

impl Options {
    /// The options in a TOML file.
    ///
    /// ```
    /// use thalweg_convert::Options;
    ///
    /// # let path = std::env::temp_dir().join(format!("thalweg-options-{}.toml", std::process::id()));
    /// std::fs::write(&path, "colour = \"blue\"\n")?;
    /// assert!(Options::read(&path).is_err()); // no such option
    /// # std::fs::remove_file(path)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A file that cannot be read, and an option that is not known.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ConvertError> {
        let path = path.as_ref();
        let text =
            std::fs::read_to_string(path).map_err(|problem| ConvertError::io(path, problem))?;
        text.parse()
    }

    pub(crate) fn activation(&self) -> Activation {
        self.activation.unwrap_or(Activation::Relu)
    }

    /// Whether splines are those of the unit box.
    pub(crate) fn unit_box(&self) -> bool {
        self.tails == Some(false)
    }

    /// What a transform without tensors is.
    ///
    /// # Errors
    ///
    /// When the options do not say it.
    pub(crate) fn without_tensors(&self, module: &str) -> Result<Tensorless, ConvertError> {
        let found = match &self.without_tensors {
            Some(WithoutTensors::All(all)) => Some(*all),
            Some(WithoutTensors::Each(each)) => each.get(module).copied(),
            None => None,
        };
        found.ok_or_else(|| {
            ConvertError::unsupported(
                module,
                format!(
                    "it has no tensors, so the checkpoint does not show whether it changes anything; say \
                     `without_tensors = \"identity\"` or `\"swap\"` in the options, or `without_tensors = {{ \"{module}\" = \
                     \"sigmoid\" }}`, `\"logit\"`, `\"softclip\"`, `\"tanh\"`, `\"logtanh\"`, `\"leakyrelu\"`, \
                     `\"cauchycdf\"`, or `\"inversetanh\"` and its like, for one of several"
                ),
            )
        })
    }
}

impl FromStr for Options {
    type Err = ConvertError;

    fn from_str(text: &str) -> Result<Self, ConvertError> {
        Ok(toml::from_str(text)?)
    }
}
