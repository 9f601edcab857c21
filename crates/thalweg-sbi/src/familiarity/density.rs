//! The density of the data of simulations.

use serde::{Deserialize, Serialize};
use thalweg_flow::Noise;
use thalweg_metrics::Calibration;
use thalweg_models::ConfigError;

use super::directions::Directions;
use super::{Deviation, Familiarity};
use crate::estimator::{Architecture, Embedding, Estimator, Family, Mixture};
use crate::features::Features;
use crate::residual::Residual;
use crate::training::{Rows, Settings, train};
use crate::{SbiError, Simulations};

/// `q(x)` without its parameters.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DataDensity {
    /// Where there are many numbers.
    directions: Option<Directions>,
    residual: Residual,
    member: Architecture,
    /// The log-densities of simulations that it was not trained on.
    held_out: Vec<f64>,
}

/// Data of more numbers are shortened to their leading directions.
const WIDEST: usize = 64;
/// Steps of the training; fewer where the posterior's are.
const STEPS: usize = 200;
/// The share of the posterior's time that it takes.
const TIME: u32 = 10;
/// The largest number of simulations that are held out, and of those that are trained on.
const MOST_HELD: usize = 1000;
const MOST_TRAINED: usize = 20_000;
/// Deviations beyond which all is equally far: an `f32` is to hold the square of what a covariance makes of it.
const FARTHEST: f64 = 100.0;
/// The seed of the weights and of the split differs by this from that of the posterior.
const DATA: u64 = 0x6461_7461_0000_0000;
/// The flow has no conditions. The trained form has one number, which is always this.
const CONDITION: [f32; 1] = [0.0];

impl DataDensity {
    /// Learns the density of the data; `None` where they are the same in all simulations.
    ///
    /// # Errors
    ///
    /// A training whose loss is not finite.
    pub(crate) fn fit(
        settings: &Settings,
        features: &Features,
        simulations: &Simulations,
    ) -> Result<Option<(Self, Estimator)>, SbiError> {
        let (count, varying) = (simulations.len(), features.varying());
        if varying == 0 {
            return Ok(None);
        }
        let seed = settings.seed ^ DATA;
        let order = Noise::seeded(seed).permutation(count);
        let held = (count / 5).max(count.min(200) / 2).min(MOST_HELD);
        let (held_out, rest) = order.split_at(held);
        let trained = &rest[..rest.len().min(MOST_TRAINED)];
        let z = |rows: &[usize]| -> Vec<f64> {
            let all = rows
                .iter()
                .map(|row| standardized(features, simulations.x(*row)));
            all.flatten().collect()
        };
        let mut u = z(trained);
        let directions = (varying > WIDEST).then(|| Directions::fit(&u, varying));
        if let Some(directions) = &directions {
            u = u
                .chunks_exact(varying)
                .flat_map(|z| directions.of(z))
                .collect();
        }
        let condition = CONDITION.repeat(trained.len());
        let (rows, residual) = Rows::new(&u, condition, vec![0.0; trained.len()], false);
        let member = Architecture {
            family: Family::AutoregressiveSpline {
                transforms: 2,
                hidden: vec![32],
            },
            embedding: Embedding::None,
            features: rows.dims,
            conditions: CONDITION.len(),
            seed,
        };
        let settings = Settings {
            steps: Some(settings.steps.map_or(STEPS, |steps| steps.min(STEPS))),
            limit: settings.limit.map(|limit| limit / TIME),
            progress: false,
            ..settings.clone()
        };
        let learned = train(&settings, std::slice::from_ref(&member), &rows)?.members;
        let mut density = Self {
            directions,
            residual,
            member,
            held_out: vec![],
        };
        let mixture = Mixture::new(learned, rows.dims, &settings.device);
        density.held_out = density.log_probs(&mixture, &z(held_out), varying)?;
        let estimator = mixture.into_members().pop();
        Ok(estimator.map(|estimator| (density, estimator)))
    }

    /// The numbers that the flow has.
    pub(crate) fn dims(&self) -> usize {
        self.member.features
    }

    pub(crate) fn member(&self) -> &Architecture {
        &self.member
    }

    /// Whether sizes fit data of `varying` numbers that vary, and all numbers are sound.
    pub(crate) fn is_consistent(&self, varying: usize) -> bool {
        let dims = match &self.directions {
            Some(directions) if directions.is_consistent(varying) => directions.outputs(),
            Some(_) => return false,
            None => varying,
        };
        let log_densities = &self.held_out;
        self.member.features == dims
            && self.member.conditions == CONDITION.len()
            && self.residual.is_consistent(CONDITION.len(), dims)
            && !log_densities.is_empty()
            && log_densities.iter().all(|log| log.is_finite())
    }

    pub(crate) fn check(&self, model: &'static str) -> Result<(), ConfigError> {
        self.member.check(model)
    }

    /// How an observation compares.
    pub(crate) fn familiarity(
        &self,
        mixture: &Mixture,
        features: &Features,
        x: &[f64],
    ) -> Result<Familiarity, SbiError> {
        let z = standardized(features, x);
        let log = self.log_probs(mixture, &z, z.len())?[0];
        let scores: Vec<f64> = self.held_out.iter().map(|log| -log).collect();
        let p_value = Calibration::new(&scores)?.p_values(&[-log])?[0];
        Ok(Familiarity {
            p_value,
            held_out: self.held_out.len(),
            farthest: farthest(features, x),
            differing: features.differing(x),
        })
    }

    /// `ln q` of rows of `varying` standardized numbers. What overflows is as unlikely as can be.
    fn log_probs(
        &self,
        mixture: &Mixture,
        z: &[f64],
        varying: usize,
    ) -> Result<Vec<f64>, SbiError> {
        let mean = self.residual.mean(&CONDITION);
        let r = z
            .chunks_exact(varying)
            .flat_map(|z| match &self.directions {
                Some(directions) => self.residual.forward(&directions.of(z), &mean),
                None => self.residual.forward(z, &mean),
            });
        let r: Vec<f32> = r.map(|r| r as f32).collect();
        let mut logs = mixture.log_prob(&r, &CONDITION)?;
        for log in &mut logs {
            if !log.is_finite() {
                *log = f64::MIN;
            }
        }
        Ok(logs)
    }
}

/// The deviations of the numbers that vary, within bounds.
fn standardized(features: &Features, x: &[f64]) -> Vec<f64> {
    let deviations = features.deviations(x);
    let bounded = deviations.map(|(_, z)| z.clamp(-FARTHEST, FARTHEST));
    bounded.collect()
}

fn farthest(features: &Features, x: &[f64]) -> Option<Deviation> {
    let all = features
        .deviations(x)
        .map(|(number, deviations)| Deviation { number, deviations });
    all.max_by(|a, b| a.deviations.abs().total_cmp(&b.deviations.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Simulate, Uniform};

    #[test]
    fn damaged_numbers_do_not_pass() {
        let simulate = Simulate::new(
            Uniform::new([[-1.0, 1.0]]).unwrap(),
            |theta: &[f64], _: &mut rand::rngs::ChaCha8Rng| vec![theta[0], 3.0, theta[0].powi(2)],
        );
        let simulations = simulate.run(40).unwrap();
        let features = Features::fit(simulations.all_x(), 3, 3);
        let settings = Settings {
            steps: Some(1),
            ..Settings::new()
        };
        let fitted = DataDensity::fit(&settings, &features, &simulations).unwrap();
        let (sound, _) = fitted.unwrap();
        assert!(sound.is_consistent(2) && !sound.is_consistent(3));
        assert_eq!(sound.held_out.len(), 20);
        let damage = |change: &dyn Fn(&mut DataDensity)| {
            let mut damaged = sound.clone();
            change(&mut damaged);
            !damaged.is_consistent(2)
        };
        assert!(damage(&|density| density.held_out[3] = f64::NAN));
        assert!(damage(&|density| density.held_out.clear()));
        assert!(damage(&|density| density.member.features = 3));
        assert!(damage(&|density| density.member.conditions = 2));
        let directions = Directions::fit(&[1.0, 0.0, 0.0, 2.0], 2);
        assert!(damage(
            &|density| density.directions = Some(directions.clone())
        ));
    }
}
