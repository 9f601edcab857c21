//! The speed of this library, and of its peers in Python.
//!
//! Each bench prints one JSON object of medians in milliseconds. A bench with peers has a script of the same
//! name in `peers/`, which does the same work with a Python library. `workloads.py` lists both, and
//! `compare.py` runs them in turn and prints the ratios.

pub mod problems;
pub mod realnvp;
pub mod rows;

use std::error::Error;
use std::time::Instant;

use thalweg::burn::optim::{GradientsParams, ModuleOptimizer};
use thalweg::optim::Minimizer;
use thalweg::optim::{Euler, field::Adam};
use thalweg::prelude::*;
use thalweg::train::{Evaluate, IntoLoss, Stepper};

/// The allocator of the examples.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The milliseconds of the named parts of repeated work.
#[derive(Debug, Default)]
pub struct Stopwatch {
    parts: Vec<(&'static str, Vec<f64>)>,
}

impl Stopwatch {
    /// Times one part. `work` has to synchronize the device at its end; otherwise this times the queueing.
    pub fn time<T>(&mut self, part: &'static str, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let result = work();
        let elapsed = started.elapsed().as_secs_f64() * 1e3;
        match self.parts.iter_mut().find(|(name, _)| *name == part) {
            Some((_, times)) => times.push(elapsed),
            None => self.parts.push((part, vec![elapsed])),
        }
        result
    }

    /// Times the parts of one training step: `forward`, `backward` and `update`.
    pub fn training_step<M: Module, L: IntoLoss>(
        &mut self,
        device: &Device,
        model: M,
        optimizer: &mut ModuleOptimizer,
        rate: f64,
        loss: impl FnOnce(&M) -> L,
    ) -> Result<M, Box<dyn Error>> {
        let loss = self.time("forward", || {
            let loss = loss(&model).into_loss()?;
            device.sync()?;
            Ok::<_, Box<dyn Error>>(loss)
        })?;
        let gradients = self.time("backward", || {
            let gradients = GradientsParams::from_grads(loss.backward(), &model);
            device.sync().map(|()| gradients)
        })?;
        Ok(self.time("update", || {
            let model = optimizer.step(rate, model, gradients);
            device.sync().map(|()| model)
        })?)
    }

    /// Times a step of the trainer, `trainer step`: a [`training_step`](Self::training_step) with the
    /// checks of loss, gradients and weights.
    pub fn trainer_step<M, B, Z, L>(
        &mut self,
        device: &Device,
        model: M,
        stepper: &mut Stepper<'_, Z, L>,
        batch: &B,
    ) -> Result<M, Box<dyn Error>>
    where
        M: Module,
        Z: Minimizer<M>,
        L: Evaluate<M, B>,
    {
        self.time("trainer step", || {
            let (model, loss) = stepper.train_step(model, batch);
            loss?;
            device.sync()?;
            Ok(model)
        })
    }

    /// The median of each part, without the first `warm_up` rounds.
    pub fn medians(&self, warm_up: usize) -> Vec<(&'static str, f64)> {
        let parts = self.parts.iter();
        parts
            .map(|(name, times)| (*name, median(times[warm_up..].to_vec())))
            .collect()
    }

    /// The median of the rounds, each the sum of its parts, without the first `warm_up`.
    pub fn median_round(&self, warm_up: usize) -> f64 {
        let rounds = self.parts.iter().map(|(_, times)| times.len()).min();
        let sum = |round: usize| self.parts.iter().map(|(_, times)| times[round]).sum();
        median((warm_up..rounds.unwrap_or(warm_up)).map(sum).collect())
    }
}

/// Adam with the constants of the paper.
pub fn adam() -> ModuleOptimizer {
    Euler::new(Adam::default()).init()
}

/// Random pixels of 256 levels.
pub fn levels<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    let unit: Tensor<D> = Noise::seeded(0).uniform(shape, device, DType::F32);
    (unit * 256.0).floor()
}

/// Prints the JSON object of a bench, its last line.
pub fn print(medians: impl IntoIterator<Item = (impl Into<String>, f64)>) {
    let fields = medians
        .into_iter()
        .map(|(name, ms)| (name.into(), ms.into()));
    println!("{}", serde_json::Value::Object(fields.collect()));
}

/// The element in the middle of the sorted values, the upper one of two.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
