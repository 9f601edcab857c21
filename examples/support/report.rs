//! What an example measured.

use std::error::Error;
use std::time::Instant;

use serde_json::{Map, Value, json};
use thalweg::burn::tensor::Tensor;
use thalweg::flow::BitsPerDim;
use thalweg::train::Outcome;

use crate::{Common, detail_distance};

/// What an example measured, for people and, with `--json`, for programs.
#[derive(Debug)]
pub struct Report {
    started: Instant,
    fields: Map<String, Value>,
}

impl Report {
    /// Starts the clock of the example `name` on a device.
    pub fn start(name: &str, device: &str) -> Self {
        let mut fields = Map::new();
        fields.insert("example".into(), json!(name));
        fields.insert("device".into(), json!(device));
        Self {
            started: Instant::now(),
            fields,
        }
    }

    /// Adds a number.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.fields.insert(name.into(), value.into());
    }

    /// Prints and adds a bound of `k` samples, its mean and standard error, in nats.
    pub fn bound(&mut self, name: &str, (nats, error): (f64, f64), k: usize, units: BitsPerDim) {
        let bits = units.from_nats(nats);
        println!("{name}: {nats:.1} ± {error:.1}, {bits:.3} bits/dim, {k} samples");
        self.set(name, nats);
    }

    /// Prints and adds how far samples at a temperature are in their details from held-out images, and,
    /// as what can be reached, how far other images are from those.
    pub fn details(
        &mut self,
        names: [&str; 3],
        samples: [Tensor<4>; 3],
        [others, held_out]: &[Tensor<4>; 2],
        temperature: f64,
    ) -> Result<(), Box<dyn Error>> {
        let distance = |images: Tensor<4>| {
            let found = detail_distance(images, held_out.clone(), 0);
            found.map_err(|error| format!("{error:?}"))
        };
        let reached = distance(others.clone())?;
        for (name, samples) in names.iter().zip(samples) {
            let found = distance(samples)?;
            println!("{name}details at temperature {temperature}: {found:.2}, images {reached:.2}");
            self.set(&format!("{name}details_t{temperature}"), found);
        }
        self.set("details_images", reached);
        Ok(())
    }

    /// Seconds since the start.
    pub fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// Passes on how a run ended, as an error unless it ended well.
    pub fn check(&self, outcome: &Outcome) -> Result<(), Box<dyn Error>> {
        if !outcome.is_success() {
            return Err(outcome.to_string().into());
        }
        println!("{outcome} after {:.0} s", self.seconds());
        Ok(())
    }

    /// Prints where the files of the example `name` are and, if asked to, the JSON object.
    pub fn finish(mut self, common: &Common, name: &str) {
        println!("files in {}", common.out.join(name).display());
        if common.json {
            self.set("seconds", self.seconds());
            println!("{}", Value::Object(self.fields));
        }
    }
}
