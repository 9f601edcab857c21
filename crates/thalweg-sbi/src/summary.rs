//! How an estimation went.

use serde::{Deserialize, Serialize};

/// How a posterior or a likelihood was trained.
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
