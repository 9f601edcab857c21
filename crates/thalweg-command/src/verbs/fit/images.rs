//! Fits of densities of images.

use std::path::Path;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use serde::Deserialize;
use serde_json::{Value, json};
use thalweg::burn::tensor::Device;
use thalweg::images::{Estimate, FittedImages, ImageDensity, ImageKind, ImagesPlan};

use super::{Fit, FitOptions, unfinished};
use crate::console::Console;
use crate::data::refuse;
use crate::failure::Failure;
use crate::images;

/// Options of images.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[command(next_help_heading = "Images")]
pub(crate) struct ImageOptions {
    /// The model [default: glow]
    #[arg(long, value_parser = kinds())]
    pub(crate) model: Option<ImageKind>,
    /// The side in pixels that the pictures of a folder are cut and scaled to [default: 32]
    #[arg(long, value_name = "PIXELS")]
    pub(crate) side: Option<u32>,
    /// The number of values of a pixel, where an IDX file has fewer than 256
    #[arg(long)]
    pub(crate) levels: Option<u32>,
    /// Steps a scale of a Glow, residual blocks of realnvp and fvae, hidden layers of the others
    #[arg(long)]
    pub(crate) depth: Option<usize>,
    /// Passes over the training images, where the training does not stop before
    #[arg(long, conflicts_with_all = ["steps", "minutes"])]
    pub(crate) epochs: Option<usize>,
}

/// The names of the models, each with a line of help.
fn kinds() -> impl TypedValueParser<Value = ImageKind> {
    let value = |kind: ImageKind| {
        PossibleValue::new(kind.name()).help(match kind {
            ImageKind::Glow => "A multi-scale flow with learned 1×1 convolutions",
            ImageKind::RealNvp => "A multi-scale flow of checkerboards and channels",
            ImageKind::Nice => "Additive couplings",
            ImageKind::FlowMatching => "An ordinary differential equation",
            ImageKind::Vae => "A variational autoencoder",
            ImageKind::Fvae => "A variational autoencoder with a flow",
        })
    };
    PossibleValuesParser::new(ImageKind::ALL.map(value)).try_map(|name| name.parse::<ImageKind>())
}

impl ImageOptions {
    /// These options, and those of a file where these say nothing.
    pub(super) fn or(self, file: Self) -> Self {
        Self {
            model: self.model.or(file.model),
            side: self.side.or(file.side),
            levels: self.levels.or(file.levels),
            depth: self.depth.or(file.depth),
            epochs: self.epochs.or(file.epochs),
        }
    }

    /// An error if an option is given: the data are a table.
    pub(super) fn refuse(&self) -> Result<(), Failure> {
        let given = [
            ("model", self.model.is_some()),
            ("side", self.side.is_some()),
            ("levels", self.levels.is_some()),
            ("depth", self.depth.is_some()),
            ("epochs", self.epochs.is_some()),
        ];
        refuse(&given, "an option of images, and the data are a table")
    }
}

impl FitOptions {
    /// The density of images that they describe.
    fn image_density(&self) -> Result<ImageDensity, Failure> {
        let given = [
            ("target", !self.target.is_empty()),
            ("given", !self.given.is_empty()),
            ("without", !self.without.is_empty()),
            ("weights", self.weights.is_some()),
            ("kind", !self.kind.is_empty()),
            ("missing", self.missing.is_some()),
            ("members", self.members.is_some()),
            ("flow", self.flow.is_some()),
            ("layers", self.layers.is_some()),
            ("no-calibration", self.no_calibration),
        ];
        refuse(&given, "an option of tables, and the data are images")?;
        self.csv.refuse_for_images()?;
        let mut density = ImageDensity::new().seed(self.seed.unwrap_or_default());
        if let Some(model) = self.images.model {
            density = density.model(model);
        }
        if let Some(depth) = self.images.depth {
            density = density.depth(depth);
        }
        density = match self.hidden[..] {
            [] => density,
            [hidden] => density.hidden(hidden),
            _ => {
                let problem = "`--hidden` is one width for a model of images; `--depth` is the number of layers";
                return Err(Failure::Usage(problem.to_owned()));
            }
        };
        if let Some(epochs) = self.images.epochs {
            density = density.epochs(epochs);
        }
        if let Some(steps) = self.steps {
            density = density.steps(steps);
        }
        if let Some(minutes) = self.minutes {
            density = density.minutes(minutes);
        }
        Ok(density)
    }
}

impl Fit {
    /// Fits a density to images.
    pub(super) fn images(
        &self,
        options: &FitOptions,
        [data, output]: [&Path; 2],
        device: &Device,
        console: &Console,
    ) -> Result<(), Failure> {
        let density = options.image_density()?.device(device);
        let ImageOptionsOf { side, levels } = (&options.images).into();
        let images = images::to_fit(&data.to_string_lossy(), side, levels)?;
        console.note(format!("{} images of {}", images.count(), data.display()));
        let plan = density.plan(&images)?;
        console.note(format!(
            "plan: {plan}; the model goes to {}",
            output.display()
        ));
        let estimate = density.estimate(&images)?;
        console.note(format!("estimate: {estimate}"));
        if self.dry_run {
            return match console.json {
                true => console.result(String::new, || planned(&plan, &estimate, output)),
                false => Ok(()),
            };
        }
        let folder = unfinished(output);
        let density = density.progress(console.progress()).resume(&folder);
        let model = density.fit(&images)?;
        model.save(output)?;
        // Empty now; a file of another program in it stays, and so does the folder.
        std::fs::remove_dir(&folder).ok();
        console.result(
            || format!("{}\nwritten to {}", model.summary(), output.display()),
            || result(&model, output),
        )
    }
}

/// What the images are read by.
struct ImageOptionsOf {
    side: Option<u32>,
    levels: Option<u32>,
}

impl From<&ImageOptions> for ImageOptionsOf {
    fn from(options: &ImageOptions) -> Self {
        Self {
            side: options.side,
            levels: options.levels,
        }
    }
}

fn planned(plan: &ImagesPlan, estimate: &Estimate, output: &Path) -> Value {
    json!({
        "images": plan.train + plan.validation + plan.calibration,
        "train": plan.train,
        "validation": plan.validation,
        "calibration": plan.calibration,
        "size": plan.image.shape(),
        "levels": plan.image.levels,
        "kind": plan.kind,
        "architecture": plan.architecture,
        "parameters": estimate.parameters,
        "steps": plan.steps,
        "minutes": plan.minutes,
        "batch": plan.batch,
        "step_seconds": estimate.cost.step_seconds,
        "seconds": estimate.cost.seconds,
        "bytes": estimate.cost.bytes,
        "model": output,
    })
}

/// What a fit reached.
pub(crate) fn result(model: &FittedImages, output: &Path) -> Value {
    let summary = model.summary();
    let image = model.image();
    json!({
        "model": output,
        "kind": summary.kind,
        "architecture": model.architecture(),
        "size": image.shape(),
        "levels": image.levels,
        "train": summary.train,
        "validation": summary.validation,
        "calibration": summary.calibration,
        "parameters": summary.parameters,
        "steps": summary.steps,
        "nats": summary.nats,
        "nats_error": summary.nats_error,
        "bits_per_dim": summary.bits_per_dim,
        "bound": summary.bound,
        "importance": summary.importance,
        "seconds": summary.seconds,
        "outcome": summary.outcome,
    })
}
