//! `thalweg convert`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use thalweg::burn::tensor::{DType, Device};
use thalweg::convert::{Model, Options, Source, Verified, convert, verify};

use crate::command::DeviceArgs;
use crate::console::Console;
use crate::failure::Failure;
use crate::outputs::{ForceArgs, Output};

/// Make a model of the weights of another library
///
/// The checkpoint is the state dict of a flow in a safetensors file. The page docs/weights.md lists the
/// modules and the options.
#[derive(Debug, Args)]
pub(crate) struct Convert {
    /// The state dict
    checkpoint: PathBuf,
    /// The library: nflows, normflows, zuko or glow-pytorch
    #[arg(long, value_name = "LIBRARY")]
    from: Source,
    /// The model file
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// What a state dict does not tell, such as the activation, in a TOML file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Compare with the library's own numbers: a safetensors file with `x`, `log_prob`, and `context` if
    /// there is one
    #[arg(long, value_name = "FILE")]
    verify: Option<PathBuf>,
    /// The largest difference of a log-density, in nats, relative to 1 and its value
    #[arg(long, value_name = "NATS", default_value_t = 1e-5, requires = "verify")]
    tolerance: f64,
    #[command(flatten)]
    force: ForceArgs,
    #[command(flatten)]
    device: DeviceArgs,
}

/// What the command says.
struct Found {
    features: usize,
    context: usize,
    layers: usize,
    buffers: Vec<String>,
    rows: Option<usize>,
    largest_difference: Option<f64>,
}

impl Convert {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        self.force.allow([&self.output], Output::Model)?;
        let options = match &self.config {
            Some(path) => Options::read(path)?,
            None => Options::default(),
        };
        let device = self.device.open()?;
        let converted = convert(&self.checkpoint, self.from, &options, &device, DType::F32)?;
        let (model, buffers) = (converted.model, converted.buffers);
        let verified = self.verified(&model, &device)?;
        model.save(&self.output)?;
        let found = Found {
            features: model.shape().iter().product(),
            context: model.context(),
            layers: model.layers(),
            buffers,
            rows: verified.map(|found| found.rows),
            largest_difference: verified.map(|found| found.largest),
        };
        console.result(
            || self.text(&found),
            || {
                json!({
                    "output": self.output,
                    "features": found.features,
                    "context": found.context,
                    "layers": found.layers,
                    "buffers": found.buffers,
                    "rows": found.rows,
                    "largest_difference": found.largest_difference,
                })
            },
        )
    }

    /// The comparison with the library's numbers, if they are given.
    fn verified(&self, model: &Model, device: &Device) -> Result<Option<Verified>, Failure> {
        let Some(path) = &self.verify else {
            return Ok(None);
        };
        let found = verify(model, path, (device, DType::F32))?;
        if found.largest > self.tolerance * (1.0 + found.at.abs()) {
            return Err(Failure::Disagrees {
                library: self.from,
                largest: found.largest,
                at: found.at,
            });
        }
        Ok(Some(found))
    }

    fn text(&self, found: &Found) -> String {
        let mut text = format!(
            "{}: {} layers on {} features, from {}\n",
            self.output.display(),
            found.layers,
            found.features,
            self.from
        );
        if found.context > 0 {
            text += &format!("given a context of {} numbers\n", found.context);
        }
        if !found.buffers.is_empty() {
            text += &format!(
                "without a home, since the model needs none: {}\n",
                found.buffers.join(", ")
            );
        }
        text += &match (found.rows, found.largest_difference) {
            (Some(rows), Some(largest)) => {
                format!("largest difference of {rows} log-densities: {largest:.1e} nats\n")
            }
            _ => "not compared with the library; give its numbers by `--verify`\n".to_owned(),
        };
        text
    }
}
