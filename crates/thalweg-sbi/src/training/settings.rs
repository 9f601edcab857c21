//! What an estimation of a density can be told.

use std::time::Duration;

use burn::tensor::Device;

use crate::estimator::{Embedding, Family};

/// The choices of an [`Npe`](crate::Npe) or [`Nle`](crate::Nle); `None` where the numbers of simulations decide.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) family: Option<Family>,
    pub(crate) embedding: Option<Embedding>,
    pub(crate) members: Option<usize>,
    pub(crate) steps: Option<usize>,
    pub(crate) limit: Option<Duration>,
    pub(crate) seed: u64,
    pub(crate) progress: bool,
    pub(crate) device: Device,
}

impl Settings {
    pub(crate) fn new() -> Self {
        Self {
            family: None,
            embedding: None,
            members: None,
            steps: None,
            limit: None,
            seed: 0,
            progress: false,
            device: Device::default(),
        }
    }
}

/// What the number of simulations suggests. `docs/posterior.md` has what was tried.
pub(crate) struct Defaults {
    pub(crate) family: Family,
    pub(crate) members: usize,
    pub(crate) steps: usize,
    pub(crate) batch: usize,
    pub(crate) rate: f64,
}

impl Defaults {
    pub(crate) fn of(simulations: usize) -> Self {
        let many = simulations > 30_000;
        Self {
            family: Family::AutoregressiveSpline {
                transforms: 5,
                hidden: vec![64, 64],
            },
            members: if many { 4 } else { 6 },
            steps: (simulations / 2).clamp(1000, 20_000),
            batch: if many { 512 } else { 256 },
            rate: 1e-3,
        }
    }
}

/// The methods that set the [`Settings`] in the field `settings` of a type.
macro_rules! settings {
    ($type:ty) => {
        impl $type {
            /// The family of densities and its sizes.
            ///
            /// See [`Family`](crate::Family) for an example.
            pub fn family(mut self, family: crate::Family) -> Self {
                self.settings.family = Some(family);
                self
            }

            /// A network that shortens what the density is conditional on, trained with it.
            ///
            /// See [`Embedding`](crate::Embedding) for an example.
            pub fn embedding(mut self, embedding: crate::Embedding) -> Self {
                self.settings.embedding = Some(embedding);
                self
            }

            /// The number of densities in the mixture.
            ///
            /// See [`Npe::fit`](crate::Npe::fit) for an example.
            pub fn members(mut self, members: usize) -> Self {
                self.settings.members = Some(members);
                self
            }

            /// The largest number of steps of each member; early stopping may end it before.
            ///
            /// See [`Npe::fit`](crate::Npe::fit) for an example.
            pub fn steps(mut self, steps: usize) -> Self {
                self.settings.steps = Some(steps);
                self
            }

            /// The time that each member trains for, in place of a number of steps. The result then depends on the machine.
            ///
            /// See [`Npe::fit`](crate::Npe::fit) for an example.
            pub fn time(mut self, limit: std::time::Duration) -> Self {
                self.settings.limit = Some(limit);
                self
            }

            /// Determines the first weights, the order of simulations and what is held out.
            ///
            /// See [`Npe::fit`](crate::Npe::fit) for an example.
            pub fn seed(mut self, seed: u64) -> Self {
                self.settings.seed = seed;
                self
            }

            /// Whether a bar shows the training.
            ///
            /// See [`Npe::fit`](crate::Npe::fit) for an example.
            pub fn progress(mut self, progress: bool) -> Self {
                self.settings.progress = progress;
                self
            }

            /// The device of the networks.
            ///
            /// See [`Npe::fit`](crate::Npe::fit) for an example.
            pub fn device(mut self, device: &burn::tensor::Device) -> Self {
                self.settings.device = device.clone();
                self
            }
        }
    };
}

pub(crate) use settings;
