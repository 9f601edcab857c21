//! Simulations where the posterior of one observation lies.

mod region;

use std::fmt;

use crate::{Calibration, Npe, Posterior, SbiError, Simulate, Simulations};
use region::Region;

/// Rounds of simulations and training for one observation.
///
/// ```no_run
/// use thalweg_sbi::{Npe, Rounds, Simulate, Uniform};
/// # use rand::rngs::ChaCha8Rng;
/// # let simulator = |theta: &[f64], _: &mut ChaCha8Rng| theta.to_vec();
///
/// let simulate = Simulate::new(Uniform::new([[-1.0, 1.0], [-1.0, 1.0]])?, simulator);
/// let observation = [0.2, -0.1];
/// let rounds = Rounds::new(4, 1000);
/// let sequential = Npe::new(simulate.prior()).rounds(&simulate, &observation, &rounds)?;
/// println!("{sequential}");
/// let samples = sequential.posterior.sample(&observation, 10_000, 0)?;
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Rounds {
    rounds: usize,
    simulations: usize,
    epsilon: f64,
    least_acceptance: f64,
}

/// What a sequential estimation found, for one observation.
///
/// ```
/// use rand::RngExt;
/// use rand::rngs::ChaCha8Rng;
/// use thalweg_sbi::{Embedding, Family, Npe, Round, Rounds, Sequential, Simulate, Uniform};
///
/// let noisy = |theta: &[f64], rng: &mut ChaCha8Rng| vec![theta[0] + 0.1 * rng.random::<f64>()];
/// let simulate = Simulate::new(Uniform::new([[-1.0, 1.0]])?, noisy);
/// let npe = Npe::new(simulate.prior()).members(1).steps(100);
/// # let npe = npe.family(Family::Spline { couplings: 2, hidden: vec![16] }).embedding(Embedding::None);
/// let rounds = Rounds::new(2, 200).epsilon(0.01).least_acceptance(0.001);
/// let found: Sequential = npe.rounds(&simulate, &[0.2], &rounds)?;
/// // The first round draws from all of the prior, the second from a part of it.
/// let last: &Round = &found.rounds[1];
/// assert!(found.rounds[0].acceptance == 1.0 && last.acceptance < 0.8 && !last.resampled);
/// assert!(found.posterior.sample(&[0.3], 1, 0).is_err()); // another observation
/// // Twenty-five fresh simulations of each round.
/// let calibration = found.calibrate(&simulate, 25, 49, 0)?;
/// assert_eq!(calibration.tarp.values().len(), 2 * 25);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Debug)]
pub struct Sequential {
    /// The posterior after the last round. It refuses every other observation.
    pub posterior: Posterior,
    /// The rounds, in order.
    pub rounds: Vec<Round>,
    x: Vec<f64>,
    settings: Rounds,
    /// Those of the second round and later ones.
    regions: Vec<Region>,
}

/// A round of simulations and training.
///
/// See [`Sequential`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Round {
    /// The share of draws from the prior that lie in the region of the round before; 1 in the first round.
    pub acceptance: f64,
    /// Whether some parameters come from the posterior of the round before, by importance resampling.
    pub resampled: bool,
    /// The new simulations that have data.
    pub simulations: usize,
    /// The new simulations that failed.
    pub failures: usize,
    /// The mean of the members' held-out `ln q(θ | x)`, in nats, over the simulations of this round and those before.
    pub held_out: f64,
}

impl Rounds {
    /// As many rounds of as many simulations each, with `ε = 10⁻⁴`, and rejection down to an acceptance of 1 %.
    pub fn new(rounds: usize, simulations: usize) -> Self {
        Self {
            rounds,
            simulations,
            epsilon: 1e-4,
            least_acceptance: 0.01,
        }
    }

    /// The share of the posterior outside of the region that the next round simulates in. Below about `10⁻⁴` it is that of
    /// the least likely of 10,000 draws.
    ///
    /// See [`Sequential`] for an example.
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self { epsilon, ..self }
    }

    /// The share of draws from the prior inside of the region below which parameters are drawn from the posterior and
    /// resampled, which takes less time and is not exact.
    ///
    /// See [`Sequential`] for an example.
    pub fn least_acceptance(self, least_acceptance: f64) -> Self {
        Self {
            least_acceptance,
            ..self
        }
    }

    fn check(&self) -> Result<(), SbiError> {
        let at_least_1 = |n: f64| n >= 1.0;
        let share = |p: f64| p > 0.0 && p < 1.0;
        let (one, inside) = ("1 or more", "above 0 and below 1");
        SbiError::setting("the number of rounds", self.rounds as f64, one, at_least_1)?;
        SbiError::setting("the share ε", self.epsilon, inside, share)?;
        SbiError::setting("the least acceptance", self.least_acceptance, inside, share)
    }
}

impl Npe {
    /// Learns the posterior of one observation in rounds: truncated sequential neural posterior estimation.
    ///
    /// The first round simulates at draws from the prior. Each later one simulates at draws from the prior inside of
    ///
    /// `{θ : ln q(θ | x) ≥ τ}`, where the posterior `q` of the round before has the share `ε` of its draws below `τ`.
    ///
    /// The next posterior is learned from the simulations of all rounds with the same loss. As long as the regions hold the
    /// true posterior, its density there is the prior times the likelihood but for a constant factor, so no correction is
    /// needed. Outside of the regions it is not, and for other data neither: the posterior is that of `x` alone.
    ///
    /// Fewer simulations give a better posterior where it is narrow beside the prior. For many observations,
    /// [`fit`](Self::fit) needs one training.
    ///
    /// # Errors
    ///
    /// Settings outside of their bounds, an observation of another length than the data, and the errors of
    /// [`Simulate::run`] and [`fit`](Self::fit).
    ///
    /// M. Deistler, P. Gonçalves, J. Macke: *Truncated proposals for scalable and hassle-free simulation-based inference*,
    /// 2022, algorithm 1; appendix 6.4 for importance resampling.
    pub fn rounds(
        &self,
        simulate: &Simulate,
        x: &[f64],
        rounds: &Rounds,
    ) -> Result<Sequential, SbiError> {
        rounds.check()?;
        let mut all = simulate.run(rounds.simulations)?;
        let what = "numbers of the observation";
        SbiError::equal(what, x.len(), "of a simulation", all.width())?;
        SbiError::finite("a number of the observation", x)?;
        let mut posterior = self.fit(&all)?;
        let mut done = vec![Round::new(1.0, false, &all, &posterior)];
        let mut regions = vec![];
        for round in 1..rounds.rounds {
            let another = simulate.another(round as u64);
            let region = Region::new(posterior, x, rounds.epsilon, another.own_seed())?;
            let least = rounds.least_acceptance;
            let drawn = region.draw(&another, x, rounds.simulations, least)?;
            let new = another.run_at(&drawn.theta)?;
            all.append(&new)?;
            posterior = self.fit(&all)?;
            done.push(Round::new(
                drawn.acceptance,
                drawn.resampled,
                &new,
                &posterior,
            ));
            regions.push(region);
        }
        Ok(Sequential {
            posterior: posterior.only_of(x),
            rounds: done,
            x: x.to_vec(),
            settings: rounds.clone(),
            regions,
        })
    }
}

impl Round {
    fn new(acceptance: f64, resampled: bool, new: &Simulations, posterior: &Posterior) -> Self {
        let held_out = &posterior.summary().held_out;
        Self {
            acceptance,
            resampled,
            simulations: new.len(),
            failures: new.failures().len(),
            held_out: held_out.iter().sum::<f64>() / held_out.len() as f64,
        }
    }
}

impl Sequential {
    /// Checks the posterior on `simulations` fresh simulations in each round's region, the prior for the first, by `draws`
    /// draws for each: the distribution that it was learned from.
    ///
    /// It says whether the flow learned what it was shown. It does not say that the posterior of the observation is right: a
    /// region that leaves out a part of it is not found, since no fresh simulation lies there either.
    ///
    /// # Errors
    ///
    /// No simulations, no draws, and the errors of [`Simulate::run`].
    pub fn calibrate(
        &self,
        simulate: &Simulate,
        simulations: usize,
        draws: usize,
        seed: u64,
    ) -> Result<Calibration, SbiError> {
        let fresh = simulate.clone().seed(seed);
        let mut all = fresh.run(simulations)?;
        for (round, region) in self.regions.iter().enumerate() {
            let another = fresh.another(round as u64 + 1);
            let least = self.settings.least_acceptance;
            let drawn = region.draw(&another, &self.x, simulations, least)?;
            all.append(&another.run_at(&drawn.theta)?)?;
        }
        self.posterior.calibrated(&all, draws, seed)
    }
}

impl fmt::Display for Sequential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "round  simulations  failures  acceptance  held out (nats)"
        )?;
        for (index, round) in self.rounds.iter().enumerate() {
            let Round {
                acceptance,
                simulations,
                failures,
                held_out,
                ..
            } = round;
            let number = index + 1;
            write!(
                f,
                "{number:5}  {simulations:11}  {failures:8}  {acceptance:10.2e}  {held_out:15.3}"
            )?;
            writeln!(f, "{}", if round.resampled { "  resampled" } else { "" })?;
        }
        Ok(())
    }
}
