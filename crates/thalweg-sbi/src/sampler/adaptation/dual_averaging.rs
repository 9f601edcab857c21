//! The step size that gives an acceptance.

/// Dual averaging of `ln ε` towards the step whose mean acceptance is δ, with the constants of the paper: after step m with
/// the acceptance α,
///
/// H̄ ← (1 − 1/(m + t₀)) H̄ + (δ − α)/(m + t₀), ln ε = μ − √m/γ H̄, ln ε̄ ← m^(−κ) ln ε + (1 − m^(−κ)) ln ε̄.
///
/// Hoffman, Gelman: *The No-U-Turn sampler*, 2014, algorithm 5.
#[derive(Debug, Clone)]
pub(super) struct DualAveraging {
    target: f64,
    /// μ.
    centre: f64,
    steps: f64,
    /// H̄.
    error: f64,
    log_step: f64,
    log_average: f64,
}

const GAMMA: f64 = 0.05;
const DELAY: f64 = 10.0;
const KAPPA: f64 = 0.75;

impl DualAveraging {
    /// From a first step; the method tries steps ten times as large.
    pub(super) fn new(target: f64, first: f64) -> Self {
        Self {
            target,
            centre: (10.0 * first).ln(),
            steps: 0.0,
            error: 0.0,
            log_step: first.ln(),
            log_average: first.ln(),
        }
    }

    pub(super) fn learn(&mut self, acceptance: f64) {
        self.steps += 1.0;
        let share = 1.0 / (self.steps + DELAY);
        self.error += share * (self.target - acceptance - self.error);
        self.log_step = self.centre - self.steps.sqrt() / GAMMA * self.error;
        let weight = self.steps.powf(-KAPPA);
        self.log_average += weight * (self.log_step - self.log_average);
    }

    /// ε, while it learns.
    pub(super) fn step(&self) -> f64 {
        self.log_step.exp()
    }

    /// ε̄, once it has learned.
    pub(super) fn average(&self) -> f64 {
        self.log_average.exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_acceptance_comes_to_its_target() {
        // Acceptance falls with the step as e^(−ε/3): 0.8 at ε = −3 ln 0.8 = 0.669.
        let mut dual = DualAveraging::new(0.8, 5.0);
        for _ in 0..2000 {
            dual.learn((-dual.step() / 3.0).exp());
        }
        // The mean of ln ε lies a little above.
        assert!(
            (dual.average() / 0.669_43 - 1.0).abs() < 0.03,
            "{}",
            dual.average()
        );
    }
}
