//! The device, the folder and the figures of one example.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde_json::{Map, Value, json};
use thalweg::burn::module::Module;
use thalweg::prelude::{Device, Noise};
use thalweg::train::Trained;

use crate::Common;

/// One run of an example.
#[derive(Debug)]
pub struct Example<'a> {
    /// The device to run on.
    pub device: Device,
    name: &'static str,
    pub(crate) common: &'a Common,
    started: Instant,
    fields: Mutex<Map<String, Value>>,
}

impl Common {
    /// Starts an example on the selected device. Its folder is made first, so that a folder that cannot
    /// be written to fails before hours of training.
    pub fn start(&self, name: &'static str) -> Result<Example<'_>, Box<dyn std::error::Error>> {
        let selected = self.device()?;
        self.start_on(name, selected.device, selected.name)
    }

    /// Starts an example on a device of that name.
    pub fn start_on(
        &self,
        name: &'static str,
        device: Device,
        device_name: &str,
    ) -> Result<Example<'_>, Box<dyn std::error::Error>> {
        let folder = self.out.join(name);
        std::fs::create_dir_all(&folder).map_err(|error| {
            let folder = folder.display();
            format!(
                "cannot make the folder '{folder}' for results: {error}; name another one by --out"
            )
        })?;
        let example = Example {
            device,
            name,
            common: self,
            started: Instant::now(),
            fields: Mutex::default(),
        };
        example.set("example", name);
        example.set("device", device_name);
        Ok(example)
    }
}

impl Example<'_> {
    /// The device with gradients.
    pub fn autodiff(&self) -> Device {
        self.device.clone().autodiff()
    }

    /// The steps to make, where the full run makes `all`.
    pub fn steps(&self, all: usize) -> usize {
        self.common.steps.map_or(all, |steps| steps.min(all))
    }

    /// The seed of the command line.
    pub fn seed(&self) -> u64 {
        self.common.seed
    }

    /// The data set of the command line.
    pub fn data(&self) -> Option<&Path> {
        self.common.data.as_deref()
    }

    /// Noise of the seed of the command line; each `stream` is another noise.
    pub fn noise(&self, stream: u64) -> Noise {
        Noise::seeded(self.common.seed + stream)
    }

    /// The example's folder.
    pub fn folder(&self) -> PathBuf {
        self.common.out.join(self.name)
    }

    /// A file in the example's folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// Adds a figure to the JSON object.
    pub fn set(&self, name: &str, value: impl Into<Value>) {
        let mut fields = self.fields.lock().unwrap_or_else(PoisonError::into_inner);
        fields.insert(name.into(), value.into());
    }

    /// Prints how a training ended, and adds its time and steps to the JSON object.
    pub fn trained<M: Module>(&self, trained: &Trained<M>) {
        let seconds = self.started.elapsed().as_secs_f64();
        let steps = trained
            .history
            .epochs()
            .last()
            .map_or(0, |epoch| epoch.step);
        println!("{} after {seconds:.0} s", trained.outcome);
        self.set("train_seconds", seconds);
        self.set("steps", steps);
    }

    /// Prints the folder and, on request, the JSON object.
    pub fn finish(self) {
        println!("files in {}", self.folder().display());
        if self.common.json {
            self.set("seconds", json!(self.started.elapsed().as_secs_f64()));
            let fields = self.fields.into_inner();
            println!(
                "{}",
                Value::Object(fields.unwrap_or_else(PoisonError::into_inner))
            );
        }
    }
}
