//! The methods of compiled flows.

use std::mem::take;

use thalweg_kernels::Direction;

use super::scratch::refill;
use super::{CompiledContext, CompiledFlow, ContextRows, Scratch};
use crate::Noise;

/// A compiled flow under a condition; see [`CompiledFlow::given`].
///
/// Every method panics when the numbers are not those of whole samples, or the context has neither one row
/// nor one for each.
///
/// See [`CompiledFlow`] for an example.
#[derive(Debug)]
pub struct CompiledGiven<'a, C> {
    pub(super) flow: &'a CompiledFlow<C>,
    pub(super) context: ContextRows<'a>,
}

impl<C: CompiledContext> CompiledGiven<'_, C> {
    /// `log p(x | context)` in nats of one sample.
    pub fn log_prob(&self, x: &[f32], scratch: &mut Scratch) -> f32 {
        let mut log_prob = [0.0];
        self.log_probs(x, &mut log_prob, scratch);
        log_prob[0]
    }

    /// `log p(x | context)` in nats of each of any number of samples.
    ///
    /// # Panics
    ///
    /// When there is not one place in `log_probs` for each.
    pub fn log_probs(&self, x: &[f32], log_probs: &mut [f32], scratch: &mut Scratch) {
        let CompiledFlow { all, density, .. } = self.flow;
        let (each, samples) = (all.numbers(), all.count(x.len(), self.context));
        assert!(
            samples == log_probs.len(),
            "{} numbers are no {} samples of {each} but {samples}",
            x.len(),
            log_probs.len()
        );
        let mut numbers = take(&mut scratch.samples);
        let mut log_dets = take(&mut scratch.log_dets);
        let batches = x
            .chunks(all.batch * each)
            .zip(log_probs.chunks_mut(all.batch));
        for (first, (x, log_probs)) in (0..).step_by(all.batch).zip(batches) {
            refill(&mut numbers, x.iter().copied());
            log_dets.clear();
            log_dets.resize(log_probs.len(), 0.0);
            let context = first..first + log_probs.len();
            all.contexts.fill(self.context, context, scratch);
            let steps = (Direction::Forward, 0..all.steps.len());
            all.run_batch(steps, &mut numbers, Some(&mut log_dets), scratch);
            let latents = numbers.chunks_exact(each).zip(&log_dets);
            for (log_prob, (z, log_det)) in log_probs.iter_mut().zip(latents) {
                *log_prob = (density.log_prob(z) + log_det) as f32;
            }
        }
        (scratch.samples, scratch.log_dets) = (numbers, log_dets);
    }

    /// Each sample becomes its latent.
    pub fn encode(&self, samples: &mut [f32], scratch: &mut Scratch) {
        let there = (Direction::Forward, 0..self.flow.steps);
        self.flow
            .all
            .run(there, samples, None, self.context, scratch);
    }

    /// Each latent becomes its sample.
    pub fn decode(&self, latents: &mut [f32], scratch: &mut Scratch) {
        let back = (Direction::Inverse, 0..self.flow.steps);
        self.flow
            .all
            .run(back, latents, None, self.context, scratch);
    }

    /// Fills `samples` at one temperature: with those that [`Flow::sample`](crate::Flow::sample) gives from the same noise, which
    /// here is always drawn on the host.
    ///
    /// # Panics
    ///
    /// For a temperature that is negative or not finite.
    pub fn sample(
        &self,
        temperature: f64,
        noise: &mut Noise,
        samples: &mut [f32],
        scratch: &mut Scratch,
    ) {
        match self.flow.scales {
            1 => self.sample_scales(&[temperature], noise, samples, scratch),
            scales => self.sample_scales(&vec![temperature; scales], noise, samples, scratch),
        }
    }

    /// Fills `samples` with a temperature for each scale, finest first.
    ///
    /// # Panics
    ///
    /// Unless there is one temperature a scale, each finite and not negative.
    pub fn sample_scales(
        &self,
        temperatures: &[f64],
        noise: &mut Noise,
        samples: &mut [f32],
        scratch: &mut Scratch,
    ) {
        let CompiledFlow { all, density, .. } = self.flow;
        assert!(
            temperatures.len() == self.flow.scales,
            "a flow of {} scales takes one temperature for each, got {}",
            self.flow.scales,
            temperatures.len()
        );
        for temperature in temperatures {
            assert!(
                *temperature >= 0.0 && temperature.is_finite(),
                "a temperature is a finite number from 0 on, got {temperature}"
            );
        }
        all.count(samples.len(), self.context);
        density.sample(temperatures, noise, samples);
        let back = (Direction::Inverse, 0..all.steps.len());
        all.run(back, samples, None, self.context, scratch);
    }
}

/// The methods of a flow that takes no condition; see [`CompiledGiven`].
impl CompiledFlow {
    /// `log p(x)` in nats of one sample.
    pub fn log_prob(&self, x: &[f32], scratch: &mut Scratch) -> f32 {
        self.given(&()).log_prob(x, scratch)
    }

    /// `log p(x)` in nats of each of any number of samples.
    ///
    /// # Panics
    ///
    /// As [`CompiledGiven::log_probs`].
    pub fn log_probs(&self, x: &[f32], log_probs: &mut [f32], scratch: &mut Scratch) {
        self.given(&()).log_probs(x, log_probs, scratch);
    }

    /// Each sample becomes its latent.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_flow::{DiagonalScale, Flow, base::StandardNormal, compiled::Scratch};
    ///
    /// let flow = Flow::new(DiagonalScale::<2>::new(2, &Device::default()), StandardNormal::new(2));
    /// let (compiled, mut scratch) = (flow.compile(), Scratch::default());
    /// let mut rows = [0.5, -1.0, 2.0, 3.0];
    /// compiled.encode(&mut rows, &mut scratch);
    /// compiled.decode(&mut rows, &mut scratch);
    /// assert_eq!(rows, [0.5, -1.0, 2.0, 3.0]);
    /// ```
    pub fn encode(&self, samples: &mut [f32], scratch: &mut Scratch) {
        self.given(&()).encode(samples, scratch);
    }

    /// Each latent becomes its sample.
    pub fn decode(&self, latents: &mut [f32], scratch: &mut Scratch) {
        self.given(&()).decode(latents, scratch);
    }

    /// See [`CompiledGiven::sample`].
    ///
    /// # Panics
    ///
    /// As there.
    pub fn sample(
        &self,
        temperature: f64,
        noise: &mut Noise,
        samples: &mut [f32],
        scratch: &mut Scratch,
    ) {
        self.given(&()).sample(temperature, noise, samples, scratch);
    }

    /// See [`CompiledGiven::sample_scales`], and [`CompiledFlow`] for an example.
    ///
    /// # Panics
    ///
    /// As there.
    pub fn sample_scales(
        &self,
        temperatures: &[f64],
        noise: &mut Noise,
        samples: &mut [f32],
        scratch: &mut Scratch,
    ) {
        self.given(&())
            .sample_scales(temperatures, noise, samples, scratch);
    }
}
