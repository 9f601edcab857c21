//! How an estimation went.

use serde::{Deserialize, Serialize};

/// How a posterior or a likelihood was trained.
///
/// ```
/// use rand::RngExt;
/// use rand::rngs::ChaCha8Rng;
/// use thalweg_sbi::{Family, Npe, Simulate, Summary, Uniform};
///
/// let noisy = |theta: &[f64], rng: &mut ChaCha8Rng| vec![theta[0] + 0.3 * rng.random::<f64>()];
/// let simulate = Simulate::new(Uniform::new([[-1.0, 1.0]])?, noisy);
/// let npe = Npe::new(simulate.prior()).members(1).steps(100);
/// # let npe = npe.family(Family::Spline { couplings: 2, hidden: vec![16] });
/// let posterior = npe.fit(&simulate.run(400)?)?;
/// let summary: &Summary = posterior.summary();
/// assert_eq!((summary.simulations, summary.failures), (400, 0));
/// assert!(summary.held_out.len() == 1 && summary.held_out[0].is_finite());
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The simulations that it was fitted to, those that were held out included.
    pub simulations: usize,
    /// The simulations that had no data.
    pub failures: usize,
    /// The mean `ln q(θ | x)`, or `ln q(x | θ)`, of the simulations that each member was not trained on, in nats.
    pub held_out: Vec<f64>,
    /// How each training ended.
    pub outcomes: Vec<String>,
    /// Numbers of the data, from 0, that were the same in all simulations: they say nothing.
    pub constant: Vec<usize>,
}
