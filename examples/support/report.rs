//! What an example measured.

use std::time::Instant;

use serde_json::{Map, Value, json};
use thalweg::flow::BitsPerDim;
use thalweg::train::Outcome;

use crate::Common;

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

    /// Seconds since the start.
    pub fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// Prints how a run ended.
    pub fn outcome(&self, outcome: &Outcome) {
        println!("{outcome} after {:.0} s", self.seconds());
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
