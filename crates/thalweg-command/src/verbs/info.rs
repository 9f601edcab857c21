//! `thalweg info`.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use thalweg::images::{FILE_KIND, FittedImages};
use thalweg::models::file;
use thalweg::tabular::{Known, Role};

use crate::command::DeviceArgs;
use crate::console::Console;
use crate::failure::Failure;
use crate::model::TABLE;

/// Say what a model file holds, or without one what this program can do
#[derive(Debug, Args)]
pub(crate) struct Info {
    /// The model
    model: Option<PathBuf>,
    #[command(flatten)]
    device: DeviceArgs,
}

impl Info {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let Some(path) = &self.model else {
            return console.result(program, program_json);
        };
        let held = file::describe(path)?;
        let mut text = format!(
            "{}: {}, format {}, {} numbers in {} tensors, {:.1} kB",
            path.display(),
            held.kind,
            held.version,
            held.parameters(),
            held.tensors.len(),
            held.bytes as f64 / 1e3
        );
        let mut json = json!({
            "model": path,
            "kind": held.kind,
            "format": held.version,
            "bytes": held.bytes,
            "numbers": held.parameters().to_string(),
            "tensors": held.tensors.iter().map(tensor).collect::<Vec<_>>(),
            "config": held.config,
        });
        if held.kind == TABLE {
            let model = self.device.load(path)?;
            text = format!("{text}\n{model}");
            json["columns"] = model.columns().iter().map(column).collect();
            json["summary"] = json!(model.summary());
            // The configuration holds every map of every column: megabytes of wide tables.
            json["config"] = Value::Null;
        } else if held.kind == FILE_KIND {
            let model = FittedImages::load(path, &self.device.open()?)?;
            text = format!("{text}\n{model}");
            json["images"] = crate::verbs::fit::images::result(&model, path);
            json["reference"] = held.config["reference"].clone();
            json["config"] = held.config["architecture"].clone();
        } else {
            text = format!("{text}\nconfiguration: {}", held.config);
        }
        for one in &held.tensors {
            console.detail(|| format!("{} {} {:?}", one.name, one.dtype, one.shape));
        }
        console.result(|| text, || json)
    }
}

fn tensor(one: &file::TensorInfo) -> Value {
    json!({ "name": one.name, "type": one.dtype, "shape": one.shape })
}

/// A column that a density knows.
pub(crate) fn column(known: &Known) -> Value {
    json!({
        "name": known.name,
        "unit": known.unit,
        "role": match known.role {
            Role::Target => "target",
            Role::Condition => "condition",
        },
        "kind": known.kind.to_string(),
        "why": known.why,
        "values": format!("{:?}", known.column_type()).to_lowercase(),
        "missing": known.missing,
    })
}

/// What this program can do on this machine.
fn program() -> String {
    let (backends, device) = devices();
    format!(
        "thalweg {}\nbackends compiled in: {backends}\nbackend in use: {device}\ninstruction set: {}\nthreads: {}",
        env!("CARGO_PKG_VERSION"),
        instructions(),
        thalweg::kernels::threads(),
    )
}

fn program_json() -> Value {
    let (_, device) = devices();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "backends": thalweg::device::compiled(),
        "backend": device,
        "instruction_set": instructions(),
        "threads": thalweg::kernels::threads(),
    })
}

fn instructions() -> String {
    format!("{:?}", thalweg::kernels::SimdLevel::current()).to_lowercase()
}

/// The backends, and the one in use or why there is none.
fn devices() -> (String, String) {
    let used = match thalweg::device::from_env() {
        Ok(selected) => selected.name.to_owned(),
        Err(problem) => problem.to_string(),
    };
    (thalweg::device::compiled().join(", "), used)
}
