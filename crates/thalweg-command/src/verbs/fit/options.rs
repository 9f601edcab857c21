//! What to fit and how: on the command line, and in a file.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::Deserialize;
use thalweg::tabular::{Density, Family, Missing, Network};

use super::images::ImageOptions;
use crate::data::{CsvArgs, or};
use crate::failure::Failure;
use crate::kinds::kinds;

/// Options that a file of `--config` may give too.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct FitOptions {
    /// The table, or images: a folder of pictures, an IDX file, a folder of MNIST's files, @digits, @faces or @fashion
    pub(crate) data: Option<String>,
    /// The file of the model [default: the name of the data, with .safetensors]
    #[arg(short, long, value_name = "MODEL")]
    pub(crate) output: Option<PathBuf>,
    /// The columns to model [default: all that have no other role]
    #[arg(short, long, value_name = "COLUMNS", value_delimiter = ',')]
    pub(crate) target: Vec<String>,
    /// The columns that the others are modelled given
    #[arg(short, long, value_name = "COLUMNS", value_delimiter = ',')]
    pub(crate) given: Vec<String>,
    /// Columns to leave out
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub(crate) without: Vec<String>,
    /// The column with the weight of each row
    #[arg(long, value_name = "COLUMN")]
    pub(crate) weights: Option<String>,
    /// What a column is, such as age=above:0, wind=angle:360, n=rounded:1, city=category [default: auto]
    #[arg(short, long, value_name = "COLUMN=KIND")]
    pub(crate) kind: Vec<String>,
    /// What to do with rows that lack a value [default: error]
    #[arg(long, value_enum)]
    pub(crate) missing: Option<MissingRows>,
    /// The time for the training
    #[arg(short, long, conflicts_with = "steps")]
    pub(crate) minutes: Option<f64>,
    /// Steps of each training, where it does not stop before
    #[arg(long)]
    pub(crate) steps: Option<usize>,
    /// Densities that are fitted and averaged
    #[arg(long)]
    pub(crate) members: Option<usize>,
    /// The family of the flow of the numbers
    #[arg(long, value_enum)]
    pub(crate) flow: Option<Flow>,
    /// The couplings or transforms of the flow
    #[arg(long)]
    pub(crate) layers: Option<usize>,
    /// The widths of the hidden layers of its networks, separated by commas; one width for images
    #[arg(long, value_delimiter = ',')]
    pub(crate) hidden: Vec<usize>,
    /// The seed of all random choices [default: 0]
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Hold out no rows to calibrate p-values with
    #[arg(long)]
    pub(crate) no_calibration: bool,
    #[command(flatten)]
    pub(crate) images: ImageOptions,
    #[command(flatten)]
    pub(crate) csv: CsvArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum MissingRows {
    /// An error, which names row and column
    Error,
    /// Leave the row out
    Skip,
    /// Model whether the value is missing
    Indicator,
}

#[derive(Debug, Clone, Copy, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Flow {
    /// Neural spline couplings
    Spline,
    /// RealNVP
    Affine,
    /// An autoregressive spline flow
    AutoregressiveSpline,
    /// A masked autoregressive flow
    AutoregressiveAffine,
}

/// Whether a text is a file of `thalweg fit --config`: its options are read, and the density that they describe is made.
/// What it needs a table for is not looked at.
///
/// ```
/// assert!(thalweg_command::check_config("data = \"rows.csv\"\nminutes = 3.0").is_ok());
/// assert!(thalweg_command::check_config("minute = 3.0").is_err());
/// assert!(thalweg_command::check_config("minutes = 3.0\nsteps = 100").is_err());
/// ```
///
/// # Errors
///
/// The reason in words.
pub fn check_config(text: &str) -> Result<(), String> {
    let options = FitOptions::parse(text)?;
    let density = options.density().map_err(|failure| failure.to_string())?;
    drop(density);
    Ok(())
}

impl FitOptions {
    /// The options of a file.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let problem = |problem| Failure::Io {
            path: path.to_owned(),
            problem,
        };
        let text = std::fs::read_to_string(path).map_err(problem)?;
        Self::parse(&text)
            .map_err(|problem| Failure::Usage(format!("{}: {problem}", path.display())))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let options: Self =
            toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        let given = options.lengths().into_iter().filter(|(_, given)| *given);
        let given: Vec<&str> = given.map(|(name, _)| name).collect();
        match given[..] {
            [first, second, ..] => Err(format!(
                "`{first}` and `{second}` both say how long the training lasts; give one of them"
            )),
            _ => Ok(options),
        }
    }

    /// The options that say how long a training lasts, and which of them are given.
    fn lengths(&self) -> [(&'static str, bool); 3] {
        [
            ("steps", self.steps.is_some()),
            ("epochs", self.images.epochs.is_some()),
            ("minutes", self.minutes.is_some()),
        ]
    }

    /// These options, and those of a file where these say nothing. A length of the training replaces that of the file, also in
    /// another unit.
    pub(crate) fn or(self, mut file: Self) -> Self {
        if self.lengths().iter().any(|(_, given)| *given) {
            (file.steps, file.images.epochs, file.minutes) = (None, None, None);
        }
        Self {
            data: self.data.or(file.data),
            output: self.output.or(file.output),
            target: or(self.target, file.target),
            given: or(self.given, file.given),
            without: or(self.without, file.without),
            weights: self.weights.or(file.weights),
            kind: or(self.kind, file.kind),
            missing: self.missing.or(file.missing),
            minutes: self.minutes.or(file.minutes),
            steps: self.steps.or(file.steps),
            members: self.members.or(file.members),
            flow: self.flow.or(file.flow),
            layers: self.layers.or(file.layers),
            hidden: or(self.hidden, file.hidden),
            seed: self.seed.or(file.seed),
            no_calibration: self.no_calibration || file.no_calibration,
            images: self.images.or(file.images),
            csv: self.csv.or(file.csv),
        }
    }

    /// The density that they describe.
    pub(crate) fn density(&self) -> Result<Density, Failure> {
        self.images.refuse()?;
        let mut density = match self.target.is_empty() {
            true => Density::of_all(),
            false => Density::of(self.target.clone()),
        };
        density = density
            .given(self.given.clone())
            .without(self.without.clone())
            .seed(self.seed.unwrap_or_default())
            .calibrate(!self.no_calibration);
        if let Some(column) = &self.weights {
            density = density.weights(column);
        }
        for (column, kind) in kinds(&self.kind)? {
            density = density.kind(column, kind);
        }
        if let Some(missing) = self.missing {
            density = density.missing(match missing {
                MissingRows::Error => Missing::Error,
                MissingRows::Skip => Missing::Skip,
                MissingRows::Indicator => Missing::Indicator,
            });
        }
        if let Some(minutes) = self.minutes {
            density = density.minutes(minutes);
        }
        if let Some(steps) = self.steps {
            density = density.steps(steps);
        }
        if let Some(members) = self.members {
            density = density.members(members);
        }
        if let Some(network) = self.network() {
            density = density.network(network);
        }
        Ok(density)
    }

    /// The network, if anything is said of it.
    fn network(&self) -> Option<Network> {
        if self.flow.is_none() && self.layers.is_none() && self.hidden.is_empty() {
            return None;
        }
        let mut network = Network::new(match self.flow.unwrap_or(Flow::Spline) {
            Flow::Spline => Family::Spline,
            Flow::Affine => Family::Affine,
            Flow::AutoregressiveSpline => Family::AutoregressiveSpline,
            Flow::AutoregressiveAffine => Family::AutoregressiveAffine,
        });
        if let Some(layers) = self.layers {
            network = network.with_layers(layers);
        }
        match self.hidden.is_empty() {
            true => Some(network),
            false => Some(network.with_hidden(&self.hidden)),
        }
    }
}
